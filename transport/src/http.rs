//! The HTTP client underneath: how it is built, how bodies are read, how its errors are told apart.

use std::error::Error;
use std::time::{Duration, Instant, SystemTime};

use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Certificate, Client, Request, Response, redirect, retry};

use crate::answer::Answer;
use crate::config::{ClientConfig, RetryPolicy};
use crate::endpoints::is_loopback;
use crate::error::{TransportError, TransportErrorKind};
use crate::trouble::{no_answer, unreachable};

/// Longest body of a read, after decompression. No page of an ODS comes near it (500 items are a few MiB); what does is not
/// meant for us.
pub(crate) const READ_LIMIT: usize = 32 * 1024 * 1024;
/// Longest body of any other answer: many are read at once, and all that they hold is an error's text.
pub(crate) const ANSWER_LIMIT: usize = 1024 * 1024;

/// Tries to open a connection to an address that has never answered: a person waits, and the address may be wrong.
pub(crate) const FIRST_CONTACT_TRIES: u32 = 2;

/// A try that brought no usable answer.
#[derive(Debug)]
pub(crate) enum Failure {
    TimedOut,
    ConnectionLost,
    TooLarge,
    /// No connection; the reason without address or query ("connection refused").
    Unreachable(String),
}

/// An answer read to its end.
pub(crate) struct Fetched {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Fetched {
    pub(crate) fn content_type(&self) -> Option<&str> {
        content_type(&self.headers)
    }

    pub(crate) fn answer(&self) -> Answer {
        Answer::read(self.status, self.content_type(), &self.body)
    }
}

pub(crate) fn build(config: &ClientConfig) -> Result<Client, TransportError> {
    let mut builder = Client::builder()
        // A redirect would carry the credentials on, or turn a POST into a GET of something else.
        .redirect(redirect::Policy::none())
        // What is sent again is decided in one place (`decide`), and counted there.
        .retry(retry::never().max_retries_per_request(0))
        .timeout(config.request_timeout)
        .connect_timeout(config.connect_timeout)
        .pool_max_idle_per_host(config.concurrency.max(1))
        // Shorter than the keep-alive of the usual proxies, so that they do not close a connection just as it is used.
        .pool_idle_timeout(Duration::from_secs(45))
        .tcp_nodelay(true)
        .user_agent(concat!("rollcall/", env!("CARGO_PKG_VERSION")));
    if is_loopback(&config.base_url) {
        builder = builder.no_proxy();
    }
    if let Some(pem) = &config.ca_certificates {
        let certificates = Certificate::from_pem_bundle(pem).ok().filter(|certificates| !certificates.is_empty());
        let certificates = certificates.ok_or_else(|| {
            let message = "connection.ca-file holds no certificate";
            TransportError::new(TransportErrorKind::Configuration, "prepare the HTTP client", message)
                .with_hint("it must be a PEM file: blocks that begin with -----BEGIN CERTIFICATE-----")
        })?;
        builder = builder.tls_certs_merge(certificates);
    }
    builder.build().map_err(|error| {
        let reason = reason(&error.without_url());
        TransportError::new(TransportErrorKind::Configuration, "prepare the HTTP client", reason)
    })
}

/// Sends `request` until an answer comes that is not about being busy. For the documents around the data, not for records.
///
/// `unreachable_tries` is smaller than the policy's when a person waits and the address may simply be wrong.
pub(crate) async fn fetch(
    http: &Client,
    request: &Request,
    operation: &'static str,
    policy: &RetryPolicy,
    unreachable_tries: u32,
) -> Result<Fetched, TransportError> {
    let begun = Instant::now();
    let mut delays = policy.delays();
    let mut attempt = 0;
    loop {
        attempt += 1;
        let Some(copy) = request.try_clone() else {
            // Bodies here are bytes in memory, so this is unreachable; an error is still better than a panic in a run.
            return Err(TransportError::new(
                TransportErrorKind::Configuration,
                operation,
                "request cannot be repeated",
            ));
        };
        let wait = match execute(http, copy).await {
            Ok(fetched) => {
                let busy = matches!(fetched.status, 408 | 429 | 500..=599);
                // The limit on live tokens lasts until one expires, half an hour or so: waiting is no use.
                if !busy || attempt >= policy.tries || fetched.answer().urn_has("too-many-tokens") {
                    return Ok(fetched);
                }
                let wait = retry_after(&fetched.headers).filter(|wait| !wait.is_zero());
                if wait.is_some_and(|wait| !policy.may_wait(wait, begun.elapsed())) {
                    return Ok(fetched);
                }
                wait
            }
            Err(Failure::Unreachable(reason)) if attempt >= unreachable_tries.min(policy.tries) => {
                return Err(unreachable(request, operation, &reason));
            }
            Err(failure) if attempt >= policy.tries => return Err(no_answer(request, operation, &failure)),
            Err(_) => None,
        };
        tracing::debug!(operation, attempt, "repeat");
        tokio::time::sleep(wait.or_else(|| delays.next()).unwrap_or_default()).await;
    }
}

async fn execute(http: &Client, request: Request) -> Result<Fetched, Failure> {
    let mut response = http.execute(request).await.map_err(failure)?;
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let body = read_body(&mut response, READ_LIMIT).await?;
    Ok(Fetched { status, headers, body })
}

/// Reads a body to its end; of one that is longer than `limit` no more than that is ever held.
pub(crate) async fn read_body(response: &mut Response, limit: usize) -> Result<Bytes, Failure> {
    if response.content_length() == Some(0) {
        return Ok(Bytes::new());
    }
    // Most bodies are one chunk, which is taken as it is.
    let Some(first) = response.chunk().await.map_err(failure)? else { return Ok(Bytes::new()) };
    let Some(second) = response.chunk().await.map_err(failure)? else {
        return if first.len() > limit { Err(Failure::TooLarge) } else { Ok(first) };
    };
    let mut whole = BytesMut::from(first);
    let mut next = Some(second);
    while let Some(chunk) = next {
        if whole.len() + chunk.len() > limit {
            return Err(Failure::TooLarge);
        }
        whole.extend_from_slice(&chunk);
        next = response.chunk().await.map_err(failure)?;
    }
    Ok(whole.freeze())
}

pub(crate) fn failure(error: reqwest::Error) -> Failure {
    // A time-out while connecting is both; nothing was sent then, which is the stronger fact.
    if error.is_connect() {
        Failure::Unreachable(reason(&error.without_url()))
    } else if error.is_timeout() {
        Failure::TimedOut
    } else {
        Failure::ConnectionLost
    }
}

pub(crate) fn content_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(CONTENT_TYPE)?.to_str().ok()
}

