//! Random school years: whatever is edited, mapped, toggled, killed, broken or tampered with, the ODS ends where a fresh
//! full load would end, the ledger ends where the ODS is, and no request goes against the records that refer to each other.
//!
//! `ROLLCALL_RANDOM_YEARS=5000 cargo test -p rollcall-tests --test sync_decisions random` runs more of them, and
//! `ROLLCALL_RANDOM_SEED=7` others; CI runs some hundreds, always the same. Failures found so are kept as cases of their own
//! at the end of this file.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rollcall_core::tables::TableName;
use rollcall_core::testing::District;
use rollcall_sandbox::{Faults, Hit, Moment, What, Whom};
use rollcall_sync::deletion::Wanted;
use rollcall_sync::plan::{Resync, Scope};
use rollcall_sync::summary::{ResourceSummary, Summary};

use super::office::Office;

/// One thing that happens in a school year.
#[derive(Debug, Clone)]
enum Event {
    /// A cell of the SIS, by its place in [`CELLS`], gets one of its values.
    Cell(usize, usize),
    /// A row of [`ROWS`] comes, or goes.
    Row(usize, bool),
    /// A line of the configuration, by its place in [`LINES`], becomes one of its forms.
    Line(usize, usize),
    /// A line of the configuration becomes one of its forms between two syncs with everything working.
    Mapped(usize, usize),
    /// A sync with everything working.
    Sync,
    /// A resync with everything working.
    Resync,
    /// A resync of some records only, by its place in [`SCOPES`].
    ResyncSome(usize),
    /// What failed is tried again.
    Retry,
    /// What the ODS has of a student is deleted by command; the next sync sends it anew.
    Deleted(usize),
    /// A sync while rows of a table, by its place in [`TABLES`], cannot be read.
    Damaged(usize),
    /// A sync, or a resync, that is killed after so many writes.
    Killed { writes: u64, resync: bool },
    /// A sync against a server that fails.
    Faulty(Fault),
    /// Somebody deletes the n-th of the records that nothing names.
    DeletedByHand(usize),
    /// Somebody changes the title of the n-th course offering.
    ChangedByHand(usize),
    /// The ledger's file is lost, and somebody resyncs as they are told.
    LedgerLost,
}

#[derive(Debug, Clone, Copy)]
enum Fault {
    /// Every n-th write is answered 500.
    Errors(u64),
    /// Every n-th write is answered 429, for a while.
    Throttled(u64),
    /// Every n-th connection is reset, before or after the write is done.
    Resets(u64, bool),
}

/// Cells, each with the values that it may take; the first is the one that it has.
const CELLS: &[(&str, &[&str])] = &[
    ("Course:1.number", &["ALG1", "ALG2", "BAND"]),
    ("Course:2.number", &["BAND", "BAND2"]),
    ("Course:2.name", &["Band", "Concert"]),
    ("Course:1.active", &["1", "0"]),
    ("Course:1.stateExclude", &["0", "1"]),
    ("Course:2.stateCode", &["05101", "02052", "-"]),
    ("Course:1.courseLevel", &["H", "-"]),
    ("Section:1.number", &["01", "02", "07"]),
    ("Section:2.number", &["07", "01"]),
    ("Section:5.number", &["02", "01", "07"]),
    ("Section:1.homeroomSection", &["0", "1"]),
    ("Term:1.startDate", &["2025-08-18", "2025-08-20"]),
    ("Term:2.termType", &["Spring", "Fall", "Winter", "-"]),
    ("Term:2.endDate", &["2026-05-22", "2026-05-29"]),
    ("Calendar:1.exclude", &["0", "1"]),
    ("School:1.exclude", &["0", "1"]),
    ("School:1.edFiSchoolNumber", &["-", "500002"]),
    ("Person:1.lastName", &["Lark", "Larkin"]),
    ("Person:2.edFiID", &["7002", "7999", "-"]),
    ("Person:1.edFiID", &["7001", "7002", "7999"]),
    ("Person:2.stateID", &["9002", "9009"]),
    ("Person:2.exclude", &["0", "1"]),
    ("Enrollment:1.startDate", &["2025-08-18", "2025-08-25"]),
    ("Enrollment:2.noShow", &["0", "1"]),
    ("Enrollment:2.stateExclude", &["0", "1"]),
    ("Enrollment:2.grade", &["10", "09", "11"]),
    ("Enrollment:1.endDate", &["-", "2025-11-20"]),
    ("Roster:1.startDate", &["-", "2025-09-10"]),
    ("Roster:1.endDate", &["-", "2025-10-01", "2025-08-01"]),
    ("Roster:3.startDate", &["2025-09-02", "2025-09-04"]),
    ("GradingScore:1.score", &["A", "F", "B"]),
    ("Roster:2.personID", &["1", "2"]),
    ("Roster:3.sectionID", &["1", "2"]),
];

