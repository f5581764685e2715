//! Resources: `/data/v3/[{year}/]{segment}/{resource}[/{id}]`.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;
use rollcall_core::value::Object;

use super::App;
use super::observe::Lost;
use super::problem::{JSON, Missing, Problem, empty};
use super::profile::refuse_profile;
use super::render::render;
use super::request::{base_url, bearer};
use super::route::{Place, Room, advice, parse_id, refuse_snapshot, route};
use super::search;
use super::validation::findings;
use crate::bind::bind;
use crate::catalog::Resource;
use crate::config::{ApiKey, ApiVersion};
use crate::connection::Line;
use crate::faults::{Moment, What};
use crate::security::{Action, authorize_action};
use crate::store::{Incoming, Receipt};

/// One request below the data path.
struct Call<'a> {
    app: &'a Arc<App>,
    resource: &'a Resource,
    key: &'a ApiKey,
    uri: &'a Uri,
    headers: &'a HeaderMap,
}

/// Answers a request below the data path.
pub(super) async fn handle(
    State(app): State<Arc<App>>,
    ConnectInfo(line): ConnectInfo<Line>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match answer(&app, &line, &method, &uri, &headers, &body).await {
        Ok(response) => response,
        Err(problem) => problem.respond(&app.dialect(&headers, &uri)),
    }
}

async fn answer(
    app: &Arc<App>,
    line: &Line,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response, Problem> {
    let token = bearer(headers)?;
    let owner =
        app.tokens.take(token, app.faults.token_requests()).ok_or(Problem::Unauthenticated("Invalid token."))?;
    let Place { resource, room } = route(app, uri.path()).ok_or(Problem::Route)?;
    refuse_snapshot(app, method, headers)?;
    let call = Call { app, resource, key: &app.keys[owner], uri, headers };
    if method == Method::GET {
        refuse_profile(headers, &header::ACCEPT)?;
        let action = if room.is_of_changes() { Action::ReadChanges } else { Action::Read };
        authorize_action(call.key, resource, action)?;
        let read = match room {
            Room::Item(id) => call.get(id),
            Room::Collection => call.search(search::query).await,
            Room::Deletes => call.search(search::deletes).await,
            Room::KeyChanges => call.search(search::key_changes).await,
            Room::Partitions => call.search(search::partitions).await,
        };
        return if app.faults.next_read().is_some() { read.map(broken_off) } else { read };
    }
    let id = match (method, room) {
        (&Method::POST, Room::Collection) => None,
        (&Method::PUT | &Method::DELETE, Room::Item(id)) => Some(id),
        _ => return Err(Problem::MethodNotAllowed { method: method.to_string(), advice: advice(method, room) }),
    };
    let outcome = app.faults.next_write(body);
    match outcome {
        Some(What::Status { status, retry_after }) => return Ok(failure(status, retry_after)),
        Some(What::Page(status)) => return Ok(page(status)),
        Some(What::Reset(Moment::BeforeCommit)) => return Ok(lost(line)),
        Some(What::Reset(Moment::AfterCommit) | What::Cut | What::Hang) | None => {}
    }
    let written = match (method.as_str(), id) {
        ("POST", _) => call.post(body).await,
        ("PUT", Some(id)) => call.put(id, body).await,
        (_, id) => call.delete(id.unwrap_or_default()).await,
    };
    match outcome {
        Some(What::Reset(_)) => Ok(lost(line)),
        Some(What::Cut) => written.map(broken_off),
        // Until the client hangs up.
        Some(What::Hang) => std::future::pending().await,
        _ => written,
    }
}

impl Call<'_> {
    fn get(&self, id: &str) -> Result<Response, Problem> {
        let id = parse_id(id)?;
        self.app.store.read(|tables| {
            let Some((sequence, record)) = tables.by_id(self.resource, id) else {
                return Err(Problem::NotFound(Missing::Read { entity: self.resource.model.entity.clone() }));
            };
            tables.authorize_record(self.key, self.resource, record, Action::Read)?;
            let etag = record.etag();
            if self.tag(&header::IF_NONE_MATCH) == Some(etag.as_str()) {
                return Ok(empty(StatusCode::NOT_MODIFIED));
            }
            let mut response = body(render(tables, self.resource, sequence, record).to_json());
            insert(&mut response, header::ETAG, &format!("\"{etag}\""));
            Ok(response)
        })
    }

    /// Reads many records. That takes its time, and must not hold up other requests of this thread.
    async fn search(&self, search: search::Search) -> Result<Response, Problem> {
        let (app, owner) = (self.app.clone(), self.key.clone());
        let (resource, query) = (self.resource.index, self.uri.query().unwrap_or_default().to_owned());
        let answer = tokio::task::spawn_blocking(move || {
            search(&app, &search::Asked { resource: &app.catalog.resources[resource], key: &owner, query: &query })
        });
        answer.await.map_err(|_| Problem::Internal)?
    }

    async fn post(&self, body: &[u8]) -> Result<Response, Problem> {
        let version = self.app.version;
        authorize_action(self.key, self.resource, Action::Create)?;
        let object = self.parse(body)?;
        if object.iter().any(|(name, _)| name.eq_ignore_ascii_case("id")) {
            return Err(Problem::IdInBody);
        }
        let body = bind(self.resource, object, version, self.app.strict)?;
        let incoming = self.incoming(body);
        let receipt = self.app.store.write(|tables| tables.post(incoming)).await?;
        let status = if receipt.created { StatusCode::CREATED } else { StatusCode::OK };
        let location = format!("{}{}/{}", base_url(self.app, self.headers), self.uri.path(), receipt.id_text());
        Ok(written(status, &location, receipt))
    }

    async fn put(&self, id: &str, body: &[u8]) -> Result<Response, Problem> {
        let version = self.app.version;
        authorize_action(self.key, self.resource, Action::Update)?;
        let id = parse_id(id)?;
        let body = bind(self.resource, self.parse(body)?, version, self.app.strict)?;
        let incoming = self.incoming(body);
        let receipt = self.app.store.write(|tables| tables.put(id, incoming)).await?;
        let location = format!("{}{}", base_url(self.app, self.headers), self.uri.path());
        Ok(written(StatusCode::NO_CONTENT, &location, receipt))
    }

    async fn delete(&self, id: &str) -> Result<Response, Problem> {
        authorize_action(self.key, self.resource, Action::Delete)?;
        let id = parse_id(id)?;
        let if_match = self.tag(&header::IF_MATCH);
        self.app.store.write(|tables| tables.delete(self.resource, id, self.key, if_match)).await?;
        Ok(empty(StatusCode::NO_CONTENT))
    }

    fn parse(&self, body: &[u8]) -> Result<Object<'static>, Problem> {
        refuse_profile(self.headers, &header::CONTENT_TYPE)?;
        let kind = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_json = kind.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("application/json"));
        if !is_json {
            return Err(Problem::MediaType { missing: kind.is_none() });
        }
        if body.iter().all(u8::is_ascii_whitespace) {
            return Err(Problem::EmptyBody);
        }
        serde_json::from_slice(body).map_err(|error| {
            let text = format!("The body is not a JSON object (line {}, position {}).", error.line(), error.column());
            Problem::NotBindable(vec![(String::new(), text)])
        })
    }

    fn incoming(&self, body: Object<'static>) -> Incoming<'_> {
        let version = self.app.version;
        Incoming {
            findings: findings(self.resource, &body, version),
            resource: self.resource,
            body,
            key: self.key,
            version,
            if_match: self.tag(&header::IF_MATCH),
        }
    }

    /// An entity tag in a header, without its quotes. Version 7 takes an `If-Match` without quotes for none.
    fn tag(&self, name: &HeaderName) -> Option<&str> {
        let text = self.headers.get(name)?.to_str().ok()?.trim();
        let quoted = text.len() > 1 && text.starts_with('"') && text.ends_with('"');
        let ignored = name == header::IF_MATCH && self.app.version == ApiVersion::V7 && !quoted;
        (!ignored).then(|| text.trim_matches('"'))
    }
}

