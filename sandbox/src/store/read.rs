//! Queries.

use std::ops::RangeInclusive;

use rollcall_core::model::KeyHash;
use rollcall_core::value::{Object, Value};

use super::marks::{Mark, Marks};
use super::tables::{Record, Tables};
use crate::api::problem::Problem;
use crate::catalog::{Filter, Resource, set_at};
use crate::config::ApiKey;
use crate::security::{self, Action, Scope};

/// A query for the records of one resource.
pub(crate) struct Query<'a> {
    pub(crate) resource: &'a Resource,
    pub(crate) key: &'a ApiKey,
    /// What the members must equal.
    pub(crate) filters: Vec<(&'a Filter, Value<'static>)>,
    /// The id, when it is asked for.
    pub(crate) id: Option<u128>,
    /// The change versions asked for, both included.
    pub(crate) changes: (u64, u64),
    pub(crate) paging: Paging,
    /// Whether to count all that match.
    pub(crate) count: bool,
}

/// Which of the records that match.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Paging {
    Offset {
        offset: usize,
        limit: usize,
    },
    /// By the numbers of the records, both ends included.
    Cursor {
        from: u64,
        to: u64,
        size: usize,
    },
}

/// Some of the records that match.
pub(crate) struct Page<'t> {
    pub(crate) records: Vec<(u64, &'t Record)>,
    /// How many match in all, when asked.
    pub(crate) total: Option<usize>,
}

/// Every change version.
pub(crate) const ALL_CHANGES: (u64, u64) = (0, u64::MAX);

impl Tables {
    /// The records that match and are within the caller's reach, in the order of their creation.
    pub(crate) fn query(&self, query: Query<'_>, marks: &Marks) -> Result<Page<'_>, Problem> {
        let walk = self.walk(query)?;
        let query = &walk.query;
        let (from, to, skip, limit) = match query.paging {
            Paging::Offset { offset, limit } => (0, u64::MAX, offset, limit),
            Paging::Cursor { from, to, size } => (from, to, 0, size),
        };
        let name = walk.name();
        let state = self.state_of(query.resource);
        let mark = marks.before(&name, state, skip);
        let (mut passed, start) = if skip == 0 { (0, from) } else { (mark.passed, mark.sequence.max(from)) };
        let mut records = Vec::new();
        if limit > 0 {
            for (sequence, record) in walk.candidates(start..=to) {
                if !walk.matches(record) {
                    continue;
                }
                if passed >= skip {
                    records.push((sequence, record));
                    if records.len() == limit {
                        break;
                    }
                }
                passed += 1;
            }
        }
        if let (Some((last, _)), Paging::Offset { offset, .. }) = (records.last(), query.paging) {
            marks.set(&name, state, Mark { passed: offset + records.len(), sequence: last + 1 });
        }
        let total = query.count.then(|| {
            let counted = || walk.candidates(0..=u64::MAX).filter(|(_, record)| walk.matches(record)).count();
            marks.total(&name, state, counted)
        });
        Ok(Page { records, total })
    }

    /// Where the records that match are cut into parts of the same size, of at least `smallest`: the first number of each
    /// part.
    pub(crate) fn partitions(&self, query: Query<'_>, parts: usize, smallest: usize) -> Result<Vec<u64>, Problem> {
        let walk = self.walk(query)?;
        let found = walk.candidates(0..=u64::MAX).filter(|(_, record)| walk.matches(record));
        let sequences: Vec<u64> = found.map(|(sequence, _)| sequence).collect();
        let size = sequences.len().div_ceil(parts.max(1)).max(smallest).max(1);
        Ok(sequences.chunks(size).filter_map(<[u64]>::first).copied().collect())
    }

    /// What an answer depends on besides the query: as long as it is the same, so is the answer.
    fn state_of(&self, resource: &Resource) -> (u64, u64) {
        (self.by_resource[resource.index].version, self.relations.version)
    }

    fn walk<'t, 'q>(&'t self, mut query: Query<'q>) -> Result<Walk<'t, 'q>, Problem> {
        for (filter, value) in &mut query.filters {
            self.resolve_filter(filter, value)?;
        }
        let needles = query.filters.iter().map(|(_, value)| serde_json::to_string(value).unwrap_or_default()).collect();
        let scope = security::scope(query.key, query.resource, Action::Read);
        Ok(Walk { tables: self, few: self.few(&query), needles, scope, query })
    }

    /// The numbers of the records that can match, where an index knows them: those with the id or the natural key asked
    /// for, or those that name a record by a whole key that is asked for. Sorted.
    fn few(&self, query: &Query<'_>) -> Option<Vec<u64>> {
        let table = &self.by_resource[query.resource.index];
        if let Some(id) = query.id {
            return Some(table.by_id.get(&id).copied().into_iter().collect());
        }
        if let Some(key) = key_body(query).and_then(|body| query.resource.key_of(&body)) {
            return Some(table.by_key.get(&key).copied().into_iter().collect());
        }
        let key = query.resource.references.iter().find_map(|site| self.key_of_reference(query, site))?;
        let records = self.dependents.get(&key).map(|dependents| dependents.records.as_slice()).unwrap_or_default();
        let own = records.iter().filter(|handle| handle.resource() == query.resource.index);
        let mut sequences: Vec<u64> = own.map(|handle| handle.sequence()).collect();
        sequences.sort_unstable();
        sequences.dedup();
        Some(sequences)
    }

    /// The key of the record that a reference of the root must name, when the query asks for all of it and the index
    /// keeps who names such records.
    fn key_of_reference(&self, query: &Query<'_>, site: &crate::catalog::ReferenceSite) -> Option<KeyHash> {
        let ([name], [target]) = (site.path.as_slice(), site.targets.as_slice()) else { return None };
        let target = &self.catalog.resources[*target];
        if !target.tracked {
            return None;
        }
        let mut reference = Object::new();
        for property in &site.reference.properties {
            let path = format!("{name}.{}", property.name);
            let (_, value) = query.filters.iter().find(|(filter, _)| filter.paths.contains(&path))?;
            reference.push(property.name.clone(), value.clone());
        }
        KeyHash::of_reference(&site.reference, &target.model, &reference)
    }

    /// A descriptor value in the case in which it is stored.
    fn resolve_filter(&self, filter: &Filter, value: &mut Value<'static>) -> Result<(), Problem> {
        let Some(descriptor) = filter.property.descriptor.as_deref() else { return Ok(()) };
        let resource = self.catalog.descriptor(descriptor);
        let (Some(resource), Some(text)) = (resource, value.as_text()) else { return Ok(()) };
        match self.descriptor_value(resource.index, text) {
            Some((stored, _)) => {
                *value = Value::from(stored.clone());
                Ok(())
            }
            None => Err(Problem::UnknownDescriptor {
                descriptor: descriptor.to_owned(),
                value: text.to_owned(),
                path: filter.property.query_name().to_owned(),
            }),
        }
    }
}

/// One way through the records of a query.
struct Walk<'t, 'q> {
    tables: &'t Tables,
    query: Query<'q>,
    /// The records that can match, when an index knows them.
    few: Option<Vec<u64>>,
    needles: Vec<String>,
    scope: Scope,
}

impl<'t> Walk<'t, '_> {
    /// The query without its paging, as a name.
    fn name(&self) -> String {
        let Query { resource, key, filters, id, changes, .. } = &self.query;
        let mut name = format!("{} {} {id:?} {changes:?}", resource.index, key.key);
        for ((filter, _), needle) in filters.iter().zip(&self.needles) {
            name.push(' ');
            name.push_str(filter.property.query_name());
            name.push('=');
            name.push_str(needle);
        }
        name
    }

