//! What change queries tell of the past: deletes and changes of natural keys.

use std::collections::HashMap;

use rollcall_core::model::KeyHash;
use rollcall_core::value::{Object, Value};

use super::file::Change;
use super::tables::{Tables, id_text};
use crate::catalog::{Resource, SubjectKind};
use crate::config::ApiKey;
use crate::security::{self, Action, Scope, SubjectValue, person_value};

/// A delete, or a change of a natural key.
pub(super) struct Past {
    pub(super) change: u64,
    pub(super) id: u128,
    /// The natural key that the record had.
    pub(super) key: KeyHash,
    /// The same as JSON, by flattened names.
    pub(super) old: Box<str>,
    /// The new natural key; none for a delete.
    pub(super) new: Option<Box<str>>,
    /// What authorization looked at.
    pub(super) subjects: Box<[SubjectValue]>,
    pub(super) namespace: Option<Box<str>>,
}

/// Which of the two a query asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PastKind {
    Deletes,
    KeyChanges,
}

/// A query for the past of one resource.
pub(crate) struct PastQuery<'a> {
    pub(crate) resource: &'a Resource,
    pub(crate) key: &'a ApiKey,
    pub(crate) kind: PastKind,
    /// The change versions asked for, both included.
    pub(crate) changes: (u64, u64),
    pub(crate) offset: usize,
    pub(crate) limit: usize,
}

impl Tables {
    /// The latest change version.
    pub(crate) fn newest_change(&self) -> u64 {
        self.last_change
    }

    pub(super) fn next_change(&mut self) -> u64 {
        self.last_change += 1;
        self.last_change
    }

    /// Keeps what a record was before a delete (`new` is none) or a change of its key, for the file too.
    pub(super) fn remember(
        &mut self,
        resource: &Resource,
        (id, key, change): (u128, KeyHash, u64),
        old: &Object<'_>,
        new: Option<&Object<'_>>,
    ) {
        let text = |body: &Object<'_>| to_text(&key_values(resource, body));
        let authorization = authorization_values(resource, old);
        let past = Past {
            change,
            id,
            key,
            old: text(old),
            new: new.map(text),
            subjects: self.subjects_of(resource, old),
            namespace: namespace_of(&authorization),
        };
        self.changes.push(Change::Past {
            resource: resource.index,
            change,
            id,
            old: past.old.clone(),
            new: past.new.clone(),
            authorization: to_text(&authorization),
        });
        self.by_resource[resource.index].past.push(past);
    }

    /// Puts an entry of the file back in its place.
    pub(super) fn recall(
        &mut self,
        resource: &Resource,
        (id, change): (u128, u64),
        (old, new, authorization): (&str, Option<&str>, &str),
    ) -> Option<()> {
        let parse = |text: &str| serde_json::from_str::<Object<'static>>(text).ok();
        let (values, authorization) = (parse(old)?, parse(authorization)?);
        let catalog = self.catalog.clone();
        let mut subjects = Vec::new();
        for subject in &resource.subjects {
            let Some(value) = authorization.get(&subject.name) else { continue };
            subjects.extend(match subject.kind {
                SubjectKind::EducationOrganization => value.as_integer().map(SubjectValue::EducationOrganization),
                SubjectKind::Person(person) => person_value(&catalog.resources[person], value.clone()),
            });
        }
        let key = resource.key_of_values(&values)?;
        let deleted = new.is_none();
        let past = Past {
            change,
            id,
            key,
            old: old.into(),
            new: new.map(Into::into),
            namespace: namespace_of(&authorization),
            subjects: subjects.into_boxed_slice(),
        };
        if deleted {
            self.recall_links(resource, &past.subjects);
        }
        self.by_resource[resource.index].past.push(past);
        self.last_change = self.last_change.max(change);
        Some(())
    }

    /// A deleted association made people visible once, which counts for what is deleted.
    fn recall_links(&mut self, resource: &Resource, subjects: &[SubjectValue]) {
        for &(person, _) in &resource.makes_visible {
            let is_person = |s: &&SubjectValue| matches!(s, SubjectValue::Person { resource, .. } if usize::from(*resource) == person);
            let Some(SubjectValue::Person { key, .. }) = subjects.iter().find(is_person) else { continue };
            for to in subjects.iter().filter(|subject| !is_person(subject)) {
                self.relations.link(*key, *to);
                self.relations.unlink(*key, *to);
            }
        }
    }

