//! A server that goes away: every request waits, one at a time finds out whether it is back.
//!
//! Without this, each record would burn its own tries against a server that is restarting, and a whole district's
//! records would be reported as failed one by one. Requests ask the [`Gate`] before each try and tell it what came of it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::config::RetryPolicy;
use crate::decision::{Seen, Server, Sign};

/// Opens and closes the way to the server, for all requests of a connection.
#[derive(Debug)]
pub(crate) struct Gate {
    /// Its `outage` is the longest time without a single answer that counts, after which the run stops. More tries in a row
    /// than its `tries` without one mean that the server is away: above what one request may try, so that a record on which
    /// the server chokes is not taken for an outage.
    policy: RetryPolicy,
    /// No trouble at all: the undisturbed way takes no lock.
    calm: AtomicBool,
    open: AtomicBool,
    state: Mutex<State>,
    /// Held by the one request that probes and then tries.
    trial: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    trouble_since: Option<Instant>,
    in_a_row: u32,
    /// Whether more than silence told of it. Silence alone may be the doing of some records: as soon as the server answers
    /// a probe, those go on with the tries that they have.
    certain: bool,
    /// When the server asked to wait, and how long.
    asked: Option<(Instant, Duration)>,
}

/// What a question whether the server is back came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Probed {
    Back,
    /// It is not, and may ask to wait.
    Away(Option<Duration>),
}

/// Why nothing goes any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closed {
    /// The server was away for longer than the policy waits.
    Gone,
    /// It asks to wait for so long, which is longer than the policy waits.
    For(Duration),
}

/// Leave to send one try. While the server may be away only one of them exists.
pub(crate) enum Pass<'a> {
    Open,
    Trial(#[expect(dead_code, reason = "held, not read")] tokio::sync::MutexGuard<'a, ()>),
}

impl Pass<'_> {
    pub(crate) const fn is_trial(&self) -> bool {
        matches!(self, Self::Trial(_))
    }
}

impl Gate {
    pub(crate) fn new(policy: RetryPolicy) -> Self {
        Self {
            policy,
            calm: AtomicBool::new(true),
            open: AtomicBool::new(true),
            state: Mutex::default(),
            trial: tokio::sync::Mutex::new(()),
        }
    }

