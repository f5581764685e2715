//! Objects that only a changed preference moves from one record to another.
//!
//! CTE: "Changes to Resource Preferences mappings do NOT trigger." A mapping that joins two records into one, or splits one in
//! two, changes which objects stand behind them. An object that still has what its record was built from was not moved by
//! the SIS: it stays with that record, and the record as it is, until a resync.

use std::collections::HashMap;

use rollcall_core::model::{KeyHash, KeySet};
use rollcall_core::verdict::ObjectKey;
use rollcall_ledger::State;

use super::asking::Prints;
use super::candidates::Candidate;
use super::entries::{Entries, Position};

/// What stays as it is until a resync.
#[derive(Default)]
pub(super) struct Waiting {
    /// The entries that stay whole.
    pub(super) entries: KeySet,
    /// By object: the entry with which it stays.
    homes: HashMap<ObjectKey, KeyHash>,
    /// By entry: the objects that report under another key, and stay with it.
    guests: HashMap<KeyHash, Vec<ObjectKey>>,
}

impl Waiting {
    /// Of the records that report, and the entries that have other objects behind them than before: `changed` report under
    /// their key, `gone` do not.
    pub(super) fn of(
        list: &[Candidate],
        prints: &[Prints],
        entries: &Entries,
        changed: &[Position],
        gone: &[Position],
    ) -> Self {
        let with_gone = changed.iter().map(|at| (*at, false)).chain(gone.iter().map(|at| (*at, true)));
        let delivered = with_gone.filter(|(at, _)| entries.entry(*at).state == State::Delivered);
        let behind: HashMap<ObjectKey, (Position, bool)> = delivered
            .flat_map(|place| entries.objects_of(place.0).iter().map(move |object| (*object, place)))
            .collect();
        let mut waiting = Self::default();
        if behind.is_empty() {
            return waiting;
        }
        for candidate in list.iter().filter(|candidate| !candidate.faulty && !candidate.is_hidden()) {
            for (object, source) in candidate.sources(prints) {
                let Some((at, gone)) = behind.get(&object).copied() else { continue };
                let entry = entries.entry(at);
                if entry.key == candidate.key || source.is_none() || entry.source != source {
                    continue;
                }
                // What the ODS has is the newest object's data. Where it is that one which moved, or nothing is left under
                // the key, there is nothing else to compare the record with.
                let all = entries.objects_of(at);
                if gone || all.last() == Some(&object) {
                    waiting.entries.insert(entry.key);
                    waiting.homes.extend(all.iter().map(|object| (*object, entry.key)));
                } else {
                    waiting.homes.insert(object, entry.key);
                    waiting.guests.entry(entry.key).or_default().push(object);
                }
            }
        }
        waiting
    }

    /// Whether an object stays with another record than the one under whose key it reports.
    pub(super) fn stays_elsewhere(&self, object: &ObjectKey, key: &KeyHash) -> bool {
        self.homes.get(object).is_some_and(|home| home != key)
    }

    /// The objects that stay behind a record though they report under another key.
    pub(super) fn guests(&mut self, key: &KeyHash) -> Vec<ObjectKey> {
        self.guests.remove(key).unwrap_or_default()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.homes.is_empty()
    }
}
