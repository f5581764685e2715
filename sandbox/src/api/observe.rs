//! What happens around every request: latency on purpose, and the log.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use super::App;
use crate::store::LoggedRequest;

/// Marks an answer that nobody gets because its connection is reset.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lost;

/// Delays and logs a request.
pub(super) async fn observe(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let method = request.method().as_str().to_owned();
    let path = request.uri().path().to_owned();
    let latency = app.faults.latency();
    if latency > Duration::ZERO && path.starts_with("/data/") {
        tokio::time::sleep(latency).await;
    }
    let response = next.run(request).await;
    let status = if response.extensions().get::<Lost>().is_some() { 0 } else { response.status().as_u16() };
    tracing::trace!(method, status, "answered");
    app.store.log().add(LoggedRequest { method, path, status });
    response
}
