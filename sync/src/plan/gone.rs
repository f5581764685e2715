//! design: "What a sync decides" about what no rule reports: entries of the ledger, and records that a resync found at the ODS.

use std::collections::{HashMap, HashSet};

use rollcall_core::model::{KeyHash, KeyMap, NaturalKey};
use rollcall_core::sources::Fingerprint;
use rollcall_core::verdict::ObjectKey;
use rollcall_ledger::{Change, Entry, LedgerError, Operation, Outcome, State};

use super::asking::KeptBack;
use super::side::Side;
use super::years::of_years;
use super::{Action, Discovered, Reason, Step};
use crate::naming::{VISIBLE_BY, names};
use crate::ods::{OdsRecord, OdsSide, id_hash};

/// A record at the ODS that neither the SIS nor the ledger knows under its key.
pub(super) struct Other {
    pub(super) natural_key: NaturalKey,
    pub(super) ods_id: String,
    /// The entry that the ledger has under the ODS's id.
    pub(super) from: Option<KeyHash>,
}

impl Other {
    /// Takes them from what was read of the ODS; `ids` are those that the ledger has.
    pub(super) fn all_of(ods: &mut OdsSide, ids: &KeyMap<Fingerprint>) -> Vec<Self> {
        let ours: HashMap<_, _> = ids.iter().map(|(key, id)| (*id, *key)).collect();
        let others = std::mem::take(&mut ods.others).into_iter();
        let others = others.map(|(natural_key, ods_id)| {
            let from = ours.get(&id_hash(&ods_id)).copied().filter(|from| !ods.records.contains_key(from));
            Self { natural_key, ods_id, from }
        });
        others.collect()
    }
}

/// What became of the objects behind a record that nothing reports under its key.
#[derive(Clone, Copy)]
struct Fate {
    /// One reports under another key.
    moved: bool,
    /// One has to be mended first.
    mends: bool,
    /// A preference excludes one.
    waits: bool,
}

