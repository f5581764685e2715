//! To which domain of the servers' security metadata a resource belongs: claim sets grant domains.

use super::role::Role;
use super::{EDUCATION_ORGANIZATION, Resource};

/// A domain of resource claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Domain {
    /// School years.
    Types,
    /// Descriptors that the state's own staff maintain.
    SystemDescriptors,
    /// Descriptors that vendors may add to.
    ManagedDescriptors,
    Schools,
    LocalEducationAgencies,
    /// All other education organizations.
    EducationOrganizations,
    People,
    /// Associations that make a person visible.
    PrimaryRelationships,
    AssessmentMetadata,
    EducationStandards,
    EducationContent,
    Surveys,
    /// Resources based on relationships that are loaded before the school year, too.
    Bootstrapped,
    RelationshipBasedData,
}

/// Descriptors that vendors may add to, as Data Standard 4.0's claim sets have them.
const MANAGED: &[&str] = &[
    "AccommodationDescriptor",
    "AssessmentPeriodDescriptor",
    "AssessmentReportingMethodDescriptor",
    "PerformanceLevelDescriptor",
];

/// What the bootstrap claim set creates besides descriptors and education organizations.
const BOOTSTRAPPED: &[&str] = &["courses", "programs", "classPeriods", "locations", "calendars", "calendarDates"];

impl Domain {
    /// The domain of a resource, by its role and the tables of this module.
    pub(super) fn of(resource: &Resource, role: Role) -> Self {
        if let Some(descriptor) = &resource.descriptor {
            let managed = MANAGED.contains(&descriptor.as_str());
            return if managed { Self::ManagedDescriptors } else { Self::SystemDescriptors };
        }
        let (name, entity) = (resource.name(), resource.model.entity.as_str());
        if resource.model.base.as_deref() == Some(EDUCATION_ORGANIZATION) {
            return match entity {
                "School" => Self::Schools,
                "LocalEducationAgency" => Self::LocalEducationAgencies,
                _ => Self::EducationOrganizations,
            };
        }
        match role {
            Role::System => Self::Types,
            Role::Person(_) => Self::People,
            Role::Primary => Self::PrimaryRelationships,
            _ if entity.starts_with("Survey") => Self::Surveys,
            Role::Namespace if entity.contains("ssessment") => Self::AssessmentMetadata,
            Role::Namespace if entity.starts_with("EducationContent") => Self::EducationContent,
            _ if entity.starts_with("Learning") || name == "credentials" => Self::EducationStandards,
            _ if BOOTSTRAPPED.contains(&name) => Self::Bootstrapped,
            _ => Self::RelationshipBasedData,
        }
    }

    /// Its name in claims.
    pub(crate) fn claim(self) -> &'static str {
        match self {
            Self::Types => "edFiTypes",
            Self::SystemDescriptors => "systemDescriptors",
            Self::ManagedDescriptors => "managedDescriptors",
            Self::Schools | Self::LocalEducationAgencies | Self::EducationOrganizations => "educationOrganizations",
            Self::People => "people",
            Self::PrimaryRelationships => "primaryRelationships",
            Self::AssessmentMetadata => "assessmentMetadata",
            Self::EducationStandards => "educationStandards",
            Self::EducationContent => "educationContent",
            Self::Surveys => "surveyDomain",
            Self::Bootstrapped | Self::RelationshipBasedData => "relationshipBasedData",
        }
    }

    /// All of them.
    pub(crate) const ALL: [Self; 14] = [
        Self::Types,
        Self::SystemDescriptors,
        Self::ManagedDescriptors,
        Self::Schools,
        Self::LocalEducationAgencies,
        Self::EducationOrganizations,
        Self::People,
        Self::PrimaryRelationships,
        Self::AssessmentMetadata,
        Self::EducationStandards,
        Self::EducationContent,
        Self::Surveys,
        Self::Bootstrapped,
        Self::RelationshipBasedData,
    ];
}
