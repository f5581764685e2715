//! A client that is told to stop.

use std::time::{Duration, Instant};

use bytes::Bytes;
use rollcall_transport::{Client, Outcome, ReadError, TransportErrorKind};
use tokio::task::JoinSet;

use crate::stub::{Reply, STUDENTS, Stub};

const BODY: Bytes = Bytes::from_static(b"{}");

/// Posts so many records, and tells the client to stop as soon as the server has so many requests.
async fn halted(stub: &Stub, client: &Client, count: usize, after: usize) -> Vec<Outcome> {
    let mut tasks = JoinSet::new();
    for _ in 0..count {
        let client = client.clone();
        tasks.spawn(async move { client.post(&STUDENTS, BODY).await });
    }
    while stub.calls().len() < after {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    client.halt();
    tasks.join_all().await
}

fn is_unsent(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Stop(error) if error.kind() == TransportErrorKind::Halted)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_flight_gets_its_answer_and_nothing_else_is_sent() {
    let stub = Stub::start(|_| Reply::created().after(Duration::from_millis(300))).await;
    let client = stub.connect().await.unwrap();
    let outcomes = halted(&stub, &client, 40, 4).await;
    let done = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Done(_))).count();
    assert_eq!(done, stub.calls().len(), "{outcomes:?}");
    assert_eq!(done + outcomes.iter().filter(|outcome| is_unsent(outcome)).count(), 40, "{outcomes:?}");
    assert!(done < 10, "{done}");
    assert!(is_unsent(&client.post(&STUDENTS, BODY).await));
    assert_eq!(stub.calls().len(), done);
}

/// The server may have done what it did not answer: nobody may say that it was not sent.
#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_repeat_is_unknown() {
    let stub = Stub::start(|_| Reply::new(503, "").header("retry-after", "60")).await;
    let client = stub.connect().await.unwrap();
    let begun = Instant::now();
    let outcomes = halted(&stub, &client, 1, 1).await;
    assert!(matches!(&outcomes[0], Outcome::Unknown(unknown) if unknown.attempts == 1), "{outcomes:?}");
    // A server that throttles has said that it did nothing.
    let stub = Stub::start(|_| Reply::new(429, "").header("retry-after", "60")).await;
    let client = stub.connect().await.unwrap();
    let outcomes = halted(&stub, &client, 1, 1).await;
    assert!(is_unsent(&outcomes[0]), "{outcomes:?}");
    assert!(begun.elapsed() < Duration::from_secs(50));
}

/// It leaves nothing at the server, whatever became of the try before.
#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_waits_for_a_repeat_is_told_to_stop() {
    let stub = Stub::start(|_| Reply::new(503, "").header("retry-after", "60")).await;
    let client = stub.connect().await.unwrap();
    let reading = tokio::spawn({
        let client = client.clone();
        async move { client.find(&STUDENTS, &[]).await }
    });
    while stub.calls().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    client.halt();
    let Err(ReadError::Stop(error)) = reading.await.unwrap() else { panic!() };
    assert_eq!((error.kind(), error.left_nothing()), (TransportErrorKind::Halted, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_server_that_is_away_waits_no_longer() {
    let stub = Stub::start(|_| Reply::created()).await;
    let client = stub.connect().await.unwrap();
    stub.stop().await;
    let begun = Instant::now();
    let posting = tokio::spawn({
        let client = client.clone();
        async move { client.post(&STUDENTS, BODY).await }
    });
    while client.statistics().posts == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    client.halt();
    assert!(is_unsent(&posting.await.unwrap()));
    assert!(begun.elapsed() < Duration::from_secs(50));
}
