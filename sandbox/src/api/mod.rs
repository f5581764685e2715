//! What is served over HTTP.

mod changes;
mod data;
mod discovery;
mod metadata;
pub(crate) mod names;
mod oauth;
mod observe;
mod openapi;
pub(crate) mod problem;
mod problem_v6;
mod problem_v7;
mod profile;
mod query;
mod render;
mod request;
mod route;
mod search;
mod tokens;
pub(crate) mod validation;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware;
use axum::routing::{any, get};

pub(crate) use self::discovery::logical_name;
pub(crate) use self::openapi::Documents;
use self::problem::Dialect;
pub(crate) use self::render::render;
pub(crate) use self::request::decode_form;
pub(crate) use self::route::is_year;
pub(crate) use self::tokens::Tokens;
use crate::catalog::Catalog;
use crate::config::{ApiKey, ApiVersion, Database, UiAccess};
use crate::faults::FaultState;
use crate::store::Store;

/// What every request needs.
pub(crate) struct App {
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) store: Store,
    pub(crate) keys: Vec<ApiKey>,
    pub(crate) tokens: Tokens,
    pub(crate) version: ApiVersion,
    pub(crate) database: Database,
    pub(crate) strict: bool,
    pub(crate) faults: FaultState,
    pub(crate) documents: Documents,
    /// Who may see the pages.
    pub(crate) ui: UiAccess,
    /// Where the server listens, for requests without a `Host` header.
    pub(crate) url: String,
}

impl App {
    /// How to say what is wrong with a request.
    pub(crate) fn dialect(&self, headers: &HeaderMap, uri: &Uri) -> Dialect {
        Dialect { version: self.version, database: self.database, correlation: request::correlation(headers, uri) }
    }
}

/// Bytes that a request's body may have, as the real server's web host allows.
const LARGEST_BODY: usize = 30_000_000;

/// The routes.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(discovery::document))
        .route("/oauth/token", any(oauth::token))
        .route("/oauth/token_info", any(oauth::token_info))
        .route("/metadata", get(metadata::handle))
        .route("/metadata/", get(metadata::handle))
        .route("/metadata/{*path}", get(metadata::handle))
        .route("/data/v3/{*path}", any(data::handle))
        .route("/changeQueries/v1/{*path}", get(changes::handle))
        .fallback(|| async { StatusCode::NOT_FOUND })
        .method_not_allowed_fallback(|| async { StatusCode::METHOD_NOT_ALLOWED })
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(middleware::from_fn_with_state(app.clone(), observe::observe))
        // Behind the layers: what people look at is no part of the log.
        .merge(crate::ui::routes(app.clone()))
        .with_state(app)
}
