//! Which errors are shown, and in which form.

use rollcall_tests::says::{Asked, message};
use serde_json::{Value, json};

use super::office::Office;

/// Refuses a student's own record, one student's section associations and every session of the second term.
fn refuse_some(asked: &Asked) -> Option<(u16, String)> {
    let has = |text: &str| asked.body.contains(text);
    let refused = match asked.resource.as_str() {
        "students" => has("4000000902"),
        "studentSectionAssociations" => has("4000000903"),
        _ => false,
    };
    refused.then(|| (400, message("Validation of 'X' failed.\n\tBeginDate is required.")))
}

fn office() -> Office {
    let office = Office::kansas();
    // A second school, with a student and nothing else.
    office.place.edit_table("School", |text| text + "2,1,Big House School,990002,0\n");
    office.place.edit_table("Calendar", |text| text + "12,2,2026,25-26,2025-08-14,2026-05-21,0\n");
    office.place.edit_table("ScheduleStructure", |text| text + "22,12,Main\n");
    office.place.edit_table("Enrollment", |text| text.replace("2002,902,11,21", "2002,902,12,22"));
    office.place.edit_table("Roster", |text| text.replace("3002,902,71,51,,\n", ""));
    office.server.say(refuse_some);
    office.sync(4);
    office
}

fn objects(errors: &[Value]) -> Vec<&str> {
    errors.iter().filter_map(|error| error["object"].as_str()).collect()
}

#[test]
fn by_resource_outcome_class_object_and_run() {
    let office = office();
    let all = office.errors(&[]);
    assert_eq!(objects(&all), ["Enrollment:2002", "Roster:3003-41", "Roster:3003-42", "Person:902"]);
    let of = |options: &[&str]| office.errors(options).len();
    assert_eq!(of(&["--resource", "students"]), 1);
    assert_eq!(of(&["--outcome", "held"]), 1);
    assert_eq!(of(&["--outcome", "refused"]), 3);
    assert_eq!(of(&["--class", "required"]), 3);
    assert_eq!(of(&["--class", "reference"]), 0);
    assert_eq!(of(&["--object", "Roster:3003"]), 2);
    assert_eq!(of(&["--object", "Roster:3003-41"]), 1);
    assert_eq!(of(&["--run", "1"]), 4);
    // Nothing found is no success of the sync, but it is not an error either.
    let none = office.place.run(&["errors", "--run", "1", "--class", "reference"]);
    assert_eq!((none.code, none.stdout.trim()), (Some(0), "no such errors"));
    office.place.run(&["errors", "--resource", "sectoins"]).expect(2);
}

#[test]
fn what_no_error_can_be_of() {
    let office = office();
    for (options, says) in [
        (&["--run", "44"][..], "there is no run 44"),
        (&["--class", "requird"], "did you mean required?"),
        (&["--class", "foo"], "the classes are required, reference"),
        (&["--object", "foo"], "an object key is Table:id"),
    ] {
        for command in ["errors", "retry"] {
            let ended = office.place.run(&[&[command], options].concat());
            assert!(ended.expect(2).stderr.contains(says), "{command} {options:?}: {}", ended.stderr);
        }
    }
    // What any error can be of, though none is.
    for class in ["held", "stopped", "timed-out", "birthDate"] {
        office.place.run(&["errors", "--class", class, "--outcome", "unknown"]).expect(0);
    }
}

#[test]
fn by_school() {
    let office = office();
    for school in ["990002", "Big House School", "big house school"] {
        // The student's own record is of the school that enrolls the student, and so is what waits for it.
        assert_eq!(objects(&office.errors(&["--school", school])), ["Enrollment:2002", "Person:902"]);
    }
    assert_eq!(objects(&office.errors(&["--school", "990001"])), ["Roster:3003-41", "Roster:3003-42"]);
    assert_eq!(office.errors(&["--school", "990001", "--school", "990002"]).len(), 4);
    let unknown = office.place.run(&["errors", "--school", "12345"]);
    assert!(unknown.expect(2).stderr.contains("the SIS tables have no such school"), "{}", unknown.stderr);
}

#[test]
fn by_person() {
    let office = office();
    for person in ["4000000903", "80903", "Person:903"] {
        assert_eq!(objects(&office.errors(&["--person", person])), ["Roster:3003-41", "Roster:3003-42"], "{person}");
    }
    assert_eq!(office.errors(&["--person", "Person:904"]).len(), 0);
    let unknown = office.place.run(&["errors", "--person", "4777000111"]);
    assert!(!unknown.expect(2).stderr.contains("4777000111"), "an id is not repeated");
}

/// A record whose row is gone is found by its natural key.
#[test]
fn by_school_and_person_when_the_row_is_gone() {
    let office = Office::kansas();
    office.sync(0);
    office.place.edit_table("Roster", |text| text.replace("3006,906,71,51,,\n", ""));
    office.server.say(|asked| (asked.method == "DELETE").then(|| (403, message("Are you missing a claim?"))));
    office.sync(4);
    assert_eq!(objects(&office.errors(&["--person", "4000000906"])), ["Roster:3006-41", "Roster:3006-42"]);
    assert_eq!(office.errors(&["--school", "990001"]).len(), 2);
    assert_eq!(office.errors(&["--person", "4000000905"]).len(), 0);
}

#[test]
fn as_csv() {
    let office = office();
    let table = |options: &[&str]| {
        let ended = office.place.run(&[&["errors", "--format", "csv"], options].concat());
        let mut reader = csv::Reader::from_reader(ended.expect(4).stdout.as_bytes());
        let header: Vec<String> = reader.headers().expect("it has a header").iter().map(str::to_owned).collect();
        let rows = reader.records().map(|row| row.expect("each row has the header's columns"));
        let rows: Vec<Vec<String>> = rows.map(|row| row.iter().map(str::to_owned).collect()).collect();
        (header, rows)
    };
    let (header, rows) = table(&[]);
    let column = |name: &str| header.iter().position(|column| column == name).expect("the column is there");
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[1][column("object")], "Roster:3003-41");
    assert_eq!(rows[1][column("status")], "400");
    assert!(rows[1][column("payload")].is_empty());
    let (_, rows) = table(&["--payloads"]);
    assert!(rows[1][column("payload")].contains("4000000903"));
    let (header, rows) = table(&["--causes"]);
    assert_eq!((header[0].as_str(), rows.len()), ("resource", 2));
}

#[test]
fn payloads_only_when_asked_for() {
    let office = office();
    let errors = office.errors(&["--resource", "students"]);
    assert_eq!(errors[0]["payload"], Value::Null);
    let errors = office.errors(&["--resource", "students", "--payloads"]);
    let payload: Value = serde_json::from_str(errors[0]["payload"].as_str().expect("it is there")).expect("it is JSON");
    assert_eq!(payload["lastSurname"], "Garrow");
    let text = office.place.run(&["errors", "--payloads"]).stdout;
    assert!(text.contains("sent:    {"), "{text}");
}

#[test]
fn causes_as_json() {
    let office = office();
    let causes = office.causes();
    assert_eq!(causes.len(), 2, "{causes:#?}");
    assert_eq!((&causes[0]["resource"], &causes[0]["records"]), (&json!("studentSectionAssociations"), &json!(2)));
    assert_eq!((&causes[1]["resource"], &causes[1]["records"]), (&json!("students"), &json!(1)));
}
