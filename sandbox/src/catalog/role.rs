//! Which authorization strategy a resource has, and what it looks at.
//!
//! The servers keep this as security metadata beside the data standard's model: which association makes which person
//! visible, and which resources may be read from below. Those facts are the tables of this module; all else is read
//! from the model.

use super::{Catalog, Resource};

/// How requests for a resource are authorized.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Education organizations and types: no further authorization.
    System,
    /// Read by everyone, written by namespace.
    Descriptor,
    /// A person: created and deleted freely, read and updated through its relationships.
    Person(&'static PersonRule),
    /// Makes a person visible to education organizations: created by education organization alone.
    Primary,
    /// By relationships with education organizations and people.
    Relationship {
        /// Whether it may be read from below the education organization that owns it.
        inverted: bool,
    },
    /// By the caller's namespace prefixes.
    Namespace,
    /// No further authorization.
    Open,
}

/// Which associations make a person visible.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PersonRule {
    pub(crate) resource: &'static str,
    pub(crate) associations: &'static [&'static str],
    /// What version 7 advises a caller to create.
    pub(crate) hint: &'static str,
}

/// One value of a body that authorization looks at.
#[derive(Debug)]
pub(crate) struct Subject {
    /// Flattened name (`schoolId`).
    pub(crate) name: String,
    pub(crate) kind: SubjectKind,
    /// Dotted paths that carry it; the first that is there counts.
    pub(crate) paths: Vec<String>,
}

/// What a subject names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SubjectKind {
    EducationOrganization,
    /// A person of the resource with this index.
    Person(usize),
}

/// The abstract resource of all education organizations.
pub(crate) const EDUCATION_ORGANIZATION: &str = "EducationOrganization";

/// Resources that the server's maker fills, and that its dependency order leaves out.
pub(super) const TYPES: &[&str] = &["schoolYearTypes"];

/// Resources that may also be read from below the education organization that owns them.
const READ_FROM_BELOW: &[&str] = &["courses", "programs"];

pub(super) const PEOPLE: &[PersonRule] = &[
    PersonRule {
        resource: "students",
        associations: &["studentSchoolAssociations"],
        hint: "Hint: You may need to create a corresponding 'StudentSchoolAssociation' item.",
    },
    PersonRule {
        resource: "staffs",
        associations: &[
            "staffEducationOrganizationAssignmentAssociations",
            "staffEducationOrganizationEmploymentAssociations",
        ],
        hint: "Hint: You may need to create corresponding 'StaffEducationOrganizationEmploymentAssociation' or \
               'StaffEducationOrganizationAssignmentAssociation' items.",
    },
    PersonRule {
        resource: "parents",
        associations: &["studentParentAssociations"],
        hint: "Hint: You may need to create corresponding 'StudentSchoolAssociation' and 'StudentParentAssociation' items.",
    },
];

/// How one resource is authorized.
pub(super) struct Security {
    pub(super) role: Role,
    pub(super) subjects: Vec<Subject>,
    /// The people whom its records make visible: resource and paths of the unique id.
    pub(super) makes_visible: Vec<(usize, Vec<String>)>,
}

/// How a resource is authorized, by its model and the tables of this module.
pub(super) fn security_of(resource: &Resource, catalog: &Catalog) -> Security {
    let model = &resource.model;
    let name = model.name.as_str();
    let mut subjects: Vec<Subject> =
        model.authorization_subjects.iter().map(|subject| subject_of(resource, subject, catalog)).collect();
    let makes_visible: Vec<(usize, Vec<String>)> = subjects
        .iter()
        .filter_map(|subject| Some((made_visible(subject, name, catalog)?, subject.paths.clone())))
        .collect();
    let has_organization = subjects.iter().any(|subject| subject.kind == SubjectKind::EducationOrganization);
    let is_system = model.base.as_deref() == Some(EDUCATION_ORGANIZATION) || TYPES.contains(&name);
    let role = if resource.descriptor.is_some() {
        Role::Descriptor
    } else if is_system {
        subjects.clear();
        Role::System
    } else if let Some(rule) = PEOPLE.iter().find(|rule| rule.resource == name) {
        Role::Person(rule)
    } else if !makes_visible.is_empty() && has_organization {
        Role::Primary
    } else if !subjects.is_empty() {
        // An association of two people stands and falls with the one who is visible by other means.
        subjects.retain(|subject| made_visible(subject, name, catalog).is_none());
        Role::Relationship { inverted: READ_FROM_BELOW.contains(&name) }
    } else if resource.filters.contains_key("namespace") {
        Role::Namespace
    } else {
        Role::Open
    };
    Security { role, subjects, makes_visible }
}

/// The person that an association makes visible, if this subject names it.
fn made_visible(subject: &Subject, association: &str, catalog: &Catalog) -> Option<usize> {
    let SubjectKind::Person(person) = subject.kind else { return None };
    let name = catalog.resources[person].name();
    PEOPLE.iter().any(|rule| rule.resource == name && rule.associations.contains(&association)).then_some(person)
}

fn subject_of(resource: &Resource, name: &str, catalog: &Catalog) -> Subject {
    let person = PEOPLE
        .iter()
        .filter_map(|rule| catalog.by_name(rule.resource))
        .find(|person| person.model.identity.first().is_some_and(|part| part.name == name));
    let kind = person.map_or(SubjectKind::EducationOrganization, |person| SubjectKind::Person(person.index));
    let paths = resource.filters.get(&name.to_ascii_lowercase()).map(|filter| filter.paths.clone()).unwrap_or_default();
    Subject { name: name.to_owned(), kind, paths }
}
