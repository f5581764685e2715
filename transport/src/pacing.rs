//! When the next request may go: how many are in flight, how long all pause because the server said so, and how many go in
//! a second.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::limit::Limiter;
use crate::rate::Rate;

/// First and longest pause of all requests when a server throttles and does not say until when. Short, since what throttles
/// are rates: a little later there is room again, and waiting longer would waste it.
const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Longest wait that one request may be asked for without all being meant: it is no word about a quota that is used up.
const BRIEF: Duration = Duration::from_secs(5);
/// Requests that were refused among the last answers, and their share in hundredths, from which on the server throttles. Below
/// that the few that are refused wait for themselves: a server that is near its limit refuses some, and something in front of
/// it now and then one, whatever the rate.
const THROTTLED: (u32, u32) = (10, 8);
/// A server that has throttled so long ago may do so still.
const LATELY: Duration = Duration::from_mins(2);
/// About so many answers are remembered.
const REMEMBERED: u32 = 256;

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
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    limiter: Limiter,
    rate: Rate,
    recent: Recent,
    /// When all were meant last.
    throttled: Option<Instant>,
    /// Which request was refused last, and the rate before that.
    doubt: Option<(u64, Rate)>,
    /// Permits to take out of circulation as they come back.
    owed: usize,
    pause_until: Option<Instant>,
    next_pause: Duration,
    /// When the next request may begin.
    slot: Instant,
}

/// The last answers.
#[derive(Debug, Default)]
struct Recent {
    answers: u32,
    /// Those of them that asked for patience, or were none of the server's.
    refusals: u32,
}

impl State {
    /// Notes a request that was not served, and says whether all of them are meant.
    fn are_all_meant(&mut self, now: Instant, told: Option<Duration>) -> bool {
        self.recent.note(true);
        let many = self.recent.are_refused() || told.is_some_and(|told| told > BRIEF);
        // Where it throttles, each refusal tells how far it lets one go.
        let all = many || self.throttled.is_some_and(|at| now.saturating_duration_since(at) < LATELY);
        if all {
            self.recent = Recent::default();
        }
        if many {
            self.throttled = Some(now);
        }
        all
    }
}

impl Recent {
    fn note(&mut self, refused: bool) {
        self.answers += 1;
        self.refusals += u32::from(refused);
        if self.answers >= REMEMBERED {
            (self.answers, self.refusals) = (self.answers / 2, self.refusals / 2);
        }
    }

