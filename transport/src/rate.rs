//! How many requests a second a server lets through that says when to come back, found out by trying. Pure: the time
//! comes from the caller.
//!
//! A server that answers 429 with a time counts requests, and every overstepping costs all of that time. Between two of them
//! it let through at least what it served in all the time between, pause included, and less than was tried when it said no:
//! [`Rate`] goes on between the two, and then creeps up, the slower the closer it is to where it was refused.

use std::time::Duration;

use tokio::time::Instant;

/// Time over which is counted how fast requests are served.
const WINDOW: Duration = Duration::from_millis(200);
const ENOUGH: u32 = 3;
/// Answers of requests that were in flight together tell of one overstepping, at least for so long.
const ONE: Duration = Duration::from_millis(500);
/// Whoever is refused again within this was far above.
const SOON: Duration = Duration::from_secs(3);
/// First and longest time for which a rate is kept that is close to the one that was refused.
const HOLD: (Duration, Duration) = (Duration::from_secs(10), Duration::from_mins(1));
/// Growth a second: far below what was refused, below it, and close to it.
const GROWTH: (f64, f64, f64) = (1.0, 0.1, 0.02);
/// What is left after a refusal, at least: far above what the server lets through, and as far above as that growth brings
/// it until a server that has saved up the requests of a tenth of a second refuses.
const LESS: (f64, f64, f64) = (0.5, 0.88, 0.93);
/// Requests a second below which it never goes, and what is assumed to have been tried before anything was served.
const LEAST: f64 = 0.5;
const ASSUMED: f64 = 100.0;

/// Finds the rate. Told of every answer, and of every refusal that says when to come back.
#[derive(Debug, Clone)]
pub(crate) struct Rate {
    /// Requests a second that may begin; none as long as no server has refused.
    allowed: Option<f64>,
    /// What was tried when the server refused.
    refused: f64,
    /// Whether the last refusal came long after the one before, so that what it was refused at is close.
    close: bool,
    hold: Duration,
    hold_until: Instant,
    /// When the server refused last, or the beginning; and the end of the pause after it.
    since: Instant,
    resumed: Instant,
    /// Served since then.
    served: u32,
    /// Served since a moment, and how fast it was in the window before.
    window: (Instant, u32),
    before: Option<f64>,
}

impl Rate {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            allowed: None,
            refused: f64::INFINITY,
            close: false,
            hold: HOLD.0,
            hold_until: now,
            since: now,
            resumed: now,
            served: 0,
            window: (now, 0),
            before: None,
        }
    }

    /// The same after a pause that told nothing about it.
    pub(crate) fn resumed(&self, resumed: Instant) -> Self {
        Self { resumed, window: (resumed, 0), ..self.clone() }
    }

    /// From the beginning of one request to that of the next.
    pub(crate) fn distance(&self) -> Option<Duration> {
        self.allowed.map(|allowed| Duration::from_secs_f64(1.0 / allowed))
    }

    /// Notes a request that was served.
    pub(crate) fn served(&mut self, now: Instant) {
        self.served = self.served.saturating_add(1);
        self.window.1 += 1;
        let took = now.saturating_duration_since(self.window.0);
        if took < WINDOW || self.window.1 < ENOUGH {
            return;
        }
        let speed = f64::from(self.window.1) / took.as_secs_f64();
        self.before = Some(speed);
        self.window = (now, 0);
        if let Some(allowed) = self.allowed
            && now >= self.hold_until
            // Who does not use what is allowed learns nothing about more.
            && speed >= 0.8 * allowed
        {
            let (far, below, close) = GROWTH;
            let growth = match allowed / self.refused {
                // Far below what was refused once, or above it by so much that it must have been refused for another reason.
                share if !(0.45..1.5).contains(&share) => far,
                share if share > 1.1 => below,
                share if share < 0.95 && !self.close => below,
                _ => close,
            };
            self.allowed = Some(allowed * (1.0 + growth * took.as_secs_f64()).min(2.0));
        }
    }

    /// Notes that the server refused a request and everything pauses until `resumed`.
    pub(crate) fn refused(&mut self, now: Instant, resumed: Instant) {
        let again = now >= self.resumed && now.saturating_duration_since(self.since) >= ONE;
        if !again && self.allowed.is_some() {
            self.resumed = self.resumed.max(resumed);
            self.window.0 = self.resumed;
            return;
        }
        let going = now.saturating_duration_since(self.resumed);
        let took = now.saturating_duration_since(self.window.0);
        // A window that has just begun says little.
        let counted = f64::from(self.window.1) / took.max(WINDOW / 2).as_secs_f64();
        let speed = match self.before {
            Some(before) if took < WINDOW / 2 => before,
            _ => counted,
        };
        let let_through = f64::from(self.served) / now.saturating_duration_since(self.since).as_secs_f64();
        let (let_through, tried) = match self.allowed {
            Some(allowed) => {
                let speed = speed.max(f64::from(self.served) / going.as_secs_f64()).max(allowed / 2.0);
                (let_through.min(allowed), speed.min(allowed))
            }
            // What a server had saved up before the run says nothing.
            None => (0.0, speed.max(ASSUMED)),
        };
        // Where nothing is served at all, it is not for the rate.
        if self.served > 0 {
            self.refused = tried;
        }
        let close = self.allowed.is_some() && going >= SOON;
        let (far, below, near) = LESS;
        let less = if !close {
            far
        } else if self.close {
            near
        } else {
            below
        };
        self.close = close;
        self.allowed = Some((let_through * tried).sqrt().max(less * tried).min(tried).max(LEAST));
        self.hold_until = if self.close { resumed + self.hold } else { resumed };
        self.hold = if self.close { (self.hold * 2).min(HOLD.1) } else { HOLD.0 };
        (self.since, self.resumed, self.served) = (now, resumed, 0);
        (self.window, self.before) = ((resumed, 0), None);
    }
}

#[cfg(test)]
#[path = "rate_tests.rs"]
mod tests;
