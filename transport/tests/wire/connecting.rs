//! Addresses that are not, or not quite, an API's.

use rollcall_transport::{Client, TransportError, TransportErrorKind};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::stub::{Reply, Stub, config};

/// Connects to a server that answers everything with these bytes.
async fn connect_to(answer: &'static str) -> TransportError {
    connect_by("http", answer).await
}

async fn connect_by(scheme: &str, answer: &'static str) -> TransportError {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("{scheme}://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut buffer = [0; 4096];
            if socket.read(&mut buffer).await.is_ok_and(|read| read > 0) {
                socket.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    });
    Client::connect(config(&origin)).await.unwrap_err()
}

#[tokio::test]
async fn a_web_page() {
    let error = connect_to(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: 19\r\n\r\n<html>hello</html>\n",
    )
    .await;
    assert_eq!(error.kind(), TransportErrorKind::NotAnApi);
    assert!(error.hint().is_some_and(|hint| hint.contains("connection.url")), "{error}");
}

#[tokio::test]
async fn json_of_another_kind() {
    let error = connect_to(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}",
    )
    .await;
    assert_eq!(error.kind(), TransportErrorKind::NotAnApi);
}

#[tokio::test]
async fn a_proxy_that_wants_a_login() {
    let error = connect_to(
        "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm=\"x\"\r\nconnection: close\r\n\
         content-length: 0\r\n\r\n",
    )
    .await;
    assert_eq!(error.kind(), TransportErrorKind::Unreachable);
    assert!(error.message().ends_with("a proxy on the way asks for a login (status 407)"), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("HTTPS_PROXY")), "{error}");
}

#[tokio::test]
async fn a_redirect_is_named_without_its_query() {
    let error = connect_to(
        "HTTP/1.1 301 Moved\r\nlocation: https://api.example.org/v6?session=abc\r\nconnection: close\r\n\
         content-length: 0\r\n\r\n",
    )
    .await;
    assert_eq!(error.kind(), TransportErrorKind::NotAnApi);
    assert!(error.message().ends_with("redirects to https://api.example.org/v6"), "{error}");
}

#[tokio::test]
async fn an_address_with_more_than_an_address() {
    for more in ["?token=604822", "#604822"] {
        let error = Client::connect(config(&format!("http://127.0.0.1:9/path{more}"))).await.unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Configuration);
        assert!(!error.to_string().contains("604822"), "{error}");
    }
}

#[tokio::test]
async fn nothing_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = Client::connect(config(&format!("{origin}/path/604822"))).await.unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Unreachable);
    let expected =
        format!("cannot read the discovery document: cannot connect to {origin}: connection refused (os error 111)");
    if cfg!(target_os = "linux") {
        assert_eq!(error.to_string(), expected);
    }
    assert!(error.hint().is_some());
}

#[tokio::test]
async fn an_https_address_of_a_server_that_speaks_http() {
    for answer in ["HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n", ""] {
        let error = connect_by("https", answer).await;
        assert_eq!(error.kind(), TransportErrorKind::Unreachable);
        assert!(error.hint().is_some_and(|hint| hint.contains("does not speak https")), "{error}");
    }
}

#[tokio::test]
async fn the_school_year_is_part_of_the_data_url() {
    let stub = Stub::start(|_| Reply::new(200, "[]")).await;
    let mut config = stub.config();
    config.route = Some("2026".to_owned());
    let client = Client::connect(config).await.unwrap();
    assert_eq!(client.data_url().path(), "/data/v3/2026");
    client.page(&"/ed-fi/schools".parse().unwrap(), 0, 1).await.unwrap();
    assert_eq!(stub.calls()[0].path, "/data/v3/2026/ed-fi/schools");
}
