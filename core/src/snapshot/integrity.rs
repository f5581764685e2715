//! From tables as read to a snapshot that is complete in itself.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::rows::{Links, Loaded, Relation, Rows, lower_bound};
use super::{Snapshot, Tables};
use crate::finding::Finding;
use crate::tables::{Row, TableSpec, Unique};

impl Snapshot {
    /// Checks the tables and indexes them. A second row with an id, and a row that names an id that is not there, are
    /// left out and become findings; so does, in turn, what names them.
    pub fn new(tables: Tables, findings: &mut Vec<Finding>) -> Self {
        let mut ids = Ids { tables: HashMap::new(), findings };
        let districts = ids.check(tables.districts);
        let school_years = ids.check(tables.school_years);
        let schools = ids.check(tables.schools);
        let calendars = ids.check(tables.calendars);
        let structures = ids.check(tables.structures);
        let term_schedules = ids.check(tables.term_schedules);
        let terms = ids.check(tables.terms);
        let days = ids.check(tables.days);
        let trials = ids.check(tables.trials);
        let courses = ids.check(tables.courses);
        let sections = ids.check(tables.sections);
        let placements = ids.check(tables.placements);
        let people = ids.check(tables.people);
        let enrollments = ids.check(tables.enrollments);
        let rosters = ids.check(tables.rosters);
        let roster_programs = ids.check(tables.roster_programs);
        let grading_tasks = ids.check(tables.grading_tasks);
        let grading_task_credits = ids.check(tables.grading_task_credits);
        let score_list_items = ids.check(tables.score_list_items);
        let grading_scores = ids.check(tables.grading_scores);
        let programs = ids.check(tables.programs);
        let participations = ids.check(tables.participations);
        let certifications = ids.check(tables.certifications);
        let staff = ids.check(tables.staff);
        let staff_history = ids.check(tables.staff_history);
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
            rosters_by_person: Relation::new(&rosters, |r| r.person_id),
            roster_programs_by_roster: Relation::new(&roster_programs, |r| r.roster_id),
            credits_by_course: Relation::new(&grading_task_credits, |r| r.course_id),
            items_by_group: Relation::new(&score_list_items, |r| r.score_group_id),
            scores_by_person_and_section: Relation::new(&grading_scores, |r| (r.person_id, r.section_id)),
            participations_by_person: Relation::new(&participations, |r| r.person_id),
            certifications_by_participation: Relation::new(&certifications, |r| r.participation_id),
            staff_history_by_section: Relation::new(&staff_history, |r| r.section_id),
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
            grading_scores,
            programs,
            participations,
            certifications,
            staff,
            staff_history,
        }
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

/// The ids of each table so far, sorted.
struct Ids<'f> {
    tables: HashMap<&'static str, Vec<i64>>,
    findings: &'f mut Vec<Finding>,
}

/// So many findings of one kind in one column are told in full; the rest are counted.
const TOLD: usize = 20;

/// Why a row can't stand: the column, and the table that lacks the id that stands there (none: a second row).
type Reason = (usize, Option<&'static str>);

impl Ids<'_> {
    fn check<R: Row>(&mut self, loaded: Loaded<R>) -> Rows<R> {
        let spec = R::SPEC;
        let ascends = loaded.rows.is_sorted_by(|a, b| a.id() < b.id());
        // Where ids ascend, as in most exports, none can stand twice.
        let mut seen = (spec.unique == Unique::Id && !ascends).then(HashSet::new);
        let targets: Vec<(usize, &'static str, &[i64])> = spec
            .columns
            .iter()
            .enumerate()
            .filter_map(|(at, column)| Some((at, column.references?)))
            .map(|(at, target)| (at, target, self.tables.get(target).map(Vec::as_slice).unwrap_or_default()))
            .collect();
        let mut kept = Vec::with_capacity(loaded.rows.len());
        let mut counts: BTreeMap<Reason, usize> = BTreeMap::new();
        let mut findings = Vec::new();
        for (row, line) in loaded.rows.into_iter().zip(loaded.lines) {
            let second = || seen.as_ref().is_some_and(|seen| seen.contains(&row.id())).then_some((0, None));
            let Some(reason) = dangling(&row, &targets).or_else(second) else {
                if let Some(seen) = &mut seen {
                    seen.insert(row.id());
                }
                kept.push(row);
                continue;
            };
            let count = counts.entry(reason).or_default();
            *count += 1;
            if *count <= TOLD {
                findings.push(left_out(&row, line, reason));
            }
        }
        for (reason, count) in counts.into_iter().filter(|(_, count)| *count > TOLD) {
            findings.push(more_left_out(&spec, count - TOLD, reason));
        }
        self.findings.append(&mut findings);
        let rows = Rows::sorted(kept);
        self.tables.insert(spec.name, rows.iter().map(Row::id).collect());
        rows
    }
}

/// The first column whose id is in no row of the table that it names, among `(column, table, the table's ids)`.
fn dangling<R: Row>(row: &R, targets: &[(usize, &'static str, &[i64])]) -> Option<Reason> {
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
    let place = format!("{}.csv row {line}, column {}", spec.name, column.name);
    Finding::error(place, format!("{message}; this row is left out"), fix(target))
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

fn fix(target: Option<&str>) -> String {
    target.map_or_else(
        || "give each row an id of its own, or remove the second row".to_owned(),
        |target| format!("add the row to {target}.csv, mend it there, or correct the id here"),
    )
}
