//! A sync that is killed and started again ends where an undisturbed one ends: the same records at the ODS, the same
//! ledger, no record twice.
//!
//! Each case kills the first sync of a district at one point and the sync of its next week at another. The points are
//! numbers of writes that the ODS has answered, from a fixed row of pseudo-random numbers.
#![cfg(all(feature = "kansas", unix))]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use rollcall_tests::ledger::{LedgerContents, ods_ids};
use rollcall_tests::ods::natural_key;
use rollcall_tests::place::Place;
use rollcall_tests::sample;
use rollcall_tests::served::Served;

/// Enough for every resource to be sent in several batches of requests in flight, and for ten pairs of runs.
const STUDENTS: usize = 70;

/// What a sync leaves: the ODS's records and the ledger.
#[derive(PartialEq)]
struct Left {
    ods: BTreeMap<String, Vec<String>>,
    ledger: LedgerContents,
}

/// What an undisturbed district leaves after its first sync and after its second, and how many writes each took.
struct Undisturbed {
    first: Left,
    second: Left,
    writes: [u64; 2],
}

fn served(place: &Place) -> Served {
    let registry = rollcall::registry().expect("the registry is whole");
    let kansas = registry.state("ks").expect("Kansas is compiled in");
    let served = Served::start(place, &kansas, sample::SCHOOL_YEAR);
    place.configure(&sample::kansas(&served.url()));
    served
}

/// Runs a sync to its end. The sample's posted score that no list has is a defect, hence the exit code.
fn sync(place: &Place) {
    let ended = place.run(&["sync", "--allow-deletes", "--no-progress"]);
    assert!(matches!(ended.code, Some(0 | 4)), "{}\n{}", ended.stdout, ended.stderr);
}

/// How the kills of a test went.
#[derive(Default)]
struct Kills {
    /// The sync was still running.
    landed: AtomicUsize,
    /// The ledger had requests whose outcome was never written.
    in_flight: AtomicUsize,
}

/// Starts a sync and kills it when the ODS has answered so many writes more.
fn sync_and_kill(place: &Place, served: &Served, after: u64, kills: &Kills) {
    if !served.kill_after(after, place, &["sync", "--allow-deletes"]) {
        return;
    }
    kills.landed.fetch_add(1, Ordering::Relaxed);
    // The next command that looks at the ledger brings what the journal has to its place.
    place.run(&["status"]);
    if LedgerContents::read(&place.ledger()).records.iter().any(|record| record[3] == "sending") {
        kills.in_flight.fetch_add(1, Ordering::Relaxed);
    }
}

/// Looks at what is left, and that it fits together: no record twice, and the ledger has the ODS's own ids.
fn left(place: &Place, served: &Served) -> Left {
    let left = Left { ods: served.contents(), ledger: LedgerContents::read(&place.ledger()) };
    for resource in rollcall_tests::document::RESOURCES {
        let records = served.store().records(resource);
        let mut keys = BTreeSet::new();
        for (_, body) in &records {
            let body = serde_json::from_slice(&body.to_json()).expect("a record is JSON");
            let key = natural_key(resource, &body);
            assert!(keys.insert(key.clone()), "{resource} has {key} twice");
        }
        let ids: BTreeSet<String> = records.into_iter().map(|(id, _)| id).collect();
        assert_eq!(ods_ids(&place.ledger(), resource), ids, "{resource}: the ledger's ids are not the ODS's");
    }
    let unsettled: Vec<_> = left.ledger.records.iter().filter(|record| record[3] != "delivered").collect();
    assert!(unsettled.is_empty(), "{unsettled:?}");
    left
}

fn undisturbed() -> Undisturbed {
    let mut district = sample::district(STUDENTS);
    let place = sample::place(&district);
    let served = served(&place);
    let before = served.writes();
    sync(&place);
    let between = served.writes();
    let first = left(&place, &served);
    district.advance();
    district.write(&place.tables()).expect("the folder is ours");
    sync(&place);
    Undisturbed { first, second: left(&place, &served), writes: [between - before, served.writes() - between] }
}

/// Fails with the first difference instead of everything.
fn assert_same(left: &Left, right: &Left, when: &str) {
    for (resource, expected) in &right.ods {
        let stored = left.ods.get(resource).map(Vec::as_slice).unwrap_or_default();
        let differs = stored.iter().zip(expected).find(|(a, b)| a != b);
        assert!(stored == expected, "{when}: {resource} {} of {}, {differs:?}", stored.len(), expected.len());
    }
    assert_eq!(left.ods.len(), right.ods.len(), "{when}");
    for (table, ours, theirs) in [
        ("record", &left.ledger.records, &right.ledger.records),
        ("object", &left.ledger.objects, &right.ledger.objects),
        ("error", &left.ledger.errors, &right.ledger.errors),
    ] {
        let more = ours.difference(theirs).next();
        let less = theirs.difference(ours).next();
        assert!(ours == theirs, "{when}: ledger table {table}: too many {more:?}, missing {less:?}");
    }
}

/// The next of a fixed row of pseudo-random numbers (Knuth's MMIX constants), below `limit`.
fn next(state: &mut u64, limit: u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) % limit
}

/// Kills at one point of each sync, in a district and a sandbox of their own.
fn killed_at(points: [u64; 2], undisturbed: &Undisturbed, kills: &Kills) {
    let mut district = sample::district(STUDENTS);
    let place = sample::place(&district);
    let served = served(&place);
    sync_and_kill(&place, &served, points[0], kills);
    sync(&place);
    assert_same(&left(&place, &served), &undisturbed.first, &format!("killed at write {}", points[0]));
    district.advance();
    district.write(&place.tables()).expect("the folder is ours");
    sync_and_kill(&place, &served, points[1], kills);
    sync(&place);
    let when = format!("killed at write {} and, a week later, at write {}", points[0], points[1]);
    assert_same(&left(&place, &served), &undisturbed.second, &when);
}

#[test]
fn a_killed_sync_ends_where_an_undisturbed_one_ends() {
    let undisturbed = undisturbed();
    assert!(undisturbed.first != undisturbed.second, "the week changes nothing");
    assert!(undisturbed.writes[0] > 500 && undisturbed.writes[1] > 30, "{:?}", undisturbed.writes);
    // Not among the last, which are over before a kill arrives.
    let mut state = 20_260;
    let mut point = |writes: u64| 1 + next(&mut state, writes - 12);
    let points: Vec<[u64; 2]> = (0..10).map(|_| undisturbed.writes.map(&mut point)).collect();
    let kills = Kills::default();
    std::thread::scope(|scope| {
        for half in points.chunks(5) {
            let (undisturbed, kills) = (&undisturbed, &kills);
            scope.spawn(move || half.iter().for_each(|points| killed_at(*points, undisturbed, kills)));
        }
    });
    assert!(kills.landed.into_inner() >= 15, "too many syncs were quicker than their kill");
    assert!(kills.in_flight.into_inner() >= 10, "the kills came when nothing was in flight");
}

/// Killed again and again, each time soon after it began: it still gets there.
#[test]
fn a_sync_that_is_killed_again_and_again_gets_on() {
    let district = sample::district(STUDENTS);
    let place = sample::place(&district);
    let served = served(&place);
    let kills = Kills::default();
    for after in [1, 40, 90, 140, 200] {
        sync_and_kill(&place, &served, after, &kills);
    }
    assert_eq!(kills.landed.into_inner(), 5);
    sync(&place);
    let other = sample::place(&district);
    let undisturbed = self::served(&other);
    sync(&other);
    assert_same(&left(&place, &served), &left(&other, &undisturbed), "killed five times");
}
