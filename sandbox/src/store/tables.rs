//! The records in memory, and the indexes that keep checks independent of their number.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use rollcall_core::model::KeyHash;
use rollcall_core::value::{Object, Value};

use super::file::Change;
use super::history::Past;
use super::index::Dependents;
use super::relations::Relations;
use crate::catalog::{Catalog, EDUCATION_ORGANIZATION, Resource};
use crate::security::{SubjectValue, subject_values};

/// All records of a sandbox.
pub(crate) struct Tables {
    pub(super) catalog: Arc<Catalog>,
    /// By the resource's index in the catalog.
    pub(super) by_resource: Vec<Table>,
    /// Natural key → who names it.
    pub(super) dependents: HashMap<KeyHash, Dependents>,
    pub(super) relations: Relations,
    last_ticks: i64,
    last_sequence: u64,
    pub(super) last_change: u64,
    /// What the current write has changed, for the file.
    pub(super) changes: Vec<Change>,
}

/// The records of one resource.
#[derive(Default)]
pub(super) struct Table {
    /// In the order of their creation.
    pub(super) records: BTreeMap<u64, Record>,
    pub(super) by_id: HashMap<u128, u64>,
    pub(super) by_key: HashMap<KeyHash, u64>,
    /// For a descriptor: value in lower case → value as stored, and its key.
    pub(super) values: HashMap<String, (String, KeyHash)>,
    /// Deletes and changes of keys, in their order.
    pub(super) past: Vec<Past>,
    /// How often its records have changed.
    pub(super) version: u64,
    /// When a record was last written.
    pub(super) changed: i64,
}

/// One record.
#[derive(Clone)]
pub(crate) struct Record {
    pub(crate) id: u128,
    pub(crate) key: KeyHash,
    /// When it was last changed, in ticks of 100 ns since the year 1; no two changes have the same.
    pub(crate) ticks: i64,
    /// Its change version.
    pub(crate) change: u64,
    /// The bound body as JSON.
    pub(crate) body: Box<str>,
    pub(crate) subjects: Box<[SubjectValue]>,
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
        self.changed_at().to_rfc3339_opts(SecondsFormat::Micros, true)
    }

    /// The time of the last change.
    pub(crate) fn changed_at(&self) -> DateTime<Utc> {
        time_of(self.ticks)
    }
}

/// A time in ticks as a date and a time of day.
pub(super) fn time_of(ticks: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros((ticks - EPOCH_TICKS) / 10).unwrap_or_default()
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
            by_resource: catalog.resources.iter().map(|_| Table::default()).collect(),
            catalog,
            dependents: HashMap::new(),
            relations: Relations::default(),
            last_ticks: 0,
            last_sequence: 0,
            last_change: 0,
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
            change: record.change,
            body: record.body.clone(),
        });
        self.place(resource, sequence, record);
    }

    /// Puts a record in place.
    pub(super) fn place(&mut self, resource: &Resource, sequence: u64, record: Record) {
        self.last_sequence = self.last_sequence.max(sequence);
        self.last_ticks = self.last_ticks.max(record.ticks);
        self.last_change = self.last_change.max(record.change);
        let table = &mut self.by_resource[resource.index];
        table.version += 1;
        table.changed = table.changed.max(record.ticks);
        table.by_id.insert(record.id, sequence);
        table.by_key.insert(record.key, sequence);
        table.records.insert(sequence, record);
    }

    /// Takes a record out, from the file too.
    pub(super) fn take(&mut self, resource: &Resource, sequence: u64) -> Option<Record> {
        let table = &mut self.by_resource[resource.index];
        let record = table.records.remove(&sequence)?;
        table.version += 1;
        table.by_id.remove(&record.id);
        if table.by_key.get(&record.key) == Some(&sequence) {
            table.by_key.remove(&record.key);
        }
        self.changes.push(Change::Delete { sequence });
        Some(record)
    }

    /// A record by its id.
    pub(crate) fn by_id(&self, resource: &Resource, id: u128) -> Option<(u64, &Record)> {
        let table = &self.by_resource[resource.index];
        let sequence = *table.by_id.get(&id)?;
        Some((sequence, table.records.get(&sequence)?))
    }

    /// A record by the hash of its natural key.
    pub(crate) fn by_key(&self, resource: usize, key: KeyHash) -> Option<&Record> {
        let table = &self.by_resource[resource];
        table.records.get(table.by_key.get(&key)?)
    }

    pub(super) fn has_key(&self, resource: usize, key: KeyHash) -> bool {
        self.by_resource[resource].by_key.contains_key(&key)
    }

    /// A descriptor value as it is stored, looked up in any case.
    pub(crate) fn descriptor_value(&self, descriptor: usize, value: &str) -> Option<&(String, KeyHash)> {
        self.by_resource[descriptor].values.get(&value.to_lowercase())
    }

    /// The subjects of a complete body.
    pub(super) fn subjects_of(&self, resource: &Resource, body: &Object<'_>) -> Box<[SubjectValue]> {
        subject_values(&self.catalog, resource, body).into_iter().flatten().collect()
    }

    /// The entity and the name of an education organization.
    pub(crate) fn organization(&self, id: i64) -> Option<(String, Option<String>)> {
        let base = |resource: &&Resource| resource.model.base.as_deref() == Some(EDUCATION_ORGANIZATION);
        self.catalog.resources.iter().filter(base).find_map(|resource| {
            let mut body = Object::new();
            body.push(resource.model.identity.first()?.name.as_str(), id);
            let record = self.by_key(resource.index, resource.key_of(&body)?)?;
            let name = record.object().get("nameOfInstitution").and_then(Value::as_text).map(str::to_owned);
            Some((resource.model.entity.clone(), name))
        })
    }

    /// An education organization and all above it.
    pub(crate) fn organizations_above(&self, id: i64) -> Vec<i64> {
        self.relations.above(id)
    }

    /// How many records a resource has.
    pub(super) fn count(&self, resource: &str) -> usize {
        self.catalog.by_name(resource).map_or(0, |resource| self.by_resource[resource.index].records.len())
    }

    /// How many records each resource with any has.
    pub(super) fn counts(&self) -> BTreeMap<String, usize> {
        let counts =
            self.catalog.resources.iter().map(|r| (r.name().to_owned(), self.by_resource[r.index].records.len()));
        counts.filter(|(_, count)| *count > 0).collect()
    }

    /// Ids and bodies of a resource's records.
    pub(super) fn bodies(&self, resource: &str) -> Vec<(String, Object<'static>)> {
        let Some(resource) = self.catalog.by_name(resource) else { return Vec::new() };
        let records = self.by_resource[resource.index].records.values();
        records.map(|record| (id_text(record.id), record.object())).collect()
    }

    /// Writes the bodies of a resource's records, one a line.
    pub(crate) fn dump(&self, resource: &str, into: &mut impl std::io::Write) -> std::io::Result<u64> {
        let Some(resource) = self.catalog.by_name(resource) else { return Ok(0) };
        let mut number = 0;
        for record in self.by_resource[resource.index].records.values() {
            into.write_all(record.body.as_bytes())?;
            into.write_all(b"\n")?;
            number += 1;
        }
        Ok(number)
    }
}
