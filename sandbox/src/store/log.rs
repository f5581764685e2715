//! Which requests were answered, and how.
//!
//! Bounded: so many requests one by one, and so many bytes of bodies. Bodies of refused requests have a share of their
//! own, so that ten thousand good requests do not push out the one that a vendor looks for.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};

/// One answered request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedRequest {
    /// `POST`.
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The answer's status; 0 when the connection was reset instead.
    pub status: u16,
}

/// One answered request with what was sent and answered. `Debug` shows no content: it is student data.
pub(crate) struct Exchange {
    /// From 1, in the order of the answers; the log gives it.
    pub(crate) number: u64,
    pub(crate) at: DateTime<Utc>,
    pub(crate) took: Duration,
    pub(crate) method: Box<str>,
    pub(crate) path: Box<str>,
    pub(crate) query: Box<str>,
    /// 0 when the connection was reset instead.
    pub(crate) status: u16,
    /// The client by the index of its key, when it had a good token.
    pub(crate) key: Option<usize>,
    /// The answer's `Location`.
    pub(crate) location: Option<Box<str>>,
    pub(crate) sent: Content,
    pub(crate) answer: Content,
}

impl Exchange {
    /// Whether it did not do what the client asked for.
    pub(crate) fn is_refused(&self) -> bool {
        self.status == 0 || self.status >= 400
    }

    fn kept(&self) -> usize {
        self.sent.kept() + self.answer.kept()
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("number", &self.number).field("status", &self.status).finish_non_exhaustive()
    }
}

/// A body, as far as the log has it.
#[derive(Clone, Default)]
pub(crate) struct Content {
    /// How long it was.
    pub(crate) length: usize,
    /// Its beginning; none when it was let go, or never kept.
    pub(crate) bytes: Option<Box<[u8]>>,
}

impl Content {
    /// The beginning of a body.
    pub(crate) fn of(body: &[u8]) -> Self {
        let bytes = &body[..body.len().min(LONGEST)];
        Self { length: body.len(), bytes: Some(bytes.into()) }
    }

    /// A body that is not to be kept.
    pub(crate) fn withheld(length: usize) -> Self {
        Self { length, bytes: None }
    }

    fn kept(&self) -> usize {
        self.bytes.as_ref().map_or(0, |bytes| bytes.len())
    }
}

/// How many requests are kept one by one.
const KEPT: usize = 100_000;

/// How much of one body is kept.
const LONGEST: usize = 64 << 10;

/// How many bytes of bodies are kept of good requests, and as many of refused ones.
const SHARE: usize = 16 << 20;

#[derive(Debug, Default)]
pub(crate) struct Log {
    /// Consecutive numbers, the oldest first.
    exchanges: VecDeque<Exchange>,
    last: u64,
    by_method: BTreeMap<Box<str>, u64>,
    good: Share,
    refused: Share,
}

/// The requests of one kind whose bodies are kept.
#[derive(Debug, Default)]
struct Share {
    numbers: VecDeque<u64>,
    bytes: usize,
}

impl Log {
    /// Adds a request; gives its number.
    pub(crate) fn add(&mut self, mut exchange: Exchange) -> u64 {
        match self.by_method.get_mut(&exchange.method) {
            Some(count) => *count += 1,
            None => {
                self.by_method.insert(exchange.method.clone(), 1);
            }
        }
        if self.exchanges.len() == KEPT {
            self.forget_oldest();
        }
        self.last += 1;
        exchange.number = self.last;
        let (kept, refused) = (exchange.kept(), exchange.is_refused());
        self.exchanges.push_back(exchange);
        if kept > 0 {
            let share = if refused { &mut self.refused } else { &mut self.good };
            share.numbers.push_back(self.last);
            share.bytes += kept;
            self.shrink(refused);
        }
        self.last
    }

    /// The newest first.
    pub(crate) fn newest(&self) -> impl Iterator<Item = &Exchange> {
        self.exchanges.iter().rev()
    }

