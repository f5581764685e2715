//! One request with all its tries.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue};
use reqwest::{Body, Client, Method, Request};
use serde_json::Value;
use url::Url;

use crate::alone::Patience;
use crate::answer::{Answer, Shape, is_web_page};
use crate::auth::{Token, TokenSource};
use crate::config::RetryPolicy;
use crate::decision::{Decision, Operation, PROXY_LOGIN, Seen, Server, Tally, decide, is_committed};
use crate::endpoints::origin;
use crate::error::{TransportError, TransportErrorKind};
use crate::halt::Halt;
use crate::http::{
    ANSWER_LIMIT, Failure, PROXY_HINT, READ_LIMIT, content_type, failure, is_proxy_login, read_body, retry_after, until,
};
use crate::location::item_id;
use crate::outage::{Closed, Gate, Pass, Probed};
use crate::outcome::{Cause, Done, Outcome, ReadError, Unknown};
use crate::pacing::{Pacer, Place};
use crate::resource::ResourcePath;
use crate::statistics::{ByResource, Counters};

/// What every request of a connection shares.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) http: Client,
    pub(crate) session: Box<dyn TokenSource>,
    pub(crate) retry: RetryPolicy,
    pub(crate) pacer: Pacer,
    pub(crate) gate: Gate,
    pub(crate) halt: Halt,
    /// What is asked, without a token, whether the server is back: the discovery document.
    pub(crate) probe: Url,
    /// What the last try met that found the server away.
    pub(crate) trouble: Mutex<Option<Trouble>>,
    pub(crate) counters: Counters,
    /// The last token that the server took.
    pub(crate) good_token: AtomicU64,
    /// How many requests were begun, repeats not counted.
    pub(crate) begun: AtomicU64,
    /// How many requests the server has answered without asking for patience.
    pub(crate) served: AtomicU64,
    pub(crate) by_resource: ByResource,
}

/// Why a try found the server away.
#[derive(Debug, Clone)]
pub(crate) struct Trouble {
    kind: TransportErrorKind,
    what: String,
    /// Whether it is a proxy on the way that wants a login.
    proxy: bool,
}

/// Longest wait between two questions whether the server is back.
const LONGEST_PROBE_DELAY: Duration = Duration::from_secs(10);

/// A request that ended well.
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// The id of the item that the answer names.
    pub(crate) id: Option<String>,
    pub(crate) rows: Rows,
    pub(crate) attempts: u32,
}

/// What a read brought.
pub(crate) enum Rows {
    /// Nothing: it was a write.
    None,
    /// A list, which is what a query is answered with.
    List(Vec<Value>),
    /// Anything else: an item, which is what the read of one is answered with.
    One(Value),
}

/// What one try brought.
#[expect(
    clippy::large_enum_variant,
    reason = "the large variant is the usual one, and one lives in each request's future"
)]
enum Tried {
    Answer {
        answer: Answer,
        headers: HeaderMap,
        rows: Rows,
    },
    /// A success of this status that cannot be read.
    BadBody(u16),
    TimedOut,
    ConnectionLost,
    Unreachable(String),
}

