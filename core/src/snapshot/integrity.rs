//! From tables as read to a snapshot that is complete in itself.

use std::collections::{HashMap, HashSet};

use super::rows::{Loaded, Relation, Rows};
use super::{Snapshot, Tables};
use crate::finding::Finding;
use crate::tables::{Row, Unique};

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

/// The ids seen so far, by table.
struct Ids<'f> {
    tables: HashMap<&'static str, HashSet<i64>>,
    findings: &'f mut Vec<Finding>,
}

impl Ids<'_> {
    fn check<R: Row>(&mut self, loaded: Loaded<R>) -> Rows<R> {
        let spec = R::SPEC;
        let mut seen = HashSet::with_capacity(loaded.rows.len());
        let mut kept = Vec::with_capacity(loaded.rows.len());
        for (row, line) in loaded.rows.into_iter().zip(loaded.lines) {
            if let Some(finding) = self.dangling(&row, line) {
                self.findings.push(finding);
                continue;
            }
            if spec.unique == Unique::Id && !seen.insert(row.id()) {
                let column = &spec.columns[0];
                let id = if column.personal { String::new() } else { format!(" {}", row.id()) };
                self.findings.push(Finding::error(
                    format!("{}.csv row {line}, column {}", spec.name, column.name),
                    format!("id{id} stands in an earlier row; this row is left out"),
                    "give each row an id of its own, or remove the second row",
                ));
                continue;
            }
            kept.push(row);
        }
        self.tables.insert(spec.name, seen);
        Rows::sorted(kept)
    }

    fn dangling<R: Row>(&self, row: &R, line: u64) -> Option<Finding> {
        let spec = R::SPEC;
        spec.columns.iter().enumerate().find_map(|(at, column)| {
            let target = column.references?;
            let id = row.reference(at)?;
            let known = self.tables.get(target).is_some_and(|ids| ids.contains(&id));
            (!known).then(|| {
                let id = if column.personal { "the id".to_owned() } else { id.to_string() };
                Finding::error(
                    format!("{}.csv row {line}, column {}", spec.name, column.name),
                    format!("{id} is in no usable row of {target}.csv; this row is left out"),
                    format!("add the row to {target}.csv, mend it there, or correct the id here"),
                )
            })
        })
    }
}
