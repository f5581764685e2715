//! An answer's body, read by its shape.
//!
//! Shape, not version: servers of one version answer in both forms, and gateways in front of them in neither.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::decision::Operation;
use crate::fields::{NAME_CHARS, cut, fields, fields_of_lines, texts};
use crate::outcome::{FieldError, RefusalClass, Refused};

/// The form of an answer's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// No body.
    Empty,
    /// `{"message": …, "modelState"?: …}`, the older ODS/API.
    Message,
    /// Problem details: `type`, `title`, `detail`, `validationErrors`, `errors`; ODS/API 7.2 and later.
    Problem,
    /// Any other JSON; of a read's success also its rows.
    Json,
    /// HTML or XML.
    WebPage,
    /// Text that is none of these.
    Text,
}

/// A body behind its byte order mark, where it has one.
pub(crate) fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body)
}

impl Shape {
    /// What answers in this form, where an API's answer is missed.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::WebPage => "a web page",
            Self::Empty => "nothing",
            Self::Text => "text",
            Self::Message | Self::Problem | Self::Json => "JSON of another kind",
        }
    }
}

/// What matters of a server's answer. `Debug` leaves out the texts, which can quote student data.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The form of the body.
    pub shape: Shape,
    /// The server's own text, whole: `message`, or `detail` and `errors`, a line each. Can be student data.
    pub message: String,
    /// The problem details' `type`.
    pub urn: Option<String>,
    /// What it says about single members, in the order of their paths.
    pub fields: Vec<FieldError>,
    /// The server's name for this request.
    pub correlation_id: Option<String>,
    /// The `Retry-After` header.
    pub retry_after: Option<Duration>,
    /// The id of the item that the `Location` header names.
    pub id: Option<String>,
}

impl Answer {
    /// An answer of which only status and shape are known.
    pub const fn bare(status: u16, shape: Shape) -> Self {
        Self {
            status,
            shape,
            message: String::new(),
            urn: None,
            fields: Vec::new(),
            correlation_id: None,
            retry_after: None,
            id: None,
        }
    }

    /// Reads an answer's body. `content_type` only decides for a web page; servers mislabel the rest.
    pub fn read(status: u16, content_type: Option<&str>, body: &[u8]) -> Self {
        let body = without_mark(body).trim_ascii();
        if body.is_empty() {
            return Self::bare(status, Shape::Empty);
        }
        if body[0] == b'<' || content_type.is_some_and(is_web_page) {
            return Self { message: lossy(body), ..Self::bare(status, Shape::WebPage) };
        }
        match serde_json::from_slice::<Value>(body) {
            Ok(value) => Self::from_json(status, &value, body),
            Err(_) => Self { message: lossy(body), ..Self::bare(status, Shape::Text) },
        }
    }

    fn from_json(status: u16, value: &Value, body: &[u8]) -> Self {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        if let (Some(urn), Some(detail)) = (text("type"), text("detail").or_else(|| text("title"))) {
            let mut lines = vec![detail];
            lines.extend(texts(value.get("errors")));
            return Self {
                message: lines.join("\n"),
                urn: Some(cut(urn, NAME_CHARS).to_owned()),
                fields: fields(value.get("validationErrors")),
                correlation_id: text("correlationId").map(|id| cut(id, NAME_CHARS).to_owned()),
                ..Self::bare(status, Shape::Problem)
            };
        }
        if let Some(message) = text("message").or_else(|| text("Message")) {
            let mut fields = fields(value.get("modelState"));
            fields.extend(fields_of_lines(message));
            return Self { message: message.to_owned(), fields, ..Self::bare(status, Shape::Message) };
        }
        Self { message: lossy(body), ..Self::bare(status, Shape::Json) }
    }

    /// Whether the text, or a text about a member, contains `part`.
    pub(crate) fn says(&self, part: &str) -> bool {
        self.message.contains(part)
            || self.fields.iter().any(|field| field.messages.iter().any(|text| text.contains(part)))
    }

    /// Whether the problem type has `segment` among its colon-separated segments.
    pub(crate) fn urn_has(&self, segment: &str) -> bool {
        self.urn.as_deref().is_some_and(|urn| urn.split(':').any(|part| part == segment))
    }

