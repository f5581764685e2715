//! Neither secrets nor student data show in `Debug`, in errors or in the log.
//!
//! A program of its own: tracing remembers for a whole process whether anyone listens to an event, so tests that run beside
//! this one could silence it.

#[path = "wire/stub.rs"]
#[allow(dead_code, reason = "shared with the other tests, which use the rest")]
mod stub;

use std::io::Write;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use rollcall_transport::{Outcome, Stored, Token};
use secrecy::SecretString;
use tracing_subscriber::fmt::MakeWriter;

use stub::{KEY, Reply, SECRET, STUDENTS, Stub};

const STUDENT: &str = "604822";

/// Takes what the tracing subscriber writes.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[track_caller]
fn assert_clean(what: &str, text: &str) {
    for hidden in [KEY, SECRET, STUDENT, "token-1"] {
        assert!(!text.contains(hidden), "{what} shows {hidden}: {text}");
    }
}

#[tokio::test]
async fn nothing_leaks() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .with_ansi(false)
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let refusal = format!(
        r#"{{"message":"The request is invalid.","modelState":{{"request.studentUniqueId":["'{STUDENT}' is wrong"]}}}}"#
    );
    let stub = Stub::start(move |call| match (call.method.as_str(), call.number) {
        ("GET", _) => Reply::new(200, format!(r#"[{{"id":"a1","studentUniqueId":"{STUDENT}"}}]"#)),
        ("PUT", _) => Reply::new(503, format!("<html>{STUDENT}")),
        ("DELETE", _) => Reply::new(401, STUDENT),
        _ => Reply::new(400, refusal.clone()),
    })
    .await;
    let config = stub.config();
    assert_clean("ClientConfig", &format!("{config:?} {config:#?}"));
    let client = stub.connect().await.unwrap();
    let body = Bytes::from(format!(r#"{{"studentUniqueId":"{STUDENT}"}}"#));

    let refused = client.post(&STUDENTS, body.clone()).await;
    assert_clean("Refused", &format!("{refused:?}"));
    let Outcome::Refused(refused) = refused else { panic!() };
    assert!(refused.fields[0].messages[0].contains(STUDENT), "what is hidden from logs is there for the error log");
    assert_clean("Refused", &format!("{refused} {refused:#?}"));

    let unknown = client.put(&STUDENTS, "a1", body).await;
    assert_clean("Unknown", &format!("{unknown:?}"));
    let rows = client.find(&STUDENTS, &[("studentUniqueId".to_owned(), STUDENT.to_owned())]).await.unwrap();
    assert_eq!(rows[0].body["studentUniqueId"], STUDENT);
    assert_clean("Stored", &format!("{rows:?}"));
    let stop = client.delete(&STUDENTS, "a1").await;
    assert!(matches!(stop, Outcome::Stop(_)));
    assert_clean("Stop", &format!("{stop:?}"));
    assert_clean("Client", &format!("{client:?}"));

    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("ed-fi/students") && text.contains("status=400"), "{text}");
    assert_clean("the log", &text);
}

#[test]
fn a_token_shows_nothing() {
    let token = Token::new(&SecretString::from("token-1"), 1, std::time::Duration::from_mins(1)).unwrap();
    assert_clean("Token", &format!("{token:?} {:?}", token.header()));
    let stored = Stored { id: "a1".to_owned(), etag: None, body: serde_json::json!({ "x": STUDENT }) };
    assert_clean("Stored", &format!("{stored:#?}"));
}
