//! Items in a list, each found by its natural key.

use hashbrown::HashTable;
use rollcall_core::model::KeyHash;

/// What has a natural key.
pub(super) trait Keyed {
    fn key(&self) -> KeyHash;
}

/// Items in the order in which they came, each key once. The look-up keeps no key a second time: there may be a million.
pub(super) struct KeyedList<T> {
    list: Vec<T>,
    at: HashTable<u32>,
}

impl<T> Default for KeyedList<T> {
    fn default() -> Self {
        Self { list: Vec::new(), at: HashTable::new() }
    }
}

impl<T: Keyed> KeyedList<T> {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self { list: Vec::with_capacity(capacity), at: HashTable::with_capacity(capacity) }
    }

    /// Where the item with a key stands.
    pub(super) fn position(&self, key: &KeyHash) -> Option<u32> {
        self.at.find(key.bits(), |at| self.list[*at as usize].key() == *key).copied()
    }

    pub(super) fn get(&self, key: &KeyHash) -> Option<&T> {
        self.position(key).map(|at| self.at(at))
    }

    pub(super) fn get_mut(&mut self, key: &KeyHash) -> Option<&mut T> {
        self.position(key).map(|at| &mut self.list[at as usize])
    }

    /// The item at a place that [`KeyedList::position`] gave.
    pub(super) fn at(&self, position: u32) -> &T {
        &self.list[position as usize]
    }

    pub(super) fn contains(&self, key: &KeyHash) -> bool {
        self.position(key).is_some()
    }

    /// Adds an item, in the place of the one with the same key if there is one.
    pub(super) fn put(&mut self, item: T) {
        let key = item.key();
        if let Some(known) = self.get_mut(&key) {
            *known = item;
            return;
        }
        let end = u32::try_from(self.list.len()).expect("a resource has fewer than 2^32 records");
        self.list.push(item);
        let list = &self.list;
        self.at.insert_unique(key.bits(), end, |at| list[*at as usize].key().bits());
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, T> {
        self.list.iter()
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn into_list(self) -> Vec<T> {
        self.list
    }
}

impl<T: Keyed> FromIterator<T> for KeyedList<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let items = items.into_iter();
        let mut list = Self::with_capacity(items.size_hint().0);
        items.for_each(|item| list.put(item));
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Item(KeyHash, u32);

    impl Keyed for Item {
        fn key(&self) -> KeyHash {
            self.0
        }
    }

    /// Keys that are told apart by their last bytes only: their bits are the same.
    fn key(n: u32) -> KeyHash {
        let mut bytes = [7; 16];
        bytes[12..].copy_from_slice(&n.to_be_bytes());
        KeyHash(bytes)
    }

    #[test]
    fn each_key_stands_once_where_it_came_first() {
        let mut list: KeyedList<Item> = (0..300).map(|n| Item(key(n), n)).collect();
        list.put(Item(key(17), 1_000));
        assert_eq!((list.len(), list.position(&key(17)), list.contains(&key(300))), (300, Some(17), false));
        assert_eq!(list.get(&key(17)), Some(&Item(key(17), 1_000)));
        assert_eq!(list.get(&key(299)), Some(&Item(key(299), 299)));
        assert_eq!(list.into_list()[17].1, 1_000);
    }
}
