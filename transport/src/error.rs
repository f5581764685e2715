//! Why a run cannot go on.

use std::borrow::Cow;

/// What kind of trouble a [`TransportError`] is, for exit codes and for choosing what to tell the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransportErrorKind {
    /// The connection settings cannot be used as they are written (an `http` address, a secret inside the address).
    Configuration,
    /// Nothing answers at the address: no name, no route, no listener, or no agreement on TLS.
    Unreachable,
    /// Something answers, but it is not an Ed-Fi API (a web page, a redirect, another service's JSON).
    NotAnApi,
    /// The server refuses the key and secret, or the token it gave for them.
    Credentials,
    /// The server is an Ed-Fi API but does not serve: it keeps failing, or limits how often it is asked.
    Unavailable,
    /// The client was told to stop ([`crate::Client::halt`]); the request was not sent.
    Halted,
}

impl TransportErrorKind {
    /// The kebab-case name, as written to JSON output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Unreachable => "unreachable",
            Self::NotAnApi => "not-an-api",
            Self::Credentials => "credentials",
            Self::Unavailable => "unavailable",
            Self::Halted => "halted",
        }
    }
}

/// An error that ends a run, as opposed to an answer about one record ([`crate::Refused`]).
///
/// Displays as one line, a lower-case fragment without the hint. Holds no secret, no body and no query value:
/// addresses in it are reduced to origin and path. `Clone`, because requests that share one token renewal share its
/// error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot {operation}: {message}")]
pub struct TransportError {
    kind: TransportErrorKind,
    operation: Cow<'static, str>,
    message: String,
    hint: Option<Cow<'static, str>>,
    /// Whether waiting as long as a run waits is no use.
    lasting: bool,
    /// Whether no try of the request can have changed anything at the server.
    left_nothing: bool,
}

impl TransportError {
    /// An error of `kind` met while doing `operation` ("fetch a token"); `message` says what was seen, in a fragment.
    pub fn new(kind: TransportErrorKind, operation: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        let (operation, message) = (operation.into(), message.into());
        Self { kind, operation, message, hint: None, lasting: false, left_nothing: false }
    }

    /// Adds what the user can do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The error of a server that asks to wait until a time that a run does not wait for.
    #[must_use]
    pub(crate) fn for_longer_than_a_run_waits(self) -> Self {
        let error = self.with_hint(
            "that is longer than connection.outage-minutes allows; run again then, and the run goes on where it stopped",
        );
        Self { lasting: true, ..error }
    }

    /// The same of a request of which no try can have changed anything at the server.
    #[must_use]
    pub(crate) fn that_left_nothing(self) -> Self {
        Self { left_nothing: true, ..self }
    }

    /// Whether the request that met it surely changed nothing at the server: it was not sent, or every try of it was turned
    /// away unread.
    pub const fn left_nothing(&self) -> bool {
        self.left_nothing
    }

    /// Whether the trouble may pass while a run waits.
    pub(crate) const fn may_pass(&self) -> bool {
        !self.lasting && matches!(self.kind, TransportErrorKind::Unreachable | TransportErrorKind::Unavailable)
    }

    /// What kind of trouble it is.
    pub const fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// What was being done: "read the discovery document", "fetch a token", "POST ed-fi/students".
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// What was seen, without the operation.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What the user can do about it, naming the setting to look at.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}
