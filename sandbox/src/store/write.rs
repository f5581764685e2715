//! Creating, updating and deleting records, with the checks of a real server in its order.

use rollcall_core::model::KeyHash;
use rollcall_core::value::{Object, Value};

use super::authorize::matches_tag;
use super::index::Site;
use super::tables::{Record, Tables, etag_text};
use crate::api::names::{camel, pascal};
use crate::api::problem::{Missing, Problem};
use crate::api::validation::Finding;
use crate::catalog::{Resource, Role, set_at, visit, visit_mut};
use crate::config::{ApiKey, ApiVersion};
use crate::security::Action;

/// A bound and validated body on its way into the tables.
pub(crate) struct Incoming<'a> {
    pub(crate) resource: &'a Resource,
    pub(crate) body: Object<'static>,
    /// What validation found; it counts only after authorization.
    pub(crate) findings: Vec<Finding>,
    pub(crate) key: &'a ApiKey,
    pub(crate) version: ApiVersion,
    pub(crate) if_match: Option<&'a str>,
}

/// What a write did.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Receipt {
    pub(crate) id: u128,
    pub(crate) ticks: i64,
    pub(crate) created: bool,
}

impl Receipt {
    /// The id as the servers write it.
    pub(crate) fn id_text(self) -> String {
        super::id_text(self.id)
    }

    /// The entity tag, without quotes.
    pub(crate) fn etag(self) -> String {
        etag_text(self.ticks)
    }
}

impl Tables {
    /// Creates a record, or replaces the one with the same natural key.
    pub(crate) fn post(&mut self, mut incoming: Incoming<'_>) -> Result<Receipt, Problem> {
        let resource = incoming.resource;
        let unknown = self.resolve_descriptors(resource, &mut incoming.body);
        let key = resource.key_of(&incoming.body);
        let existing = key.and_then(|key| self.by_resource[resource.index].by_key.get(&key).copied());
        if let Some(sequence) = existing {
            self.authorize_stored(&incoming, sequence, Action::Update)?;
            if let Some(stored) = self.by_resource[resource.index].records.get(&sequence) {
                keep_extensions(resource, &mut incoming.body, &stored.body);
            }
            self.authorize_body(&incoming, Action::Update)?;
        } else {
            self.authorize_body(&incoming, Action::Create)?;
        }
        self.validate(&mut incoming, unknown)?;
        let Some(key) = key else { return Err(invalid(&incoming)) };
        match existing {
            Some(sequence) => self.update(resource, sequence, key, &incoming.body),
            None => Ok(self.insert(resource, key, &incoming.body)),
        }
    }

    /// Replaces the record with this id.
    pub(crate) fn put(&mut self, id: u128, mut incoming: Incoming<'_>) -> Result<Receipt, Problem> {
        let resource = incoming.resource;
        let Some((sequence, stored)) = self.by_id(resource, id) else {
            return Err(Problem::NotFound(Missing::Update));
        };
        let (stored_key, stored_body) = (stored.key, stored.object());
        keep_extensions(resource, &mut incoming.body, &stored.body);
        let unknown = self.resolve_descriptors(resource, &mut incoming.body);
        self.authorize_stored(&incoming, sequence, Action::Update)?;
        if !resource.key_changes && resource.key_of(&incoming.body).is_some_and(|key| key != stored_key) {
            match incoming.version {
                ApiVersion::V6 => keep_key(resource, &mut incoming.body, &stored_body),
                ApiVersion::V7 => return Err(Problem::KeyChange { entity: resource.model.entity.clone() }),
            }
        }
        self.authorize_body(&incoming, Action::Update)?;
        self.validate(&mut incoming, unknown)?;
        let Some(key) = resource.key_of(&incoming.body) else { return Err(invalid(&incoming)) };
        if key != stored_key && self.has_key(resource.index, key) {
            return Err(duplicate(resource, &incoming.body));
        }
        self.update(resource, sequence, key, &incoming.body)
    }

