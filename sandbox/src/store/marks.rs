//! Where the pages of queries ended, so that the next page begins there.
//!
//! A page far down costs a server the way to it. Clients that read everything ask for one page after the other, so the
//! end of each page is kept, and so is the number of all that match, as long as nothing has changed that the answer
//! depends on.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The place behind a page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// How many records that match stand before it.
    pub(super) passed: usize,
    /// The number at which it begins.
    pub(super) sequence: u64,
}

/// The marks of the latest queries.
#[derive(Default)]
pub(crate) struct Marks(Mutex<HashMap<String, Entry>>);

/// What an answer depends on besides the query.
type State = (u64, u64);

#[derive(Debug, Default)]
struct Entry {
    state: State,
    total: Option<usize>,
    ends: BTreeMap<usize, u64>,
}

/// Queries that are kept, and marks of each.
const QUERIES: usize = 256;
const MARKS: usize = 10_000;

impl Marks {
    /// The last mark before so many records of a query.
    pub(super) fn before(&self, query: &str, state: State, passed: usize) -> Mark {
        let entries = self.lock();
        let entry = entries.get(query).filter(|entry| entry.state == state);
        let end = entry.and_then(|entry| entry.ends.range(..=passed).next_back());
        end.map_or_else(Mark::default, |(&passed, &sequence)| Mark { passed, sequence })
    }

    pub(super) fn set(&self, query: &str, state: State, mark: Mark) {
        let mut entries = self.lock();
        let ends = &mut entry(&mut entries, query, state).ends;
        if ends.len() == MARKS {
            ends.clear();
        }
        ends.insert(mark.passed, mark.sequence);
    }

    /// How many records of a query match; counts them where it is not known.
    pub(super) fn total(&self, query: &str, state: State, count: impl FnOnce() -> usize) -> usize {
        let known = self.lock().get(query).filter(|entry| entry.state == state).and_then(|entry| entry.total);
        known.unwrap_or_else(|| {
            let total = count();
            entry(&mut self.lock(), query, state).total = Some(total);
            total
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The entry of a query; an empty one when it is of another state.
fn entry<'e>(entries: &'e mut HashMap<String, Entry>, query: &str, state: State) -> &'e mut Entry {
    if entries.len() >= QUERIES && !entries.contains_key(query) {
        entries.clear();
    }
    let entry = entries.entry(query.to_owned()).or_default();
    if entry.state != state {
        *entry = Entry { state, ..Entry::default() };
    }
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_hold_until_something_changes() {
        let marks = Marks::default();
        let mark = Mark { passed: 500, sequence: 812 };
        marks.set("q", (1, 0), mark);
        assert_eq!(marks.before("q", (1, 0), 700), mark);
        assert_eq!(marks.before("q", (1, 0), 499), Mark::default());
        assert_eq!(marks.before("other", (1, 0), 700), Mark::default());
        assert_eq!(marks.total("q", (1, 0), || 7), 7);
        assert_eq!(marks.total("q", (1, 0), || unreachable!("it is known")), 7);
        assert_eq!(marks.before("q", (2, 0), 700), Mark::default());
        assert_eq!(marks.total("q", (2, 0), || 8), 8);
    }
}