impl Exchange {
    /// Sends a request until it has a final answer or [`decide`] gives up.
    pub(crate) async fn send(
        &self,
        operation: Operation,
        resource: &ResourcePath,
        url: Url,
        body: Option<Bytes>,
    ) -> Result<Answered, ReadError> {
        let begun = Instant::now();
        let mut tally = Tally::default();
        let mut delays = None;
        let mut patience = Patience::of(self.begun.fetch_add(1, Ordering::Relaxed));
        // What a try may have left at the server, as far as nobody knows.
        let mut left = None;
        loop {
            let Some(turn) = self.halt.unless_asked(self.turn(operation, resource, &url)).await else {
                let error = ReadError::Stop(halted(operation, resource));
                return Err(left.map_or(error, ReadError::Unknown));
            };
            let (pass, place, token) = turn?;
            let attempt = tally.attempts + 1;
            self.counters.sent(operation, body.as_ref().map_or(0, Bytes::len), attempt);
            let started = Instant::now();
            let tried = self.attempt(operation, resource, url.clone(), body.clone(), &token).await;
            let took = started.elapsed();
            self.by_resource.note(resource, body.as_ref().map_or(0, Bytes::len), attempt, took);
            // Waits between tries do not count as in flight.
            drop(place);

            let seen = tried.seen(operation);
            let was_open = self.gate.is_open();
            tally.count(&seen, self.gate.note(&seen));
            drop(pass);
            tally.waited = begun.elapsed();
            tally.troubled = self.gate.troubled().unwrap_or_default();
            if tried.status() == Some(401) {
                tally.token_was_good = self.good_token.load(Ordering::Relaxed) >= token.serial();
            } else if matches!(tried, Tried::Answer { .. }) {
                self.good_token.fetch_max(token.serial(), Ordering::Relaxed);
            }
            if tried.may_have_written() {
                left = Some(Unknown { status: tried.status(), cause: tried.cause(), attempts: tally.attempts });
            }
            let decision = decide(&seen, operation, &tally, &self.retry);
            if matches!(tried.status(), Some(429 | 503)) {
                patience.asked(self.served.load(Ordering::Relaxed));
            } else {
                patience.over();
            }
            tracing::debug!(
                method = operation.as_str(), %resource, status = tried.status(), attempt,
                millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX), "request"
            );
            if was_open {
                self.pace(&tried, decision, &patience, took);
            } else {
                self.pacer.restart();
            }
            match decision {
                Decision::Done => return Ok(tried.into_answered(tally.attempts)),
                Decision::RetryAfter(Some(wait)) if !patience.is_about_one() => self.sleep(wait).await,
                Decision::RetryAfter(told) => {
                    // Who is throttled waits with everyone (see `Pacer::throttled`), and only a little longer.
                    let wait = if seen.is_throttled() && !patience.is_about_one() {
                        self.retry.delays().next()
                    } else {
                        delays.get_or_insert_with(|| self.retry.delays()).next()
                    };
                    self.sleep(told.unwrap_or_default() + wait.unwrap_or_default()).await;
                }
                Decision::Pause => self.note_trouble(&tried, operation, &url),
                Decision::RenewToken => match self.halt.unless_asked(self.session.renew(&token)).await {
                    Some(Ok(_)) => tally.renewed += 1,
                    Some(Err(error)) => self.no_token(error)?,
                    None => {}
                },
                Decision::Refused(class) => {
                    return Err(ReadError::Refused(tried.into_answer().into_refused(operation, class, tally.attempts)));
                }
                Decision::Unknown => {
                    let (status, cause, attempts) = (tried.status(), tried.cause(), tally.attempts);
                    return Err(ReadError::Unknown(Unknown { status, cause, attempts }));
                }
                Decision::Stop if tally.server == Server::Gone => {
                    self.note_trouble(&tried, operation, &url);
                    return Err(ReadError::Stop(self.gone(operation, resource, &url)));
                }
                Decision::Stop => return Err(ReadError::Stop(refused_token(operation, resource, &url))),
                Decision::StopFor(wait) => {
                    return Err(ReadError::Stop(asks_to_wait(operation, resource, &url, wait)));
                }
            }
        }
    }

    /// Waits until a try may begin: for the server, for a place, and for a token.
    async fn turn(
        &self,
        operation: Operation,
        resource: &ResourcePath,
        url: &Url,
    ) -> Result<(Pass<'_>, Place<'_>, Token), ReadError> {
        loop {
            let pass = match self.wait_for_the_server().await {
                Ok(pass) => pass,
                Err(Closed::Gone) => return Err(ReadError::Stop(self.gone(operation, resource, url))),
                Err(Closed::For(wait)) => return Err(ReadError::Stop(asks_to_wait(operation, resource, url, wait))),
            };
            let place = self.pacer.place().await;
            if !self.gate.is_open() && !pass.is_trial() {
                // The server went away while this one waited for its place.
                continue;
            }
            // Only now, as waiting for a place can outlast a token.
            if let Some(token) = self.session.current() {
                return Ok((pass, place, token));
            }
            match self.session.token().await {
                Ok(token) => return Ok((pass, place, token)),
                Err(error) => self.no_token(error)?,
            }
        }
    }

    /// Waits before a repeat, or until there is to be none.
    async fn sleep(&self, wait: Duration) {
        self.halt.unless_asked(tokio::time::sleep(wait)).await;
    }

    async fn wait_for_the_server(&self) -> Result<Pass<'_>, Closed> {
        if self.gate.is_open() {
            return Ok(Pass::Open);
        }
        let delays = self.retry.delays().map(|delay| delay.min(LONGEST_PROBE_DELAY));
        self.gate.pass(delays, || self.probe()).await
    }

    /// No token was to be had. While the server that gives them is away, that is waited for like the API itself.
    fn no_token(&self, error: TransportError) -> Result<(), ReadError> {
        if error.may_pass() && self.gate.note_no_token() != Server::Gone { Ok(()) } else { Err(ReadError::Stop(error)) }
    }

    /// Whether the server answers again, asked without a token and without a record.
    async fn probe(&self) -> Probed {
        let mut request = Request::new(Method::GET, self.probe.clone());
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        match self.http.execute(request).await {
            Ok(response) if matches!(response.status().as_u16(), PROXY_LOGIN | 429 | 502..=504 | 520..=530) => {
                Probed::Away(retry_after(response.headers()).filter(|wait| !wait.is_zero()))
            }
            Ok(_) => Probed::Back,
            Err(_) => Probed::Away(None),
        }
    }

    /// Keeps what a try met, for the error of a run that has waited long enough.
    fn note_trouble(&self, tried: &Tried, operation: Operation, url: &Url) {
        let origin = origin(url);
        let proxy = match tried {
            Tried::Unreachable(reason) => is_proxy_login(reason),
            _ => tried.status() == Some(PROXY_LOGIN),
        };
        let (kind, what) = match tried {
            Tried::Unreachable(reason) => {
                (TransportErrorKind::Unreachable, format!("cannot connect to {origin} any more: {reason}"))
            }
            Tried::Answer { answer, .. } => {
                let nothing_but = || format!("{origin} answers with nothing but status {}", answer.status);
                let told = answer.told(operation).map(|told| format!("{origin}: {told}"));
                (TransportErrorKind::Unavailable, told.unwrap_or_else(nothing_but))
            }
            _ => (TransportErrorKind::Unavailable, format!("{origin} does not answer any more")),
        };
        let trouble = Trouble { kind, what, proxy };
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(trouble);
    }

    /// The error of a run that has waited long enough.
    fn gone(&self, operation: Operation, resource: &ResourcePath, url: &Url) -> TransportError {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Trouble { kind, what, proxy } = trouble.unwrap_or_else(|| Trouble {
            kind: TransportErrorKind::Unavailable,
            what: format!("{} does not answer any more", origin(url)),
            proxy: false,
        });
        let error = TransportError::new(kind, format!("{} {resource}", operation.as_str()), what);
        if proxy {
            return error.with_hint(format!("{PROXY_HINT}; run again then, and the run goes on where it stopped"));
        }
        error.with_hint(
            "the API was away for longer than connection.outage-minutes allows; run again when it is back, and the run goes \
             on where it stopped",
        )
    }

    async fn attempt(
        &self,
        operation: Operation,
        resource: &ResourcePath,
        url: Url,
        body: Option<Bytes>,
        token: &Token,
    ) -> Tried {
        let method = match operation {
            Operation::Post => Method::POST,
            Operation::Put => Method::PUT,
            Operation::Delete => Method::DELETE,
            Operation::Read => Method::GET,
        };
        let mut request = Request::new(method, url);
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, token.header().clone());
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(body) = body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            *request.body_mut() = Some(Body::from(body));
        }
        let mut response = match self.http.execute(request).await {
            Ok(response) => response,
            Err(error) => return Tried::from(failure(error)),
        };
        let status = response.status().as_u16();
        let good = matches!(status, 200..=299);
        let headers = std::mem::take(response.headers_mut());
        let id = if good { item_id(&headers, &resource.name).map(str::to_owned) } else { None };
        let limit = if good && operation == Operation::Read { READ_LIMIT } else { ANSWER_LIMIT };
        let body = match read_body(response, limit).await {
            Ok(body) => body,
            // What follows says nothing that a write needs.
            Err(_) if is_committed(operation, status, id.as_deref()) => Bytes::new(),
            Err(Failure::TooLarge) if good => return Tried::BadBody(status),
            Err(Failure::TooLarge) => Bytes::from_static(b"(too large)"),
            Err(failure) => return Tried::from(failure),
        };
        if good {
            return success(operation, id, status, headers, &body);
        }
        let mut answer = Answer::read(status, content_type(&headers), &body);
        answer.retry_after = retry_after(&headers);
        Tried::Answer { answer, headers, rows: Rows::None }
    }

    /// Lets the other requests feel what this one met.
    fn pace(&self, tried: &Tried, decision: Decision, patience: &Patience, took: Duration) {
        if patience.is_about_one() {
            return;
        }
        let told = if let Decision::RetryAfter(pause) = decision { pause } else { None };
        match (tried, tried.status()) {
            (_, Some(429)) => self.pacer.throttled(patience.request, told),
            (_, Some(503)) => self.pacer.unavailable(told),
            (Tried::TimedOut, _) | (_, Some(502 | 504)) => self.pacer.overloaded(),
            (Tried::Answer { .. }, _) => {
                self.served.fetch_add(1, Ordering::Relaxed);
                self.pacer.answered(took);
            }
            _ => {}
        }
    }
}

