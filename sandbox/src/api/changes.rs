//! `/changeQueries/v1/[{year}/]…`: the range of change versions, and the list of snapshots.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use rollcall_core::value::Object;

use super::App;
use super::data::body;
use super::problem::{Problem, json};
use super::request::bearer;
use super::route::is_year;
use crate::config::ApiVersion;
use crate::store::Tables;

/// Answers a request below the path of change queries.
pub(super) async fn handle(State(app): State<Arc<App>>, uri: Uri, headers: HeaderMap) -> Response {
    answer(&app, &uri, &headers).unwrap_or_else(|problem| problem.respond(&app.dialect(&headers, &uri)))
}

fn answer(app: &App, uri: &Uri, headers: &HeaderMap) -> Result<Response, Problem> {
    let token = bearer(headers)?;
    app.tokens.take(token, app.faults.token_requests()).ok_or(Problem::Unauthenticated("Invalid token."))?;
    let path = uri.path().strip_prefix("/changeQueries/v1/").unwrap_or_default().trim_end_matches('/');
    let room = path.split_once('/').filter(|(year, _)| is_year(year)).map_or(path, |(_, room)| room);
    if room.eq_ignore_ascii_case("availableChangeVersions") {
        let newest = app.store.read(Tables::newest_change);
        let newest = i64::try_from(newest).unwrap_or(i64::MAX);
        let range = Object::new().with("oldestChangeVersion", 0).with("newestChangeVersion", newest);
        return Ok(json(StatusCode::OK, Some(&range)));
    }
    if app.version == ApiVersion::V6 && room.eq_ignore_ascii_case("snapshots") {
        return Ok(body(b"[]".to_vec()));
    }
    Err(Problem::Route)
}
