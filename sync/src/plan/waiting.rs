//! Objects that only a changed preference moves from one record to another.
//!
//! CTE: "Changes to Resource Preferences mappings do NOT trigger." A mapping that joins two records into one, or splits one in
//! two, changes which objects stand behind them. An object that still has what its record was built from was not moved by
//! the SIS: it stays with that record, and the record as it is, until a resync. So does a record whose newest object a
//! mapping lets report no more, or for the first time.

use std::collections::HashMap;

use rollcall_core::model::{KeyHash, KeySet};
use rollcall_core::verdict::ObjectKey;
use rollcall_ledger::State;

use super::asking::{KeptBack, Prints};
use super::candidates::{Behind, Candidate};
use super::entries::{Entries, Position};

/// What stays as it is until a resync.
#[derive(Default)]
pub(super) struct Waiting {
    /// The entries that stay whole.
    pub(super) entries: KeySet,
    /// The entries that were counted with a record that reports.
    pub(super) told: KeySet,
    /// By object: the entry with which it stays.
    homes: HashMap<ObjectKey, KeyHash>,
    /// By entry: the objects that report under another key, and stay with it.
    guests: HashMap<KeyHash, Vec<ObjectKey>>,
    /// By entry: the objects that only a changed preference lets report, and that are not yet behind it.
    released: HashMap<KeyHash, Vec<ObjectKey>>,
}

/// What the rules and the ledger say of a resource.
#[derive(Clone, Copy)]
pub(super) struct Both<'a> {
    pub(super) list: &'a [Candidate],
    pub(super) prints: &'a [Prints],
    pub(super) entries: &'a Entries,
    pub(super) kept_back: &'a HashMap<ObjectKey, KeptBack>,
}

impl Waiting {
    /// Of the entries that have other objects behind them than before: `changed` report under their key, `gone` do not.
    pub(super) fn of(both: Both<'_>, changed: &[(&Candidate, Position)], gone: &[Position]) -> Self {
        let mut waiting = Self::default();
        let changed = changed.iter().filter(|(_, at)| both.entries.entry(*at).state == State::Delivered);
        let mut then: HashMap<ObjectKey, Then> = HashMap::new();
        for (candidate, at) in changed {
            waiting.led_otherwise(both, candidate, *at);
            then.extend(both.entries.objects_of(*at).iter().map(|object| (*object, Then { at: *at, gone: false })));
        }
        for at in gone.iter().filter(|at| both.entries.entry(**at).state == State::Delivered) {
            then.extend(both.entries.objects_of(*at).iter().map(|object| (*object, Then { at: *at, gone: true })));
        }
        if !then.is_empty() {
            waiting.moved(both, &then);
        }
        waiting
    }

    /// A record that has its newest object no more, or a newer one: what was sent was the newest object's data.
    fn led_otherwise(&mut self, both: Both<'_>, candidate: &Candidate, at: Position) {
        let (entry, then) = (both.entries.entry(at), both.entries.objects_of(at));
        let Some(newest) = then.last() else { return };
        if both.kept_back.get(newest).is_some_and(|kept_back| kept_back.explains(entry.source)) {
            self.entries.insert(entry.key);
            return;
        }
        let new = |behind: &Behind| behind.released && !then.contains(&behind.object);
        let mut behind = candidate.behind(both.prints);
        let led_by_a_new_one = behind.next().as_ref().is_some_and(new);
        let as_it_was = |behind: &Behind| behind.object == *newest && behind.source == entry.source;
        if led_by_a_new_one && candidate.behind(both.prints).any(|behind| as_it_was(&behind)) {
            self.entries.insert(entry.key);
            return;
        }
        let joining: Vec<ObjectKey> = behind.filter(new).map(|behind| behind.object).collect();
        if !joining.is_empty() {
            self.released.insert(entry.key, joining);
        }
    }

    /// Objects that report under another key than before.
    fn moved(&mut self, both: Both<'_>, then: &HashMap<ObjectKey, Then>) {
        for candidate in both.list.iter().filter(|candidate| !candidate.faulty && !candidate.is_hidden()) {
            for Behind { object, source, .. } in candidate.behind(both.prints) {
                let Some(Then { at, gone }) = then.get(&object).copied() else { continue };
                let entry = both.entries.entry(at);
                if entry.key == candidate.key || source.is_none() || entry.source != source {
                    continue;
                }
                // What the ODS has is the newest object's data. Where it is that one which moved, or nothing is left under
                // the key, there is nothing else to compare the record with.
                let all = both.entries.objects_of(at);
                if gone || all.last() == Some(&object) {
                    self.entries.insert(entry.key);
                    self.homes.extend(all.iter().map(|object| (*object, entry.key)));
                } else {
                    self.homes.insert(object, entry.key);
                    self.guests.entry(entry.key).or_default().push(object);
                }
            }
        }
    }

    /// The entry with which an object stays, if that is another one than the record under whose key it reports.
    pub(super) fn home_elsewhere(&self, object: &ObjectKey, key: &KeyHash) -> Option<KeyHash> {
        self.homes.get(object).filter(|home| *home != key).copied()
    }

    /// How many entries stay for which no record stands that reports.
    pub(super) fn untold(&self) -> u64 {
        self.entries.iter().filter(|entry| !self.told.contains(entry)).count() as u64
    }

    /// The objects that stay behind a record though they report under another key.
    pub(super) fn guests(&mut self, key: &KeyHash) -> Vec<ObjectKey> {
        self.guests.remove(key).unwrap_or_default()
    }

    /// The objects that only a changed preference puts behind a record.
    pub(super) fn released(&mut self, key: &KeyHash) -> Vec<ObjectKey> {
        self.released.remove(key).unwrap_or_default()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.homes.is_empty() && self.released.is_empty()
    }
}

/// The entry that an object was behind.
#[derive(Clone, Copy)]
struct Then {
    at: Position,
    /// Whether nothing reports under its key.
    gone: bool,
}
