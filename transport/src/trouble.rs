//! Why a run cannot go on: the errors that end it.

use std::sync::PoisonError;
use std::time::{Duration, SystemTime};

use crate::decision::PROXY_LOGIN;
use crate::endpoints::origin;
use crate::error::{TransportError, TransportErrorKind};
use crate::exchange::{Call, Exchange};
use crate::http::{PROXY_HINT, is_proxy_login, until};
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
