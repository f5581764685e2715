//! The server that is sent to: discovery, OAuth, and an answer to every POST. It stores nothing.

use std::fmt;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Method, Uri, header};
use axum::response::Response;
use tokio::sync::Semaphore;

use crate::runtime;

/// How a server answers. Written `20`, or `latency=20,in-flight=16`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Kind {
    /// How long a request takes, in milliseconds.
    latency: u64,
    /// What comes above so many requests in flight is refused with 429, and no word about when to come back.
    in_flight: Option<usize>,
    /// What comes above so many requests a second is refused with 429 and `Retry-After: 1`: a bucket of tokens.
    per_second: Option<u32>,
    /// Tokens that the bucket holds; unless told, those of a tenth of a second.
    burst: Option<u32>,
    /// So many are served at once, the others wait in line.
    workers: Option<usize>,
}

impl Kind {
    pub(crate) const fn has_latency(self) -> bool {
        self.latency > 0
    }

    pub(crate) const fn throttles(self) -> bool {
        self.in_flight.is_some() || self.per_second.is_some() || self.workers.is_some()
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut kind = Self::default();
        for part in text.split(',') {
            let (name, value) = part.split_once('=').unwrap_or(("latency", part));
            let number: u32 = value.parse().map_err(|_| format!("{part}: not a number"))?;
            match name {
                "latency" => kind.latency = number.into(),
                "in-flight" => kind.in_flight = Some(number as usize),
                "per-second" => kind.per_second = Some(number),
                "burst" => kind.burst = Some(number),
                "workers" => kind.workers = Some(number as usize),
                _ => return Err(format!("{part}: nothing known by that name")),
            }
        }
        Ok(kind)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "latency={}", self.latency)?;
        let limits = [("in-flight", self.in_flight), ("workers", self.workers)];
        let rates = [("per-second", self.per_second), ("burst", self.burst)];
        let rates = rates.map(|(name, value)| (name, value.map(|value| value as usize)));
        for (name, value) in limits.into_iter().chain(rates) {
            if let Some(value) = value {
                write!(f, ",{name}={value}")?;
            }
        }
        Ok(())
    }
}

/// The server in a process of its own.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn start(kind: Kind) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("it knows its path"));
        let mut child = command.args(["serve", &kind.to_string()]).stdout(Stdio::piped()).spawn().expect("it starts");
        let mut address = String::new();
        BufReader::new(child.stdout.take().expect("it is piped")).read_line(&mut address).expect("it says where");
        Self { child, address: address.trim().to_owned() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Serves until it is killed.
pub(crate) fn serve(kind: Kind) {
    runtime().block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("there is a port");
        let origin = format!("http://{}", listener.local_addr().expect("it is bound"));
        println!("{origin}");
        std::io::stdout().flush().expect("the other side reads");
        let rate = kind.per_second.map(|rate| Bucket::new(rate.into(), kind.burst.unwrap_or(rate / 10).max(1).into()));
        let stub = Stub {
            kind,
            origin,
            count: AtomicUsize::new(0),
            in_flight: AtomicUsize::new(0),
            workers: Semaphore::new(kind.workers.unwrap_or(Semaphore::MAX_PERMITS)),
            bucket: rate.map(Mutex::new),
        };
        let router = Router::new().fallback(answer).with_state(Arc::new(stub));
        let listener = axum::serve::ListenerExt::tap_io(listener, |io| io.set_nodelay(true).unwrap_or_default());
        axum::serve(listener, router).await.expect("it serves");
    });
}

struct Stub {
    kind: Kind,
    origin: String,
    /// Records taken.
    count: AtomicUsize,
    in_flight: AtomicUsize,
    workers: Semaphore,
    bucket: Option<Mutex<Bucket>>,
}

/// Tokens that come at a rate; a request takes one.
struct Bucket {
    per_second: f64,
    most: f64,
    tokens: f64,
    at: Instant,
}

impl Bucket {
    fn new(per_second: f64, most: f64) -> Self {
        Self { per_second, most, tokens: most, at: Instant::now() }
    }

    fn take(&mut self) -> bool {
        let now = Instant::now();
        let come = self.per_second * now.duration_since(self.at).as_secs_f64();
        self.at = now;
        self.tokens = (self.tokens + come).min(self.most);
        let taken = self.tokens >= 1.0;
        if taken {
            self.tokens -= 1.0;
        }
        taken
    }
}

async fn answer(State(stub): State<Arc<Stub>>, method: Method, uri: Uri, _: Bytes) -> Response {
    let origin = &stub.origin;
    let json = |text: String| {
        let response = Response::builder().header(header::CONTENT_TYPE, "application/json");
        response.body(Body::from(text)).expect("it is a response")
    };
    match (method, uri.path()) {
        (Method::GET, "/") => json(format!(
            r#"{{"version":"6.2","urls":{{"oauth":"{origin}/oauth/token","dataManagementApi":"{origin}/data/v3/"}}}}"#
        )),
        (Method::POST, "/oauth/token") => json(r#"{"access_token":"t","expires_in":1800}"#.to_owned()),
        (_, path) => {
            let in_flight = stub.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
            let response = take(&stub, in_flight, path).await;
            stub.in_flight.fetch_sub(1, Ordering::Relaxed);
            response
        }
    }
}

/// Takes a record, or asks for patience.
async fn take(stub: &Stub, in_flight: usize, path: &str) -> Response {
    let busy = || Response::builder().status(429);
    if stub.kind.in_flight.is_some_and(|most| in_flight > most) {
        return busy().body(Body::empty()).expect("it is a response");
    }
    if stub.bucket.as_ref().is_some_and(|bucket| !bucket.lock().expect("nobody panics").take()) {
        return busy().header(header::RETRY_AFTER, "1").body(Body::empty()).expect("it is a response");
    }
    if stub.kind.has_latency() {
        let worker = stub.workers.acquire().await.expect("it is never closed");
        tokio::time::sleep(Duration::from_millis(stub.kind.latency)).await;
        drop(worker);
    }
    let location = format!("{}{path}/{:032x}", stub.origin, stub.count.fetch_add(1, Ordering::Relaxed));
    let response = Response::builder().status(201).header(header::LOCATION, location);
    response.header(header::ETAG, "\"5250000000000000000\"").body(Body::empty()).expect("it is a response")
}
