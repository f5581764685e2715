//! Every run is kept, and told of: `rollcall history` and `rollcall show`.
#![cfg(feature = "kansas")]

use std::net::TcpListener;
use std::process::Stdio;

use rollcall_tests::place::Place;
use rollcall_tests::program::{Ended, KEY, SECRET, SandboxProcess};
use rollcall_tests::tiny;
use serde_json::{Value, json};

/// An address at which nothing has to answer.
const NOWHERE: &str = "http://127.0.0.1:1";

fn served() -> (Place, SandboxProcess) {
    let place = tiny::place(NOWHERE);
    let sandbox = SandboxProcess::start(&place.tables(), 2026, None, None);
    place.configure(&tiny::kansas(&sandbox.url));
    (place, sandbox)
}

fn history(place: &Place) -> Vec<Value> {
    let json = place.run(&["history", "--format", "json"]).expect(0).json();
    json.as_array().expect("the history is a list").clone()
}

fn count(run: &Value, name: &str) -> u64 {
    let parts = run["summary"]["resources"].as_array().expect("a run has counts by resource");
    parts.iter().map(|part| part[name].as_u64().expect("a count is a number")).sum()
}

#[test]
fn a_place_without_runs_says_so() {
    let place = tiny::place(NOWHERE);
    assert!(place.run(&["history"]).expect(0).stdout.contains("no runs yet"));
    assert_eq!(history(&place), Vec::<Value>::new());
    assert!(place.run(&["show"]).expect(2).stderr.contains("there are no runs yet"));
}

#[test]
fn the_runs_stand_newest_first_with_what_they_did() {
    let (place, sandbox) = served();
    place.run(&["sync", "--no-progress"]).expect(0);
    place.edit_table("Roster", |text| text.replace("2025-09-02", "2025-09-03"));
    place.run(&["sync", "--no-progress"]).expect(0);

    let runs = history(&place);
    let ids: Vec<&Value> = runs.iter().map(|run| &run["id"]).collect();
    assert_eq!(ids, [2, 1]);
    assert_eq!(count(&runs[1], "deleted"), 0);
    assert!(count(&runs[1], "posted") > 10, "{:#}", runs[1]);
    // The start of a roster is part of its record's natural key: delete/post.
    assert_eq!((count(&runs[0], "deleted"), count(&runs[0], "posted")), (1, 1), "{:#}", runs[0]);
    for run in &runs {
        assert_eq!(run["command"], "sync");
        assert_eq!(run["outcome"], "complete");
        assert_eq!(run["filters"], Value::Null);
        assert_eq!(run["configuration_is_present"], true);
        assert!(run["seconds"].is_i64());
    }

    let limited = place.run(&["history", "--limit", "1", "--format", "json"]).expect(0).json();
    assert_eq!(limited, json!([runs[0]]));
    let table = place.run(&["history"]);
    table.expect(0);
    let rows: Vec<&str> = table.stdout.lines().filter(|line| line.contains("complete")).collect();
    assert_eq!(rows.len(), 2, "{}", table.stdout);
    drop(sandbox);
}

/// What a run was limited to stands there as it was asked for.
#[test]
fn limits_are_told_in_words() {
    let (place, _sandbox) = served();
    place.run(&["sync", "--no-progress"]).expect(0);
    for (limits, told) in [
        (&["--resource", "sections"][..], "resources sections"),
        (
            &["--resource", "sections", "--key", "schoolId=990001&sessionName=S1"],
            "sections schoolId=990001&sessionName=S1",
        ),
        (&["--resource", "students", "--key", "Person:901"], "students studentUniqueId=4000000901"),
    ] {
        place.run(&[&["resync", "--no-progress"], limits].concat()).expect(0);
        let shown = place.run(&["show"]).expect(0).stdout.clone();
        assert!(shown.contains(&format!("of:            {told}\n")), "no \"{told}\" in:\n{shown}");
    }
    place.run(&["delete", "sections", "sessionName=S2", "--yes", "--no-progress"]).expect(0);
    assert!(place.run(&["show"]).stdout.contains("of:            sections sessionName=S2\n"));
    assert!(place.run(&["history"]).stdout.contains("sections sessionName=S2"));
    assert!(place.run(&["history", "--limit", "0"]).expect(2).stderr.contains("--limit"));
}

