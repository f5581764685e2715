//! Reading many records: queries, partitions, and change queries below a resource.

use axum::http::HeaderName;
use axum::response::Response;
use rollcall_core::value::{Object, Value};

use super::App;
use super::data::{body, insert};
use super::problem::Problem;
use super::query::{LARGEST_PAGE, page_token, parameters, partitions as number_of, past_parameters};
use super::render::render;
use crate::catalog::Resource;
use crate::config::{ApiKey, ApiVersion};
use crate::store::{Paging, PastKind, PastQuery, Query};

/// What a search is about.
pub(super) struct Asked<'a> {
    pub(super) resource: &'a Resource,
    pub(super) key: &'a ApiKey,
    /// The query string.
    pub(super) query: &'a str,
}

/// One of the functions below.
pub(super) type Search = fn(&App, &Asked<'_>) -> Result<Response, Problem>;

/// `GET /{resource}`
pub(super) fn query(app: &App, asked: &Asked<'_>) -> Result<Response, Problem> {
    let query = read(app, asked)?;
    let last = match query.paging {
        Paging::Cursor { to, .. } => to,
        Paging::Offset { .. } => u64::MAX,
    };
    app.store.read(|tables| {
        let page = tables.query(query, app.store.marks())?;
        let next = page.records.last().map(|(sequence, _)| page_token(sequence + 1, last));
        let items = page.records.into_iter().map(|(at, record)| render(tables, asked.resource, at, record));
        let mut response = body(serde_json::to_vec(&items.collect::<Vec<_>>()).unwrap_or_default());
        if let Some(total) = page.total {
            insert(&mut response, TOTAL_COUNT, &total.to_string());
        }
        // Version 7.3 gives a token with every page that is not empty; a client stops at the first empty one.
        if let Some(next) = next.filter(|_| app.version == ApiVersion::V7) {
            insert(&mut response, NEXT_PAGE_TOKEN, &next);
        }
        Ok(response)
    })
}

/// `GET /{resource}/partitions`
pub(super) fn partitions(app: &App, asked: &Asked<'_>) -> Result<Response, Problem> {
    let number = number_of(asked.query)?;
    let query = read(app, asked)?;
    let starts = app.store.read(|tables| tables.partitions(query, number, SMALLEST_PARTITION))?;
    let ends = starts.iter().skip(1).map(|next| next - 1).chain([u64::MAX]);
    let tokens: Vec<Value<'static>> = starts.iter().zip(ends).map(|(from, to)| page_token(*from, to).into()).collect();
    Ok(body(Object::new().with("pageTokens", tokens).to_json()))
}

/// `GET /{resource}/deletes`
pub(super) fn deletes(app: &App, asked: &Asked<'_>) -> Result<Response, Problem> {
    past(app, asked, PastKind::Deletes)
}

/// `GET /{resource}/keyChanges`
pub(super) fn key_changes(app: &App, asked: &Asked<'_>) -> Result<Response, Problem> {
    past(app, asked, PastKind::KeyChanges)
}

const TOTAL_COUNT: HeaderName = HeaderName::from_static("total-count");
const NEXT_PAGE_TOKEN: HeaderName = HeaderName::from_static("next-page-token");

/// Records that a partition has at least, unless there are fewer in all.
const SMALLEST_PARTITION: usize = 5 * LARGEST_PAGE;

fn read<'a>(app: &App, asked: &Asked<'a>) -> Result<Query<'a>, Problem> {
    let parameters = parameters(asked.resource, asked.query, app.version)?;
    Ok(Query {
        resource: asked.resource,
        key: asked.key,
        filters: parameters.filters,
        id: parameters.id,
        changes: parameters.changes,
        paging: parameters.paging,
        count: parameters.total_count,
    })
}

fn past(app: &App, asked: &Asked<'_>, kind: PastKind) -> Result<Response, Problem> {
    let parameters = past_parameters(asked.query)?;
    let query = PastQuery {
        resource: asked.resource,
        key: asked.key,
        kind,
        changes: parameters.changes,
        offset: parameters.offset,
        limit: parameters.limit,
    };
    let (items, total) = app.store.read(|tables| tables.past(&query));
    let mut response = body(serde_json::to_vec(&items).unwrap_or_default());
    if parameters.total_count {
        insert(&mut response, TOTAL_COUNT, &total.to_string());
    }
    Ok(response)
}
