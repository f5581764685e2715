//! Rows in memory: sorted by id, found by id or by a foreign key.

use crate::tables::Row;

/// The rows of one table as a source read them, each with its place.
#[derive(Debug, Clone)]
pub struct Loaded<R> {
    /// The rows in file order.
    pub rows: Vec<R>,
    /// For each row, its line in the file (the header is line 1).
    pub lines: Vec<u64>,
}

impl<R> Default for Loaded<R> {
    fn default() -> Self {
        Self { rows: Vec::new(), lines: Vec::new() }
    }
}

/// The rows of one table, sorted by id.
#[derive(Debug, Clone)]
pub struct Rows<R> {
    rows: Vec<R>,
}

impl<R: Row> Rows<R> {
    /// Sorts rows by id. Rows with equal ids keep their order.
    pub(super) fn sorted(mut rows: Vec<R>) -> Self {
        if !rows.is_sorted_by_key(Row::id) {
            rows.sort_by_key(Row::id);
        }
        Self { rows }
    }

    /// Leaves out the rows that a test refuses.
    pub(super) fn retain(mut self, keep: impl Fn(&R) -> bool) -> Self {
        self.rows.retain(keep);
        self.rows.shrink_to_fit();
        self
    }

    /// The row with an id.
    pub fn get(&self, id: i64) -> Option<&R> {
        self.rows.binary_search_by_key(&id, Row::id).ok().map(|at| &self.rows[at])
    }

    /// All rows, by id.
    pub fn iter(&self) -> std::slice::Iter<'_, R> {
        self.rows.iter()
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether the table is empty.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl<'a, R: Row> IntoIterator for &'a Rows<R> {
    type Item = &'a R;
    type IntoIter = std::slice::Iter<'a, R>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.iter()
    }
}

/// Which rows of a table have a foreign key's value; rows of one value in the order of their ids.
#[derive(Debug, Clone)]
pub(super) struct Relation<K> {
    pairs: Vec<(K, u32)>,
}

impl<K: Ord + Copy> Relation<K> {
    pub(super) fn new<R: Row>(rows: &Rows<R>, key: impl Fn(&R) -> K) -> Self {
        let position = |at: usize| u32::try_from(at).expect("a table has fewer than 2^32 rows");
        let mut pairs: Vec<_> = rows.iter().enumerate().map(|(at, row)| (key(row), position(at))).collect();
        if !pairs.is_sorted() {
            pairs.sort_unstable();
        }
        Self { pairs }
    }

    pub(super) fn of<'a, R>(&'a self, key: K, rows: &'a Rows<R>) -> impl Iterator<Item = &'a R> + use<'a, K, R> {
        let from = self.pairs.partition_point(|(k, _)| *k < key);
        self.pairs[from..].iter().take_while(move |(k, _)| *k == key).map(|(_, at)| &rows.rows[*at as usize])
    }
}
