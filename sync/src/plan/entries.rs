//! What the ledger has of one resource.

use rollcall_core::model::KeyHash;
use rollcall_core::verdict::ObjectKey;
use rollcall_ledger::Entry;

use super::keyed::{Keyed, KeyedList};

/// The entries of a resource, each with the objects behind it. There may be a million of them: nothing here allocates for
/// one entry.
#[derive(Default)]
pub(super) struct Entries {
    list: KeyedList<Entry>,
    /// The objects behind the entries, in the order of the entries, those of one entry ascending.
    objects: Vec<ObjectKey>,
    /// For each entry where its objects start, and at the end their number.
    starts: Vec<u32>,
}

impl Entries {
    pub(super) fn new(list: Vec<Entry>) -> Self {
        let list: KeyedList<Entry> = list.into_iter().collect();
        Self { starts: vec![0; list.len() + 1], list, objects: Vec::new() }
    }

    /// Puts the objects behind their entries; an object of no entry is nobody's.
    pub(super) fn link(&mut self, objects: Vec<(ObjectKey, KeyHash)>) {
        let objects: Vec<(ObjectKey, u32)> =
            objects.into_iter().filter_map(|(object, key)| Some((object, self.list.position(&key)?))).collect();
        for (_, at) in &objects {
            self.starts[*at as usize + 1] += 1;
        }
        for at in 1..self.starts.len() {
            self.starts[at] += self.starts[at - 1];
        }
        let mut next = self.starts.clone();
        self.objects = vec![ObjectKey::NONE; objects.len()];
        for (object, at) in objects {
            let next = &mut next[at as usize];
            self.objects[*next as usize] = object;
            *next += 1;
        }
        for bounds in self.starts.windows(2) {
            self.objects[bounds[0] as usize..bounds[1] as usize].sort_unstable();
        }
    }

    /// Where an entry stands.
    pub(super) fn find(&self, key: &KeyHash) -> Option<Position> {
        self.list.position(key).map(Position)
    }

    pub(super) fn entry(&self, Position(at): Position) -> &Entry {
        self.list.at(at)
    }

    /// The objects behind an entry, ascending.
    pub(super) fn objects_of(&self, Position(at): Position) -> &[ObjectKey] {
        &self.objects[self.starts[at as usize] as usize..self.starts[at as usize + 1] as usize]
    }

    pub(super) fn get(&self, key: &KeyHash) -> Option<&Entry> {
        self.list.get(key)
    }

    /// The entries that are not among these.
    pub(super) fn others(&self, known: impl Iterator<Item = Position>) -> Vec<Position> {
        let mut others = vec![true; self.list.len()];
        known.for_each(|Position(at)| others[at as usize] = false);
        (0..).zip(others).filter(|(_, other)| *other).map(|(at, _)| Position(at)).collect()
    }

    /// Every object with the key of its entry.
    pub(super) fn objects(&self) -> impl Iterator<Item = (ObjectKey, KeyHash)> {
        let bounds = self.starts.windows(2).map(|bounds| bounds[0] as usize..bounds[1] as usize);
        let entries = self.list.iter().zip(bounds);
        entries.flat_map(|(entry, bounds)| self.objects[bounds].iter().map(|object| (*object, entry.key)))
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, Entry> {
        self.list.iter()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.len() == 0
    }

    pub(super) fn contains(&self, key: &KeyHash) -> bool {
        self.list.contains(key)
    }
}

impl Keyed for Entry {
    fn key(&self) -> KeyHash {
        self.key
    }
}

/// Where an entry stands among those of its resource.
#[derive(Clone, Copy)]
pub(super) struct Position(u32);

#[cfg(test)]
mod tests {
    use rollcall_ledger::State;

    use super::*;
    use rollcall_core::tables::TableName;

    #[test]
    fn each_entry_has_its_objects_and_no_others() {
        let key = |n| KeyHash([n; 16]);
        let object = |id| ObjectKey::new(TableName::Roster, id);
        let entry = |n| Entry { key: key(n), has_ods_id: true, state: State::Delivered, source: None, payload: None };
        let mut entries = Entries::new(vec![entry(3), entry(1), entry(2)]);
        let of = |entries: &Entries, n| entries.find(&key(n)).map(|at| entries.objects_of(at).to_vec());
        assert_eq!(of(&entries, 1), Some(vec![]));
        entries.link(vec![(object(9), key(3)), (object(5), key(1)), (object(7), key(8)), (object(4), key(3))]);
        assert_eq!(of(&entries, 3), Some(vec![object(4), object(9)]));
        assert_eq!(of(&entries, 1), Some(vec![object(5)]));
        assert_eq!(of(&entries, 2), Some(vec![]));
        assert_eq!(of(&entries, 8), None);
        let others = entries.others([key(1)].iter().filter_map(|key| entries.find(key)));
        assert_eq!(others.iter().map(|at| entries.entry(*at).key).collect::<Vec<_>>(), [key(3), key(2)]);
        let all: Vec<_> = entries.objects().collect();
        assert_eq!(all, [(object(4), key(3)), (object(9), key(3)), (object(5), key(1))]);
    }
}
