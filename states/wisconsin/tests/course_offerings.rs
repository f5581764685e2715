//! Wisconsin's course offerings and sections.

mod common;

use common::case_of;
use rollcall_core_edfi::sessions::Sessions;
use rollcall_wisconsin::course_offerings::CourseOfferings;
use rollcall_wisconsin::sections::Sections;
use serde_json::{Value, json};

#[test]
fn an_offering_refers_to_the_states_course_at_the_districts_id() {
    let case = case_of(&CourseOfferings);
    assert_eq!(
        case.body("Section:1-1"),
        json!({
            "localCourseCode": "ALG1",
            "courseReference": {"courseCode": "02052", "educationOrganizationId": 500},
            "schoolReference": {"schoolId": 500_001},
            "sessionReference": {"schoolId": 500_001, "schoolYear": 2026, "sessionName": "Fall Semester"},
            "localCourseTitle": "Algebra"
        })
    );
    assert_eq!(case.set("Course:1.stateCode", "-").excluded("Section:1-1"), "no-state-code Course:1");
}

/// "A course taught in two semesters = two offerings; an annual one = one."
#[test]
fn a_course_has_an_offering_for_each_session() {
    assert_eq!(case_of(&CourseOfferings).reporting(), ["Section:1-1", "Section:2-1", "Section:2-2"]);
}

#[test]
fn a_mapped_college_career_type_is_the_career_pathway() {
    let career = case_of(&CourseOfferings).set("Course:1.collegeCareerType", "C");
    assert_eq!(
        career.at("Section:1-1", "/_ext"),
        json!({"wi": {"careerPathways": [{"careerPathwayDescriptor": "uri://dpi.wi.gov/CareerPathwayDescriptor#4"}]}})
    );
    let plain = case_of(&CourseOfferings);
    assert_eq!(plain.at("Section:1-1", "/_ext"), Value::Null);
}

#[test]
fn a_section_has_its_medium_of_instruction_and_sequence() {
    let case = case_of(&Sections);
    assert_eq!(
        case.body("Section:2-2"),
        json!({
            "sectionIdentifier": "07",
            "courseOfferingReference":
                {"localCourseCode": "BAND", "schoolId": 500_001, "schoolYear": 2026, "sessionName": "Spring Semester"},
            "mediumOfInstructionDescriptor": "uri://dpi.wi.gov/MediumOfInstructionDescriptor#F2F",
            "sequenceOfCourse": 1
        })
    );
    assert_eq!(case.clone().set("Course:2.sequence", "2").at("Section:2-2", "/sequenceOfCourse"), 2);
    let distance = case.clone().set("Course:2.deliveryType", "V");
    let medium = "uri://dpi.wi.gov/MediumOfInstructionDescriptor#Dist";
    assert_eq!(distance.at("Section:2-2", "/mediumOfInstructionDescriptor"), medium);
    // A guess would call a virtual course face to face.
    let unmapped = case.set("Course:2.deliveryType", "?");
    assert_eq!(unmapped.defect("Section:2-2").element, "mediumOfInstructionDescriptor");
}

/// An annual session in the state's own namespace; others in the standard's.
#[test]
fn sessions_take_the_states_term_descriptor() {
    let case = case_of(&Sessions).set("Term:1.termType", "Annual");
    assert_eq!(case.at("Term:1", "/termDescriptor"), "uri://dpi.wi.gov/TermDescriptor#A");
    assert_eq!(case.at("Term:2", "/termDescriptor"), "uri://ed-fi.org/TermDescriptor#Spring Semester");
}
