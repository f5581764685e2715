//! What a year does to a district beside its data: a machine that loses power, a ledger that breaks, a full disk, two runs
//! at once, an ODS that is restored from a backup, and hands that change records at the ODS. Each ends right, by the next
//! `sync` or by one `resync`, and is said.
#![cfg(all(feature = "kansas", unix))]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rollcall_core::registry::StateView;
use rollcall_tests::ledger::ods_ids;
use rollcall_tests::ods::{Ods, resource_of};
use rollcall_tests::place::Place;
use rollcall_tests::program::Ended;
use rollcall_tests::served::{STATE, Served};
use rollcall_tests::{document, sample, tiny};

const STUDENTS: usize = 30;

/// By resource, the sorted bodies.
type Contents = BTreeMap<String, Vec<String>>;

fn kansas() -> StateView {
    rollcall::registry().expect("the registry is whole").state("ks").expect("Kansas is compiled in")
}

/// A sample district and its sandbox.
fn sample_district() -> (rollcall_source::sample::SampleDistrict, Place, Served) {
    let district = sample::district(STUDENTS);
    let place = sample::place(&district);
    let served = Served::start(&place, &kansas(), sample::SCHOOL_YEAR);
    place.configure(&sample::kansas(&served.url()));
    (district, place, served)
}

/// Runs the program; a defect of the sample's, for which there is nothing to send, is no failure.
#[track_caller]
fn run(place: &Place, args: &[&str]) -> Ended {
    let ended = place.run(&[args, &["--no-progress"]].concat());
    assert!(matches!(ended.code, Some(0 | 4)), "{:?}\n{}\n{}", ended.code, ended.stdout, ended.stderr);
    ended
}

/// The ledger has just the ODS's records, by the ODS's own ids.
#[track_caller]
fn assert_the_ledger_is_the_ods(place: &Place, served: &Served) {
    for resource in document::RESOURCES {
        let ids: BTreeSet<String> = served.store().records(resource).into_iter().map(|(id, _)| id).collect();
        assert_eq!(ods_ids(&place.ledger(), resource), ids, "{resource}");
    }
}

/// What the ODS holds of the district's records, without ids.
fn contents(served: &Served) -> Contents {
    let mut contents = served.contents();
    contents.retain(|resource, _| document::RESOURCES.contains(&resource.as_str()));
    contents
}

/// Fails with the first difference instead of everything.
#[track_caller]
fn assert_same(served: &Served, expected: &Contents, when: &str) {
    let found = contents(served);
    for resource in document::RESOURCES {
        let [ours, theirs] = [&found, expected].map(|contents| contents.get(resource).cloned().unwrap_or_default());
        let [more, less] = [(&ours, &theirs), (&theirs, &ours)].map(|(a, b)| a.iter().find(|body| !b.contains(body)));
        assert!(ours == theirs, "{when}: {resource}: {} of {}, {more:?}, {less:?}", ours.len(), theirs.len());
    }
}

/// The writes of a run: by method and resource, how many.
fn writes(served: &Served) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    for request in served.store().requests() {
        if let Some(resource) = resource_of(&request.path).filter(|_| request.method != "GET") {
            *counted.entry(format!("{} {resource}", request.method)).or_default() += 1;
        }
    }
    counted
}

#[track_caller]
fn assert_writes(served: &Served, expected: &[(&str, usize)]) {
    let expected = expected.iter().map(|(what, count)| ((*what).to_owned(), *count)).collect();
    assert_eq!(writes(served), expected);
}

// Power loss: what SQLite had written last is not on the disk, or is torn.

/// What became of the tail of the ledger's write-ahead log.
#[derive(Debug, Clone, Copy)]
enum Tail {
    /// Cut off after so many hundredths.
    Cut(u64),
    /// Other bytes from so many hundredths on.
    Garbage(u64),
}

/// The machine loses power while a run holds the ledger.
fn lose_power(place: &Place, tail: Tail) {
    let path = beside(&place.ledger(), "-wal");
    let length = fs::metadata(&path).expect("a killed run leaves its write-ahead log").len();
    assert!(length > 10_000, "there is nothing to lose: {length}");
    let mut log = OpenOptions::new().write(true).open(path).expect("the file is ours");
    match tail {
        Tail::Cut(hundredths) => log.set_len(length * hundredths / 100).expect("the file is ours"),
        Tail::Garbage(hundredths) => {
            let from = length * hundredths / 100;
            log.seek(SeekFrom::Start(from)).expect("the file is ours");
            let length = usize::try_from(length - from).expect("the file is small");
            log.write_all(&garbage(length)).expect("the file is ours");
        }
    }
}

