//! The `OpenAPI` documents: Swagger 2.0, as the servers serve it, generated from the catalog.
//!
//! Definitions are called `{schema}_{class}` (`edFi_student`, `edFi_schoolReference`), members of a natural key carry
//! `x-Ed-Fi-isIdentity`, and what a state adds stands under `_ext`. Clients read keys, required members and query
//! parameters from here, so nothing is in a document that the sandbox does not do.

mod definitions;
mod paths;
mod shared;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use rollcall_core::value::{Object, Value};

use self::definitions::Definitions;
use super::names::{camel, pascal};
use crate::catalog::{CORE_SEGMENT, Catalog, Resource};
use crate::config::ApiVersion;

/// Which part of the API a document describes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Section {
    /// All resources but descriptors.
    Resources,
    /// All descriptors.
    Descriptors,
    /// What one schema has, by its URL segment, and, for an extension, the resources that it extends.
    Schema(String),
    /// The change queries.
    ChangeQueries,
}

/// Where a document says that the API is.
pub(super) struct Place<'a> {
    /// `http://{host}`.
    pub(super) root: &'a str,
    /// The school year of the request's route, if it has one.
    pub(super) year: Option<&'a str>,
}

/// The documents, each made when it is first asked for.
#[derive(Debug)]
pub(crate) struct Documents {
    catalog: Arc<Catalog>,
    version: ApiVersion,
    /// All of a document but what depends on the request: JSON members without the surrounding braces.
    made: Mutex<HashMap<Section, Arc<str>>>,
}

impl Documents {
    pub(crate) fn new(catalog: Arc<Catalog>, version: ApiVersion) -> Self {
        Self { catalog, version, made: Mutex::default() }
    }

    /// The sections in the order in which the servers list them, with their names and prefixes.
    pub(super) fn sections(&self) -> Vec<(Section, String, &'static str)> {
        let mut sections = vec![
            (Section::Resources, "Resources".to_owned(), ""),
            (Section::Descriptors, "Descriptors".to_owned(), ""),
            (Section::Schema(CORE_SEGMENT.to_owned()), self.catalog.standard.name.clone(), ""),
        ];
        let own = self.catalog.extension_keys.iter();
        sections.extend(own.map(|key| (Section::Schema(key.clone()), super::discovery::logical_name(key), "")));
        sections.push((Section::ChangeQueries, "Change-Queries".to_owned(), "Other"));
        sections
    }

    /// A section by the segment in its document's URL; case does not matter.
    pub(super) fn section(&self, segment: &str) -> Option<Section> {
        let is = |name: &str| segment.eq_ignore_ascii_case(name);
        if is("resources") {
            return Some(Section::Resources);
        }
        if is("descriptors") {
            return Some(Section::Descriptors);
        }
        let mut schemas = std::iter::once(CORE_SEGMENT).chain(self.catalog.extension_keys.iter().map(String::as_str));
        schemas.find(|schema| is(schema)).map(|schema| Section::Schema(schema.to_owned()))
    }

    /// A section's document, and its entity tag.
    pub(super) fn document(&self, section: &Section, place: &Place<'_>) -> (Vec<u8>, String) {
        let rest = self.rest(section);
        let mut text = head(section, place);
        // The head's last brace gives way to the members that every request shares.
        text.pop();
        text.push(b',');
        text.extend_from_slice(rest.as_bytes());
        text.push(b'}');
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let tag = hasher.finish().to_string();
        (text, tag)
    }

