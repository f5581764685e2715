//! Whether records and bodies are within a caller's reach.

use super::tables::{Record, Tables};
use super::write::Incoming;
use crate::api::names::pascal;
use crate::api::problem::Problem;
use crate::catalog::{Resource, Role};
use crate::config::ApiKey;
use crate::security::{self, Action, Scope, SubjectValue};

impl Tables {
    /// Whether a stored record is within a caller's reach.
    pub(crate) fn authorize_record(
        &self,
        key: &ApiKey,
        resource: &Resource,
        record: &Record,
        action: Action,
    ) -> Result<(), Problem> {
        match security::scope(key, resource, action) {
            Scope::All => Ok(()),
            Scope::Namespace => security::in_namespace(key, resource, &record.object(), true),
            Scope::Relationships { organizations_only, inverted } => {
                let how = (organizations_only, inverted);
                security::within_reach(&self.relations, key, &record.subjects, how)
                    .map_err(|failed| security::out_of_reach(&self.catalog, key, resource, organizations_only, failed))
            }
        }
    }

    /// Whether the stored record of a write is within its caller's reach, and as the caller expects it.
    pub(super) fn authorize_stored(
        &self,
        incoming: &Incoming<'_>,
        sequence: u64,
        action: Action,
    ) -> Result<(), Problem> {
        let Some(stored) = self.by_resource[incoming.resource.index].records.get(&sequence) else { return Ok(()) };
        self.authorize_record(incoming.key, incoming.resource, stored, action)?;
        matches_tag(stored, incoming.if_match)
    }

    /// Whether the body of a write is within its caller's reach.
    pub(super) fn authorize_body(&self, incoming: &Incoming<'_>, action: Action) -> Result<(), Problem> {
        let (key, resource) = (incoming.key, incoming.resource);
        let (organizations_only, inverted) = match security::scope(key, resource, action) {
            Scope::All => return Ok(()),
            Scope::Namespace => return security::in_namespace(key, resource, &incoming.body, false),
            Scope::Relationships { organizations_only, inverted } => (organizations_only, inverted),
        };
        let mut subjects = Vec::with_capacity(resource.subjects.len());
        let values = security::subject_values(&self.catalog, resource, &incoming.body);
        for (subject, value) in resource.subjects.iter().zip(values) {
            match value {
                Some(SubjectValue::Person { .. }) if organizations_only => {}
                // A person's own record is its subject; it need not be there under the new key.
                Some(value @ SubjectValue::Person { .. }) if matches!(resource.role, Role::Person(_)) => {
                    if self.knows(&value) {
                        subjects.push(value);
                    }
                }
                Some(SubjectValue::Person { resource: person, key: unknown })
                    if !self.has_key(usize::from(person), unknown) =>
                {
                    let person = &self.catalog.resources[usize::from(person)];
                    return Err(Problem::PersonNotFound {
                        entity: person.model.entity.clone(),
                        subject: pascal(&subject.name),
                        hint: security::hint(person).unwrap_or_default(),
                        claims: key.education_organization_ids.clone(),
                    });
                }
                Some(value) => subjects.push(value),
                None => return Err(Problem::SubjectEmpty(pascal(&subject.name))),
            }
        }
        security::within_reach(&self.relations, key, &subjects, (organizations_only, inverted))
            .map_err(|failed| security::out_of_reach(&self.catalog, key, resource, organizations_only, failed))
    }

    fn knows(&self, subject: &SubjectValue) -> bool {
        matches!(subject, SubjectValue::Person { resource, key } if self.has_key(usize::from(*resource), *key))
    }
}

/// Whether a record is the version that `If-Match` names.
pub(super) fn matches_tag(stored: &Record, if_match: Option<&str>) -> Result<(), Problem> {
    match if_match {
        Some(tag) if tag != stored.etag() => Err(Problem::Stale),
        _ => Ok(()),
    }
}
