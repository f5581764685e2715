//! `/metadata/…`, which needs no token: the list of `OpenAPI` documents, the documents, and the dependency order.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use rollcall_core::value::{Object, Value};

use super::App;
use super::openapi::{Place, Section};
use super::problem::{JSON, empty};
use super::request::base_url;
use super::route::is_year;
use crate::catalog::{Graph, dependencies};
use crate::config::ApiVersion;

/// What a path below `/metadata` names.
enum Asked {
    List,
    Dependencies,
    Document(Section),
}

/// Answers a request below `/metadata`; a school year in the path stands in the answer's URLs too.
pub(super) async fn handle(State(app): State<Arc<App>>, uri: Uri, headers: HeaderMap) -> Response {
    let mut segments: Vec<&str> = uri.path().split('/').filter(|segment| !segment.is_empty()).skip(1).collect();
    let year = segments.iter().position(|segment| is_year(segment)).map(|at| segments.remove(at));
    let lower: Vec<String> = segments.iter().map(|segment| segment.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let asked = match lower[..] {
        [] => Some(Asked::List),
        ["data", "v3", "dependencies"] => Some(Asked::Dependencies),
        ["data", "v3", section, "swagger.json"] => app.documents.section(section).map(Asked::Document),
        ["changequeries", "v1", "swagger.json"] => Some(Asked::Document(Section::ChangeQueries)),
        _ => None,
    };
    let root = base_url(&app, &headers);
    match asked {
        None => empty(StatusCode::NOT_FOUND),
        Some(Asked::List) => list(&app, &root, year),
        Some(Asked::Dependencies) if accepts_graphml(&headers) => graphml(&app),
        Some(Asked::Dependencies) => dependency_order(&app),
        Some(Asked::Document(section)) => document(&app, &section, &Place { root: &root, year }, &headers),
    }
}

fn list(app: &App, root: &str, year: Option<&str>) -> Response {
    let year = year.map(|year| format!("/{year}")).unwrap_or_default();
    let entries = app.documents.sections().into_iter().map(|(section, name, prefix)| {
        let below = match section {
            Section::Resources => format!("data/v3{year}/resources"),
            Section::Descriptors => format!("data/v3{year}/descriptors"),
            Section::Schema(segment) => format!("data/v3{year}/{segment}"),
            Section::ChangeQueries => format!("changeQueries/v1{year}"),
        };
        let uri = format!("{root}/metadata/{below}/swagger.json");
        Value::Object(Object::new().with("name", name).with("endpointUri", uri).with("prefix", prefix))
    });
    json(serde_json::to_vec(&entries.collect::<Vec<_>>()).unwrap_or_default())
}

fn document(app: &App, section: &Section, place: &Place<'_>, headers: &HeaderMap) -> Response {
    let (text, tag) = app.documents.document(section, place);
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let mut response = match known {
        Some(known) if known.trim().trim_matches('"') == tag => empty(StatusCode::NOT_MODIFIED),
        _ => json(text),
    };
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{tag}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// In which order to send resources.
fn dependency_order(app: &App) -> Response {
    let entries = dependencies(&app.catalog).into_iter().map(|entry| {
        let operations: Vec<Value<'static>> = entry.operations.iter().map(|name| Value::from(*name)).collect();
        Object::new().with("resource", entry.path).with("order", i64::from(entry.order)).with("operations", operations)
    });
    let entries: Vec<Value<'static>> = entries.map(Value::Object).collect();
    json(serde_json::to_vec(&entries).unwrap_or_default())
}

fn accepts_graphml(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted
        .flat_map(|value| value.split(','))
        .any(|kind| kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/graphml"))
}

/// The graph behind the order. Its names are those of paths, which need no escaping.
fn graphml(app: &App) -> Response {
    let graph = Graph::new(&app.catalog, app.version == ApiVersion::V7);
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"\
         http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd\">\n\
         <graph id=\"EdFi Dependencies\" edgedefault=\"directed\">\n",
    );
    for node in &graph.nodes {
        text.extend(["<node id=\"", node, "\"/>\n"]);
    }
    for (source, target) in &graph.edges {
        text.extend(["<edge source=\"", source, "\" target=\"", target, "\"/>\n"]);
    }
    text.push_str("</graph>\n</graphml>\n");
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/graphml"));
    response
}

fn json(body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}