    /// Deletes the record with this id.
    pub(crate) fn delete(
        &mut self,
        resource: &Resource,
        id: u128,
        key: &ApiKey,
        if_match: Option<&str>,
    ) -> Result<(), Problem> {
        let Some((sequence, stored)) = self.by_id(resource, id) else {
            return Err(Problem::NotFound(Missing::Delete));
        };
        self.authorize_record(key, resource, stored, Action::Delete)?;
        matches_tag(stored, if_match)?;
        if let Some(site) = self.dependents.get(&stored.key).and_then(|dependents| dependents.counts.first()) {
            return Err(self.dependent(resource, site.0));
        }
        let (body, key) = (stored.object(), stored.key);
        let change = self.next_change();
        self.remember(resource, (id, key, change), &body, None);
        self.unindex(resource, sequence, &body);
        self.take(resource, sequence);
        Ok(())
    }

    /// Writes descriptor values in the case in which they are stored; gives the first that does not exist.
    fn resolve_descriptors(&self, resource: &Resource, body: &mut Object<'static>) -> Option<Problem> {
        let mut unknown = None;
        for site in &resource.descriptors {
            visit_mut(body, &site.path, &mut |object| {
                let Some(Value::Text(value)) = object.get_mut(&site.member) else { return };
                match self.descriptor_value(site.target, value) {
                    Some((stored, _)) if *stored == *value => {}
                    Some((stored, _)) => *value = stored.clone().into(),
                    None if unknown.is_none() => {
                        let path = site.path.iter().map(String::as_str).chain([site.member.as_str()]);
                        unknown = Some(Problem::UnknownDescriptor {
                            descriptor: site.descriptor.clone(),
                            value: value.clone().into_owned(),
                            path: path.collect::<Vec<_>>().join("."),
                        });
                    }
                    None => {}
                }
            });
        }
        unknown
    }

    fn validate(&self, incoming: &mut Incoming<'_>, unknown: Option<Problem>) -> Result<(), Problem> {
        if !incoming.findings.is_empty() {
            return Err(invalid(incoming));
        }
        if let Some(unknown) = unknown {
            return Err(unknown);
        }
        self.resolve_references(incoming)
    }

    /// Refuses a body that names what does not exist; people first, as the servers resolve them before they save.
    fn resolve_references(&self, incoming: &Incoming<'_>) -> Result<(), Problem> {
        let mut findings = Vec::new();
        let mut unresolved = None;
        for site in &incoming.resource.references {
            let is_person = |&target: &usize| matches!(self.catalog.resources[target].role, Role::Person(_));
            visit(&incoming.body, &site.path, &mut |reference| {
                let there = site.targets.iter().any(|&target| {
                    let model = &self.catalog.resources[target].model;
                    KeyHash::of_reference(&site.reference, model, reference)
                        .is_some_and(|key| self.has_key(target, key))
                });
                if there {
                    return;
                }
                let entity = match site.targets.as_slice() {
                    [one] => self.catalog.resources[*one].model.entity.as_str(),
                    _ => site.reference.target.as_str(),
                };
                if incoming.version == ApiVersion::V6 && site.targets.iter().all(is_person) {
                    findings.push(Finding::unresolved_person(entity, &site.path));
                } else if unresolved.is_none() {
                    let (entity, table) = (entity.to_owned(), site.entity.clone());
                    unresolved = Some(Problem::Unresolved { entity, table });
                }
            });
        }
        if !findings.is_empty() {
            return Err(Problem::Invalid { entity: incoming.resource.model.entity.clone(), findings });
        }
        unresolved.map_or(Ok(()), Err)
    }

    fn insert(&mut self, resource: &Resource, key: KeyHash, body: &Object<'static>) -> Receipt {
        let id = uuid::Uuid::new_v4().as_u128();
        let (ticks, sequence) = (self.next_ticks(), self.next_sequence());
        let subjects = self.subjects_of(resource, body);
        let change = self.next_change();
        self.store(resource, sequence, Record { id, key, ticks, change, body: json(body), subjects });
        self.index(resource, sequence, body);
        Receipt { id, ticks, created: true }
    }

