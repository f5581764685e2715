//! Connection profiles and Choice schools' silence, and the records that the state loads itself.

mod common;

use common::{Case, REGISTRY, WISCONSIN, case_of};
use rollcall_core::config::Config;
use rollcall_wisconsin::student_section_associations::StudentSectionAssociations;
use serde_json::{Value, json};

/// The resources that a connection sends, with the profile line of its configuration.
fn sent(profile: &str) -> Vec<&'static str> {
    let text =
        format!("state = \"wi\"\nschool-years = [2026]\n{profile}\n[connection]\nurl = \"https://ods.example.org\"\n");
    let (config, findings) = Config::read(&text, "rollcall.toml", &REGISTRY);
    assert_eq!(findings, []);
    let config = config.unwrap();
    let names = config.state.resources.iter().map(|resource| resource.spec().name);
    names.filter(|name| config.preferences.is_on(name)).collect()
}

/// The records that the state loads, of one resource.
fn seeded(case: &Case, resource: &str) -> Vec<Value> {
    let owned = case.ask(|cx| (WISCONSIN.state.seed)(cx));
    let of_resource = owned.iter().filter(|owned| owned.resource == resource);
    of_resource.map(|owned| serde_json::from_slice(&owned.body.to_json()).unwrap()).collect()
}

const ALL: [&str; 6] =
    ["courseOfferings", "sections", "sessions", "studentSchoolAssociations", "studentSectionAssociations", "students"];

#[test]
fn public_schools_send_everything() {
    assert_eq!(sent("profile = \"public\""), ALL);
    assert_eq!(sent(""), ALL, "the profile of a configuration that names none");
}

/// "This endpoint is NOT expected from Choice schools."
#[test]
fn choice_profiles_do_not_send_it() {
    for profile in ["choice-opt-in", "choice-only"] {
        let sent = sent(&format!("profile = \"{profile}\""));
        assert_eq!(sent, ["sessions", "studentSchoolAssociations", "students"]);
    }
}

#[test]
fn the_profiles_have_their_names() {
    let names: Vec<_> = WISCONSIN.state.profiles.iter().map(|profile| profile.name).collect();
    assert_eq!(names, ["Public", "Choice + Opt in", "Choice Only"]);
}

#[test]
fn the_states_own_resources_are_not_sent() {
    let state = WISCONSIN.state;
    assert!(["schools", "localEducationAgencies", "courses", "staffs", "programs"].iter().all(|resource| {
        state.state_owned.contains(resource) && state.reports.iter().all(|reported| reported.resource != *resource)
    }));
}

#[test]
fn the_states_courses_are_the_districts_by_its_id() {
    let courses = seeded(&case_of(&StudentSectionAssociations), "courses");
    let codes: Vec<_> = courses.iter().map(|course| &course["courseCode"]).collect();
    assert_eq!(codes, ["02052", "05101"]);
    assert!(
        courses
            .iter()
            .all(|course| course["educationOrganizationReference"] == json!({"educationOrganizationId": 500}))
    );
}

#[test]
fn the_states_programs_are_those_that_rosters_name() {
    let case = case_of(&StudentSectionAssociations)
        .with_roster_program("1", "1", "Youth Apprenticeship", "WBL")
        .with_roster_program("2", "2", "Youth Apprenticeship", "WBL")
        .with_roster_program("3", "2", "Co-op", "Certified");
    let programs = seeded(&case, "programs");
    assert_eq!(
        programs,
        [json!({
            "educationOrganizationReference": {"educationOrganizationId": 500},
            "programName": "Youth Apprenticeship",
            "programTypeDescriptor": "uri://dpi.wi.gov/ProgramTypeDescriptor#WBL"
        })]
    );
}
