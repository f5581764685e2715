//! A server that goes away: every request waits, one at a time finds out whether it is back.
//!
//! Without this, each record would burn its own tries against a server that is restarting, and a whole district's
//! records would be reported as failed one by one. Requests ask the [`Gate`] before each try and tell it what came of it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::blocked::{About, Blocked};
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
    blocked: Blocked,
    /// Whether everything waits only until the API is asked again whether a page is about its record.
    doubtful: bool,
    /// Whether it was said that the server is away.
    said: bool,
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
    Trial(tokio::sync::MutexGuard<'a, ()>),
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
    /// the server asked to come back; the others wait for what becomes of that. Who has waited with a trial `held` goes on.
    pub(crate) async fn pass<'a, P: Future<Output = Probed>>(
        &'a self,
        held: Option<Pass<'a>>,
        delays: impl Iterator<Item = Duration>,
        probe: impl Fn() -> P,
    ) -> Result<Pass<'a>, Closed> {
        if self.is_open() {
            return Ok(Pass::Open);
        }
        let (turn, mut has_waited) = match held {
            Some(Pass::Trial(turn)) => (turn, true),
            Some(Pass::Open) | None => (self.trial.lock().await, false),
        };
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
            let delay = if std::mem::take(&mut has_waited) || self.is_doubtful() { Duration::ZERO } else { delay };
            tokio::time::sleep(asked.unwrap_or(delay).min(left)).await;
            match probe().await {
                Probed::Back if self.opens() => return Ok(Pass::Open),
                Probed::Back => return Ok(Pass::Trial(turn)),
                Probed::Away(wait) => self.away(wait),
            }
        }
        Err(Closed::Gone)
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }

    /// Notes what came of a try, and says what all tries together tell of the server. A wait that it asks for counts unless it
    /// is `doubted` that all are meant.
    pub(crate) fn note(&self, seen: &Seen<'_>, doubted: bool) -> Server {
        match seen.sign_of_an_outage() {
            None if !seen.is_throttled() => {
                self.reached();
                Server::There
            }
            sign => self.trouble(sign, seen.asks_to_wait().filter(|_| !doubted)),
        }
    }

    /// Notes that no token was to be had, as the server that gives them is away.
    pub(crate) fn note_no_token(&self) -> Server {
        self.trouble(Some(Sign::NobodyThere), None)
    }

    /// Whether a page in the place of an answer is about the record that it came to.
    pub(crate) fn is_about_the_record(&self, pass: &Pass<'_>) -> bool {
        self.state().blocked.about(Instant::now(), pass.is_trial()) == About::Record
    }

    /// Notes that a record was refused for a page. That of a trial tells that the server is there.
    pub(crate) fn note_blocked(&self, pass: &Pass<'_>) {
        let mut state = self.state();
        state.blocked.refused(pass.is_trial());
        if pass.is_trial() && !self.is_open() {
            self.open(&mut state);
            if std::mem::take(&mut state.said) {
                tracing::warn!("the ODS/API answers, and single records are kept from it; going on");
            }
        }
    }

    /// Whether everything waits only until it is known whether a page is about its record.
    pub(crate) fn is_doubtful(&self) -> bool {
        !self.is_open() && self.state().doubtful
    }

    fn reached(&self) {
        if self.calm.load(Ordering::Acquire) {
            return;
        }
        let mut state = self.state();
        let (said, since) = (std::mem::take(&mut state.said), state.trouble_since);
        state.blocked.served(Instant::now());
        self.open(&mut state);
        self.calm.store(true, Ordering::Release);
        drop(state);
        if said && let Some(since) = since {
            tracing::warn!(seconds = since.elapsed().as_secs(), "the ODS/API is back; going on");
        }
    }

    /// What the signs told of is over.
    fn open(&self, state: &mut State) {
        (state.trouble_since, state.in_a_row, state.certain, state.asked) = (None, 0, false, None);
        state.doubtful = false;
        self.open.store(true, Ordering::Release);
    }

    /// Notes an answered probe, and says whether it is enough to go on: after silence alone, and where all that is asked is
    /// whether the API is still there.
    fn opens(&self) -> bool {
        let mut state = self.state();
        state.blocked.answered(Instant::now());
        if state.doubtful {
            self.open(&mut state);
            return true;
        }
        if state.certain {
            return false;
        }
        state.in_a_row = 0;
        self.open.store(true, Ordering::Release);
        true
    }

    /// Notes a probe that tells that the server is away.
    fn away(&self, wait: Option<Duration>) {
        let mut state = self.state();
        state.ask(wait);
        state.blocked.away();
        state.certain |= std::mem::take(&mut state.doubtful);
        self.say_away(&mut state);
    }

    /// Notes a try without an answer that counts; without a sign the server only asked to come back later.
    fn trouble(&self, sign: Option<Sign>, wait: Option<Duration>) -> Server {
        let mut state = self.state();
        state.ask(wait);
        self.calm.store(false, Ordering::Release);
        let about = match sign {
            // Where it is not the only trouble, it is one with the rest.
            Some(Sign::Page) if state.in_a_row == 0 => state.blocked.about(Instant::now(), false),
            _ => About::Server,
        };
        if about == About::Record && self.is_open() {
            return Server::There;
        }
        let since = *state.trouble_since.get_or_insert_with(Instant::now);
        if about == About::Doubtful {
            state.doubtful |= self.open.swap(false, Ordering::AcqRel);
        } else if let Some(sign) = sign
            && about == About::Server
        {
            state.in_a_row = state.in_a_row.saturating_add(1);
            state.certain |= sign != Sign::Silence;
            state.doubtful = false;
            let closes = sign == Sign::NobodyThere || state.in_a_row > self.policy.tries;
            if closes && self.open.swap(false, Ordering::AcqRel) {
                self.say_away(&mut state);
            }
        }
        if since.elapsed() >= self.policy.outage {
            return Server::Gone;
        }
        if self.is_open() { Server::There } else { Server::Away }
    }

    fn say_away(&self, state: &mut State) {
        if !std::mem::replace(&mut state.said, true) {
            let minutes = self.policy.outage.as_secs() / 60;
            tracing::warn!(minutes, "the ODS/API is away; everything waits for it");
        }
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
#[path = "outage_tests.rs"]
mod tests;
