//! `rollcall delete`: what it finds, shows, deletes and leaves alone.
#![cfg(feature = "kansas")]

use rollcall_tests::ods::{Ods, resource_of};
use rollcall_tests::place::Place;
use rollcall_tests::program::{KEY, SECRET};
use rollcall_tests::served::Served;
use rollcall_tests::tiny;

const ASSOCIATIONS: &str = "studentSectionAssociations";

/// The tiny district after its first sync: one course in two sessions, six students.
fn synced() -> (Place, Served) {
    let place = tiny::place("http://127.0.0.1:9");
    let registry = rollcall::registry().unwrap();
    let served = Served::start(&place, &registry.state("ks").unwrap(), 2026);
    place.configure(&tiny::kansas(&served.url()));
    place.run(&["sync"]).expect(0);
    assert_eq!(served.store().count(ASSOCIATIONS), 11);
    (place, served)
}

fn deletes(served: &Served) -> Vec<String> {
    let requests = served.store().requests().into_iter().filter(|request| request.method == "DELETE");
    requests.filter_map(|request| resource_of(&request.path).map(str::to_owned)).collect()
}

#[test]
fn a_session_goes_with_everything_that_refers_to_it_downstream_first() {
    let (place, served) = synced();
    let asked = ["delete", "sessions", "sessionName=S2"];
    let shown = place.run(&asked);
    shown.expect(0);
    assert!(shown.stdout.contains("asked for") && shown.stdout.contains("refers to one of these"), "{}", shown.stdout);
    assert!(shown.stderr.contains("add --yes"), "{}", shown.stderr);
    assert_eq!(deletes(&served), Vec::<String>::new(), "a preview deletes nothing");
    // 5 associations (one roster ended in November), a section, an offering, the session.
    let listed = place.run(&[&asked[..], &["--format", "json"]].concat()).json();
    let listed: Vec<&str> = listed.as_array().unwrap().iter().map(|line| line["resource"].as_str().unwrap()).collect();
    let mut expected = vec![ASSOCIATIONS; 5];
    expected.extend(["sections", "courseOfferings", "sessions"]);
    assert_eq!(listed, expected);
    place.run(&[&asked[..], &["--yes"]].concat()).expect(0);
    assert_eq!(deletes(&served), expected);
    let counts = ["sessions", "courseOfferings", "sections", ASSOCIATIONS].map(|of| served.store().count(of));
    assert_eq!(counts, [1, 1, 1, 6]);
    // The SIS still reports them: the next sync sends them again.
    let summary = place.run(&["sync", "--format", "json"]).expect(0).json();
    let posted: u64 = summary["resources"].as_array().unwrap().iter().map(|r| r["posted"].as_u64().unwrap()).sum();
    assert_eq!(posted, 8);
    let history = place.run(&["history", "--format", "json"]).json();
    assert_eq!(history[1]["command"], "delete");
    assert_eq!(history[1]["filters"]["resource"], "sessions");
}

#[test]
fn a_student_goes_but_for_the_shared_record() {
    let (place, served) = synced();
    place.run(&["delete", "--person", "Person:903", "--yes"]).expect(0);
    let mut gone = deletes(&served);
    gone.dedup();
    assert_eq!(gone, [ASSOCIATIONS, "studentSchoolAssociations"]);
    let counts = ["students", "studentSchoolAssociations", ASSOCIATIONS].map(|of| served.store().count(of));
    assert_eq!(counts, [6, 5, 9]);
}

#[test]
fn one_record_by_its_sis_row_or_by_its_ods_id() {
    let (place, served) = synced();
    place.run(&["delete", ASSOCIATIONS, "Roster:3001", "--yes"]).expect(0);
    assert_eq!(served.store().count(ASSOCIATIONS), 9, "a record in each of two sessions");
    let (id, _) = served.store().records(ASSOCIATIONS).remove(0);
    place.run(&["delete", ASSOCIATIONS, "--id", &id, "--yes"]).expect(0);
    assert_eq!(served.store().count(ASSOCIATIONS), 8);
    let dashed = [&id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]].join("-");
    place.run(&["delete", ASSOCIATIONS, "--id", &dashed]).expect(0);
    let nothing = place.run(&["delete", ASSOCIATIONS, "--id", &id]);
    assert!(nothing.expect(0).stdout.contains("nothing at the ODS matches"));
}

