//! A record that a server never takes holds up no other.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use rollcall_transport::{Cause, Client, Outcome};
use tokio::task::JoinSet;

use crate::stub::{Reply, STUDENTS, Stub};

const OTHERS: usize = 5_000;
/// So often the record is asked for again before the test gives up: the others crawl then.
const ENOUGH: usize = 30;

#[tokio::test(flavor = "multi_thread")]
async fn one_record_that_is_always_told_to_come_back_holds_up_no_other() {
    let tries = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&tries);
    let stub = Stub::start(move |call| {
        if call.body.contains("disliked") {
            counted.fetch_add(1, Ordering::SeqCst);
            Reply::new(429, "slow down").header("retry-after", "1")
        } else {
            Reply::created()
        }
    })
    .await;
    let client = stub.connect().await.unwrap();
    let disliked = tokio::spawn({
        let client = client.clone();
        async move { client.post(&STUDENTS, Bytes::from_static(br#"{"is":"disliked"}"#)).await }
    });
    let (left, mut workers) = (Arc::new(AtomicUsize::new(OTHERS)), JoinSet::new());
    for _ in 0..16 {
        let (client, left, tries) = (client.clone(), Arc::clone(&left), Arc::clone(&tries));
        workers.spawn(async move {
            let next = || left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
            while tries.load(Ordering::SeqCst) < ENOUGH && next() {
                let answer = client.post(&STUDENTS, Bytes::from_static(br#"{"is":"liked"}"#)).await;
                assert!(matches!(answer, Outcome::Done(_)), "{answer:?}");
            }
        });
    }
    workers.join_all().await;
    let tries = tries.load(Ordering::SeqCst);
    assert!(
        tries < ENOUGH,
        "{} of {OTHERS} were sent while one was tried {tries} times",
        OTHERS - left.load(Ordering::SeqCst)
    );
    assert!(!disliked.is_finished(), "it is tried again all the while");
    disliked.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_the_server_chokes_on_leave_the_others_their_pace() {
    const FEW: usize = 8;
    let stub = Stub::start(|call| {
        if call.body.contains("disliked") { Reply::created().after(Duration::from_mins(1)) } else { Reply::created() }
    })
    .await;
    let mut config = stub.config();
    // Few in flight: also a machine that is busy with other things serves many times as many while one is waited for.
    config.concurrency = FEW;
    config.request_timeout = Duration::from_secs(1);
    let client = Client::connect(config).await.unwrap();
    let (ended, mut workers) = (Arc::new(AtomicBool::new(false)), JoinSet::new());
    for _ in 0..16 {
        let (client, ended) = (client.clone(), Arc::clone(&ended));
        workers.spawn(async move {
            while !ended.load(Ordering::SeqCst) {
                let answer = client.post(&STUDENTS, Bytes::from_static(br#"{"is":"liked"}"#)).await;
                assert!(matches!(answer, Outcome::Done(_)), "{answer:?}");
            }
        });
    }
    while client.statistics().concurrency < FEW {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let mut disliked = JoinSet::new();
    for _ in 0..8 {
        let client = client.clone();
        disliked.spawn(async move { client.post(&STUDENTS, Bytes::from_static(br#"{"is":"disliked"}"#)).await });
        // One after the other: those that are given up together are one overload.
        tokio::time::sleep(Duration::from_millis(1100)).await;
    }
    let outcomes = disliked.join_all().await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Unknown(_))), "{outcomes:?}");
    assert_eq!(client.statistics().concurrency, FEW);
    ended.store(true, Ordering::SeqCst);
    workers.join_all().await;
}

/// Of a wait that a run has time for, and of one that it has not.
#[tokio::test(flavor = "multi_thread")]
async fn one_record_that_is_told_to_wait_for_long_neither_holds_the_others_nor_stops_the_run() {
    for (status, wait, has_time) in [(429, "60", true), (503, "60", true), (429, "900", false), (503, "900", false)] {
        let stub = Stub::start(move |call| {
            if call.body.contains("disliked") {
                Reply::new(status, "").header("retry-after", wait)
            } else {
                Reply::created()
            }
        })
        .await;
        let client = stub.connect().await.unwrap();
        let mut disliked = tokio::spawn({
            let client = client.clone();
            async move { client.post(&STUDENTS, Bytes::from_static(br#"{"is":"disliked"}"#)).await }
        });
        while stub.calls().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let begun = Instant::now();
        for _ in 0..200 {
            let answer = client.post(&STUDENTS, Bytes::from_static(br#"{"is":"liked"}"#)).await;
            assert!(matches!(answer, Outcome::Done(_)), "{answer:?}");
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{status} {wait}: {:?}", begun.elapsed());
        if has_time {
            assert!(!disliked.is_finished(), "it waits as long as it is told");
            disliked.abort();
        } else {
            let Outcome::Unknown(unknown) = (&mut disliked).await.unwrap() else { panic!() };
            assert_eq!((unknown.status, unknown.cause, unknown.attempts), (Some(status), Cause::ToldToWait, 1));
        }
    }
}
