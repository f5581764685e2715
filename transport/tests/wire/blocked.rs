//! Records that something in front of the API keeps away with a page.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use rollcall_transport::{Client, Outcome, RefusalClass, TransportErrorKind};
use tokio::task::JoinSet;

use crate::stub::{Reply, STUDENTS, Stub};

const LIKED: Bytes = Bytes::from_static(br#"{"is":"liked"}"#);
const DISLIKED: Bytes = Bytes::from_static(br#"{"is":"disliked"}"#);
const AT_A_TIME: usize = 32;

fn page() -> Reply {
    Reply::new(403, "<html>blocked").header("content-type", "text/html")
}

/// Sends so many of the same body, as a run does: a few at a time. What each came to.
async fn send(client: &Client, count: usize, body: Bytes) -> Vec<Outcome> {
    let (left, mut workers) = (Arc::new(AtomicUsize::new(count)), JoinSet::new());
    for _ in 0..AT_A_TIME {
        let (client, left, body) = (client.clone(), Arc::clone(&left), body.clone());
        workers.spawn(async move {
            let next = || left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
            let mut outcomes = Vec::new();
            while next() {
                outcomes.push(client.post(&STUDENTS, body.clone()).await);
            }
            outcomes
        });
    }
    workers.join_all().await.into_iter().flatten().collect()
}

fn is_refused(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Refused(refused) if (refused.status, refused.class) == (403, RefusalClass::NotAnApi))
}

fn is_done(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Done(_))
}

/// Those that are left at the end of a run are all that the server is asked for.
#[tokio::test(flavor = "multi_thread")]
async fn records_that_a_firewall_keeps_away_are_refused_and_are_no_outage() {
    let stub = Stub::start(|call| if call.body == DISLIKED { page() } else { Reply::created() }).await;
    let client = stub.connect().await.unwrap();
    stub.shared.discoveries.lock().unwrap().clear();
    let outcomes = send(&client, 218, DISLIKED).await;
    let other = outcomes.iter().find(|outcome| !is_refused(outcome));
    assert!(other.is_none() && outcomes.len() == 218, "{other:?}");
    let asked = stub.shared.discoveries.lock().unwrap().len();
    assert!(asked < 218 / 4, "asked {asked} times whether it is back");
    assert!(send(&client, 50, LIKED).await.iter().all(is_done));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_maintenance_while_records_are_kept_away_refuses_a_handful_of_the_others() {
    let (away, calls) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let (is_away, counted) = (Arc::clone(&away), Arc::clone(&calls));
    let stub = Stub::start(move |call| {
        if is_away.load(Ordering::SeqCst) {
            counted.fetch_add(1, Ordering::SeqCst);
        }
        if is_away.load(Ordering::SeqCst) || call.body == DISLIKED { page() } else { Reply::created() }
    })
    .await;
    let client = stub.connect().await.unwrap();
    assert!(send(&client, 40, DISLIKED).await.iter().all(is_refused));
    // It is away as a whole, for some probes.
    *stub.shared.discovery_replies.lock().unwrap() = vec![page(); 12];
    away.store(true, Ordering::SeqCst);
    let running = tokio::spawn({
        let client = client.clone();
        async move { send(&client, 600, LIKED).await }
    });
    while !stub.shared.discovery_replies.lock().unwrap().is_empty() {
        assert!(!running.is_finished(), "nobody asks whether it is back");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    away.store(false, Ordering::SeqCst);
    let outcomes = running.await.unwrap();
    let (done, refused) =
        (outcomes.iter().filter(|o| is_done(o)).count(), outcomes.iter().filter(|o| is_refused(o)).count());
    assert_eq!(done + refused, 600);
    // Those that are decided about at the same moment may be some more.
    assert!(refused <= 16, "{refused} were refused, {} requests", calls.load(Ordering::SeqCst));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_for_every_record_stops_the_run_though_the_discovery_document_is_there() {
    let stub = Stub::start(|call| if call.body == LIKED { Reply::created() } else { page() }).await;
    let mut config = stub.config();
    config.retry.outage = Duration::from_secs(2);
    let client = Client::connect(config).await.unwrap();
    assert!(send(&client, 100, LIKED).await.iter().all(is_done));
    let outcomes = send(&client, 3_000, DISLIKED).await;
    let refused = outcomes.iter().filter(|outcome| is_refused(outcome)).count();
    let stopped = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Outcome::Stop(error) if error.kind() == TransportErrorKind::Unavailable));
    assert_eq!(refused + stopped.count(), 3_000);
    assert!((1..=550).contains(&refused), "{refused} were refused");
}
