//! A district that is in step with its state, what changes in it, and what a sync sends then.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rollcall_core::testing::District;
use rollcall_tests::ledger::LedgerContents;
use rollcall_tests::ods::{Ods, resource_of, without_additions};
use rollcall_tests::place::Place;
use rollcall_tests::program::Ended;
use rollcall_tests::served::{STATE, Served};
use serde_json::Value;

/// Where a row starts: a state, its configuration, and SIS tables.
pub(crate) struct Start {
    pub(crate) state: &'static str,
    /// What stands in rollcall.toml beside the state, the school years and the connection.
    pub(crate) config: Cow<'static, str>,
    pub(crate) years: Vec<i32>,
    pub(crate) sis: District,
}

impl Start {
    /// Changes the tables of the first sync.
    pub(crate) fn sis(self, change: impl FnOnce(District) -> District) -> Self {
        Self { sis: change(self.sis), ..self }
    }

    /// Another configuration of the first sync: one text into another.
    pub(crate) fn configured(self, from: &str, to: &str) -> Self {
        assert!(self.config.contains(from), "the configuration has no {from}");
        Self { config: self.config.replace(from, to).into(), ..self }
    }

    /// Other school years.
    pub(crate) fn years(self, years: &[i32]) -> Self {
        Self { years: years.to_vec(), ..self }
    }

    /// A district in step: the first sync has sent everything.
    pub(crate) fn in_step(self) -> InStep {
        self.in_step_with(|sis| sis)
    }

    /// The same where the state has loaded schools, courses and school years for these tables, and not just for those of
    /// the first sync.
    pub(crate) fn in_step_with(self, known_to_the_state: impl FnOnce(District) -> District) -> InStep {
        let in_step = self.not_yet_in_step(known_to_the_state);
        in_step.run(&["sync"]).expect(0);
        in_step
    }

    /// A district that has never synced.
    pub(crate) fn not_yet_in_step(self, known_to_the_state: impl FnOnce(District) -> District) -> InStep {
        let Self { state, config, years, sis } = self;
        let place = Place::new();
        let registry = rollcall::registry().expect("the registry is whole");
        let view = registry.state(state).expect("the state is compiled in");
        let write = |district: &District| district.csv().iter().for_each(|(name, text)| place.write_table(name, text));
        // A sandbox is seeded from tables.
        write(&known_to_the_state(sis.clone()));
        let served = Served::of_years(&place, &view, &years);
        write(&sis);
        let config =
            format!("state = {state:?}\nschool-years = {years:?}\n\n[connection]\nurl = {:?}\n{config}", served.url());
        place.configure(&config);
        InStep { place, served, sis, config }
    }
}

/// A district's tables and configuration, the ledger, and the state's sandbox.
pub(crate) struct InStep {
    place: Place,
    pub(crate) served: Served,
    sis: District,
    config: String,
}

impl InStep {
    /// Changes the SIS: its tables are exported anew.
    pub(crate) fn edit(mut self, change: impl FnOnce(District) -> District) -> Self {
        let before = self.sis.csv();
        self.sis = change(self.sis);
        let changed: Vec<_> = self.sis.csv().into_iter().zip(before).filter(|(now, then)| now != then).collect();
        assert!(!changed.is_empty(), "the edit changed nothing");
        for ((name, text), _) in &changed {
            self.place.write_table(name, text);
        }
        self
    }

    /// Changes rollcall.toml: one text into another, or an empty one into an addition.
    pub(crate) fn configure(mut self, from: &str, to: &str) -> Self {
        assert!(self.config.contains(from), "the configuration has no {from}");
        self.config = if from.is_empty() { format!("{}\n{to}\n", self.config) } else { self.config.replace(from, to) };
        self.place.configure(&self.config);
        self
    }

    /// Runs the program.
    pub(crate) fn run(&self, args: &[&str]) -> Ended {
        self.served.store().clear_requests();
        self.place.run(&[args, &["--no-progress"]].concat())
    }

