//! Who may do what: claims, relationships and namespaces.

use rollcall_core::model::KeyHash;
use rollcall_core::value::{Object, Value};

use crate::api::names::{camel, pascal};
use crate::api::problem::Problem;
use crate::catalog::{Catalog, Domain, Resource, Role, SubjectKind};
use crate::config::ApiKey;
use crate::store::Relations;

/// What a request does with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Create,
    Read,
    Update,
    Delete,
    /// Of change queries.
    ReadChanges,
}

impl Action {
    /// The name in claims.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Create => "Create",
            Self::Read => "Read",
            Self::Update => "Update",
            Self::Delete => "Delete",
            Self::ReadChanges => "ReadChanges",
        }
    }

    /// The URI in version 6's messages.
    pub(crate) fn uri(self) -> String {
        let name = self.name();
        let (first, rest) = name.split_at(1);
        format!("http://ed-fi.org/odsapi/actions/{}{rest}", first.to_lowercase())
    }
}

/// The value of one subject of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SubjectValue {
    EducationOrganization(i64),
    Person {
        /// The person's resource.
        resource: u16,
        /// The person's natural key.
        key: KeyHash,
    },
}

/// What decides whether a record is within a caller's reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Nothing: all records are.
    All,
    Relationships {
        /// Look at education organizations only.
        organizations_only: bool,
        /// Records of education organizations above the caller's are within reach too.
        inverted: bool,
    },
    Namespace,
}

/// Whether a caller's claims grant an action at all.
pub(crate) fn authorize_action(key: &ApiKey, resource: &Resource, action: Action) -> Result<(), Problem> {
    let granted = key.access.actions(resource.domain);
    if granted.contains(&action) {
        return Ok(());
    }
    let claim = |name: &str| format!("{CLAIMS}/{name}");
    let claims = vec![claim(&camel(&resource.model.entity)), claim(&format!("domains/{}", resource.domain.claim()))];
    if !granted.is_empty() {
        return Err(Problem::ActionDenied { action, claims, set: key.access.name() });
    }
    let mut held: Vec<String> = Vec::new();
    for domain in Domain::ALL.iter().filter(|domain| !key.access.actions(**domain).is_empty()) {
        let claim = claim(&format!("domains/{}", domain.claim()));
        if !held.contains(&claim) {
            held.push(claim);
        }
    }
    Err(Problem::ResourceDenied { claims, set: key.access.name(), held })
}

/// What decides about single records.
pub(crate) fn scope(key: &ApiKey, resource: &Resource, action: Action) -> Scope {
    if key.access.is_unrestricted() {
        return Scope::All;
    }
    match resource.role {
        Role::System | Role::Open => Scope::All,
        Role::Descriptor if matches!(action, Action::Read | Action::ReadChanges) => Scope::All,
        Role::Descriptor | Role::Namespace => Scope::Namespace,
        Role::Person(_) if matches!(action, Action::Create | Action::Delete) => Scope::All,
        Role::Person(_) => Scope::Relationships { organizations_only: false, inverted: false },
        Role::Primary => Scope::Relationships { organizations_only: action == Action::Create, inverted: false },
        Role::Relationship { inverted } => Scope::Relationships {
            organizations_only: false,
            inverted: inverted && matches!(action, Action::Read | Action::ReadChanges),
        },
    }
}

/// The values of a resource's subjects in a body; none where the body has none.
pub(crate) fn subject_values(catalog: &Catalog, resource: &Resource, body: &Object<'_>) -> Vec<Option<SubjectValue>> {
    let value = |paths: &[String]| paths.iter().find_map(|path| body.at(path)).cloned();
    let mut values = Vec::with_capacity(resource.subjects.len());
    for subject in &resource.subjects {
        values.push(value(&subject.paths).and_then(|value| match subject.kind {
            SubjectKind::EducationOrganization => value.as_integer().map(SubjectValue::EducationOrganization),
            SubjectKind::Person(person) => person_value(&catalog.resources[person], value),
        }));
    }
    values
}

/// The subject that a person's unique id makes.
pub(crate) fn person_value(person: &Resource, unique_id: Value<'_>) -> Option<SubjectValue> {
    let name = &person.model.identity.first()?.name;
    let mut body = Object::new();
    body.push(name.as_str(), unique_id);
    let resource = u16::try_from(person.index).ok()?;
    Some(SubjectValue::Person { resource, key: person.key_of(&body)? })
}

/// Whether a record with these subjects is within reach; the order is that of `resource.subjects`.
pub(crate) fn within_reach(
    relations: &Relations,
    key: &ApiKey,
    subjects: &[SubjectValue],
    (organizations_only, inverted): (bool, bool),
) -> Result<(), SubjectValue> {
    let claims = &key.education_organization_ids;
    for subject in subjects {
        let reached = match subject {
            SubjectValue::EducationOrganization(id) => {
                relations.is_within(*id, claims) || (inverted && relations.is_above(*id, claims))
            }
            SubjectValue::Person { .. } => organizations_only || relations.is_visible(subject, claims),
        };
        if !reached {
            return Err(*subject);
        }
    }
    Ok(())
}

/// The refusal of a record out of reach.
pub(crate) fn out_of_reach(
    catalog: &Catalog,
    key: &ApiKey,
    resource: &Resource,
    organizations_only: bool,
    failed: SubjectValue,
) -> Problem {
    let counted = |kind: SubjectKind| !organizations_only || kind == SubjectKind::EducationOrganization;
    let subjects = resource.subjects.iter().filter(|subject| counted(subject.kind));
    let hint = match failed {
        SubjectValue::Person { resource, .. } => hint(&catalog.resources[usize::from(resource)]),
        SubjectValue::EducationOrganization(_) => None,
    };
    Problem::RelationshipDenied {
        claims: key.education_organization_ids.clone(),
        subjects: subjects.map(|subject| pascal(&subject.name)).collect(),
        hint,
    }
}

/// Version 7's advice about a person out of reach.
pub(crate) fn hint(person: &Resource) -> Option<&'static str> {
    match person.role {
        Role::Person(rule) => Some(rule.hint),
        _ => None,
    }
}

/// Refuses a body whose namespace begins with none of the caller's prefixes.
pub(crate) fn in_namespace(
    key: &ApiKey,
    resource: &Resource,
    body: &Object<'_>,
    existing: bool,
) -> Result<(), Problem> {
    if key.namespace_prefixes.iter().all(String::is_empty) {
        return Err(Problem::NoNamespaces);
    }
    let namespace =
        resource.filters.get("namespace").and_then(|filter| filter.paths.iter().find_map(|path| body.at(path)));
    let namespace = namespace.and_then(Value::as_text).unwrap_or_default().to_lowercase();
    if namespace.is_empty() {
        return Err(Problem::NamespaceEmpty { existing });
    }
    let prefixes = key.namespace_prefixes.iter().filter(|prefix| !prefix.is_empty());
    if prefixes.into_iter().any(|prefix| namespace.starts_with(&prefix.to_lowercase())) {
        return Ok(());
    }
    Err(Problem::NamespaceDenied { prefixes: key.namespace_prefixes.clone(), existing })
}

/// Where the servers' resource claims stand.
const CLAIMS: &str = "http://ed-fi.org/ods/identity/claims";