/// Filters of a resync: resources, schools, students.
const SCOPES: &[(&[&str], &[&str], &[&str])] = &[
    (&["studentSectionAssociations"], &[], &[]),
    (&["sections", "courseOfferings"], &[], &[]),
    (&["studentSchoolAssociations"], &[], &[]),
    (&[], &["500001"], &[]),
    (&[], &["500002"], &[]),
    (&[], &[], &["7002"]),
    (&[], &[], &["7999"]),
];

/// Tables of which rows cannot be read.
const TABLES: &[TableName] = &[
    TableName::Roster,
    TableName::Enrollment,
    TableName::Term,
    TableName::SectionPlacement,
    TableName::Section,
    TableName::Person,
    TableName::GradingScore,
];

const STUDENTS: &[&str] = &["7001", "7002", "7999"];

/// Rows that come and go: nothing else refers to them. All are there at first but the last three.
const ROWS: &[&str] = &[
    "Roster:1",
    "Roster:2",
    "Roster:3",
    "SectionPlacement:3",
    "SectionPlacement:9",
    "Enrollment:2",
    "Day:5",
    "Roster:9",
    "GradingScore:1",
    "Enrollment:3",
];
const ABSENT_AT_FIRST: &[&str] = &["Roster:9", "GradingScore:1", "Enrollment:3"];

/// Lines of the configuration, each with the forms that it may take; the first is the one that it has. The last forms of
/// the toggles turn a resource off.
const LINES: &[&[&str]] = &[
    &["\"Spring\" = \"S2\"", "\"Spring\" = \"Q4\"", "", "\"Spring\" = \"S1\""],
    &["\"Winter\" = \"Q3\"", ""],
    &["\"H\" = \"H\"", "\"H\" = \"G\""],
    &[
        "section-identifier = \"{section.number}\"",
        "section-identifier = \"{course.number}-{section.number}\"",
        "section-identifier = \"{course.number}\"",
    ],
    &["key-changes = \"delete-post\"", "key-changes = \"update\""],
    &["", "student-id = \"state-id\""],
    &["studentSectionAssociations = true", "studentSectionAssociations = false"],
    &["sections = true", "sections = false"],
    &["studentSchoolAssociations = true", "studentSchoolAssociations = false"],
];
const FIRST_TOGGLE: usize = 6;
/// The lines before this one are preferences, and one of those behind it is.
const KEY_CHANGES: usize = 4;
const STUDENT_ID: usize = 5;

/// The SIS and the configuration as they are.
struct Year {
    cells: Vec<usize>,
    rows: BTreeMap<&'static str, bool>,
    lines: Vec<usize>,
}

impl Year {
    fn new() -> Self {
        let rows = ROWS.iter().map(|row| (*row, !ABSENT_AT_FIRST.contains(row))).collect();
        Self { cells: vec![0; CELLS.len()], rows, lines: vec![0; LINES.len()] }
    }

