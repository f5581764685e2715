//! What Minnesota adds to resources under `_ext.mn`, after the MDE ODS extensions (`MetaEd` project MN) and, for
//! 2025-26, the members that its API takes from SIS vendors. Every member is optional there. Most are for early education or for
//! college courses and no rule fills them; they are declared so that a sandbox keeps them as the state's server does.

use std::ops::RangeInclusive;

use rollcall_core::extension::{ExtensionMember as Member, ExtensionTable, MemberKind as Kind};
use rollcall_core::model::{Class, Collection, Kind as Type, Property, Reference};

/// The key under `_ext` (docs/readings.md, MN extension key).
pub const KEY: &str = "mn";

/// The school years whose mapping matrices name version 6.2 of the ODS/API, that is Data Standard 4.0. An earlier year
/// is of Data Standard 3.3; a later one needs a look at its documents.
pub const YEARS: RangeInclusive<i32> = 2026..=2027;

/// `sessions._ext.mn`.
pub static SESSION: ExtensionTable = ExtensionTable {
    key: KEY,
    resource: "sessions",
    years: YEARS,
    members: &[Member::optional("daysInSession", Kind::Decimal(5, 2))],
    nested: None,
};

/// `courses._ext.mn`. `sequenceLimit` is gone: "we decided to remove the use of sequenceLimit and rely on
/// numberOfParts".
pub static COURSE: ExtensionTable = ExtensionTable {
    key: KEY,
    resource: "courses",
    years: YEARS,
    members: &[
        Member::optional("careerClusterDescriptor", Kind::Descriptor("CareerClusterDescriptor")),
        Member::optional(
            "earlyEducationCourseLocationDescriptor",
            Kind::Descriptor("EarlyEducationCourseLocationDescriptor"),
        ),
        Member::optional("standardAddressedDescriptor", Kind::Descriptor("StandardAddressedDescriptor")),
    ],
    nested: Some(course),
};

/// `courseOfferings._ext.mn`.
pub static COURSE_OFFERING: ExtensionTable =
    ExtensionTable { key: KEY, resource: "courseOfferings", years: YEARS, members: &[], nested: Some(course_offering) };

/// `sections._ext.mn`.
pub static SECTION: ExtensionTable = ExtensionTable {
    key: KEY,
    resource: "sections",
    years: YEARS,
    members: &[
        Member::optional(
            "instructionalDeliveryModeDescriptor",
            Kind::Descriptor("InstructionalDeliveryModeDescriptor"),
        ),
        Member::optional("instructionMinutesPerTerm", Kind::Integer),
    ],
    nested: None,
};

/// `studentSectionAssociations._ext.mn`.
pub static STUDENT_SECTION_ASSOCIATION: ExtensionTable = ExtensionTable {
    key: KEY,
    resource: "studentSectionAssociations",
    years: YEARS,
    members: &[Member::optional(
        "sectionEnrollmentTypeDescriptor",
        Kind::Descriptor("SectionEnrollmentTypeDescriptor"),
    )],
    nested: Some(student_section_association),
};

fn course() -> Class {
    let collections = vec![
        implemented("Course", "assessmentTools", "AssessmentTool"),
        implemented("Course", "curriculumUseds", "CurriculumUsed"),
        collection("levelTypes", "CourseLevelType", keyed("CourseLevelTypeDescriptor")),
        programs(),
    ];
    Class { collections, ..Class::default() }
}

fn course_offering() -> Class {
    Class { collections: approaches_and_initiatives("CourseOffering"), ..Class::default() }
}

fn student_section_association() -> Class {
    let mut code = Property::new("courseCode", Type::String);
    code.max_length = Some(60);
    let college_course = Reference {
        name: "collegeCourseReference".to_owned(),
        target: "courses".to_owned(),
        required: false,
        identity: false,
        properties: vec![code, Property::new("educationOrganizationId", Type::Integer)],
    };
    Class {
        references: vec![college_course],
        collections: approaches_and_initiatives("StudentSectionAssociation"),
        ..Class::default()
    }
}

fn approaches_and_initiatives(owner: &str) -> Vec<Collection> {
    vec![
        implemented(owner, "instructionalApproaches", "InstructionalApproach"),
        implemented(owner, "siteBasedInitiatives", "SiteBasedInitiative"),
    ]
}

/// What is implemented, and the status of its implementation.
fn implemented(owner: &str, name: &str, what: &str) -> Collection {
    let mut class = keyed(&format!("{what}Descriptor"));
    class.properties.push(descriptor("ImplementationStatusDescriptor"));
    collection(name, &format!("{owner}{what}"), class)
}

/// `programs[]` of `programReference`.
fn programs() -> Collection {
    let mut name = Property::new("programName", Type::String);
    name.max_length = Some(60);
    let mut properties =
        vec![Property::new("educationOrganizationId", Type::Integer), name, descriptor("ProgramTypeDescriptor")];
    for property in &mut properties {
        property.flattened_as = Some(property.name.clone());
    }
    let reference = Reference {
        name: "programReference".to_owned(),
        target: "programs".to_owned(),
        required: true,
        identity: true,
        properties,
    };
    let class = Class { references: vec![reference], ..Class::default() };
    collection("programs", "CourseProgram", class)
}

fn collection(name: &str, entity: &str, class: Class) -> Collection {
    let own = class.properties.iter().filter(|property| property.identity).map(|property| property.name.clone());
    let of_references = class.references.iter().flat_map(|reference| {
        reference.properties.iter().map(move |property| format!("{}.{}", reference.name, property.name))
    });
    let key = own.chain(of_references).collect();
    Collection { name: name.to_owned(), entity: entity.to_owned(), required: false, key, class }
}

/// An item whose key is one descriptor.
fn keyed(name: &str) -> Class {
    let mut property = descriptor(name);
    (property.required, property.identity) = (true, true);
    Class { properties: vec![property], ..Class::default() }
}

/// A member called as its descriptor, with a small first letter.
fn descriptor(name: &str) -> Property {
    let (first, rest) = name.split_at(1);
    let mut property = Property::new(format!("{}{rest}", first.to_lowercase()), Type::Descriptor);
    property.descriptor = Some(name.to_owned());
    property
}
