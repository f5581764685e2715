//! One token for all, renewed when it must be.

use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use rollcall_transport::{Client, Outcome, TransportErrorKind};
use secrecy::SecretString;

use crate::stub::{KEY, Reply, STUDENTS, Stub};

async fn post_many(client: &Client, count: usize) -> Vec<Outcome> {
    let tasks: Vec<_> = (0..count)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.post(&STUDENTS, Bytes::from_static(b"{}")).await })
        })
        .collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}

fn all_done(outcomes: &[Outcome]) -> bool {
    outcomes.iter().all(|outcome| matches!(outcome, Outcome::Done(_)))
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_parallel_requests_share_one_token_and_four_places() {
    let stub = Stub::start(|_| Reply::created().after(Duration::from_millis(10))).await;
    let mut config = stub.config();
    config.concurrency = 4;
    let client = Client::connect(config).await.unwrap();
    assert!(all_done(&post_many(&client, 50).await));
    assert_eq!(stub.tokens(), 1);
    assert_eq!(stub.most_in_flight(), 4);
    let statistics = client.statistics();
    assert_eq!((statistics.posts, statistics.requests(), statistics.retries), (50, 50, 0));
    assert_eq!((statistics.tokens, statistics.bytes_sent, statistics.concurrency), (1, 100, 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_renewed_before_it_expires() {
    let stub = Stub::start(|_| Reply::created()).await;
    stub.shared.expires_in.store(1, Ordering::SeqCst);
    let client = stub.connect().await.unwrap();
    assert!(all_done(&post_many(&client, 5).await));
    tokio::time::sleep(Duration::from_millis(950)).await;
    stub.shared.expires_in.store(1800, Ordering::SeqCst);
    assert!(all_done(&post_many(&client, 20).await));
    assert_eq!(stub.tokens(), 2);
    assert_eq!(client.statistics().retries, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_refused_together_share_one_renewal() {
    let stub = Stub::start(|_| Reply::created().after(Duration::from_millis(5))).await;
    let client = stub.connect().await.unwrap();
    // Someone else asked for a token; this server then only takes the newest.
    let other = stub.connect().await.unwrap();
    let outcomes = post_many(&client, 30).await;
    assert!(all_done(&outcomes), "{outcomes:?}");
    assert_eq!(stub.tokens(), 3);
    assert_eq!(other.statistics().tokens, 1);
}

#[tokio::test]
async fn a_second_refusal_stops_the_run() {
    let stub = Stub::start(|_| Reply::new(401, "")).await;
    let client = stub.connect().await.unwrap();
    let Outcome::Stop(error) = client.post(&STUDENTS, Bytes::from_static(b"{}")).await else { panic!() };
    assert_eq!(error.kind(), TransportErrorKind::Credentials);
    assert!(error.hint().is_some());
    assert_eq!((stub.calls().len(), stub.tokens()), (2, 2));
}

#[tokio::test]
async fn a_wrong_secret_shows_at_once() {
    let stub = Stub::start(|_| Reply::created()).await;
    let mut config = stub.config();
    config.secret = SecretString::from("wrong-secret-1");
    let error = Client::connect(config).await.unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Credentials);
    assert!(error.hint().unwrap().contains("ROLLCALL_SECRET"));
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("invalid_client") && !shown.contains("wrong-secret-1") && !shown.contains(KEY));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_revoked_during_the_run_is_tried_once() {
    let stub = Stub::start(|_| Reply::created()).await;
    let client = stub.connect().await.unwrap();
    drop(stub.connect().await.unwrap());
    let refusals = (0..30).map(|_| Reply::new(401, r#"{"error":"invalid_client"}"#)).collect::<Vec<_>>();
    *stub.shared.token_replies.lock().unwrap() = refusals;
    let outcomes = post_many(&client, 20).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Stop(_))));
    assert_eq!(stub.shared.token_replies.lock().unwrap().len(), 29);
}

#[tokio::test]
async fn a_busy_token_endpoint_is_asked_again_but_not_one_that_gave_out_its_limit() {
    let stub = Stub::start(|_| Reply::created()).await;
    stub.shared.token_replies.lock().unwrap().push(Reply::new(503, ""));
    stub.connect().await.unwrap();
    let limit =
        r#"{"detail":"d","type":"urn:ed-fi:api:security:authentication:too-many-tokens","title":"t","status":429}"#;
    stub.shared.token_replies.lock().unwrap().push(Reply::new(429, limit));
    let error = stub.connect().await.unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Unavailable);
}
