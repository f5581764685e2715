//! Queries.

use rollcall_core::value::{Object, Value};

use super::tables::{Record, Tables};
use crate::api::problem::Problem;
use crate::catalog::{Filter, Resource};
use crate::config::ApiKey;
use crate::security::{self, Action, Scope};

/// A query for the records of one resource.
pub(crate) struct Query<'a> {
    pub(crate) resource: &'a Resource,
    pub(crate) key: &'a ApiKey,
    /// What the members must equal.
    pub(crate) filters: Vec<(&'a Filter, Value<'static>)>,
    pub(crate) offset: usize,
    pub(crate) limit: usize,
    /// Whether to count all that match.
    pub(crate) count: bool,
}

/// Some of the records that match.
pub(crate) struct Page<'t> {
    pub(crate) records: Vec<(u64, &'t Record)>,
    /// How many match in all, when asked.
    pub(crate) total: Option<usize>,
}

impl Tables {
    /// The records that match and are within the caller's reach, in the order of their creation.
    pub(crate) fn query(&self, mut query: Query<'_>) -> Result<Page<'_>, Problem> {
        for (filter, value) in &mut query.filters {
            self.resolve_filter(filter, value)?;
        }
        let table = &self.by_resource[query.resource.index];
        let by_key = key_body(&query).and_then(|body| query.resource.key_of(&body));
        let found = by_key.map(|key| table.by_key.get(&key).and_then(|sequence| table.records.get_key_value(sequence)));
        let needles: Vec<String> =
            query.filters.iter().map(|(_, value)| serde_json::to_string(value).unwrap_or_default()).collect();
        let mut page = Page { records: Vec::new(), total: None };
        let mut matched = 0;
        let mut visit = |(&sequence, record): (&u64, &'_ Record)| -> Option<(u64, bool)> {
            if !self.matches(&query, &needles, record) {
                return None;
            }
            matched += 1;
            Some((sequence, matched > query.offset && matched - query.offset <= query.limit))
        };
        let candidates: Box<dyn Iterator<Item = (&u64, &Record)>> = match found {
            Some(found) => Box::new(found.into_iter()),
            None => Box::new(table.records.iter()),
        };
        for candidate in candidates {
            if !query.count && page.records.len() >= query.limit {
                break;
            }
            if let Some((sequence, true)) = visit(candidate) {
                page.records.push((sequence, candidate.1));
            }
        }
        page.total = query.count.then_some(matched);
        Ok(page)
    }

    fn matches(&self, query: &Query<'_>, needles: &[String], record: &Record) -> bool {
        let reached = match security::scope(query.key, query.resource, Action::Read) {
            Scope::All => true,
            Scope::Relationships { organizations_only, inverted } => {
                let how = (organizations_only, inverted);
                security::within_reach(&self.relations, query.key, &record.subjects, how).is_ok()
            }
            Scope::Namespace => security::in_namespace(query.key, query.resource, &record.object(), true).is_ok(),
        };
        // Most records that do not match lack the value as text, too; only the others are read.
        if !reached || !needles.iter().all(|needle| record.body.contains(needle.as_str())) {
            return false;
        }
        if query.filters.is_empty() {
            return true;
        }
        let body = record.object();
        query.filters.iter().all(|(filter, value)| filter.paths.iter().find_map(|path| body.at(path)) == Some(value))
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

/// A body with the natural key that a query asks for, when it asks for all of it.
fn key_body(query: &Query<'_>) -> Option<Object<'static>> {
    let mut body = Object::new();
    for part in &query.resource.model.identity {
        let path = part.paths.first()?;
        let (_, value) = query.filters.iter().find(|(filter, _)| filter.paths.contains(path))?;
        super::cascade::set_at(&mut body, path, value);
    }
    Some(body)
}
