//! What goes through the journal comes out of the tables, whoever folds it and whenever.

use std::path::PathBuf;
use std::sync::Arc;

use rollcall_core::model::{DataStandard, KeyHash, KeyNames, NaturalKey};
use rollcall_core::sources::{Fingerprint, Mark};
use rollcall_core::value::Object;
use rollcall_core::verdict::ObjectKey;
use rusqlite::Connection;

use super::line::Line;
use super::{SqliteLedger, schema};
use crate::change::{Change, Details, Failure};
use crate::entry::{ErrorFilter, Operation, Outcome, State};
use crate::{Ledger, LedgerError};

const RESOURCE: &str = "students";

struct File {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn file() -> File {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollcall.db");
    File { _folder: folder, path }
}

fn open(file: &File) -> SqliteLedger {
    SqliteLedger::open(&file.path, "here").unwrap()
}

fn look(file: &File) -> SqliteLedger {
    SqliteLedger::open_to_read(&file.path, "here").unwrap().unwrap()
}

fn student(id: i64) -> NaturalKey {
    let mut body = Object::new();
    body.push("studentUniqueId", id.to_string());
    NaturalKey::of(DataStandard::ed_fi_4_0().resource(RESOURCE).unwrap(), &body).unwrap()
}

fn intend(id: i64, objects: &[ObjectKey]) -> Change {
    let (natural_key, objects) = (student(id), objects.to_vec());
    Change::Intend { resource: RESOURCE, natural_key, operation: Operation::Post, objects }
}

fn delivered(id: i64, payload: u8) -> Change {
    Change::Delivered {
        resource: RESOURCE,
        key: student(id).hash(),
        ods_id: Some(format!("id-{id}")),
        source: Fingerprint([7; 16]),
        payload: Fingerprint([payload; 16]),
    }
}

fn refused(id: i64, run: i64) -> Change {
    Change::Failed(Box::new(Failure {
        run,
        at: "2026-03-01T00:00:00Z".to_owned(),
        resource: RESOURCE,
        object: person(id),
        natural_key: Some(student(id)),
        operation: Some(Operation::Post),
        outcome: Outcome::Refused,
        status: Some(400),
        class: "required".to_owned(),
        message: "no".to_owned(),
        fix: "mend it".to_owned(),
        waits_for: None,
        payload: Some(b"{}".to_vec()),
        details: Details::default(),
    }))
}

fn person(id: i64) -> ObjectKey {
    ObjectKey::parse(&format!("Person:{id}")).unwrap()
}

fn run(ledger: &mut SqliteLedger) -> i64 {
    ledger.begin_run("sync", None, "", &[2026], "2026-03-01T00:00:00Z").unwrap()
}

/// Each entry's key, state and payload.
fn entries(ledger: &SqliteLedger) -> Result<Vec<(KeyHash, State, Option<Fingerprint>)>, LedgerError> {
    Ok(ledger.entries(RESOURCE)?.into_iter().map(|entry| (entry.key, entry.state, entry.payload)).collect())
}

fn of(ledger: &SqliteLedger, id: i64) -> Option<(State, Option<Fingerprint>)> {
    let found = entries(ledger).unwrap().into_iter().find(|(key, ..)| *key == student(id).hash());
    found.map(|(_, state, payload)| (state, payload))
}

const SENDING: State = State::Sending(Operation::Post);
const REFUSED: State = State::Failed(Operation::Post, Outcome::Refused);

#[test]
fn intents_and_outcomes_are_read_as_they_were_written() {
    let file = file();
    let mut ledger = open(&file);
    run(&mut ledger);
    ledger.write(&[intend(1, &[person(1), person(9)]), intend(2, &[person(2)]), intend(3, &[])]).unwrap();
    ledger.write(&[delivered(1, 5), refused(2, 1)]).unwrap();
    assert_eq!(of(&ledger, 1), Some((State::Delivered, Some(Fingerprint([5; 16])))));
    assert_eq!(of(&ledger, 2), Some((REFUSED, None)));
    assert_eq!(of(&ledger, 3), Some((SENDING, None)));
    let key = |id| student(id).hash();
    let mut objects = ledger.objects(RESOURCE).unwrap();
    objects.sort_unstable();
    assert_eq!(objects, [(person(1), key(1)), (person(2), key(2)), (person(9), key(1))]);
    assert_eq!(ledger.identity(RESOURCE, key(1)).unwrap(), Some((student(1), Some("id-1".to_owned()))));
    ledger.write(&[intend(2, &[]), delivered(2, 6)]).unwrap();
    assert_eq!(ledger.identity(RESOURCE, key(2)).unwrap().unwrap().1.as_deref(), Some("id-2"), "not folded yet");
    assert_eq!(ledger.errors(&ErrorFilter::default()).unwrap().len(), 0, "what was delivered has no error");
    ledger.write(&[Change::Gone { resource: RESOURCE, key: key(2) }]).unwrap();
    assert_eq!((of(&ledger, 2), ledger.gone(RESOURCE).unwrap().len()), (None, 1));
    ledger.write(&[intend(2, &[]), delivered(2, 6)]).unwrap();
    assert_eq!((of(&ledger, 2).is_some(), ledger.gone(RESOURCE).unwrap().len()), (true, 0));
}

#[test]
fn what_a_killed_run_left_in_the_journal_is_there_for_who_opens_the_ledger_next() {
    let file = file();
    let mut ledger = open(&file);
    run(&mut ledger);
    ledger.write(&[intend(1, &[person(1)]), intend(2, &[])]).unwrap();
    ledger.write(&[delivered(1, 5)]).unwrap();
    drop(ledger);
    let rows = |query| Connection::open(&file.path).unwrap().query_row(query, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(rows("SELECT COUNT(*) FROM record"), 0, "a ledger that is dropped does not fold");
    assert_eq!(entries(&look(&file)).unwrap().len(), 2);
    assert_eq!(rows("SELECT COUNT(*) FROM journal"), 0);
    let ledger = open(&file);
    assert_eq!(of(&ledger, 1), Some((State::Delivered, Some(Fingerprint([5; 16])))));
    assert_eq!(of(&ledger, 2), Some((SENDING, None)));
}

#[test]
fn who_looks_while_a_run_writes_sees_all_of_it_and_takes_nothing_away() {
    let file = file();
    let mut ledger = open(&file);
    run(&mut ledger);
    ledger.write(&[intend(1, &[person(1)]), intend(2, &[])]).unwrap();
    assert_eq!(of(&look(&file), 1), Some((SENDING, None)));
    ledger.write(&[delivered(1, 5), refused(2, 1)]).unwrap();
    ledger.write(&[intend(3, &[])]).unwrap();
    assert_eq!(of(&look(&file), 2), Some((REFUSED, None)));
    // This program's journal begins with rows that the others have folded.
    ledger.write(&[delivered(3, 5)]).unwrap();
    while ledger.tidy().unwrap() {}
    for ledger in [&ledger, &look(&file)] {
        assert_eq!(of(ledger, 1), Some((State::Delivered, Some(Fingerprint([5; 16])))));
        assert_eq!(of(ledger, 2), Some((REFUSED, None)));
        assert_eq!(of(ledger, 3), Some((State::Delivered, Some(Fingerprint([5; 16])))));
    }
}

#[test]
fn a_long_journal_is_folded_while_it_is_written() {
    let file = file();
    let mut ledger = open(&file);
    run(&mut ledger);
    let (records, chunk) = (120_000, 1_000);
    let (mut tidied, mut looked) = (false, false);
    for first in (0..records).step_by(chunk) {
        let ids = || (first..first + chunk).map(|id| i64::try_from(id).unwrap());
        ledger.write(&ids().map(|id| intend(id, &[person(id)])).collect::<Vec<_>>()).unwrap();
        ledger.write(&ids().map(|id| delivered(id, 5)).collect::<Vec<_>>()).unwrap();
        tidied |= ledger.tidy().unwrap();
        if tidied && !looked {
            // In the middle of folding.
            looked = true;
            assert_eq!(entries(&look(&file)).unwrap().len(), first + chunk);
        }
    }
    assert!(looked, "it was never long");
    let all = entries(&ledger).unwrap();
    assert_eq!(all.len(), records);
    assert!(all.iter().all(|(_, state, _)| *state == State::Delivered));
    assert_eq!(ledger.objects(RESOURCE).unwrap().len(), records);
}

#[test]
fn what_was_not_begun_stands_where_it_stood() {
    let unsent = |id| Change::Unsent { resource: RESOURCE, key: student(id).hash() };
    for folded_between in [false, true] {
        let file = file();
        let mut ledger = open(&file);
        let number = run(&mut ledger);
        ledger.write(&[intend(1, &[]), delivered(1, 5), intend(2, &[]), refused(2, number), intend(3, &[])]).unwrap();
        assert_eq!(of(&ledger, 3), Some((SENDING, None)), "killed");
        ledger.write(&[intend(1, &[]), intend(2, &[]), intend(3, &[]), intend(4, &[])]).unwrap();
        if folded_between {
            assert_eq!(of(&ledger, 1).unwrap().0, SENDING);
        }
        ledger.write(&[unsent(1), unsent(2), unsent(3), unsent(4)]).unwrap();
        assert_eq!(of(&ledger, 1), Some((State::Delivered, Some(Fingerprint([5; 16])))));
        assert_eq!(of(&ledger, 2), Some((REFUSED, None)));
        assert_eq!(of(&ledger, 3), Some((SENDING, None)), "nobody knows whether the ODS has it");
        assert_eq!(of(&ledger, 4), Some((State::Pending, None)));
    }
}

#[test]
fn a_try_that_is_folded_twice_counts_once() {
    let file = file();
    let mut ledger = open(&file);
    let first = run(&mut ledger);
    ledger.write(&[intend(1, &[]), refused(1, first)]).unwrap();
    let tries = |ledger: &SqliteLedger| ledger.errors(&ErrorFilter::default()).unwrap()[0].tries;
    assert_eq!(tries(&ledger), 1);
    ledger.write(&[refused(1, first)]).unwrap();
    assert_eq!(tries(&ledger), 1);
    let second = run(&mut ledger);
    ledger.write(&[intend(1, &[]), refused(1, second)]).unwrap();
    assert_eq!(tries(&ledger), 2);
}

#[test]
fn a_record_has_one_error_whichever_object_is_behind_it() {
    let file = file();
    let mut ledger = open(&file);
    let first = run(&mut ledger);
    ledger.write(&[intend(1, &[person(1)]), refused(1, first), intend(2, &[person(2)]), refused(2, first)]).unwrap();
    for (object, shown) in [(person(9), "Person:9"), (ObjectKey::NONE, "")] {
        let run = run(&mut ledger);
        let mut again = refused(1, run);
        if let Change::Failed(failure) = &mut again {
            failure.object = object;
        }
        ledger.write(&[again]).unwrap();
        let errors = ledger.errors(&ErrorFilter::default()).unwrap();
        let of_first = errors.iter().filter(|entry| entry.object != "Person:2");
        assert_eq!(of_first.map(|entry| (entry.object.as_str(), entry.tries)).collect::<Vec<_>>(), [(shown, run)]);
        assert_eq!(errors.len(), 2);
    }
    ledger.write(&[delivered(1, 5)]).unwrap();
    assert_eq!(ledger.errors(&ErrorFilter::default()).unwrap().len(), 1);
}

#[test]
fn an_object_stands_behind_the_record_that_it_was_linked_to_last() {
    let file = file();
    let mut ledger = open(&file);
    run(&mut ledger);
    ledger.write(&[intend(1, &[person(1)]), delivered(1, 5)]).unwrap();
    run(&mut ledger);
    ledger.write(&[intend(2, &[person(1)])]).unwrap();
    assert_eq!(ledger.objects(RESOURCE).unwrap(), [(person(1), student(2).hash())]);
    ledger.write(&[Change::Forget { resource: RESOURCE, key: student(2).hash() }]).unwrap();
    run(&mut ledger);
    ledger.write(&[intend(1, &[person(1)])]).unwrap();
    assert_eq!(ledger.objects(RESOURCE).unwrap(), [(person(1), student(1).hash())]);
}

#[test]
fn a_record_that_is_held_does_not_take_its_object_from_one_at_the_ods() {
    let file = file();
    let mut ledger = open(&file);
    run(&mut ledger);
    ledger.write(&[intend(1, &[person(1)]), delivered(1, 5)]).unwrap();
    let second = run(&mut ledger);
    let mut held = refused(2, second);
    if let Change::Failed(failure) = &mut held {
        (failure.outcome, failure.object) = (Outcome::Held, person(1));
    }
    ledger.write(&[held.clone()]).unwrap();
    assert_eq!(ledger.objects(RESOURCE).unwrap(), [(person(1), student(1).hash())]);
    ledger.write(&[Change::Gone { resource: RESOURCE, key: student(1).hash() }, held]).unwrap();
    assert_eq!(ledger.objects(RESOURCE).unwrap(), [(person(1), student(2).hash())]);
}

#[test]
fn a_ledger_of_the_version_before_keeps_its_objects() {
    let file = file();
    let connection = Connection::open(&file.path).unwrap();
    schema::prepare_up_to(&connection, 5);
    let key = student(1);
    connection
        .execute(
            "INSERT INTO record (resource, key_hash, natural_key, state) VALUES ('students', ?1, ?2, 'delivered')",
            rusqlite::params![key.hash().0, serde_json::to_string(&key.to_query()).unwrap()],
        )
        .unwrap();
    for object in ["Person:1", "Person:2"] {
        let link = "INSERT INTO object (resource, object_key, key_hash) VALUES ('students', ?1, ?2)";
        connection.execute(link, rusqlite::params![object, key.hash().0]).unwrap();
    }
    drop(connection);
    let mut objects = open(&file).objects(RESOURCE).unwrap();
    objects.sort_unstable();
    assert_eq!(objects, [(person(1), key.hash()), (person(2), key.hash())]);
}

#[test]
fn a_ledger_with_the_names_in_its_keys_keeps_its_keys_and_errors() {
    let file = file();
    let connection = Connection::open(&file.path).unwrap();
    schema::prepare_up_to(&connection, 6);
    let pairs = |key: &NaturalKey| serde_json::to_string(&key.to_query()).unwrap();
    let other = Arc::new(KeyNames::new(RESOURCE.to_owned(), vec!["studentId".to_owned(), "year".to_owned()]));
    let other = NaturalKey::from_values(&other, &["7", "2026"]).unwrap();
    for key in [&student(1), &student(2), &other] {
        let record =
            "INSERT INTO record (resource, key_hash, natural_key, state) VALUES ('students', ?1, ?2, 'refused')";
        connection.execute(record, rusqlite::params![key.hash().0, pairs(key)]).unwrap();
    }
    let error = "INSERT INTO error (resource, object_key, natural_key, outcome, class, message, fix, run, at, tries,
        root_resource, root_key) VALUES ('students', 'Person:1', ?1, 'refused', '', '', '', 1, '', 1, 'students', ?2)";
    connection.execute(error, [pairs(&student(1)), pairs(&student(2))]).unwrap();
    // What a killed run has left in the journal has the names too.
    let line = Line::Pending { key: student(3).hash().0, natural_key: pairs(&student(3)).into() };
    let mut lines = student(3).hash().0.to_vec();
    let line = postcard::to_allocvec(&line).unwrap();
    lines.extend_from_slice(&u32::try_from(line.len()).unwrap().to_le_bytes());
    lines.extend_from_slice(&line);
    connection.execute("INSERT INTO journal (resource, lines) VALUES ('students', ?1)", [lines]).unwrap();
    drop(connection);

    let mut ledger = open(&file);
    let mut keys: Vec<NaturalKey> = ledger.natural_keys(RESOURCE).unwrap().into_iter().map(|(_, key)| key).collect();
    keys.sort_by_key(ToString::to_string);
    let mut expected = vec![student(1), student(2), student(3), other];
    expected.sort_by_key(ToString::to_string);
    assert_eq!(keys, expected);
    let error = &ledger.errors(&ErrorFilter::default()).unwrap()[0];
    assert_eq!(error.natural_key, student(1).to_string());
    assert_eq!(error.root.as_ref().unwrap().natural_key, student(2).to_string());
    run(&mut ledger);
    ledger.write(&[intend(1, &[]), delivered(1, 5)]).unwrap();
    assert!(ledger.errors(&ErrorFilter::default()).unwrap().is_empty(), "delivered: the error is gone");
    drop(ledger);
    let texts: Vec<String> = {
        let connection = Connection::open(&file.path).unwrap();
        let mut statement = connection.prepare("SELECT natural_key FROM record ORDER BY natural_key").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    assert_eq!(texts.iter().filter(|text| text.starts_with("[[")).count(), 1, "one has other names: {texts:?}");
}

#[test]
fn a_journal_that_nobody_can_read_is_damage() {
    let file = file();
    drop(open(&file));
    let connection = Connection::open(&file.path).unwrap();
    connection.execute("INSERT INTO journal (resource, lines) VALUES ('students', x'0102')", []).unwrap();
    drop(connection);
    let error = SqliteLedger::open(&file.path, "here").err().unwrap();
    assert!(error.hint().contains("resync"), "{error}");
}

#[test]
fn what_a_preference_keeps_back_changes_object_by_object() {
    let file = file();
    let mut ledger = open(&file);
    let mark = |byte| Mark { length: 9, print: Fingerprint([byte; 16]) };
    let mut change = |objects: &[(i64, Option<Mark>)]| {
        let objects = objects.iter().map(|(id, mark)| (person(*id), *mark)).collect();
        ledger.write(&[intend(1, &[]), Change::Unreported { resource: RESOURCE, objects }]).unwrap();
        ledger.unreported(RESOURCE).unwrap()
    };
    assert_eq!(change(&[(1, Some(mark(1))), (2, Some(mark(2)))]).len(), 2);
    let now = change(&[(1, None), (2, Some(mark(7))), (3, Some(mark(3)))]);
    assert_eq!(now, [(person(2), mark(7)), (person(3), mark(3))].into());
    assert!(ledger.unreported("sections").unwrap().is_empty());
}
