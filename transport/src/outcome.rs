//! How a request ended.

use std::fmt;
use std::str::FromStr;

use crate::error::TransportError;

/// How a write ended, after every repeat that the retry policy allows.
#[derive(Debug, Clone)]
#[must_use = "an outcome that is not written to the ledger is lost"]
pub enum Outcome {
    /// The ODS committed it.
    Done(Done),
    /// The ODS answered and said no; the same body would be refused again.
    Refused(Refused),
    /// The retry budget is used up without a final answer: it may or may not have been committed.
    Unknown(Unknown),
    /// The run cannot go on: credentials refused, server gone.
    Stop(TransportError),
}

/// A committed write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// 201 created, 200 existed, 204 put or deleted.
    pub status: u16,
    /// The ODS's id: the segment of `Location` behind the resource's name, else the id in the request's path.
    pub id: Option<String>,
    /// The `ETag` header without its quotes.
    pub etag: Option<String>,
    /// Tries it took, a repeat after a token renewal included.
    pub attempts: u32,
}

/// A request that the server answered with no. `Debug` leaves out the texts, which can quote student data.
#[derive(Clone, PartialEq, Eq)]
pub struct Refused {
    /// The HTTP status of the last answer.
    pub status: u16,
    /// What the answer means.
    pub class: RefusalClass,
    /// The server's own text, at most [`Refused::MESSAGE_CHARS`] characters; before it what answered, where that was not the
    /// API. Can be student data.
    pub message: String,
    /// What it says about single members of the body.
    pub fields: Vec<FieldError>,
    /// The problem details' `type` (`urn:ed-fi:api:…`), from servers that send one.
    pub urn: Option<String>,
    /// The server's own name for this request, to quote to the state's help desk.
    pub correlation_id: Option<String>,
    /// Tries made.
    pub attempts: u32,
}

impl Refused {
    /// How much of the server's text is kept.
    pub const MESSAGE_CHARS: usize = 2000;

    /// The server's own text. Can be student data: for the error log, never for a log line.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to look at, when the status or the class alone tells.
    pub const fn hint(&self) -> Option<&'static str> {
        match self.status {
            413 => Some("ask the state, or who runs the proxy, for a higher limit on the size of a request"),
            _ => self.class.hint(),
        }
    }
}

impl fmt::Debug for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refused")
            .field("status", &self.status)
            .field("class", &self.class)
            .field("fields", &self.fields)
            .field("urn", &self.urn)
            .field("correlation_id", &self.correlation_id)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused with status {} ({})", self.status, self.class)
    }
}

/// What the server says about one member of the body. `Debug` shows the path only.
#[derive(Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The member, as a JSON path: `$.addresses[0].city`. Older servers' `request.birthDate` is brought to that form.
    pub path: String,
    /// The server's texts. Can be student data.
    pub messages: Vec<String>,
}

impl fmt::Debug for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FieldError").field("path", &self.path).finish_non_exhaustive()
    }
}

/// A request without a final answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The status of the last try, when it was answered.
    pub status: Option<u16>,
    /// What ended the last try.
    pub cause: Cause,
    /// Tries made.
    pub attempts: u32,
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no final answer after {} tries, the last: {}", self.attempts, self.cause)?;
        self.status.map_or(Ok(()), |status| write!(f, " (status {status})"))
    }
}

/// What ended a try that has no final answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// A status that asks to come back later (408, 429, 5xx).
    Busy,
    /// No answer within the time limit.
    TimedOut,
    /// The connection was lost after the request was sent.
    ConnectionLost,
    /// A success status with a body that cannot be read.
    UnreadableBody,
    /// No connection could be opened.
    Unreachable,
    /// The server asks this request alone for a wait that is longer than a run waits. It was not carried out.
    ToldToWait,
}

impl Cause {
    /// Every cause.
    pub const ALL: &[Self] =
        &[Self::Busy, Self::TimedOut, Self::ConnectionLost, Self::UnreadableBody, Self::Unreachable, Self::ToldToWait];

