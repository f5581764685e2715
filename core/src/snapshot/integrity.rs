//! From tables as read to a snapshot that is complete in itself.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::OnceLock;

use super::placed::Schedule;
use super::reader::Nothing;
use super::rows::{Links, Loaded, Relation, Rows, lower_bound};
use super::scores::Scores;
use super::{Snapshot, TableReader};
use crate::finding::Finding;
use crate::tables::{
    Calendar, Course, Day, District, Enrollment, GradingScore, GradingTask, GradingTaskCredit, Person, Program,
    ProgramParticipation, ProgramParticipationCertification, Roster, RosterProgram, Row, ScheduleStructure, School,
    SchoolYear, ScoreListItem, Section, SectionPlacement, SectionStaffHistory, StaffMember, TableName, TableSpec, Term,
    TermSchedule, Trial, Unique,
};

impl Snapshot {
    /// Reads the tables, in the order of [`crate::tables::TABLES`], checks them and indexes them. A second row with an id,
    /// and a row that names an id that is not there, are left out; so is, in turn, what names them. Findings: first of
    /// what can't be read, then of what doesn't fit together.
    pub fn read(reader: &mut impl TableReader, findings: &mut Vec<Finding>) -> Self {
        let mut unfit = Vec::new();
        let mut tables = Checked { reader, ids: HashMap::new(), findings, unfit: &mut unfit };
        let districts = tables.next::<District>();
        let school_years = tables.next::<SchoolYear>();
        let schools = tables.next::<School>();
        let calendars = tables.next::<Calendar>();
        let structures = tables.next::<ScheduleStructure>();
        let term_schedules = tables.next::<TermSchedule>();
        let terms = tables.next::<Term>();
        let days = tables.next::<Day>();
        let trials = tables.next::<Trial>();
        let courses = tables.next::<Course>();
        let sections = tables.next::<Section>();
        let schedule = Schedule {
            calendars: &calendars,
            structures: &structures,
            term_schedules: &term_schedules,
            terms: &terms,
            trials: &trials,
            courses: &courses,
            sections: &sections,
        };
        let placements = tables.next_but_doubt::<SectionPlacement>(&|placement| schedule.doubt(placement));
        let people = tables.next::<Person>();
        let enrollments = tables.next::<Enrollment>();
        let rosters = tables.next::<Roster>();
        let roster_programs = tables.next::<RosterProgram>();
        let grading_tasks = tables.next::<GradingTask>();
        let grading_task_credits = tables.next::<GradingTaskCredit>();
        let score_list_items = tables.next::<ScoreListItem>();
        let grading_scores = tables.next::<GradingScore>();
        let programs = tables.next::<Program>();
        let participations = tables.next::<ProgramParticipation>();
        let certifications = tables.next::<ProgramParticipationCertification>();
        let staff = tables.next::<StaffMember>();
        let staff_history = tables.next::<SectionStaffHistory>();
        findings.append(&mut unfit);
        let mut inactive = Vec::new();
        let active: HashSet<i64> = trials.iter().filter(|t| t.active).map(|t| t.trial_id).collect();
        let sections = keep(sections, &mut inactive, |s| active.contains(&s.trial_id));
        // readings: a placement or roster counts if its trial is its section's and is active.
        let of_section = |section: i64, trial: i64| sections.get(section).is_some_and(|s| s.trial_id == trial);
        let placements = keep(placements, &mut inactive, |p| of_section(p.section_id, p.trial_id));
        let rosters = keep(rosters, &mut inactive, |r| of_section(r.section_id, r.trial_id));
        let staff_history = keep(staff_history, &mut inactive, |h| of_section(h.section_id, h.trial_id));
        let roster_programs = keep(roster_programs, &mut inactive, |p| rosters.get(p.roster_id).is_some());
        let grading_scores = keep(grading_scores, &mut inactive, |s| sections.get(s.section_id).is_some());
        Self {
            calendars_by_school: Relation::new(&calendars, |r| r.school_id),
            structures_by_calendar: Relation::new(&structures, |r| r.calendar_id),
            schedules_by_structure: Relation::new(&term_schedules, |r| r.structure_id),
            terms_by_schedule: Relation::new(&terms, |r| r.term_schedule_id),
            days_by_structure: Relation::new(&days, |r| r.structure_id),
            courses_by_calendar: Relation::new(&courses, |r| r.calendar_id),
            sections_by_course: Relation::new(&sections, |r| r.course_id),
            placements_by_section: Relation::new(&placements, |r| r.section_id),
            terms_by_section: Links::new(placements.iter().map(|r| (r.section_id, r.term_id)), &terms),
            enrollments_by_person: Relation::new(&enrollments, |r| r.person_id),
            rosters_by_person: OnceLock::new(),
            roster_programs_by_roster: Relation::new(&roster_programs, |r| r.roster_id),
            credits_by_course: Relation::new(&grading_task_credits, |r| r.course_id),
            items_by_group: Relation::new(&score_list_items, |r| r.score_group_id),
            participations_by_person: Relation::new(&participations, |r| r.person_id),
            certifications_by_participation: Relation::new(&certifications, |r| r.participation_id),
            inactive,
            districts,
            school_years,
            schools,
            calendars,
            structures,
            term_schedules,
            terms,
            days,
            trials,
            courses,
            sections,
            placements,
            people,
            enrollments,
            rosters,
            roster_programs,
            grading_tasks,
            grading_task_credits,
            score_list_items,
            grading_scores: Scores::new(&grading_scores),
            programs,
            participations,
            certifications,
            staff,
            staff_history,
        }
    }