#[test]
fn one_run_is_shown_whole() {
    let (place, sandbox) = served();
    place.run(&["sync", "--no-progress"]).expect(0);
    let shown = place.run(&["show", "--format", "json"]).expect(0).json();
    assert_eq!(shown, history(&place)[0]);
    let text = place.run(&["show", "1"]).expect(0).stdout.clone();
    for part in ["run 1: sync", "everything", "complete", "the present one", "studentSectionAssociations"] {
        assert!(text.contains(part), "no \"{part}\" in:\n{text}");
    }
    // What a configuration says is part of what a run did.
    place.configure(&(tiny::kansas(&sandbox.url) + "\n[sync]\ndelete-limit = 0.5\n"));
    assert!(place.run(&["show", "1"]).expect(0).stdout.contains("changed since"));
    assert_eq!(history(&place)[0]["configuration_is_present"], false);
    let missing = place.run(&["show", "7"]);
    assert!(missing.expect(2).stderr.contains("there is no run 7"), "{}", missing.stderr);
}

/// The error that a command printed.
fn error(ended: &Ended) -> &str {
    let line = ended.stderr.lines().find_map(|line| line.strip_prefix("error: "));
    line.unwrap_or_else(|| panic!("no error in:\n{}", ended.stderr))
}

/// Why the last run ended before its end stands wherever it is told of, as it was printed.
fn assert_reason(place: &Place, outcome: &str, printed: &str, part: &str) {
    assert!(printed.contains(part), "no \"{part}\" in: {printed}");
    let run = &history(place)[0];
    assert_eq!((&run["outcome"], &run["reason"]), (&json!(outcome), &json!(printed)));
    assert_eq!(run["summary"].get("reason"), None, "it stands once");
    let id = run["id"].as_i64().expect("a run has a number");
    let table = place.run(&["history"]).expect(0).stdout.clone();
    assert!(table.contains(&format!("\nrun {id} {outcome}: {printed}\n")), "{table}");
    assert!(place.run(&["show"]).expect(0).stdout.contains(printed));
    assert!(place.run(&["status"]).stdout.contains(printed));
    assert_eq!(place.run(&["status", "--format", "json"]).json()["last_run"]["reason"], printed);
}

#[test]
fn a_run_that_could_not_begin_is_kept_with_its_reason() {
    let place = tiny::place(NOWHERE);
    let ended = place.run(&["sync"]);
    assert_reason(&place, "failed", error(ended.expect(5)), "cannot connect to http://127.0.0.1:1");
    assert_eq!(history(&place).len(), 1);
    assert!(place.run(&["show"]).expect(0).stdout.contains("failed before anything was sent: cannot "));
    // Of a run that ended as it should there is nothing to say.
    let (place, _sandbox) = served();
    place.run(&["sync", "--no-progress"]).expect(0);
    assert_eq!(history(&place)[0]["reason"], Value::Null);
}

#[test]
fn a_reason_names_no_secret() {
    const WRONG: &str = "the-wrong-secret-4471";
    let (place, sandbox) = served();
    let mut sync = place.command(&["sync", "--no-progress"]);
    let ended = Ended::from(sync.env("ROLLCALL_SECRET", WRONG).output().expect("the program starts"));
    assert_reason(&place, "failed", error(ended.expect(5)), "refused the key or secret (status 401");
    for secret in [WRONG, KEY, SECRET] {
        assert!(!place.run(&["history", "--format", "json"]).stdout.contains(secret), "{secret}");
    }
    std::fs::write(place.path().join("ca.pem"), "no certificate").expect("the folder is ours");
    place.configure(&tiny::kansas(&sandbox.url).replace("[connection]", "[connection]\nca-file = \"ca.pem\""));
    let ended = place.run(&["sync", "--no-progress"]);
    assert_reason(&place, "failed", error(ended.expect(3)), "connection.ca-file holds no certificate");
}

/// An empty error log means something after a run about everything only.
#[test]
fn an_empty_error_log_says_what_it_means() {
    let (place, sandbox) = served();
    let errors = || place.run(&["errors"]).expect(0).stdout.trim_end().to_owned();
    let empty = |why: &str| {
        let told = errors();
        assert!(told.starts_with(&format!("the error log is empty; {why}")), "{told}");
        assert!(told.ends_with("`rollcall status` says what is at the ODS"), "{told}");
    };
    let no_ledger = "nothing was sent yet: this connection has no ledger";
    assert_eq!(errors(), no_ledger);
    for options in [&["--school", "77"][..], &["--person", "4777000111"], &["--outcome", "held"]] {
        let told = |more: &[&str]| place.run(&[&["errors"], options, more].concat()).expect(0).stdout.trim().to_owned();
        assert_eq!(told(&[]), no_ledger, "{options:?}");
        assert_eq!(told(&["--format", "json"]), "[]", "{options:?}");
        let retried = place.run(&[&["retry"], options].concat());
        assert!(retried.expect(0).stderr.contains(no_ledger), "{options:?}: {}", retried.stderr);
    }
    place.configure(&tiny::kansas(&sandbox.url).replace("[connection]", "[connection]\nkey-file = \"nowhere\""));
    place.run(&["sync", "--no-progress"]).expect(3);
    empty("the last run (sync 1) ended");
    assert!(errors().contains("failed before anything was sent"));
    place.configure(&tiny::kansas(&sandbox.url));
    place.run(&["resync", "--resource", "sessions", "--no-progress"]).expect(0);
    empty("the last run (resync 2) ended");
    place.run(&["sync", "--no-progress"]).expect(0);
    assert_eq!(errors(), "no errors: every record that reports is at the ODS");
}