/// Bytes that no ledger has.
fn garbage(length: usize) -> Vec<u8> {
    (1..=u8::MAX).cycle().step_by(37).take(length).collect()
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

const TAILS: [Tail; 5] = [Tail::Cut(0), Tail::Cut(31), Tail::Cut(64), Tail::Cut(97), Tail::Garbage(40)];

#[test]
fn a_ledger_that_lost_its_last_writes_ends_right_with_the_next_sync() {
    let (mut district, place, served) = sample_district();
    run(&place, &["sync"]);
    let first = contents(&served);
    district.advance();
    district.write(&place.tables()).expect("the folder is ours");
    run(&place, &["sync", "--allow-deletes"]);
    let second = contents(&served);
    assert_ne!(first, second);
    let both = (&first, &second);
    std::thread::scope(|scope| {
        for tails in TAILS.chunks(3) {
            scope.spawn(move || tails.iter().for_each(|tail| power_is_lost_twice(*tail, both)));
        }
    });
}

/// In the first sync, and in the one of the next week.
fn power_is_lost_twice(tail: Tail, (first, second): (&Contents, &Contents)) {
    let (mut district, place, served) = sample_district();
    assert!(served.kill_after(150, &place, &["sync"]), "the sync was quicker than its kill");
    lose_power(&place, tail);
    run(&place, &["sync"]);
    assert_same(&served, first, &format!("{tail:?} in the first sync"));
    assert_the_ledger_is_the_ods(&place, &served);
    district.advance();
    district.write(&place.tables()).expect("the folder is ours");
    assert!(served.kill_after(12, &place, &["sync", "--allow-deletes"]), "the sync was quicker than its kill");
    lose_power(&place, tail);
    run(&place, &["sync", "--allow-deletes"]);
    assert_same(&served, second, &format!("{tail:?} in the second sync"));
    assert_the_ledger_is_the_ods(&place, &served);
    served.store().clear_requests();
    run(&place, &["resync"]);
    assert_writes(&served, &[]);
}

/// The ledger forgot a whole sync, and the SIS is as it was before that sync: by the ledger there is nothing to do.
#[test]
fn a_ledger_that_forgot_a_sync_ends_right_with_one_resync() {
    let (mut district, place, served) = sample_district();
    run(&place, &["sync"]);
    let (first, tables) = (contents(&served), district.clone());
    let ledger = fs::read(place.ledger()).expect("the ledger is there");
    district.advance();
    district.write(&place.tables()).expect("the folder is ours");
    run(&place, &["sync", "--allow-deletes"]);
    fs::write(place.ledger(), ledger).expect("the file is ours");
    tables.write(&place.tables()).expect("the folder is ours");

    served.store().clear_requests();
    run(&place, &["sync"]);
    assert_writes(&served, &[]);
    assert_ne!(contents(&served), first, "a sync believes the ledger");
    // What the forgotten sync has posted is nobody's by the ledger.
    let resync = run(&place, &["resync", "--delete-unknown", "--allow-deletes"]);
    for found in ["missing at the ODS", "changed at the ODS by somebody else", "neither the SIS nor the ledger knows"] {
        assert!(resync.stdout.contains(found), "no \"{found}\" in:\n{}", resync.stdout);
    }
    let without_students = |contents: Contents| {
        // Students may be another district's: none is deleted.
        contents.into_iter().filter(|(resource, _)| resource != "students").collect::<Contents>()
    };
    assert_eq!(without_students(contents(&served)), without_students(first));
    served.store().clear_requests();
    run(&place, &["sync"]);
    assert_writes(&served, &[]);
}

// A ledger that is damaged beyond use

fn served_tiny() -> (Place, Served) {
    let place = tiny::place("http://127.0.0.1:1");
    let served = Served::start(&place, &kansas(), 2026);
    place.configure(&tiny::kansas(&served.url()));
    (place, served)
}

/// Overwrites a part of a file.
fn spoil(path: &Path, from: u64, length: usize) {
    let mut file = OpenOptions::new().write(true).open(path).expect("the file is ours");
    file.seek(SeekFrom::Start(from)).expect("the file is ours");
    file.write_all(&garbage(length)).expect("the file is ours");
}

/// What SQLite says stands once in the error, and in the history.
#[test]
fn what_is_wrong_with_a_ledger_is_said_once() {
    let (place, _served) = served_tiny();
    fs::write(place.ledger(), "no database, but a text that somebody wrote\n".repeat(100)).expect("the folder is ours");
    for command in ["sync", "plan", "status"] {
        let ended = place.run(&[command]);
        let error = ended.expect(7).error();
        assert!(error.ends_with("is damaged: file is not a database"), "{error}");
    }
    let sandbox = place.run(&["sandbox", "--file", place.ledger().to_str().expect("it is a text")]);
    let error = sandbox.expect(3).error();
    assert!(error.ends_with("as a sandbox database: file is not a database"), "{error}");
    fs::remove_file(place.ledger()).expect("the folder is ours");
    place.run(&["sync"]).expect(0);
    let ledger = rusqlite::Connection::open(place.ledger()).expect("it is a ledger");
    ledger.execute_batch("DROP TABLE unreported").expect("it is a ledger");
    let ended = place.run(&["sync"]);
    let error = ended.expect(7).error();
    assert!(error.starts_with("the ledger failed to read what a preference kept back: no such table"), "{error}");
    let runs = place.run(&["history", "--format", "json"]).json();
    assert_eq!(runs[0]["reason"], error);
}

/// A run waits a while for who holds the file itself: a backup, or somebody who looks with other tools.
#[test]
fn a_ledger_that_somebody_else_has_locked() {
    let (place, _served) = served_tiny();
    place.run(&["sync"]).expect(0);
    let ledger = rusqlite::Connection::open(place.ledger()).expect("it is a ledger");
    ledger.execute_batch("BEGIN IMMEDIATE").expect("nobody else has it");
    let ended = place.run(&["sync"]);
    assert_eq!(ended.expect(7).error(), "the ledger failed to begin a run: database is locked");
}

#[test]
fn a_damaged_ledger_says_what_to_do_and_a_resync_makes_a_new_one() {
    let (place, served) = served_tiny();
    place.run(&["sync"]).expect(0);
    let whole = fs::read(place.ledger()).expect("the ledger is there");
    let (before, length) = (contents(&served), whole.len());
    served.store().clear_requests();
    // Its head; everything behind the first page; the second half.
    for (from, spoilt) in [(0, 100), (4096, length - 4096), (length as u64 / 2, length / 2)] {
        fs::write(place.ledger(), &whole).expect("the file is ours");
        spoil(&place.ledger(), from, spoilt);
        for command in ["sync", "resync", "plan", "status", "errors"] {
            let ended = place.run(&[command]);
            // A part that a command has no need of may be whole.
            if ended.code == Some(0) && !matches!(command, "sync" | "resync") {
                continue;
            }
            ended.expect(7);
            let hint = "move the ledger's file away (and -wal and -shm beside it), then run `rollcall resync`";
            assert!(ended.stderr.contains(hint), "{command}, spoilt from {from}:\n{}", ended.stderr);
            assert!(!ended.stderr.contains("free space"), "{}", ended.stderr);
        }
    }
    assert_writes(&served, &[]);
    // What the hint says.
    for ending in ["", "-wal", "-shm"] {
        let file = beside(&place.ledger(), ending);
        if file.exists() {
            fs::rename(&file, beside(&file, ".damaged")).expect("the folder is ours");
        }
    }
    let resync = place.run(&["resync"]);
    resync.expect(0);
    assert_writes(&served, &[]);
    assert!(resync.stdout.contains("at the ODS though the ledger did not have them"), "{}", resync.stdout);
    assert_same(&served, &before, "taken over");
    assert_the_ledger_is_the_ods(&place, &served);
    // And it owns what it took over.
    place.edit_table("Roster", |text| text.replace("3006,906,71,51,,\n", ""));
    place.run(&["sync"]).expect(0);
    assert_writes(&served, &[("DELETE studentSectionAssociations", 2)]);
}

#[test]
fn an_empty_ledger_is_said_to_know_nothing() {
    let (place, served) = served_tiny();
    let warns = |ended: &Ended| ended.stderr.contains("WARN") && ended.stderr.contains("the ledger is empty");
    // A ledger that is not there yet is nothing to warn of.
    assert!(!warns(place.run(&["check"]).expect(0)) && !warns(place.run(&["sync"]).expect(0)));
    let before = contents(&served);
    for command in ["status", "resync"] {
        fs::write(place.ledger(), "").expect("the file is ours");
        for ending in ["-wal", "-shm"] {
            fs::remove_file(beside(&place.ledger(), ending)).ok();
        }
        served.store().clear_requests();
        let ended = place.run(&[command, "--no-progress"]);
        assert!(warns(ended.expect(0)), "{command}: {}", ended.stderr);
        assert!(ended.stderr.contains(&place.ledger().display().to_string()), "{}", ended.stderr);
        assert!(ended.stderr.contains("`rollcall resync` takes them over"), "{}", ended.stderr);
        assert_writes(&served, &[]);
        assert!(!warns(place.run(&["status"]).expect(0)), "it is said once");
    }
    assert_same(&served, &before, "taken over");
    assert_the_ledger_is_the_ods(&place, &served);
}

// A full disk

/// A run whose files may not grow above so many blocks of 512 bytes.
fn with_little_room(place: &Place, blocks: u32) -> Ended {
    let program = place.command(&["sync", "--no-progress"]);
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\""), "sh"]);
    shell.arg(program.get_program()).args(program.get_args());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell.stdin(Stdio::null()).output().expect("a shell starts").into()
}

