//! A record that reports, and that the ledger has.

use rollcall_ledger::{Change, Entry, State};

use super::candidates::Candidate;
use super::entries::Position;
use super::former::same_objects;
use super::side::Side;
use super::{Action, Discovered, Reason};
use crate::ods::id_hash;

impl Side<'_> {
    /// The ledger has the record.
    pub(super) fn known(&mut self, candidate: &mut Candidate, at: Position) {
        let (key, entry) = (candidate.key, &self.entries.entry(at).clone());
        // A record that reports and names one that does not stays at the ODS all the same, and so does what it names.
        if let Some(missing) = candidate.missing()
            && entry.has_ods_id
            && (self.ods.is_none() || self.is_stored(&key))
        {
            self.stays.entries.push(key);
            self.stays.stand_on.push(missing.key);
        }
        if candidate.faulty || self.plan.off || !candidate.in_scope {
            if self.renamed.contains(&key) {
                return;
            }
            if candidate.in_scope && entry.has_ods_id && self.ods.is_some() && !self.is_stored(&key) {
                self.plan.discover(Discovered::Missing);
                self.plan.changes.push(Change::Gone { resource: self.plan.name, key });
                return;
            }
            // What the ODS holds stays as it is until the record can be sent again.
            self.plan.kept += u64::from(entry.has_ods_id && candidate.faulty);
            if entry.has_ods_id {
                self.will_be_there(key);
            }
            return;
        }
        let settled = entry.state == State::Delivered;
        // docs/readings.md, unreadable rows: an object that is behind the record no more may just not have been read.
        let relies_on_changes =
            self.relies_on_changes && (self.relies_on_absence || self.has_all_objects(candidate, at));
        // The objects of a record that is still to be sent are linked when its request is about to be.
        if settled && relies_on_changes && !same_objects(candidate, self.entries.objects_of(at)) {
            let objects = candidate.objects().collect();
            self.plan.changes.push(Change::Objects { resource: self.plan.name, key, objects });
        }
        let prints = candidate.prints(&self.prints).copied();
        let same_payload = entry.payload == prints.map(|prints| prints.payload);
        let same_source = entry.source == prints.map(|prints| prints.source);
        let reason = match (settled, same_payload, same_source) {
            (false, ..) => Reason::Again,
            (true, true, _) => Reason::Unlike,
            (true, false, true) => Reason::Preference,
            (true, false, false) => Reason::Changed,
        };
        let stored = self.ods.as_ref().map(|ods| ods.records.get(&key).map(|r| (r.id.clone(), r.content)));
        match stored {
            // A resync has read the ODS: it holds just this.
            Some(Some((id, content))) if prints.and_then(|prints| prints.content) == Some(content) => {
                self.is_there(candidate, entry, id, settled && same_payload && same_source);
            }
            Some(Some(_)) | None if settled && !relies_on_changes && !same_payload => {
                self.plan.withheld += 1;
                self.will_be_there(key);
            }
            Some(Some((id, _))) => {
                if reason == Reason::Unlike {
                    self.plan.discover(Discovered::Unlike);
                }
                if self.ids.get(&key) != Some(&id_hash(&id)) {
                    self.find(candidate, id, false);
                }
                self.write(candidate, Action::Update, reason);
            }
            // The ODS changes it back as it changed it: by its id.
            Some(None) if self.renamed.remove(&key) => {
                self.plan.discover(Discovered::Unlike);
                self.moved.insert(key);
                self.write(candidate, Action::Update, Reason::Unlike);
            }
            Some(None) if entry.has_ods_id => {
                self.plan.discover(Discovered::Missing);
                self.write(candidate, Action::Create, Reason::Missing);
            }
            Some(None) => self.write(candidate, Action::Create, Reason::Again),
            None if settled && same_payload => {
                self.plan.unchanged += 1;
                self.will_be_there(key);
                if let Some(source) = prints.map(|prints| prints.source).filter(|_| !same_source) {
                    self.plan.changes.push(Change::Source { resource: self.plan.name, key, source });
                }
            }
            // Only a preference can have changed the payload: it triggers nothing.
            None if settled && same_source && self.resync.is_none() => {
                self.plan.waiting += 1;
                self.will_be_there(key);
            }
            None => {
                let action = if entry.has_ods_id { Action::Update } else { Action::Create };
                self.write(candidate, action, reason);
            }
        }
    }

    /// Whether every object that was behind a record still is.
    fn has_all_objects(&self, candidate: &Candidate, at: Position) -> bool {
        self.entries.objects_of(at).iter().all(|then| candidate.objects().any(|now| now == *then))
    }

    /// The ODS holds what would be sent.
    fn is_there(&mut self, candidate: &Candidate, entry: &Entry, id: Box<str>, same: bool) {
        let key = candidate.key;
        self.plan.unchanged += 1;
        self.will_be_there(key);
        if !same || self.ids.get(&key) != Some(&id_hash(&id)) {
            self.find(candidate, id, true);
        }
        if entry.state != State::Delivered {
            self.plan.discover(Discovered::TakenOver);
        }
    }
}
