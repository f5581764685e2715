//! How many requests are in flight: at most what the settings allow, fewer while the ODS asks for patience.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};

/// Answers of requests that were in flight together tell of one overload: only the first of them halves the limit.
const ONE_OVERLOAD: Duration = Duration::from_secs(1);

/// Additive increase, multiplicative decrease, on a semaphore; and one pause for all when the server names a time.
#[derive(Debug)]
pub(crate) struct Pacer {
    permits: Semaphore,
    bound: usize,
    /// A copy of `State::limit`, so that the undisturbed way takes no lock.
    limit: AtomicUsize,
    paused: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    limit: usize,
    /// Permits to take out of circulation as they come back.
    owed: usize,
    /// Good answers since the limit last changed.
    good: usize,
    last_halved: Option<Instant>,
    pause_until: Option<Instant>,
}

/// One request's place. Comes back when dropped, also when the request's future is dropped half-way.
pub(crate) struct Place<'a> {
    pacer: &'a Pacer,
    permit: Option<SemaphorePermit<'a>>,
}

impl Pacer {
    pub(crate) fn new(bound: usize) -> Self {
        let bound = bound.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            permits: Semaphore::new(bound),
            bound,
            limit: AtomicUsize::new(bound),
            paused: AtomicBool::new(false),
            state: Mutex::new(State { limit: bound, owed: 0, good: 0, last_halved: None, pause_until: None }),
        }
    }

    /// Waits for a place, and for the end of a pause.
    pub(crate) async fn place(&self) -> Place<'_> {
        let permit = self.permits.acquire().await.ok();
        let place = Place { pacer: self, permit };
        while self.paused.load(Ordering::Relaxed) {
            let until = {
                let mut state = self.state();
                state.pause_until = state.pause_until.filter(|until| *until > Instant::now());
                self.paused.store(state.pause_until.is_some(), Ordering::Relaxed);
                state.pause_until
            };
            if let Some(until) = until {
                tokio::time::sleep_until(until.into()).await;
            }
        }
        place
    }

    /// The server is overloaded. `pause` is its own word on when to come back, which holds for every request.
    pub(crate) fn overloaded(&self, pause: Option<Duration>) {
        let now = Instant::now();
        let mut state = self.state();
        if let Some(until) = pause.and_then(|pause| now.checked_add(pause)) {
            state.pause_until = state.pause_until.max(Some(until));
            self.paused.store(true, Ordering::Relaxed);
        }
        if state.last_halved.is_some_and(|at| now.duration_since(at) < ONE_OVERLOAD) {
            return;
        }
        let halved = (state.limit / 2).max(1);
        state.owed += state.limit - halved;
        state.limit = halved;
        state.good = 0;
        state.last_halved = Some(now);
        self.limit.store(halved, Ordering::Relaxed);
    }

    /// The server keeps up: after as many good answers as there are places, one place more.
    pub(crate) fn good(&self) {
        if self.limit() >= self.bound {
            return;
        }
        let mut state = self.state();
        state.good += 1;
        if state.good < state.limit || state.limit >= self.bound {
            return;
        }
        state.good = 0;
        state.limit += 1;
        if state.owed > 0 {
            state.owed -= 1;
        } else {
            self.permits.add_permits(1);
        }
        self.limit.store(state.limit, Ordering::Relaxed);
    }

    /// Requests that may be in flight now.
    pub(crate) fn limit(&self) -> usize {
        self.limit.load(Ordering::Relaxed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if self.pacer.limit() >= self.pacer.bound {
            return;
        }
        let mut state = self.pacer.state();
        if state.owed > 0
            && let Some(permit) = self.permit.take()
        {
            permit.forget();
            state.owed -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn halves_once_an_overload_and_grows_back_one_at_a_time() {
        let pacer = Pacer::new(8);
        let places = [pacer.place().await, pacer.place().await, pacer.place().await];
        pacer.overloaded(None);
        pacer.overloaded(None);
        assert_eq!(pacer.limit(), 4);
        drop(places);
        // Three of the four owed came back with the places; the next one pays the last.
        assert_eq!(pacer.permits.available_permits(), 5);
        drop(pacer.place().await);
        assert_eq!(pacer.permits.available_permits(), 4);
        for _ in 0..4 {
            pacer.good();
        }
        assert_eq!((pacer.limit(), pacer.permits.available_permits()), (5, 5));
        for _ in 0..100 {
            pacer.good();
        }
        assert_eq!((pacer.limit(), pacer.permits.available_permits()), (8, 8));
    }

    #[tokio::test]
    async fn never_less_than_one_place() {
        let pacer = Pacer::new(1);
        pacer.overloaded(None);
        assert_eq!(pacer.limit(), 1);
        drop(pacer.place().await);
        assert_eq!(pacer.permits.available_permits(), 1);
    }

    #[tokio::test]
    async fn a_pause_holds_everyone() {
        let pacer = Pacer::new(2);
        let start = Instant::now();
        pacer.overloaded(Some(Duration::from_millis(60)));
        drop(pacer.place().await);
        assert!(start.elapsed() >= Duration::from_millis(60));
    }
}
