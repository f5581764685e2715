//! The records in memory, and the indexes that keep checks independent of their number.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use rollcall_core::model::KeyHash;
use rollcall_core::value::{Object, Value};

use super::file::Change;
use super::relations::Relations;
use crate::catalog::{Catalog, Resource, visit};
use crate::security::{SubjectValue, subject_values};

/// All records of a sandbox.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(super) catalog: Arc<Catalog>,
    pub(super) tables: Vec<Table>,
    /// Natural key → who names it.
    pub(super) dependents: HashMap<KeyHash, Dependents>,
    pub(super) relations: Relations,
    last_ticks: i64,
    last_sequence: u64,
    /// What the current write has changed, for the file.
    changes: Vec<Change>,
}

/// The records of one resource.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// In the order of their creation.
    pub(super) records: BTreeMap<u64, Record>,
    pub(super) by_id: HashMap<u128, u64>,
    pub(super) by_key: HashMap<KeyHash, u64>,
    /// For a descriptor: value in lower case → value as stored, and its key.
    pub(super) values: HashMap<String, (String, KeyHash)>,
}

/// One record.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) id: u128,
    pub(crate) key: KeyHash,
    /// When it was last changed, in ticks of 100 ns since the year 1; no two changes have the same.
    pub(crate) ticks: i64,
    /// The bound body as JSON.
    pub(crate) body: Box<str>,
    pub(crate) subjects: Box<[SubjectValue]>,
}

/// Who names a record.
#[derive(Debug, Default)]
pub(super) struct Dependents {
    /// Where it is named, and how often.
    pub(super) counts: Vec<(Site, u32)>,
    /// The records that name it, one entry for each place; kept only where a key can change.
    pub(super) records: Vec<Handle>,
}

/// A place in the bodies of a resource that names another record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Site {
    /// A reference, by its number in the catalog.
    Reference(u32),
    /// A descriptor value: resource and position among its descriptor sites.
    Descriptor(u16, u16),
}

/// Where a record is: its resource and its sequence number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Handle(u64);

const SEQUENCE_BITS: u32 = 48;

impl Handle {
    pub(super) fn new(resource: usize, sequence: u64) -> Self {
        Self((resource as u64) << SEQUENCE_BITS | sequence)
    }

    pub(super) fn resource(self) -> usize {
        usize::try_from(self.0 >> SEQUENCE_BITS).unwrap_or_default()
    }

    pub(super) fn sequence(self) -> u64 {
        self.0 & ((1 << SEQUENCE_BITS) - 1)
    }
}

impl Record {
    /// The body as a tree.
    pub(crate) fn object(&self) -> Object<'static> {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The entity tag, without quotes: the servers' binary form of the time of the last change.
    pub(crate) fn etag(&self) -> String {
        etag_text(self.ticks)
    }

    /// The time of the last change, ISO 8601.
    pub(crate) fn last_modified(&self) -> String {
        let micros = (self.ticks - EPOCH_TICKS) / 10;
        DateTime::from_timestamp_micros(micros).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Micros, true)
    }
}

/// Ticks of 100 ns from the year 1 to 1970.
const EPOCH_TICKS: i64 = 621_355_968_000_000_000;

/// The entity tag of a time.
pub(crate) fn etag_text(ticks: i64) -> String {
    (ticks | 1 << 62).to_string()
}

/// An id as the servers write it: 32 hexadecimal digits.
pub(crate) fn id_text(id: u128) -> String {
    format!("{id:032x}")
}

