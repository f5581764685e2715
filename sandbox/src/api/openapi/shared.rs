//! Parameters and answers that many operations share.

use rollcall_core::value::Object;

use super::super::query::LARGEST_PAGE;
use super::definitions::{integer, plain};
use crate::config::ApiVersion;

/// Parameters by the names under which operations point to them.
pub(super) fn parameters(version: ApiVersion) -> Object<'static> {
    let number = |format: &'static str| plain("integer").with("format", format);
    let page = || number("int32").with("minimum", 0).with("maximum", integer(LARGEST_PAGE));
    let mut all = Object::new()
        .with("offset", query("offset", "How many records to pass over.", number("int32").with("minimum", 0)))
        .with("limit", query("limit", "How many records to give.", page().with("default", integer(LARGEST_PAGE))))
        .with(
            "totalCount",
            query("totalCount", "Whether to count all that match.", plain("boolean").with("default", false)),
        );
    for (name, member, text) in [
        ("MinChangeVersion", "minChangeVersion", "Only what was changed in this change version or a later one."),
        ("MaxChangeVersion", "maxChangeVersion", "Only what was changed in this change version or an earlier one."),
    ] {
        all.push(name, query(member, text, number("int64")));
    }
    if version == ApiVersion::V7 {
        let token = "Which page to give: the Next-Page-Token of the page before.";
        all.push("pageToken", query("pageToken", token, plain("string")));
        all.push("pageSize", query("pageSize", "How many records to give, with pageToken.", page()));
    }
    let tag = |name: &'static str, text: &'static str| {
        Object::new().with("name", name).with("in", "header").with("description", text).with("type", "string")
    };
    all.push("If-None-Match", tag("If-None-Match", "An entity tag: the record is given only if it has another one."));
    all.push("If-Match", tag("If-Match", "An entity tag: the record is changed only if it still has this one."));
    all
}

fn query(name: &'static str, description: &'static str, schema: Object<'static>) -> Object<'static> {
    let mut parameter =
        Object::new().with("name", name).with("in", "query").with("description", description).with("required", false);
    schema.into_iter().for_each(|(name, value)| parameter.push(name, value));
    parameter
}

/// Statuses, the names of their answers, and what they mean.
const REFUSALS: [(u16, &str, &str); 11] = [
    (304, "NotModified", "The record still has the entity tag of If-None-Match."),
    (400, "BadRequest", "The request is not valid; the body says why."),
    (401, "Unauthorized", "There is no good token."),
    (403, "Forbidden", "The client may not do this, or not with this record."),
    (404, "NotFound", "There is no such record."),
    (405, "MethodNotAllowed", "The resource cannot be used in this way."),
    (409, "Conflict", "The record refers to one that does not exist, or is referred to by others."),
    (412, "PreconditionFailed", "The record no longer has the entity tag of If-Match."),
    (415, "UnsupportedMediaType", "The body is not said to be JSON."),
    (429, "TooManyRequests", "The client has to wait."),
    (500, "Error", "Something went wrong at the server."),
];

/// The name of a refusal.
pub(super) fn response_name(status: u16) -> &'static str {
    REFUSALS.iter().find(|(known, ..)| *known == status).map_or("Error", |(_, name, _)| name)
}

/// Answers by the names under which operations point to them.
pub(super) fn responses() -> Object<'static> {
    let described = |text: &'static str| Object::new().with("description", text);
    let written = |text: &'static str| {
        let location = plain("string").with("description", "Where the record is.");
        let tag = plain("string").with("description", "The entity tag of the record.");
        described(text).with("headers", Object::new().with("Location", location).with("ETag", tag))
    };
    let mut all = Object::new()
        .with("Created", written("The record was created."))
        .with("Updated", written("The record was there already, and is as the request says."))
        .with("Replaced", written("The record is as the request says."))
        .with("Deleted", described("The record was deleted."));
    for (_, name, text) in REFUSALS {
        all.push(name, described(text));
    }
    all
}
