//! Whose word an answer is, and what a refusal means.

use crate::answer::{Answer, Shape};
use crate::decision::{Operation, PROXY_LOGIN};
use crate::outcome::RefusalClass;

/// An answer of a gateway that cannot reach the API.
pub(crate) fn is_not_the_api(answer: &Answer) -> bool {
    match answer.status {
        500 => answer.urn_has("database-connection"),
        502..=504 | 520..=530 => true,
        _ => false,
    }
}

/// An answer that no Ed-Fi API gives to `operation`. A success is the API's only when it looks like one: a proxy that asks
/// to sign in says so with any status, in any form, and what it answered was never delivered.
pub(crate) fn is_foreign(answer: &Answer, operation: Operation) -> bool {
    let page = answer.shape == Shape::WebPage;
    match (answer.status, operation) {
        // Whatever its body is: nobody else knows the record's id.
        (200..=299, Operation::Post) => page || !is_committed(operation, answer.status, answer.id.as_deref()),
        // The request had the id, so there is nothing left to say.
        (200..=299, Operation::Put | Operation::Delete) => {
            !matches!(answer.status, 200 | 204) || answer.shape != Shape::Empty
        }
        // An API refuses in JSON, or without a word. Who reads can ask again later; a record would be refused for good.
        (200..=299, Operation::Read) | (403 | 404, Operation::Post | Operation::Put | Operation::Delete) => page,
        // An API changes no protocol, sends nobody elsewhere, and asks for its own token only.
        (101 | 300..=399 | PROXY_LOGIN, _) => true,
        _ => false,
    }
}

/// Whether the head of an answer alone says that a write is committed. A POST is answered with 201 (created) or 200
/// (existed) and where the record is; a PUT or DELETE with nothing that only the API knows.
pub(crate) fn is_committed(operation: Operation, status: u16, id: Option<&str>) -> bool {
    operation == Operation::Post && matches!(status, 200 | 201) && id.is_some()
}

pub(crate) fn classify(answer: &Answer, operation: Operation) -> RefusalClass {
    match answer.status {
        500 | 501 => RefusalClass::Server,
        200..=399 => RefusalClass::NotAnApi,
        // About the record, whoever says it and in whatever form.
        413 => RefusalClass::Other,
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

pub(crate) fn classify_conflict(answer: &Answer) -> RefusalClass {
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
