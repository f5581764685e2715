//! The main job through the built program: a district's tables, a sandbox process with a file, HTTP, SQLite. What is
//! then at the ODS is held against [`rollcall_tests::document`], which reads the source documents a second time.
#![cfg(feature = "kansas")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::time::Instant;

use rollcall_tests::compare::{compare, count, part};
use rollcall_tests::document::{Expected, Preferences, RESOURCES};
use rollcall_tests::ods::Ods;
use rollcall_tests::place::Place;
use rollcall_tests::program::{Ended, KEY, SECRET, SandboxProcess};
use rollcall_tests::tables::Tables;
use rollcall_tests::{ledger, sample};
use serde_json::Value;

fn total(summary: &Value, name: &str) -> u64 {
    RESOURCES.iter().map(|resource| count(summary, resource, name)).sum()
}

/// Everything at the ODS against everything that the documents say.
fn compare_all(ods: &Ods, expected: &Expected) {
    for resource in RESOURCES {
        compare(resource, &ods.records(resource), expected.of_resource(resource));
    }
}

/// A run's counts against the documents'.
fn compare_counts(summary: &Value, expected: &Expected) {
    for resource in RESOURCES {
        let reported = expected.of_resource(resource).len() as u64;
        assert_eq!(count(summary, resource, "reported"), reported, "{resource}");
        assert_eq!(count(summary, resource, "defects"), expected.defects[resource].len() as u64, "{resource}");
        let excluded = part(summary, resource)["excluded"].clone();
        let excluded: BTreeMap<String, u64> = serde_json::from_value(excluded).expect("rules have counts");
        assert_eq!(excluded, expected.excluded[resource], "{resource}: objects by rule");
    }
}

/// Runs a sync; records with a defect make its exit code 4.
fn sync(place: &Place, expected: &Expected) -> Ended {
    let defects: usize = expected.defects.values().map(Vec::len).sum();
    let ended = place.run(&["sync", "--format", "json", "--no-progress"]);
    ended.expect(if defects == 0 { 0 } else { 4 });
    for name in ["refused", "unknown", "held", "not_sent"] {
        assert_eq!(total(&ended.json(), name), 0, "{name}\n{}", ended.stderr);
    }
    ended
}

/// The ODS's etags: a write changes them.
fn etags(ods: &Ods) -> Vec<Value> {
    let all = RESOURCES.iter().flat_map(|resource| ods.pages(resource));
    all.map(|mut record| serde_json::json!([record["id"].take(), record["_etag"].take()])).collect()
}

/// A sync with nothing to do must not write: by its own count, by the ODS's etags, and by the ODS's ids in the ledger.
fn sync_again(place: &Place, ods: &Ods, expected: &Expected) {
    let before = etags(ods);
    let summary = sync(place, expected).json();
    assert_eq!(summary["requests"], 0);
    for name in ["posted", "put", "deleted"] {
        assert_eq!(total(&summary, name), 0, "{name}");
    }
    assert_eq!(etags(ods), before);
}

/// The outcomes that a district must have for a comparison to say something about the rules.
fn covers_every_case(expected: &Expected) {
    let statuses = expected.of_resource("studentSectionAssociations").values();
    let mut seen: Vec<&str> =
        statuses.filter_map(|body| body["_ext"]["ks"]["courseStatusDescriptor"].as_str()?.rsplit('#').next()).collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen, ["Completed (Fail)", "Completed (Pass)", "Enrolled", "Exited before course completion"]);
    let rules = &expected.excluded["studentSectionAssociations"];
    for rule in ["calendar-exclude", "school-exclude", "course-inactive", "enrollment-no-show"] {
        assert!(rules.contains_key(rule), "no roster is excluded by {rule}");
    }
    let homerooms =
        expected.of_resource("studentSectionAssociations").values().filter(|b| b["homeroomIndicator"] == true);
    assert!(homerooms.count() > 0);
    let rules = &expected.excluded["sectionEducators"];
    for rule in ["staff-has-state-id", "staff-type", "staff-outside-term"] {
        assert!(rules.contains_key(rule), "no staff history is excluded by {rule}");
    }
    let educators = || expected.of_resource("sectionEducators").values();
    for host in ["@school.example", "@home.example"] {
        let of_host = |body: &Value| body["educatorElectronicMailAddress"].as_str().is_some_and(|a| a.ends_with(host));
        assert!(educators().any(of_host), "nobody reports {host}");
    }
    assert!(educators().any(|body| body.get("educatorMiddleName").is_some()));
}

