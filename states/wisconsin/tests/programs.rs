//! `WI DPI WISEdata Ed-Fi Docs: /studentSectionAssociation`, use cases 7.0 to 9.0: the programs.

mod common;

use common::{Case, WISCONSIN, case_of};
use rollcall_wisconsin::sections::Sections;
use rollcall_wisconsin::student_section_associations::StudentSectionAssociations;
use serde_json::{Value, json};

fn case() -> Case {
    case_of(&StudentSectionAssociations)
}

fn program(name: &str, kind: &str) -> Value {
    let kind = format!("uri://dpi.wi.gov/ProgramTypeDescriptor#{kind}");
    json!({"programReference": {"educationOrganizationId": 500, "programName": name, "programTypeDescriptor": kind}})
}

/// Two records, told apart by their begin dates, and both with the programs, whichever roster has them.
#[test]
fn use_case_7_0_student_in_multiple_sections_participating_in_a_ce_program() {
    let case = case()
        .in_year(2025)
        .set("Roster:1.endDate", "2024-09-20")
        .with_roster("4", "1", "1", "2024-10-10", "-")
        .with_roster_program("1", "1", "Youth Apprenticeship", "WBL");
    for case in [case.clone(), case.with_roster_program("2", "4", "Youth Apprenticeship", "WBL")] {
        assert_eq!(case.at("Roster:1-1", "/beginDate"), "2024-08-18");
        assert_eq!(case.at("Roster:4-1", "/beginDate"), "2024-10-10");
        for object in ["Roster:1-1", "Roster:4-1"] {
            assert_eq!(case.at(object, "/_ext/wi/programs"), json!([program("Youth Apprenticeship", "WBL")]));
        }
    }
}

#[test]
fn use_case_8_0_dual_enrollment_certified_or_non_certified_up_to_2023_24() {
    for year in [2023, 2024] {
        let case = case()
            .in_year(year)
            .with_roster_program("1", "1", "Dual", "Dual")
            .with_roster_program("2", "1", "Co-op", "Certified")
            .with_roster_program("3", "1", "Mentorship", "Non Certified");
        let expected = [program("Dual", "Dual"), program("Co-op", "Certified"), program("Mentorship", "Non Certified")];
        assert_eq!(case.at("Roster:1-1", "/_ext/wi/programs"), json!(expected));
        // "send the student participation in a student-level … and not on /sections"
        assert_eq!(case.about(&Sections).at("Section:1-1", "/programs"), Value::Null);
        // Ben is in the same section, and in no program.
        assert_eq!(case.set("Roster:3.attemptStatus", "S").at("Roster:3-1", "/_ext"), Value::Null);
    }
    let later = case().in_year(2025).with_roster_program("1", "1", "Co-op", "Certified");
    assert_eq!(later.at("Roster:1-1", "/_ext"), Value::Null);
    let omitted = "_ext.wi.programs: \"Certified\" is no program type of the school year 2025";
    assert_eq!(later.omissions("Roster:1-1"), [omitted]);
}

#[test]
fn use_case_9_0_dual_enrollment_work_based_learning_or_irc_from_2023_24() {
    for year in [2024, 2025, 2026] {
        let case = case()
            .in_year(year)
            .with_roster_program("1", "1", "Dual", "Dual")
            .with_roster_program("2", "1", "Apprenticeship", "WBL")
            .with_roster_program("3", "1", "Not State Approved", "IRC");
        let expected =
            [program("Dual", "Dual"), program("Apprenticeship", "WBL"), program("Not State Approved", "IRC")];
        assert_eq!(case.at("Roster:1-1", "/_ext/wi/programs"), json!(expected));
        assert_eq!(case.about(&Sections).at("Section:1-1", "/programs"), Value::Null);
    }
    let earlier = case().in_year(2023).with_roster_program("1", "1", "Apprenticeship", "WBL");
    assert_eq!(earlier.at("Roster:1-1", "/_ext"), Value::Null);
    assert_eq!(earlier.omissions("Roster:1-1").len(), 1);
}

/// The extension's reference is one: a server resolves it, and a plan orders by it.
#[test]
fn the_programs_are_references_to_programs() {
    let extensions = WISCONSIN.extensions_of("studentSectionAssociations", 2026);
    let [(key, class)] = &extensions[..] else { panic!("{} extensions", extensions.len()) };
    let reference = class.collection("programs").unwrap().class.reference("programReference").unwrap();
    assert_eq!((*key, reference.target.as_str()), ("wi", "programs"));
}
