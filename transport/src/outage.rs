//! A server that goes away: every request waits, one at a time finds out whether it is back.
//!
//! Without this, each record would burn its own tries against a server that is restarting, and a whole district's
//! records would be reported as failed one by one. Requests ask the [`Gate`] before each try and tell it what came of it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::decision::{Seen, Server, Sign};

/// Opens and closes the way to the server, for all requests of a connection.
#[derive(Debug)]
pub(crate) struct Gate {
    /// Longest time without a single answer that counts, after which the run stops.
    patience: Duration,
    /// More tries in a row than this without an answer that counts mean that the server is away. Above what one request
    /// may try, so that a record on which the server chokes is not taken for an outage.
    in_a_row: u32,
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
    pub(crate) fn new(patience: Duration, tries: u32) -> Self {
        Self {
            patience,
            in_a_row: tries,
            calm: AtomicBool::new(true),
            open: AtomicBool::new(true),
            state: Mutex::default(),
            trial: tokio::sync::Mutex::new(()),
        }
    }

    /// Waits until a try may be sent. While the server is away, the first to come probes it after each of `delays`; the
    /// others wait for what becomes of that. `None` when the server was away for longer than the patience.
    pub(crate) async fn pass<P: Future<Output = bool>>(
        &self,
        delays: impl Iterator<Item = Duration>,
        probe: impl Fn() -> P,
    ) -> Option<Pass<'_>> {
        if self.is_open() {
            return Some(Pass::Open);
        }
        let turn = self.trial.lock().await;
        for delay in delays {
            if self.is_open() {
                return Some(Pass::Open);
            }
            let Some(left) = self.left() else { return Some(Pass::Open) };
            if left.is_zero() {
                return None;
            }
            tokio::time::sleep(delay.min(left)).await;
            if probe().await {
                return Some(if self.opens_after_silence() { Pass::Open } else { Pass::Trial(turn) });
            }
        }
        None
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
            sign => self.trouble(sign),
        }
    }

    /// Notes that no token was to be had, as the server that gives them is away.
    pub(crate) fn note_no_token(&self) -> Server {
        self.trouble(Some(Sign::NobodyThere))
    }

    fn reached(&self) {
        if self.calm.load(Ordering::Acquire) {
            return;
        }
        let mut state = self.state();
        let was_away = !self.is_open();
        let since = state.trouble_since.take();
        (state.in_a_row, state.certain) = (0, false);
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
    fn trouble(&self, sign: Option<Sign>) -> Server {
        let mut state = self.state();
        self.calm.store(false, Ordering::Release);
        let since = *state.trouble_since.get_or_insert_with(Instant::now);
        if let Some(sign) = sign {
            state.in_a_row = state.in_a_row.saturating_add(1);
            state.certain |= sign != Sign::Silence;
            let closes = sign == Sign::NobodyThere || state.in_a_row > self.in_a_row;
            if closes && self.open.swap(false, Ordering::AcqRel) {
                let minutes = self.patience.as_secs() / 60;
                tracing::warn!(minutes, "the ODS/API is away; everything waits for it");
            }
        }
        if since.elapsed() >= self.patience {
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

    /// How much of the patience is left; `None` when all is well again.
    fn left(&self) -> Option<Duration> {
        Some(self.patience.saturating_sub(self.troubled()?))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;
    use crate::answer::{Answer, Shape};

    fn gate() -> Gate {
        Gate::new(Duration::from_mins(10), 6)
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
            let probe = || std::future::ready(probes.fetch_add(1, Ordering::Relaxed) == 4);
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
        assert!(gate.pass(every_second(), || std::future::ready(false)).await.is_none());
        assert_eq!(started.elapsed(), Duration::from_mins(10));
        assert_eq!(gate.note(&Seen::Unreachable), Server::Gone);
        // Everyone else learns it at once.
        assert!(gate.pass(every_second(), || async { panic!("nobody asks any more") }).await.is_none());
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
        let pass = gate.pass(every_second(), || std::future::ready(true)).await.unwrap();
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
}
