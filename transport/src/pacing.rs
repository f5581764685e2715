//! When the next request may go: how many are in flight, how long all pause because the server said so, and how many go in
//! a second.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::limit::Limiter;
use crate::meant::{Asked, Doubt, Meant, Patience};
use crate::rate::Rate;
use crate::tried::Tried;

/// First and longest pause of all requests when a server throttles and does not say until when. Short, since what throttles
/// are rates: a little later there is room again, and waiting longer would waste it.
const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// So many times as many requests as are in flight are served by a server that is quick while one is waited for.
const QUICK: u64 = 4;

/// A [`Limiter`] on a semaphore; one pause for all; and a [`Rate`], or a fixed one if one is set and lower.
#[derive(Debug)]
pub(crate) struct Pacer {
    permits: Semaphore,
    /// A copy of the limiter's, to read without a lock.
    limit: AtomicUsize,
    /// Whether permits are to be taken out of circulation.
    owing: AtomicBool,
    paused: AtomicBool,
    /// Whether requests begin at distances.
    paced: AtomicBool,
    /// The distance that is set, if one is.
    set: Option<Duration>,
    /// How many requests the server has answered without asking for patience.
    served: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    limiter: Limiter,
    rate: Rate,
    doubt: Doubt,
    /// Which request was refused last, and the rate before that.
    before: Option<(u64, Rate)>,
    /// Permits to take out of circulation as they come back.
    owed: usize,
    pause_until: Option<Instant>,
    next_pause: Duration,
    /// When the next request may begin.
    slot: Instant,
}

/// One request's place. Comes back when dropped, also when the request's future is dropped half-way.
pub(crate) struct Place<'a> {
    pacer: &'a Pacer,
    permit: Option<SemaphorePermit<'a>>,
}

/// How one try went.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Course {
    pub(crate) took: Duration,
    /// How many requests were served meanwhile.
    pub(crate) meanwhile: u64,
}

impl Pacer {
    pub(crate) fn new(bound: usize, per_second: Option<u32>) -> Self {
        let limiter = Limiter::new(bound.clamp(1, Semaphore::MAX_PERMITS));
        let limit = limiter.limit();
        let set = per_second.filter(|rate| *rate > 0).map(|rate| Duration::from_secs(1) / rate);
        let now = Instant::now();
        let rate = Rate::new(now);
        let state = State {
            limiter,
            rate,
            doubt: Doubt::default(),
            before: None,
            owed: 0,
            pause_until: None,
            next_pause: PAUSE.0,
            slot: now,
        };
        Self {
            permits: Semaphore::new(limit),
            limit: AtomicUsize::new(limit),
            owing: AtomicBool::new(false),
            paused: AtomicBool::new(false),
            paced: AtomicBool::new(set.is_some()),
            set,
            served: AtomicU64::new(0),
            state: Mutex::new(state),
        }
    }

    /// Waits for a place, for the end of a pause, and for the rate.
    pub(crate) async fn place(&self) -> Place<'_> {
        let permit = self.permits.acquire().await.ok();
        let place = Place { pacer: self, permit };
        loop {
            let until = if self.paused.load(Ordering::Relaxed) { self.pause() } else { None };
            if let Some(until) = until {
                tokio::time::sleep_until(until).await;
                continue;
            }
            if !self.paced.load(Ordering::Relaxed) {
                break;
            }
            let slot = self.slot();
            tokio::time::sleep_until(slot).await;
            if !self.paused.load(Ordering::Relaxed) {
                break;
            }
        }
        place
    }

    /// The end of the pause, if there is one.
    fn pause(&self) -> Option<Instant> {
        let mut state = self.state();
        state.pause_until = state.pause_until.filter(|until| *until > Instant::now());
        self.paused.store(state.pause_until.is_some(), Ordering::Relaxed);
        state.pause_until
    }

    /// When the next request may begin.
    fn slot(&self) -> Instant {
        let mut state = self.state();
        let slot = state.slot.max(Instant::now());
        let distance = self.set.max(state.rate.distance()).unwrap_or_default();
        state.slot = slot + distance;
        slot
    }

    /// How many requests the server has answered without asking for patience.
    pub(crate) fn served(&self) -> u64 {
        self.served.load(Ordering::Relaxed)
    }

    /// Lets the other requests feel what one met.
    pub(crate) fn feel(&self, request: u64, tried: &Tried, told: Option<Duration>, course: Course) {
        match (tried, tried.status()) {
            (_, Some(429)) => self.throttled(request, told),
            (_, Some(503)) => self.unavailable(told),
            (_, Some(502 | 504)) => self.overloaded(),
            // No answer in time from a server that was quick with the others: it is this record that it chokes on.
            (Tried::TimedOut, _) if course.meanwhile > QUICK * self.limit() as u64 => {}
            (Tried::TimedOut, _) => self.overloaded(),
            (Tried::Answer { .. }, _) => self.answered(course.took),
            _ => {}
        }
    }

    /// Notes that the server asks a request for patience, and says who is meant.
    pub(crate) fn asked(&self, patience: &mut Patience, asked: Asked) -> Meant {
        self.state().doubt.asked(Instant::now(), patience, asked)
    }

    /// The server asks all for patience (429), in its answer to a request: every request pauses. If it says for how long, it
    /// counts requests, and they go less often; else fewer go at a time. If it refuses the same request again and none
    /// besides, it does not count.
    pub(crate) fn throttled(&self, request: u64, told: Option<Duration>) {
        let mut state = self.state();
        let now = Instant::now();
        let until = self.pause_for(&mut state, now, told);
        if let (Some(_), Some(until)) = (told, until) {
            match &state.before {
                Some((refused, before)) if *refused == request => state.rate = before.resumed(until),
                _ => {
                    state.before = Some((request, state.rate.clone()));
                    state.rate.refused(now, until);
                }
            }
            state.slot = until;
            self.paced.store(true, Ordering::Relaxed);
            tracing::debug!(distance = ?state.rate.distance(), "requests at distances");
        } else {
            state.limiter.overloaded(now);
            self.follow(&mut state);
        }
    }

    /// The server cannot serve anybody just now (503): every request pauses, and fewer go at a time.
    pub(crate) fn unavailable(&self, told: Option<Duration>) {
        let mut state = self.state();
        let now = Instant::now();
        self.pause_for(&mut state, now, told);
        state.limiter.overloaded(now);
        self.follow(&mut state);
    }

    /// Pauses every request, for as long as the server says if it does; until when.
    fn pause_for(&self, state: &mut State, now: Instant, told: Option<Duration>) -> Option<Instant> {
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
        state.pause_until
    }

    /// The server does not keep up: fewer go at a time.
    pub(crate) fn overloaded(&self) {
        let mut state = self.state();
        state.limiter.overloaded(Instant::now());
        self.follow(&mut state);
    }

    /// The server answered after this time.
    pub(crate) fn answered(&self, latency: Duration) {
        self.served.fetch_add(1, Ordering::Relaxed);
        let mut state = self.state();
        let now = Instant::now();
        state.next_pause = PAUSE.0;
        state.doubt.served();
        state.limiter.answered(now, latency);
        state.rate.served(now);
        self.follow(&mut state);
    }

    /// The server was away: what it bears is found out anew.
    pub(crate) fn restart(&self) {
        let mut state = self.state();
        state.limiter.restart();
        (state.rate, state.before) = (Rate::new(Instant::now()), None);
        self.paced.store(self.set.is_some(), Ordering::Relaxed);
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
#[path = "pacing_tests.rs"]
mod tests;
