//! The limiter against servers of several kinds, request by request, on a clock of their own.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::*;

/// A server: how long a request takes, and whether it is refused, given how many are in flight with it.
struct Run {
    limiter: Limiter,
    start: Instant,
    now: Duration,
    /// When requests in flight are answered, when they were sent, and whether with a refusal.
    in_flight: BinaryHeap<Reverse<(Duration, Duration, bool)>>,
    done: usize,
    refused: usize,
}

impl Run {
    fn new(bound: usize) -> Self {
        let start = Instant::now();
        let limiter = Limiter::new(bound);
        Self { limiter, start, now: Duration::ZERO, in_flight: BinaryHeap::new(), done: 0, refused: 0 }
    }

    /// Serves for `time`; the answers a second in it.
    fn serve(&mut self, time: Duration, server: impl Fn(usize) -> Option<Duration>) -> f64 {
        let (until, before) = (self.now + time, self.done);
        while self.now < until {
            while self.in_flight.len() < self.limiter.limit() {
                let answer = server(self.in_flight.len() + 1);
                // Requests of one moment are answered one after the other.
                let takes =
                    answer.unwrap_or(Duration::from_millis(2)) + Duration::from_micros(self.in_flight.len() as u64);
                self.in_flight.push(Reverse((self.now + takes, self.now, answer.is_none())));
            }
            let Reverse((at, sent, refused)) = self.in_flight.pop().unwrap();
            self.now = at;
            if refused {
                self.refused += 1;
                self.limiter.overloaded(self.start + at);
            } else {
                self.done += 1;
                self.limiter.answered(self.start + at, at.saturating_sub(sent));
            }
        }
        (self.done - before) as f64 / time.as_secs_f64()
    }
}

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// So many requests are served at once, each in so long; the others wait in line.
fn workers(number: usize, each: Duration) -> impl Fn(usize) -> Option<Duration> {
    move |in_flight| Some(each.mul_f64((in_flight as f64 / number as f64).max(1.0)))
}

#[test]
fn a_server_with_room_gets_all_that_is_allowed_within_two_seconds() {
    for latency in [ms(5), ms(20), ms(50), ms(100)] {
        let mut run = Run::new(64);
        run.serve(ms(2000), |_| Some(latency));
        assert_eq!(run.limiter.limit(), 64, "{latency:?}");
    }
    let mut run = Run::new(64);
    run.serve(Duration::from_secs(7), |_| Some(ms(500)));
    assert_eq!(run.limiter.limit(), 64);
}

#[test]
fn a_server_that_answers_at_once_gets_all_that_is_allowed() {
    let mut run = Run::new(64);
    run.serve(ms(2000), |in_flight| Some(Duration::from_micros(15 * in_flight as u64)));
    assert_eq!(run.limiter.limit(), 64);
}

#[test]
fn no_more_than_a_server_has_use_for() {
    for number in [1, 4, 10, 16, 24, 40] {
        let mut run = Run::new(200);
        run.serve(Duration::from_secs(5), workers(number, ms(20)));
        let rate = run.serve(Duration::from_mins(1), workers(number, ms(20)));
        let best = number as f64 / 0.02;
        assert!(rate >= 0.9 * best, "{number}: {rate} of {best}");
        assert!(run.limiter.limit() <= (2 * number).max(START + 1), "{number}: {}", run.limiter.limit());
    }
}

#[test]
fn a_server_that_refuses_above_a_number_is_kept_busy_below_it() {
    for number in [2, 10, 30] {
        let server = move |in_flight| (in_flight <= number).then_some(ms(20));
        let mut run = Run::new(64);
        run.serve(Duration::from_secs(5), server);
        let refused = run.refused;
        let rate = run.serve(Duration::from_mins(1), server);
        assert!(rate >= 0.85 * number as f64 / 0.02, "{number}: {rate}");
        assert!(run.refused - refused < 150, "{number}: refused {} times", run.refused - refused);
    }
}

#[test]
fn a_server_that_slows_down_is_eased_and_one_whose_requests_take_longer_is_not() {
    let mut run = Run::new(64);
    run.serve(Duration::from_secs(3), workers(64, ms(20)));
    assert_eq!(run.limiter.limit(), 64);
    // Somebody else takes three quarters of it: the rest of the requests would only wait.
    run.serve(Duration::from_secs(20), workers(16, ms(20)));
    assert!(run.limiter.limit() <= 32, "{}", run.limiter.limit());
    let rate = run.serve(Duration::from_secs(10), workers(16, ms(20)));
    assert!(rate >= 0.9 * 16.0 / 0.02, "{rate}");
    // The other one is gone.
    run.serve(Duration::from_secs(90), workers(64, ms(20)));
    assert!(run.limiter.limit() >= 48, "{}", run.limiter.limit());

    let mut run = Run::new(64);
    run.serve(Duration::from_secs(3), |_| Some(ms(20)));
    let rate = run.serve(Duration::from_secs(20), |_| Some(ms(80)));
    assert!(rate >= 0.9 * 64.0 / 0.08, "{rate}");
}

#[test]
fn never_less_than_one() {
    let mut run = Run::new(1);
    run.serve(ms(500), |_| None);
    assert_eq!(run.limiter.limit(), 1);
    assert!(run.refused > 0);
}