    /// A request by its number.
    pub(crate) fn get(&self, number: u64) -> Option<&Exchange> {
        self.exchanges.get(self.position(number)?)
    }

    pub(super) fn requests(&self) -> Vec<LoggedRequest> {
        let logged = |exchange: &Exchange| LoggedRequest {
            method: exchange.method.as_ref().to_owned(),
            path: exchange.path.as_ref().to_owned(),
            status: exchange.status,
        };
        self.exchanges.iter().map(logged).collect()
    }

    pub(super) fn by_method(&self) -> BTreeMap<String, u64> {
        self.by_method.iter().map(|(method, count)| (method.as_ref().to_owned(), *count)).collect()
    }

    /// Forgets all requests; numbers go on.
    pub(super) fn clear(&mut self) {
        *self = Self { last: self.last, ..Self::default() };
    }

    fn position(&self, number: u64) -> Option<usize> {
        let first = self.exchanges.front()?.number;
        usize::try_from(number.checked_sub(first)?).ok()
    }

    fn forget_oldest(&mut self) {
        let Some(oldest) = self.exchanges.pop_front() else { return };
        let share = if oldest.is_refused() { &mut self.refused } else { &mut self.good };
        if share.numbers.front() == Some(&oldest.number) {
            share.numbers.pop_front();
            share.bytes -= oldest.kept();
        }
    }

    /// Lets go of the oldest bodies of one kind until its share suffices.
    fn shrink(&mut self, refused: bool) {
        loop {
            let share = if refused { &mut self.refused } else { &mut self.good };
            if share.bytes <= SHARE {
                return;
            }
            let Some(number) = share.numbers.pop_front() else { return };
            let Some(at) = self.position(number) else { continue };
            let exchange = &mut self.exchanges[at];
            let kept = exchange.kept();
            exchange.sent.bytes = None;
            exchange.answer.bytes = None;
            let share = if refused { &mut self.refused } else { &mut self.good };
            share.bytes -= kept;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(status: u16, size: usize) -> Exchange {
        Exchange {
            number: 0,
            at: DateTime::default(),
            took: Duration::ZERO,
            method: "POST".into(),
            path: "/data/v3/ed-fi/students".into(),
            query: "".into(),
            status,
            key: None,
            location: None,
            sent: Content::of(&vec![b'x'; size]),
            answer: Content::default(),
        }
    }

    #[test]
    fn good_requests_do_not_push_out_the_bodies_of_refused_ones() {
        let mut log = Log::default();
        let refused = log.add(exchange(400, 1000));
        let first = log.add(exchange(201, LONGEST));
        for _ in 0..SHARE / LONGEST {
            log.add(exchange(201, LONGEST));
        }
        assert_eq!(log.get(refused).unwrap().sent.kept(), 1000);
        let first = log.get(first).unwrap();
        assert_eq!((first.sent.kept(), first.sent.length), (0, LONGEST));
        assert_eq!(log.good.bytes, SHARE);
    }

    #[test]
    fn a_long_body_is_cut_and_says_how_long_it_was() {
        let mut log = Log::default();
        let number = log.add(exchange(201, LONGEST * 2));
        let sent = &log.get(number).unwrap().sent;
        assert_eq!((sent.kept(), sent.length), (LONGEST, LONGEST * 2));
    }

    #[test]
    fn the_oldest_requests_go_and_numbers_go_on() {
        let mut log = Log::default();
        for _ in 0..KEPT + 10 {
            log.add(exchange(201, 1));
        }
        assert_eq!(log.exchanges.len(), KEPT);
        assert_eq!((log.good.numbers.len(), log.good.bytes), (KEPT, KEPT));
        assert!(log.get(10).is_none() && log.get(11).is_some());
        assert_eq!(log.newest().next().unwrap().number, KEPT as u64 + 10);
        assert_eq!(log.by_method()["POST"], KEPT as u64 + 10);
        log.clear();
        assert_eq!(log.add(exchange(201, 1)), KEPT as u64 + 11);
    }
}
