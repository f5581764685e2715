//! The discovery document, which needs no token.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use rollcall_core::value::{Object, Value};

use super::App;
use super::problem::json;
use super::request::base_url;
use crate::config::ApiVersion;

/// `GET /`: versions, data models and the URLs of all else.
pub(super) async fn document(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let root = base_url(&app, &headers);
    let (version, suite) = match app.version {
        ApiVersion::V6 => ("6.2", "3"),
        ApiVersion::V7 => ("7.3", "3"),
    };
    let mut document = Object::new()
        .with("version", version)
        .with("informationalVersion", concat!("rollcall-sandbox ", env!("CARGO_PKG_VERSION")))
        .with("suite", suite)
        .with("build", concat!(env!("CARGO_PKG_VERSION"), ".0"));
    match app.version {
        ApiVersion::V6 => document.push("apiMode", "Shared Instance"),
        ApiVersion::V7 => document.push("applicationName", "Ed-Fi-compatible sandbox"),
    }
    let standard = app.catalog.standard;
    let mut models = vec![model(standard.name.clone(), standard.version.clone())];
    models.extend(app.catalog.extension_keys.iter().map(|key| model(logical_name(key), "1.0.0".to_owned())));
    let mut urls = Object::new()
        .with("dependencies", format!("{root}/metadata/data/v3/dependencies"))
        .with("openApiMetadata", format!("{root}/metadata/"))
        .with("oauth", format!("{root}/oauth/token"))
        .with("dataManagementApi", format!("{root}/data/v3/"))
        .with("changeQueries", format!("{root}/changeQueries/v1/"));
    if app.version == ApiVersion::V7 {
        urls.push("oauthTokenIntrospection", format!("{root}/oauth/token_info"));
    }
    document.push("dataModels", models);
    document.push("urls", urls);
    json(StatusCode::OK, Some(&document))
}

fn model(name: String, version: String) -> Value<'static> {
    let informational = format!("{name} {version}");
    let model = Object::new().with("name", name).with("version", version);
    Value::Object(model.with("informationalVersion", informational))
}

/// An extension's logical name: an acronym of two letters is written large, as the servers keep it.
pub(crate) fn logical_name(key: &str) -> String {
    if key.len() <= 2 { key.to_ascii_uppercase() } else { super::names::pascal(key) }
}