/// Reads an answer of a success status, without building anything for the common one: a write with no body.
fn success(operation: Operation, id: Option<String>, status: u16, headers: HeaderMap, body: &Bytes) -> Tried {
    let page = content_type(&headers).is_some_and(is_web_page) || body.trim_ascii_start().first() == Some(&b'<');
    if page || operation != Operation::Read {
        let answer = Answer { id, ..Answer::read(status, content_type(&headers), body) };
        return Tried::Answer { answer, headers, rows: Rows::None };
    }
    let answer = Answer::bare(status, Shape::Json);
    let rows = match body.trim_ascii_start().first() {
        Some(b'[') => serde_json::from_slice(body).map(Rows::List),
        _ => serde_json::from_slice(body).map(Rows::One),
    };
    match rows {
        Ok(rows) => Tried::Answer { answer, headers, rows },
        Err(_) => Tried::BadBody(status),
    }
}

impl Tried {
    fn seen(&self, operation: Operation) -> Seen<'_> {
        match self {
            Self::Answer { answer, .. } => Seen::of(answer, operation),
            Self::BadBody(_) => Seen::BadBody,
            Self::TimedOut => Seen::TimedOut,
            Self::ConnectionLost => Seen::ConnectionLost,
            Self::Unreachable(_) => Seen::Unreachable,
        }
    }

    fn status(&self) -> Option<u16> {
        match self {
            Self::Answer { answer, .. } => Some(answer.status),
            Self::BadBody(status) => Some(*status),
            Self::TimedOut | Self::ConnectionLost | Self::Unreachable(_) => None,
        }
    }

    /// Whether the server may have done what it was asked, so that only another answer tells.
    fn may_have_written(&self) -> bool {
        !matches!(self, Self::Unreachable(_)) && !matches!(self.status(), Some(401 | 429))
    }

    fn cause(&self) -> Cause {
        match self {
            Self::Answer { .. } => Cause::Busy,
            Self::BadBody(_) => Cause::UnreadableBody,
            Self::TimedOut => Cause::TimedOut,
            Self::ConnectionLost => Cause::ConnectionLost,
            Self::Unreachable(_) => Cause::Unreachable,
        }
    }

    fn into_answered(self, attempts: u32) -> Answered {
        let status = self.status().unwrap_or_default();
        match self {
            Self::Answer { answer, headers, rows } => Answered { status, headers, id: answer.id, rows, attempts },
            // `decide` says done of answers only.
            _ => Answered { status, headers: HeaderMap::new(), id: None, rows: Rows::None, attempts },
        }
    }

    fn into_answer(self) -> Answer {
        match self {
            Self::Answer { answer, .. } => answer,
            // `decide` says refused of answers only.
            other => Answer::bare(other.status().unwrap_or_default(), Shape::Empty),
        }
    }
}