/// The `Retry-After` header, in seconds or as an HTTP date; a date in the past means now.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    parse_retry_after(headers.get(RETRY_AFTER)?.to_str().ok()?, SystemTime::now())
}

fn parse_retry_after(text: &str, now: SystemTime) -> Option<Duration> {
    let number = text.trim();
    if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are a long time, and not no word about it.
        return Some(Duration::from_secs(number.parse().unwrap_or(u64::MAX)));
    }
    // Subtracted as dates: a year that the system's own clock cannot tell is a date all the same.
    let at = chrono::DateTime::parse_from_rfc2822(number).ok()?.to_utc();
    Some((at - chrono::DateTime::<chrono::Utc>::from(now)).to_std().unwrap_or_default())
}

/// The innermost cause, which names neither address nor query.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_in_seconds_and_as_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_445_412_470);
        assert_eq!(parse_retry_after(" 120 ", now), Some(Duration::from_mins(2)));
        assert_eq!(parse_retry_after("Wed, 21 Oct 2015 07:28:00 GMT", now), Some(Duration::from_secs(10)));
        assert_eq!(parse_retry_after("Tue, 21 Oct 2014 07:28:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(parse_retry_after("Mon, 01 Jan 0001 00:00:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(parse_retry_after("18446744073709551615", now), Some(Duration::from_secs(u64::MAX)));
        assert_eq!(parse_retry_after("99999999999999999999", now), Some(Duration::from_secs(u64::MAX)));
        for text in ["soon", "", "-5", "+5", "1.5"] {
            assert_eq!(parse_retry_after(text, now), None, "{text}");
        }
    }
}
