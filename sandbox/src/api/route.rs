//! What a path below the data path names, and what may be done there.

use axum::http::{HeaderMap, Method};

use super::App;
use super::problem::Problem;
use super::request::decode;
use crate::catalog::Resource;
use crate::config::ApiVersion;

/// A resource, and the room below it.
pub(super) struct Place<'a> {
    pub(super) resource: &'a Resource,
    pub(super) room: Room<'a>,
}

/// What stands behind a resource in a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room<'a> {
    Collection,
    Item(&'a str),
    Deletes,
    KeyChanges,
    /// Of version 7.
    Partitions,
}

impl Room<'_> {
    /// Whether it tells of the past.
    pub(super) fn is_of_changes(self) -> bool {
        matches!(self, Self::Deletes | Self::KeyChanges)
    }
}

/// What a path names: `/data/v3/[{year}/]{segment}/{resource}[/{room}]`. The school year does not matter.
pub(super) fn route<'a>(app: &'a App, path: &'a str) -> Option<Place<'a>> {
    let mut segments = path.strip_prefix("/data/v3/")?.trim_end_matches('/').split('/').peekable();
    segments.next_if(|segment| is_year(segment));
    let segment = segments.next()?;
    let resource = app.catalog.at(segment, segments.next()?)?;
    let is_7 = app.version == ApiVersion::V7;
    let room = match segments.next().filter(|room| !room.is_empty()) {
        None => Room::Collection,
        Some(room) if room.eq_ignore_ascii_case("deletes") => Room::Deletes,
        Some(room) if room.eq_ignore_ascii_case("keyChanges") => Room::KeyChanges,
        Some(room) if is_7 && room.eq_ignore_ascii_case("partitions") => Room::Partitions,
        Some(id) => Room::Item(id),
    };
    segments.next().is_none().then_some(Place { resource, room })
}

/// Whether a segment of a path is a school year.
pub(crate) fn is_year(segment: &str) -> bool {
    segment.len() == 4 && segment.bytes().all(|byte| byte.is_ascii_digit())
}

/// Refuses what asks for a snapshot of the data: there is none.
pub(super) fn refuse_snapshot(app: &App, method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    let asked = match app.version {
        ApiVersion::V6 => headers.contains_key("snapshot-identifier"),
        ApiVersion::V7 => {
            headers.get("use-snapshot").is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"))
        }
    };
    match asked {
        false => Ok(()),
        true if method == Method::GET => Err(Problem::NoSnapshot),
        true => Err(Problem::SnapshotIsReadOnly),
    }
}

/// What version 7 says about a method at the wrong place.
pub(super) fn advice(method: &Method, room: Room<'_>) -> Option<&'static str> {
    match (method.as_str(), room) {
        ("PUT", Room::Collection) => Some(
            "Resource collections cannot be replaced. To \"upsert\" an item in the collection, use POST. To update a \
             specific item, use PUT and include the \"id\" in the route.",
        ),
        ("DELETE", Room::Collection) => Some(
            "Resource collections cannot be deleted. To delete a specific item, use DELETE and include the \"id\" in the \
             route.",
        ),
        ("POST", Room::Item(_)) => Some(
            "Resource items can only be updated using PUT. To \"upsert\" an item in the resource collection using POST, \
             remove the \"id\" from the route.",
        ),
        _ => None,
    }
}

pub(super) fn parse_id(text: &str) -> Result<u128, Problem> {
    uuid::Uuid::try_parse(&decode(text)).map(|id| id.as_u128()).map_err(|_| Problem::BadId)
}