    fn are_refused(&self) -> bool {
        let (count, share) = THROTTLED;
        self.refusals >= count && self.refusals * 100 >= self.answers * share
    }
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
        let set = per_second.filter(|rate| *rate > 0).map(|rate| Duration::from_secs(1) / rate);
        let now = Instant::now();
        let rate = Rate::new(now);
        let state = State {
            limiter,
            rate,
            recent: Recent::default(),
            throttled: None,
            doubt: None,
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

    /// The server asks a request for patience (429). When it asks many, every request pauses. If it says for how long, it
    /// counts requests, and they go less often; else fewer go at a time. If it refuses the same request again and none
    /// besides, it does not count.
    pub(crate) fn throttled(&self, request: u64, told: Option<Duration>) {
        let mut state = self.state();
        let now = Instant::now();
        if !state.are_all_meant(now, told) {
            return;
        }
        let until = self.pause_for(&mut state, now, told);
        if let (Some(_), Some(until)) = (told, until) {
            match &state.doubt {
                Some((refused, before)) if *refused == request => state.rate = before.resumed(until),
                _ => {
                    state.doubt = Some((request, state.rate.clone()));
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

    /// Whether all requests were meant not long ago.
    pub(crate) fn is_throttled(&self) -> bool {
        self.state().throttled.is_some_and(|at| at.elapsed() < LATELY)
    }

    /// The server cannot serve a request just now (503). When it says so to many, every request pauses, and fewer go at a time.
    pub(crate) fn unavailable(&self, told: Option<Duration>) {
        let mut state = self.state();
        let now = Instant::now();
        if state.are_all_meant(now, told) {
            self.pause_for(&mut state, now, told);
            state.limiter.overloaded(now);
            self.follow(&mut state);
        }
    }

    /// What stands in front of the server got no answer from it (502, 504). When that happens to many, fewer go at a time.
    pub(crate) fn unanswered(&self) {
        let mut state = self.state();
        let now = Instant::now();
        if state.are_all_meant(now, None) {
            state.limiter.overloaded(now);
            self.follow(&mut state);
        }
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
        let mut state = self.state();
        let now = Instant::now();
        state.next_pause = PAUSE.0;
        state.recent.note(false);
        state.limiter.answered(now, latency);
        state.rate.served(now);
        self.follow(&mut state);
    }

    /// The server was away: what it bears is found out anew.
    pub(crate) fn restart(&self) {
        let mut state = self.state();
        state.limiter.restart();
        (state.rate, state.doubt) = (Rate::new(Instant::now()), None);
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
mod tests {
    use super::*;

    /// The server refuses one request after the other, until all are meant.
    fn refuse(pacer: &Pacer, told: Option<Duration>) {
        let mut request = 0;
        while request == 0 || pacer.state().recent.answers > 0 {
            pacer.throttled(request, told);
            request += 1;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn places_follow_the_limit_down_and_up() {
        let pacer = Pacer::new(64, None);
        assert_eq!((pacer.limit(), pacer.permits.available_permits()), (4, 4));
        let places = [pacer.place().await, pacer.place().await, pacer.place().await, pacer.place().await];
        refuse(&pacer, None);
        refuse(&pacer, None);
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
        pacer.throttled(3, Some(Duration::from_mins(1)));
        refuse(&pacer, None);
        drop(pacer.place().await);
        assert_eq!(start.elapsed(), Duration::from_mins(1));
        pacer.unavailable(Some(Duration::from_mins(2)));
        drop(pacer.place().await);
        assert_eq!(start.elapsed(), Duration::from_mins(3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_says_when_to_come_back_gets_as_many_at_a_time_and_less_often() {
        let pacer = Pacer::new(64, None);
        let start = Instant::now();
        for _ in 0..500 {
            drop(pacer.place().await);
            tokio::time::advance(Duration::from_millis(1)).await;
            pacer.answered(Duration::from_millis(1));
        }
        let limit = pacer.limit();
        refuse(&pacer, Some(Duration::from_secs(1)));
        assert_eq!(pacer.limit(), limit);
        // 1,000 a second were too many.
        drop(pacer.place().await);
        assert_eq!(start.elapsed(), Duration::from_millis(1500));
        drop(pacer.place().await);
        assert_eq!(start.elapsed(), Duration::from_millis(1502));
        pacer.restart();
        drop((pacer.place().await, pacer.place().await));
        assert_eq!(start.elapsed(), Duration::from_millis(1502));
    }

    #[tokio::test(start_paused = true)]
    async fn one_in_fifty_that_is_refused_waits_for_itself() {
        let pacer = Pacer::new(64, None);
        let start = Instant::now();
        for request in 0..5_000 {
            drop(pacer.place().await);
            match request % 50 {
                0 => pacer.throttled(request, Some(Duration::from_secs(1))),
                _ => pacer.answered(Duration::ZERO),
            }
        }
        assert_eq!(start.elapsed(), Duration::ZERO, "nobody else waits");
        for request in 5_000..5_100 {
            match request % 8 {
                0 => pacer.throttled(request, Some(Duration::from_secs(1))),
                _ => pacer.answered(Duration::ZERO),
            }
        }
        drop(pacer.place().await);
        assert_eq!(start.elapsed(), Duration::ZERO, "one in eight, and not long");
        for request in 5_100..5_300 {
            match request % 8 {
                0 => pacer.throttled(request, Some(Duration::from_secs(1))),
                _ => pacer.answered(Duration::ZERO),
            }
        }
        drop(pacer.place().await);
        assert!(start.elapsed() >= Duration::from_secs(1), "one in eight: it throttles");
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_the_rate_waits_for_a_pause_too() {
        let pacer = Pacer::new(4, Some(1));
        drop(pacer.place().await);
        let start = Instant::now();
        let (place, ()) = tokio::join!(pacer.place(), async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            pacer.throttled(6, Some(Duration::from_mins(1)));
        });
        drop(place);
        assert_eq!(start.elapsed(), Duration::from_millis(60_500));
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_without_a_word_from_the_server_grow_until_it_serves() {
        let pacer = Pacer::new(8, None);
        let pause = async || {
            let start = Instant::now();
            refuse(&pacer, None);
            refuse(&pacer, None);
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