#[test]
fn a_run_above_the_delete_limit_is_kept_too() {
    let (place, _sandbox) = served();
    place.run(&["sync", "--no-progress"]).expect(0);
    place.edit_table("Roster", |text| text.lines().next().expect("a header").to_owned() + "\n");
    let ended = place.run(&["sync", "--no-progress"]);
    assert_reason(&place, "delete-limit", error(ended.expect(6)), "more than the limit of");
}

#[test]
fn a_run_without_an_end_is_running_or_was_killed() {
    // Takes connections and answers nothing.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let place = tiny::place(&format!("http://{}", silent.local_addr().expect("it is bound")));
    let mut sync = place.command(&["sync", "--no-progress"]);
    let mut sync = sync.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
    // It asks the server only when its run is in the ledger.
    let connection = silent.accept().expect("the program connects");
    assert_eq!(history(&place)[0]["outcome"], "running");
    assert!(place.run(&["show"]).expect(0).stdout.contains("is running"));
    sync.kill().expect("it runs");
    sync.wait().expect("it is our child");
    drop(connection);
    let run = &history(&place)[0];
    assert_eq!((&run["outcome"], &run["finished"], &run["seconds"]), (&json!("killed"), &Value::Null, &Value::Null));
    assert!(place.run(&["show"]).expect(0).stdout.contains("was killed"));
}

/// The tables as the first version of the program made them.
const FIRST_LEDGER: &str = "
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE record (resource TEXT NOT NULL, key_hash BLOB NOT NULL, natural_key TEXT NOT NULL, ods_id TEXT,
        state TEXT NOT NULL, operation TEXT, source BLOB, payload BLOB, PRIMARY KEY (resource, key_hash)) WITHOUT ROWID;
    CREATE TABLE object (resource TEXT NOT NULL, object_key TEXT NOT NULL, key_hash BLOB NOT NULL,
        PRIMARY KEY (resource, object_key)) WITHOUT ROWID;
    CREATE INDEX object_by_record ON object (resource, key_hash);
    CREATE TABLE run (id INTEGER PRIMARY KEY, command TEXT NOT NULL, config TEXT NOT NULL, started TEXT NOT NULL,
        finished TEXT, outcome TEXT, summary TEXT);
    CREATE TABLE error (resource TEXT NOT NULL, object_key TEXT NOT NULL, natural_key TEXT NOT NULL, operation TEXT,
        outcome TEXT NOT NULL, status INTEGER, class TEXT NOT NULL, message TEXT NOT NULL, fix TEXT NOT NULL,
        waits_for TEXT, payload BLOB, run INTEGER NOT NULL, at TEXT NOT NULL, tries INTEGER NOT NULL,
        PRIMARY KEY (resource, object_key, natural_key)) WITHOUT ROWID;
    CREATE INDEX error_by_record ON error (resource, natural_key);
    INSERT INTO run (command, config, started, finished, outcome, summary) VALUES
        ('sync', '00', '2025-09-01T02:00:00Z', '2025-09-01T03:01:05Z', 'complete', '{\"resources\":[],\"requests\":0,\"retries\":0}');
    PRAGMA user_version = 1;
";

#[test]
fn a_ledger_of_the_first_version_goes_on() {
    let (place, _sandbox) = served();
    let ledger = rusqlite::Connection::open(place.ledger()).expect("the folder is ours");
    ledger.execute_batch(FIRST_LEDGER).expect("the tables can be made");
    drop(ledger);
    place.run(&["sync", "--no-progress"]).expect(0);
    let runs = history(&place);
    assert_eq!(runs.len(), 2);
    assert_eq!(runs[1]["seconds"], 3665);
    assert!(place.run(&["history"]).expect(0).stdout.contains("1 h 1 min"));
}
