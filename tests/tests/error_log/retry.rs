//! `rollcall retry`: what failed is sent again, and nothing else.

use rollcall_tests::says::{Asked, message};
use serde_json::{Value, json};

use super::office::{Office, refusing};

const OFFERINGS: &str = "courseOfferings";
const ROSTERS: &str = "studentSectionAssociations";

/// What was asked for: method, resource, count.
fn counts(asked: &[Asked]) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for asked in asked {
        let name = format!("{} {}", asked.method, asked.resource);
        match counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => counts.push((name, 1)),
        }
    }
    counts
}

fn retry(office: &Office, options: &[&str], code: i32) -> Vec<(String, usize)> {
    office.server.asked();
    office.place.run(&[&["retry", "--no-progress"], options].concat()).expect(code);
    counts(&office.server.asked())
}

fn newest_run(office: &Office) -> Value {
    office.place.run(&["history", "--limit", "1", "--format", "json"]).expect(0).json()[0].clone()
}

#[test]
fn nothing_to_retry() {
    let office = Office::kansas();
    let ended = office.place.run(&["retry"]);
    assert!(ended.expect(0).stderr.contains("nothing to retry"), "{}", ended.stderr);
    office.sync(0);
    assert_eq!(retry(&office, &[], 0), []);
    assert_eq!(newest_run(&office)["command"], "sync", "no run without work");
}

#[test]
fn only_what_failed_is_sent() {
    let office = Office::kansas();
    office.server.say(|asked| asked.body.contains("4000000903").then(|| (400, message("no"))));
    office.sync(4);
    // The SIS goes on meanwhile: that is the next sync's.
    office.place.edit_table("Roster", |text| text.replace("3006,906,71,51,,\n", ""));
    office.place.edit_table("Roster", |text| text.replace("2025-09-02", "2025-09-03"));
    office.server.say(|_| None);
    let sent = retry(&office, &[], 0);
    let post = |resource: &str, count| (format!("POST {resource}"), count);
    assert_eq!(sent, [post("students", 1), post("studentSchoolAssociations", 1), post(ROSTERS, 2)]);
    assert!(office.errors(&[]).is_empty());
    let run = newest_run(&office);
    assert_eq!(
        (&run["command"], &run["filters"], &run["outcome"]),
        (&json!("retry"), &Value::Null, &json!("complete"))
    );
    office.sync(0);
    let asked = counts(&office.server.asked());
    assert!(asked.contains(&(format!("DELETE {ROSTERS}"), 3)), "{asked:?}");
}

#[test]
fn a_cause_takes_with_it_what_waits_for_it() {
    let office = Office::kansas();
    office.refused(OFFERINGS, 400, message("closed"));
    office.server.say(|_| None);
    let sent = retry(&office, &["--object", "Section:71-41", "--resource", OFFERINGS], 0);
    let count = |resource: &str| sent.iter().find(|(name, _)| name.ends_with(resource)).map(|(_, count)| *count);
    assert_eq!((count(OFFERINGS), count("sections"), count(ROSTERS)), (Some(1), Some(1), Some(6)), "{sent:?}");
    // The other term's chain is still as it was.
    let left = office.errors(&[]);
    assert!(!left.is_empty() && left.iter().all(|error| error["object"].as_str().is_some_and(|o| o.ends_with("-42"))));
    assert_eq!(newest_run(&office)["filters"], json!({ "resources": [OFFERINGS], "objects": ["Section:71-41"] }));
}

#[test]
fn what_waits_takes_with_it_what_it_waits_for() {
    let office = Office::kansas();
    office.refused(OFFERINGS, 400, message("closed"));
    office.server.say(|_| None);
    let sent = retry(&office, &["--resource", ROSTERS, "--object", "Roster:3001-41"], 0);
    let names: Vec<(&str, usize)> = sent.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    assert_eq!(names, [("POST courseOfferings", 1), ("POST sections", 1), ("POST studentSectionAssociations", 1)]);
}

#[test]
fn what_fails_again_stays() {
    let office = Office::kansas();
    office.server.say(refusing(ROSTERS, 400, message("no")));
    office.sync(4);
    let before = office.errors(&[]).len();
    assert_eq!(retry(&office, &["--person", "Person:901"], 4), [(format!("POST {ROSTERS}"), 2)]);
    let after = office.errors(&[]);
    assert_eq!(after.len(), before);
    assert_eq!(after.iter().filter(|error| error["tries"] == 2 && error["run"] == 2).count(), 2);
    let run = newest_run(&office);
    assert_eq!((&run["outcome"], &run["filters"]), (&json!("incomplete"), &json!({ "persons": ["Person:901"] })));
}

#[test]
fn a_mended_defect_goes_out_and_others_stay() {
    let office = Office::kansas();
    office.place.edit_table("Person", |text| text.replace(",2010-02-03,", ",,").replace(",2010-03-04,", ",,"));
    office.sync(4);
    assert_eq!(office.errors(&["--outcome", "defect"]).len(), 2);
    office.place.edit_table("Person", |text| text.replace("Quennell,,", "Quennell,2010-02-03,"));
    let sent = retry(&office, &["--object", "Person:901"], 0);
    assert_eq!(sent.len(), 3, "the student and what waited: {sent:?}");
    let left = office.errors(&["--outcome", "defect"]);
    assert_eq!((left.len(), &left[0]["object"]), (1, &json!("Person:902")));
}

#[test]
fn a_delete_that_failed_is_tried_again() {
    let office = Office::kansas();
    office.sync(0);
    office.place.edit_table("Roster", |text| text.replace("3006,906,71,51,,\n", ""));
    office.server.say(|asked| (asked.method == "DELETE").then(|| (403, message("Are you missing a claim?"))));
    office.sync(4);
    office.server.say(|_| None);
    assert_eq!(retry(&office, &["--class", "forbidden"], 0), [(format!("DELETE {ROSTERS}"), 2)]);
    assert!(office.errors(&[]).is_empty());
}

/// What was wrong was a part of the natural key: the records go out under the right one, and the old ones are forgotten.
#[test]
fn a_mended_natural_key_goes_out_under_the_new_one() {
    let office = Office::kansas();
    office.place.edit_table("School", |text| text.replace("990001", "990009"));
    office.server.say(|asked| asked.body.contains("990009").then(|| (400, message("no such school"))));
    office.sync(4);
    office.place.edit_table("School", |text| text.replace("990009", "990001"));
    let sent = retry(&office, &[], 0);
    let all: usize = sent.iter().map(|(_, count)| count).sum();
    assert_eq!(all, 23, "everything but the students: {sent:?}");
    assert!(office.errors(&[]).is_empty());
    office.server.asked();
    office.sync(0);
    assert!(office.server.asked().is_empty(), "nothing is left for the next sync");
}
