//! What the server says, and what comes of it.

use std::time::{Duration, Instant};

use bytes::Bytes;
use rollcall_transport::{Cause, Client, Outcome, ReadError, RefusalClass, Refused, TransportErrorKind};
use tokio::net::TcpListener;

use crate::stub::{Reply, STUDENTS, Stub};

const BODY: Bytes = Bytes::from_static(br#"{"studentUniqueId":"604822"}"#);

fn refused(outcome: Outcome) -> Refused {
    match outcome {
        Outcome::Refused(refused) => refused,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn writes_carry_id_and_etag_back() {
    let stub = Stub::start(|call| match call.method.as_str() {
        "POST" => Reply::created(),
        "PUT" => Reply::new(204, "").header("etag", "\"5251\""),
        _ => Reply::new(204, ""),
    })
    .await;
    let client = stub.connect().await.unwrap();
    let Outcome::Done(done) = client.post(&STUDENTS, BODY).await else { panic!() };
    assert_eq!((done.status, done.attempts), (201, 1));
    assert_eq!(done.id.as_deref(), Some("0123456789abcdef0123456789abcdef"));
    assert_eq!(done.etag.as_deref(), Some("5250"));
    let Outcome::Done(done) = client.put(&STUDENTS, "a1", BODY).await else { panic!() };
    assert_eq!((done.status, done.id.as_deref(), done.etag.as_deref()), (204, Some("a1"), Some("5251")));
    let Outcome::Done(done) = client.delete(&STUDENTS, "a1").await else { panic!() };
    assert_eq!((done.status, done.id.as_deref(), done.etag), (204, Some("a1"), None));
    let calls = stub.calls();
    let paths: Vec<_> = calls.iter().map(|call| (call.path.as_str(), call.body.len())).collect();
    assert_eq!(
        paths,
        [
            ("/data/v3/ed-fi/students", BODY.len()),
            ("/data/v3/ed-fi/students/a1", BODY.len()),
            ("/data/v3/ed-fi/students/a1", 0),
        ]
    );
}

/// What leads elsewhere when it is put behind the collection's address is no id.
#[tokio::test]
async fn a_location_that_names_no_item_gives_no_id() {
    let places = ["students", "students/", "students/..", "schools/b2", "students/b2%2f..", "students/b 2"];
    let stub = Stub::start(move |call| {
        Reply::new(204, "").header("location", &format!("http://x/data/v3/ed-fi/{}", places[call.number - 1]))
    })
    .await;
    let client = stub.connect().await.unwrap();
    for place in places {
        let Outcome::Done(done) = client.put(&STUDENTS, "a1", BODY).await else { panic!() };
        assert_eq!(done.id.as_deref(), Some("a1"), "{place}");
    }
}

#[tokio::test]
async fn reads() {
    let stub = Stub::start(|_| {
        Reply::new(200, r#"[{"id":"a1","studentUniqueId":"604822","_etag":"5250"},{"id":"a2"}]"#)
            .header("total-count", "1204")
    })
    .await;
    let client = stub.connect().await.unwrap();
    let rows = client.find(&STUDENTS, &[("studentUniqueId".to_owned(), "60 48&22".to_owned())]).await.unwrap();
    assert_eq!((rows[0].id.as_str(), rows[0].etag.as_deref(), rows.len()), ("a1", Some("5250"), 2));
    assert_eq!(rows[0].body["studentUniqueId"], "604822");
    let page = client.page(&STUDENTS, 500, 250).await.unwrap();
    assert_eq!((page.rows.len(), page.total), (2, Some(1204)));
    let queries: Vec<_> = stub.calls().into_iter().map(|call| call.query).collect();
    assert_eq!(queries, ["studentUniqueId=60+48%2622", "offset=500&limit=250&totalCount=true"]);
    assert_eq!(client.dependencies().await.unwrap()[0].order, 3);
    assert_eq!(client.discovery().data_models[0].version, "4.0.0");
    assert_eq!(client.statistics().reads, 2);
}

#[tokio::test]
async fn a_read_that_is_refused() {
    let stub =
        Stub::start(|_| Reply::new(400, r#"{"message":"Limit must be omitted or set to a value between …"}"#)).await;
    let client = stub.connect().await.unwrap();
    let error = client.page(&STUDENTS, 0, 501).await.unwrap_err();
    assert_eq!(error.class(), Some(RefusalClass::Other));
}

#[tokio::test]
async fn refusals_in_both_forms() {
    let stub = Stub::start(|call| match call.number {
        1 => Reply::new(400, r#"{"message":"Validation of 'Student' failed.\n\tLastSurname is required.\n"}"#),
        2 => Reply::new(
            400,
            r#"{"detail":"Data validation failed.","type":"urn:ed-fi:api:bad-request:data-validation-failed",
                "title":"Data Validation Failed","status":400,"correlationId":"c-7",
                "validationErrors":{"$.lastSurname":["LastSurname is required."]}}"#,
        ),
        _ => Reply::new(404, r#"{"message":"Resource to delete was not found."}"#),
    })
    .await;
    let client = stub.connect().await.unwrap();
    let older = refused(client.post(&STUDENTS, BODY).await);
    assert_eq!((older.status, older.class, older.attempts), (400, RefusalClass::Required, 1));
    assert_eq!(older.fields[0].path, "$.lastSurname");
    let newer = refused(client.post(&STUDENTS, BODY).await);
    assert_eq!((newer.class, newer.correlation_id.as_deref()), (RefusalClass::Required, Some("c-7")));
    assert_eq!(newer.urn.as_deref(), Some("urn:ed-fi:api:bad-request:data-validation-failed"));
    assert_eq!(newer.fields, older.fields);
    assert_eq!(refused(client.delete(&STUDENTS, "a1").await).class, RefusalClass::NotFound);
}

#[tokio::test]
async fn retry_after_holds_every_request() {
    let stub = Stub::start(|call| match call.number {
        1 => Reply::new(429, "<html>slow down</html>").header("retry-after", "1"),
        _ => Reply::created(),
    })
    .await;
    let client = stub.connect().await.unwrap();
    let start = Instant::now();
    let Outcome::Done(done) = client.post(&STUDENTS, BODY).await else { panic!() };
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert_eq!(done.attempts, 2);
    assert_eq!((client.statistics().retries, client.statistics().concurrency), (1, 4));
}

#[tokio::test]
async fn busy_twice_then_created() {
    let stub = Stub::start(|call| if call.number < 3 { Reply::new(503, "") } else { Reply::created() }).await;
    let client = stub.connect().await.unwrap();
    let Outcome::Done(done) = client.post(&STUDENTS, BODY).await else { panic!() };
    assert_eq!(done.attempts, 3);
    assert!(stub.calls().iter().all(|call| call.body.as_bytes() == BODY));
}

#[tokio::test]
async fn busy_to_the_end_is_unknown() {
    let stub = Stub::start(|_| Reply::new(502, "<html>bad gateway</html>").header("content-type", "text/html")).await;
    let client = stub.connect().await.unwrap();
    let Outcome::Unknown(unknown) = client.post(&STUDENTS, BODY).await else { panic!() };
    assert_eq!((unknown.status, unknown.cause, unknown.attempts), (Some(502), Cause::Busy, 4));
    assert_eq!(stub.calls().len(), 4);
}

#[tokio::test]
async fn a_500_that_repeats_is_about_the_body() {
    let stub = Stub::start(|_| Reply::new(500, r#"{"message":"An unexpected error occurred on the server."}"#)).await;
    let client = stub.connect().await.unwrap();
    let answer = refused(client.post(&STUDENTS, BODY).await);
    assert_eq!((answer.class, answer.attempts), (RefusalClass::Server, 3));
}

#[tokio::test]
async fn a_key_conflict_is_tried_again() {
    let conflict =
        r#"{"message":"A natural key conflict occurred when attempting to create a new resource 'student'"}"#;
    let stub =
        Stub::start(move |call| if call.number == 1 { Reply::new(409, conflict) } else { Reply::created() }).await;
    let client = stub.connect().await.unwrap();
    assert!(matches!(client.post(&STUDENTS, BODY).await, Outcome::Done(done) if done.attempts == 2));
}

#[tokio::test]
async fn a_web_page_is_no_success() {
    let stub = Stub::start(|_| Reply::new(200, "<html>sign in</html>").header("content-type", "text/html")).await;
    let mut config = stub.config();
    config.retry.outage = Duration::from_millis(500);
    let client = Client::connect(config).await.unwrap();
    let answer = refused(client.post(&STUDENTS, BODY).await);
    assert_eq!(answer.class, RefusalClass::NotAnApi);
    assert_eq!(answer.hint(), Some("something else than an Ed-Fi API answers; check connection.url and any proxy"));
    // As everything is answered so, it is the whole API that is not there.
    let Err(ReadError::Stop(error)) = client.page(&STUDENTS, 0, 10).await else { panic!() };
    assert_eq!(error.kind(), TransportErrorKind::Unavailable);
}

/// What proxies, portals and firewalls say with a success. The record is not at the ODS, and the message says what answered.
#[tokio::test]
async fn no_success_that_is_not_the_apis_counts_as_delivered() {
    let text = |kind: &str, body: &str| Reply::new(200, body).header("content-type", kind);
    for (what, reply) in [
        ("text and no Location", text("text/plain", "Please sign in")),
        ("JSON of another kind and no Location", Reply::new(200, r#"{"login":"please"}"#)),
        ("JSON of another kind and no Location", Reply::new(201, "[]")),
        ("a web page and no Location", text("application/octet-stream", "\u{feff}<html>")),
        ("nothing and no Location", Reply::new(200, "")),
        ("nothing and no Location", Reply::new(201, "").header("location", "http://x/data/v3/ed-fi/students")),
        ("nothing (status 202)", Reply { status: 202, ..Reply::created() }),
        ("nothing and no Location", Reply::new(204, "")),
        ("nothing and no Location", Reply::new(205, "")),
    ] {
        let expected = reply.clone();
        let stub = Stub::start(move |_| reply.clone()).await;
        let client = stub.connect().await.unwrap();
        let answer = refused(client.post(&STUDENTS, BODY).await);
        let status = expected.status;
        assert_eq!((answer.status, answer.class, answer.attempts), (status, RefusalClass::NotAnApi, 3), "{what}");
        assert!(answer.message.starts_with(&format!("answered with {what}")), "{}", answer.message);
        assert!(answer.message.contains(&format!("(status {status})")), "{}", answer.message);
        assert!(answer.message.ends_with(expected.body.trim_start_matches('\u{feff}')), "{}", answer.message);
    }
}

#[tokio::test]
async fn a_put_or_a_delete_is_answered_with_nothing() {
    for (status, body) in [(200, "Please sign in"), (200, r#"{"login":"please"}"#), (202, ""), (205, "")] {
        let stub = Stub::start(move |_| Reply::new(status, body)).await;
        // Two clients: one that has met nothing else for long waits until the API is back.
        let updated = refused(stub.connect().await.unwrap().put(&STUDENTS, "a1", BODY).await);
        let deleted = refused(stub.connect().await.unwrap().delete(&STUDENTS, "a1").await);
        assert_eq!((updated.class, deleted.class), (RefusalClass::NotAnApi, RefusalClass::NotAnApi), "{status} {body}");
        assert!(deleted.message.contains("no Ed-Fi API answers to a DELETE"), "{}", deleted.message);
    }
    let stub = Stub::start(|_| Reply::new(200, " \r\n")).await;
    let client = stub.connect().await.unwrap();
    assert!(matches!(client.put(&STUDENTS, "a1", BODY).await, Outcome::Done(_)));
    assert!(matches!(client.delete(&STUDENTS, "a1").await, Outcome::Done(_)));
}

#[tokio::test]
async fn what_is_too_large_is_said_in_words() {
    let page = Reply::new(413, "<html>413</html>").header("content-type", "text/html");
    for reply in [page, Reply::new(413, r#"{"message":"no"}"#)] {
        let stub = Stub::start(move |_| reply.clone()).await;
        let answer = refused(stub.connect().await.unwrap().post(&STUDENTS, BODY).await);
        assert_eq!(answer.class, RefusalClass::Other);
        assert!(
            answer.message.starts_with("the body is too large for the server, or for a proxy"),
            "{}",
            answer.message
        );
        assert!(answer.hint().unwrap().contains("limit on the size"), "{answer:?}");
    }
}

/// The token and the record go to the configured address only.
#[tokio::test]
async fn a_redirect_carries_nothing_elsewhere() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = format!("http://{}/", elsewhere.local_addr().unwrap());
    for status in [301, 302, 303, 307, 308] {
        let location = target.clone();
        let stub = Stub::start(move |_| Reply::new(status, "").header("location", &location)).await;
        let mut config = stub.config();
        config.retry.outage = Duration::from_millis(500);
        let client = Client::connect(config).await.unwrap();
        assert_eq!(refused(client.post(&STUDENTS, BODY).await).class, RefusalClass::NotAnApi);
        assert!(client.find(&STUDENTS, &[]).await.is_err());
        assert!(stub.calls().len() > 3);
    }
    assert!(futures_now(elsewhere.accept()).is_none(), "somebody connected");
}

/// What a future gives without waiting.
fn futures_now<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(value) => Some(value),
        std::task::Poll::Pending => None,
    }
}

#[tokio::test]
async fn rows_that_cannot_be_read_are_asked_for_again() {
    let stub = Stub::start(|call| Reply::new(200, if call.number == 1 { "[{" } else { "[]" })).await;
    let client = stub.connect().await.unwrap();
    assert_eq!(client.find(&STUDENTS, &[]).await.unwrap(), []);
    let stub = Stub::start(|_| Reply::new(200, "[{")).await;
    let client = stub.connect().await.unwrap();
    let Err(ReadError::Unknown(unknown)) = client.find(&STUDENTS, &[]).await else { panic!() };
    assert_eq!((unknown.cause, unknown.status), (Cause::UnreadableBody, Some(200)));
}