#[test]
fn a_full_disk_ends_the_run_and_loses_nothing() {
    let (_, place, served) = sample_district();
    let (_, other, undisturbed) = sample_district();
    run(&other, &["sync"]);
    let expected = contents(&undisturbed);
    let mut partly = 0;
    for blocks in [40, 120, 200, 350] {
        let before = served.store().counts();
        let ended = with_little_room(&place, blocks);
        ended.expect(7);
        assert!(ended.stderr.contains("free space"), "{blocks}:\n{}", ended.stderr);
        partly += usize::from(served.store().counts() != before);
    }
    assert!(partly > 0, "the disk was full before anything was sent");
    assert_ne!(contents(&served), expected, "the disk was never full");
    run(&place, &["sync"]);
    assert_same(&served, &expected, "the next sync with room");
    assert_the_ledger_is_the_ods(&place, &served);
}

// Two runs at once

#[test]
fn the_second_of_two_runs_says_who_runs() {
    // Takes connections and answers nothing.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let place = tiny::place(&format!("http://{}", silent.local_addr().expect("it is bound")));
    let mut first = place.command(&["sync", "--no-progress"]);
    let mut first = first.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
    // It has the ledger before it asks the server.
    let connection = silent.accept().expect("the program connects");
    for command in ["sync", "resync"] {
        let second = place.run(&[command]);
        second.expect(7);
        let who = format!("process {}, started ", first.id());
        assert!(second.stderr.contains("another run is using the ledger"), "{}", second.stderr);
        assert!(second.stderr.contains(&who), "no \"{who}\" in:\n{}", second.stderr);
    }
    // Who only looks is not in the way.
    place.run(&["status"]).expect(0);
    place.run(&["plan"]).expect(0);
    first.kill().expect("it runs");
    first.wait().expect("it is our child");
    drop(connection);
    // A lock of a run that is dead keeps nobody away.
    let served = Served::start(&place, &kansas(), 2026);
    fs::remove_file(place.ledger()).expect("it has sent nothing");
    place.configure(&tiny::kansas(&served.url()));
    place.run(&["sync"]).expect(0);
}

