//! What refers to a record that is not at the ODS is held, under the record at the beginning of the chain; it goes out by
//! itself when that one is mended.

use rollcall_tests::says::message;
use serde_json::{Value, json};

use super::office::{Office, refusing};

const OFFERINGS: &str = "courseOfferings";

fn of(errors: &[Value], resource: &str) -> Vec<Value> {
    errors.iter().filter(|error| error["resource"] == resource).cloned().collect()
}

#[test]
fn the_root_of_a_chain_is_where_it_begins() {
    let office = Office::kansas();
    office.refused(OFFERINGS, 400, message("The school is closed."));
    let errors = office.errors(&[]);
    let (sections, rosters) = (of(&errors, "sections"), of(&errors, "studentSectionAssociations"));
    assert_eq!((sections.len(), rosters.len()), (2, 11));
    for held in sections.iter().chain(&rosters) {
        assert_eq!(held["outcome"], "held");
        assert_eq!(held["root"]["resource"], OFFERINGS, "{held:#}");
    }
    // A roster waits for its section, and that for its offering in the same term.
    let roster = rosters.iter().find(|roster| roster["object"] == "Roster:3001-42").expect("it is held");
    assert_eq!(roster["waits_for"], "sections");
    assert_eq!(roster["root"]["object"], "Section:71-42");
    assert_eq!(roster["causes"], json!(["courseOfferings Section:71-42 was refused (required, status 400)"]));
    assert!(roster["root"]["natural_key"].as_str().is_some_and(|key| key.contains("localCourseCode=ALG1")));
}

#[test]
fn one_cause_however_many_wait() {
    let office = Office::kansas();
    // Each student has many rosters in the section: other starts make other records.
    office.place.edit_table("Roster", |text| {
        let rosters = (0..300).map(|at| {
            let (person, day) = (901 + at % 6, at / 6);
            format!("{},{person},71,51,2025-{:02}-{:02},", 4000 + at, 9 + day / 25, 1 + day % 25)
        });
        let header = text.lines().next().expect("a header").to_owned();
        std::iter::once(header).chain(rosters).collect::<Vec<_>>().join("\n") + "\n"
    });
    office.server.say(refusing(OFFERINGS, 400, message("The school is closed.")));
    office.sync(4);
    let causes = office.causes();
    assert_eq!(causes.len(), 1, "{causes:#?}");
    let waiting = &causes[0]["waiting"];
    assert!(waiting["studentSectionAssociations"].as_u64().is_some_and(|count| count > 290), "{waiting}");
    assert_eq!((&causes[0]["records"], &waiting["sections"]), (&json!(2), &json!(2)));
    let text = office.place.run(&["errors"]).stdout;
    assert_eq!(text.lines().filter(|line| !line.starts_with(' ') && line.contains(": 2 records")).count(), 1, "{text}");
    assert!(text.contains("2 sections") && text.contains("wait for them"), "{text}");
}

#[test]
fn they_go_out_by_themselves_when_the_root_is_mended() {
    let office = Office::kansas();
    office.refused(OFFERINGS, 400, message("The school is closed."));
    office.server.asked();
    office.server.say(|_| None);
    office.sync(0);
    let asked = office.server.asked();
    let count = |resource: &str| asked.iter().filter(|asked| asked.resource == resource).count();
    assert_eq!((count(OFFERINGS), count("sections"), count("studentSectionAssociations")), (2, 2, 11));
    assert!(office.errors(&[]).is_empty());
}

