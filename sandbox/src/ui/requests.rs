//! The request log, the newest first, a page at a time.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;

use super::rows::RequestRow;
use super::{Frame, encoded, html};
use crate::api::{App, decode_form, is_year};
use crate::store::Exchange;

#[derive(Template)]
#[template(path = "requests.html")]
struct Requests {
    frame: Frame,
    /// `ed-fi/students`, when only its requests are shown.
    resource: String,
    tabs: Vec<Tab>,
    /// The same without the resource.
    everything: String,
    rows: Vec<RequestRow>,
    older: Option<String>,
    newest: String,
    first: bool,
}

struct Tab {
    name: &'static str,
    href: String,
    current: bool,
}

/// Requests of one page.
const PAGE: usize = 100;

const KINDS: [(&str, &str); 3] = [("all", "All"), ("writes", "Writes"), ("refused", "Refused")];

pub(super) async fn page(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response {
    let form = decode_form(&query.unwrap_or_default());
    let field = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim().to_owned());
    let show = field("show").unwrap_or_default();
    let (show, _) = *KINDS.iter().find(|(kind, _)| *kind == show).unwrap_or(&KINDS[0]);
    let resource = field("resource").unwrap_or_default();
    let before: Option<u64> = field("before").and_then(|before| before.parse().ok());
    let wanted = |exchange: &&Exchange| {
        let kind = match show {
            "refused" => exchange.is_refused(),
            "writes" => matches!(&*exchange.method, "POST" | "PUT" | "DELETE") && resource_of(&exchange.path).is_some(),
            _ => true,
        };
        let of_resource = resource.is_empty()
            || resource_of(&exchange.path).is_some_and(|known| known.eq_ignore_ascii_case(&resource));
        kind && of_resource && before.is_none_or(|before| exchange.number < before)
    };
    let mut rows: Vec<RequestRow> = {
        let log = app.store.log();
        log.newest().filter(wanted).take(PAGE + 1).map(|exchange| RequestRow::new(&app, exchange)).collect()
    };
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let href = |show: &str, resource: &str| {
        let resource = if resource.is_empty() { String::new() } else { format!("&resource={}", encoded(resource)) };
        format!("{}/requests?show={show}{resource}", super::ROOT)
    };
    let here = href(show, &resource);
    let tabs = KINDS.map(|(kind, name)| Tab { name, href: href(kind, &resource), current: kind == show });
    html(&Requests {
        frame: Frame::new(&app, "requests"),
        everything: href(show, ""),
        resource,
        tabs: tabs.into(),
        older: rows.last().filter(|_| more).map(|row| format!("{here}&before={}", row.number)),
        newest: here,
        first: before.is_none(),
        rows,
    })
}

/// The resource that a path below the data path names, `ed-fi/students`; the school year in it does not matter.
pub(super) fn resource_of(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("/data/v3/")?;
    let rest = match rest.split_once('/') {
        Some((first, others)) if is_year(first) => others,
        _ => rest,
    };
    let segment = rest.find('/')?;
    let end = rest[segment + 1..].find('/').map_or(rest.len(), |at| segment + 1 + at);
    (end > segment + 1).then(|| &rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_its_resource() {
        for path in ["/data/v3/ed-fi/students", "/data/v3/2026/ed-fi/students/", "/data/v3/ed-fi/students/abc/def"] {
            assert_eq!(resource_of(path), Some("ed-fi/students"), "{path}");
        }
        for path in ["/oauth/token", "/data/v3/ed-fi", "/data/v3/ed-fi/", "/data/v3/2026/ed-fi"] {
            assert_eq!(resource_of(path), None, "{path}");
        }
    }
}
