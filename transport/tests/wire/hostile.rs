//! Servers that mean harm, and servers that cannot prove who they are.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedKey, IsCa, KeyPair, generate_simple_self_signed,
};
use rollcall_transport::{Cause, Client, Outcome, ReadError, RefusalClass, Refused, TransportErrorKind};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::stub::{Reply, STUDENTS, Stub, config, discovery};

const BODY: Bytes = Bytes::from_static(b"{}");
const TOKEN: &str = r#"{"access_token":"t","expires_in":1800}"#;

/// An https server with a certificate that it signed itself.
async fn self_signed() -> (String, String) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    serve(cert, signing_key).await
}

/// An https server that shows an authority's certificate as its own.
async fn authority() -> (String, String) {
    let mut parameters = CertificateParams::new(["localhost".to_owned()]).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    serve(parameters.self_signed(&key).unwrap(), key).await
}

/// An https server that speaks discovery and OAuth; its address and its certificate.
async fn serve(cert: Certificate, signing_key: KeyPair) -> (String, String) {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![cert.der().clone()], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let document = discovery(&origin);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (acceptor, document) = (acceptor.clone(), document.clone());
            tokio::spawn(async move {
                // Who does not trust the certificate hangs up.
                let Ok(mut socket) = acceptor.accept(socket).await else { return };
                let mut buffer = [0; 8192];
                let read = socket.read(&mut buffer).await.unwrap_or_default();
                let body = if buffer[..read].starts_with(b"GET / ") { document.as_str() } else { TOKEN };
                let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
                socket.write_all((head + body).as_bytes()).await.unwrap();
                socket.shutdown().await.ok();
            });
        }
    });
    (origin, cert.pem())
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused_and_the_hint_says_what_to_do() {
    let (origin, pem) = self_signed().await;
    let error = Client::connect(config(&origin)).await.unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Unreachable);
    assert!(error.message().contains("certificate"), "{error}");
    assert!(error.hint().unwrap().contains("connection.ca-file"), "{error:?}");

    let mut trusting = config(&origin);
    trusting.ca_certificates = Some(pem.into_bytes());
    Client::connect(trusting).await.unwrap();

    // Another name than the certificate's.
    let mut elsewhere = config(&origin.replace("localhost", "127.0.0.1"));
    elsewhere.ca_certificates = Some(self_signed().await.1.into_bytes());
    assert!(Client::connect(elsewhere).await.unwrap_err().message().contains("certificate"));
}

/// It is in the file already, so to put it there is no advice.
#[tokio::test]
async fn an_authoritys_certificate_is_no_servers() {
    let (origin, pem) = authority().await;
    let mut trusting = config(&origin);
    trusting.ca_certificates = Some(pem.into_bytes());
    let error = Client::connect(trusting).await.unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Unreachable);
    assert!(error.hint().unwrap().contains("which connection.ca-file cannot mend"), "{error:?}");
}

#[tokio::test]
async fn a_file_without_a_certificate_is_a_mistake_of_the_configuration() {
    for text in ["", "not a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let mut config = config("https://localhost:1");
        config.ca_certificates = Some(text.into());
        let error = Client::connect(config).await.unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Configuration, "{text:?}: {error}");
    }
}

/// A server that answers every request below the data URL with `head` and then with `piece` for ever.
async fn endless(head: &'static str, piece: Vec<u8>) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let document = discovery(&origin);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let (document, piece) = (document.clone(), piece.clone());
            tokio::spawn(async move {
                let mut buffer = [0; 8192];
                let read = socket.read(&mut buffer).await.unwrap_or_default();
                let body = match &buffer[..read] {
                    request if request.starts_with(b"GET / ") => document.as_str(),
                    request if request.starts_with(b"POST /oauth") => TOKEN,
                    _ => {
                        socket.write_all(head.as_bytes()).await.unwrap();
                        while socket.write_all(&piece).await.is_ok() {}
                        return;
                    }
                };
                let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
                socket.write_all((head + body).as_bytes()).await.unwrap();
            });
        }
    });
    let mut config = config(&origin);
    config.request_timeout = Duration::from_secs(30);
    config.retry.tries = 2;
    Client::connect(config).await.unwrap()
}

#[tokio::test]
async fn a_body_without_end_is_cut_off() {
    let client =
        endless("HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n\r\n", vec![b'['; 65_536]).await;
    let Outcome::Refused(refused) = client.post(&STUDENTS, BODY).await else { panic!() };
    assert_eq!((refused.status, refused.class), (400, RefusalClass::NotAnApi));
    assert!(refused.message.len() < 100);
    let client = endless("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n", vec![b' '; 65_536]).await;
    assert!(matches!(client.page(&STUDENTS, 0, 500).await, Err(ReadError::Unknown(_))));
    assert_unreadable(&client).await;
    // Committed is committed, whatever the server goes on to say.
    let head = "HTTP/1.1 201 Created\r\nlocation: /data/v3/ed-fi/students/a1\r\n\r\n";
    let client = endless(head, vec![b' '; 65_536]).await;
    let outcome = client.post(&STUDENTS, BODY).await;
    assert!(matches!(&outcome, Outcome::Done(done) if done.id.as_deref() == Some("a1")), "{outcome:?}");
}

