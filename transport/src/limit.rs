//! How many requests in flight a server bears, found out by trying. Pure: the time comes from the caller.
//!
//! What N requests in flight achieve in a second is N divided by the latency. So one more request helps as long as it does
//! not make all of them slower in the same measure, and the latency alone tells: [`Limiter`] starts low, doubles while
//! that pays, stops where answers only become slower, tries again now and then, and gives way when the server asks for
//! it (429, 503) or has become slow. It is the idea of TCP Vegas and of Netflix's gradient limiter, without a latency
//! "at rest", which differs from resource to resource and is never seen during a run.

use std::time::Duration;

use tokio::time::Instant;

/// Requests in flight at the start.
const START: usize = 4;
/// Shortest time to judge a limit by.
const WINDOW: Duration = Duration::from_millis(100);
/// Below this latency nobody waits for anything: a higher limit does no harm.
const HARMLESS: f64 = 0.005;
/// A higher limit has to bring this share of what it would bring on a server that has room.
const WORTH_IT: f64 = 0.3;
/// First and longest wait before a limit that proved best is tried again.
const HOLD: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(30));
/// How long the limit at which a server asked for patience is kept away from.
const CEILING: Duration = Duration::from_secs(20);

/// Finds the limit. Told of every answer and every refusal to serve.
#[derive(Debug)]
pub(crate) struct Limiter {
    bound: usize,
    limit: usize,
    phase: Phase,
    window: Window,
    /// The next wait before a higher limit is tried.
    hold: Duration,
    /// The limit at which the server asked for patience, and when.
    ceiling: Option<(usize, Instant)>,
    last_cut: Option<Instant>,
}

/// Answers since a limit was set.
#[derive(Debug, Default)]
struct Window {
    /// Answers to requests that were sent under the limit before.
    skip: usize,
    from: Option<Instant>,
    answers: usize,
    seconds: f64,
}

/// What a limit was found to be like.
#[derive(Debug, Clone, Copy)]
struct Level {
    limit: usize,
    latency: f64,
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    /// Nothing is known yet.
    Starting,
    /// A higher limit than `below` is tried. `fast`: it doubles. `doubted`: one window said that it does not pay.
    Rising { below: Level, fast: bool, doubted: bool },
    /// The limit is good. `high`: windows in a row with a latency far above the level's.
    Settled { level: Option<Level>, until: Instant, high: u32 },
    /// A lower limit than `above` is tried, since answers have become slow.
    Easing { above: Level },
}

impl Limiter {
    pub(crate) fn new(bound: usize) -> Self {
        let limit = START.min(bound);
        Self {
            bound,
            limit,
            phase: Phase::Starting,
            window: Window::default(),
            hold: HOLD.0,
            ceiling: None,
            last_cut: None,
        }
    }

    pub(crate) const fn limit(&self) -> usize {
        self.limit
    }

    /// Notes an answer that took so long.
    pub(crate) fn answered(&mut self, now: Instant, latency: Duration) {
        let window = &mut self.window;
        if window.skip > 0 {
            window.skip -= 1;
            return;
        }
        let from = *window.from.get_or_insert(now);
        window.answers += 1;
        window.seconds += latency.as_secs_f64();
        if window.answers < 2 * self.limit.max(4) || now.duration_since(from) < WINDOW {
            return;
        }
        let level = Level { limit: self.limit, latency: window.seconds / window.answers as f64 };
        *window = Window::default();
        self.judge(now, level);
    }

    /// Notes that the server is overloaded. Answers of requests that were in flight together tell of one overload: only
    /// the first of them counts.
    pub(crate) fn overloaded(&mut self, now: Instant) {
        const ONE_OVERLOAD: Duration = Duration::from_millis(500);
        const SOON: Duration = Duration::from_secs(3);
        let since = self.last_cut.map(|at| now.duration_since(at));
        if since.is_some_and(|since| since < ONE_OVERLOAD) {
            return;
        }
        // Far above what the server bears, or close to it?
        let far =
            matches!(self.phase, Phase::Starting | Phase::Rising { fast: true, .. }) || since.is_some_and(|s| s < SOON);
        self.last_cut = Some(now);
        self.ceiling = Some((self.limit, now));
        let lower = if far { self.limit / 2 } else { self.limit * 4 / 5 };
        self.set(lower.min(self.limit - 1).max(1));
        self.phase = Phase::Settled { level: None, until: now + HOLD.0 / 4, high: 0 };
    }

