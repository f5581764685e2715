//! Who is meant by a server that asks for patience: all requests, or one. Pure: the time comes from the caller.
//!
//! What throttles are rates and quotas, which are the same for every request, and then every request waits. Something in front of
//! the API may also answer so to what one body holds, however often it comes; and now and then to one, whatever the rate. Were
//! it believed each time, one record would bring a whole run to a crawl, or to an end.

use std::time::Duration;

use tokio::time::Instant;

use crate::answer::Answer;
use crate::decision::Seen;

/// So often in a row a request is asked for patience before it is taken to be about itself, and so many others are served in
/// that time; or twice, and as many as make it plain.
const ITSELF: [(u32, u64); 2] = [(4, 4), (2, 100)];
/// A wait for longer than this is no word about a rate, but about a quota that is used up: or about one request.
const BRIEF: Duration = Duration::from_secs(5);
/// So many requests, one after the other and with none served between them, are asked for a long wait before all are meant.
const LONG: usize = 3;
/// Requests that were refused among the last answers, and their share in hundredths, from which on the server throttles. Below
/// that the few that are refused wait for themselves: a server that is near its limit refuses some, and something in front of
/// it now and then one, whatever the rate.
const THROTTLED: (u32, u32) = (10, 8);
/// A server that has throttled so long ago may do so still.
const LATELY: Duration = Duration::from_mins(2);
/// About so many answers are remembered.
const REMEMBERED: u32 = 256;

/// Whom a server means that asks a request for patience, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meant {
    /// The request, and no other: it is asked again and again while others are served.
    One,
    /// The same of a server that meant all not long ago, and may do so still.
    OneOrAll,
    /// The request or all, which are asked for a long wait: only others can tell.
    Unclear,
    /// The few that are asked now and then.
    Few,
    /// Everybody.
    All,
}

impl Meant {
    /// Whether the request is asked again and again while others are served.
    pub(crate) const fn is_about_itself(self) -> bool {
        matches!(self, Self::One | Self::OneOrAll)
    }

    /// Whether what the server asks for is surely not for the request alone.
    pub(crate) const fn is_for_others(self) -> bool {
        matches!(self, Self::Few | Self::All)
    }
}

/// How the server asks for patience.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    /// Whether it does so itself (429, 503), and not what stands in front of it and got no answer (502, 504).
    pub(crate) itself: bool,
    /// For how long, if it says so.
    pub(crate) wait: Option<Duration>,
    /// How many requests it had served then.
    pub(crate) served: u64,
    /// Whether it may tell of a rate: what is said while the server is away does not.
    pub(crate) of_a_rate: bool,
}

impl Asked {
    /// How a try was asked for patience, if it was, when the server had served so many.
    pub(crate) fn of(seen: &Seen<'_>, served: u64, was_open: bool) -> Option<Self> {
        let wait = seen.asks_to_wait();
        let (itself, paces) = match seen {
            Seen::Answer(Answer { status: 429 | 503, .. }) => (true, true),
            Seen::Answer(Answer { status: 502 | 504, .. }) => (false, true),
            _ if seen.is_busy() && wait.is_some() => (false, false),
            _ => return None,
        };
        Some(Self { itself, wait, served, of_a_rate: paces && was_open })
    }
}

/// What one request was asked in a row.
#[derive(Debug, Clone)]
pub(crate) struct Patience {
    /// Tells the request from others.
    pub(crate) request: u64,
    in_a_row: u32,
    /// How many requests the server had served when it was first asked for patience, and was last.
    served: (u64, u64),
}

/// What all requests of a connection were asked.
#[derive(Debug, Default)]
pub(crate) struct Doubt {
    /// The last answers, and those of them that asked for patience, or were none of the server's.
    answers: u32,
    refusals: u32,
    /// When many were refused last.
    throttled: Option<Instant>,
    /// Which requests were asked for a long wait, each once, since the server had served so many.
    long: (Vec<u64>, u64),
}

impl Patience {
    pub(crate) fn of(request: u64) -> Self {
        Self { request, in_a_row: 0, served: (0, 0) }
    }

    /// Notes another answer.
    pub(crate) fn over(&mut self) {
        *self = Self::of(self.request);
    }

    fn asked(&mut self, served: u64) {
        let first = if self.in_a_row == 0 { served } else { self.served.0 };
        (self.in_a_row, self.served) = (self.in_a_row + 1, (first, served));
    }

    fn is_about_itself(&self) -> bool {
        let others = self.served.1 - self.served.0;
        ITSELF.iter().any(|(times, served)| self.in_a_row >= *times && others >= *served)
    }
}

impl Doubt {
    /// Notes that a request is asked for patience, and says who is meant.
    pub(crate) fn asked(&mut self, now: Instant, patience: &mut Patience, asked: Asked) -> Meant {
        let long = asked.wait.is_some_and(|wait| wait > BRIEF);
        let unclear = long && self.is_unclear(patience.request, asked.served);
        if asked.itself {
            patience.asked(asked.served);
        } else {
            patience.over();
        }
        if patience.is_about_itself() {
            if self.is_throttled(now) { Meant::OneOrAll } else { Meant::One }
        } else if unclear {
            Meant::Unclear
        } else if asked.of_a_rate {
            self.share(now, long)
        } else {
            Meant::All
        }
    }

    /// Notes a request that was served.
    pub(crate) fn served(&mut self) {
        self.note(false);
    }

    /// Whether all requests were meant not long ago.
    pub(crate) fn is_throttled(&self, now: Instant) -> bool {
        self.throttled.is_some_and(|at| now.saturating_duration_since(at) < LATELY)
    }

    /// Whether a long wait may be about the request alone.
    fn is_unclear(&mut self, request: u64, served: u64) -> bool {
        if self.long.1 != served {
            self.long = (Vec::new(), served);
        }
        let requests = &mut self.long.0;
        if requests.len() < LONG && !requests.contains(&request) {
            requests.push(request);
        }
        requests.len() < LONG
    }

    fn share(&mut self, now: Instant, long: bool) -> Meant {
        self.note(true);
        let (count, share) = THROTTLED;
        let many = long || (self.refusals >= count && self.refusals * 100 >= self.answers * share);
        // Where it throttles, each refusal tells how far it lets one go.
        if !many && !self.is_throttled(now) {
            return Meant::Few;
        }
        (self.answers, self.refusals) = (0, 0);
        if many {
            self.throttled = Some(now);
        }
        Meant::All
    }

    fn note(&mut self, refused: bool) {
        self.answers += 1;
        self.refusals += u32::from(refused);
        if self.answers >= REMEMBERED {
            (self.answers, self.refusals) = (self.answers / 2, self.refusals / 2);
        }
    }
}

#[cfg(test)]
#[path = "meant_tests.rs"]
mod tests;