    /// A snapshot without any rows.
    pub fn empty() -> Self {
        Self::read(&mut Nothing, &mut Vec::new())
    }
}

/// Leaves out the rows of inactive trials and counts them.
fn keep<R: Row>(rows: Rows<R>, inactive: &mut Vec<(&'static str, usize)>, active: impl Fn(&R) -> bool) -> Rows<R> {
    let before = rows.len();
    let rows = rows.retain(active);
    if rows.len() < before {
        inactive.push((R::SPEC.name, before - rows.len()));
    }
    rows
}

/// Tables read one after the other, each checked against those before it: no more than one stands unchecked in memory.
struct Checked<'a, S> {
    reader: &'a mut S,
    /// The ids of each table so far, sorted.
    ids: HashMap<TableName, Vec<i64>>,
    /// Of what can't be read.
    findings: &'a mut Vec<Finding>,
    /// Of what doesn't fit together.
    unfit: &'a mut Vec<Finding>,
}

/// So many findings of one kind in one column are told in full; the rest are counted.
const TOLD: usize = 20;

/// Why a row can't stand: the column, and the table that lacks the id that stands there (none: a second row).
type Reason = (usize, Option<TableName>);

/// What is wrong with a row that stands all the same.
pub(super) struct Doubt {
    /// The column, by its place.
    pub(super) column: usize,
    pub(super) message: String,
    pub(super) fix: String,
}

