//! One resource's plan in the making: what each record comes to is decided on it, step by step.

use std::collections::{HashMap, HashSet};

use rollcall_core::model::{KeyHash, KeyMap, KeySet, ResourceModel};
use rollcall_core::resource::Resource;
use rollcall_core::sources::{Fingerprint, Mark};
use rollcall_core::verdict::ObjectKey;
use rollcall_ledger::Change;

use super::asking::{KeptBack, Missing, Prints};
use super::candidates::{Behind, Candidate};
use super::entries::{Entries, Position};
use super::named::Stays;
use super::planner::{Resync, Sides};
use super::waiting::Waiting;
use super::years::Years;
use super::{Action, Held, Reason, ResourcePlan, Step};
use crate::naming::natural_key;
use crate::ods::OdsSide;

/// A resource's plan in the making: what the rules, the ledger and the ODS say of it.
pub(super) struct Side<'a> {
    pub(super) sides: Sides<'a>,
    pub(super) resource: &'static dyn Resource,
    /// Set for a resync.
    pub(super) resync: Option<&'a Resync>,
    pub(super) model: &'static ResourceModel,
    pub(super) plan: ResourcePlan,
    /// The fingerprints of the candidates, where there is something to compare with.
    pub(super) prints: Vec<Prints>,
    pub(super) entries: Entries,
    /// Keys that objects had before.
    pub(super) former: HashMap<ObjectKey, KeyHash>,
    /// Entries that nothing reports under their key, by key.
    pub(super) gone: Vec<Position>,
    /// What only a changed preference would move.
    pub(super) waiting: Waiting,
    /// Objects that a preference kept from reporting, and whose records wait or are not asked for.
    pub(super) still_unreported: Vec<ObjectKey>,
    /// Objects that would report if something were mended.
    pub(super) defective: HashSet<ObjectKey>,
    pub(super) out_of_scope: KeySet,
    pub(super) ids: KeyMap<Fingerprint>,
    pub(super) ods: Option<OdsSide>,
    /// Whether a resource refers to this one: only then it matters what will be at the ODS.
    pub(super) is_upstream: bool,
    pub(super) at_ods: KeySet,
    pub(super) stays: Stays,
    /// Entries that stay though their objects report under another key now: a preference changed the key.
    pub(super) kept: KeySet,
    /// To which school year a record belongs that nothing reports.
    pub(super) years: Years<'a>,
    /// Entries whose objects report under another key now: the SIS changed the key.
    pub(super) rekeyed: KeySet,
    /// Entries whose record is updated in place: it gets another key, or the ledger's back.
    pub(super) moved: KeySet,
    /// Entries that the ODS has under another key: the ODS changed it in place, and the outcome was lost.
    pub(super) renamed: KeySet,
    /// Whether what changed can be relied on, or rows that could not be read may be behind it.
    pub(super) relies_on_changes: bool,
    /// The same of what is gone.
    pub(super) relies_on_absence: bool,
}

impl Side<'_> {
    /// Leaves as they are the records whose objects only a preference moves.
    pub(super) fn wait(&mut self) {
        let mut keys: Vec<KeyHash> = self.waiting.entries.iter().copied().collect();
        keys.sort_unstable();
        for key in keys {
            self.keep(key);
        }
    }

    /// Whether a record waits with the objects that stay where they were; else they are not counted to it.
    pub(super) fn waits(&mut self, candidate: &mut Candidate, known: bool) -> bool {
        if self.waiting.is_empty() {
            return false;
        }
        let key = candidate.key;
        if self.waiting.entries.contains(&key) {
            let released = candidate.behind(&self.prints).filter(|behind| behind.released);
            self.still_unreported.extend(released.map(|behind| behind.object));
            self.tell(candidate, key);
            return true;
        }
        if let Some(home) = self.waiting.home_elsewhere(&candidate.object, &key) {
            // One that the ledger does not have is the other under its next key.
            self.tell(candidate, if known { key } else { home });
            if known {
                self.will_be_there(key);
            }
            return true;
        }
        let guests = self.waiting.guests(&key);
        let released = self.waiting.released(&key);
        let leaves = |behind: &Behind| {
            self.waiting.home_elsewhere(&behind.object, &key).is_some() || released.contains(&behind.object)
        };
        candidate.change_others(leaves, guests);
        self.still_unreported.extend(released);
        false
    }

    /// Counts a record that waits, and with it the entry that stays in its place.
    fn tell(&mut self, candidate: &Candidate, entry: KeyHash) {
        if !candidate.faulty {
            self.plan.waiting += 1;
            self.waiting.told.insert(entry);
        }
    }

    /// Notes in the ledger that the ODS has the record under this id; with `says`, that it holds what would be sent.
    pub(super) fn find(&mut self, candidate: &Candidate, id: Box<str>, says: bool) {
        let key = natural_key(self.resource, self.sides.cx, self.model, candidate.object);
        let Some(natural_key) = key else { return };
        self.plan.changes.push(Change::Found {
            resource: self.plan.name,
            natural_key,
            ods_id: id.into(),
            says: candidate.prints(&self.prints).filter(|_| says).map(|prints| (prints.source, prints.payload)),
            objects: if says { candidate.objects().collect() } else { Vec::new() },
        });
    }

    pub(super) fn will_be_there(&mut self, key: KeyHash) {
        if self.is_upstream {
            self.at_ods.insert(key);
        }
    }

    /// Leaves an entry whose objects report under another key as it is.
    pub(super) fn keep(&mut self, key: KeyHash) {
        self.kept.insert(key);
        self.will_be_there(key);
        self.stays.entries.push(key);
    }

    pub(super) fn write(&mut self, candidate: &mut Candidate, action: Action, reason: Reason) {
        let Candidate { key, object, .. } = *candidate;
        if let Some(missing) = candidate.take_missing() {
            let Missing { member: reference, resource: upstream, key: upstream_key } = missing;
            self.plan.held.push(Held { object, key, reference, upstream, upstream_key });
            return;
        }
        self.will_be_there(key);
        let key = (reason != Reason::New).then_some(key);
        let others = candidate.others().collect();
        self.plan.steps.push(&Step { others, ..Step::new(action, reason, object, key) });
    }

    /// Notes in the ledger which objects a preference keeps from reporting, where `before` says otherwise.
    pub(super) fn note_unreported(
        &mut self,
        before: &HashMap<ObjectKey, Mark>,
        kept_back: &HashMap<ObjectKey, KeptBack>,
    ) {
        let mut now: HashMap<ObjectKey, Mark> =
            kept_back.iter().map(|(object, kept_back)| (*object, kept_back.mark)).collect();
        now.extend(self.still_unreported.iter().filter_map(|object| Some((*object, *before.get(object)?))));
        let gone = before.keys().filter(|object| !now.contains_key(object)).map(|object| (*object, None));
        let new = now.iter().filter(|(object, mark)| before.get(object) != Some(mark));
        let new = new.map(|(object, mark)| (*object, Some(*mark)));
        let mut objects: Vec<(ObjectKey, Option<Mark>)> = gone.chain(new).collect();
        if !objects.is_empty() {
            objects.sort_unstable_by_key(|(object, _)| *object);
            self.plan.changes.push(Change::Unreported { resource: self.plan.name, objects });
        }
    }

    pub(super) fn is_gone(&self, key: &KeyHash) -> bool {
        self.gone.binary_search_by_key(key, |at| self.entries.entry(*at).key).is_ok()
    }

    pub(super) fn is_stored(&self, key: &KeyHash) -> bool {
        self.ods.as_ref().is_some_and(|ods| ods.records.contains_key(key))
    }
}
