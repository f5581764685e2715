//! What one try brought, and what a request that ends well comes to.

use reqwest::header::{ETAG, HeaderMap};
use serde_json::Value;

use crate::answer::{Answer, Shape};
use crate::decision::{Operation, Seen};
use crate::http::Failure;
use crate::outcome::{Cause, Done, Outcome, ReadError, Unknown};

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
pub(crate) enum Tried {
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

impl Tried {
    pub(crate) fn seen(&self, operation: Operation) -> Seen<'_> {
        match self {
            Self::Answer { answer, .. } => Seen::of(answer, operation),
            Self::BadBody(_) => Seen::BadBody,
            Self::TimedOut => Seen::TimedOut,
            Self::ConnectionLost => Seen::ConnectionLost,
            Self::Unreachable(_) => Seen::Unreachable,
        }
    }

    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Answer { answer, .. } => Some(answer.status),
            Self::BadBody(status) => Some(*status),
            Self::TimedOut | Self::ConnectionLost | Self::Unreachable(_) => None,
        }
    }

    /// Whether the server may have written what it was asked to, so that only another answer tells.
    pub(crate) fn may_have_written(&self, operation: Operation) -> bool {
        operation != Operation::Read
            && !matches!(self, Self::Unreachable(_))
            && !matches!(self.status(), Some(401 | 429))
    }

    /// What a request came to of which this was the last of so many tries, when nobody knows what it did.
    pub(crate) fn unknown(&self, attempts: u32) -> Unknown {
        let cause = match self {
            Self::Answer { .. } => Cause::Busy,
            Self::BadBody(_) => Cause::UnreadableBody,
            Self::TimedOut => Cause::TimedOut,
            Self::ConnectionLost => Cause::ConnectionLost,
            Self::Unreachable(_) => Cause::Unreachable,
        };
        Unknown { status: self.status(), cause, attempts }
    }

    pub(crate) fn into_answered(self, attempts: u32) -> Answered {
        let status = self.status().unwrap_or_default();
        match self {
            Self::Answer { answer, headers, rows } => Answered { status, headers, id: answer.id, rows, attempts },
            // `decide` says done of answers only.
            _ => Answered { status, headers: HeaderMap::new(), id: None, rows: Rows::None, attempts },
        }
    }

    pub(crate) fn into_answer(self) -> Answer {
        match self {
            Self::Answer { answer, .. } => answer,
            // `decide` says refused of answers only.
            other => Answer::bare(other.status().unwrap_or_default(), Shape::Empty),
        }
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
