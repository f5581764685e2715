//! Failures on purpose, for tests of clients.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Failures to produce on purpose; none by default. "Write" means a POST, PUT or DELETE below the data path that carries
/// a good token. Counting starts at 1 with the first write after the faults were set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    /// Waits before each answer below the data path.
    pub latency: Duration,
    /// Answers a status instead of doing the write.
    pub statuses: Vec<StatusFault>,
    /// Resets the connection instead of answering a write.
    pub resets: Vec<ResetFault>,
    /// Expires each token after so many requests.
    pub token_requests: Option<u64>,
}

/// A status in place of the true answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusFault {
    /// Every n-th write (1: each).
    pub every: u64,
    /// At most so many times; none: without end.
    pub times: Option<u64>,
    /// The status.
    pub status: u16,
    /// A `Retry-After` header, in seconds.
    pub retry_after: Option<u64>,
}

/// A connection reset in place of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResetFault {
    /// Every n-th write (1: each).
    pub every: u64,
    /// At most so many times; none: without end.
    pub times: Option<u64>,
    /// Before or after the write is done.
    pub moment: Moment,
}

/// When a connection is reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The write is not done.
    BeforeCommit,
    /// The write is done, its answer is lost.
    AfterCommit,
}

/// What happens to one write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Normal,
    Status { status: u16, retry_after: Option<u64> },
    Reset(Moment),
}

/// The faults in force, and the writes counted so far.
#[derive(Debug, Default)]
pub(crate) struct FaultState {
    faults: Mutex<Faults>,
    writes: AtomicU64,
}

impl FaultState {
    pub(crate) fn new(faults: Faults) -> Self {
        Self { faults: Mutex::new(faults), writes: AtomicU64::new(0) }
    }

    /// Replaces the faults and starts counting again.
    pub(crate) fn set(&self, faults: Faults) {
        *self.lock() = faults;
        self.writes.store(0, Ordering::Relaxed);
    }

    pub(crate) fn latency(&self) -> Duration {
        self.lock().latency
    }

    pub(crate) fn token_requests(&self) -> Option<u64> {
        self.lock().token_requests
    }

    /// What happens to the next write.
    pub(crate) fn next_write(&self) -> Outcome {
        let number = self.writes.fetch_add(1, Ordering::Relaxed) + 1;
        let mut faults = self.lock();
        if let Some(fault) = faults.statuses.iter_mut().find(|f| strikes(number, f.every, f.times)) {
            spend(&mut fault.times);
            return Outcome::Status { status: fault.status, retry_after: fault.retry_after };
        }
        if let Some(fault) = faults.resets.iter_mut().find(|f| strikes(number, f.every, f.times)) {
            spend(&mut fault.times);
            return Outcome::Reset(fault.moment);
        }
        Outcome::Normal
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn strikes(number: u64, every: u64, times: Option<u64>) -> bool {
    every > 0 && number.is_multiple_of(every) && times != Some(0)
}

fn spend(times: &mut Option<u64>) {
    if let Some(left) = times {
        *left -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strikes_every_nth_write_and_stops_when_spent() {
        let status = StatusFault { every: 2, times: Some(1), status: 503, retry_after: None };
        let state = FaultState::new(Faults { statuses: vec![status], ..Faults::default() });
        let outcomes: Vec<_> = (0..4).map(|_| state.next_write()).collect();
        let failed = Outcome::Status { status: 503, retry_after: None };
        assert_eq!(outcomes, [Outcome::Normal, failed, Outcome::Normal, Outcome::Normal]);
    }
}
