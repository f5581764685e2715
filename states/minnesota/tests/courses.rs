//! MCCC Certification Scenarios, Resource: Course.

mod common;

use common::{assert_element, case_of};
use rollcall_core::resource::Need;
use rollcall_minnesota::course_offerings::CourseOfferings;
use rollcall_minnesota::courses::{Courses, SPEC};
use serde_json::{Value, json};

/// Scenario 1, District Courses.
#[test]
fn a_course_is_the_districts() {
    assert_eq!(
        case_of(&Courses).body("Course:1"),
        json!({
            "courseCode": "ALG1",
            "educationOrganizationReference": {"educationOrganizationId": 500},
            "courseTitle": "Algebra",
            "numberOfParts": 1,
            "identificationCodes": [{
                "courseIdentificationSystemDescriptor":
                    "uri://ed-fi.org/CourseIdentificationSystemDescriptor#LEA course code",
                "identificationCode": "ALG1"
            }],
            "courseDefinedByDescriptor": "uri://education.mn.gov/CourseDefinedByDescriptor#LEA"
        })
    );
}

/// "Course Code (this can be defined or created using a local pattern but must be unique across the LEA)".
#[test]
fn element_course_code_is_what_offerings_refer_to() {
    let case = case_of(&Courses);
    let course = case.at("Course:1", "/courseCode");
    let offering = case.about(&CourseOfferings);
    assert_eq!(offering.at("Section:1-1", "/courseReference/courseCode"), course);
    assert_element(&SPEC, "courseCode", Need::M, true, &[]);
}

/// "`CourseDefinedByDescriptorId` = LEA".
#[test]
fn element_course_defined_by_is_lea() {
    let defined_by = case_of(&Courses).at("Course:2", "/courseDefinedByDescriptor");
    assert_eq!(defined_by, "uri://education.mn.gov/CourseDefinedByDescriptor#LEA");
    assert_element(&SPEC, "courseDefinedByDescriptor", Need::M, false, &[]);
}

/// "MDE prefers that vendors specifically do NOT include this element".
#[test]
fn element_offered_grade_levels_does_not_report() {
    assert_eq!(case_of(&Courses).at("Course:1", "/offeredGradeLevels"), Value::Null);
    assert_element(&SPEC, "offeredGradeLevels", Need::NotReported, false, &[]);
}

#[test]
fn an_inactive_course_does_not_report() {
    assert_eq!(case_of(&Courses).set("Course:1.active", "0").excluded("Course:1"), "course-inactive Course:1");
}