#[test]
fn what_this_connection_has_not_sent_is_left_alone_unless_told_otherwise() {
    let (place, served) = synced();
    let in_fall = |body: &rollcall_core::value::Object<'_>| {
        body.at("sectionReference.sessionName").is_some_and(|name| name.key_text() == "S1")
    };
    let mut bodies = served.store().records(ASSOCIATIONS).into_iter().map(|(_, body)| body);
    let mut body = bodies.find(in_fall).unwrap();
    body.remove("beginDate");
    body.push("beginDate", "2025-10-06");
    let ods = Ods::connect(&served.url(), KEY, SECRET);
    let (status, answer) = ods.post(ASSOCIATIONS, &body.to_json());
    assert_eq!(status, 201, "{answer}");
    let asked = ["delete", "sections", "sessionName=S1", "--yes"];
    let refused = place.run(&asked);
    refused.expect(6);
    assert!(refused.stderr.contains("1 of 8 records were not sent by this connection"), "{}", refused.stderr);
    assert!(refused.stderr.contains("--delete-unknown"), "{}", refused.stderr);
    assert_eq!(deletes(&served), Vec::<String>::new());
    place.run(&[&asked[..], &["--delete-unknown"]].concat()).expect(0);
    assert_eq!((served.store().count("sections"), served.store().count(ASSOCIATIONS)), (1, 5));
}

#[test]
fn what_the_key_may_not_read_is_said_once() {
    let (place, _served) = synced();
    let ended = place.run(&["delete", "surveys", "--id", "4f0c4f0c4f0c4f0c4f0c4f0c4f0c4f0c"]);
    let says = ended.expect(5).stderr.matches("refused with status 403").count();
    assert_eq!(says, 1, "{}", ended.stderr);
}

#[test]
fn wrong_questions_are_answered_with_what_to_do() {
    let (place, served) = synced();
    for (asked, says) in [
        (vec!["delete", "sections"], "name one record of the resource"),
        (vec!["delete"], "name a resource and a KEY"),
        (vec!["delete", "lessons", "schoolId=1"], "no resource \"lessons\""),
        (vec!["delete", "section", "schoolId=1"], "did you mean sections?"),
        (vec!["delete", "sections", "--id", "abc"], "--id is not an id of the ODS"),
        (vec!["delete", "section", "--id", "4f0c4f0c4f0c4f0c4f0c4f0c4f0c4f0c"], "did you mean sections?"),
        (vec!["delete", "sections", "schoolID=990001"], "did you mean schoolId?"),
        (vec!["delete", "sections", "Section"], "neither an object key nor a natural key"),
        (vec!["delete", "--person", "Person:999"], "no student reports for Person:999"),
        (vec!["delete", "sections", "Section:999"], "has a sections record of Section:999"),
    ] {
        let ended = place.run(&asked);
        assert_eq!(ended.code, Some(2), "{asked:?}: {ended:?}");
        assert!(ended.stderr.contains(says), "{asked:?}: {}", ended.stderr);
    }
    assert_eq!(deletes(&served), Vec::<String>::new());
}

/// The ODS shows nothing of a student without an association: what changed of hers meanwhile needs it first.
#[test]
fn an_association_comes_back_before_what_is_deleted_of_its_student() {
    let (place, served) = synced();
    place.run(&["delete", "studentSchoolAssociations", "Enrollment:2001", "--yes"]).expect(0);
    assert_eq!(deletes(&served), ["studentSchoolAssociations"]);
    place.edit_table("Roster", |text| text.replace("3001,901,71,51,,", "3001,901,71,51,2025-08-19,"));
    let plan = place.run(&["plan", "--steps", "--format", "json"]).json();
    let requests = plan["steps"].as_array().unwrap().iter();
    let requests: Vec<_> = requests.map(|step| (step["request"].as_str(), step["resource"].as_str())).collect();
    let (post, delete) = (Some("POST"), Some("DELETE"));
    assert_eq!(
        requests,
        [(post, Some("studentSchoolAssociations")), (delete, Some(ASSOCIATIONS)), (post, Some(ASSOCIATIONS))]
    );
    place.run(&["sync"]).expect(0);
    assert_eq!(["studentSchoolAssociations", ASSOCIATIONS].map(|of| served.store().count(of)), [6, 11]);
    // A student who is seen by another association needs none first: deletes go before posts.
    let gone = |text: String| text.replace("3002,902,71,51,,\n", "");
    place.edit_table("Roster", gone);
    place.edit_table("Enrollment", |text| text.replace("2002,902,11,21,09,2025-08-14", "2002,902,11,21,09,2025-08-15"));
    served.store().clear_requests();
    place.run(&["sync"]).expect(0);
    let writes = served.store().requests().into_iter().filter(|request| request.method != "GET");
    let methods: Vec<String> =
        writes.filter(|request| resource_of(&request.path).is_some()).map(|r| r.method).collect();
    let deletes = methods.iter().take_while(|method| *method == "DELETE").count();
    assert_eq!((deletes, methods.len()), (methods.len() - 1, methods.len()), "{methods:?}");
}
