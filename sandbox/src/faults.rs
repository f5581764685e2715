//! Failures on purpose, for tests of clients.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Failures to produce on purpose; none by default. "Write" means a POST, PUT or DELETE below the data path that carries
/// a good token. Counting starts at 1 with the first write after the faults were set.
///
/// A text says the same (`rollcall sandbox --faults`): see its [`FromStr`](std::str::FromStr).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    /// Waits before each answer below the data path.
    pub latency: Duration,
    /// What happens to writes, and to which; the first that strikes does.
    pub hits: Vec<Hit>,
    /// Expires each token after so many requests.
    pub token_requests: Option<u64>,
    /// Goes away for a while.
    pub outage: Option<Outage>,
}

/// Something that happens to some writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// What happens.
    pub what: What,
    /// To which writes.
    pub whom: Whom,
    /// At most so many times, for [`Whom::OneIn`] each record; none: without end.
    pub times: Option<u64>,
}

impl From<Hit> for Faults {
    /// This alone.
    fn from(hit: Hit) -> Self {
        Self { hits: vec![hit], ..Self::default() }
    }
}

/// What happens to a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Answers a status instead of doing it.
    Status {
        /// The status.
        status: u16,
        /// A `Retry-After` header, in seconds.
        retry_after: Option<u64>,
    },
    /// Answers with a web page of this status instead of doing it, as a proxy does.
    Page(u16),
    /// Resets the connection instead of answering.
    Reset(Moment),
    /// Does it and breaks off in the middle of the answer. Happens to reads too.
    Cut,
    /// Does it and never answers.
    Hang,
}

/// Which writes are hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    /// Every n-th write (1: each): a repeat of it is another write.
    Every(u64),
    /// One record in n, told by its contents: a repeat of it is hit again.
    OneIn(u64),
}

/// When a connection is reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The write is not done.
    BeforeCommit,
    /// The write is done, its answer is lost.
    AfterCommit,
}

/// A restart: for a while every connection is reset, and tokens are forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// Begins with the write after so many.
    pub after: u64,
    /// How long it lasts.
    pub lasts: Duration,
}

/// What happens to one request; nothing, usually.
pub(crate) type Outcome = Option<What>;

/// The faults in force, and the writes counted so far.
#[derive(Debug, Default)]
pub(crate) struct FaultState {
    state: Mutex<State>,
    writes: AtomicU64,
    reads: AtomicU64,
    /// Whether there is an outage to come or under way, so that other requests take no lock.
    outage: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    faults: Faults,
    /// How often a record was hit, by hit and contents.
    records: HashMap<(u32, u64), u64>,
    down_until: Option<Instant>,
}

impl FaultState {
    pub(crate) fn new(faults: Faults) -> Self {
        let state = Self::default();
        state.set(faults);
        state
    }

    /// Replaces the faults and starts counting again.
    pub(crate) fn set(&self, faults: Faults) {
        self.outage.store(faults.outage.is_some(), Ordering::Relaxed);
        self.writes.store(0, Ordering::Relaxed);
        self.reads.store(0, Ordering::Relaxed);
        *self.lock() = State { faults, ..State::default() };
    }

    pub(crate) fn latency(&self) -> Duration {
        self.lock().faults.latency
    }

    pub(crate) fn token_requests(&self) -> Option<u64> {
        self.lock().faults.token_requests
    }

    /// What happens to the next write.
    pub(crate) fn next_write(&self, body: &[u8]) -> Outcome {
        let number = self.writes.fetch_add(1, Ordering::Relaxed) + 1;
        self.lock().strike(number, body, |_| true)
    }

    /// What happens to the next read.
    pub(crate) fn next_read(&self) -> Outcome {
        let number = self.reads.fetch_add(1, Ordering::Relaxed) + 1;
        self.lock().strike(number, &[], |hit| hit.what == What::Cut && matches!(hit.whom, Whom::Every(_)))
    }

    /// Whether the server is away just now. `begins` is called when that begins.
    pub(crate) fn is_away(&self, begins: impl FnOnce()) -> bool {
        if !self.outage.load(Ordering::Relaxed) {
            return false;
        }
        let mut state = self.lock();
        if let Some(outage) = state.faults.outage
            && self.writes.load(Ordering::Relaxed) >= outage.after
        {
            state.faults.outage = None;
            state.down_until = Some(Instant::now() + outage.lasts);
            begins();
        }
        let away = state.down_until.is_some_and(|until| until > Instant::now());
        if !away && state.faults.outage.is_none() {
            self.outage.store(false, Ordering::Relaxed);
        }
        away
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn strike(&mut self, number: u64, body: &[u8], may: impl Fn(&Hit) -> bool) -> Outcome {
        let mut hash = None;
        for (at, hit) in (0_u32..).zip(&mut self.faults.hits).filter(|(_, hit)| may(hit)) {
            match hit.whom {
                Whom::Every(every) => {
                    if every == 0 || !number.is_multiple_of(every) || hit.times == Some(0) {
                        continue;
                    }
                    if let Some(left) = &mut hit.times {
                        *left -= 1;
                    }
                    return Some(hit.what);
                }
                Whom::OneIn(number) => {
                    let hash = *hash.get_or_insert_with(|| hash_of(body));
                    // Mixed with the place, so that two hits do not choose the same records.
                    if number == 0 || !hash.rotate_left(7 * at).is_multiple_of(number) {
                        continue;
                    }
                    let times = self.records.entry((at, hash)).or_default();
                    if hit.times.is_some_and(|most| *times >= most) {
                        continue;
                    }
                    *times += 1;
                    return Some(hit.what);
                }
            }
        }
        None
    }
}

fn hash_of(body: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILED: What = What::Status { status: 503, retry_after: None };

    #[test]
    fn strikes_every_nth_write_and_stops_when_spent() {
        let state = FaultState::new(Hit { what: FAILED, whom: Whom::Every(2), times: Some(1) }.into());
        let outcomes: Vec<_> = (0..4).map(|_| state.next_write(b"")).collect();
        assert_eq!(outcomes, [None, Some(FAILED), None, None]);
    }

    #[test]
    fn one_record_in_n_is_hit_whenever_it_comes_until_its_times_are_over() {
        let state = FaultState::new(Hit { what: FAILED, whom: Whom::OneIn(10), times: Some(2) }.into());
        let bodies: Vec<String> = (0..1000).map(|number| format!("record {number}")).collect();
        let hits = || bodies.iter().filter(|body| state.next_write(body.as_bytes()).is_some()).count();
        let first = hits();
        assert!((50..200).contains(&first), "{first}");
        assert_eq!([hits(), hits()], [first, 0]);
    }

    #[test]
    fn an_outage_begins_once_and_ends() {
        let outage = Outage { after: 1, lasts: Duration::from_millis(5) };
        let state = FaultState::new(Faults { outage: Some(outage), ..Faults::default() });
        assert!(!state.is_away(|| panic!("too early")));
        assert_eq!(state.next_write(b""), None);
        let mut begun = 0;
        assert!(state.is_away(|| begun += 1));
        while state.is_away(|| begun += 1) {
            std::thread::yield_now();
        }
        assert_eq!(begun, 1);
    }
}