    fn district(&self) -> District {
        let mut district = District::small()
            .with_section("5", "1", "02")
            .with_placement("9", "5", "1")
            .set("SectionPlacement:9.periodID", "2")
            .with_roster("8", "2", "5", "-", "-")
            .with_roster("9", "2", "2", "-", "-")
            .with_score("1", "1", "1", "1", "A", "2025-12-19")
            .with_enrollment("3", "2", "-")
            .set("Enrollment:3.grade", "10")
            .set("Enrollment:3.startDate", "2025-11-03");
        for ((cell, values), at) in CELLS.iter().zip(&self.cells) {
            district = district.set(cell, values[*at]);
        }
        for (row, there) in &self.rows {
            if !there {
                district = district.without(row);
            }
        }
        district
    }

    fn config(&self) -> String {
        let line = |at: usize| LINES[at][self.lines[at]];
        format!(
            "state = \"ks\"\nschool-years = [2026]\n[connection]\nurl = \"http://127.0.0.1\"\n{}\n[options]\n{}\n{}\n\
             [resources]\n{}\n{}\n{}\n[mappings.term-type]\n\"Fall\" = \"S1\"\n{}\n{}\n[mappings.grade-level]\n\
             \"09\" = \"Ninth grade\"\n\"10\" = \"Tenth grade\"\n[mappings.course-level]\n{}\n\
             [mappings.delivery-type]\n\"G\" = \"G\"\n[mappings.targeted-program]\n\"A\" = \"A\"\n\
             [mappings.college-career-type]\n\"N\" = \"N\"\n",
            line(4),
            line(3),
            line(5),
            line(6),
            line(7),
            line(8),
            line(0),
            line(1),
            line(2),
        )
    }

    fn all_on(&self) -> bool {
        self.lines[FIRST_TOGGLE..].iter().all(|form| *form == 0)
    }
}

/// A year in an office.
struct Run {
    year: Year,
    office: Office,
    /// Whether somebody has been at the ODS since the last resync: a sync believes the ledger.
    tampered: bool,
}

impl Run {
    async fn open() -> Self {
        let year = Year::new();
        let mut office = Office::open(year.district()).await;
        office.add_school(500_002).await;
        office.configure(|_| year.config());
        Self { year, office, tampered: false }
    }

    async fn happens(&mut self, event: &Event) {
        match event {
            Event::Cell(at, value) => {
                let at = at % CELLS.len();
                self.year.cells[at] = value % CELLS[at].1.len();
            }
            Event::Row(at, there) => {
                self.year.rows.insert(ROWS[at % ROWS.len()], *there);
            }
            Event::Line(at, form) => {
                let at = at % LINES.len();
                self.year.lines[at] = form % LINES[at].len();
            }
            Event::Mapped(at, form) => self.is_mapped(at % KEY_CHANGES, *form).await,
            Event::Sync => {
                self.syncs().await;
            }
            Event::Resync => self.resyncs().await,
            Event::ResyncSome(at) => {
                let (resources, schools, persons) = SCOPES[at % SCOPES.len()];
                let set = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
                let (resources, schools, persons) = (set(resources), set(schools), set(persons));
                let scope = Scope { resources, schools, persons, keys: Vec::new() };
                self.applies_the_year();
                self.office.resync(&Resync { scope, delete_unknown: true }).await;
                self.is_accounted_for();
            }
            Event::Retry => {
                self.applies_the_year();
                self.office.retry().await;
                self.is_accounted_for();
            }
            Event::Deleted(at) => {
                self.applies_the_year();
                let student = STUDENTS[at % STUDENTS.len()].to_owned();
                self.office.delete(&Wanted::Person(student)).await;
                self.is_accounted_for();
            }
            Event::Damaged(at) => {
                self.applies_the_year();
                self.office.damaged = Some(TABLES[at % TABLES.len()]);
                self.office.sync_with_deletes().await;
                self.office.damaged = None;
                self.is_accounted_for();
            }
            Event::Killed { writes, resync } => {
                self.applies_the_year();
                let resync = resync.then(Resync::default);
                self.office.killed_after(*writes, resync.as_ref()).await;
            }
            Event::Faulty(fault) => {
                self.applies_the_year();
                self.office.sandbox.set_faults(fault.as_faults());
                self.office.sync_with_deletes().await;
                self.office.sandbox.set_faults(Faults::default());
            }
            Event::DeletedByHand(at) => self.tampered |= self.office.delete_a_leaf(*at).await,
            Event::ChangedByHand(at) => self.tampered |= self.office.change_an_offering(*at).await,
            Event::LedgerLost => {
                // A whole resync mends it, and comes first: a sync that knows nothing of what the ODS holds could delete what
                // makes the rest visible.
                // What has to be mended is mended before: its record could not be told from a stranger's.
                self.mend();
                self.office.lose_the_ledger();
                self.resyncs().await;
            }
        }
    }

