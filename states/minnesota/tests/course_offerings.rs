//! MCCC Certification Scenarios, Resource: `CourseOffering`.

mod common;

use common::{assert_element, case_of};
use rollcall_core::resource::Need;
use rollcall_minnesota::course_offerings::{CourseOfferings, SPEC};
use rollcall_minnesota::preferences::LOCAL_COURSE_CODE;
use serde_json::{Value, json};

/// The first sample.
#[test]
fn an_offering_is_the_samples() {
    assert_eq!(
        case_of(&CourseOfferings).body("Section:1-1"),
        json!({
            "localCourseCode": "500-ALG1",
            "courseReference": {"courseCode": "ALG1", "educationOrganizationId": 500},
            "schoolReference": {"schoolId": 500_001},
            "sessionReference": {"schoolId": 500_001, "schoolYear": 2026, "sessionName": "500001-Fall"}
        })
    );
}

/// The samples: "{districtid}-…".
#[test]
fn element_local_course_code_has_the_districts_number() {
    let case = case_of(&CourseOfferings);
    assert_eq!(case.at("Section:2-2", "/localCourseCode"), "500-BAND");
    let plain = case.option(&LOCAL_COURSE_CODE, "{course.number}");
    assert_eq!(plain.at("Section:2-2", "/localCourseCode"), "BAND");
    assert_element(&SPEC, "localCourseCode", Need::M, true, &[]);
}

/// "reference to district course": no state course is needed for it.
#[test]
fn element_course_reference_is_the_districts_own_course() {
    let case = case_of(&CourseOfferings).set("Course:1.stateCode", "-");
    let reference = json!({"courseCode": "ALG1", "educationOrganizationId": 500});
    assert_eq!(case.at("Section:1-1", "/courseReference"), reference);
}

/// School year, school and session name.
#[test]
fn element_session_reference_has_the_sessions_name() {
    let session = case_of(&CourseOfferings).at("Section:2-2", "/sessionReference/sessionName");
    assert_eq!(session, "500001-Spring");
}

/// "MDE prefers that vendors specifically do NOT include this element".
#[test]
fn element_offered_grade_levels_does_not_report() {
    let case = case_of(&CourseOfferings).set("Course:1.grade", "09");
    assert_eq!(case.at("Section:1-1", "/offeredGradeLevels"), Value::Null);
    assert_element(&SPEC, "offeredGradeLevels", Need::NotReported, false, &[]);
}

/// The members that MDE takes from SIS vendors.
#[test]
fn element_local_course_title_does_not_report() {
    assert_eq!(case_of(&CourseOfferings).at("Section:1-1", "/localCourseTitle"), Value::Null);
    assert_element(&SPEC, "localCourseTitle", Need::NotReported, false, &[]);
}

/// Scenario 4, early education: no columns.
#[test]
fn element_instructional_approaches_and_site_based_initiatives_do_not_report() {
    assert_eq!(case_of(&CourseOfferings).at("Section:1-1", "/_ext"), Value::Null);
    assert_element(&SPEC, "_ext.mn.instructionalApproaches", Need::NotReported, false, &[]);
    assert_element(&SPEC, "_ext.mn.siteBasedInitiatives", Need::NotReported, false, &[]);
}

#[test]
fn a_course_has_an_offering_for_each_session() {
    assert_eq!(case_of(&CourseOfferings).reporting(), ["Section:1-1", "Section:2-1", "Section:2-2"]);
}