/// An association that is refused leaves the student unseen: what the ODS refuses for that waits for the association, and
/// the rest of the student's records is not even sent.
#[test]
fn an_association_that_is_refused_is_a_root() {
    const ASSOCIATIONS: &str = "studentSchoolAssociations";
    const ROSTERS: &str = "studentSectionAssociations";
    let office = Office::kansas();
    office.server.say(|asked| match asked.resource.as_str() {
        ASSOCIATIONS => Some((400, message("Validation of 'StudentSchoolAssociation' failed."))),
        ROSTERS => Some((403, message("Authorization denied. No relationships have been established."))),
        _ => None,
    });
    office.sync(4);
    let errors = office.errors(&[]);
    let rosters = of(&errors, ROSTERS);
    assert_eq!(rosters.len(), 11);
    for held in &rosters {
        assert_eq!((&held["outcome"], &held["root"]["resource"]), (&json!("held"), &json!(ASSOCIATIONS)), "{held:#}");
    }
    assert!(of(&errors, ASSOCIATIONS).iter().all(|error| error["outcome"] == "refused"));
    office.server.asked();
    office.server.say(|_| None);
    office.sync(0);
    assert!(office.errors(&[]).is_empty());
    assert_eq!(office.server.asked().iter().filter(|asked| asked.resource == ROSTERS).count(), 11);
}

/// A student without a birth date cannot be sent: the plan knows it before anything is sent.
#[test]
fn a_defect_is_a_root_too() {
    let office = Office::kansas();
    office.place.edit_table("Person", |text| text.replace("Tamsin,,Quennell,2010-02-03", "Tamsin,,Quennell,"));
    office.sync(4);
    let causes = office.causes();
    assert_eq!(causes.len(), 1, "{causes:#?}");
    assert_eq!((&causes[0]["resource"], &causes[0]["outcome"]), (&json!("students"), &json!("defect")));
    assert_eq!(causes[0]["waiting"], json!({ "studentSchoolAssociations": 1, "studentSectionAssociations": 2 }));
    assert_eq!(causes[0]["objects"], json!(["Person:901"]));
    let held = office.errors(&["--object", "Person:901"]);
    assert_eq!(held.len(), 4, "the object's own error, and what waits for it");
    office.place.edit_table("Person", |text| text.replace("Tamsin,,Quennell,", "Tamsin,,Quennell,2010-02-03"));
    office.sync(0);
    assert!(office.errors(&[]).is_empty());
}

/// An association that cannot be deleted keeps its section, and that its offering.
#[test]
fn what_cannot_be_deleted_holds_what_it_names() {
    let office = Office::kansas();
    office.sync(0);
    office.place.edit_table("Course", |text| text.replace(",1,0,0", ",0,0,0"));
    office.server.say(|asked| {
        let refused = asked.method == "DELETE" && asked.resource == "studentSectionAssociations";
        refused.then(|| (403, message("Are you missing a claim?")))
    });
    office.sync(4);
    let causes = office.causes();
    assert_eq!(causes.len(), 1, "{causes:#?}");
    assert_eq!(causes[0]["resource"], "studentSectionAssociations");
    assert_eq!(causes[0]["waiting"], json!({ "courseOfferings": 2, "sections": 2 }));
}

#[test]
fn an_answer_that_never_came_is_a_root_too() {
    let office = Office::kansas();
    // Not a gateway that cannot reach the server: the server itself, about this record.
    office.server.say(refusing(OFFERINGS, 507, String::new()));
    office.sync(4);
    let causes = office.causes();
    assert_eq!(causes.len(), 1, "{causes:#?}");
    assert_eq!((&causes[0]["outcome"], &causes[0]["records"]), (&json!("unknown"), &json!(2)));
    let rosters = office.errors(&["--outcome", "held", "--resource", "studentSectionAssociations"]);
    assert_eq!(rosters[0]["causes"][0], "nobody knows yet whether the ODS has courseOfferings Section:71-41");
}

/// A school that is not the key's: no later record makes it so, and nothing below it is sent to fail.
#[test]
fn a_school_that_is_not_the_keys_holds_all_of_its_records() {
    let office = Office::kansas();
    let words = "Authorization denied. No relationships have been established between the caller's education organization \
                 id claim (990) and the resource item's 'SchoolId' value.";
    office.server.say(refusing("sessions", 403, message(words)));
    office.sync(4);
    let asked = office.server.asked();
    let count = |resource: &str| asked.iter().filter(|asked| asked.resource == resource).count();
    assert_eq!((count("sessions"), count("courseOfferings"), count("studentSectionAssociations")), (2, 0, 0));
    let causes = office.causes();
    assert_eq!((causes.len(), &causes[0]["resource"]), (1, &json!("sessions")), "{causes:#?}");
}