    fn applies_the_year(&mut self) {
        let (district, config) = (self.year.district(), self.year.config());
        self.office.change(|_| district);
        self.office.configure(|_| config);
    }

    /// "Changes to Resource Preferences mappings do NOT trigger": where nothing waited or was to be mended, whatever is mapped
    /// otherwise sends nothing, however often it is looked at, and mapped as before nothing waits.
    async fn is_mapped(&mut self, at: usize, form: usize) {
        let at = if at == KEY_CHANGES - 1 && form % 2 == 1 { STUDENT_ID } else { at };
        let (before, settled) = (self.year.lines[at], self.syncs().await);
        self.year.lines[at] = form % LINES[at].len();
        self.applies_the_year();
        let summary = self.office.sync_with_deletes().await;
        if !settled {
            return;
        }
        assert_eq!(summary.requests, 0, "a preference triggers: {summary:?}");
        let summary = self.office.sync_with_deletes().await;
        assert_eq!(summary.requests, 0, "a preference triggers when it is looked at again: {summary:?}");
        let form = std::mem::replace(&mut self.year.lines[at], before);
        self.applies_the_year();
        let summary = self.office.sync_with_deletes().await;
        assert_eq!((summary.requests, summary.total(|part| part.waiting)), (0, 0), "mapped as before: {summary:?}");
        self.year.lines[at] = form;
    }

    /// Whether nothing is left to be done, or to be mended.
    async fn syncs(&mut self) -> bool {
        self.applies_the_year();
        let summary = self.office.sync_with_deletes().await;
        if self.tampered {
            return false;
        }
        self.office.agrees_with_the_ledger();
        let left = |part: &ResourceSummary| {
            let kept = if part.resource == "students" { 0 } else { part.kept };
            part.waiting + part.withheld + part.defects + part.held + kept
        };
        self.nothing_was_refused(&summary);
        let settled = summary.total(left) == 0 && self.year.all_on();
        if settled {
            self.office.holds_a_full_load();
        }
        if self.year.all_on() {
            let again = self.office.sync_with_deletes().await;
            assert_eq!(again.requests, 0, "a second sync has nothing to do: {again:?}");
        }
        settled
    }

    /// A run of part of the records leaves the ledger with what the ODS has.
    fn is_accounted_for(&self) {
        if !self.tampered {
            self.office.agrees_with_the_ledger();
        }
    }

    /// References to a resource that is off are taken on trust: somebody else may send it. All others are kept.
    fn nothing_was_refused(&self, summary: &Summary) {
        if self.year.all_on() {
            self.office.refers_rightly();
            assert_eq!(summary.total(|part| part.refused + part.unknown + part.not_sent), 0, "{summary:?}");
        }
    }

