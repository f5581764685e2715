//! One request with all its tries.

use std::time::Instant;

use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Body, Client, Method, Request};
use serde_json::Value;
use url::Url;

use crate::answer::{Answer, Shape, is_web_page};
use crate::auth::{Token, TokenSource};
use crate::config::RetryPolicy;
use crate::decision::{Decision, Operation, Seen, Tally, decide};
use crate::endpoints::origin;
use crate::error::{TransportError, TransportErrorKind};
use crate::http::{Failure, content_type, failure, read_body, retry_after};
use crate::outcome::{Cause, Done, Outcome, ReadError, Unknown};
use crate::pacing::Pacer;
use crate::resource::ResourcePath;
use crate::statistics::Counters;

/// What every request of a connection shares.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) http: Client,
    pub(crate) session: Box<dyn TokenSource>,
    pub(crate) retry: RetryPolicy,
    pub(crate) pacer: Pacer,
    pub(crate) counters: Counters,
}

/// A request that ended well.
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// The rows of a read; empty for a write.
    pub(crate) rows: Vec<Value>,
    pub(crate) attempts: u32,
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
        rows: Vec<Value>,
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
        let mut tally = Tally::default();
        let mut delays = None;
        loop {
            let place = self.pacer.place().await;
            // Only now, as waiting for a place can outlast a token.
            let token = match self.session.current() {
                Some(token) => token,
                None => self.session.token().await.map_err(ReadError::Stop)?,
            };
            let attempt = tally.attempts + 1;
            self.counters.sent(operation, body.as_ref().map_or(0, Bytes::len), attempt);
            let started = tracing::enabled!(tracing::Level::DEBUG).then(Instant::now);
            let tried = self.attempt(operation, url.clone(), body.clone(), &token).await;
            // Waits between tries do not count as in flight.
            drop(place);

            let seen = tried.seen();
            tally.count(&seen);
            let decision = decide(&seen, operation, &tally, &self.retry);
            if let Some(started) = started {
                let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
                tracing::debug!(method = operation.as_str(), %resource, status = tried.status(), attempt, millis, "request");
            }
            self.pace(&tried, decision);
            match decision {
                Decision::Done => return Ok(tried.into_answered(tally.attempts)),
                Decision::RetryAfter(wait) => {
                    let delays = delays.get_or_insert_with(|| self.retry.delays());
                    tokio::time::sleep(wait.or_else(|| delays.next()).unwrap_or_default()).await;
                }
                Decision::RenewToken => {
                    tally.renewed = true;
                    self.session.renew(&token).await.map_err(ReadError::Stop)?;
                }
                Decision::Refused(class) => {
                    return Err(ReadError::Refused(tried.into_answer().into_refused(class, tally.attempts)));
                }
                Decision::Unknown => {
                    let (status, cause, attempts) = (tried.status(), tried.cause(), tally.attempts);
                    return Err(ReadError::Unknown(Unknown { status, cause, attempts }));
                }
                Decision::Stop => return Err(ReadError::Stop(tried.stop(operation, resource, &url))),
            }
        }
    }

    async fn attempt(&self, operation: Operation, url: Url, body: Option<Bytes>, token: &Token) -> Tried {
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
        let body = match read_body(response).await {
            Ok(body) => body,
            // The server said that it committed; what follows says nothing that a write needs.
            Err(_) if good && operation != Operation::Read => Bytes::new(),
            Err(Failure::TooLarge) if good => return Tried::BadBody(status),
            Err(Failure::TooLarge) => Bytes::from_static(b"(too large)"),
            Err(failure) => return Tried::from(failure),
        };
        if good {
            return success(operation, status, headers, &body);
        }
        let mut answer = Answer::read(status, content_type(&headers), &body);
        answer.retry_after = retry_after(&headers);
        Tried::Answer { answer, headers, rows: Vec::new() }
    }

    /// Lets the other requests feel what this one met.
    fn pace(&self, tried: &Tried, decision: Decision) {
        match (tried, tried.status()) {
            (_, Some(429 | 503)) => {
                let pause = if let Decision::RetryAfter(pause) = decision { pause } else { None };
                self.pacer.overloaded(pause);
            }
            (Tried::TimedOut, _) | (_, Some(502 | 504)) => self.pacer.overloaded(None),
            (Tried::Answer { .. }, _) => self.pacer.good(),
            _ => {}
        }
    }
}

/// Reads an answer of a success status, without building anything for the common one: a write with no body.
fn success(operation: Operation, status: u16, headers: HeaderMap, body: &Bytes) -> Tried {
    let page = content_type(&headers).is_some_and(is_web_page) || body.trim_ascii_start().first() == Some(&b'<');
    if page {
        let answer = Answer::read(status, content_type(&headers), body);
        return Tried::Answer { answer, headers, rows: Vec::new() };
    }
    let answer = Answer::bare(status, Shape::Json);
    if operation != Operation::Read {
        return Tried::Answer { answer, headers, rows: Vec::new() };
    }
    // A query is answered with a list, the read of one item with the item.
    let rows = match body.trim_ascii_start().first() {
        Some(b'[') => serde_json::from_slice(body),
        _ => serde_json::from_slice(body).map(|item| vec![item]),
    };
    match rows {
        Ok(rows) => Tried::Answer { answer, headers, rows },
        Err(_) => Tried::BadBody(status),
    }
}

impl Tried {
    fn seen(&self) -> Seen<'_> {
        match self {
            Self::Answer { answer, .. } => Seen::Answer(answer),
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
            Self::Answer { headers, rows, .. } => Answered { status, headers, rows, attempts },
            // `decide` says done of answers only.
            _ => Answered { status, headers: HeaderMap::new(), rows: Vec::new(), attempts },
        }
    }

    fn into_answer(self) -> Answer {
        match self {
            Self::Answer { answer, .. } => answer,
            // `decide` says refused of answers only.
            other => Answer::bare(other.status().unwrap_or_default(), Shape::Empty),
        }
    }

    fn stop(self, operation: Operation, resource: &ResourcePath, url: &Url) -> TransportError {
        let what = format!("{} {resource}", operation.as_str());
        let origin = origin(url);
        if let Self::Unreachable(reason) = self {
            let message = format!("cannot connect to {origin} any more: {reason}");
            return TransportError::new(TransportErrorKind::Unreachable, what, message)
                .with_hint("the API went away during the run; run again when it is back");
        }
        let message = format!("{origin} refuses the token it has just given");
        TransportError::new(TransportErrorKind::Credentials, what, message)
            .with_hint("check that connection.url, the school year and the key belong together")
    }
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
            id: location_id(&answered.headers).or(path_id).map(str::to_owned),
            etag: etag(&answered.headers).map(str::to_owned),
            attempts: answered.attempts,
        }),
        Err(error) => error.into(),
    }
}

fn location_id(headers: &HeaderMap) -> Option<&str> {
    let location = headers.get(LOCATION)?.to_str().ok()?;
    let path = location.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    path.rsplit('/').next().filter(|id| !id.is_empty())
}

fn etag(headers: &HeaderMap) -> Option<&str> {
    let etag = headers.get(ETAG)?.to_str().ok()?;
    Some(etag.trim_start_matches("W/").trim_matches('"'))
}
