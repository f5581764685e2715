//! What happens after a try: the one place that decides.

use std::time::Duration;

use crate::answer::{Answer, Shape};
use crate::classify::{classify, classify_conflict, is_foreign, is_not_the_api};
use crate::config::RetryPolicy;
use crate::meant::Meant;
use crate::outcome::RefusalClass;

/// What a request does. All may be repeated: a POST updates the item of the same natural key, PUT and DELETE name the item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Insert or update by natural key.
    Post,
    /// Replace by id.
    Put,
    /// Delete by id.
    Delete,
    /// Query.
    Read,
}

impl Operation {
    /// The HTTP method.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
            Self::Read => "GET",
        }
    }
}

/// What came of one try.
#[derive(Debug, Clone, Copy)]
pub enum Seen<'a> {
    /// The server answered.
    Answer(&'a Answer),
    /// Something in front of the API answered, or an API that is not Ed-Fi's: a proxy, a page that asks to sign in.
    Foreign(&'a Answer),
    /// A success status with a body that cannot be read.
    BadBody,
    /// No answer within the time limit; the request may have been carried out.
    TimedOut,
    /// The connection was lost; the request may have been carried out.
    ConnectionLost,
    /// No connection was opened, so nothing was carried out.
    Unreachable,
}

impl<'a> Seen<'a> {
    /// An answer to `operation`: the API's own, or one that no Ed-Fi API gives.
    pub fn of(answer: &'a Answer, operation: Operation) -> Self {
        if is_foreign(answer, operation) { Self::Foreign(answer) } else { Self::Answer(answer) }
    }
}

impl Seen<'_> {
    /// What this tells of a server that may be away: restarting, behind a gateway that cannot reach it.
    pub(crate) fn sign_of_an_outage(&self) -> Option<Sign> {
        match self {
            Self::Unreachable => Some(Sign::NobodyThere),
            Self::TimedOut | Self::ConnectionLost => Some(Sign::Silence),
            Self::Answer(answer) => is_not_the_api(answer).then_some(Sign::Gateway),
            Self::Foreign(answer) if answer.status == PROXY_LOGIN => Some(Sign::NobodyThere),
            Self::Foreign(_) => Some(Sign::Page),
            Self::BadBody => None,
        }
    }

    /// Answers that are final for the body more often than not, yet are worth a few repeats: a 500 can be a deadlock, a key
    /// conflict two inserts of the same key at the same moment, a web page a proxy's that is gone in a moment.
    fn is_repeatable(&self) -> bool {
        match self {
            Self::Answer(answer) => match answer.status {
                500 | 501 => true,
                409 => classify_conflict(answer) == RefusalClass::KeyConflict,
                _ => false,
            },
            Self::Foreign(_) => true,
            Self::BadBody | Self::TimedOut | Self::ConnectionLost | Self::Unreachable => false,
        }
    }

    /// How long the server asks to wait. "Now" is no wait at all: the schedule's is kinder to a server that says so while it
    /// is busy.
    pub(crate) fn asks_to_wait(&self) -> Option<Duration> {
        let Self::Answer(answer) = self else { return None };
        answer.retry_after.filter(|wait| !wait.is_zero())
    }

    /// Whether it asks to come back later, and perhaps everybody.
    pub(crate) fn is_busy(&self) -> bool {
        matches!(self, Self::Answer(answer) if matches!(answer.status, 408 | 429 | 502..=599))
    }

    pub(crate) fn is_throttled(&self) -> bool {
        matches!(self, Self::Answer(answer) if answer.status == 429)
    }
}

/// How a try tells that the server may be away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    /// No connection can be opened, or a proxy on the way lets nobody through.
    NobodyThere,
    /// Something in front of it answers that cannot reach it.
    Gateway,
    /// Something in front of it answers for it: it may also dislike the record.
    Page,
    /// No answer comes: it may also be the record that it chokes on.
    Silence,
}

/// What the tries of all requests together tell of the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Server {
    /// It answers.
    #[default]
    There,
    /// It does not answer just now.
    Away,
    /// It has not answered for longer than the policy waits.
    Gone,
}

/// What was tried so far for one request, the try to decide about included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tries in all.
    pub attempts: u32,
    /// Of these, tries that ended in a 500, a key conflict or an answer that is not the API's.
    pub repeats: u32,
    /// Of these, tries that say nothing about the record: the server was away, or asked to come back later. They cost
    /// nothing of the budget.
    pub free: u32,
    /// How often the token was renewed for this request.
    pub renewed: u32,
    /// Whether the token of the last try was good for some request before.
    pub token_was_good: bool,
    /// What is known of the server after the last try.
    pub server: Server,
    /// Who is meant, if the last try was asked for patience.
    pub meant: Option<Meant>,
    /// Whether the last try of a write came to what is no answer of the API's although the API answers.
    pub blocked: bool,
    /// How long the request has been under way.
    pub waited: Duration,
    /// How long the server has let no request through.
    pub troubled: Duration,
}

