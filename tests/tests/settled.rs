//! A sync with the tables, the configuration, the program and the ledger of one that found nothing to send plans nothing,
//! and says the same; whatever else there is, it plans in full.
#![cfg(feature = "kansas")]

use rollcall_tests::place::Place;
use rollcall_tests::program::SandboxProcess;
use rollcall_tests::tiny;
use serde_json::Value;

const SHORT: &str = "nothing has changed since a sync that found nothing to send";

fn served() -> (Place, SandboxProcess) {
    let place = tiny::place("http://127.0.0.1:1");
    let sandbox = SandboxProcess::start(&place.tables(), 2026, None, None);
    place.configure(&tiny::kansas(&sandbox.url));
    (place, sandbox)
}

/// Runs a sync: its counts, and whether it was spared the plan.
fn sync(place: &Place, args: &[&str]) -> (Value, bool) {
    let ended = place.run(&[&["sync", "--no-progress", "-vv", "--format", "json"], args].concat());
    ended.expect(0);
    (ended.json(), ended.stderr.contains(SHORT))
}

fn count(summary: &Value, name: &str) -> u64 {
    let parts = summary["resources"].as_array().expect("a run has counts by resource");
    parts.iter().map(|part| part[name].as_u64().expect("a count is a number")).sum()
}

/// Syncs until there is nothing to do and the next sync can know it.
fn settle(place: &Place) -> Value {
    sync(place, &[]);
    let (counts, short) = sync(place, &[]);
    assert!(!short, "a sync that sent something settles nothing");
    assert!(count(&counts, "unchanged") > 10);
    counts
}

#[test]
fn what_is_settled_is_told_again_and_kept_in_the_history() {
    let (place, _sandbox) = served();
    let counts = settle(&place);
    for _ in 0..2 {
        assert_eq!(sync(&place, &[]), (counts.clone(), true));
    }
    assert_eq!(sync(&place, &["--full"]), (counts.clone(), false));
    assert_eq!(sync(&place, &[]), (counts.clone(), true));
    let runs = place.run(&["history", "--format", "json"]).expect(0).json();
    assert_eq!(runs.as_array().map(Vec::len), Some(6));
    assert_eq!((&runs[0]["outcome"], &runs[0]["summary"]), (&Value::from("complete"), &counts));
}

#[test]
fn a_changed_cell_is_sent_and_so_is_what_is_changed_back() {
    let (place, _sandbox) = served();
    settle(&place);
    for (old, new) in [("Tamsin", "Tamsyn"), ("Tamsyn", "Tamsin")] {
        place.edit_table("Person", |text| text.replace(old, new));
        let (counts, short) = sync(&place, &[]);
        assert_eq!((count(&counts, "put"), short), (1, false));
    }
    // The inputs are those of the note, but the ledger was written since.
    assert!(!sync(&place, &[]).1);
    assert!(sync(&place, &[]).1);
}

#[test]
fn a_changed_configuration_is_planned() {
    let (place, sandbox) = served();
    settle(&place);
    place.configure(&(tiny::kansas(&sandbox.url) + "10 = \"Tenth grade\"\n"));
    assert!(!sync(&place, &[]).1);
    assert!(sync(&place, &[]).1);
}

#[test]
fn what_is_to_be_mended_is_told_again_until_it_is_mended() {
    let (place, _sandbox) = served();
    place.edit_table("Person", |text| text.replace("2010-02-03", ""));
    let mut said = Vec::new();
    for settled in [false, false, true, true] {
        let ended = place.run(&["sync", "--no-progress", "-vv", "--format", "json"]);
        assert_eq!(ended.expect(4).stderr.contains(SHORT), settled, "{}", ended.stderr);
        assert!(ended.stderr.contains("`rollcall errors` says which"), "{}", ended.stderr);
        said.push((ended.json(), place.run(&["errors", "--format", "json"]).json()));
    }
    let (counts, errors) = &said[1];
    assert!(count(counts, "defects") > 0 && !errors.as_array().unwrap().is_empty());
    for (again, log) in &said[2..] {
        assert_eq!((again, log), (counts, errors));
    }
    let runs = place.run(&["history", "--format", "json"]).expect(0).json();
    let outcomes: Vec<_> = runs.as_array().unwrap().iter().map(|run| run["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["incomplete"; 4]);
    place.edit_table("Person", |text| text.replace(",,", ",2010-02-03,"));
    let (counts, short) = sync(&place, &[]);
    assert!(!short && count(&counts, "posted") > 0 && count(&counts, "defects") == 0, "{counts}");
}

#[test]
fn what_was_refused_settles_nothing() {
    let place = tiny::place("http://127.0.0.1:1");
    let sandbox = SandboxProcess::start_with(&place.tables(), 2026, None, None, &["--faults", "400:one-in=4"]);
    place.configure(&tiny::kansas(&sandbox.url));
    for _ in 0..3 {
        let ended = place.run(&["sync", "--no-progress", "-vv", "--format", "json"]);
        assert!(!ended.expect(4).stderr.contains(SHORT), "{}", ended.stderr);
        assert!(count(&ended.json(), "refused") > 0);
    }
}

#[test]
fn rows_that_cannot_be_read_settle_nothing() {
    let (place, _sandbox) = served();
    settle(&place);
    place.edit_table("Roster", |text| text + "x,y,z\n");
    for _ in 0..3 {
        let ended = place.run(&["sync", "--no-progress", "-vv"]);
        assert!(!ended.stderr.contains(SHORT), "{}", ended.stderr);
    }
}

#[test]
fn a_resync_that_mends_something_is_followed_by_a_full_plan() {
    let (place, _sandbox) = served();
    settle(&place);
    assert!(sync(&place, &[]).1);
    place.run(&["resync", "--no-progress"]).expect(0);
    assert!(!sync(&place, &[]).1, "a resync writes into the ledger");
}