    /// Waits until a try may be sent. While the server is away, the first to come probes it after each of `delays`, or when
    /// the server asked to come back; the others wait for what becomes of that.
    pub(crate) async fn pass<P: Future<Output = Probed>>(
        &self,
        delays: impl Iterator<Item = Duration>,
        probe: impl Fn() -> P,
    ) -> Result<Pass<'_>, Closed> {
        if self.is_open() {
            return Ok(Pass::Open);
        }
        let turn = self.trial.lock().await;
        for delay in delays {
            if self.is_open() {
                return Ok(Pass::Open);
            }
            let Some(troubled) = self.troubled() else { return Ok(Pass::Open) };
            let left = self.policy.outage.saturating_sub(troubled);
            if left.is_zero() {
                return Err(Closed::Gone);
            }
            let asked = self.asked();
            if let Some(wait) = asked.filter(|wait| !self.policy.may_wait(*wait, troubled)) {
                return Err(Closed::For(wait));
            }
            tokio::time::sleep(asked.unwrap_or(delay).min(left)).await;
            match probe().await {
                Probed::Back if self.opens_after_silence() => return Ok(Pass::Open),
                Probed::Back => return Ok(Pass::Trial(turn)),
                Probed::Away(wait) => self.state().ask(wait),
            }
        }
        Err(Closed::Gone)
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }

    /// Notes what came of a try, and says what all tries together tell of the server.
    pub(crate) fn note(&self, seen: &Seen<'_>) -> Server {
        match seen.sign_of_an_outage() {
            None if !seen.is_throttled() => {
                self.reached();
                Server::There
            }
            sign => self.trouble(sign, seen.asks_to_wait()),
        }
    }

    /// Notes that no token was to be had, as the server that gives them is away.
    pub(crate) fn note_no_token(&self) -> Server {
        self.trouble(Some(Sign::NobodyThere), None)
    }

    fn reached(&self) {
        if self.calm.load(Ordering::Acquire) {
            return;
        }
        let mut state = self.state();
        let was_away = !self.is_open();
        let since = state.trouble_since.take();
        (state.in_a_row, state.certain, state.asked) = (0, false, None);
        self.calm.store(true, Ordering::Release);
        self.open.store(true, Ordering::Release);
        drop(state);
        if was_away && let Some(since) = since {
            tracing::warn!(seconds = since.elapsed().as_secs(), "the ODS/API is back; going on");
        }
    }

    /// After silence alone, an answered probe is enough to go on.
    fn opens_after_silence(&self) -> bool {
        let mut state = self.state();
        if state.certain {
            return false;
        }
        state.in_a_row = 0;
        self.open.store(true, Ordering::Release);
        true
    }

    /// Notes a try without an answer that counts; without a sign the server only asked to come back later.
    fn trouble(&self, sign: Option<Sign>, wait: Option<Duration>) -> Server {
        let mut state = self.state();
        state.ask(wait);
        self.calm.store(false, Ordering::Release);
        let since = *state.trouble_since.get_or_insert_with(Instant::now);
        if let Some(sign) = sign {
            state.in_a_row = state.in_a_row.saturating_add(1);
            state.certain |= sign != Sign::Silence;
            let closes = sign == Sign::NobodyThere || state.in_a_row > self.policy.tries;
            if closes && self.open.swap(false, Ordering::AcqRel) {
                let minutes = self.policy.outage.as_secs() / 60;
                tracing::warn!(minutes, "the ODS/API is away; everything waits for it");
            }
        }
        if since.elapsed() >= self.policy.outage {
            return Server::Gone;
        }
        if self.is_open() { Server::There } else { Server::Away }
    }

    /// How long no try had an answer that counts; `None` when all is well.
    pub(crate) fn troubled(&self) -> Option<Duration> {
        if self.calm.load(Ordering::Acquire) {
            return None;
        }
        Some(self.state().trouble_since?.elapsed())
    }

    /// What is left of the wait that the server asked for.
    fn asked(&self) -> Option<Duration> {
        self.state().asked()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The server asks to wait; what it asked for before counts as far as it goes further.
    fn ask(&mut self, wait: Option<Duration>) {
        if let Some(wait) = wait.filter(|wait| self.asked().is_none_or(|before| before < *wait)) {
            self.asked = Some((Instant::now(), wait));
        }
    }

    fn asked(&self) -> Option<Duration> {
        // No time is made of the wait's end: it may be further away than a clock goes.
        let left = self.asked.map(|(at, wait)| wait.saturating_sub(at.elapsed()))?;
        Some(left).filter(|left| !left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;
    use crate::answer::{Answer, Shape};

    fn gate() -> Gate {
        Gate::new(RetryPolicy::default())
    }

    const AWAY: Probed = Probed::Away(None);

    fn closed(pass: Result<Pass<'_>, Closed>) -> Option<Closed> {
        pass.err()
    }

    async fn nobody_asks() -> Probed {
        panic!("nobody asks any more")
    }

    fn every_second() -> impl Iterator<Item = Duration> {
        std::iter::repeat(Duration::from_secs(1))
    }

    #[tokio::test(start_paused = true)]
    async fn one_probes_and_all_go_on_when_its_try_is_answered() {
        let gate = gate();
        assert_eq!(gate.note(&Seen::Unreachable), Server::Away);
        let (probes, tries) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let one = || async {
            let probe = || {
                std::future::ready(match probes.fetch_add(1, Ordering::Relaxed) {
                    4 => Probed::Back,
                    _ => AWAY,
                })
            };
            let pass = gate.pass(every_second(), probe).await.unwrap();
            if pass.is_trial() {
                tries.fetch_add(1, Ordering::Relaxed);
                assert_eq!(gate.note(&Seen::Answer(&Answer::bare(201, Shape::Empty))), Server::There);
            }
        };
        let started = Instant::now();
        tokio::join!(one(), one(), one());
        assert_eq!((probes.into_inner(), tries.into_inner()), (5, 1));
        assert_eq!(started.elapsed().as_secs(), 5);
    }

    #[tokio::test(start_paused = true)]
    async fn the_run_stops_when_the_patience_is_used_up() {
        let gate = gate();
        gate.note(&Seen::Unreachable);
        let started = Instant::now();
        assert_eq!(closed(gate.pass(every_second(), || std::future::ready(AWAY)).await), Some(Closed::Gone));
        assert_eq!(started.elapsed(), Duration::from_mins(10));
        assert_eq!(gate.note(&Seen::Unreachable), Server::Gone);
        // Everyone else learns it at once.
        assert_eq!(closed(gate.pass(every_second(), nobody_asks).await), Some(Closed::Gone));
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_answers_503_to_everything_is_away_and_one_record_is_not_an_outage() {
        let gate = gate();
        let busy = Answer::bare(503, Shape::Empty);
        for _ in 0..6 {
            assert_eq!(gate.note(&Seen::Answer(&busy)), Server::There);
        }
        assert!(gate.is_open());
        assert_eq!(gate.note(&Seen::TimedOut), Server::Away);
        gate.note(&Seen::Answer(&Answer::bare(400, Shape::Empty)));
        assert!(gate.is_open(), "a refusal is an answer");
        assert_eq!(gate.note(&Seen::Answer(&busy)), Server::There);
    }

    #[tokio::test(start_paused = true)]
    async fn after_silence_an_answered_probe_lets_everyone_go_on() {
        let gate = gate();
        for _ in 0..7 {
            gate.note(&Seen::TimedOut);
        }
        assert!(!gate.is_open());
        let pass = gate.pass(every_second(), || std::future::ready(Probed::Back)).await.unwrap();
        assert!(!pass.is_trial() && gate.is_open());
        tokio::time::advance(Duration::from_mins(10)).await;
        assert_eq!(gate.note(&Seen::TimedOut), Server::Gone);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_only_throttles_is_not_away_but_patience_ends() {
        let gate = gate();
        let throttled = Answer::bare(429, Shape::Empty);
        for _ in 0..20 {
            assert_eq!(gate.note(&Seen::Answer(&throttled)), Server::There);
        }
        tokio::time::advance(Duration::from_mins(10)).await;
        assert_eq!(gate.note(&Seen::Answer(&throttled)), Server::Gone);
    }

    #[tokio::test(start_paused = true)]
    async fn the_next_question_waits_as_long_as_the_server_asks() {
        let gate = gate();
        gate.note(&Seen::Unreachable);
        let probes = AtomicUsize::new(0);
        let answers = [Probed::Away(Some(Duration::from_mins(2))), AWAY, Probed::Away(Some(Duration::from_secs(7)))];
        let probe = || {
            let at = probes.fetch_add(1, Ordering::Relaxed);
            std::future::ready(answers.get(at).copied().unwrap_or(Probed::Back))
        };
        let started = Instant::now();
        assert!(gate.pass(every_second(), probe).await.unwrap().is_trial());
        // A second before each question that the server said nothing about.
        assert_eq!((probes.into_inner(), started.elapsed().as_secs()), (4, 1 + 120 + 1 + 7));
        gate.note(&Seen::Answer(&Answer::bare(201, Shape::Empty)));
        assert_eq!(gate.asked(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_try_that_finds_the_server_away_may_be_told_when_to_ask() {
        let gate = gate();
        let busy = Answer { retry_after: Some(Duration::from_mins(1)), ..Answer::bare(503, Shape::Empty) };
        for _ in 0..7 {
            gate.note(&Seen::Answer(&busy));
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        let started = Instant::now();
        assert!(gate.pass(every_second(), || std::future::ready(Probed::Back)).await.unwrap().is_trial());
        assert_eq!(started.elapsed().as_secs(), 59);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_asks_to_wait_beyond_the_patience_is_not_waited_for() {
        for wait in [Duration::from_mins(10), Duration::MAX] {
            let gate = gate();
            gate.note(&Seen::Unreachable);
            let away = || std::future::ready(Probed::Away(Some(wait)));
            let started = Instant::now();
            assert_eq!(closed(gate.pass(every_second(), away).await), Some(Closed::For(wait)));
            // Everyone else learns it at once.
            assert!(matches!(closed(gate.pass(every_second(), nobody_asks).await), Some(Closed::For(_))));
            assert_eq!(started.elapsed().as_secs(), 1);
        }
    }
}
