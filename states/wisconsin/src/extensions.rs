//! What Wisconsin adds to resources under `_ext.wi`.

use std::ops::RangeInclusive;

use rollcall_core::extension::ExtensionTable;
use rollcall_core::model::{Class, Collection, Kind, Property, Reference};

/// The key under `_ext`. A server drops any other key without a word.
pub const KEY: &str = "wi";

/// The school years in which the extensions have these shapes. From Data Standard 5.0 on the standard has programs on
/// this resource itself; nothing says so far that the state moves there, so a later year needs a look at its documents
/// and a second table here.
pub const YEARS: RangeInclusive<i32> = 2023..=2026;

/// `studentSectionAssociations._ext.wi`: the document's JSON sample.
pub static STUDENT_SECTION_ASSOCIATION: ExtensionTable = ExtensionTable {
    key: KEY,
    resource: "studentSectionAssociations",
    years: YEARS,
    members: &[],
    nested: Some(programs),
};

/// `courseOfferings._ext.wi`.
pub static COURSE_OFFERING: ExtensionTable =
    ExtensionTable { key: KEY, resource: "courseOfferings", years: YEARS, members: &[], nested: Some(career_pathways) };

/// `programs[]` of `programReference`: a reference, so that a server resolves it.
fn programs() -> Class {
    let mut name = Property::new("programName", Kind::String);
    name.max_length = Some(60);
    let members = [
        Property::new("educationOrganizationId", Kind::Integer),
        name,
        descriptor("programTypeDescriptor", "ProgramTypeDescriptor"),
    ];
    let reference = Reference {
        name: "programReference".to_owned(),
        target: "programs".to_owned(),
        required: true,
        identity: true,
        properties: members.into_iter().map(flattened).collect(),
    };
    let key = reference.properties.iter().map(|member| format!("programReference.{}", member.name)).collect();
    let class = Class { references: vec![reference], ..Class::default() };
    collection("programs", "StudentSectionAssociationProgram", key, class)
}

/// `careerPathways[]` of `careerPathwayDescriptor`.
fn career_pathways() -> Class {
    let mut pathway = descriptor("careerPathwayDescriptor", "CareerPathwayDescriptor");
    (pathway.required, pathway.identity) = (true, true);
    let key = vec![pathway.name.clone()];
    let class = Class { properties: vec![pathway], ..Class::default() };
    collection("careerPathways", "CourseOfferingCareerPathway", key, class)
}

fn collection(name: &str, entity: &str, key: Vec<String>, class: Class) -> Class {
    let items = Collection { name: name.to_owned(), entity: entity.to_owned(), required: false, key, class };
    Class { collections: vec![items], ..Class::default() }
}

fn descriptor(name: &str, descriptor: &str) -> Property {
    let mut property = Property::new(name, Kind::Descriptor);
    property.descriptor = Some(descriptor.to_owned());
    property
}

fn flattened(mut property: Property) -> Property {
    property.flattened_as = Some(property.name.clone());
    property
}
