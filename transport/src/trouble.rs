//! Why a run cannot go on: the errors that end it.

use std::sync::PoisonError;
use std::time::{Duration, SystemTime};

use reqwest::Request;
use reqwest::header::LOCATION;

use crate::answer::Shape;
use crate::config::RetryPolicy;
use crate::decision::{Operation, PROXY_LOGIN};
use crate::endpoints::{display_url, origin};
use crate::error::{TransportError, TransportErrorKind};
use crate::exchange::{Call, Exchange};
use crate::http::{Failure, Fetched, retry_after};
use crate::tried::Tried;

/// Why a try found the server away.
#[derive(Debug, Clone)]
pub(crate) struct Trouble {
    kind: TransportErrorKind,
    what: String,
    /// Whether it is a proxy on the way that wants a login.
    proxy: bool,
}

impl Exchange {
    /// Keeps what a try met, for the error of a run that has waited long enough.
    pub(crate) fn note_trouble(&self, tried: &Tried, call: Call<'_>) {
        let origin = origin(call.url);
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
                let told = answer.told(call.operation).map(|told| format!("{origin}: {told}"));
                (TransportErrorKind::Unavailable, told.unwrap_or_else(nothing_but))
            }
            _ => (TransportErrorKind::Unavailable, format!("{origin} does not answer any more")),
        };
        let trouble = Trouble { kind, what, proxy };
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(trouble);
    }

    /// The error of a run that has waited long enough.
    pub(crate) fn gone(&self, call: Call<'_>) -> TransportError {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Trouble { kind, what, proxy } = trouble.unwrap_or_else(|| Trouble {
            kind: TransportErrorKind::Unavailable,
            what: format!("{} does not answer any more", origin(call.url)),
            proxy: false,
        });
        let error = TransportError::new(kind, call.to_string(), what);
        if proxy {
            return error.with_hint(format!("{PROXY_HINT}; run again then, and the run goes on where it stopped"));
        }
        error.with_hint(
            "the API was away for longer than connection.outage-minutes allows; run again when it is back, and the run goes \
             on where it stopped",
        )
    }
}

/// The error of a server that does not take its own tokens.
pub(crate) fn refused_token(call: Call<'_>) -> TransportError {
    let message = format!("{} refuses the token it has just given", origin(call.url));
    TransportError::new(TransportErrorKind::Credentials, call.to_string(), message)
        .with_hint("check that connection.url, the school year and the key belong together")
}

/// The error of a request that was not sent, as the client was told to stop.
pub(crate) fn halted(call: Call<'_>) -> TransportError {
    TransportError::new(TransportErrorKind::Halted, call.to_string(), "told to stop before it was sent")
}

/// The error of a server that asks to wait for longer than it may be away.
pub(crate) fn asks_to_wait(call: Call<'_>, wait: Duration) -> TransportError {
    let message = format!("{} asks to wait {}", origin(call.url), until(wait, SystemTime::now()));
    TransportError::new(TransportErrorKind::Unavailable, call.to_string(), message).for_longer_than_a_run_waits()
}

/// The error of an address that cannot be connected to.
pub(crate) fn unreachable(request: &Request, operation: &'static str, reason: &str) -> TransportError {
    TransportError::new(
        TransportErrorKind::Unreachable,
        operation,
        format!("cannot connect to {}: {reason}", origin(request.url())),
    )
    .with_hint(unreachable_hint(reason))
}

/// What to do about a proxy that wants a login.
const PROXY_HINT: &str = "ask for a way past the proxy, or put its login into the proxy's address: \
                                     HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT";

/// Whether no connection was had since a proxy on the way wants a login.
fn is_proxy_login(reason: &str) -> bool {
    reason.contains("proxy authorization required")
}

