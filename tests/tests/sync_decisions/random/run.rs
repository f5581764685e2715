//! A random year lived through: each event, and what has to hold after it.

use rollcall_sandbox::Faults;
use rollcall_sync::deletion::Wanted;
use rollcall_sync::plan::{Resync, Scope};
use rollcall_sync::summary::{ResourceSummary, Summary};

use super::events::{Event, SCOPES, STUDENTS, TABLES};
use super::year::{CELLS, FIRST_TOGGLE, KEY_CHANGES, LINES, ROWS, STUDENT_ID, Year};
use crate::office::Office;

/// A year in an office.
pub(super) struct Run {
    year: Year,
    office: Office,
    /// Whether somebody has been at the ODS since the last resync: a sync believes the ledger.
    tampered: bool,
}

impl Run {
    pub(super) async fn open() -> Self {
        let year = Year::new();
        let mut office = Office::open(year.district()).await;
        office.add_school(500_002).await;
        office.configure(|_| year.config());
        Self { year, office, tampered: false }
    }

    pub(super) async fn happens(&mut self, event: &Event) {
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
        for (cell, good) in [("Enrollment:2.grade", 0), ("GradingScore:1.score", 0), ("StaffMember:5.email", 0)] {
            let at = CELLS.iter().position(|(of, _)| *of == cell).unwrap();
            self.year.cells[at] = good;
        }
    }

    /// Everything is mended, and turned on: one resync, and the ODS holds what a fresh full load would.
    pub(super) async fn ends(&mut self) {
        self.mend();
        self.year.lines[FIRST_TOGGLE..].fill(0);
        self.resyncs().await;
        self.office.holds_a_full_load();
    }
}