    fn candidates(&self, range: RangeInclusive<u64>) -> Box<dyn Iterator<Item = (u64, &'t Record)> + '_> {
        let records = &self.tables.by_resource[self.query.resource.index].records;
        match &self.few {
            Some(few) => {
                let found = few.iter().filter(move |sequence| range.contains(sequence));
                Box::new(found.filter_map(|sequence| Some((*sequence, records.get(sequence)?))))
            }
            None if range.is_empty() => Box::new(std::iter::empty()),
            None => Box::new(records.range(range).map(|(sequence, record)| (*sequence, record))),
        }
    }

    fn matches(&self, record: &Record) -> bool {
        let Query { resource, key, filters, changes: (min, max), .. } = &self.query;
        if record.change < *min || record.change > *max {
            return false;
        }
        let reached = match self.scope {
            Scope::All => true,
            Scope::Relationships { organizations_only, inverted } => {
                let how = (organizations_only, inverted);
                security::within_reach(&self.tables.relations, key, &record.subjects, how).is_ok()
            }
            Scope::Namespace => security::in_namespace(key, resource, &record.object(), true).is_ok(),
        };
        // Most records that do not match lack the value as text, too; only the others are read.
        if !reached || !self.needles.iter().all(|needle| record.body.contains(needle.as_str())) {
            return false;
        }
        if filters.is_empty() {
            return true;
        }
        let body = record.object();
        filters.iter().all(|(filter, value)| filter.paths.iter().find_map(|path| body.at(path)) == Some(value))
    }
}

/// A body with the natural key that a query asks for, when it asks for all of it.
fn key_body(query: &Query<'_>) -> Option<Object<'static>> {
    let mut body = Object::new();
    for part in &query.resource.model.identity {
        let path = part.paths.first()?;
        let (_, value) = query.filters.iter().find(|(filter, _)| filter.paths.contains(path))?;
        set_at(&mut body, path, value);
    }
    Some(body)
}
