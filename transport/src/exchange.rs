//! One request with all its tries.

use std::pin::pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Body, Client, Method, Request};
use url::Url;

use crate::answer::{Answer, is_web_page};
use crate::auth::{Token, TokenSource};
use crate::config::RetryPolicy;
use crate::decision::{Decision, Operation, PROXY_LOGIN, Seen, Server, Tally, decide, is_committed};
use crate::error::TransportError;
use crate::halt::Halt;
use crate::http::{ANSWER_LIMIT, Failure, READ_LIMIT, content_type, failure, read_body, retry_after};
use crate::location::item_id;
use crate::meant::{Asked, Meant, Patience};
use crate::outage::{Closed, Gate, Pass, Probed};
use crate::outcome::{Cause, ReadError, Unknown};
use crate::pacing::{Pacer, Place};
use crate::resource::ResourcePath;
use crate::statistics::{ByResource, Counters};
use crate::tried::{Answered, Rows, Tried, success};
use crate::trouble::{Trouble, asks_to_wait, halted, refused_token};

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

/// Longest wait between two questions whether the server is back.
const LONGEST_PROBE_DELAY: Duration = Duration::from_secs(10);

/// So many times as many requests as are in flight are served by a server that is quick while one is waited for.
const QUICK: u64 = 4;

impl Exchange {
    /// Sends a request until it has a final answer or [`decide`] gives up.
    pub(crate) async fn send(
        &self,
        operation: Operation,
        resource: &ResourcePath,
        url: &Url,
        body: Option<&Bytes>,
    ) -> Result<Answered, ReadError> {
        // What a try may have left at the server, as far as nobody knows.
        let mut left = None;
        match self.tries(operation, resource, url, body, &mut left).await {
            Err(ReadError::Stop(error)) if left.is_none() => Err(ReadError::Stop(error.that_left_nothing())),
            answered => answered,
        }
    }

