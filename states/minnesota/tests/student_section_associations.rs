//! MCCC Certification Scenarios, Resource: `StudentSectionAssociation`, and Section Enrollment Type Descriptor for MCCC.

mod common;

use common::{assert_element, case_of};
use rollcall_core::resource::Need;
use rollcall_minnesota::student_section_associations::{SPEC, StudentSectionAssociations};
use serde_json::{Value, json};

const MEMBER: &str = "/_ext/mn/sectionEnrollmentTypeDescriptor";

/// The section enrollment type of a course of some delivery type.
fn enrollment_type(delivery: &str) -> Value {
    case_of(&StudentSectionAssociations).set("Course:1.deliveryType", delivery).at("Roster:1-1", MEMBER)
}

/// The sample "Student Association for Section1".
#[test]
fn an_association_is_the_samples() {
    assert_eq!(
        case_of(&StudentSectionAssociations).body("Roster:3-1"),
        json!({
            "beginDate": "2025-09-02",
            "sectionReference": {
                "localCourseCode": "500-ALG1",
                "schoolId": 500_001,
                "schoolYear": 2026,
                "sessionName": "500001-Fall",
                "sectionIdentifier": "01"
            },
            "studentReference": {"studentUniqueId": "7002"},
            "endDate": "2025-12-19",
            "_ext": {
                "mn": {"sectionEnrollmentTypeDescriptor": "uri://education.mn.gov/SectionEnrollmentTypeDescriptor#SC"}
            }
        })
    );
}

/// MCCC code 1, `ScheduledStudentRecord`: every course that is mapped to nothing else.
#[test]
fn section_enrollment_type_sc_is_scheduled() {
    let scheduled = "uri://education.mn.gov/SectionEnrollmentTypeDescriptor#SC";
    assert_eq!(enrollment_type("G"), scheduled, "a delivery type without a mapping");
    assert_eq!(enrollment_type("-"), scheduled, "no delivery type");
}

/// MCCC code 2, `ProjectStudentRecord`: for a PBL course "the `SectionEnrollmentTypeDescriptor` must be PB".
#[test]
fn section_enrollment_type_pb_is_project_based() {
    assert_eq!(enrollment_type("P"), "uri://education.mn.gov/SectionEnrollmentTypeDescriptor#PB");
}

/// MCCC code 3, `IndependentStudyStudentRecord`: for an IS course "the `SectionEnrollmentTypeDescriptor` must be AI".
#[test]
fn section_enrollment_type_ai_is_independent_study() {
    assert_eq!(enrollment_type("V"), "uri://education.mn.gov/SectionEnrollmentTypeDescriptor#AI");
}

/// MCCC code 4, `DirectPayStudentRecord`.
#[test]
fn section_enrollment_type_dp_is_direct_pay_pseo() {
    assert_eq!(enrollment_type("D"), "uri://education.mn.gov/SectionEnrollmentTypeDescriptor#DP");
}

#[test]
fn element_section_enrollment_type_is_mandatory() {
    assert_element(&SPEC, "_ext.mn.sectionEnrollmentTypeDescriptor", Need::M, false, &[]);
}

/// "College Course Reference (only applicable to Direct Pay PSEO)", "Early Education fields": no columns.
#[test]
fn element_college_course_reference_and_early_education_do_not_report() {
    let body = case_of(&StudentSectionAssociations).at("Roster:1-1", "/_ext/mn");
    assert_eq!(body.as_object().map(serde_json::Map::len), Some(1));
    for name in ["_ext.mn.collegeCourseReference", "_ext.mn.instructionalApproaches", "_ext.mn.siteBasedInitiatives"] {
        assert_element(&SPEC, name, Need::NotReported, false, &[]);
    }
}

/// The members that MDE takes from SIS vendors.
#[test]
fn element_homeroom_indicator_does_not_report() {
    let case = case_of(&StudentSectionAssociations).set("Course:1.homeroom", "1");
    assert_eq!(case.at("Roster:1-1", "/homeroomIndicator"), Value::Null);
    assert_element(&SPEC, "homeroomIndicator", Need::NotReported, false, &[]);
}

#[test]
fn a_roster_has_a_record_for_each_session() {
    assert_eq!(
        case_of(&StudentSectionAssociations).reporting(),
        ["Roster:1-1", "Roster:2-1", "Roster:2-2", "Roster:3-1"]
    );
}
