//! Which objects stand behind a record now, and where they stood.

use std::collections::{HashMap, HashSet};

use rollcall_core::model::KeyHash;
use rollcall_core::verdict::ObjectKey;

use super::candidates::Candidate;
use super::entries::{Entries, Position};

/// A record that the ledger has.
#[derive(Clone, Copy)]
pub(super) struct Known {
    pub(super) at: Position,
    /// Whether it has the same objects behind it.
    pub(super) same_objects: bool,
}

impl Known {
    pub(super) fn of(candidate: &Candidate, entries: &Entries) -> Option<Self> {
        let at = entries.find(&candidate.key)?;
        Some(Self { at, same_objects: same_objects(candidate, entries.objects_of(at)) })
    }
}

/// Whether a record has the objects behind it that it had.
pub(super) fn same_objects(candidate: &Candidate, then: &[ObjectKey]) -> bool {
    if candidate.others().next().is_none() {
        return then == [candidate.object];
    }
    let mut now: Vec<ObjectKey> = candidate.objects().collect();
    now.sort_unstable();
    now == then
}

/// Of the objects behind entries that nothing reports under their key, those that report under another one, and whether
/// that is in scope.
pub(super) fn elsewhere(list: &[Candidate], gone: &[Position], entries: &Entries) -> HashMap<ObjectKey, bool> {
    let behind: HashSet<ObjectKey> = gone.iter().flat_map(|at| entries.objects_of(*at)).copied().collect();
    if behind.is_empty() {
        return HashMap::new();
    }
    let sound = list.iter().filter(|candidate| !candidate.faulty && !candidate.is_hidden());
    let objects = sound.flat_map(|candidate| candidate.objects().map(|object| (object, candidate.in_scope)));
    objects.filter(|(object, _)| behind.contains(object)).collect()
}

/// The keys under which the ledger has the objects of records that it does not know.
pub(super) fn former_keys(
    list: &[Candidate],
    known: &[Option<Known>],
    entries: &Entries,
) -> HashMap<ObjectKey, KeyHash> {
    if entries.is_empty() {
        return HashMap::new();
    }
    let unknown = list.iter().zip(known).filter(|(_, known)| known.is_none()).map(|(candidate, _)| candidate);
    let unknown: HashSet<ObjectKey> = unknown.map(|candidate| candidate.object).collect();
    if unknown.is_empty() {
        return HashMap::new();
    }
    entries.objects().filter(|(object, _)| unknown.contains(object)).collect()
}