    fn rest(&self, section: &Section) -> Arc<str> {
        if let Some(known) = self.lock().get(section) {
            return known.clone();
        }
        // Made outside the lock: two first requests make it twice, and nobody waits.
        let object = match section {
            Section::ChangeQueries => paths::change_queries(),
            _ => self.generate(section),
        };
        let json = String::from_utf8(object.to_json()).unwrap_or_default();
        let made: Arc<str> = json.trim_start_matches('{').trim_end_matches('}').into();
        // Every document ends with its tags, an array, so no brace of its own was trimmed.
        self.lock().entry(section.clone()).or_insert(made).clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Section, Arc<str>>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn generate(&self, section: &Section) -> Object<'static> {
        let mut resources: Vec<&Resource> = self.catalog.resources.iter().filter(|r| is_in(r, section)).collect();
        resources.sort_by_key(|resource| resource.path());
        let mut definitions = Definitions::new(&self.catalog, self.version);
        let mut paths = Object::new();
        let mut tags = Vec::with_capacity(resources.len());
        for resource in resources {
            definitions.add(resource);
            for (path, item) in paths::of_resource(resource, self.version) {
                paths.push(path, item);
            }
            let tag = Object::new().with("name", tag(resource)).with("description", description(resource));
            tags.push(Value::Object(tag));
        }
        Object::new()
            .with("definitions", definitions.into_object())
            .with("parameters", shared::parameters(self.version))
            .with("responses", shared::responses())
            .with("paths", paths)
            .with("tags", tags)
    }
}

fn is_in(resource: &Resource, section: &Section) -> bool {
    match section {
        Section::Resources => resource.descriptor.is_none(),
        Section::Descriptors => resource.descriptor.is_some(),
        Section::Schema(segment) => {
            resource.segment == *segment || resource.extensions.iter().any(|(key, _)| key == segment)
        }
        Section::ChangeQueries => false,
    }
}

/// What differs from request to request, and what every document says of itself.
fn head(section: &Section, place: &Place<'_>) -> Vec<u8> {
    let host = place.root.trim_start_matches("http://").to_owned();
    let base = match section {
        Section::ChangeQueries => "/changeQueries/v1",
        _ => "/data/v3",
    };
    let base = place.year.map_or_else(|| base.to_owned(), |year| format!("{base}/{year}"));
    let (title, text) = match section {
        Section::ChangeQueries => ("Ed-Fi API Change Queries", "Which change versions there are."),
        _ => (
            "Ed-Fi Operational Data Store API",
            "The Ed-Fi ODS/API as Rollcall's sandbox serves it. Requests need a token from the OAuth endpoint.",
        ),
    };
    let info = Object::new().with("title", title).with("description", text).with("version", "3");
    let oauth = Object::new()
        .with("type", "oauth2")
        .with("description", "Ed-Fi API OAuth 2.0 client credentials")
        .with("flow", "application")
        .with("tokenUrl", format!("{}/oauth/token", place.root))
        .with("scopes", Object::new());
    let security = Object::new().with("oauth2_client_credentials", Vec::new());
    Object::new()
        .with("swagger", "2.0")
        .with("info", info)
        .with("host", host)
        .with("basePath", base)
        .with("schemes", vec![Value::from("http")])
        .with("consumes", vec![Value::from("application/json")])
        .with("produces", vec![Value::from("application/json")])
        .with("securityDefinitions", Object::new().with("oauth2_client_credentials", oauth))
        .with("security", vec![Value::Object(security)])
        .to_json()
}

/// A schema's name as definitions begin with it: `ed-fi` → `edFi`.
fn schema_name(segment: &str) -> String {
    let lower = segment.to_ascii_lowercase();
    camel(&lower.split(['-', '_']).map(pascal).collect::<String>())
}

/// A resource's definition, without the schema.
fn class_name(entity: &str) -> String {
    camel(entity)
}

/// A resource's tag: its name, after the schema's where it is not the standard's.
fn tag(resource: &Resource) -> String {
    if resource.segment == CORE_SEGMENT {
        resource.name().to_owned()
    } else {
        format!("{}{}", schema_name(&resource.segment), pascal(resource.name()))
    }
}

fn description(resource: &Resource) -> String {
    let key: Vec<&str> = resource.model.identity.iter().map(|part| part.name.as_str()).collect();
    format!("{}; its natural key: {}.", resource.model.entity, key.join(", "))
}
