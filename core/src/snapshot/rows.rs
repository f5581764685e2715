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
        rows.shrink_to_fit();
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
        self.position(id).map(|at| &self.rows[at])
    }

    fn position(&self, id: i64) -> Option<usize> {
        let first = self.rows.first()?.id();
        // Ids are mostly without gaps; a gap moves a row to the front, and mostly not far.
        let guess = usize::try_from(id.saturating_sub(first)).ok()?;
        let at = lower_bound(&self.rows, guess, |row| row.id() < id);
        self.rows.get(at).filter(|row| row.id() == id).map(|_| at)
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
    spread: Spread,
}

/// Pairs of rows of two tables that belong together: for each id of the one, positions in the other, ascending.
#[derive(Debug, Clone)]
pub(super) struct Links {
    pairs: Vec<(i64, u32)>,
    spread: Spread,
}

impl Links {
    /// From ids of the one table and ids of the other; an id that the other has not is left out.
    pub(super) fn new<R: Row>(ids: impl Iterator<Item = (i64, i64)>, others: &Rows<R>) -> Self {
        let position = |id: i64| u32::try_from(others.position(id)?).ok();
        let mut pairs: Vec<_> = ids.filter_map(|(id, other)| Some((id, position(other)?))).collect();
        pairs.sort_unstable();
        pairs.dedup();
        Self { spread: Spread::of(&pairs), pairs }
    }

    /// The rows that belong to an id, each once, by their ids.
    pub(super) fn of<'a, R>(&'a self, id: i64, others: &'a Rows<R>) -> impl Iterator<Item = &'a R> + use<'a, R> {
        let from = lower_bound(&self.pairs, self.spread.guess(id), |(first, _)| *first < id);
        self.pairs[from..].iter().take_while(move |(first, _)| *first == id).map(|(_, at)| &others.rows[*at as usize])
    }
}

/// A foreign key's value, with a number that grows evenly with it, or nearly so.
pub(super) trait ForeignKey: Ord + Copy {
    fn number(self) -> i64;
}

impl ForeignKey for i64 {
    fn number(self) -> i64 {
        self
    }
}

/// The first of some sorted items that is not `below`, looked for from a guess on: halving a whole table costs a cache
/// miss a step, and most guesses are near.
pub(super) fn lower_bound<T>(items: &[T], guess: usize, below: impl Fn(&T) -> bool) -> usize {
    let guess = guess.min(items.len());
    let (mut low, mut high, mut step) = (guess, guess, 1);
    if items.get(guess).is_some_and(&below) {
        while items.get(high).is_some_and(&below) {
            low = high + 1;
            high = high.saturating_add(step);
            step *= 2;
        }
        high = high.min(items.len());
    } else {
        while low > 0 && !below(&items[low - 1]) {
            high = low - 1;
            low = low.saturating_sub(step);
            step *= 2;
        }
    }
    low + items[low..high].partition_point(below)
}

impl<K: ForeignKey> Relation<K> {
    pub(super) fn new<R: Row>(rows: &Rows<R>, key: impl Fn(&R) -> K) -> Self {
        let position = |at: usize| u32::try_from(at).expect("a table has fewer than 2^32 rows");
        let mut pairs: Vec<_> = rows.iter().enumerate().map(|(at, row)| (key(row), position(at))).collect();
        if !pairs.is_sorted() {
            pairs.sort_unstable();
        }
        Self { spread: Spread::of(&pairs), pairs }
    }

    pub(super) fn of<'a, R>(&'a self, key: K, rows: &'a Rows<R>) -> impl Iterator<Item = &'a R> + use<'a, K, R> {
        let from = lower_bound(&self.pairs, self.spread.guess(key), |(k, _)| *k < key);
        self.pairs[from..].iter().take_while(move |(k, _)| *k == key).map(|(_, at)| &rows.rows[*at as usize])
    }
}

/// Where keys stand if their numbers are spread evenly.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Spread {
    first: i64,
    /// Places for each number from one key to the next.
    step: f64,
}

impl Spread {
    /// Of sorted keys.
    pub(super) fn of<K: ForeignKey, P>(pairs: &[(K, P)]) -> Self {
        let (Some((first, _)), Some((last, _))) = (pairs.first(), pairs.last()) else {
            return Self { first: 0, step: 0.0 };
        };
        let (first, last) = (first.number(), last.number());
        Self { first, step: pairs.len() as f64 / (last as f64 - first as f64).max(1.0) }
    }

    /// Where a key would stand: a guess, and never more than that.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "what is out of range is the first or last place"
    )]
    pub(super) fn guess<K: ForeignKey>(self, key: K) -> usize {
        (key.number().saturating_sub(self.first) as f64 * self.step) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::ScheduleStructure;

    #[test]
    fn a_row_is_found_whatever_gaps_its_ids_have() {
        let row = |id| ScheduleStructure { structure_id: id, calendar_id: 1, name: None };
        let all: [&[i64]; 5] =
            [&[7], &[1, 2, 3, 4], &[1, 5, 6, 90, 91], &[-4, 0, 1_000_000, i64::MAX], &[3, 3, 3, 4, 9]];
        for ids in all {
            let rows = Rows::sorted(ids.iter().map(|id| row(*id)).collect());
            for id in ids {
                assert_eq!(rows.get(*id).map(Row::id), Some(*id), "{ids:?}");
            }
            for id in [i64::MIN, -5, 8, 89, 2_000_000].into_iter().filter(|id| !ids.contains(id)) {
                assert!(rows.get(id).is_none(), "{id} in {ids:?}");
            }
        }
        assert!(Rows::<ScheduleStructure>::sorted(Vec::new()).get(1).is_none());
    }

    #[test]
    fn the_lower_bound_does_not_hang_on_the_guess() {
        let items = [1, 3, 3, 3, 7, 20, 21, 22];
        for wanted in 0..24 {
            let plainly = items.iter().position(|item| *item >= wanted).unwrap_or(items.len());
            for guess in 0..12 {
                assert_eq!(lower_bound(&items, guess, |item| *item < wanted), plainly, "{wanted} from {guess}");
            }
        }
        assert_eq!(lower_bound(&[0; 0], 3, |_| true), 0);
    }

    #[test]
    fn a_relation_gives_the_rows_of_a_key_and_no_others() {
        let row = |id, calendar| ScheduleStructure { structure_id: id, calendar_id: calendar, name: None };
        let rows = Rows::sorted(vec![row(1, 9), row(2, 4), row(3, 9), row(4, 1_000), row(5, -3), row(6, 9)]);
        let relation = Relation::new(&rows, |r| r.calendar_id);
        let of = |calendar| relation.of(calendar, &rows).map(Row::id).collect::<Vec<_>>();
        assert_eq!((of(9), of(4), of(1_000), of(-3)), (vec![1, 3, 6], vec![2], vec![4], vec![5]));
        assert_eq!((of(5), of(2_000), of(i64::MIN)), (vec![], vec![], vec![]));
    }
}
