//! A small server that speaks discovery and OAuth and answers everything below the data URL as each test says.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use rollcall_transport::{Client, ClientConfig, ResourcePath, RetryPolicy, TransportError};
use secrecy::SecretString;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

pub(crate) const KEY: &str = "the-key-7781";
pub(crate) const SECRET: &str = "the-secret-9924";
pub(crate) const STUDENTS: ResourcePath = ResourcePath::ed_fi("students");

/// A request below the data URL, as the stub received it.
#[derive(Clone)]
pub(crate) struct Call {
    /// 1 for the first.
    pub(crate) number: usize,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) token: String,
    pub(crate) body: String,
}

/// What the stub answers.
#[derive(Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    pub(crate) delay: Duration,
}

impl Reply {
    pub(crate) fn new(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: Vec::new(), body: body.into(), delay: Duration::ZERO }
    }

    pub(crate) fn created() -> Self {
        Self::new(201, "")
            .header("location", "http://x/data/v3/ed-fi/students/0123456789abcdef0123456789abcdef")
            .header("etag", "\"5250\"")
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

type Answer = dyn Fn(&Call) -> Reply + Send + Sync;

pub(crate) struct Shared {
    answer: Box<Answer>,
    origin: String,
    calls: Mutex<Vec<Call>>,
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
    tokens: AtomicU64,
    /// The version that it says it has, if not 6.2.
    pub(crate) version: Mutex<Option<&'static str>>,
    /// Seconds that tokens live.
    pub(crate) expires_in: AtomicU64,
    /// Answers to send from the token endpoint before it works, the last first.
    pub(crate) token_replies: Mutex<Vec<Reply>>,
    /// Answers to send in the place of the discovery document before it is there, the last first.
    pub(crate) discovery_replies: Mutex<Vec<Reply>>,
    /// When the discovery document was asked for.
    pub(crate) discoveries: Mutex<Vec<Instant>>,
    /// Take every token, not only the newest.
    pub(crate) any_token: AtomicBool,
}

pub(crate) struct Stub {
    pub(crate) shared: Arc<Shared>,
    runtime: Option<Runtime>,
}

impl Stub {
    pub(crate) async fn start(answer: impl Fn(&Call) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_on(TcpListener::bind("127.0.0.1:0").await.unwrap(), answer)
    }

    /// On a listener that is there already.
    pub(crate) fn start_on(listener: TcpListener, answer: impl Fn(&Call) -> Reply + Send + Sync + 'static) -> Self {
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            answer: Box::new(answer),
            origin: format!("http://{address}"),
            calls: Mutex::default(),
            in_flight: AtomicUsize::new(0),
            most_in_flight: AtomicUsize::new(0),
            tokens: AtomicU64::new(0),
            version: Mutex::default(),
            expires_in: AtomicU64::new(1800),
            token_replies: Mutex::default(),
            discovery_replies: Mutex::default(),
            discoveries: Mutex::default(),
            any_token: AtomicBool::new(false),
        });
        let router = Router::new().fallback(handle).with_state(Arc::clone(&shared));
        // A runtime of its own, with which its connections end too.
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = listener.into_std().unwrap();
        runtime.spawn(async move { axum::serve(TcpListener::from_std(listener).unwrap(), router).await });
        Self { shared, runtime: Some(runtime) }
    }

    /// Ends it as a killed process ends, connections and all; the address that it leaves free.
    pub(crate) async fn stop(mut self) -> SocketAddr {
        let runtime = self.runtime.take().unwrap();
        tokio::task::spawn_blocking(move || drop(runtime)).await.unwrap();
        self.shared.origin.strip_prefix("http://").unwrap().parse().unwrap()
    }

    pub(crate) fn config(&self) -> ClientConfig {
        config(&self.shared.origin)
    }

    pub(crate) async fn connect(&self) -> Result<Client, TransportError> {
        Client::connect(self.config()).await
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.shared.calls.lock().unwrap().clone()
    }

    pub(crate) fn tokens(&self) -> u64 {
        self.shared.tokens.load(Ordering::SeqCst)
    }

    pub(crate) fn most_in_flight(&self) -> usize {
        self.shared.most_in_flight.load(Ordering::SeqCst)
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Settings with delays that suit a test.
pub(crate) fn config(origin: &str) -> ClientConfig {
    let mut config = ClientConfig::new(origin.parse().unwrap(), SecretString::from(KEY), SecretString::from(SECRET));
    config.retry = RetryPolicy {
        tries: 4,
        first_delay: Duration::from_millis(5),
        max_delay: Duration::from_millis(20),
        ..RetryPolicy::default()
    };
    config.request_timeout = Duration::from_secs(2);
    config
}

/// The discovery document of a server at `origin`.
pub(crate) fn discovery(origin: &str) -> String {
    json!({
        "version": "6.2", "informationalVersion": "6.2", "suite": "3", "build": "1", "apiMode": "Shared Instance",
        "dataModels": [{ "name": "Ed-Fi", "version": "4.0.0", "informationalVersion": "x" }],
        "urls": {
            "oauth": format!("{origin}/oauth/token"), "dataManagementApi": format!("{origin}/data/v3/"),
            "dependencies": format!("{origin}/metadata/data/v3/dependencies"),
        },
    })
    .to_string()
}

async fn handle(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
    let header = |name| parts.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    match parts.uri.path() {
        "/" => {
            shared.discoveries.lock().unwrap().push(Instant::now());
            if let Some(reply) = shared.discovery_replies.lock().unwrap().pop() {
                return respond(reply);
            }
            let version = format!(r#""version":"{}""#, shared.version.lock().unwrap().unwrap_or("6.2"));
            respond(Reply::new(200, discovery(&shared.origin).replace(r#""version":"6.2""#, &version)))
        }
        "/metadata/data/v3/dependencies" => {
            respond(Reply::new(200, r#"[{"resource":"/ed-fi/students","order":3,"operations":["Create"]}]"#))
        }
        "/oauth/token" => respond(token(&shared, &header(header::AUTHORIZATION), &body)),
        path => {
            let token = header(header::AUTHORIZATION).strip_prefix("Bearer ").unwrap_or_default().to_owned();
            let newest = format!("token-{}", shared.tokens.load(Ordering::SeqCst));
            let call = {
                let mut calls = shared.calls.lock().unwrap();
                let call = Call {
                    number: calls.len() + 1,
                    method: parts.method.to_string(),
                    path: path.to_owned(),
                    query: parts.uri.query().unwrap_or_default().to_owned(),
                    token,
                    body,
                };
                calls.push(call.clone());
                call
            };
            if call.token != newest && !shared.any_token.load(Ordering::SeqCst) {
                return respond(Reply::new(401, ""));
            }
            let now = shared.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
            shared.most_in_flight.fetch_max(now, Ordering::SeqCst);
            let reply = (shared.answer)(&call);
            tokio::time::sleep(reply.delay).await;
            shared.in_flight.fetch_sub(1, Ordering::SeqCst);
            respond(reply)
        }
    }
}

fn token(shared: &Shared, authorization: &str, body: &str) -> Reply {
    use base64::Engine as _;
    if let Some(reply) = shared.token_replies.lock().unwrap().pop() {
        return reply;
    }
    let expected = base64::prelude::BASE64_STANDARD.encode(format!("{KEY}:{SECRET}"));
    if authorization != format!("Basic {expected}") {
        return Reply::new(401, r#"{"error":"invalid_client"}"#);
    }
    if body != "grant_type=client_credentials" {
        return Reply::new(400, r#"{"error":"unsupported_grant_type"}"#);
    }
    let number = shared.tokens.fetch_add(1, Ordering::SeqCst) + 1;
    let expires_in = shared.expires_in.load(Ordering::SeqCst);
    Reply::new(
        200,
        json!({ "access_token": format!("token-{number}"), "expires_in": expires_in, "token_type": "bearer" })
            .to_string(),
    )
}

fn respond(reply: Reply) -> Response {
    let mut response = Response::builder().status(StatusCode::from_u16(reply.status).unwrap());
    if !reply.body.is_empty() && !reply.headers.iter().any(|(name, _)| *name == "content-type") {
        response = response.header(header::CONTENT_TYPE, "application/json; charset=utf-8");
    }
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(reply.body)).unwrap()
}