    /// The kebab-case name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::TimedOut => "timed-out",
            Self::ConnectionLost => "connection-lost",
            Self::UnreadableBody => "unreadable-body",
            Self::Unreachable => "unreachable",
            Self::ToldToWait => "told-to-wait",
        }
    }

    /// What to look at, when the cause tells.
    pub const fn hint(self) -> Option<&'static str> {
        match self {
            Self::ToldToWait => Some(
                "something asks this record alone to wait for longer than connection.outage-minutes, and serves the others; if \
                 it does so each time, ask the state, or who runs the proxy, what it dislikes",
            ),
            Self::Busy | Self::TimedOut | Self::ConnectionLost | Self::UnreadableBody | Self::Unreachable => None,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a read failed: [`Outcome`] without its good case.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReadError {
    /// The server answered and said no.
    #[error("{0}")]
    Refused(Refused),
    /// The retry budget is used up.
    #[error("{0}")]
    Unknown(Unknown),
    /// The run cannot go on.
    #[error(transparent)]
    Stop(TransportError),
}

impl ReadError {
    /// The class, when the server refused.
    pub const fn class(&self) -> Option<RefusalClass> {
        match self {
            Self::Refused(refused) => Some(refused.class),
            Self::Unknown(_) | Self::Stop(_) => None,
        }
    }
}

impl From<ReadError> for Outcome {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Refused(refused) => Self::Refused(refused),
            ReadError::Unknown(unknown) => Self::Unknown(unknown),
            ReadError::Stop(stop) => Self::Stop(stop),
        }
    }
}

macro_rules! refusal_classes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// What a refusal means for the record and for the run.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum RefusalClass { $($(#[$doc])* $variant),+ }

        impl RefusalClass {
            /// Every class.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The kebab-case name, as the ledger and JSON output spell it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        impl FromStr for RefusalClass {
            type Err = UnknownRefusalClass;

            fn from_str(name: &str) -> Result<Self, Self::Err> {
                match name { $($name => Ok(Self::$variant),)+ _ => Err(UnknownRefusalClass) }
            }
        }
    };
}

refusal_classes! {
    /// The body is not valid: a missing element, a value out of range, an unknown descriptor (400).
    Required = "required",
    /// It names an item that the ODS does not hold (400 or 409).
    Reference = "reference",
    /// The person has no association yet that lets this key see them (403).
    NotYetVisible = "not-yet-visible",
    /// The key may not do this at all (403, 405): a matter of configuration, the same for every record.
    Forbidden = "forbidden",
    /// No such item; for a POST or a query, no such resource (404).
    NotFound = "not-found",
    /// Another item has the same key, or changed at the same moment (409).
    KeyConflict = "key-conflict",
    /// It cannot be deleted while other items name it (409).
    HasDependents = "has-dependents",
    /// Someone else changed it since it was read (412).
    Stale = "stale",
    /// The server failed at this body again and again (500).
    Server = "server",
    /// The answer is none that an Ed-Fi API gives: a web page, a redirect, text, a success that names no record.
    NotAnApi = "not-an-api",
    /// Refused for a reason that this program does not know.
    Other = "other",
}

impl RefusalClass {
    /// What to look at, when the class alone tells.
    pub const fn hint(self) -> Option<&'static str> {
        match self {
            Self::NotAnApi => Some("something else than an Ed-Fi API answers; check connection.url and any proxy"),
            Self::Forbidden => Some("ask the state which claim set this key has, and whether it covers the resource"),
            Self::Server => Some("the server fails at this body; quote the correlation id to the state's help desk"),
            _ => None,
        }
    }
}

impl fmt::Display for RefusalClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text names no [`RefusalClass`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a refusal class")]
pub struct UnknownRefusalClass;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_reads_back_from_its_name() {
        for class in RefusalClass::ALL {
            assert_eq!(class.as_str().parse(), Ok(*class));
        }
        assert_eq!("Required".parse::<RefusalClass>(), Err(UnknownRefusalClass));
    }
}
