//! One record: its key, what it refers to, who refers to it, and the requests about it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use rollcall_core::value::{Object, Value};

use super::json::{Line, lines};
use super::overview::schema_of;
use super::records::{href_of, key_of, record_href};
use super::rows::RequestRow;
use super::{Frame, Moment, counted, html};
use crate::api::{App, render};
use crate::catalog::{Resource, visit};
use crate::store::{Exchange, id_text};

#[derive(Template)]
#[template(path = "record.html")]
struct RecordPage {
    frame: Frame,
    schema: String,
    name: String,
    entity: String,
    href: String,
    id: String,
    changed: String,
    key: Vec<KeyPart>,
    references: Vec<Linked>,
    dependents: Vec<Linked>,
    lines: Vec<Line>,
    requests: Vec<RequestRow>,
}

struct KeyPart {
    name: String,
    value: String,
}

/// Another record or resource.
struct Linked {
    href: String,
    path: String,
    text: String,
}

/// Requests shown with a record.
const LATEST: usize = 10;

pub(super) async fn page(
    State(app): State<Arc<App>>,
    Path((segment, name, id)): Path<(String, String, String)>,
) -> Response {
    let id = uuid::Uuid::try_parse(&id).map(|id| id.as_u128());
    let (Some(resource), Ok(id)) = (app.catalog.at(&segment, &name), id) else {
        return super::status(StatusCode::NOT_FOUND);
    };
    let made = app.store.read(|tables| {
        let (sequence, record) = tables.by_id(resource, id)?;
        let body = render(tables, resource, sequence, record);
        let key = key_of(resource, &record.object()).into_iter().map(|(name, value)| KeyPart { name, value });
        let dependents = tables.named_by(record).into_iter().map(|(holder, path, count)| Linked {
            href: href_of(holder),
            path: format!("{}.{path}", holder.name()),
            text: counted(count, "record"),
        });
        Some(RecordPage {
            frame: Frame::new(&app, "resources"),
            schema: schema_of(resource),
            name: resource.name().to_owned(),
            entity: resource.model.entity.clone(),
            href: href_of(resource),
            id: id_text(record.id),
            changed: Moment::new(record.changed_at()).full,
            key: key.collect(),
            references: references(&app, resource, &body),
            dependents: dependents.collect(),
            lines: lines(&Value::Object(body)),
            requests: Vec::new(),
        })
    });
    let Some(mut made) = made else { return super::status(StatusCode::NOT_FOUND) };
    let about = |exchange: &&Exchange| {
        let ends = |text: &str| text.rsplit('/').next().is_some_and(|last| last.eq_ignore_ascii_case(&made.id));
        ends(&exchange.path) || exchange.location.as_deref().is_some_and(ends)
    };
    let requests = {
        let log = app.store.log();
        log.newest().filter(about).take(LATEST).map(|exchange| RequestRow::new(&app, exchange)).collect()
    };
    made.requests = requests;
    html(&made)
}

/// The records that a rendered body refers to, by the links in its references.
fn references(app: &App, resource: &Resource, body: &Object<'static>) -> Vec<Linked> {
    let mut found = Vec::new();
    for site in &resource.references {
        visit(body, &site.path, &mut |reference| {
            let href = reference.at("link.href").and_then(Value::as_text).unwrap_or_default();
            let mut parts = href.trim_start_matches('/').split('/');
            let (Some(segment), Some(name), Some(id)) = (parts.next(), parts.next(), parts.next()) else { return };
            let (Some(target), Ok(id)) = (app.catalog.at(segment, name), uuid::Uuid::try_parse(id)) else { return };
            let members = reference.iter().filter(|(name, _)| *name != "link");
            let text = members.map(|(_, value)| value.key_text().into_owned()).collect::<Vec<_>>().join(", ");
            found.push(Linked { href: record_href(target, id.as_u128()), path: site.path.join("."), text });
        });
    }
    found
}
