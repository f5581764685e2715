//! MCCC Certification Scenarios, Resource: Session.

mod common;

use common::{assert_element, case_of};
use rollcall_core::resource::Need;
use rollcall_minnesota::preferences::SESSION_NAME;
use rollcall_minnesota::sessions::{SPEC, Sessions};
use serde_json::json;

/// The sample "High Fall Session", with dates as ISO 8601 has them and numbers as numbers.
#[test]
fn a_session_is_the_samples() {
    assert_eq!(
        case_of(&Sessions).body("Term:1"),
        json!({
            "sessionName": "500001-Fall",
            "schoolReference": {"schoolId": 500_001},
            "schoolYearTypeReference": {"schoolYear": 2026},
            "beginDate": "2025-08-18",
            "endDate": "2025-12-19",
            "termDescriptor": "uri://education.mn.gov/TermDescriptor#First Semester",
            "totalInstructionalDays": 2,
            "_ext": {"mn": {"daysInSession": 2}}
        })
    );
}

/// "{schoolId}-Fall": the name is unique by school.
#[test]
fn element_session_name_has_the_schools_number() {
    let case = case_of(&Sessions);
    assert_eq!(case.at("Term:1", "/sessionName"), "500001-Fall");
    assert_eq!(case.at("Term:2", "/sessionName"), "500001-Spring");
    let elsewhere = case.clone().set("School:1.number", "500002");
    assert_eq!(elsewhere.at("Term:1", "/sessionName"), "500002-Fall");
    assert_eq!(case.option(&SESSION_NAME, "{session.name}").at("Term:1", "/sessionName"), "Fall");
    assert_element(&SPEC, "sessionName", Need::M, true, &[]);
}

/// `DaysInSession` and `TotalInstructionalDays`: one number in every sample.
#[test]
fn element_days_in_session_is_the_instructional_days() {
    let more =
        [("dayID", "6"), ("calendarID", "1"), ("structureID", "1"), ("date", "2025-09-02"), ("instruction", "1")];
    let case = case_of(&Sessions).with("Day", &[&more[..], &[("schoolDay", "1")]].concat());
    assert_eq!(case.at("Term:1", "/totalInstructionalDays"), 3);
    assert_eq!(case.at("Term:1", "/_ext/mn/daysInSession"), 3);
    assert_element(&SPEC, "_ext.mn.daysInSession", Need::M, false, &[]);
}

/// The natural key: session name, school, school year.
#[test]
fn element_references() {
    assert_element(&SPEC, "schoolReference", Need::M, true, &[]);
    assert_element(&SPEC, "schoolYearTypeReference", Need::M, true, &[]);
    assert_element(&SPEC, "termDescriptor", Need::M, false, &[]);
}

#[test]
fn a_term_without_a_mapping_makes_no_session() {
    assert_eq!(case_of(&Sessions).set("Term:1.termType", "Winter").excluded("Term:1"), "term-unmapped Term:1");
}