impl Side<'_> {
    /// Records that a resync found at the ODS and that neither the SIS nor the ledger knows.
    pub(super) fn others(&mut self, others: Vec<Other>) {
        let Some(resync) = self.resync.filter(|_| !others.is_empty() && !self.resource.spec().shared) else { return };
        let resource = self.plan.name;
        let gone = self.sides.ledger.and_then(|ledger| ledger.gone(resource).ok()).unwrap_or_default();
        for Other { natural_key, ods_id, from } in others {
            if !resync.scope.contains(&natural_key) {
                continue;
            }
            let key = natural_key.hash();
            if let Some(from) = from {
                // One that gets its next key in place is asked for by its id, whatever its key is by now.
                if !self.moved.contains(&from) {
                    self.follow(from, natural_key, ods_id);
                }
                continue;
            }
            let was_ours = gone.contains(&key);
            // An association that nobody knows may be that of an enrollment which has to be mended first, and everything of
            // its student is seen through it.
            let needed = resource == VISIBLE_BY && !self.defective.is_empty();
            let unknown = resync.delete_unknown && !needed && of_years(&natural_key, &self.sides.config.years);
            if !self.relies_on_absence || !(was_ours || unknown) {
                self.plan.discover(Discovered::Unknown);
                let named = names(self.sides.checker, &natural_key);
                self.stays.named.extend(named.into_iter().map(|(_, key)| key));
                continue;
            }
            self.plan.discover(if was_ours { Discovered::LeftOver } else { Discovered::Unknown });
            self.plan.changes.push(Change::Found { resource, natural_key, ods_id, says: None, objects: Vec::new() });
            self.delete(ObjectKey::NONE, key, if was_ours { Reason::LeftOver } else { Reason::Unknown });
        }
    }

    /// An entry goes on under the key that the ODS has for it.
    pub(super) fn follow(&mut self, from: KeyHash, natural_key: NaturalKey, ods_id: String) {
        let Some(at) = self.entries.find(&from) else { return };
        let entry = self.entries.entry(at);
        let (Some(source), Some(payload)) = (entry.source, entry.payload) else { return };
        let objects = self.entries.objects_of(at).to_vec();
        let (key, newest) = (natural_key.hash(), objects.last().copied().unwrap_or(ObjectKey::NONE));
        let replaced = self.rekeyed.contains(&from) && !objects.iter().any(|object| self.defective.contains(object));
        self.kept.insert(from);
        let (resource, ods_id) = (self.plan.name, Some(ods_id));
        self.plan.changes.push(Change::Rekeyed { resource, from, natural_key, ods_id, source, payload, objects });
        if replaced && !self.plan.off {
            self.delete(newest, key, Reason::KeyChanged);
        } else {
            self.plan.kept += 1;
            self.will_be_there(key);
        }
    }

    /// What the ledger has and nothing reports under its key. `elsewhere` are the objects that report under another one, and
    /// whether its record is in scope; `kept_back` those that a preference excludes.
    pub(super) fn all_gone(
        &mut self,
        elsewhere: &HashMap<ObjectKey, bool>,
        kept_back: &HashMap<ObjectKey, KeptBack>,
    ) -> Result<(), LedgerError> {
        let limited = self.resync.is_some_and(|resync| !resync.scope.is_all());
        let held: HashSet<ObjectKey> = self.plan.held.iter().filter(|_| limited).map(|held| held.object).collect();
        for at in std::mem::take(&mut self.gone) {
            let (entry, behind) = (self.entries.entry(at).clone(), self.entries.objects_of(at).to_vec());
            let moved: Vec<bool> = behind.iter().filter_map(|object| elsewhere.get(object)).copied().collect();
            let mut waiting = behind.iter().filter_map(|object| kept_back.get(object));
            let fate = Fate {
                moved: !moved.is_empty(),
                mends: behind.iter().any(|object| self.defective.contains(object)),
                waits: waiting.any(|kept_back| kept_back.explains(entry.source)),
            };
            if self.out_of_scope.contains(&entry.key) && !moved.contains(&true) {
                self.stay(&entry);
                continue;
            }
            // What a record names under its next key may just not have been asked for.
            let there = entry.has_ods_id && (self.ods.is_none() || self.is_stored(&entry.key));
            if there && behind.iter().any(|object| held.contains(object)) {
                self.plan.kept += 1;
                self.stay(&entry);
                continue;
            }
            self.gone(&entry, &behind, fate)?;
        }
        Ok(())
    }

    /// The ledger has a record that nothing reports under this key.
    fn gone(&mut self, entry: &Entry, behind: &[ObjectKey], fate: Fate) -> Result<(), LedgerError> {
        if self.kept.contains(&entry.key) || self.moved.contains(&entry.key) {
            return Ok(());
        }
        let resource = self.plan.name;
        // The ODS was not asked about what the filters leave out.
        let asked = self.ods.as_ref().filter(|_| !self.out_of_scope.contains(&entry.key));
        let stored: Option<Option<&OdsRecord>> = asked.map(|ods| ods.records.get(&entry.key));
        let never_sent = !entry.has_ods_id
            && matches!(
                entry.state,
                State::Pending | State::Failed(_, Outcome::Refused | Outcome::Held | Outcome::Defect)
            );
        let shared = self.resource.spec().shared;
        if (never_sent && !matches!(stored, Some(Some(_)))) || (fate.moved && shared) {
            // A shared record stays at the ODS for the other districts; under its old key it is ours no more.
            self.plan.changes.push(Change::Forget { resource, key: entry.key });
            return Ok(());
        }
        if shared {
            // It is never deleted, and without an association the ODS does not even show it to this connection's key.
            self.plan.kept += 1;
            self.stay(entry);
            return Ok(());
        }
        if matches!(stored, Some(None)) {
            // "When a record is in the Ed-Fi Identity Mapping table and not in the ODS, it is deleted from the Ed-Fi
            // Identity Mapping table."
            if entry.has_ods_id {
                self.plan.discover(Discovered::Missing);
            }
            self.plan.changes.push(Change::Gone { resource, key: entry.key });
            return Ok(());
        }
        let key = self.natural_key(entry)?;
        let stays = fate.mends || key.as_ref().is_some_and(|key| self.years.is_of_another(key, behind));
        if (!fate.moved && stays) || (fate.moved && self.plan.off) {
            self.plan.kept += 1;
            self.stay(entry);
            return Ok(());
        }
        if !fate.moved && fate.waits && self.resync.is_none() {
            self.plan.waiting += 1;
            self.stay(entry);
            return Ok(());
        }
        if !fate.moved && !self.relies_on_absence {
            self.plan.withheld += 1;
            self.stay(entry);
            return Ok(());
        }
        if let Some(Some(record)) = stored
            && self.ids.get(&entry.key) != Some(&id_hash(&record.id))
        {
            let ods_id = record.id.to_string();
            if let Some(natural_key) = key {
                let found = Change::Found { resource, natural_key, ods_id, says: None, objects: Vec::new() };
                self.plan.changes.push(found);
            }
        }
        let again = matches!(entry.state, State::Sending(Operation::Delete) | State::Failed(Operation::Delete, _));
        let reason = match (self.rekeyed.contains(&entry.key) || fate.moved, again) {
            (true, _) => Reason::KeyChanged,
            (false, true) => Reason::Again,
            (false, false) => Reason::Gone,
        };
        self.delete(behind.iter().max().copied().unwrap_or(ObjectKey::NONE), entry.key, reason);
        Ok(())
    }

    fn natural_key(&self, entry: &Entry) -> Result<Option<NaturalKey>, LedgerError> {
        let identity = self.sides.ledger.map_or(Ok(None), |ledger| ledger.identity(self.plan.name, entry.key))?;
        Ok(identity.map(|(key, _)| key))
    }

    fn stay(&mut self, entry: &Entry) {
        self.will_be_there(entry.key);
        if entry.has_ods_id {
            self.stays.entries.push(entry.key);
        }
    }

    fn delete(&mut self, object: ObjectKey, key: KeyHash, reason: Reason) {
        self.plan.steps.push(&Step::new(Action::Delete, reason, object, Some(key)));
    }
}
