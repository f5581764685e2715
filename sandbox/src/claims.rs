//! Claim sets: which API client may do what with which resources, before anything is asked about single records.
//!
//! The sets are those that the servers ship (Data Standard 4.0), by the domains of their security metadata, and two of our
//! own: one that may do everything, and one that may read.

use crate::catalog::Domain;
use crate::security::Action;

/// What an API client may do (its claim set).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everything, with no further authorization.
    Full,
    /// A student information system's: education organizations, school years and most descriptors to read; all else but
    /// surveys to read and write, within the relationships of its education organizations.
    SisVendor,
    /// As [`Access::SisVendor`], and schools to write and local education agencies to update.
    DistrictHostedSisVendor,
    /// All domains to read and write, within relationships and namespaces.
    EdFiSandbox,
    /// Creates descriptors, education organizations, courses, programs and the like, with no further authorization, and
    /// does nothing else.
    Bootstrap,
    /// As [`Access::SisVendor`], but nothing to write.
    ReadOnly,
}

impl Access {
    /// The claim sets by the names that a configuration gives them.
    pub const CLAIM_SETS: [(&'static str, Self); 6] = [
        ("full", Self::Full),
        ("sis-vendor", Self::SisVendor),
        ("district-hosted-sis-vendor", Self::DistrictHostedSisVendor),
        ("ed-fi-sandbox", Self::EdFiSandbox),
        ("bootstrap", Self::Bootstrap),
        ("read-only", Self::ReadOnly),
    ];

    /// The claim set of a name.
    pub fn of_claim_set(name: &str) -> Option<Self> {
        Self::CLAIM_SETS.iter().find(|(known, _)| *known == name).map(|(_, access)| *access)
    }

    /// The name that a configuration gives it.
    pub(crate) fn claim_set(self) -> &'static str {
        Self::CLAIM_SETS.iter().find(|(_, access)| *access == self).map_or("", |(name, _)| name)
    }

    /// The name that the servers' messages use.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Full => "Rollcall Full",
            Self::SisVendor => "SIS Vendor",
            Self::DistrictHostedSisVendor => "District Hosted SIS Vendor",
            Self::EdFiSandbox => "Ed-Fi Sandbox",
            Self::Bootstrap => "Bootstrap Descriptors and EdOrgs",
            Self::ReadOnly => "Rollcall Read Only",
        }
    }

    /// The actions that the set grants in a domain; none: it holds no claim on it.
    pub(crate) fn actions(self, domain: Domain) -> &'static [Action] {
        use Action::{Create, Delete, Read, ReadChanges, Update};
        const READ: &[Action] = &[Read, ReadChanges];
        const ALL: &[Action] = &[Create, Read, Update, Delete, ReadChanges];
        match (self, domain) {
            (
                Self::Bootstrap,
                Domain::SystemDescriptors
                | Domain::ManagedDescriptors
                | Domain::Bootstrapped
                | Domain::Schools
                | Domain::LocalEducationAgencies
                | Domain::EducationOrganizations,
            ) => &[Create],
            (Self::Bootstrap, _)
            | (Self::SisVendor | Self::DistrictHostedSisVendor | Self::ReadOnly, Domain::Surveys) => &[],
            (Self::Full, _) => ALL,
            (Self::ReadOnly, _) | (_, Domain::Types) => READ,
            (Self::EdFiSandbox, _) | (Self::DistrictHostedSisVendor, Domain::Schools) => ALL,
            (Self::DistrictHostedSisVendor, Domain::LocalEducationAgencies) => &[Read, Update, ReadChanges],
            (
                _,
                Domain::SystemDescriptors
                | Domain::Schools
                | Domain::LocalEducationAgencies
                | Domain::EducationOrganizations,
            ) => READ,
            _ => ALL,
        }
    }

    /// Whether single records need no further authorization.
    pub(crate) fn is_unrestricted(self) -> bool {
        matches!(self, Self::Full | Self::Bootstrap)
    }
}
