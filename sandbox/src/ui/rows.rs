//! Requests as rows of a table, and what the API said in them.

use axum::http::StatusCode;
use chrono::SecondsFormat;
use rollcall_core::value::{Object, Value};

use super::{Moment, grouped, shortened};
use crate::api::App;
use crate::store::{Content, Exchange};

/// One request in a table.
pub(super) struct RequestRow {
    pub(super) number: u64,
    pub(super) at: String,
    pub(super) time: String,
    pub(super) method: String,
    /// The method as a class of the style.
    pub(super) verb: &'static str,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) status: String,
    pub(super) reason: String,
    /// `ok`, `refused` or `lost`.
    pub(super) class: &'static str,
    pub(super) said: String,
    pub(super) client: String,
    pub(super) took: String,
}

/// Something that the API said, and about what.
pub(super) struct Message {
    pub(super) place: String,
    pub(super) text: String,
}

/// Longest message in a table, in characters.
const LONGEST: usize = 180;

impl RequestRow {
    pub(super) fn new(app: &App, exchange: &Exchange) -> Self {
        let messages = messages(&exchange.answer);
        let parts = messages
            .iter()
            .map(|m| if m.place.is_empty() { m.text.clone() } else { format!("{}: {}", m.place, m.text) });
        let said = parts.collect::<Vec<_>>().join(" · ").split_whitespace().collect::<Vec<_>>().join(" ");
        Self {
            number: exchange.number,
            at: exchange.at.to_rfc3339_opts(SecondsFormat::Millis, true),
            time: Moment::new(exchange.at).short,
            method: exchange.method.to_string(),
            verb: verb(&exchange.method),
            path: exchange.path.to_string(),
            query: shortened(&exchange.query, 200),
            status: if exchange.status == 0 { "reset".to_owned() } else { exchange.status.to_string() },
            reason: reason(exchange.status),
            class: class(exchange.status),
            said: shortened(&said, LONGEST),
            client: exchange.key.and_then(|at| app.keys.get(at)).map(|key| key.key.clone()).unwrap_or_default(),
            took: took(exchange),
        }
    }
}

fn verb(method: &str) -> &'static str {
    match method {
        "GET" => "get",
        "POST" => "post",
        "PUT" => "put",
        "DELETE" => "delete",
        _ => "other",
    }
}

fn reason(status: u16) -> String {
    match status {
        0 => "The connection was reset in place of an answer".to_owned(),
        status => {
            let status = StatusCode::from_u16(status).ok();
            status.and_then(|status| status.canonical_reason()).unwrap_or_default().to_owned()
        }
    }
}

fn class(status: u16) -> &'static str {
    match status {
        0 => "lost",
        400.. => "refused",
        _ => "ok",
    }
}

fn took(exchange: &Exchange) -> String {
    match exchange.took.as_micros() {
        0..100 => "< 0.1 ms".to_owned(),
        micros @ 100..10_000 => format!("{}.{} ms", micros / 1000, micros % 1000 / 100),
        micros => format!("{} ms", grouped(usize::try_from(micros / 1000).unwrap_or(usize::MAX))),
    }
}

/// What an answer says went wrong, in either version's form, or OAuth's.
pub(super) fn messages(answer: &Content) -> Vec<Message> {
    let parsed = answer.bytes.as_ref().and_then(|bytes| serde_json::from_slice::<Object<'static>>(bytes).ok());
    let Some(body) = parsed else { return Vec::new() };
    let mut messages = Vec::new();
    for name in ["message", "detail", "error", "error_description"] {
        if let Some(text) = body.get(name).and_then(Value::as_text) {
            messages.push(Message { place: String::new(), text: text.to_owned() });
        }
    }
    for name in ["modelState", "validationErrors"] {
        for (place, texts) in body.get(name).and_then(Value::as_object).into_iter().flat_map(Object::iter) {
            for text in texts.as_array().into_iter().flatten().filter_map(Value::as_text) {
                messages.push(Message { place: place.to_owned(), text: text.to_owned() });
            }
        }
    }
    for text in body.get("errors").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_text) {
        messages.push(Message { place: String::new(), text: text.to_owned() });
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(answer: &str) -> Vec<String> {
        messages(&Content::of(answer.as_bytes())).into_iter().map(|m| format!("{}|{}", m.place, m.text)).collect()
    }

    #[test]
    fn finds_what_each_version_says() {
        assert_eq!(said(r#"{"message":"Stale."}"#), ["|Stale."]);
        assert_eq!(
            said(r#"{"message":"The request is invalid.","modelState":{"request.a":["Wrong."]}}"#),
            ["|The request is invalid.", "request.a|Wrong."]
        );
        assert_eq!(
            said(
                r#"{"detail":"Data validation failed.","validationErrors":{"$.a":["A is required."]},"errors":["E"]}"#
            ),
            ["|Data validation failed.", "$.a|A is required.", "|E"]
        );
        assert_eq!(said(r#"{"error":"invalid_client"}"#), ["|invalid_client"]);
        // Records are no messages.
        assert_eq!(said(r#"[{"message":"x"}]"#), Vec::<String>::new());
    }
}