// An ODS that lost a day

#[test]
fn an_ods_that_lost_a_day_ends_right_with_one_resync() {
    let place = tiny::place("http://127.0.0.1:1");
    let file = place.path().join("ods.db");
    let served = Served::on_file(&place, &kansas(), 2026, &file, None);
    let address = served.address();
    place.configure(&tiny::kansas(&served.url()));
    place.run(&["sync"]).expect(0);
    drop(served);
    let backup = fs::read(&file).expect("the sandbox keeps its records in it");

    // The day: a roster ends, one begins on another day, one goes, and the course has another name.
    let served = Served::on_file(&place, &kansas(), 2026, &file, Some(address));
    place.edit_table("Roster", |text| {
        let text = text.replace("3001,901,71,51,,", "3001,901,71,51,,2026-03-06");
        let text = text.replace("3004,904,71,51,2025-09-02,", "3004,904,71,51,2025-09-03,");
        text.replace("3006,906,71,51,,\n", "")
    });
    place.edit_table("Course", |text| text.replace("Algebra I", "Algebra One"));
    place.run(&["sync"]).expect(0);
    let expected = contents(&served);
    drop(served);
    fs::write(&file, backup).expect("the file is ours");

    let served = Served::on_file(&place, &kansas(), 2026, &file, Some(address));
    assert_ne!(contents(&served), expected);
    place.run(&["sync"]).expect(0);
    assert_writes(&served, &[]);
    let resync = place.run(&["resync"]);
    resync.expect(0);
    assert_writes(
        &served,
        &[
            // The old begin date of one roster in the fall, and both terms of the one that went: ours, deleted, and back.
            ("DELETE studentSectionAssociations", 3),
            ("POST studentSectionAssociations", 1),
            ("PUT courseOfferings", 2),
            // The end date of one term, and the course status of both: it hangs on the latest term's end.
            ("PUT studentSectionAssociations", 2),
        ],
    );
    for found in [
        "courseOfferings: 2 changed at the ODS by somebody else",
        "1 missing at the ODS",
        "2 changed at the ODS by somebody else",
        "3 at the ODS again though they were deleted",
    ] {
        assert!(resync.stdout.contains(found), "no \"{found}\" in:\n{}", resync.stdout);
    }
    assert_same(&served, &expected, "after the resync");
    assert_the_ledger_is_the_ods(&place, &served);
    served.store().clear_requests();
    place.run(&["resync"]).expect(0);
    assert_writes(&served, &[]);
}