    /// Forgets everything: the server was away, and what it bears now is another matter.
    pub(crate) fn restart(&mut self) {
        *self = Self { last_cut: self.last_cut, ..Self::new(self.bound) };
    }

    fn judge(&mut self, now: Instant, level: Level) {
        match self.phase {
            Phase::Starting => self.rise(now, level, true),
            Phase::Rising { below, fast, doubted } => {
                if level.latency < HARMLESS || gain(below, level) >= WORTH_IT {
                    self.hold = HOLD.0;
                    self.rise(now, level, fast);
                } else if doubted {
                    self.set(below.limit);
                    self.settle(now, Some(below));
                } else {
                    // One bad window can be chance.
                    self.phase = Phase::Rising { below, fast, doubted: true };
                }
            }
            Phase::Settled { level: None, until, .. } => {
                self.phase = Phase::Settled { level: Some(level), until, high: 0 };
            }
            Phase::Settled { level: Some(known), until, high } => self.watch(now, known, level, until, high),
            Phase::Easing { above } => {
                // Fewer in flight and as much done: they had only been waiting in line.
                if rate(level) >= 0.9 * rate(above) {
                    if level.latency > HARMLESS && rate(level) >= 0.97 * rate(above) && self.limit > 1 {
                        self.phase = Phase::Easing { above: level };
                        self.set((self.limit * 3 / 4).max(1));
                    } else {
                        self.settle(now, Some(level));
                    }
                } else {
                    self.set(above.limit);
                    self.settle(now, Some(above));
                }
            }
        }
    }

    /// Tries more, if more is allowed.
    fn rise(&mut self, now: Instant, below: Level, fast: bool) {
        let step = if fast { self.limit } else { (self.limit / 4).max(1) };
        let ceiling = self.ceiling.filter(|(_, at)| now.duration_since(*at) < CEILING);
        let most = ceiling.map_or(self.bound, |(limit, _)| (limit - 1).clamp(1, self.bound));
        let limit = (self.limit + step).min(most);
        if limit <= self.limit {
            return self.settle(now, Some(below));
        }
        self.phase = Phase::Rising { below, fast, doubted: false };
        self.set(limit);
    }

    fn settle(&mut self, now: Instant, level: Option<Level>) {
        self.phase = Phase::Settled { level, until: now + self.hold, high: 0 };
        self.hold = (self.hold * 2).min(HOLD.1);
    }

    fn watch(&mut self, now: Instant, known: Level, level: Level, until: Instant, high: u32) {
        let slow = level.latency > 2.0 * known.latency && level.latency - known.latency > HARMLESS;
        if slow && high >= 2 && self.limit > 1 {
            self.phase = Phase::Easing { above: level };
            self.set((self.limit * 3 / 4).max(1));
        } else if now >= until && !slow {
            self.rise(now, level, false);
        } else {
            // Follows slow changes, and at once those for the better.
            let followed = (0.98 * known.latency + 0.02 * level.latency).min(level.latency);
            let known = Level { latency: followed, ..known };
            self.phase = Phase::Settled { level: Some(known), until, high: if slow { high + 1 } else { 0 } };
        }
    }

    fn set(&mut self, limit: usize) {
        self.window = Window { skip: self.limit, ..Window::default() };
        self.limit = limit;
    }
}

/// Requests a second.
fn rate(level: Level) -> f64 {
    level.limit as f64 / level.latency.max(1e-9)
}

/// What a higher limit brought, as a share of what it would bring on a server that has room for all.
fn gain(below: Level, level: Level) -> f64 {
    let more = level.limit as f64 / below.limit as f64 - 1.0;
    (rate(level) / rate(below) - 1.0) / more
}

#[cfg(test)]
#[path = "limit_tests.rs"]
mod tests;
