//! What the MDE ODS extensions have under `_ext.mn`: declared whole, also where no rule fills it.

mod common;

use common::{MINNESOTA, violations};
use rollcall_core::value::{Object, Value};

/// The members of a resource's extension, sorted.
fn members(resource: &str) -> Vec<String> {
    let extensions = MINNESOTA.extensions_of(resource, 2026);
    let [(key, class)] = &extensions[..] else { panic!("{} extensions", extensions.len()) };
    assert_eq!(*key, "mn");
    let properties = class.properties.iter().map(|property| property.name.clone());
    let references = class.references.iter().map(|reference| reference.name.clone());
    let collections = class.collections.iter().map(|collection| collection.name.clone());
    let mut members: Vec<_> = properties.chain(references).chain(collections).collect();
    members.sort_unstable();
    members
}

#[test]
fn student_section_associations_have_their_members() {
    assert_eq!(
        members("studentSectionAssociations"),
        [
            "collegeCourseReference",
            "instructionalApproaches",
            "sectionEnrollmentTypeDescriptor",
            "siteBasedInitiatives"
        ]
    );
}

#[test]
fn course_offerings_have_their_members() {
    assert_eq!(members("courseOfferings"), ["instructionalApproaches", "siteBasedInitiatives"]);
}

#[test]
fn sections_have_their_members() {
    assert_eq!(members("sections"), ["instructionMinutesPerTerm", "instructionalDeliveryModeDescriptor"]);
}

#[test]
fn sessions_have_their_members() {
    assert_eq!(members("sessions"), ["daysInSession"]);
}

#[test]
fn courses_have_their_members() {
    assert_eq!(
        members("courses"),
        [
            "assessmentTools",
            "careerClusterDescriptor",
            "curriculumUseds",
            "earlyEducationCourseLocationDescriptor",
            "levelTypes",
            "programs",
            "standardAddressedDescriptor"
        ]
    );
}

/// A reference to a college's course passes the check in its place, and nowhere else.
#[test]
fn a_college_course_reference_has_its_shape() {
    let college = || Object::new().with("courseCode", "500-ECO 101").with("educationOrganizationId", 210_016_000_i64);
    let of = |extension: Object<'static>| {
        let extension = Object::new().with("mn", extension);
        let body = Object::new().with("_ext", extension);
        let found = violations(&MINNESOTA, "studentSectionAssociations", &[2026], &body);
        found.into_iter().filter(|violation| violation.contains("_ext")).collect::<Vec<_>>()
    };
    assert_eq!(of(Object::new().with("collegeCourseReference", college())), Vec::<String>::new());
    let listed = Value::Array(vec![Value::Object(college())]);
    assert_eq!(of(Object::new().with("collegeCourseReference", listed)).len(), 1);
}
