//! The first page: resources with counts, what was refused lately, and where clients go.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use chrono::{Datelike as _, Utc};

use super::records::href_of;
use super::requests::resource_of;
use super::rows::RequestRow;
use super::{Frame, Moment, grouped, html};
use crate::api::App;
use crate::catalog::{CORE_SEGMENT, Resource};

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    frame: Frame,
    records: String,
    requests: String,
    refused: String,
    latest: Vec<RequestRow>,
    /// Whether more was refused than `latest` shows.
    more: bool,
    resources: Vec<ResourceRow>,
    descriptors: Vec<ResourceRow>,
    empty: Vec<ResourceRow>,
    keys: Vec<KeyRow>,
    year: i32,
}

struct ResourceRow {
    /// The URL segment, unless it is the standard's.
    schema: String,
    name: String,
    path: String,
    href: String,
    count: String,
    written: Option<String>,
    refused: Option<String>,
    changed: Option<Moment>,
}

struct KeyRow {
    name: String,
    access: &'static str,
}

/// Refused requests on the first page.
const LATEST: usize = 6;

/// What the log has of one resource.
#[derive(Default)]
struct Tally {
    written: usize,
    refused: usize,
}

pub(super) async fn page(State(app): State<Arc<App>>) -> Response {
    let mut tallies: HashMap<String, Tally> = HashMap::new();
    let (mut requests, mut refused, mut latest) = (0, 0, Vec::new());
    {
        let log = app.store.log();
        for exchange in log.newest() {
            requests += 1;
            if exchange.is_refused() {
                refused += 1;
                if latest.len() < LATEST {
                    latest.push(RequestRow::new(&app, exchange));
                }
            }
            let Some(resource) = resource_of(&exchange.path) else { continue };
            let tally = tallies.entry(resource.to_ascii_lowercase()).or_default();
            if exchange.is_refused() {
                tally.refused += 1;
            } else if &*exchange.method != "GET" {
                tally.written += 1;
            }
        }
    }
    let (mut records, mut resources, mut descriptors, mut empty) = (0, Vec::new(), Vec::new(), Vec::new());
    app.store.read(|tables| {
        for resource in &app.catalog.resources {
            let count = tables.total(resource);
            records += count;
            let path = resource.path().trim_start_matches('/').to_owned();
            let tally = tallies.get(&path.to_ascii_lowercase());
            let some = |number: usize| (number > 0).then(|| grouped(number));
            let row = ResourceRow {
                schema: schema_of(resource),
                name: resource.name().to_owned(),
                href: href_of(resource),
                path,
                count: grouped(count),
                written: tally.and_then(|tally| some(tally.written)),
                refused: tally.and_then(|tally| some(tally.refused)),
                changed: tables.changed_at(resource).map(Moment::new),
            };
            let touched = row.written.is_some() || row.refused.is_some();
            match (&resource.descriptor, count) {
                (None, 1..) => resources.push(row),
                _ if touched => resources.push(row),
                (_, 0) => empty.push(row),
                (Some(_), _) => descriptors.push(row),
            }
        }
    });
    for rows in [&mut resources, &mut descriptors, &mut empty] {
        rows.sort_by(|a, b| (a.name.as_str(), a.schema.as_str()).cmp(&(b.name.as_str(), b.schema.as_str())));
    }
    let keys = app.keys.iter().map(|key| KeyRow { name: key.key.clone(), access: key.access.claim_set() });
    html(&Overview {
        frame: Frame::new(&app, "resources"),
        records: grouped(records),
        requests: grouped(requests),
        refused: grouped(refused),
        more: refused > latest.len(),
        latest,
        resources,
        descriptors,
        empty,
        keys: keys.collect(),
        year: Utc::now().year(),
    })
}

/// The schema before a resource's name, where it is not the standard's.
pub(super) fn schema_of(resource: &Resource) -> String {
    if resource.segment == CORE_SEGMENT { String::new() } else { resource.segment.clone() }
}
