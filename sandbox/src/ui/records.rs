//! The records of one resource, the newest first, a page at a time.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use rollcall_core::value::Object;

use super::overview::schema_of;
use super::{Frame, Moment, counted, encoded, html};
use crate::api::{App, decode_form};
use crate::catalog::Resource;
use crate::store::{Record, id_text};

#[derive(Template)]
#[template(path = "records.html")]
struct Records {
    frame: Frame,
    schema: String,
    name: String,
    path: String,
    href: String,
    count: String,
    search: String,
    key_names: String,
    columns: Vec<String>,
    rows: Vec<RecordRow>,
    older: Option<String>,
    newest: String,
    first: bool,
    looked_at_all: bool,
}

struct RecordRow {
    href: String,
    cells: Vec<Cell>,
    changed: Moment,
}

/// A value, short for the eye.
struct Cell {
    short: String,
    full: String,
}

/// Records of one page.
const PAGE: usize = 50;

/// Records that are looked at while writers wait.
const STRETCH: usize = 5_000;

/// Records that one page looks at.
const MOST: usize = 500_000;

pub(super) async fn page(
    State(app): State<Arc<App>>,
    Path((segment, name)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let Some(resource) = app.catalog.at(&segment, &name).map(|resource| resource.index) else {
        return super::status(StatusCode::NOT_FOUND);
    };
    let form = decode_form(&query.unwrap_or_default());
    let field = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim().to_owned());
    let search = field("q").unwrap_or_default();
    let before = field("before").and_then(|before| before.parse().ok());
    // Looking for a key reads many records.
    let made = tokio::task::spawn_blocking(move || {
        let resource = &app.catalog.resources[resource];
        html(&find(&app, resource, search, before))
    });
    made.await.unwrap_or_else(|_| super::status(StatusCode::INTERNAL_SERVER_ERROR))
}

fn find(app: &App, resource: &Resource, search: String, before: Option<u64>) -> Records {
    let needle = search.to_lowercase();
    let (mut rows, mut at, mut looked, mut more) = (Vec::new(), before, 0, true);
    while more && rows.len() < PAGE && looked < MOST {
        // In stretches: while records are read, none can be written.
        app.store.read(|tables| {
            for (stretch, (sequence, record)) in tables.newest(resource, at).enumerate() {
                if rows.len() == PAGE || stretch == STRETCH {
                    return;
                }
                at = Some(sequence);
                looked += 1;
                if !may_hold(&record.body, &needle) {
                    continue;
                }
                let key = key_of(resource, &record.object());
                if needle.is_empty() || key.iter().any(|(_, value)| value.to_lowercase().contains(&needle)) {
                    rows.push(row(resource, record, key));
                }
            }
            more = false;
        });
    }
    // The page may have ended with the last record there is.
    let more = more && app.store.read(|tables| tables.newest(resource, at).next().is_some());
    let href = href_of(resource);
    let searched = if search.is_empty() { String::new() } else { format!("&q={}", encoded(&search)) };
    let columns: Vec<String> = resource.model.identity.iter().map(|part| part.name.clone()).collect();
    Records {
        frame: Frame::new(app, "resources"),
        schema: schema_of(resource),
        name: resource.name().to_owned(),
        path: resource.path().trim_start_matches('/').to_owned(),
        count: counted(app.store.read(|tables| tables.total(resource)), "record"),
        key_names: columns.join(", "),
        columns,
        older: at.filter(|_| more).map(|at| format!("{href}?before={at}{searched}")),
        newest: if searched.is_empty() { href.clone() } else { format!("{href}?{}", &searched[1..]) },
        first: before.is_none(),
        looked_at_all: rows.len() == PAGE,
        href,
        rows,
        search,
    }
}

/// Whether a body's text can hold a value with this text: the quick look before the careful one.
fn may_hold(body: &str, needle: &str) -> bool {
    // What JSON writes in another way, and letters beyond ASCII, are left to the careful look.
    if needle.is_empty() || !needle.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\') {
        return true;
    }
    let needle = needle.as_bytes();
    body.as_bytes().windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle)) || !body.is_ascii()
}

fn row(resource: &Resource, record: &Record, key: Vec<(String, String)>) -> RecordRow {
    let cells = key.into_iter().map(|(_, full)| Cell { short: code_value(&full), full });
    RecordRow {
        href: record_href(resource, record.id),
        cells: cells.collect(),
        changed: Moment::new(record.changed_at()),
    }
}

/// The natural key of a body: names and values.
pub(super) fn key_of(resource: &Resource, body: &Object<'_>) -> Vec<(String, String)> {
    let parts = resource.model.identity.iter();
    let value = |paths: &[String]| {
        paths.iter().find_map(|path| body.at(path)).map(|value| value.key_text().into_owned()).unwrap_or_default()
    };
    parts.map(|part| (part.name.clone(), value(&part.paths))).collect()
}

/// The part of a descriptor value that people read; any other text as it is.
fn code_value(text: &str) -> String {
    match text.split_once('#') {
        Some((namespace, code)) if namespace.starts_with("uri://") => code.to_owned(),
        _ => text.to_owned(),
    }
}

/// Where a resource's records are.
pub(super) fn href_of(resource: &Resource) -> String {
    format!("{}/resources{}", super::ROOT, resource.path())
}

/// Where a record is.
pub(super) fn record_href(resource: &Resource, id: u128) -> String {
    format!("{}/{}", href_of(resource), id_text(id))
}