/// What to do about a server that cannot be connected to.
fn unreachable_hint(reason: &str) -> &'static str {
    if is_proxy_login(reason) {
        PROXY_HINT
    } else if reason.contains("causedasendentity") {
        // Rustls takes no authority's certificate for a server's, in whatever file it stands.
        "the server shows the certificate of an authority (CA:TRUE) as its own, which connection.ca-file cannot mend: it needs a \
         certificate of its own, issued by that authority"
    } else if reason.contains("certificate") {
        "the server does not prove to be what connection.url names: check the address; if the API has a certificate of an \
         authority of its own, name that authority's PEM file in connection.ca-file"
    } else if ["corrupt message", "handshake eof"].iter().any(|words| reason.contains(words)) {
        // What answers a TLS greeting with something else, or with nothing, most often speaks plain http.
        "what listens there does not speak https: the address may be one of http, or the port another service's; check \
         connection.url"
    } else {
        "check connection.url, and that this machine may reach it (firewall, VPN, proxy)"
    }
}

pub(crate) fn no_answer(request: &Request, operation: &'static str, failure: &Failure) -> TransportError {
    let (kind, what) = match failure {
        Failure::TimedOut => (TransportErrorKind::Unavailable, "no answer in time"),
        Failure::ConnectionLost => (TransportErrorKind::Unavailable, "the connection was lost before the answer"),
        Failure::TooLarge => (TransportErrorKind::NotAnApi, "the answer is larger than any API's"),
        Failure::Unreachable(reason) => return unreachable(request, operation, reason),
    };
    TransportError::new(kind, operation, format!("{}: {what}", origin(request.url())))
        .with_hint("try again later, or check connection.url")
}

/// The error of a document or token that a busy server does not give.
pub(crate) fn busy(address: &str, operation: &'static str, fetched: &Fetched, policy: &RetryPolicy) -> TransportError {
    let status = fetched.status;
    let error = |message| TransportError::new(TransportErrorKind::Unavailable, operation, message);
    match retry_after(&fetched.headers).filter(|wait| !policy.may_wait(*wait, Duration::ZERO)) {
        Some(wait) => error(format!("{address} asks to wait {} (status {status})", until(wait, SystemTime::now())))
            .for_longer_than_a_run_waits(),
        None => error(format!("{address} keeps answering with status {status}"))
            .with_hint("the API is busy or down: try again later"),
    }
}

/// The error for an answer that is no API's: a page, a redirect, text, or JSON of another kind.
pub(crate) fn not_an_api(request: &Request, operation: &'static str, fetched: &Fetched) -> TransportError {
    let address = display_url(request.url());
    let status = fetched.status;
    let error = |message| TransportError::new(TransportErrorKind::NotAnApi, operation, message);
    if (300..400).contains(&status) {
        let target = fetched.headers.get(LOCATION).and_then(|value| value.to_str().ok());
        return match target.and_then(|target| request.url().join(target).ok()) {
            Some(target) => error(format!("{address} redirects to {}", display_url(&target)))
                .with_hint("put the address that it redirects to, when it is the API's, into connection.url"),
            None => error(format!("{address} redirects elsewhere")).with_hint("check connection.url"),
        };
    }
    if let Some(told) = fetched.answer().told(Operation::Read).filter(|_| status == PROXY_LOGIN) {
        return TransportError::new(TransportErrorKind::Unreachable, operation, format!("{address}: {told}"))
            .with_hint(PROXY_HINT);
    }
    let what = fetched.answer().shape.words();
    let hint = match fetched.answer().shape {
        Shape::WebPage => {
            "connection.url must be the API's base address, which answers with JSON; a portal or a documentation page is \
             not it"
        }
        _ => "check connection.url: it must be the address of the API's discovery document",
    };
    error(format!("{address} answers with {what} (status {status})")).with_hint(hint)
}

/// Until when a server that names `wait` asks to wait. No date is made of what stands for never.
fn until(wait: Duration, now: SystemTime) -> String {
    let at = now.checked_add(wait).filter(|_| wait < Duration::from_hours(24 * 366));
    at.map_or_else(
        || "for more than a year".to_owned(),
        |at| format!("until {}", chrono::DateTime::<chrono::Utc>::from(at).format("%Y-%m-%d %H:%M UTC")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_that_a_server_names() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_445_412_470);
        assert_eq!(until(Duration::from_hours(9), now), "until 2015-10-21 16:27 UTC");
        assert_eq!(until(Duration::from_secs(u64::MAX), now), "for more than a year");
    }
}
