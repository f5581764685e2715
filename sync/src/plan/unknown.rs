//! A record that reports, and that the ledger does not have: new, or under another natural key.

use rollcall_core::config::KeyChanges as Chosen;
use rollcall_ledger::{Entry, LedgerError, State};

use super::candidates::Candidate;
use super::key_changes::KeyChanges;
use super::side::Side;
use super::{Action, Discovered, Reason, Step};
use crate::naming::natural_key;

impl Side<'_> {
    /// The ledger does not have the record, perhaps under another key.
    pub(super) fn unknown(
        &mut self,
        candidate: &mut Candidate,
        key_changes: &mut KeyChanges,
    ) -> Result<(), LedgerError> {
        let key = candidate.key;
        let before = self.former.get(&candidate.object).and_then(|old| self.entries.get(old)).cloned();
        let stored = self.ods.as_ref().and_then(|ods| ods.records.get(&key)).map(|r| (r.id.clone(), r.content));
        let prints = candidate.prints(&self.prints).copied();
        let content = prints.and_then(|prints| prints.content);
        if candidate.in_scope
            && (candidate.faulty || (self.plan.off && before.is_none()))
            && let Some((id, at_ods)) = stored
        {
            // Nothing is sent, and what the ODS holds is ours all the same (the ledger was lost).
            self.plan.discover(Discovered::TakenOver);
            self.will_be_there(key);
            self.find(candidate, id, !candidate.faulty && content == Some(at_ods));
            return Ok(());
        }
        if candidate.faulty {
            return Ok(());
        }
        let outside = !candidate.in_scope && before.as_ref().is_none_or(|b| self.out_of_scope.contains(&b.key));
        if self.plan.off || outside {
            self.still_unreported.extend(candidate.objects());
            // A resync that does not find it at the ODS lets it leave the ledger.
            if let Some(before) = before
                && (self.ods.is_none() || self.out_of_scope.contains(&before.key) || self.is_stored(&before.key))
            {
                self.keep(before.key);
            }
            return Ok(());
        }
        // A changed mapping triggers nothing, also when it lets a record report for the first time.
        if candidate.is_released() && before.is_none() && self.resync.is_none() {
            self.plan.waiting += 1;
            self.still_unreported.extend(candidate.objects());
            return Ok(());
        }
        if let Some(before) = &before {
            let settled = before.state == State::Delivered;
            // Only a preference can have changed the key: it triggers nothing.
            if settled && before.source == prints.map(|prints| prints.source) && self.resync.is_none() {
                self.plan.waiting += 1;
                self.keep(before.key);
                return Ok(());
            }
            if settled && !self.relies_on_changes {
                self.plan.withheld += 1;
                self.keep(before.key);
                return Ok(());
            }
            self.rekeyed.insert(before.key);
        }
        if let Some((id, at_ods)) = stored {
            self.plan.discover(Discovered::TakenOver);
            if content == Some(at_ods) {
                self.plan.unchanged += 1;
                self.will_be_there(key);
                self.find(candidate, id, true);
                return Ok(());
            }
        } else if let Some(before) = &before
            && candidate.missing().is_none()
            && self.in_place(before, candidate, key_changes)?
        {
            key_changes.moved.insert(before.key, key);
            self.moved.insert(before.key);
            self.will_be_there(key);
            self.plan.steps.push(&Step {
                others: candidate.others().collect(),
                from: Some(before.key),
                ..Step::new(Action::Update, Reason::KeyChanged, candidate.object, Some(key))
            });
            return Ok(());
        }
        let reason = match before {
            Some(_) => Reason::KeyChanged,
            None if candidate.is_released() => Reason::Preference,
            None => Reason::New,
        };
        self.write(candidate, Action::Create, reason);
        Ok(())
    }

    /// Whether a changed natural key is one PUT: the connection chooses so, the ODS can do it, and the record under its
    /// old key has no other object behind it.
    fn in_place(&self, before: &Entry, candidate: &Candidate, key_changes: &KeyChanges) -> Result<bool, LedgerError> {
        let free = before.has_ods_id && self.is_gone(&before.key) && !self.moved.contains(&before.key);
        let chosen = self.sides.config.connection.key_changes == Chosen::Update && !key_changes.none_in_place;
        if !chosen || !free || self.resource.spec().shared {
            return Ok(false);
        }
        let Some(ledger) = self.sides.ledger else { return Ok(false) };
        let old = ledger.identity(self.plan.name, before.key)?.map(|(key, _)| key);
        let new = natural_key(self.resource, self.sides.cx, self.model, candidate.object);
        let (Some(old), Some(new)) = (old, new) else { return Ok(false) };
        Ok(key_changes.in_place(self.sides.checker, self.model, &old, &new))
    }
}