    async fn resyncs(&mut self) {
        self.applies_the_year();
        let resync = Resync { delete_unknown: true, ..Resync::default() };
        let summary = self.office.resync(&resync).await;
        self.tampered = false;
        self.office.agrees_with_the_ledger();
        self.nothing_was_refused(&summary);
        let left = |part: &ResourceSummary| {
            let kept = if part.resource == "students" { 0 } else { part.kept };
            part.withheld + part.defects + part.held + kept
        };
        if summary.total(left) == 0 && self.year.all_on() {
            self.office.holds_a_full_load();
        }
        if !self.year.all_on() {
            return;
        }
        let again = self.office.resync(&resync).await;
        assert_eq!(again.requests, 0, "a second resync has nothing to do: {again:?}");
        let again = self.office.sync_with_deletes().await;
        assert_eq!((again.requests, again.total(|part| part.waiting)), (0, 0), "nor has a sync: {again:?}");
    }

    /// Makes good what no record can be made of.
    fn mend(&mut self) {
        for (cell, good) in [("Enrollment:2.grade", 0), ("GradingScore:1.score", 0)] {
            let at = CELLS.iter().position(|(of, _)| *of == cell).unwrap();
            self.year.cells[at] = good;
        }
    }

    /// Everything is mended, and turned on: one resync, and the ODS holds what a fresh full load would.
    async fn ends(&mut self) {
        self.mend();
        self.year.lines[FIRST_TOGGLE..].fill(0);
        self.resyncs().await;
        self.office.holds_a_full_load();
    }
}

impl Fault {
    fn as_faults(self) -> Faults {
        let status = |status| What::Status { status, retry_after: None };
        let (what, every, times) = match self {
            Self::Errors(every) => (status(500), every, None),
            Self::Throttled(every) => (status(429), every, Some(3)),
            Self::Resets(every, true) => (What::Reset(Moment::AfterCommit), every, None),
            Self::Resets(every, false) => (What::Reset(Moment::BeforeCommit), every, None),
        };
        Hit { what, whom: Whom::Every(every), times }.into()
    }
}

fn event() -> impl Strategy<Value = Event> {
    let number = || 0..64_usize;
    let fault = prop_oneof![
        (1..4_u64).prop_map(Fault::Errors),
        (1..4_u64).prop_map(Fault::Throttled),
        (1..4_u64, any::<bool>()).prop_map(|(every, after)| Fault::Resets(every, after)),
    ];
    prop_oneof![
        12 => (number(), number()).prop_map(|(at, value)| Event::Cell(at, value)),
        5 => (number(), any::<bool>()).prop_map(|(at, there)| Event::Row(at, there)),
        3 => (number(), number()).prop_map(|(at, form)| Event::Line(at, form)),
        2 => (number(), number()).prop_map(|(at, form)| Event::Mapped(at, form)),
        6 => Just(Event::Sync),
        2 => Just(Event::Resync),
        2 => number().prop_map(Event::ResyncSome),
        1 => Just(Event::Retry),
        1 => number().prop_map(Event::Deleted),
        2 => number().prop_map(Event::Damaged),
        3 => (1..20_u64, any::<bool>()).prop_map(|(writes, resync)| Event::Killed { writes, resync }),
        3 => fault.prop_map(Event::Faulty),
        1 => number().prop_map(Event::DeletedByHand),
        1 => number().prop_map(Event::ChangedByHand),
        1 => Just(Event::LedgerLost),
    ]
}

fn lives_through(events: &[Event]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut run = Run::open().await;
        run.happens(&Event::Sync).await;
        for event in events {
            run.happens(event).await;
        }
        run.ends().await;
    });
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: number("ROLLCALL_RANDOM_YEARS").and_then(|years| years.try_into().ok()).unwrap_or(24),
        rng_seed: RngSeed::Fixed(number("ROLLCALL_RANDOM_SEED").unwrap_or(20_261)),
        failure_persistence: None,
        max_shrink_iters: 400,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_school_year_ends_where_a_fresh_full_load_would(events in prop::collection::vec(event(), 1..14)) {
        lives_through(&events);
    }
}

/// A record that somebody deleted leaves the ledger in a resync though its resource is off.
#[test]
fn found_deleted_by_hand_and_toggled_off() {
    lives_through(&[Event::DeletedByHand(0), Event::Line(6, 1), Event::Resync]);
}

