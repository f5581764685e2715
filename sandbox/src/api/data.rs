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
use super::query::parameters;
use super::render::render;
use super::request::{base_url, bearer};
use super::validation::findings;
use crate::bind::bind;
use crate::catalog::Resource;
use crate::config::ApiKey;
use crate::connection::Line;
use crate::faults::{Moment, Outcome};
use crate::security::{Action, authorize_action};
use crate::store::{Incoming, Query, Receipt};

/// One request below the data path.
struct Call<'a> {
    app: &'a Arc<App>,
    resource: &'a Resource,
    key: &'a ApiKey,
    id: Option<&'a str>,
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
    let (resource, id) = route(app, uri.path()).ok_or(Problem::Route)?;
    let call = Call { app, resource, key: &app.keys[owner], id, uri, headers };
    if method == Method::GET {
        authorize_action(call.key, resource, Action::Read)?;
        return match call.id {
            Some(id) => call.get(id),
            None => call.query().await,
        };
    }
    let known = matches!((method, id), (&Method::POST, None) | (&Method::PUT | &Method::DELETE, Some(_)));
    if !known {
        return Err(Problem::MethodNotAllowed { method: method.to_string(), advice: advice(method, id) });
    }
    let outcome = app.faults.next_write();
    match outcome {
        Outcome::Status { status, retry_after } => return Ok(failure(status, retry_after)),
        Outcome::Reset(Moment::BeforeCommit) => return Ok(lost(line)),
        Outcome::Reset(Moment::AfterCommit) | Outcome::Normal => {}
    }
    let written = match (method.as_str(), id) {
        ("POST", _) => call.post(body).await,
        ("PUT", Some(id)) => call.put(id, body).await,
        (_, id) => call.delete(id.unwrap_or_default()).await,
    };
    if outcome == Outcome::Reset(Moment::AfterCommit) {
        return Ok(lost(line));
    }
    written
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

    async fn query(&self) -> Result<Response, Problem> {
        // A query may look at many records; it must not hold up other requests of this thread.
        let (app, owner) = (self.app.clone(), self.key.clone());
        let (resource, query) = (self.resource.index, self.uri.query().unwrap_or_default().to_owned());
        let answer = tokio::task::spawn_blocking(move || run_query(&app, &owner, resource, &query));
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

    /// An entity tag in a header, without its quotes.
    fn tag(&self, name: &HeaderName) -> Option<&str> {
        Some(self.headers.get(name)?.to_str().ok()?.trim().trim_matches('"'))
    }
}

fn run_query(app: &App, key: &ApiKey, resource: usize, query: &str) -> Result<Response, Problem> {
    let resource = &app.catalog.resources[resource];
    let asked = parameters(resource, query, app.version)?;
    let count = asked.total_count;
    let query = Query { resource, key, filters: asked.filters, offset: asked.offset, limit: asked.limit, count };
    app.store.read(|tables| {
        let page = tables.query(query)?;
        let items = page.records.into_iter().map(|(sequence, record)| render(tables, resource, sequence, record));
        let mut response = body(serde_json::to_vec(&items.collect::<Vec<_>>()).unwrap_or_default());
        if let Some(total) = page.total {
            insert(&mut response, HeaderName::from_static("total-count"), &total.to_string());
        }
        Ok(response)
    })
}

/// Rooms below a resource that are not records.
const NOT_IDS: [&str; 3] = ["deletes", "keyChanges", "partitions"];

/// The resource and the id that a path names; the school year in it does not matter.
fn route<'a>(app: &'a App, path: &'a str) -> Option<(&'a Resource, Option<&'a str>)> {
    let mut segments = path.strip_prefix("/data/v3/")?.trim_end_matches('/').split('/').peekable();
    segments.next_if(|segment| segment.len() == 4 && segment.bytes().all(|byte| byte.is_ascii_digit()));
    let segment = segments.next()?;
    let resource = app.catalog.at(segment, segments.next()?)?;
    // Rooms of the change queries and of partitions, which are not ids.
    let id = segments.next().filter(|id| !id.is_empty());
    if id.is_some_and(|id| NOT_IDS.iter().any(|name| id.eq_ignore_ascii_case(name))) {
        return None;
    }
    segments.next().is_none().then_some((resource, id))
}

/// What version 7 says about a method at the wrong place.
fn advice(method: &Method, id: Option<&str>) -> Option<&'static str> {
    match (method.as_str(), id) {
        ("PUT", None) => Some(
            "Resource collections cannot be replaced. To \"upsert\" an item in the collection, use POST. To update a \
             specific item, use PUT and include the \"id\" in the route.",
        ),
        ("DELETE", None) => Some(
            "Resource collections cannot be deleted. To delete a specific item, use DELETE and include the \"id\" in the \
             route.",
        ),
        ("POST", Some(_)) => Some(
            "Resource items can only be updated using PUT. To \"upsert\" an item in the resource collection using POST, \
             remove the \"id\" from the route.",
        ),
        _ => None,
    }
}

fn parse_id(text: &str) -> Result<u128, Problem> {
    uuid::Uuid::try_parse(text).map(|id| id.as_u128()).map_err(|_| Problem::BadId)
}

fn body(json: Vec<u8>) -> Response {
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

fn insert(response: &mut Response, name: HeaderName, value: &str) {
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

fn lost(line: &Line) -> Response {
    line.reset();
    let mut response = empty(StatusCode::INTERNAL_SERVER_ERROR);
    response.extensions_mut().insert(Lost);
    response
}
