//! What happens after a try: the one place that decides.

use std::time::Duration;

use crate::answer::{Answer, Shape};
use crate::config::RetryPolicy;
use crate::outcome::RefusalClass;

/// What a request does. All may be repeated: a POST updates the item of the same natural key, PUT and DELETE name the item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Insert or update by natural key.
    Post,
    /// Replace by id.
    Put,
    /// Delete by id.
    Delete,
    /// Query.
    Read,
}

impl Operation {
    /// The HTTP method.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
            Self::Read => "GET",
        }
    }
}

/// What came of one try.
#[derive(Debug, Clone, Copy)]
pub enum Seen<'a> {
    /// The server answered.
    Answer(&'a Answer),
    /// A success status with a body that cannot be read.
    BadBody,
    /// No answer within the time limit; the request may have been carried out.
    TimedOut,
    /// The connection was lost; the request may have been carried out.
    ConnectionLost,
    /// No connection was opened, so nothing was carried out.
    Unreachable,
}

/// What was tried so far for one request, the try to decide about included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tries in all.
    pub attempts: u32,
    /// Of these, tries that ended in a 500 or a key conflict.
    pub repeats: u32,
    /// Of these, tries that opened no connection.
    pub unreachable: u32,
    /// Whether the token was renewed for this request.
    pub renewed: bool,
}

impl Tally {
    /// Counts a try.
    pub fn count(&mut self, seen: &Seen<'_>) {
        self.attempts += 1;
        match seen {
            Seen::Unreachable => self.unreachable += 1,
            Seen::Answer(answer) if is_repeatable(answer) => self.repeats += 1,
            _ => {}
        }
    }
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Committed, or read.
    Done,
    /// Repeat after this wait; `None`: after the policy's next one.
    RetryAfter(Option<Duration>),
    /// Get another token, then repeat at once.
    RenewToken,
    /// Final for this body.
    Refused(RefusalClass),
    /// The budget is used up without a final answer.
    Unknown,
    /// The run cannot go on: a new token was refused, or the server is gone.
    Stop,
}

/// Decides what happens after a try of `operation`. Pure: all it knows is in the arguments.
pub fn decide(seen: &Seen<'_>, operation: Operation, tally: &Tally, policy: &RetryPolicy) -> Decision {
    // The repeat after a renewal is not the server's fault and costs no try.
    let spent = tally.attempts >= policy.tries + u32::from(tally.renewed);
    let answer = match seen {
        Seen::Answer(answer) => *answer,
        // Nothing reached a server in any try: it is gone, and every other record would wait as long to find out.
        Seen::Unreachable if spent && tally.unreachable == tally.attempts => return Decision::Stop,
        Seen::BadBody | Seen::TimedOut | Seen::ConnectionLost | Seen::Unreachable => {
            return if spent { Decision::Unknown } else { Decision::RetryAfter(None) };
        }
    };
    // "Now" is no wait at all: the schedule's is kinder to a server that says so while it is busy.
    let wait = answer.retry_after.filter(|wait| !wait.is_zero()).map(|wait| wait.min(policy.max_retry_after));
    match answer.status {
        401 if tally.renewed => Decision::Stop,
        401 => Decision::RenewToken,
        408 | 429 | 502..=599 if spent => Decision::Unknown,
        408 | 429 | 502..=599 => Decision::RetryAfter(wait),
        _ if is_repeatable(answer) && !spent && tally.repeats < policy.repeat_tries => Decision::RetryAfter(wait),
        200..=299 if !matches!(answer.shape, Shape::WebPage) => Decision::Done,
        _ => Decision::Refused(classify(answer, operation)),
    }
}

/// Answers that are final for the body more often than not, yet are worth a few repeats: a 500 can be a deadlock, a key
/// conflict two inserts of the same key at the same moment.
fn is_repeatable(answer: &Answer) -> bool {
    match answer.status {
        500 | 501 => true,
        409 => classify_conflict(answer) == RefusalClass::KeyConflict,
        _ => false,
    }
}

fn classify(answer: &Answer, operation: Operation) -> RefusalClass {
    match answer.status {
        500 | 501 => RefusalClass::Server,
        200..=399 => RefusalClass::NotAnApi,
        _ if matches!(answer.shape, Shape::WebPage | Shape::Text) => RefusalClass::NotAnApi,
        400 => classify_bad_request(answer, operation),
        403 => classify_forbidden(answer),
        404 | 410 => RefusalClass::NotFound,
        405 => RefusalClass::Forbidden,
        409 => classify_conflict(answer),
        412 => RefusalClass::Stale,
        _ => RefusalClass::Other,
    }
}

fn classify_bad_request(answer: &Answer, operation: Operation) -> RefusalClass {
    if answer.says("reference could not be resolved") || answer.urn_has("unresolved-reference") {
        RefusalClass::Reference
    } else if answer.urn_has("profile") {
        RefusalClass::Forbidden
    } else if operation == Operation::Read || answer.urn_has("parameter-validation-failed") {
        // About the query, not about a record.
        RefusalClass::Other
    } else {
        RefusalClass::Required
    }
}

fn classify_forbidden(answer: &Answer) -> RefusalClass {
    // The newer form has no URN of its own for this case; its hint names the association that is missing.
    let no_relationship = answer.says("No relationships have been established")
        || answer.says("does not have any established relationships")
        || (answer.says("You may need to create") && answer.urn_has("authorization"));
    if no_relationship { RefusalClass::NotYetVisible } else { RefusalClass::Forbidden }
}

fn classify_conflict(answer: &Answer) -> RefusalClass {
    const KEY_CONFLICT: [&str; 5] =
        ["non-unique-identity", "identity-conflict", "multi-user-conflict", "non-unique-values", "duplicate-identity"];
    let unresolved = answer.urn_has("unresolved-reference")
        || (answer.says("The value supplied for the related '") && answer.says("resource does not exist"))
        || answer.says("was not found");
    if unresolved {
        RefusalClass::Reference
    } else if answer.urn_has("dependent-item-exists") || answer.says("cannot be deleted because it is a dependency") {
        RefusalClass::HasDependents
    } else if KEY_CONFLICT.iter().any(|segment| answer.urn_has(segment))
        || answer.says("natural key conflict")
        || answer.says("not unique.")
        || (answer.says("A duplicate ") && answer.says("conflict occurred"))
    {
        RefusalClass::KeyConflict
    } else {
        RefusalClass::Other
    }
}

#[cfg(test)]
#[path = "decision_tests.rs"]
mod tests;