pub(super) fn body(json: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(json));
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

fn written(status: StatusCode, location: &str, receipt: Receipt) -> Response {
    let mut response = empty(status);
    insert(&mut response, header::LOCATION, location);
    insert(&mut response, header::ETAG, &format!("\"{}\"", receipt.etag()));
    response
}

pub(super) fn insert(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

fn failure(status: u16, retry_after: Option<u64>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let text = Object::new().with("message", "This failure was produced on purpose.");
    let mut response = super::problem::json(status, Some(&text));
    if let Some(seconds) = retry_after {
        insert(&mut response, header::RETRY_AFTER, &seconds.to_string());
    }
    response
}

/// What a proxy answers that asks to sign in, or cannot reach its server.
fn page(status: u16) -> Response {
    let mut response = Response::new(Body::from("<!DOCTYPE html><html><body><h1>A page on purpose</h1></body></html>"));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

/// An answer that promises more than it brings.
fn broken_off(response: Response) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("1000"));
    let pieces = [Ok(Bytes::from_static(b"[{\"id\":")), Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))];
    Response::from_parts(parts, Body::from_stream(futures::stream::iter(pieces)))
}

pub(super) fn lost(line: &Line) -> Response {
    line.reset();
    let mut response = empty(StatusCode::INTERNAL_SERVER_ERROR);
    response.extensions_mut().insert(Lost);
    response
}
