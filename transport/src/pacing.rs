//! When the next request may go: how many are in flight, how long all pause because the server said so, and how many a
//! second are allowed.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::limit::Limiter;

/// First and longest pause of all requests when a server throttles and does not say until when. Short, since what throttles
/// are rates: a little later there is room again, and waiting longer would waste it.
const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// A [`Limiter`] on a semaphore; one pause for all; and a fixed rate if one is set.
#[derive(Debug)]
pub(crate) struct Pacer {
    permits: Semaphore,
    /// A copy of the limiter's, to read without a lock.
    limit: AtomicUsize,
    /// Whether permits are to be taken out of circulation.
    owing: AtomicBool,
    paused: AtomicBool,
    state: Mutex<State>,
    rate: Option<Mutex<Slots>>,
}

#[derive(Debug)]
struct State {
    limiter: Limiter,
    /// Permits to take out of circulation as they come back.
    owed: usize,
    pause_until: Option<Instant>,
    next_pause: Duration,
}

/// Moments at which a request may begin, at even distances.
#[derive(Debug)]
struct Slots {
    distance: Duration,
    next: Instant,
}

/// One request's place. Comes back when dropped, also when the request's future is dropped half-way.
pub(crate) struct Place<'a> {
    pacer: &'a Pacer,
    permit: Option<SemaphorePermit<'a>>,
}

impl Pacer {
    pub(crate) fn new(bound: usize, per_second: Option<u32>) -> Self {
        let limiter = Limiter::new(bound.clamp(1, Semaphore::MAX_PERMITS));
        let limit = limiter.limit();
        let rate = per_second
            .filter(|rate| *rate > 0)
            .map(|rate| Mutex::new(Slots { distance: Duration::from_secs(1) / rate, next: Instant::now() }));
        Self {
            permits: Semaphore::new(limit),
            limit: AtomicUsize::new(limit),
            owing: AtomicBool::new(false),
            paused: AtomicBool::new(false),
            state: Mutex::new(State { limiter, owed: 0, pause_until: None, next_pause: PAUSE.0 }),
            rate,
        }
    }

    /// Waits for a place, for the end of a pause, and for the rate.
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
                tokio::time::sleep_until(until).await;
            }
        }
        if let Some(rate) = &self.rate {
            let slot = {
                let mut slots = rate.lock().unwrap_or_else(PoisonError::into_inner);
                let slot = slots.next.max(Instant::now());
                slots.next = slot + slots.distance;
                slot
            };
            tokio::time::sleep_until(slot).await;
        }
        place
    }

    /// The server asks for patience (429, 503): every request pauses, for as long as the server says if it does, and
    /// fewer go at a time.
    pub(crate) fn throttled(&self, told: Option<Duration>) {
        let now = Instant::now();
        let mut state = self.state();
        let in_force = state.pause_until.is_some_and(|until| until > now);
        // Answers to requests that were in flight together ask for one pause.
        let pause = told.or_else(|| (!in_force).then_some(state.next_pause));
        if told.is_none() && !in_force {
            state.next_pause = (state.next_pause * 2).min(PAUSE.1);
        }
        if let Some(until) = pause.and_then(|pause| now.checked_add(pause)) {
            state.pause_until = state.pause_until.max(Some(until));
            self.paused.store(true, Ordering::Relaxed);
        }
        state.limiter.overloaded(now);
        self.follow(&mut state);
    }

    /// The server does not keep up: fewer go at a time.
    pub(crate) fn overloaded(&self) {
        let mut state = self.state();
        state.limiter.overloaded(Instant::now());
        self.follow(&mut state);
    }

    /// The server answered after this time.
    pub(crate) fn answered(&self, latency: Duration) {
        let mut state = self.state();
        state.next_pause = PAUSE.0;
        state.limiter.answered(Instant::now(), latency);
        self.follow(&mut state);
    }

    /// The server was away: what it bears is found out anew.
    pub(crate) fn restart(&self) {
        let mut state = self.state();
        state.limiter.restart();
        self.follow(&mut state);
    }

    /// Requests that may be in flight now.
    pub(crate) fn limit(&self) -> usize {
        self.limit.load(Ordering::Relaxed)
    }

    /// Brings the permits in line with the limiter.
    fn follow(&self, state: &mut State) {
        let (now, before) = (state.limiter.limit(), self.limit.load(Ordering::Relaxed));
        if now == before {
            return;
        }
        if now < before {
            state.owed += before - now;
        } else {
            let paid = state.owed.min(now - before);
            state.owed -= paid;
            self.permits.add_permits(now - before - paid);
        }
        self.owing.store(state.owed > 0, Ordering::Relaxed);
        self.limit.store(now, Ordering::Relaxed);
        tracing::debug!(limit = now, "requests in flight");
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if !self.pacer.owing.load(Ordering::Relaxed) {
            return;
        }
        let mut state = self.pacer.state();
        if state.owed > 0
            && let Some(permit) = self.permit.take()
        {
            permit.forget();
            state.owed -= 1;
            self.pacer.owing.store(state.owed > 0, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn places_follow_the_limit_down_and_up() {
        let pacer = Pacer::new(64, None);
        assert_eq!((pacer.limit(), pacer.permits.available_permits()), (4, 4));
        let places = [pacer.place().await, pacer.place().await, pacer.place().await, pacer.place().await];
        pacer.throttled(None);
        pacer.throttled(None);
        assert_eq!(pacer.limit(), 2);
        drop(places);
        assert_eq!(pacer.permits.available_permits(), 2);
        for _ in 0..500 {
            tokio::time::advance(Duration::from_millis(20)).await;
            pacer.answered(Duration::from_millis(20));
        }
        assert_eq!((pacer.limit(), pacer.permits.available_permits()), (3, 3), "below where it was throttled");
        pacer.restart();
        for _ in 0..500 {
            tokio::time::advance(Duration::from_millis(20)).await;
            pacer.answered(Duration::from_millis(20));
        }
        assert_eq!((pacer.limit(), pacer.permits.available_permits()), (64, 64));
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_everyone() {
        let pacer = Pacer::new(2, None);
        let start = Instant::now();
        pacer.throttled(Some(Duration::from_mins(1)));
        pacer.throttled(None);
        drop(pacer.place().await);
        assert_eq!(start.elapsed(), Duration::from_mins(1));
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_without_a_word_from_the_server_grow_until_it_serves() {
        let pacer = Pacer::new(8, None);
        let pause = async || {
            let start = Instant::now();
            pacer.throttled(None);
            pacer.throttled(None);
            drop(pacer.place().await);
            start.elapsed().as_millis()
        };
        assert_eq!([pause().await, pause().await, pause().await], [100, 200, 400]);
        pacer.answered(Duration::from_millis(5));
        assert_eq!(pause().await, 100);
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_spreads_requests_evenly() {
        let pacer = Pacer::new(64, Some(50));
        let start = Instant::now();
        for _ in 0..101 {
            drop(pacer.place().await);
        }
        assert_eq!(start.elapsed(), Duration::from_secs(2));
    }
}
