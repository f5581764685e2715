//! One request: what was sent, what was answered, and what the API said about it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::json::{Shown, ShownContent};
use super::records::record_href;
use super::requests::resource_of;
use super::rows::{Message, RequestRow, messages};
use super::{Frame, html};
use crate::api::App;
use crate::store::Exchange;

#[derive(Template)]
#[template(path = "request.html")]
struct RequestPage {
    frame: Frame,
    row: RequestRow,
    messages: Vec<Message>,
    record: Option<RecordLink>,
    location: Option<String>,
    sent: ShownContent,
    answer: ShownContent,
}

/// The record that a request was about.
struct RecordLink {
    href: String,
    id: String,
    exists: bool,
}

pub(super) async fn page(State(app): State<Arc<App>>, Path(number): Path<String>) -> Response {
    let number = number.parse().unwrap_or_default();
    let made = {
        let log = app.store.log();
        log.get(number).map(|exchange| made(&app, exchange))
    };
    let Some((mut page, record)) = made else { return super::status(StatusCode::NOT_FOUND) };
    page.record = record.and_then(|(resource, id)| link(&app, &resource, &id));
    html(&page)
}

/// The page, and the resource and id of its record, to be looked up when the log is free again.
fn made(app: &App, exchange: &Exchange) -> (RequestPage, Option<(String, String)>) {
    let id = exchange.location.as_deref().unwrap_or(&exchange.path).rsplit('/').next().unwrap_or_default().to_owned();
    let record = resource_of(&exchange.path).map(|resource| (resource.to_owned(), id));
    let page = RequestPage {
        frame: Frame::new(app, "requests"),
        row: RequestRow::new(app, exchange),
        messages: messages(&exchange.answer),
        record: None,
        location: exchange.location.as_ref().map(ToString::to_string),
        sent: ShownContent::new(&exchange.sent, &exchange.path),
        answer: ShownContent::new(&exchange.answer, &exchange.path),
    };
    (page, record)
}

fn link(app: &App, resource: &str, id: &str) -> Option<RecordLink> {
    let (segment, name) = resource.split_once('/')?;
    let resource = app.catalog.at(segment, name)?;
    let number = uuid::Uuid::try_parse(id).ok()?.as_u128();
    let exists = app.store.read(|tables| tables.by_id(resource, number).is_some());
    Some(RecordLink { href: record_href(resource, number), id: id.to_owned(), exists })
}
