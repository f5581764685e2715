//! One way of going away after the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize};

use tokio::task::JoinSet;

use super::*;
use crate::answer::{Answer, Shape};
use crate::decision::{Decision, Operation, Tally, decide};

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
    assert_eq!(gate.note(&Seen::Unreachable, false), Server::Away);
    let (probes, tries) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let one = || async {
        let probe = || {
            std::future::ready(match probes.fetch_add(1, Ordering::Relaxed) {
                4 => Probed::Back,
                _ => AWAY,
            })
        };
        let pass = gate.pass(None, every_second(), probe).await.unwrap();
        if pass.is_trial() {
            tries.fetch_add(1, Ordering::Relaxed);
            assert_eq!(gate.note(&Seen::Answer(&Answer::bare(201, Shape::Empty)), false), Server::There);
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
    gate.note(&Seen::Unreachable, false);
    let started = Instant::now();
    assert_eq!(closed(gate.pass(None, every_second(), || std::future::ready(AWAY)).await), Some(Closed::Gone));
    assert_eq!(started.elapsed(), Duration::from_mins(10));
    assert_eq!(gate.note(&Seen::Unreachable, false), Server::Gone);
    // Everyone else learns it at once.
    assert_eq!(closed(gate.pass(None, every_second(), nobody_asks).await), Some(Closed::Gone));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_answers_503_to_everything_is_away_and_one_record_is_not_an_outage() {
    let gate = gate();
    let busy = Answer::bare(503, Shape::Empty);
    for _ in 0..6 {
        assert_eq!(gate.note(&Seen::Answer(&busy), false), Server::There);
    }
    assert!(gate.is_open());
    assert_eq!(gate.note(&Seen::TimedOut, false), Server::Away);
    gate.note(&Seen::Answer(&Answer::bare(400, Shape::Empty)), false);
    assert!(gate.is_open(), "a refusal is an answer");
    assert_eq!(gate.note(&Seen::Answer(&busy), false), Server::There);
}

#[tokio::test(start_paused = true)]
async fn after_silence_an_answered_probe_lets_everyone_go_on() {
    let gate = gate();
    for _ in 0..7 {
        gate.note(&Seen::TimedOut, false);
    }
    assert!(!gate.is_open());
    let pass = gate.pass(None, every_second(), || std::future::ready(Probed::Back)).await.unwrap();
    assert!(!pass.is_trial() && gate.is_open());
    tokio::time::advance(Duration::from_mins(10)).await;
    assert_eq!(gate.note(&Seen::TimedOut, false), Server::Gone);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_only_throttles_is_not_away_but_patience_ends() {
    let gate = gate();
    let throttled = Answer::bare(429, Shape::Empty);
    for _ in 0..20 {
        assert_eq!(gate.note(&Seen::Answer(&throttled), false), Server::There);
    }
    tokio::time::advance(Duration::from_mins(10)).await;
    assert_eq!(gate.note(&Seen::Answer(&throttled), false), Server::Gone);
}

#[tokio::test(start_paused = true)]
async fn the_next_question_waits_as_long_as_the_server_asks() {
    let gate = gate();
    gate.note(&Seen::Unreachable, false);
    let probes = AtomicUsize::new(0);
    let answers = [Probed::Away(Some(Duration::from_mins(2))), AWAY, Probed::Away(Some(Duration::from_secs(7)))];
    let probe = || {
        let at = probes.fetch_add(1, Ordering::Relaxed);
        std::future::ready(answers.get(at).copied().unwrap_or(Probed::Back))
    };
    let started = Instant::now();
    assert!(gate.pass(None, every_second(), probe).await.unwrap().is_trial());
    // A second before each question that the server said nothing about.
    assert_eq!((probes.into_inner(), started.elapsed().as_secs()), (4, 1 + 120 + 1 + 7));
    gate.note(&Seen::Answer(&Answer::bare(201, Shape::Empty)), false);
    assert_eq!(gate.asked(), None);
}

#[tokio::test(start_paused = true)]
async fn a_try_that_finds_the_server_away_may_be_told_when_to_ask() {
    let gate = gate();
    let busy = Answer { retry_after: Some(Duration::from_mins(1)), ..Answer::bare(503, Shape::Empty) };
    for _ in 0..7 {
        gate.note(&Seen::Answer(&busy), false);
        tokio::time::advance(Duration::from_secs(1)).await;
    }
    let started = Instant::now();
    assert!(gate.pass(None, every_second(), || std::future::ready(Probed::Back)).await.unwrap().is_trial());
    assert_eq!(started.elapsed().as_secs(), 59);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_asks_to_wait_beyond_the_patience_is_not_waited_for() {
    for wait in [Duration::from_mins(10), Duration::MAX] {
        let gate = gate();
        gate.note(&Seen::Unreachable, false);
        let away = || std::future::ready(Probed::Away(Some(wait)));
        let started = Instant::now();
        assert_eq!(closed(gate.pass(None, every_second(), away).await), Some(Closed::For(wait)));
        // Everyone else learns it at once.
        assert!(matches!(closed(gate.pass(None, every_second(), nobody_asks).await), Some(Closed::For(_))));
        assert_eq!(started.elapsed().as_secs(), 1);
    }
}

/// A connection that sends records, so many at a time, to a server that may show a page to some.
#[derive(Default)]
struct Blocking {
    next: AtomicU32,
    served: AtomicU32,
    refused: AtomicU32,
    probes: AtomicU32,
    stopped: AtomicU32,
}

impl Blocking {
    /// `blocks` says of a record and of the time since the beginning whether a page comes, `probe` what the probe finds then.
    async fn send(
        gate: Gate,
        (records, at_a_time): (u32, u32),
        blocks: fn(u32, Duration) -> bool,
        probe: fn(Duration) -> Probed,
    ) -> (Arc<Self>, Duration) {
        let (gate, counts, begun) = (Arc::new(gate), Arc::new(Self::default()), Instant::now());
        let mut workers = JoinSet::new();
        for _ in 0..at_a_time {
            let (gate, counts) = (Arc::clone(&gate), Arc::clone(&counts));
            workers.spawn(async move {
                loop {
                    let record = counts.next.fetch_add(1, Ordering::Relaxed);
                    if record >= records {
                        return;
                    }
                    let blocks = || blocks(record, begun.elapsed());
                    counts.send_one(&gate, &blocks, &|| probe(begun.elapsed())).await;
                }
            });
        }
        workers.join_all().await;
        (counts, begun.elapsed())
    }

    async fn send_one(&self, gate: &Gate, blocks: &(dyn Fn() -> bool + Sync), probe: &(dyn Fn() -> Probed + Sync)) {
        const LATENCY: Duration = Duration::from_millis(20);
        let (done, page) = (Answer::bare(204, Shape::Empty), Answer::bare(403, Shape::WebPage));
        let (mut tally, mut delays, mut held) = (Tally::default(), gate.policy.delays(), None);
        loop {
            let probe = async || {
                self.probes.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(LATENCY).await;
                probe()
            };
            let Ok(pass) = gate.pass(held.take(), gate.policy.delays(), probe).await else {
                self.stopped.fetch_add(1, Ordering::Relaxed);
                return;
            };
            tokio::time::sleep(LATENCY).await;
            let seen = Seen::of(if blocks() { &page } else { &done }, Operation::Put);
            tally.blocked = matches!(seen, Seen::Foreign(_)) && gate.is_about_the_record(&pass);
            tally.count(&seen, gate.note(&seen, false));
            let count = match decide(&seen, Operation::Put, &tally, &gate.policy) {
                Decision::Pause => continue,
                Decision::RetryAfter(None) => {
                    held = tally.blocked.then_some(pass);
                    tokio::time::sleep(delays.next().unwrap()).await;
                    continue;
                }
                Decision::Done => &self.served,
                Decision::Refused(_) => {
                    gate.note_blocked(&pass);
                    &self.refused
                }
                Decision::Stop => &self.stopped,
                other => panic!("{other:?}"),
            };
            count.fetch_add(1, Ordering::Relaxed);
            return;
        }
    }

    fn counts(&self) -> [u32; 3] {
        [&self.served, &self.refused, &self.stopped].map(|count| count.load(Ordering::Relaxed))
    }
}

#[tokio::test(start_paused = true)]
async fn records_that_are_kept_away_cost_their_own_repeats_and_no_time_of_the_others() {
    // Of these the last 218 are blocked: nothing else is left.
    let (sent, took) = Blocking::send(gate(), (1_218, 32), |record, _| record >= 1_000, |_| Probed::Back).await;
    assert_eq!(sent.counts(), [1_000, 218, 0]);
    assert!(took < Duration::from_secs(15), "{took:?}");
    let probes = sent.probes.load(Ordering::Relaxed);
    assert!(probes < 50, "{probes}");
    // One in a hundred, so that all that is in flight is blocked again and again.
    let (sent, took) = Blocking::send(gate(), (20_000, 32), |record, _| record % 100 == 0, |_| Probed::Back).await;
    assert_eq!(sent.counts(), [19_800, 200, 0]);
    assert!(took < Duration::from_secs(30), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_maintenance_that_begins_while_single_records_are_kept_away_refuses_a_handful() {
    const MAINTENANCE: std::ops::Range<Duration> = Duration::from_secs(4)..Duration::from_secs(244);
    let blocks = |record: u32, at: Duration| record < 100 || MAINTENANCE.contains(&at);
    let probe = |at: Duration| if MAINTENANCE.contains(&at) { AWAY } else { Probed::Back };
    let (sent, took) = Blocking::send(gate(), (20_000, 32), blocks, probe).await;
    let [served, refused, stopped] = sent.counts();
    assert!(
        took > MAINTENANCE.end && served + refused == 20_000 && stopped == 0,
        "{served} {refused} {stopped} {took:?}"
    );
    assert!((100..=108).contains(&refused), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn a_page_for_every_record_is_an_outage_though_the_api_answers_when_it_is_asked() {
    let (sent, took) = Blocking::send(gate(), (20_000, 32), |record, _| record >= 1_000, |_| Probed::Back).await;
    let [served, refused, stopped] = sent.counts();
    assert_eq!((served, stopped, refused), (1_000, 18_500, 500));
    assert!((10..12).contains(&(took.as_secs() / 60)), "{took:?}");
    // When it is over before, what was in flight goes on, and all that comes after.
    let blocks = |record: u32, at: Duration| record >= 1_000 && at < Duration::from_mins(5);
    let (sent, _) = Blocking::send(gate(), (20_000, 32), blocks, |_| Probed::Back).await;
    assert_eq!(sent.counts(), [19_500, 500, 0]);
}
