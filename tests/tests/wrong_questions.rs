//! Questions that cannot be answered as they are put: what the program says, and that it ends with the code of a wrong
//! command line.
#![cfg(feature = "kansas")]

use rollcall_tests::place::Place;
use rollcall_tests::program::SandboxProcess;
use rollcall_tests::tiny;

/// An address at which nothing has to answer.
const NOWHERE: &str = "http://127.0.0.1:1";

/// Runs a command; it has to end with code 2 and say all of this.
fn refused(place: &Place, command: &[&str], says: &[&str]) {
    let ended = place.run(command);
    ended.expect(2);
    for part in says {
        assert!(ended.stderr.contains(part), "{command:?} does not say \"{part}\":\n{}", ended.stderr);
    }
}

/// A sync is about everything: its plan cannot be limited.
#[test]
fn a_plan_is_limited_only_with_resync() {
    let place = tiny::place(NOWHERE);
    for limit in [
        &["--resource", "sections"][..],
        &["--school", "990001"],
        &["--person", "Person:901"],
        &["--resource", "sections", "--key", "Section:71"],
    ] {
        refused(&place, &[&["plan"], limit].concat(), &["--resync"]);
        place.run(&[&["plan", "--resync"], limit].concat()).expect(0);
    }
}

/// A resync of nothing would look done.
#[test]
fn a_part_that_no_natural_key_has() {
    let place = tiny::place(NOWHERE);
    let says = ["the natural key of sections has no part \"schoolID\"", "did you mean schoolId?", "sectionIdentifier"];
    for command in [
        &["resync", "--resource", "sections", "--key", "schoolID=990001"][..],
        &["plan", "--resync", "--resource", "sections", "--key", "sessionName=S1&schoolID=990001"],
        &["delete", "sections", "schoolID=990001"],
        &["explain", "sections", "schoolID=990001"],
    ] {
        refused(&place, command, &says);
    }
    place.run(&["explain", "sections", "schoolId=990001"]).expect(0);
}

/// What was typed may be a student's: it is told which part is meant and what it looks like, and not what was typed.
#[test]
fn a_value_that_a_part_of_a_natural_key_cannot_have() {
    const ASSOCIATIONS: &str = "studentSectionAssociations";
    let place = tiny::place(NOWHERE);
    for (resource, key, typed, says) in [
        ("sections", "schoolId=abc604", "abc604", &["such a schoolId", "schoolId is a whole number"][..]),
        ("sections", "schoolId=0990604", "0990604", &["schoolId is a whole number"]),
        ("sections", "schoolId=", "schoolId=", &["schoolId is a whole number"]),
        (ASSOCIATIONS, "beginDate=2025-02-30", "2025-02-30", &["beginDate is a date, yyyy-MM-dd"]),
        (ASSOCIATIONS, "beginDate=08/14/2025", "08/14/2025", &["beginDate is a date, yyyy-MM-dd"]),
        (ASSOCIATIONS, "beginDate=2025-8-14", "2025-8-14", &["beginDate is a date, yyyy-MM-dd"]),
        (
            ASSOCIATIONS,
            "studentUniqueId=4000000901400000090140000009014000000901",
            "4000000901",
            &["studentUniqueId is a text of 1 to 32 characters"],
        ),
        (ASSOCIATIONS, "schoolYear=25-26&beginDate=x604", "25-26", &["schoolYear, or such a beginDate"]),
    ] {
        for command in [
            &["resync", "--resource", resource, "--key", key][..],
            &["plan", "--resync", "--resource", resource, "--key", key],
            &["delete", resource, key],
            &["explain", resource, key],
        ] {
            refused(&place, command, says);
            assert!(!place.run(command).stderr.contains(typed), "{command:?} repeats what was typed");
        }
    }
    let programs = ["delete", "programs", "programTypeDescriptor=Vocational604"];
    refused(&place, &programs, &["a whole code value: uri://…/ProgramTypeDescriptor#…"]);
    assert!(!place.run(&programs).stderr.contains("Vocational604"));
    let whole = "beginDate=2025-08-14&schoolId=990001&schoolYear=2026&sessionName=S1";
    place.run(&["plan", "--resync", "--resource", ASSOCIATIONS, "--key", whole]).expect(0);
}