    /// A sync sends these, `3 DELETE sections`, and no other requests; and a further sync sends nothing.
    #[track_caller]
    pub(crate) fn sync(self, expected: &[&str]) -> Self {
        self.run(&["sync"]).expect(0);
        self.sent(expected);
        self.stays_in_step()
    }

    /// The same above the limit on deletes.
    #[track_caller]
    pub(crate) fn sync_with_deletes(self, expected: &[&str]) -> Self {
        self.run(&["sync"]).expect(6);
        self.sent(&[]);
        self.run(&["sync", "--allow-deletes"]).expect(0);
        self.sent(expected);
        self.stays_in_step()
    }

    /// A sync sends nothing, and counts so many records that wait for a resync.
    #[track_caller]
    pub(crate) fn sync_waits(self, waiting: u64) -> Self {
        let ended = self.run(&["sync", "--format", "json"]);
        let summary = ended.expect(0).json();
        self.sent(&[]);
        let parts = summary["resources"].as_array().expect("a run has counts by resource").iter();
        let counted: u64 = parts.map(|part| part["waiting"].as_u64().expect("a count is a number")).sum();
        assert_eq!(counted, waiting, "records that wait for a resync");
        self
    }

    /// A resync sends these; neither a sync nor a resync sends anything after it.
    #[track_caller]
    pub(crate) fn resync(self, expected: &[&str]) -> Self {
        self.run(&["resync"]).expect(0);
        self.sent(expected);
        self.run(&["resync"]).expect(0);
        self.sent(&[]);
        self.stays_in_step()
    }

    #[track_caller]
    fn stays_in_step(self) -> Self {
        self.run(&["sync"]).expect(0);
        self.sent(&[]);
        self
    }

    /// The last run wrote just these, each taken by the ODS; posts came upstream first, and deletes downstream first.
    ///
    /// The sandbox refuses a record whose upstream record is not there yet, and the delete of one that has downstream
    /// records: a wrong order of two records shows as a refusal, and as one more request.
    #[track_caller]
    pub(crate) fn sent(&self, expected: &[&str]) {
        let requests = self.served.store().requests().into_iter();
        let writes: Vec<(String, String)> = requests
            .filter(|request| request.method != "GET")
            .filter_map(|request| {
                let resource = resource_of(&request.path)?.to_owned();
                assert!((200..300).contains(&request.status), "{} {resource} got {}", request.method, request.status);
                Some((request.method, resource))
            })
            .collect();
        let mut counted: BTreeMap<String, usize> = BTreeMap::new();
        for (method, resource) in &writes {
            *counted.entry(format!("{method} {resource}")).or_default() += 1;
        }
        let mut lines: Vec<String> = counted.into_iter().map(|(what, count)| format!("{count} {what}")).collect();
        let mut wanted: Vec<String> = expected.iter().map(|line| (*line).to_owned()).collect();
        lines.sort();
        wanted.sort();
        assert_eq!(lines, wanted, "what was sent (left) is not what the row says (right)");
        assert_in_order(&writes);
    }

    /// The state's own staff, over HTTP.
    fn state(&self) -> Ods {
        Ods::connect(&self.served.url(), STATE.0, STATE.1)
    }

    /// Somebody deletes the one record that has a value at a JSON pointer.
    pub(crate) fn deleted_by_hand(self, resource: &str, pointer: &str, value: &str) -> Self {
        let body = self.one(resource, pointer, value);
        let state = self.state();
        let stored = state.pages(resource).into_iter().find(|record| without_additions(record.clone()) == body);
        let stored = stored.expect("the record is at the ODS");
        let id = stored["id"].as_str().expect("a record has an id");
        assert_eq!(state.delete(resource, id), 204);
        self
    }

    /// Somebody writes a record.
    pub(crate) fn written_by_hand(self, resource: &str, body: &Value) -> Self {
        let (status, answer) = self.state().post(resource, body.to_string().as_bytes());
        assert!(matches!(status, 200 | 201), "{status} {answer}");
        self
    }