impl<S: TableReader> Checked<'_, S> {
    fn next<R: Row>(&mut self) -> Rows<R> {
        self.next_but_doubt(&|_| None)
    }

    fn next_but_doubt<R: Row>(&mut self, doubt: &dyn Fn(&R) -> Option<Doubt>) -> Rows<R> {
        let Loaded { mut rows, lines } = self.reader.read::<R>(self.findings);
        let spec = R::SPEC;
        let ascends = rows.is_sorted_by(|a, b| a.id() < b.id());
        // Where ids ascend, as in most exports, none can stand twice.
        let mut seen = (spec.unique == Unique::Id && !ascends).then(HashSet::new);
        let targets: Vec<(usize, TableName, &[i64])> = spec
            .columns
            .iter()
            .enumerate()
            .filter_map(|(at, column)| Some((at, column.references?)))
            .map(|(at, target)| (at, target, self.ids.get(&target).map(Vec::as_slice).unwrap_or_default()))
            .collect();
        let mut counts: BTreeMap<Reason, usize> = BTreeMap::new();
        let mut lines = lines.into_iter();
        let mut doubts = 0;
        rows.retain(|row| {
            let line = lines.next().unwrap_or_default();
            let second = || seen.as_ref().is_some_and(|seen| seen.contains(&row.id())).then_some((0, None));
            let Some(reason) = dangling(row, &targets).or_else(second) else {
                if let Some(seen) = &mut seen {
                    seen.insert(row.id());
                }
                if let Some(Doubt { column, message, fix }) = doubt(row) {
                    doubts += 1;
                    if doubts <= TOLD {
                        self.unfit.push(Finding::warning(place(&spec, line, column), message, fix));
                    }
                }
                return true;
            };
            let count = counts.entry(reason).or_default();
            *count += 1;
            if *count <= TOLD {
                self.unfit.push(left_out(row, line, reason));
            }
            false
        });
        for (reason, count) in counts.into_iter().filter(|(_, count)| *count > TOLD) {
            self.unfit.push(more_left_out(&spec, count - TOLD, reason));
        }
        if doubts > TOLD {
            let more = format!("{} more rows of which the same is true", doubts - TOLD);
            self.unfit.push(Finding::warning(format!("{}.csv", spec.name), more, "mend them as those that are named"));
        }
        let rows = Rows::sorted(rows);
        self.ids.insert(R::TABLE, rows.iter().map(Row::id).collect());
        rows
    }
}

/// The first column whose id is in no row of the table that it names, among `(column, table, the table's ids)`.
fn dangling<R: Row>(row: &R, targets: &[(usize, TableName, &[i64])]) -> Option<Reason> {
    let (at, target, _) = targets.iter().find(|(at, _, ids)| row.reference(*at).is_some_and(|id| !has(ids, id)))?;
    Some((*at, Some(*target)))
}

/// Whether an id is among sorted ones.
fn has(ids: &[i64], id: i64) -> bool {
    let first = ids.first().copied().unwrap_or_default();
    let guess = usize::try_from(id.saturating_sub(first)).unwrap_or_default();
    ids.get(lower_bound(ids, guess, |known| *known < id)) == Some(&id)
}

fn left_out<R: Row>(row: &R, line: u64, (at, target): Reason) -> Finding {
    let spec = R::SPEC;
    let column = &spec.columns[at];
    let id = row.reference(at).filter(|_| !column.personal);
    let message = match (target, id) {
        (Some(target), Some(id)) => format!("{id} is in no usable row of {target}.csv"),
        (Some(target), None) => format!("the id is in no usable row of {target}.csv"),
        (None, Some(id)) => format!("id {id} stands in an earlier row"),
        (None, None) => "id stands in an earlier row".to_owned(),
    };
    Finding::error(place(&spec, line, at), format!("{message}; this row is left out"), fix(target))
}

fn place(spec: &TableSpec, line: u64, column: usize) -> String {
    format!("{}.csv row {line}, column {}", spec.name, spec.columns[column].name)
}

fn more_left_out(spec: &TableSpec, more: usize, (at, target): Reason) -> Finding {
    let why = target.map_or_else(
        || "ids that stand in an earlier row".to_owned(),
        |target| format!("ids that are in no usable row of {target}.csv"),
    );
    let rows = if more == 1 { "row is" } else { "rows are" };
    Finding::error(
        format!("{}.csv, column {}", spec.name, spec.columns[at].name),
        format!("{more} more {rows} left out for the same reason: {why}"),
        fix(target),
    )
}

fn fix(target: Option<TableName>) -> String {
    target.map_or_else(
        || "give each row an id of its own, or remove the second row".to_owned(),
        |target| format!("add the row to {target}.csv, mend it there, or correct the id here"),
    )
}