    /// What answered, where the answer does not say it itself: a success that is not the API's, or a proxy's word.
    pub(crate) fn told(&self, operation: Operation) -> Option<String> {
        let (what, status, method) = (self.shape.words(), self.status, operation.as_str());
        match status {
            101 => Some("a switch to another protocol is offered, which no Ed-Fi API does (status 101)".to_owned()),
            200..=299 => {
                let named = self.id.is_some() || operation != Operation::Post;
                let location = if named { "" } else { " and no Location that names the record" };
                Some(format!(
                    "answered with {what}{location} (status {status}), which no Ed-Fi API answers to a {method}"
                ))
            }
            407 => Some("a proxy on the way asks for a login (status 407)".to_owned()),
            413 => Some("the body is too large for the server, or for a proxy in front of it (status 413)".to_owned()),
            _ => None,
        }
    }

    /// The refusal. What answered stands before the server's own words.
    pub(crate) fn into_refused(self, operation: Operation, class: RefusalClass, attempts: u32) -> Refused {
        let lines = self.told(operation).into_iter().chain(Some(self.message).filter(|message| !message.is_empty()));
        let mut message = lines.collect::<Vec<_>>().join("\n");
        message.truncate(cut(&message, Refused::MESSAGE_CHARS).len());
        Refused {
            status: self.status,
            class,
            message,
            fields: self.fields,
            urn: self.urn,
            correlation_id: self.correlation_id,
            attempts,
        }
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("shape", &self.shape)
            .field("urn", &self.urn)
            .field("fields", &self.fields)
            .finish_non_exhaustive()
    }
}

/// Whether a `Content-Type` announces a page for people.
pub(crate) fn is_web_page(content_type: &str) -> bool {
    let media = content_type.split(';').next().unwrap_or_default().trim();
    media.eq_ignore_ascii_case("text/html") || media.eq_ignore_ascii_case("application/xhtml+xml")
}

fn lossy(body: &[u8]) -> String {
    // An error page can be large; nothing that decides stands behind its first kilobytes.
    String::from_utf8_lossy(&body[..body.len().min(4 * Refused::MESSAGE_CHARS)]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_body_and_its_model_state() {
        let answer = Answer::read(
            400,
            Some("application/json; charset=utf-8"),
            br#"{"message":"The request is invalid.","modelState":{"request.birthDate":["String was not recognized"]}}"#,
        );
        assert_eq!(answer.shape, Shape::Message);
        assert_eq!(answer.fields[0].path, "$.birthDate");
        assert!(answer.says("not recognized"));
    }

    #[test]
    fn validation_lines_become_fields() {
        let message = "Validation of 'Student' failed.\n\tLastSurname is required.\n\tThe field FirstName must be a \
                       string with a maximum length of 75.\n\tValidation of 'StudentAddress[0]' failed.\n\t\tCity is \
                       required.\n";
        let body = serde_json::json!({ "message": message }).to_string();
        let answer = Answer::read(400, None, body.as_bytes());
        let paths: Vec<_> = answer.fields.iter().map(|field| field.path.as_str()).collect();
        assert_eq!(paths, ["$.lastSurname", "$.firstName"]);
    }

    #[test]
    fn problem_details() {
        let body = br#"{"detail":"Data validation failed.","type":"urn:ed-fi:api:bad-request:data-validation-failed",
            "title":"Data Validation Failed","status":400,"correlationId":"c-1",
            "validationErrors":{"$.lastSurname":["LastSurname is required."]},"errors":["one","two"]}"#;
        let answer = Answer::read(400, Some("application/problem+json"), body);
        assert_eq!(answer.shape, Shape::Problem);
        assert_eq!(answer.message, "Data validation failed.\none\ntwo");
        assert!(answer.urn_has("bad-request"));
        assert_eq!(answer.correlation_id.as_deref(), Some("c-1"));
        assert_eq!(answer.fields[0].messages, ["LastSurname is required."]);
    }

    #[test]
    fn pages_text_and_nothing() {
        assert_eq!(Answer::read(502, None, b" <html>").shape, Shape::WebPage);
        assert_eq!(Answer::read(200, Some("text/HTML; charset=utf-8"), b"hello").shape, Shape::WebPage);
        assert_eq!(Answer::read(403, Some("text/plain"), b"blocked").shape, Shape::Text);
        assert_eq!(Answer::read(401, None, b"\xEF\xBB\xBF \n").shape, Shape::Empty);
        assert_eq!(Answer::read(401, None, br#"{"error":"invalid_client"}"#).shape, Shape::Json);
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        let body = serde_json::json!({ "message": "é".repeat(3000) }).to_string();
        let refused = Answer::read(400, None, body.as_bytes()).into_refused(Operation::Post, RefusalClass::Other, 1);
        assert_eq!(refused.message.chars().count(), Refused::MESSAGE_CHARS);
    }
}
