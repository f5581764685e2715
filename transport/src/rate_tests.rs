//! The rate against servers that count requests, on a clock of their own.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::*;

/// Requests a second that the client would send if nobody stopped it: 64 in flight at 20 ms.
const MOST: f64 = 3200.0;
const LATENCY: Duration = Duration::from_millis(20);

/// Answers none to a request at a time when it serves it, else when to come back.
trait Server {
    fn take(&mut self, at: Duration) -> Option<Duration>;
}

/// Tokens that come at a rate; says "in a second" whatever it has.
struct Bucket {
    per_second: f64,
    most: f64,
    tokens: f64,
    at: Duration,
}

impl Bucket {
    const fn new(per_second: f64, most: f64) -> Self {
        Self { per_second, most, tokens: most, at: Duration::ZERO }
    }
}

impl Server for Bucket {
    fn take(&mut self, at: Duration) -> Option<Duration> {
        let come = self.per_second * at.saturating_sub(self.at).as_secs_f64();
        self.tokens = (self.tokens + come).min(self.most);
        self.at = at;
        if self.tokens < 1.0 {
            return Some(Duration::from_secs(1));
        }
        self.tokens -= 1.0;
        None
    }
}

/// So many requests in each window; says when the next begins.
struct Windows {
    seconds: u64,
    most: u32,
    now: u64,
    taken: u32,
}

impl Server for Windows {
    fn take(&mut self, at: Duration) -> Option<Duration> {
        let now = at.as_secs() / self.seconds;
        if now > self.now {
            (self.now, self.taken) = (now, 0);
        }
        self.taken += 1;
        (self.taken > self.most).then(|| Duration::from_secs((now + 1) * self.seconds).saturating_sub(at))
    }
}

struct Run {
    rate: Rate,
    start: Instant,
    next: Duration,
    paused_until: Duration,
    /// When requests in flight are answered, and how long the server asks to wait.
    in_flight: BinaryHeap<Reverse<(Duration, Option<Duration>)>>,
    done: u32,
    refused: u32,
}

impl Run {
    fn new() -> Self {
        let start = Instant::now();
        let (next, paused_until) = (Duration::ZERO, Duration::ZERO);
        Self { rate: Rate::new(start), start, next, paused_until, in_flight: BinaryHeap::new(), done: 0, refused: 0 }
    }

    /// Sends until a time; the requests a second that were served.
    fn until(&mut self, until: Duration, server: &mut dyn Server) -> f64 {
        let (from, before) = (self.next, self.done);
        while self.next < until {
            while let Some(Reverse((at, wait))) = self.in_flight.peek().copied()
                && at <= self.next
            {
                self.in_flight.pop();
                self.answer(at, wait);
            }
            if self.next < self.paused_until {
                self.next = self.paused_until;
                continue;
            }
            self.in_flight.push(Reverse((self.next + LATENCY, server.take(self.next))));
            let own = Duration::from_secs_f64(1.0 / MOST);
            self.next += self.rate.distance().map_or(own, |distance| distance.max(own));
        }
        f64::from(self.done - before) / until.saturating_sub(from).as_secs_f64()
    }

    fn answer(&mut self, at: Duration, wait: Option<Duration>) {
        let now = self.start + at;
        if let Some(wait) = wait {
            self.refused += 1;
            self.paused_until = self.paused_until.max(at + wait);
            self.rate.refused(now, self.start + self.paused_until);
        } else {
            self.done += 1;
            self.rate.served(now);
        }
    }
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn nobody_is_slowed_down_whom_no_server_refuses() {
    let mut run = Run::new();
    run.until(seconds(10), &mut Bucket::new(5000.0, 500.0));
    assert_eq!((run.rate.distance(), run.refused), (None, 0));
}

#[test]
fn the_rate_of_a_server_that_counts_is_found_within_seconds_and_kept() {
    for per_second in [2.0, 20.0, 500.0, 2000.0] {
        let mut found = Vec::new();
        for saved in [0.1, 1.0, 10.0] {
            let mut run = Run::new();
            let mut server = Bucket::new(per_second, f64::max(1.0, per_second * saved));
            let first = run.until(seconds(30), &mut server) / per_second;
            let refused = run.refused;
            let later = run.until(seconds(330), &mut server) / per_second;
            let oversteps = run.refused - refused;
            assert!(first >= 0.6 && later >= 0.75, "{per_second}, {saved} s saved: {first}, {later}");
            assert!(oversteps <= 50, "{per_second}, {saved} s saved: {oversteps}");
            found.push(later);
        }
        assert!(found[1] >= 0.98 && found[2] >= 0.98, "nothing is lost of what is saved up: {found:?}");
    }
}

#[test]
fn what_a_server_serves_in_each_window_is_used_up() {
    for (length, most) in [(1, 500), (10, 3000), (60, 6000)] {
        let mut run = Run::new();
        let mut server = Windows { seconds: length, most, now: 0, taken: 0 };
        let rate = run.until(seconds(600), &mut server) * length as f64 / f64::from(most);
        assert!(rate >= 0.97, "{most} in {length} s: {rate}");
    }
}

#[test]
fn a_server_that_serves_nothing_is_asked_ever_less() {
    struct Shut;
    impl Server for Shut {
        fn take(&mut self, _: Duration) -> Option<Duration> {
            Some(seconds(1))
        }
    }
    let mut run = Run::new();
    run.until(seconds(60), &mut Shut);
    assert_eq!(run.done, 0);
    assert!(run.rate.distance().is_some_and(|distance| distance >= seconds(1)), "{:?}", run.rate);
    // It opens again.
    let mut server = Bucket::new(500.0, 50.0);
    server.at = seconds(60);
    run.until(seconds(120), &mut server);
    let rate = run.until(seconds(180), &mut server);
    assert!(rate >= 0.85 * 500.0, "{rate}");
}

#[test]
fn a_server_that_refused_for_another_reason_is_soon_used_as_before() {
    let mut run = Run::new();
    run.until(seconds(5), &mut Bucket::new(5000.0, 500.0));
    let mut restarting = Bucket::new(20.0, 20.0);
    restarting.at = seconds(5);
    run.until(seconds(10), &mut restarting);
    let mut server = Bucket::new(5000.0, 500.0);
    server.at = seconds(10);
    run.until(seconds(30), &mut server);
    let rate = run.until(seconds(40), &mut server);
    assert!(rate >= 0.95 * MOST, "{rate}");
}

#[test]
fn a_server_that_bears_more_later_gets_more() {
    let mut run = Run::new();
    run.until(seconds(100), &mut Bucket::new(200.0, 20.0));
    let mut server = Bucket::new(600.0, 60.0);
    server.at = seconds(100);
    run.until(seconds(300), &mut server);
    let rate = run.until(seconds(400), &mut server);
    assert!(rate >= 0.9 * 600.0, "{rate}");
}