/// A success with a body that is too large, and nothing that says what was committed: nobody knows.
async fn assert_unreadable(client: &Client) {
    for outcome in [
        client.post(&STUDENTS, BODY).await,
        client.put(&STUDENTS, "a1", BODY).await,
        client.delete(&STUDENTS, "a1").await,
    ] {
        let Outcome::Unknown(unknown) = outcome else { panic!("{outcome:?}") };
        assert_eq!((unknown.cause, unknown.status, unknown.attempts), (Cause::UnreadableBody, Some(200), 2));
    }
}

/// What is cut off is not looked at: a page far behind is no success either.
#[tokio::test]
async fn a_page_behind_two_million_empty_lines_is_no_success() {
    let stub = Stub::start(|_| {
        Reply::new(200, "\n".repeat(2_000_000) + "<html>sign in").header("content-type", "application/octet-stream")
    })
    .await;
    let mut config = stub.config();
    config.retry.tries = 2;
    assert_unreadable(&Client::connect(config).await.unwrap()).await;
}

#[tokio::test]
async fn a_switch_of_protocols_is_not_the_apis() {
    let head = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n";
    let Outcome::Refused(refused) = endless(head, b"{}".to_vec()).await.post(&STUDENTS, BODY).await else { panic!() };
    assert_eq!((refused.status, refused.class), (101, RefusalClass::NotAnApi));
    assert!(refused.message.starts_with("a switch to another protocol"), "{}", refused.message);
}

#[tokio::test]
async fn a_header_without_end_is_cut_off() {
    let client = endless("HTTP/1.1 400 Bad Request\r\nx-one: 1\r\n", b"x-more: 0123456789abcdef\r\n".to_vec()).await;
    let outcome = client.post(&STUDENTS, BODY).await;
    assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
}

/// Ten megabytes that decompress to ten gigabytes: gzip members, each of zeros, one after the other.
#[tokio::test]
async fn a_body_that_grows_when_it_is_unpacked_is_cut_off() {
    // `gzip -9` of 64 KiB of spaces.
    const SPACES: &[u8] = include_bytes!("spaces.gz");
    let client = endless(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\n\r\n",
        SPACES.repeat(16),
    )
    .await;
    assert!(matches!(client.page(&STUDENTS, 0, 500).await, Err(ReadError::Unknown(_))));
    assert!(matches!(client.post(&STUDENTS, BODY).await, Outcome::Unknown(_)));
}

#[tokio::test]
async fn texts_are_kept_short_and_deep_json_is_text() {
    let deep = "[".repeat(100_000);
    let long = format!(r#"{{"message":"{}"}}"#, "x".repeat(500_000));
    let fields: Vec<String> = (0..5_000).map(|n| format!(r#""$.a{n}":["{}"],"#, "y".repeat(50))).collect();
    let fields = fields.concat();
    let many = format!(
        r#"{{"type":"urn:{}","detail":"d","correlationId":"{}","validationErrors":{{{fields}"$.z":["z"]}}}}"#,
        "u".repeat(10_000),
        "c".repeat(10_000)
    );
    let replies = [deep, long, many];
    let stub = Stub::start(move |call| Reply::new(400, replies[(call.number - 1) % 3].clone())).await;
    let client = stub.connect().await.unwrap();
    for _ in 0..3 {
        let Outcome::Refused(refused) = client.post(&STUDENTS, BODY).await else { panic!() };
        assert!(size(&refused) < 64 * 1024, "{refused:?}: {}", size(&refused));
    }
}

fn size(refused: &Refused) -> usize {
    let fields =
        refused.fields.iter().map(|field| field.path.len() + field.messages.iter().map(String::len).sum::<usize>());
    let more = refused.urn.as_deref().map_or(0, str::len) + refused.correlation_id.as_deref().map_or(0, str::len);
    refused.message.len() + more + fields.sum::<usize>()
}

/// An error page that shows the request as it came: its text is kept in the error log.
#[tokio::test]
async fn a_token_that_comes_back_is_not_kept() {
    let forms = [
        (400, r#"{"message":"bad: %, %"}"#),
        (400, "<pre>Authorization: Bearer %</pre>"),
        (413, "%%"),
        (200, "<p>%</p>"),
    ];
    for (status, form) in forms {
        let stub = Stub::start(move |call| Reply::new(status, form.replace('%', &call.token))).await;
        let client = stub.connect().await.unwrap();
        let Outcome::Refused(refused) = client.post(&STUDENTS, Bytes::from_static(b"{}")).await else {
            panic!("{form}")
        };
        assert!(!refused.message.contains("token-1") && refused.message.contains("(token)"), "{}", refused.message);
    }
}