    /// The one record that has a value at a JSON pointer.
    #[track_caller]
    pub(crate) fn one(&self, resource: &str, pointer: &str, value: &str) -> Value {
        let has = |record: &Value| record.pointer(pointer).is_some_and(|found| found == value);
        let mut found: Vec<Value> = self.records(resource).into_iter().filter(has).collect();
        assert_eq!(found.len(), 1, "{resource} with {value} at {pointer}");
        found.remove(0)
    }

    /// How many records of a resource the ledger has: what the documents call the Ed-Fi Identity Mapping table.
    #[track_caller]
    pub(crate) fn maps(self, resource: &str, count: usize) -> Self {
        let records = LedgerContents::read(&self.place.ledger()).records;
        assert_eq!(records.iter().filter(|record| record[0] == resource).count(), count, "{resource} in the ledger");
        self
    }

    /// How many SIS objects stand behind a resource's records in the ledger.
    #[track_caller]
    pub(crate) fn maps_objects(self, resource: &str, count: usize) -> Self {
        let objects = LedgerContents::read(&self.place.ledger()).objects;
        assert_eq!(objects.iter().filter(|object| object[0] == resource).count(), count, "{resource} in the ledger");
        self
    }

    /// The records of a resource.
    pub(crate) fn records(&self, resource: &str) -> Vec<Value> {
        let records = self.served.store().records(resource).into_iter();
        records.map(|(_, body)| serde_json::from_slice(&body.to_json()).expect("a record is JSON")).collect()
    }

    /// The ODS holds so many records of a resource.
    #[track_caller]
    pub(crate) fn holds(self, resource: &str, count: usize) -> Self {
        assert_eq!(self.served.store().count(resource), count, "{resource} at the ODS");
        self
    }

    /// The ODS's records of a resource have these values at a JSON pointer (sorted; null where there is none).
    #[track_caller]
    pub(crate) fn has(self, resource: &str, pointer: &str, expected: &[&str]) -> Self {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let records = self.records(resource);
        let mut values: Vec<String> =
            records.iter().map(|record| text(record.pointer(pointer).unwrap_or(&Value::Null))).collect();
        values.sort();
        assert_eq!(values, expected, "{pointer} of {resource} at the ODS");
        self
    }
}

/// The resources of the documents, upstream first along each line.
const UPSTREAM_FIRST: &[&[&str]] = &[
    &["sessions", "courseOfferings", "sections", "studentSectionAssociations"],
    &["sessions", "courseOfferings", "sections", "sectionEducators"],
    &["courses", "courseOfferings"],
    &["students", "studentSchoolAssociations"],
    &["students", "studentSectionAssociations"],
    &["students", "studentCTEProgramAssociations"],
    &["programs", "studentCTEProgramAssociations"],
];

/// Whether a resource stands upstream of another.
fn is_upstream(one: &str, of: &str) -> bool {
    let at = |line: &[&str], name: &str| line.iter().position(|resource| *resource == name);
    UPSTREAM_FIRST.iter().any(|line| matches!((at(line, one), at(line, of)), (Some(a), Some(b)) if a < b))
}

/// The first posts came upstream first, the first deletes downstream first, and a delete/post began with the delete.
#[track_caller]
fn assert_in_order(writes: &[(String, String)]) {
    for (at, (method, resource)) in writes.iter().enumerate() {
        let before = &writes[..at];
        if before.contains(&(method.clone(), resource.clone())) {
            continue;
        }
        for (earlier, other) in before {
            let wrong = match (earlier.as_str(), method.as_str()) {
                ("POST", "POST") => is_upstream(resource, other),
                ("DELETE", "DELETE") => is_upstream(other, resource),
                ("POST", "DELETE") => resource == other,
                _ => false,
            };
            assert!(!wrong, "the first {method} of {resource} came after the first {earlier} of {other}");
        }
    }
}