// Hands at the ODS

#[test]
fn records_that_somebody_deleted_or_changed_by_hand_are_mended_with_one_resync() {
    let (place, served) = served_tiny();
    place.run(&["sync"]).expect(0);
    let expected = contents(&served);
    let state = Ods::connect(&served.url(), STATE.0, STATE.1);
    let associations = state.pages("studentSectionAssociations");
    let id = |record: &serde_json::Value| record["id"].as_str().expect("a record has an id").to_owned();
    assert_eq!(state.delete("studentSectionAssociations", &id(&associations[0])), 204);
    // Deleted and made again: another id.
    let again = served.store().records("studentSectionAssociations").remove(1).1;
    let stored = state.pages("studentSectionAssociations");
    let twin = stored.iter().find(|record| same(record, &again)).expect("it is there");
    assert_eq!(state.delete("studentSectionAssociations", &id(twin)), 204);
    assert_eq!(state.post("studentSectionAssociations", &again.to_json()).0, 201);
    let offering = served.store().records("courseOfferings").remove(0).1;
    let edited = String::from_utf8(offering.to_json()).expect("JSON is UTF-8").replace("Algebra I", "Typed by hand");
    assert_eq!(state.post("courseOfferings", edited.as_bytes()).0, 200);
    assert_ne!(contents(&served), expected);

    served.store().clear_requests();
    place.run(&["sync"]).expect(0);
    assert_writes(&served, &[]);
    let plan = place.run(&["resync", "--dry-run", "--steps"]);
    plan.expect(0);
    assert_writes(&served, &[]);
    let resync = place.run(&["resync"]);
    resync.expect(0);
    assert_writes(&served, &[("POST studentSectionAssociations", 1), ("PUT courseOfferings", 1)]);
    for found in ["1 missing at the ODS", "1 changed at the ODS by somebody else"] {
        assert!(plan.stdout.contains(found), "no \"{found}\" in:\n{}", plan.stdout);
        assert!(resync.stdout.contains(found), "no \"{found}\" in:\n{}", resync.stdout);
    }
    assert_same(&served, &expected, "after the resync");
    assert_the_ledger_is_the_ods(&place, &served);
}

/// Whether a record as the API gives it is one as the store has it.
fn same(record: &serde_json::Value, body: &rollcall_core::value::Object<'_>) -> bool {
    let body: serde_json::Value = serde_json::from_slice(&body.to_json()).expect("a record is JSON");
    rollcall_tests::ods::without_additions(record.clone()) == body
}

/// What refers to a record that somebody deleted goes out with it, when it is back.
#[test]
fn a_whole_line_of_records_that_somebody_deleted_is_posted_upstream_first() {
    let (place, served) = served_tiny();
    place.run(&["sync"]).expect(0);
    let expected = contents(&served);
    let state = Ods::connect(&served.url(), STATE.0, STATE.1);
    for resource in ["studentSectionAssociations", "sections", "courseOfferings", "sessions"] {
        for record in state.pages(resource) {
            assert_eq!(state.delete(resource, record["id"].as_str().expect("a record has an id")), 204);
        }
    }
    served.store().clear_requests();
    place.run(&["resync"]).expect(0);
    let refused: Vec<_> = served.store().requests().into_iter().filter(|request| request.status >= 400).collect();
    assert_eq!(refused, []);
    assert_same(&served, &expected, "after the resync");
    assert_the_ledger_is_the_ods(&place, &served);
}
