//! One try on the wire: its request, and its answer read.

use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Body, Method, Request};

use crate::answer::{Answer, Shape, is_web_page, without_mark};
use crate::auth::Token;
use crate::classify::is_committed;
use crate::decision::Operation;
use crate::exchange::{Call, Exchange};
use crate::http::{ANSWER_LIMIT, Failure, READ_LIMIT, content_type, failure, read_body, retry_after};
use crate::location::item_id;
use crate::tried::{Rows, Tried};

impl Exchange {
    /// Sends a try, and reads what comes back.
    pub(crate) async fn attempt(&self, call: Call<'_>, token: &Token) -> Tried {
        let mut response = match self.http.execute(request(call, token)).await {
            Ok(response) => response,
            Err(error) => return Tried::from(failure(error)),
        };
        let (operation, status) = (call.operation, response.status().as_u16());
        let good = matches!(status, 200..=299);
        let headers = std::mem::take(response.headers_mut());
        let id = if good { item_id(&headers, &call.resource.name).map(str::to_owned) } else { None };
        let limit = if good && operation == Operation::Read { READ_LIMIT } else { ANSWER_LIMIT };
        let body = match read_body(&mut response, limit).await {
            Ok(body) => body,
            // What follows says nothing that a write needs.
            Err(_) if is_committed(operation, status, id.as_deref()) => Bytes::new(),
            Err(Failure::TooLarge) if good => return Tried::BadBody(status),
            Err(Failure::TooLarge) => Bytes::from_static(b"(too large)"),
            Err(failure) => return Tried::from(failure),
        };
        if good {
            return success(operation, id, status, headers, &body, token);
        }
        let mut answer = Answer::read(status, content_type(&headers), &token.hidden_in(&body));
        answer.retry_after = retry_after(&headers);
        Tried::Answer { answer, headers, rows: Rows::None }
    }
}

/// The request of one try. Made here, as what an `async fn` makes has room in its future for as long as that lives.
fn request(call: Call<'_>, token: &Token) -> Request {
    let method = match call.operation {
        Operation::Post => Method::POST,
        Operation::Put => Method::PUT,
        Operation::Delete => Method::DELETE,
        Operation::Read => Method::GET,
    };
    let mut request = Request::new(method, call.url.clone());
    let headers = request.headers_mut();
    headers.insert(AUTHORIZATION, token.header().clone());
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let Some(body) = call.body {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        *request.body_mut() = Some(Body::from(body.clone()));
    }
    request
}

/// Reads an answer of a success status, without building anything for the common one: a write with no body.
fn success(
    operation: Operation,
    id: Option<String>,
    status: u16,
    headers: HeaderMap,
    body: &[u8],
    token: &Token,
) -> Tried {
    let body = without_mark(body).trim_ascii_start();
    let page = content_type(&headers).is_some_and(is_web_page) || body.first() == Some(&b'<');
    if page || operation != Operation::Read {
        let answer = Answer { id, ..Answer::read(status, content_type(&headers), &token.hidden_in(body)) };
        return Tried::Answer { answer, headers, rows: Rows::None };
    }
    let answer = Answer::bare(status, Shape::Json);
    let rows = match body.first() {
        Some(b'[') => serde_json::from_slice(body).map(Rows::List),
        _ => serde_json::from_slice(body).map(Rows::One),
    };
    match rows {
        Ok(rows) => Tried::Answer { answer, headers, rows },
        Err(_) => Tried::BadBody(status),
    }
}