/// A record that refers to a resource which is off is sent on trust, and may be refused.
#[test]
fn found_renumbered_while_the_sections_are_off() {
    lives_through(&[Event::Line(7, 1), Event::Cell(1, 1), Event::Sync]);
}

/// What makes a student visible goes only after what is seen through it: else the rest could not be deleted any more.
#[test]
fn found_an_association_that_nobody_could_see_any_more() {
    lives_through(&[Event::Cell(14, 1), Event::Faulty(Fault::Errors(2))]);
}

/// A student's new id is never an update in place: the ODS refuses to give a record to a student whom it does not show.
#[test]
fn found_another_student_id_in_place() {
    lives_through(&[Event::Cell(18, 1), Event::Line(4, 1)]);
}

/// Deletes of a run that was killed stay open while their resource is off, and are settled when it is on again.
#[test]
fn found_killed_and_then_toggled_off() {
    for writes in 5..12 {
        let killed = Event::Killed { writes, resync: false };
        lives_through(&[Event::Cell(16, 1), killed, Event::Line(7, 1), Event::Sync, Event::Cell(16, 0)]);
    }
}

/// A record that somebody deleted leaves the ledger also when it is off and would have another natural key by now.
#[test]
fn found_deleted_by_hand_toggled_off_and_renamed() {
    lives_through(&[Event::Line(6, 1), Event::Line(3, 1), Event::DeletedByHand(0), Event::Resync]);
}

/// With the ledger lost and a resource off, a resync still takes over what the ODS holds.
#[test]
fn found_a_lost_ledger_with_a_resource_off() {
    lives_through(&[Event::LedgerLost, Event::Line(6, 1), Event::Resync]);
}

/// A student's id changes while his only enrollment has a defect: what the ODS has of him stays, the rest is held.
#[test]
fn found_another_student_id_beside_a_defective_enrollment() {
    lives_through(&[Event::Cell(18, 1), Event::Cell(25, 2), Event::Sync]);
    lives_through(&[Event::Cell(18, 1), Event::Cell(25, 2), Event::Resync]);
}

/// An association that another one replaces goes with the same sync, also when a record that waits names the student.
#[test]
fn found_a_replaced_association_beside_a_record_that_waits() {
    lives_through(&[Event::Line(0, 2), Event::Cell(22, 1), Event::Sync]);
}

/// A record whose key was changed in place by a run that was killed, and changes again, is one record all the same.
#[test]
fn found_changed_in_place_killed_and_changed_again() {
    let killed = |writes| Event::Killed { writes, resync: false };
    for writes in 1..5 {
        lives_through(&[Event::Line(4, 1), Event::Cell(11, 1), killed(writes), Event::Cell(9, 2)]);
        lives_through(&[Event::Line(4, 1), Event::Cell(11, 1), killed(writes), Event::Cell(18, 1)]);
        lives_through(&[Event::Line(4, 1), Event::Cell(11, 1), killed(writes), Event::Cell(11, 0)]);
    }
}

/// A record that leaves a resync's filters by its new key is deleted under the old one, though the ODS was not asked for it.
#[test]
fn found_another_student_in_a_resync_of_one() {
    lives_through(&[Event::Cell(31, 1), Event::ResyncSome(5)]);
}

/// A key change in place cascades to a resource that is off: its records are the same ones when it is on again.
#[test]
fn found_changed_in_place_above_a_resource_that_is_off() {
    let (off, on) = (Event::Line(6, 1), Event::Line(6, 0));
    let (in_place, delete_post) = (Event::Line(4, 1), Event::Line(4, 0));
    let changed = [off, in_place, Event::Cell(8, 1), Event::Sync];
    lives_through(&[&changed[..], &[on.clone(), Event::Sync]].concat());
    lives_through(&[&changed[..], &[delete_post, on, Event::Sync]].concat());
}
