//! Answers that never arrive.

use std::time::Duration;

use bytes::Bytes;
use rollcall_transport::{Cause, Client, Outcome};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::stub::{Reply, STUDENTS, Stub, config, discovery};

const BODY: Bytes = Bytes::from_static(b"{}");
const TOKEN: &str = r#"{"access_token":"t","expires_in":1800}"#;

/// A server that closes the connection without an answer for the first `resets` POSTs, then answers; one request a
/// connection. After `serve` connections it is gone.
async fn raw_server(resets: usize, serve: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let document = discovery(&origin);
    tokio::spawn(async move {
        let mut posts = 0;
        for _ in 0..serve {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut buffer = [0; 8192];
            let read = socket.read(&mut buffer).await.unwrap();
            let head = String::from_utf8_lossy(&buffer[..read]).into_owned();
            let body = if head.starts_with("GET / ") {
                document.as_str()
            } else if head.starts_with("POST /oauth/token") {
                TOKEN
            } else {
                posts += 1;
                if posts <= resets {
                    continue;
                }
                ""
            };
            let status = if body.is_empty() { "201 Created\r\nlocation: /data/v3/ed-fi/students/a1" } else { "200 OK" };
            let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
            socket.write_all((head + body).as_bytes()).await.unwrap();
        }
    });
    origin
}

#[tokio::test]
async fn a_connection_lost_before_the_answer_is_tried_again() {
    let client = Client::connect(config(&raw_server(2, 100).await)).await.unwrap();
    let Outcome::Done(done) = client.post(&STUDENTS, BODY).await else { panic!() };
    assert_eq!((done.status, done.attempts), (201, 3));
}

#[tokio::test]
async fn a_connection_lost_every_time_is_unknown() {
    let client = Client::connect(config(&raw_server(100, 100).await)).await.unwrap();
    let Outcome::Unknown(unknown) = client.put(&STUDENTS, "a1", BODY).await else { panic!() };
    assert_eq!((unknown.status, unknown.cause, unknown.attempts), (None, Cause::ConnectionLost, 4));
}

#[tokio::test]
async fn a_slow_answer_is_cut_off_and_tried_again() {
    let stub = Stub::start(|call| match call.number {
        1 => Reply::created().after(Duration::from_secs(30)),
        _ => Reply::created(),
    })
    .await;
    let mut config = stub.config();
    config.request_timeout = Duration::from_millis(200);
    let client = Client::connect(config).await.unwrap();
    let Outcome::Done(done) = client.post(&STUDENTS, BODY).await else { panic!() };
    assert_eq!(done.attempts, 2);
}

#[tokio::test]
async fn answers_slow_to_the_end_are_unknown() {
    let stub = Stub::start(|_| Reply::created().after(Duration::from_secs(30))).await;
    let mut config = stub.config();
    config.request_timeout = Duration::from_millis(100);
    config.retry.tries = 2;
    let client = Client::connect(config).await.unwrap();
    let Outcome::Unknown(unknown) = client.post(&STUDENTS, BODY).await else { panic!() };
    assert_eq!((unknown.status, unknown.cause, unknown.attempts), (None, Cause::TimedOut, 2));
}