/// The error of a server that does not take its own tokens.
fn refused_token(operation: Operation, resource: &ResourcePath, url: &Url) -> TransportError {
    let message = format!("{} refuses the token it has just given", origin(url));
    TransportError::new(TransportErrorKind::Credentials, format!("{} {resource}", operation.as_str()), message)
        .with_hint("check that connection.url, the school year and the key belong together")
}

/// The error of a request that was not sent, as the client was told to stop.
fn halted(operation: Operation, resource: &ResourcePath) -> TransportError {
    let operation = format!("{} {resource}", operation.as_str());
    TransportError::new(TransportErrorKind::Halted, operation, "told to stop before it was sent")
}

/// The error of a server that asks to wait for longer than it may be away.
fn asks_to_wait(operation: Operation, resource: &ResourcePath, url: &Url, wait: Duration) -> TransportError {
    let message = format!("{} asks to wait {}", origin(url), until(wait, SystemTime::now()));
    let operation = format!("{} {resource}", operation.as_str());
    TransportError::new(TransportErrorKind::Unavailable, operation, message).for_longer_than_a_run_waits()
}

impl From<Failure> for Tried {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::TimedOut => Self::TimedOut,
            // Bodies too large are dealt with where the status is known.
            Failure::ConnectionLost | Failure::TooLarge => Self::ConnectionLost,
            Failure::Unreachable(reason) => Self::Unreachable(reason),
        }
    }
}

/// A write's result as an [`Outcome`]; `path_id` is the id that the request named.
pub(crate) fn into_outcome(result: Result<Answered, ReadError>, path_id: Option<&str>) -> Outcome {
    match result {
        Ok(answered) => Outcome::Done(Done {
            status: answered.status,
            etag: etag(&answered.headers).map(str::to_owned),
            id: answered.id.or_else(|| path_id.map(str::to_owned)),
            attempts: answered.attempts,
        }),
        Err(error) => error.into(),
    }
}

fn etag(headers: &HeaderMap) -> Option<&str> {
    let etag = headers.get(ETAG)?.to_str().ok()?;
    Some(etag.trim_start_matches("W/").trim_matches('"'))
}