impl Tally {
    /// Counts a try; `server` is what all tries tell of the server, this one included.
    pub fn count(&mut self, seen: &Seen<'_>, server: Server) {
        self.attempts += 1;
        self.server = server;
        if seen.is_throttled() || is_free(seen, server, self.blocked) {
            self.free += 1;
        } else if seen.is_repeatable() {
            self.repeats += 1;
        }
    }
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Committed, or read.
    Done,
    /// Repeat after this wait; `None`: after the policy's next one.
    RetryAfter(Option<Duration>),
    /// Wait with every other request until the server is back, then repeat.
    Pause,
    /// Get another token, then repeat at once.
    RenewToken,
    /// Final for this body.
    Refused(RefusalClass),
    /// The budget is used up without a final answer.
    Unknown,
    /// The server asks this request alone for a wait that is longer than a run waits: it is left to the next run.
    PutOff,
    /// The run cannot go on: a new token was refused, or the server is gone.
    Stop,
    /// The run cannot go on: the server asks to wait for so long, which is longer than it may be away.
    StopFor(Duration),
}

/// What a proxy answers that wants a login. It is about every request, and never about a record.
pub(crate) const PROXY_LOGIN: u16 = 407;

/// Longest time for which a request is repeated that the server alone asks for patience.
const LONE: Duration = Duration::from_mins(1);

/// Most renewals of the token for one request.
const RENEWALS: u32 = 20;

/// Decides what happens after a try of `operation`. Pure: all it knows is in the arguments.
pub fn decide(seen: &Seen<'_>, operation: Operation, tally: &Tally, policy: &RetryPolicy) -> Decision {
    // The repeat after a renewal is not the server's fault and costs no try.
    let spent = tally.attempts >= policy.tries + tally.free + tally.renewed;
    let wait = seen.asks_to_wait();
    let for_others = tally.meant.is_none_or(Meant::is_for_others);
    let too_long = wait.filter(|wait| !policy.may_wait(*wait, tally.troubled));
    if is_free(seen, tally.server, tally.blocked) {
        if tally.server == Server::Gone {
            return Decision::Stop;
        }
        // What it asks for is waited for before it is asked whether it is back (see `Gate::pass`).
        return too_long.filter(|_| for_others).map_or(Decision::Pause, Decision::StopFor);
    }
    // A page that comes again though the API answers is about this record.
    let blocked = tally.blocked && tally.repeats > 1;
    let repeats = seen.is_repeatable() && !spent && !blocked && tally.repeats < policy.repeat_tries;
    let answer = match seen {
        Seen::Answer(answer) => *answer,
        Seen::Foreign(_) if repeats => return Decision::RetryAfter(None),
        Seen::Foreign(_) => return Decision::Refused(RefusalClass::NotAnApi),
        Seen::BadBody | Seen::TimedOut | Seen::ConnectionLost | Seen::Unreachable if spent => return Decision::Unknown,
        Seen::TimedOut | Seen::ConnectionLost if tally.server == Server::Gone => return Decision::Stop,
        Seen::BadBody | Seen::TimedOut | Seen::ConnectionLost | Seen::Unreachable => return Decision::RetryAfter(None),
    };
    match answer.status {
        // Other requests can use up a new token before this one's turn comes; a token that was never good is another matter.
        401 if tally.renewed >= RENEWALS || (tally.renewed > 0 && !tally.token_was_good) => Decision::Stop,
        401 => Decision::RenewToken,
        // Not carried out, and no fault of the record: it waits as long as the server lets others through.
        429 if tally.server == Server::Gone => Decision::Stop,
        429 if tally.meant == Some(Meant::One) && tally.waited >= LONE => Decision::Unknown,
        429 if tally.waited >= policy.outage => Decision::Unknown,
        408 | 502..=599 if spent => Decision::Unknown,
        408 | 429 | 502..=599 if too_long.is_some() && !for_others => Decision::PutOff,
        408 | 429 | 502..=599 => too_long.map_or(Decision::RetryAfter(wait), Decision::StopFor),
        // A 500 or a conflict asks for no patience; a word about it is heeded as far as it goes.
        _ if repeats => Decision::RetryAfter(wait.filter(|_| too_long.is_none())),
        200..=299 if !matches!(answer.shape, Shape::WebPage) => Decision::Done,
        _ => Decision::Refused(classify(answer, operation)),
    }
}

/// A try that met no server: it says nothing about the record. A lost connection or a time-out may be the record's own
/// doing even then.
fn is_free(seen: &Seen<'_>, server: Server, blocked: bool) -> bool {
    match seen {
        Seen::Unreachable => true,
        Seen::Answer(answer) => server != Server::There && is_not_the_api(answer),
        // The API answers, and something in front of it keeps this record away.
        Seen::Foreign(answer) => (server != Server::There && !blocked) || answer.status == PROXY_LOGIN,
        Seen::BadBody | Seen::TimedOut | Seen::ConnectionLost => false,
    }
}

#[cfg(test)]
#[path = "decision_tests.rs"]
mod tests;