impl Tables {
    pub(super) fn new(catalog: Arc<Catalog>) -> Self {
        Self {
            tables: catalog.resources.iter().map(|_| Table::default()).collect(),
            catalog,
            dependents: HashMap::new(),
            relations: Relations::default(),
            last_ticks: 0,
            last_sequence: 0,
            changes: Vec::new(),
        }
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    pub(super) fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    pub(super) fn next_ticks(&mut self) -> i64 {
        let now = EPOCH_TICKS + Utc::now().timestamp_micros() * 10;
        self.last_ticks = now.max(self.last_ticks + 10);
        self.last_ticks
    }

    pub(super) fn next_sequence(&mut self) -> u64 {
        self.last_sequence += 1;
        self.last_sequence
    }

    /// Puts a record in place, for the file too.
    pub(super) fn store(&mut self, resource: &Resource, sequence: u64, record: Record) {
        self.changes.push(Change::Put {
            resource: resource.index,
            sequence,
            id: record.id,
            ticks: record.ticks,
            body: record.body.clone(),
        });
        self.place(resource, sequence, record);
    }

    /// Puts a record in place.
    pub(super) fn place(&mut self, resource: &Resource, sequence: u64, record: Record) {
        self.last_sequence = self.last_sequence.max(sequence);
        self.last_ticks = self.last_ticks.max(record.ticks);
        let table = &mut self.tables[resource.index];
        table.by_id.insert(record.id, sequence);
        table.by_key.insert(record.key, sequence);
        table.records.insert(sequence, record);
    }

    /// Takes a record out, from the file too.
    pub(super) fn take(&mut self, resource: &Resource, sequence: u64) -> Option<Record> {
        let table = &mut self.tables[resource.index];
        let record = table.records.remove(&sequence)?;
        table.by_id.remove(&record.id);
        if table.by_key.get(&record.key) == Some(&sequence) {
            table.by_key.remove(&record.key);
        }
        self.changes.push(Change::Delete { id: record.id });
        Some(record)
    }

    /// A record by its id.
    pub(crate) fn by_id(&self, resource: &Resource, id: u128) -> Option<(u64, &Record)> {
        let table = &self.tables[resource.index];
        let sequence = *table.by_id.get(&id)?;
        Some((sequence, table.records.get(&sequence)?))
    }

    /// A record by the hash of its natural key.
    pub(crate) fn by_key(&self, resource: usize, key: KeyHash) -> Option<&Record> {
        let table = &self.tables[resource];
        table.records.get(table.by_key.get(&key)?)
    }

    pub(super) fn has_key(&self, resource: usize, key: KeyHash) -> bool {
        self.tables[resource].by_key.contains_key(&key)
    }

    /// A descriptor value as it is stored, looked up in any case.
    pub(crate) fn descriptor_value(&self, descriptor: usize, value: &str) -> Option<&(String, KeyHash)> {
        self.tables[descriptor].values.get(&value.to_lowercase())
    }

    /// The subjects of a complete body.
    pub(super) fn subjects_of(&self, resource: &Resource, body: &Object<'_>) -> Box<[SubjectValue]> {
        subject_values(&self.catalog, resource, body).into_iter().flatten().collect()
    }

    /// Adds what a record says about others to the indexes.
    pub(super) fn index(&mut self, resource: &Resource, sequence: u64, body: &Object<'_>) {
        let handle = Handle::new(resource.index, sequence);
        let own = resource.key_of(body);
        for (site, candidates) in self.named(resource, body) {
            let there = candidates.iter().find(|(target, key)| candidates.len() == 1 || self.has_key(*target, *key));
            let Some(&(target, key)) = there.filter(|(_, key)| Some(*key) != own) else { continue };
            let tracked = self.catalog.resources[target].tracked;
            let dependents = self.dependents.entry(key).or_default();
            match dependents.counts.iter_mut().find(|(known, _)| *known == site) {
                Some((_, count)) => *count += 1,
                None => dependents.counts.push((site, 1)),
            }
            if tracked {
                dependents.records.push(handle);
            }
        }
        self.relate(resource, body, true);
    }

    /// Takes what a record says about others out of the indexes.
    pub(super) fn unindex(&mut self, resource: &Resource, sequence: u64, body: &Object<'_>) {
        let handle = Handle::new(resource.index, sequence);
        for (site, candidates) in self.named(resource, body) {
            for (_, key) in candidates {
                let Some(dependents) = self.dependents.get_mut(&key) else { continue };
                let Some(at) = dependents.counts.iter().position(|(known, _)| *known == site) else { continue };
                dependents.counts[at].1 -= 1;
                if dependents.counts[at].1 == 0 {
                    dependents.counts.remove(at);
                }
                if let Some(at) = dependents.records.iter().position(|known| *known == handle) {
                    dependents.records.swap_remove(at);
                }
                if dependents.counts.is_empty() {
                    self.dependents.remove(&key);
                }
                break;
            }
        }
        self.relate(resource, body, false);
    }

    /// The keys that a body names, by place: one candidate, or one for each concrete resource of an abstract one.
    fn named(&self, resource: &Resource, body: &Object<'_>) -> Vec<(Site, Vec<(usize, KeyHash)>)> {
        let mut named = Vec::new();
        for site in &resource.references {
            visit(body, &site.path, &mut |reference| {
                let key = |&target: &usize| {
                    let model = &self.catalog.resources[target].model;
                    Some((target, KeyHash::of_reference(&site.reference, model, reference)?))
                };
                let candidates = site.targets.iter().filter_map(key).collect();
                named.push((Site::Reference(site.number), candidates));
            });
        }
        for (at, site) in resource.descriptors.iter().enumerate().filter(|(_, site)| site.entity.is_some()) {
            let number = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
            let place = Site::Descriptor(number(resource.index), number(at));
            visit(body, &site.path, &mut |object| {
                let value = object.get(&site.member).and_then(Value::as_text);
                if let Some((_, key)) = value.and_then(|value| self.descriptor_value(site.target, value)) {
                    named.push((place, vec![(site.target, *key)]));
                }
            });
        }
        named
    }

    /// Keeps code values, the hierarchy of education organizations and people's associations up to date.
    fn relate(&mut self, resource: &Resource, body: &Object<'_>, add: bool) {
        if resource.descriptor.is_some() {
            self.relate_descriptor(resource, body, add);
        } else if resource.model.base.as_deref() == Some(crate::catalog::EDUCATION_ORGANIZATION) {
            let Some(id) = resource.model.identity.first().and_then(|part| body.at(&part.name)?.as_integer()) else {
                return;
            };
            if !add {
                return self.relations.remove_organization(id);
            }
            let above = |target: &usize| {
                self.catalog.resources[*target].model.base.as_deref() == Some(crate::catalog::EDUCATION_ORGANIZATION)
            };
            let mut parents = Vec::new();
            for site in resource.references.iter().filter(|site| site.path.len() == 1 && site.targets.iter().all(above)) {
                visit(body, &site.path, &mut |reference| {
                    parents.extend(reference.iter().filter_map(|(_, value)| value.as_integer()));
                });
            }
            self.relations.set_parents(id, parents);
        } else {
            self.relate_people(resource, body, add);
        }
    }

    fn relate_descriptor(&mut self, resource: &Resource, body: &Object<'_>, add: bool) {
        let text = |name: &str| body.get(name).and_then(Value::as_text).unwrap_or_default();
        let value = format!("{}#{}", text("namespace"), text("codeValue"));
        let values = &mut self.tables[resource.index].values;
        match resource.key_of(body).filter(|_| add) {
            Some(key) => values.insert(value.to_lowercase(), (value, key)),
            None => values.remove(&value.to_lowercase()),
        };
    }

    fn relate_people(&mut self, resource: &Resource, body: &Object<'_>, add: bool) {
        let catalog = self.catalog.clone();
        for &(person, ref paths) in &resource.makes_visible {
            let Some(unique_id) = paths.iter().find_map(|path| body.at(path)) else { continue };
            let person = crate::security::person_value(&catalog.resources[person], unique_id.clone());
            let Some(SubjectValue::Person { key, .. }) = person else { continue };
            for subject in subject_values(&catalog, resource, body).into_iter().flatten() {
                if Some(subject) == person {
                    continue;
                }
                if add {
                    self.relations.link(key, subject);
                } else {
                    self.relations.unlink(key, subject);
                }
            }
        }
    }

    /// How many records a resource has.
    pub(super) fn count(&self, resource: &str) -> usize {
        self.catalog.by_name(resource).map_or(0, |resource| self.tables[resource.index].records.len())
    }

    /// How many records each resource with any has.
    pub(super) fn counts(&self) -> BTreeMap<String, usize> {
        let counts = self.catalog.resources.iter().map(|r| (r.name().to_owned(), self.tables[r.index].records.len()));
        counts.filter(|(_, count)| *count > 0).collect()
    }

    /// Ids and bodies of a resource's records.
    pub(super) fn bodies(&self, resource: &str) -> Vec<(String, Object<'static>)> {
        let Some(resource) = self.catalog.by_name(resource) else { return Vec::new() };
        let records = self.tables[resource.index].records.values();
        records.map(|record| (id_text(record.id), record.object())).collect()
    }
}
