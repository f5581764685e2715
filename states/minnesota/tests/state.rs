//! Whose records are whose: the state's courses stand at the state education agency, the district's at the district.

mod common;

use common::{MINNESOTA, case_of};
use rollcall_minnesota::courses::Courses;
use serde_json::{Value, json};

/// The records that the state loads, of one resource.
fn seeded(resource: &str) -> Vec<Value> {
    let owned = case_of(&Courses).ask(|cx| (MINNESOTA.state.seed)(cx));
    let of_resource = owned.iter().filter(|owned| owned.resource == resource);
    of_resource.map(|owned| serde_json::from_slice(&owned.body.to_json()).unwrap()).collect()
}

/// "SEA Defined Courses": educationOrganizationId 999999000.
#[test]
fn the_states_courses_stand_at_the_state_education_agency() {
    let courses = seeded("courses");
    let codes: Vec<_> = courses.iter().map(|course| &course["courseCode"]).collect();
    assert_eq!(codes, ["02052", "05101"]);
    for course in &courses {
        assert_eq!(course["educationOrganizationReference"], json!({"educationOrganizationId": 999_999_000}));
        assert_eq!(course["courseDefinedByDescriptor"], "uri://education.mn.gov/CourseDefinedByDescriptor#SEA");
    }
}

#[test]
fn the_district_belongs_to_the_state_education_agency() {
    assert_eq!(seeded("stateEducationAgencies")[0]["stateEducationAgencyId"], 999_999_000);
    let district = &seeded("localEducationAgencies")[0];
    assert_eq!(district["stateEducationAgencyReference"], json!({"stateEducationAgencyId": 999_999_000}));
}

/// Courses are sent, and not loaded by the state: the district's own.
#[test]
fn what_the_state_loads_is_not_sent() {
    let state = MINNESOTA.state;
    let reports: Vec<_> = state.reports.iter().map(|reported| reported.resource).collect();
    assert!(reports.contains(&"courses"));
    assert!(state.state_owned.iter().all(|resource| !reports.contains(resource)));
}
