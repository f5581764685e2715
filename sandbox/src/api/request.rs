//! What requests carry: credentials, the host, forms and query strings.

use axum::http::{HeaderMap, Uri, header};

use super::App;
use super::problem::Problem;

/// The token of an `Authorization` header.
pub(super) fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let header =
        headers.get(header::AUTHORIZATION).ok_or(Problem::Unauthenticated("Authorization header is missing."))?;
    let text = header.to_str().map_err(|_| Problem::Unauthenticated("Invalid Authorization header."))?;
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Problem::Unauthenticated("Unknown Authorization header scheme."));
    }
    match token.trim() {
        "" => Err(Problem::Unauthenticated("Missing Authorization header bearer token value.")),
        token => Ok(token),
    }
}

/// `http://{host}`, as the client wrote the host.
pub(super) fn base_url(app: &App, headers: &HeaderMap) -> String {
    match headers.get(header::HOST).and_then(|host| host.to_str().ok()) {
        Some(host) => format!("http://{host}"),
        None => app.url.clone(),
    }
}

/// What a request is to be recognised by: a header, or a parameter.
pub(super) fn correlation(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let header = headers.get("correlation-id").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let parameter = || {
        let query = decode_form(uri.query()?);
        query.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("correlationId")).map(|(_, value)| value)
    };
    header.or_else(parameter).filter(|text| !text.is_empty() && text.len() <= LONGEST_CORRELATION)
}

/// Longer ones are not echoed.
const LONGEST_CORRELATION: usize = 200;

/// Names and values of a form or a query string; a text that is not well encoded stands as it is.
pub(crate) fn decode_form(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

/// A text of a URL as it was before it was encoded.
pub(super) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let code = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
                match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
                    Some(byte) => {
                        bytes.push(byte);
                        rest = &after[2..];
                    }
                    None => bytes.push(b'%'),
                }
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