    fn update(
        &mut self,
        resource: &Resource,
        sequence: u64,
        key: KeyHash,
        body: &Object<'static>,
    ) -> Result<Receipt, Problem> {
        let Some(stored) = self.by_resource[resource.index].records.get(&sequence) else {
            return Err(Problem::Internal);
        };
        let (id, ticks) = (stored.id, stored.ticks);
        if stored.key == key && is_same(&stored.body, body) {
            return Ok(Receipt { id, ticks, created: false });
        }
        let ticks = self.next_ticks();
        self.replace(resource, sequence, ticks, body);
        Ok(Receipt { id, ticks, created: false })
    }

    fn dependent(&self, resource: &Resource, site: Site) -> Problem {
        let (root, table, single) = match site {
            Site::Reference(number) => {
                let (root, site) = self.catalog.reference_site(number);
                (
                    root,
                    site.entity.as_str(),
                    site.reference.properties.first().filter(|_| site.reference.properties.len() == 1),
                )
            }
            Site::Descriptor(root, at) => {
                let root = &self.catalog.resources[usize::from(root)];
                let site = &root.descriptors[usize::from(at)];
                let entity = site.entity.as_deref().unwrap_or(&root.model.entity);
                let column = Some(format!("{}Id", site.member));
                return Problem::Dependent { column, table: camel(entity), root: root.model.entity.clone() };
            }
        };
        // The servers key people by a surrogate.
        let column = single.map(|property| match resource.role {
            Role::Person(_) => format!("{}USI", camel(&resource.model.entity)),
            _ => property.query_name().to_owned(),
        });
        Problem::Dependent { column, table: camel(table), root: root.model.entity.clone() }
    }
}

/// A body as it is stored.
pub(super) fn json(body: &Object<'_>) -> Box<str> {
    String::from_utf8(body.to_json()).unwrap_or_default().into_boxed_str()
}

/// Whether a body equals the stored one; the order of items does not count.
fn is_same(stored: &str, body: &Object<'_>) -> bool {
    let new = json(body);
    if stored == &*new {
        return true;
    }
    if stored.len() != new.len() {
        return false;
    }
    let stored: Object<'static> = serde_json::from_str(stored).unwrap_or_default();
    sorted(Value::Object(stored)) == sorted(Value::Object(body.clone().into_owned()))
}

fn sorted(value: Value<'static>) -> Value<'static> {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value<'static>> = items.into_iter().map(sorted).collect();
            items.sort_by_cached_key(|item| serde_json::to_string(item).unwrap_or_default());
            Value::Array(items)
        }
        Value::Object(object) => Value::Object(object.into_iter().map(|(name, value)| (name, sorted(value))).collect()),
        other => other,
    }
}

fn invalid(incoming: &Incoming<'_>) -> Problem {
    Problem::Invalid { entity: incoming.resource.model.entity.clone(), findings: incoming.findings.clone() }
}

fn duplicate(resource: &Resource, body: &Object<'_>) -> Problem {
    let parts = resource.model.identity.iter();
    let value =
        |paths: &[String]| paths.iter().find_map(|path| body.at(path)).map(|value| value.key_text().into_owned());
    Problem::DuplicateKey {
        entity: resource.model.entity.clone(),
        columns: parts.clone().map(|part| pascal(&part.name)).collect(),
        values: parts.map(|part| value(&part.paths).unwrap_or_default()).collect(),
    }
}

/// An extension with plain members keeps its row when a body has it no more: its members are gone, it is still there.
fn keep_extensions(resource: &Resource, body: &mut Object<'static>, stored: &str) {
    if resource.extensions.is_empty() || !stored.contains("\"_ext\"") {
        return;
    }
    let stored: Object<'static> = serde_json::from_str(stored).unwrap_or_default();
    for (key, _) in resource.extensions.iter().filter(|(_, class)| !class.properties.is_empty()) {
        let path = format!("_ext.{key}");
        if stored.at(&path).is_some() && body.at(&path).is_none() {
            set_at(body, &path, &Value::Object(Object::new()));
        }
    }
}

/// Gives a body the key of the stored one.
fn keep_key(resource: &Resource, body: &mut Object<'static>, stored: &Object<'static>) {
    for path in resource.model.identity.iter().flat_map(|part| &part.paths) {
        if let Some(value) = stored.at(path) {
            set_at(body, path, value);
        }
    }
}
