//! A server that goes away during a run.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use rollcall_transport::{Cause, Client, ClientConfig, Outcome, RefusalClass, TransportErrorKind};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::stub::{Reply, STUDENTS, Shared, Stub};

const BODY: Bytes = Bytes::from_static(b"{}");

fn patient(config: ClientConfig, outage: Duration) -> ClientConfig {
    let mut config = config;
    config.retry.outage = outage;
    config
}

/// Posts so many records, each with a body of its own.
async fn post_all(client: &Client, count: usize) -> Vec<Outcome> {
    let mut tasks = JoinSet::new();
    for number in 0..count {
        let client = client.clone();
        tasks.spawn(async move { client.post(&STUDENTS, Bytes::from(format!("{{\"number\":{number}}}"))).await });
    }
    tasks.join_all().await
}

fn left_nothing(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Stop(error) if error.left_nothing())
}

fn stop(outcome: &Outcome) -> Option<TransportErrorKind> {
    match outcome {
        Outcome::Stop(error) => Some(error.kind()),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_listens_any_more_and_the_run_stops_without_burning_tries() {
    let stub = Stub::start(|_| Reply::created()).await;
    let client = Client::connect(patient(stub.config(), Duration::from_millis(300))).await.unwrap();
    stub.stop().await;
    let outcomes = post_all(&client, 200).await;
    assert!(
        outcomes.iter().all(|outcome| stop(outcome) == Some(TransportErrorKind::Unreachable)),
        "{:?}",
        outcomes.iter().find(|outcome| !matches!(outcome, Outcome::Done(_)))
    );
    assert!(client.statistics().posts < 20, "{:?}", client.statistics());
    assert!(outcomes.iter().all(left_nothing), "nobody was there to take it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_holds_everything_and_loses_nothing() {
    let answered = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&answered);
    let answer = move |_: &crate::stub::Call| {
        counted.fetch_add(1, Ordering::SeqCst);
        Reply::created().after(Duration::from_millis(2))
    };
    let stub = Stub::start(answer.clone()).await;
    let client = Client::connect(patient(stub.config(), Duration::from_mins(1))).await.unwrap();
    let running = tokio::spawn({
        let client = client.clone();
        async move { post_all(&client, 600).await }
    });
    while answered.load(Ordering::SeqCst) < 100 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let address = stub.stop().await;
    let requests = client.statistics().posts;
    // The server stays away for several probes.
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert!(client.statistics().posts < requests + 20, "requests go out while the server is away");
    let listener = TcpListener::bind(address).await.unwrap();
    let stub = Stub::start_on(listener, answer);
    let outcomes = running.await.unwrap();
    assert!(
        outcomes.iter().all(|outcome| matches!(outcome, Outcome::Done(_))),
        "{:?}",
        outcomes.iter().find(|outcome| !matches!(outcome, Outcome::Done(_)))
    );
    assert_eq!(client.statistics().tokens, 2, "the new process does not know the old one's token");
    drop(stub);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_without_its_server_is_an_outage_of_all_and_no_fault_of_any() {
    let down = Arc::new(AtomicBool::new(true));
    let calls = Arc::new(AtomicUsize::new(0));
    let (gone, counted) = (Arc::clone(&down), Arc::clone(&calls));
    let stub = Stub::start(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        if gone.load(Ordering::SeqCst) { Reply::new(503, "<html>maintenance</html>") } else { Reply::created() }
    })
    .await;
    let client = Client::connect(patient(stub.config(), Duration::from_mins(1))).await.unwrap();
    let running = tokio::spawn({
        let client = client.clone();
        async move { post_all(&client, 300).await }
    });
    while calls.load(Ordering::SeqCst) < 20 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    down.store(false, Ordering::SeqCst);
    let outcomes = running.await.unwrap();
    assert!(
        outcomes.iter().all(|outcome| matches!(outcome, Outcome::Done(_))),
        "{:?}",
        outcomes.iter().find(|outcome| !matches!(outcome, Outcome::Done(_)))
    );

    down.store(true, Ordering::SeqCst);
    let client = Client::connect(patient(stub.config(), Duration::from_millis(300))).await.unwrap();
    let outcomes = post_all(&client, 100).await;
    let stopped = outcomes.iter().filter(|outcome| stop(outcome) == Some(TransportErrorKind::Unavailable)).count();
    let unknown = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Unknown(_))).count();
    assert!(
        stopped >= 90 && stopped + unknown == 100,
        "{:?}",
        outcomes.iter().find(|outcome| !matches!(outcome, Outcome::Done(_)))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_record_that_the_server_chokes_on_is_no_outage() {
    let stub =
        Stub::start(|call| if call.body.contains("poison") { Reply::new(504, "") } else { Reply::created() }).await;
    let client = Client::connect(patient(stub.config(), Duration::from_mins(1))).await.unwrap();
    let poison = client.post(&STUDENTS, Bytes::from_static(b"\"poison\"")).await;
    assert!(matches!(poison, Outcome::Unknown(unknown) if unknown.attempts == 4));
    assert!(matches!(client.post(&STUDENTS, BODY).await, Outcome::Done(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_in_front_of_the_api_refuses_no_record_for_good() {
    for status in [200, 403, 404] {
        refuses_no_record_for_good(status).await;
    }
}

async fn refuses_no_record_for_good(status: u16) {
    // As many as close the way to the server, and one more; no more than two for one record, which would else be about it.
    const PAGES: usize = 8;
    let shown = Mutex::new(Vec::new());
    let stub = Stub::start(move |call| {
        let mut shown = shown.lock().unwrap();
        if shown.len() == PAGES || shown.iter().filter(|body| **body == call.body).count() == 2 {
            return Reply::created();
        }
        shown.push(call.body.clone());
        Reply::new(status, "<html>sign in</html>").header("content-type", "text/html")
    })
    .await;
    let mut config = patient(stub.config(), Duration::from_mins(1));
    config.retry.repeat_tries = 4;
    let client = Client::connect(config).await.unwrap();
    let outcomes = post_all(&client, 100).await;
    let done = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Done(_))).count();
    assert_eq!(done, 100, "{status} {:?}", outcomes.iter().find(|outcome| !matches!(outcome, Outcome::Done(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_server_that_is_away_is_waited_for() {
    let stub = Stub::start(|_| Reply::created()).await;
    let client = Client::connect(patient(stub.config(), Duration::from_mins(1))).await.unwrap();
    // Another program's token made ours stale, and the token endpoint fails for longer than one fetch tries.
    drop(stub.connect().await.unwrap());
    let busy = (0..9).map(|_| Reply::new(503, "")).collect();
    *stub.shared.token_replies.lock().unwrap() = busy;
    let outcomes = post_all(&client, 20).await;
    assert!(
        outcomes.iter().all(|outcome| matches!(outcome, Outcome::Done(_))),
        "{:?}",
        outcomes.iter().find(|outcome| !matches!(outcome, Outcome::Done(_)))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_throttles_loses_nobody() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    // Three of four are sent away, again and again.
    let stub = Stub::start(move |_| {
        if counted.fetch_add(1, Ordering::SeqCst).is_multiple_of(4) {
            Reply::created()
        } else {
            Reply::new(429, "slow down")
        }
    })
    .await;
    let mut config = stub.config();
    config.retry.tries = 2;
    let client = Client::connect(config).await.unwrap();
    let outcomes = post_all(&client, 20).await;
    assert!(
        outcomes.iter().all(|outcome| matches!(outcome, Outcome::Done(_))),
        "{:?}",
        outcomes.iter().find(|outcome| !matches!(outcome, Outcome::Done(_)))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_wants_a_login_stops_the_run_and_is_named() {
    let stub = Stub::start(|_| Reply::new(407, "")).await;
    let client = Client::connect(patient(stub.config(), Duration::from_millis(300))).await.unwrap();
    let outcomes = post_all(&client, 50).await;
    for outcome in &outcomes {
        let Outcome::Stop(error) = outcome else { panic!("no record is refused by a proxy: {outcome:?}") };
        assert!(error.message().ends_with("a proxy on the way asks for a login (status 407)"), "{error}");
        assert!(error.hint().unwrap().contains("HTTPS_PROXY"), "{error:?}");
    }
}

/// A single record is no fewer than many: it is not about the record.
#[tokio::test]
async fn a_proxy_that_takes_a_login_again_loses_nobody() {
    let stub = Stub::start(|call| if call.number < 4 { Reply::new(407, "") } else { Reply::created() }).await;
    let client = Client::connect(patient(stub.config(), Duration::from_mins(1))).await.unwrap();
    assert!(matches!(client.post(&STUDENTS, BODY).await, Outcome::Done(_)));
    assert_eq!(stub.calls().len(), 4);
}

/// A wait that is longer than the server may be away ends the run at once, and is not cut short.
#[tokio::test]
async fn a_server_that_asks_to_wait_for_too_long_is_as_good_as_away() {
    for (status, wait, until) in
        [(429, "3600", "until 20"), (429, "99999999999999999999", "for more than a year"), (503, "86400", "until 20")]
    {
        let stub = Stub::start(move |_| Reply::new(status, "").header("retry-after", wait)).await;
        let client = stub.connect().await.unwrap();
        // As far as is known it may be about the first, and the second.
        for _ in 0..2 {
            let Outcome::Unknown(unknown) = client.post(&STUDENTS, BODY).await else { panic!() };
            assert_eq!((unknown.status, unknown.cause), (Some(status), Cause::ToldToWait));
        }
        let Outcome::Stop(error) = client.post(&STUDENTS, BODY).await else { panic!() };
        assert_eq!(error.kind(), TransportErrorKind::Unavailable);
        // A gateway may say 503 of what a server has done; who throttles has done nothing.
        assert_eq!(error.left_nothing(), status == 429, "{error}");
        assert!(error.message().contains(&format!("asks to wait {until}")), "{error}");
        assert!(error.hint().unwrap().contains("connection.outage-minutes"), "{error:?}");
        assert_eq!(stub.calls().len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_that_is_used_up_stops_the_run_after_a_few_requests() {
    const QUOTA: usize = 200;
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let stub = Stub::start(move |_| match counted.fetch_add(1, Ordering::SeqCst) {
        QUOTA.. => Reply::new(429, "").header("retry-after", "900"),
        _ => Reply::created(),
    })
    .await;
    let client = stub.connect().await.unwrap();
    let mut workers = JoinSet::new();
    for _ in 0..16 {
        let client = client.clone();
        workers.spawn(async move {
            let (mut done, mut put_off) = (0, 0);
            loop {
                match client.post(&STUDENTS, BODY).await {
                    Outcome::Done(_) => done += 1,
                    Outcome::Unknown(unknown) if unknown.cause == Cause::ToldToWait => put_off += 1,
                    outcome => break (done, put_off, stop(&outcome)),
                }
            }
        });
    }
    let ended = workers.join_all().await;
    assert!(ended.iter().all(|(.., stop)| *stop == Some(TransportErrorKind::Unavailable)), "{ended:?}");
    assert_eq!(ended.iter().map(|(done, ..)| done).sum::<usize>(), QUOTA);
    let put_off: usize = ended.iter().map(|(_, put_off, _)| put_off).sum();
    // As many more as are served by the way while the others learn of it.
    assert!((2..=8).contains(&put_off), "{put_off}");
    assert_eq!(calls.load(Ordering::SeqCst), QUOTA + put_off + 16);
}

/// A wait that a run has time for is waited for by all.
#[tokio::test(flavor = "multi_thread")]
async fn a_quota_that_is_used_up_for_a_while_is_waited_for() {
    let stub = Stub::start(|call| {
        if call.number <= 100 { Reply::created() } else { Reply::new(429, "").header("retry-after", "20") }
    })
    .await;
    let client = stub.connect().await.unwrap();
    let running = tokio::spawn({
        let client = client.clone();
        async move { post_all(&client, 1_000).await }
    });
    while stub.calls().len() < 103 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    // Those that were on their way.
    assert!(stub.calls().len() <= 164, "{} requests", stub.calls().len());
    assert!(!running.is_finished());
    running.abort();
}

#[tokio::test]
async fn a_server_that_asks_again_and_again_for_a_little_stops_the_run_in_time() {
    let stub = Stub::start(|_| Reply::new(429, "").header("retry-after", "1")).await;
    let client = Client::connect(patient(stub.config(), Duration::from_secs(2))).await.unwrap();
    let Outcome::Stop(error) = client.post(&STUDENTS, BODY).await else { panic!() };
    assert!(error.message().contains("asks to wait until"), "{error}");
    assert_eq!(stub.calls().len(), 2);
}

/// Posts to a server that answers 503, and so does its discovery document with these words of when to come back. After the
/// last of them it is back, if ever.
async fn away(words: &[&str], is_back: bool, outage: Duration) -> (Stub, Vec<Outcome>) {
    let server: Arc<OnceLock<Arc<Shared>>> = Arc::default();
    let shared = Arc::clone(&server);
    let stub = Stub::start(move |_| {
        let waits = shared.get().is_none_or(|shared| !shared.discovery_replies.lock().unwrap().is_empty());
        if is_back && !waits { Reply::created() } else { Reply::new(503, "") }
    })
    .await;
    let client = Client::connect(patient(stub.config(), outage)).await.unwrap();
    stub.shared.discoveries.lock().unwrap().clear();
    let replies = words.iter().map(|words| Reply::new(503, "").header("retry-after", words)).collect();
    *stub.shared.discovery_replies.lock().unwrap() = replies;
    server.set(Arc::clone(&stub.shared)).ok().unwrap();
    let outcomes = post_all(&client, 20).await;
    (stub, outcomes)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_is_asked_again_when_it_says() {
    let (stub, outcomes) = away(&["1", "1"], true, Duration::from_mins(1)).await;
    let lost = outcomes.iter().filter(|outcome| !matches!(outcome, Outcome::Done(_) | Outcome::Unknown(_))).count();
    assert_eq!(lost, 0, "{outcomes:?}");
    let asked = stub.shared.discoveries.lock().unwrap();
    let waits: Vec<_> = asked.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(waits.len() == 2 && waits.iter().all(|wait| *wait >= Duration::from_secs(1)), "{waits:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_for_longer_than_it_may_is_asked_once() {
    let (stub, outcomes) = away(&["3600"], false, Duration::from_mins(1)).await;
    let told = |outcome: &&Outcome| match outcome {
        Outcome::Stop(error) => error.message().contains("asks to wait until 20"),
        _ => false,
    };
    assert!(outcomes.iter().filter(told).count() >= 15, "{outcomes:?}");
    assert_eq!(stub.shared.discoveries.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_token_server_that_asks_to_wait_for_too_long_is_not_waited_for() {
    let refusal = || Reply::new(429, "").header("retry-after", "86400");
    let stub = Stub::start(|_| Reply::created()).await;
    stub.shared.token_replies.lock().unwrap().push(refusal());
    let error = stub.connect().await.unwrap_err();
    assert!(error.message().contains("asks to wait until"), "{error}");
    let client = stub.connect().await.unwrap();
    // Another program's token makes ours stale in the middle of the run.
    drop(stub.connect().await.unwrap());
    stub.shared.token_replies.lock().unwrap().push(refusal());
    let Outcome::Stop(error) = client.post(&STUDENTS, BODY).await else { panic!() };
    assert!(error.message().contains("asks to wait until"), "{error}");
}

/// A firewall that does not like one record is no outage.
#[tokio::test]
async fn one_record_that_a_firewall_answers_with_a_page_is_refused_after_some_tries() {
    let page = Reply::new(403, "<html>blocked").header("content-type", "text/html");
    let stub =
        Stub::start(move |call| if call.body.contains("select") { page.clone() } else { Reply::created() }).await;
    let client = stub.connect().await.unwrap();
    for _ in 0..3 {
        let Outcome::Refused(refused) = client.post(&STUDENTS, Bytes::from_static(b"\"select\"")).await else {
            panic!()
        };
        assert_eq!((refused.status, refused.class, refused.attempts), (403, RefusalClass::NotAnApi, 3));
        assert!(matches!(client.post(&STUDENTS, BODY).await, Outcome::Done(_)));
    }
}

#[tokio::test]
async fn a_server_that_refuses_is_there() {
    let stub = Stub::start(|_| Reply::new(400, r#"{"message":"no"}"#)).await;
    let client = stub.connect().await.unwrap();
    for _ in 0..20 {
        let Outcome::Refused(refused) = client.post(&STUDENTS, BODY).await else { panic!() };
        assert_eq!((refused.class, refused.attempts), (RefusalClass::Required, 1));
    }
}