#[test]
fn a_school_or_a_student_that_nothing_knows() {
    let place = tiny::place(NOWHERE);
    // Its number in the SIS is not the ODS's id.
    place.edit_table("School", |_| {
        "schoolID,districtID,name,number,edFiSchoolNumber,exclude\n1,1,Little House School,0001,990001,0\n".to_owned()
    });
    place.run(&["plan", "--resync", "--school", "990001"]).expect(0);
    for (school, meant) in
        [("0001", "990001"), ("little house school", "990001"), ("99001", "990001"), ("77", "--school")]
    {
        refused(
            &place,
            &["resync", "--school", school],
            &["neither the SIS nor the ledger knows such a school", meant],
        );
    }
    place.run(&["plan", "--resync", "--person", "4000000901"]).expect(0);
    refused(&place, &["resync", "--person", "4777000111"], &["knows such a student", "Person:ID"]);
    assert!(!place.run(&["resync", "--person", "4777000111"]).stderr.contains("4777000111"), "an id is not repeated");
    // What neither knows is what --delete-unknown is for: this one goes on until the ODS does not answer.
    place.run(&["resync", "--school", "77", "--delete-unknown"]).expect(5);
}

/// A row of the SIS stands for its student as an id does, as long as the rules or the ledger know who that is.
#[test]
fn a_row_that_stands_for_no_student() {
    let place = tiny::place(NOWHERE);
    let sandbox = SandboxProcess::start(&place.tables(), 2026, None, None);
    place.configure(&tiny::kansas(&sandbox.url));
    let asks = [&["resync", "--person"][..], &["plan", "--resync", "--person"], &["delete", "--person"]];
    place.edit_table("Enrollment", |text| {
        text.replace("2002,902,11,21,09,2025-08-14,,P,0", "2002,902,11,21,09,2025-08-14,,P,1")
    });
    for ask in asks {
        for row in ["Person:902", "Person:999", "Roster:3001"] {
            let says = format!("no student reports for {row}, and the ledger has none of it");
            refused(&place, &[ask, &[row]].concat(), &[&says, "rollcall explain students"]);
        }
    }
    for key in ["Section:999", "Roster:999"] {
        refused(&place, &["resync", "--resource", "sections", "--key", key], &["has a sections record of", "explain"]);
    }
    // One who was sent and reports no more is known: what was sent of him goes.
    place.run(&["sync"]).expect(0);
    place.edit_table("Enrollment", |text| {
        text.replace("2001,901,11,21,09,2025-08-14,,P,0", "2001,901,11,21,09,2025-08-14,,P,1")
    });
    for ask in asks {
        place.run(&[ask, &["Person:901"]].concat()).expect(0);
    }
    let summary = place.run(&["status", "--format", "json"]).json();
    let parts = summary["resources"].as_array().expect("there are resources").iter();
    let associations = parts.filter(|part| part["resource"] == "studentSchoolAssociations");
    assert_eq!(associations.map(|part| part["delivered"].as_u64()).collect::<Vec<_>>(), [Some(4)]);
}

#[test]
fn a_school_year_that_the_state_does_not_have() {
    let place = tiny::place(NOWHERE);
    let says = ["2050 is not a school year that this program knows for Kansas", "from 2022 to 2030"];
    refused(&place, &["describe", "ks", "--school-year", "2050"], &says);
    refused(&place, &["sandbox", "--state", "ks", "--school-year", "2050"], &says);
    let file = place.path().join("ods.db");
    std::fs::write(&file, "").expect("the folder is ours");
    let dump = ["sandbox", "dump", "--state", "ks", "--school-year", "2050", "--file", file.to_str().unwrap(), "out"];
    refused(&place, &dump, &says);
    // With the configuration's state go the configuration's years.
    refused(&place, &["sandbox", "--school-year", "2026"], &["--state"]);
}