#[test]
fn what_the_documents_say_is_at_the_ods_and_nothing_else() {
    let mut district = sample::district(200);
    let place = sample::place(&district);
    let file = place.path().join("sandbox.db");
    let sandbox = SandboxProcess::start(&place.tables(), sample::SCHOOL_YEAR, Some(&file), None);
    place.configure(&sample::kansas(&sandbox.url));
    let preferences = Preferences::read(&sample::kansas(&sandbox.url));
    let ods = Ods::connect(&sandbox.url, KEY, SECRET);

    let first = Expected::of(&Tables::read(&place.tables()), &preferences);
    covers_every_case(&first);
    let summary = sync(&place, &first).json();
    compare_all(&ods, &first);
    compare_counts(&summary, &first);
    let all: usize = RESOURCES.iter().map(|resource| first.of_resource(resource).len()).sum();
    assert_eq!(total(&summary, "posted"), all as u64);
    sync_again(&place, &ods, &first);

    // A week of edits: new students, dates, grades, another course number, deleted rows …
    let changes = district.advance();
    district.write(&place.tables()).expect("the folder is ours");
    let second = Expected::of(&Tables::read(&place.tables()), &preferences);
    let summary = sync(&place, &second).json();
    compare_counts(&summary, &second);
    for name in ["posted", "put", "deleted"] {
        assert!(total(&summary, name) > 0, "the week has nothing to {name}: {changes:?}");
    }
    compare_all(&ods, &second);
    sync_again(&place, &ods, &second);

    // Students are shared between districts: one who left stays, though the key does not see him or her any more.
    let students = |expected: &Expected| expected.of_resource("students").keys().cloned().collect::<BTreeSet<_>>();
    let ever = students(&first).union(&students(&second)).count();
    assert!(ever > students(&second).len(), "nobody left");
    for resource in RESOURCES {
        let seen = ods.pages(resource).into_iter().map(|r| r["id"].as_str().expect("a record has an id").to_owned());
        let (seen, known) = (seen.collect::<BTreeSet<_>>(), ledger::ods_ids(&place.ledger(), resource));
        if resource == "students" {
            assert!(known.is_superset(&seen) && known.len() == ever, "the ledger's ids of students");
        } else {
            assert_eq!(known, seen, "{resource}: the ledger's ids");
        }
    }

    // The file holds it all: another process serves the same records.
    drop(sandbox);
    let sandbox = SandboxProcess::start(&place.tables(), sample::SCHOOL_YEAR, Some(&file), None);
    compare_all(&Ods::connect(&sandbox.url, KEY, SECRET), &second);
}

#[test]
fn every_roster_that_does_not_report_is_counted_under_a_named_rule() {
    let district = sample::district(200);
    let place = sample::place(&district);
    let sandbox = SandboxProcess::start(&place.tables(), sample::SCHOOL_YEAR, None, None);
    place.configure(&sample::kansas(&sandbox.url));
    let expected = Expected::of(&Tables::read(&place.tables()), &Preferences::read(&sample::kansas(&sandbox.url)));
    let synced = sync(&place, &expected).json();
    let status = place.run(&["status", "--format", "json"]).expect(4).json();
    let last = &status["last_run"]["summary"];
    let last = last.as_str().map_or_else(|| last.clone(), |text| serde_json::from_str(text).expect("JSON in JSON"));
    assert_eq!(last, synced, "status tells what the sync told");
    compare_counts(&last, &expected);

    // Each roster that reports nothing has a rule for each of its terms, and the rules are the state's own.
    let silent = &expected.silent_rosters;
    assert!(silent.len() > 30, "{} rosters", silent.len());
    let registry = rollcall::registry().expect("the registry is whole");
    let kansas = registry.state("ks").expect("Kansas is compiled in");
    let spec = kansas.resource("studentSectionAssociations").expect("Kansas reports it").spec();
    let named: Vec<&str> = spec.exclusions.iter().map(|rule| rule.name).collect();
    let with_defect = &expected.defects["studentSectionAssociations"];
    for (roster, rules) in silent {
        let defect = with_defect.iter().any(|object| object.starts_with(&format!("Roster:{roster}-")));
        assert!(!rules.is_empty() || defect, "roster {roster} has no reason");
        assert!(rules.iter().all(|rule| named.contains(&rule.as_str())), "{rules:?}");
    }
    // A defect names the score, and is in the error log.
    let errors = place.run(&["errors", "--format", "json"]).expect(4).json();
    let mut objects: Vec<&str> =
        errors.as_array().expect("a list").iter().map(|e| e["object"].as_str().expect("an object")).collect();
    objects.sort_unstable();
    let mut defects: Vec<&str> = with_defect.iter().map(String::as_str).collect();
    defects.sort_unstable();
    assert_eq!(objects, defects);
}

/// Another district, by hand: `ROLLCALL_TEST_TABLES` and `ROLLCALL_TEST_CONFIG` (whose `connection.url` is replaced).
/// Without them, or with a configuration of another state, there is nothing to do.
#[test]
fn another_district_is_at_the_ods_as_the_documents_say() {
    let Some((place, config)) = sample::another() else { return };
    let mut with_url: toml::Table = config.parse().expect("the configuration is TOML");
    if with_url["state"].as_str() != Some("ks") {
        return;
    }
    let preferences = Preferences::read(&config);
    let year = i32::try_from(*preferences.years.iter().max().expect("a year is configured")).expect("a year");
    let file = place.path().join("sandbox.db");
    let sandbox = SandboxProcess::start(&place.tables(), year, Some(&file), None);
    with_url.insert("connection".into(), toml::Table::from_iter([("url".into(), sandbox.url.clone().into())]).into());
    for section in ["source", "ledger"] {
        with_url.remove(section);
    }
    place.configure(&with_url.to_string());
    let ods = Ods::connect(&sandbox.url, KEY, SECRET);

    let started = Instant::now();
    let expected = Expected::of(&Tables::read(&place.tables()), &preferences);
    let read = started.elapsed();
    let started = Instant::now();
    let ended = sync(&place, &expected);
    let synced = started.elapsed();
    compare_all(&ods, &expected);
    compare_counts(&ended.json(), &expected);
    let started = Instant::now();
    sync_again(&place, &ods, &expected);
    let again = started.elapsed();

    let mut report: Vec<String> = RESOURCES
        .iter()
        .map(|resource| {
            let (records, excluded) = (expected.of_resource(resource).len(), &expected.excluded[resource]);
            let defects = expected.defects[resource].len();
            format!("{resource}: {records} records equal, {defects} defects, does not report: {excluded:?}")
        })
        .collect();
    report.push(format!("documents read in {read:.1?}, first sync {synced:.1?}, second {again:.1?} with 0 requests"));
    writeln!(std::io::stderr(), "{}\n{}", report.join("\n"), ended.stderr).expect("stderr is open");
}
