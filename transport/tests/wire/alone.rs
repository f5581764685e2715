//! A record that a server always answers with 429 is no throttle.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use rollcall_transport::Outcome;
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