    async fn tries(
        &self,
        operation: Operation,
        resource: &ResourcePath,
        url: &Url,
        body: Option<&Bytes>,
        left: &mut Option<Unknown>,
    ) -> Result<Answered, ReadError> {
        let begun = Instant::now();
        let mut tally = Tally::default();
        let mut delays = None;
        let mut patience = Patience::of(self.begun.fetch_add(1, Ordering::Relaxed));
        let mut held = None;
        loop {
            let Some(turn) = self.halt.unless_asked(pin!(self.turn(held.take(), operation, resource, url))).await
            else {
                let error = ReadError::Stop(halted(operation, resource));
                return Err(left.take().map_or(error, ReadError::Unknown));
            };
            let (pass, place, token) = turn?;
            let attempt = tally.attempts + 1;
            self.counters.sent(operation, body.map_or(0, Bytes::len), attempt);
            let (started, served) = (Instant::now(), self.served.load(Ordering::Relaxed));
            let tried = self.attempt(operation, resource, url, body, &token).await;
            let took = started.elapsed();
            self.by_resource.note(resource, body.map_or(0, Bytes::len), attempt, took);
            // Waits between tries do not count as in flight.
            drop(place);

            let seen = tried.seen(operation);
            let was_open = self.gate.is_open() || self.gate.is_doubtful();
            let page = matches!(seen, Seen::Foreign(_)) && operation != Operation::Read;
            tally.blocked = page && self.gate.is_about_the_record(&pass);
            let meant = self.meant(&seen, &mut patience, was_open);
            tally.count(&seen, self.gate.note(&seen, meant.is_some_and(|meant| !meant.is_for_others())));
            tally.waited = begun.elapsed();
            tally.troubled = self.gate.troubled().unwrap_or_default();
            if tried.status() == Some(401) {
                tally.token_was_good = self.good_token.load(Ordering::Relaxed) >= token.serial();
            } else if matches!(tried, Tried::Answer { .. }) {
                self.good_token.fetch_max(token.serial(), Ordering::Relaxed);
            }
            if tried.may_have_written(operation) {
                *left = Some(Unknown { status: tried.status(), cause: tried.cause(), attempts: tally.attempts });
            }
            tally.meant = meant;
            let is_alone = meant.is_some_and(Meant::is_about_itself);
            let decision = decide(&seen, operation, &tally, &self.retry);
            if page && matches!(decision, Decision::Refused(_)) {
                self.gate.note_blocked(&pass);
            }
            // If this was the only one that went, it is another's turn; but who was shown a page goes again before that, as it is
            // about the record if it comes again.
            held = (tally.blocked && matches!(decision, Decision::RetryAfter(_))).then_some(pass);
            tracing::debug!(
                method = operation.as_str(), %resource, status = tried.status(), attempt,
                millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX), "request"
            );
            if !was_open {
                self.pacer.restart();
            } else if !matches!(seen, Seen::Foreign(_)) && meant.is_none_or(|meant| meant == Meant::All) {
                // How soon a page comes tells nothing of the API's pace, and nobody else waits for what is not about all.
                let meanwhile = self.served.load(Ordering::Relaxed) - served;
                self.pace(&tried, decision, patience.request, (took, meanwhile));
            }
            match decision {
                Decision::Done => return Ok(tried.into_answered(tally.attempts)),
                Decision::RetryAfter(Some(wait)) if !is_alone => self.sleep(wait).await,
                Decision::RetryAfter(told) => {
                    // Who is throttled waits with everyone (see `Pacer::throttled`), and only a little longer.
                    let wait = if seen.is_throttled() && !is_alone {
                        self.retry.delays().next()
                    } else {
                        delays.get_or_insert_with(|| self.retry.delays()).next()
                    };
                    self.sleep(told.unwrap_or_default() + wait.unwrap_or_default()).await;
                }
                Decision::Pause => self.note_trouble(&tried, operation, url),
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
                Decision::PutOff => {
                    let (status, cause, attempts) = (tried.status(), Cause::ToldToWait, tally.attempts);
                    return Err(ReadError::Unknown(Unknown { status, cause, attempts }));
                }
                Decision::Stop if tally.server == Server::Gone => {
                    self.note_trouble(&tried, operation, url);
                    return Err(ReadError::Stop(self.gone(operation, resource, url)));
                }
                Decision::Stop => return Err(ReadError::Stop(refused_token(operation, resource, url))),
                Decision::StopFor(wait) => {
                    return Err(ReadError::Stop(asks_to_wait(operation, resource, url, wait)));
                }
            }
        }
    }

    /// Who is meant, where a try was asked for patience.
    fn meant(&self, seen: &Seen<'_>, patience: &mut Patience, was_open: bool) -> Option<Meant> {
        let (wait, served) = (seen.asks_to_wait(), self.served.load(Ordering::Relaxed));
        let (itself, paces) = match seen {
            Seen::Answer(Answer { status: 429 | 503, .. }) => (true, true),
            Seen::Answer(Answer { status: 502 | 504, .. }) => (false, true),
            _ if seen.is_busy() && wait.is_some() => (false, false),
            _ => {
                patience.over();
                return None;
            }
        };
        Some(self.pacer.asked(patience, Asked { itself, wait, served, of_a_rate: paces && was_open }))
    }

    /// Waits until a try may begin: for the server, for a place, and for a token.
    async fn turn<'a>(
        &'a self,
        mut held: Option<Pass<'a>>,
        operation: Operation,
        resource: &ResourcePath,
        url: &Url,
    ) -> Result<(Pass<'a>, Place<'a>, Token), ReadError> {
        loop {
            let pass = match self.wait_for_the_server(held.take()).await {
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

    async fn wait_for_the_server<'a>(&'a self, held: Option<Pass<'a>>) -> Result<Pass<'a>, Closed> {
        if self.gate.is_open() {
            return Ok(Pass::Open);
        }
        let delays = self.retry.delays().map(|delay| delay.min(LONGEST_PROBE_DELAY));
        // In a box of its own: each request has room for what it may wait for, and few wait for this.
        Box::pin(self.gate.pass(held, delays, || self.probe())).await
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
            // The discovery document is JSON: a page is that of a maintenance, or of a proxy.
            Ok(response) if content_type(response.headers()).is_some_and(is_web_page) => Probed::Away(None),
            Ok(_) => Probed::Back,
            Err(_) => Probed::Away(None),
        }
    }

    async fn attempt(
        &self,
        operation: Operation,
        resource: &ResourcePath,
        url: &Url,
        body: Option<&Bytes>,
        token: &Token,
    ) -> Tried {
        let mut response = match self.http.execute(request(operation, url, body, token)).await {
            Ok(response) => response,
            Err(error) => return Tried::from(failure(error)),
        };
        let status = response.status().as_u16();
        let good = matches!(status, 200..=299);
        let headers = std::mem::take(response.headers_mut());
        let id = if good { item_id(&headers, &resource.name).map(str::to_owned) } else { None };
        let limit = if good && operation == Operation::Read { READ_LIMIT } else { ANSWER_LIMIT };
        let body = match read_body(&mut response, limit).await {
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

    /// Lets the other requests feel what this one met in so much time, while so many others were served.
    fn pace(&self, tried: &Tried, decision: Decision, request: u64, (took, meanwhile): (Duration, u64)) {
        let told = if let Decision::RetryAfter(pause) = decision { pause } else { None };
        match (tried, tried.status()) {
            (_, Some(429)) => self.pacer.throttled(request, told),
            (_, Some(503)) => self.pacer.unavailable(told),
            (_, Some(502 | 504)) => self.pacer.overloaded(),
            // No answer in time from a server that was quick with the others: it is this record that it chokes on.
            (Tried::TimedOut, _) if meanwhile > QUICK * self.pacer.limit() as u64 => {}
            (Tried::TimedOut, _) => self.pacer.overloaded(),
            (Tried::Answer { .. }, _) => {
                self.served.fetch_add(1, Ordering::Relaxed);
                self.pacer.answered(took);
            }
            _ => {}
        }
    }
}

/// The request of one try. Made here, as what an `async fn` makes has room in its future for as long as that lives.
fn request(operation: Operation, url: &Url, body: Option<&Bytes>, token: &Token) -> Request {
    let method = match operation {
        Operation::Post => Method::POST,
        Operation::Put => Method::PUT,
        Operation::Delete => Method::DELETE,
        Operation::Read => Method::GET,
    };
    let mut request = Request::new(method, url.clone());
    let headers = request.headers_mut();
    headers.insert(AUTHORIZATION, token.header().clone());
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(body) = body {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        *request.body_mut() = Some(Body::from(body.clone()));
    }
    request
}
