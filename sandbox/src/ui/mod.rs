//! `/ui`: what a browser shows of the sandbox. Plain HTML made on the server, no script, nothing from elsewhere.
//!
//! Whoever opens it needs no key, so it answers this machine only, unless the configuration says otherwise. The `Host`
//! header counts too: a web site that lets its own name point to this machine must not read it.

mod access;
mod json;
mod overview;
mod record;
mod records;
mod request;
mod requests;
mod rows;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::Response;
use axum::routing::get;
use chrono::{DateTime, Utc};

use crate::api::App;
use crate::config::ApiVersion;

/// Where the pages begin.
pub(crate) const ROOT: &str = "/ui";

/// The pages' routes.
pub(crate) fn routes(app: Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/ui", get(overview::page))
        .route("/ui/", get(overview::page))
        .route("/ui/resources/{segment}/{name}", get(records::page))
        .route("/ui/resources/{segment}/{name}/{id}", get(record::page))
        .route("/ui/requests", get(requests::page))
        .route("/ui/requests/{number}", get(request::page))
        .route(
            "/ui/style.css",
            get(async || file("text/css; charset=utf-8", include_str!("../../templates/style.css"))),
        )
        .route("/ui/icon.svg", get(async || file("image/svg+xml", include_str!("../../templates/icon.svg"))))
        .route_layer(middleware::from_fn_with_state(app, access::guard))
}

/// What every page says of the sandbox.
struct Frame {
    url: String,
    version: &'static str,
    standard: String,
    /// Which entry of the menu is this page's.
    here: &'static str,
}

impl Frame {
    fn new(app: &App, here: &'static str) -> Self {
        let standard = app.catalog.standard;
        let names = app.catalog.extension_keys.iter().map(|key| crate::api::logical_name(key));
        let standard = std::iter::once(format!("{} {}", standard.name, standard.version)).chain(names);
        let version = match app.version {
            ApiVersion::V6 => "version 6",
            ApiVersion::V7 => "version 7",
        };
        Self { url: app.url.clone(), version, standard: standard.collect::<Vec<_>>().join(" + "), here }
    }
}

/// A page, or why there is none.
fn html(page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => file("text/html; charset=utf-8", text),
        Err(error) => {
            tracing::error!(%error, "a page could not be made");
            status(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

fn status(status: StatusCode) -> Response {
    let mut response = file("text/plain; charset=utf-8", status.canonical_reason().unwrap_or_default());
    *response.status_mut() = status;
    response
}

fn file(kind: &'static str, content: impl Into<Body>) -> Response {
    let mut response = Response::new(content.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// A time, short for the eye and whole for the rest.
struct Moment {
    full: String,
    short: String,
}

impl Moment {
    fn new(at: DateTime<Utc>) -> Self {
        let short = if at.date_naive() == Utc::now().date_naive() { "%H:%M:%S" } else { "%Y-%m-%d %H:%M" };
        Self { full: at.format("%Y-%m-%d %H:%M:%S%.3f UTC").to_string(), short: at.format(short).to_string() }
    }
}

/// A number with its thousands apart.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            // A narrow space that does not break.
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

/// A count with its noun.
fn counted(number: usize, noun: &str) -> String {
    format!("{} {noun}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// How long a body is.
fn size(bytes: usize) -> String {
    match bytes {
        0..10_000 => counted(bytes, "byte"),
        10_000..10_000_000 => format!("{} kB", grouped(bytes / 1000)),
        _ => format!("{} MB", grouped(bytes / 1_000_000)),
    }
}

/// A text of at most so many characters.
fn shortened(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

/// A text as part of a URL's path or query.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(byte)),
            _ => encoded.extend(['%', hexadecimal(byte >> 4), hexadecimal(byte & 15)]),
        }
    }
    encoded
}

fn hexadecimal(digit: u8) -> char {
    char::from_digit(u32::from(digit), 16).unwrap_or('0').to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_for_the_eye() {
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!((grouped(0), grouped(999)), ("0".to_owned(), "999".to_owned()));
        assert_eq!((counted(1, "byte"), size(64_000)), ("1 byte".to_owned(), "64 kB".to_owned()));
        assert_eq!(shortened("Grüße an alle", 5), "Grüße…");
        assert_eq!(encoded("a b&ü"), "a%20b%26%C3%BC");
    }
}