    /// What a query asks for, in the order of change versions, and how many there are in all.
    pub(crate) fn past(&self, query: &PastQuery<'_>) -> (Vec<Object<'static>>, usize) {
        let table = &self.by_resource[query.resource.index];
        let (min, max) = query.changes;
        let from = table.past.partition_point(|past| past.change < min);
        let window = table.past[from..].iter().take_while(|past| past.change <= max);
        let reached = window.filter(|past| self.reaches_past(query.key, query.resource, past));
        let deletes = query.kind == PastKind::Deletes;
        let mut found: Vec<(&Past, &Past)> = Vec::new();
        if deletes {
            // A key that is there again counts as never deleted.
            let gone = reached.filter(|past| past.new.is_none() && !table.by_key.contains_key(&past.key));
            found.extend(gone.map(|past| (past, past)));
        } else {
            // Several changes of one record are one change, from the first key to the last.
            let mut at: HashMap<u128, usize> = HashMap::new();
            for past in reached.filter(|past| past.new.is_some()) {
                if let Some(&at) = at.get(&past.id) {
                    found[at].1 = past;
                } else {
                    at.insert(past.id, found.len());
                    found.push((past, past));
                }
            }
            found.sort_by_key(|(_, last)| last.change);
        }
        let total = found.len();
        let page = found.into_iter().skip(query.offset).take(query.limit);
        (page.map(|(first, last)| shown(first, last, deletes)).collect(), total)
    }

    fn reaches_past(&self, key: &ApiKey, resource: &Resource, past: &Past) -> bool {
        match security::scope(key, resource, Action::ReadChanges) {
            Scope::All => true,
            Scope::Namespace => {
                let namespace = past.namespace.as_deref().unwrap_or_default().to_lowercase();
                let prefixes = key.namespace_prefixes.iter().filter(|prefix| !prefix.is_empty());
                prefixes.into_iter().any(|prefix| namespace.starts_with(&prefix.to_lowercase()))
            }
            Scope::Relationships { organizations_only, inverted } => {
                let claims = &key.education_organization_ids;
                past.subjects.iter().all(|subject| match subject {
                    SubjectValue::EducationOrganization(id) => {
                        self.relations.is_within(*id, claims) || (inverted && self.relations.is_above(*id, claims))
                    }
                    SubjectValue::Person { .. } => organizations_only || self.relations.was_visible(subject, claims),
                })
            }
        }
    }
}

fn shown(first: &Past, last: &Past, deleted: bool) -> Object<'static> {
    let parsed = |text: &str| serde_json::from_str::<Object<'static>>(text).unwrap_or_default();
    let change = i64::try_from(last.change).unwrap_or(i64::MAX);
    let item = Object::new().with("id", id_text(last.id)).with("changeVersion", change);
    if deleted {
        return item.with("keyValues", parsed(&last.old));
    }
    let new = last.new.as_deref().map(parsed).unwrap_or_default();
    item.with("oldKeyValues", parsed(&first.old)).with("newKeyValues", new)
}

/// The natural key of a body by flattened names.
fn key_values(resource: &Resource, body: &Object<'_>) -> Object<'static> {
    let mut values = Object::new();
    for part in &resource.model.identity {
        if let Some(value) = part.paths.iter().find_map(|path| body.at(path)) {
            values.push(part.name.clone(), value.clone().into_owned());
        }
    }
    values
}

/// What authorization looks at in a body, by flattened names.
fn authorization_values(resource: &Resource, body: &Object<'_>) -> Object<'static> {
    let mut values = Object::new();
    let subjects = resource.subjects.iter().map(|subject| (subject.name.as_str(), &subject.paths));
    let namespace = resource.filters.get("namespace").map(|filter| ("namespace", &filter.paths));
    for (name, paths) in subjects.chain(namespace) {
        if let Some(value) = paths.iter().find_map(|path| body.at(path)) {
            values.push(name.to_owned(), value.clone().into_owned());
        }
    }
    values
}

fn namespace_of(authorization: &Object<'_>) -> Option<Box<str>> {
    authorization.get("namespace").and_then(Value::as_text).map(Into::into)
}

fn to_text(object: &Object<'_>) -> Box<str> {
    String::from_utf8(object.to_json()).unwrap_or_default().into_boxed_str()
}
