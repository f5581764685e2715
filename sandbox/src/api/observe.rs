//! What happens around every request: latency on purpose, and the log.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use chrono::Utc;

use super::data::lost;
use super::problem::empty;
use super::request::bearer;
use super::{App, LARGEST_BODY};
use crate::connection::Line;
use crate::store::{Content, Exchange};

/// Marks an answer that nobody gets because its connection is reset.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lost;

/// Delays and logs a request.
pub(super) async fn observe(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (at, started) = (Utc::now(), Instant::now());
    let (parts, body) = request.into_parts();
    let method: Box<str> = parts.method.as_str().into();
    let path: Box<str> = parts.uri.path().into();
    let query: Box<str> = parts.uri.query().unwrap_or_default().into();
    let key = bearer(&parts.headers).ok().and_then(|token| app.tokens.owner(token));
    let latency = app.faults.latency();
    if latency > Duration::ZERO && path.starts_with("/data/") {
        tokio::time::sleep(latency).await;
    }
    let away = app.faults.is_away(|| app.tokens.expire());
    let line = parts.extensions.get::<ConnectInfo<Line>>().filter(|_| away).cloned();
    let body = to_bytes(body, LARGEST_BODY).await;
    let (sent, response) = match body {
        Ok(body) if let Some(ConnectInfo(line)) = &line => (body, lost(line)),
        Ok(body) => {
            let request = Request::from_parts(parts, Body::from(body.clone()));
            (body, next.run(request).await)
        }
        // Too long, or the client has gone.
        Err(_) => (Bytes::new(), empty(StatusCode::PAYLOAD_TOO_LARGE)),
    };
    // Tokens and secrets go over these paths, and stay out of the log.
    let secret = path.starts_with("/oauth/");
    let content = |body: &Bytes, secret: bool| if secret { Content::withheld(body.len()) } else { Content::of(body) };
    let sent = content(&sent, secret);
    let (response, answer) = match response.body().size_hint().exact() {
        Some(_) => {
            let (parts, body) = response.into_parts();
            // A body of known size is in memory already.
            let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
            let answer = content(&body, secret && parts.status.is_success());
            (Response::from_parts(parts, Body::from(body)), answer)
        }
        None => (response, Content::default()),
    };
    let status = if response.extensions().get::<Lost>().is_some() { 0 } else { response.status().as_u16() };
    tracing::trace!(method = &*method, status, "answered");
    let location = response.headers().get(header::LOCATION).and_then(|location| location.to_str().ok()).map(Box::from);
    let took = started.elapsed();
    app.store.log().add(Exchange { number: 0, at, took, method, path, query, status, key, location, sent, answer });
    response
}
