//! Which sections of the district are in session, for edits that should be seen at the state.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::SampleDistrict;
use super::grading::{FINAL, LEVELS};

/// The sections that are in session on a day, in schools, calendars and courses that report.
#[derive(Debug)]
pub(super) struct Schedule {
    /// Section ids, in order.
    pub(super) sections: Vec<i64>,
    known: HashSet<i64>,
    /// The calendars of those sections.
    pub(super) calendars: HashSet<i64>,
    /// The last term of each section's placements.
    pub(super) last_term: HashMap<i64, i64>,
    /// For each section whose course has final grades: its calendar, and whether scores are levels instead of letters.
    pub(super) grades: HashMap<i64, (i64, bool)>,
}

impl Schedule {
    pub(super) fn of(district: &SampleDistrict, date: NaiveDate) -> Self {
        let excluded: HashSet<i64> = district.schools.iter().filter(|s| s.exclude).map(|s| s.school_id).collect();
        let calendars: HashSet<i64> = district
            .calendars
            .iter()
            .filter(|c| !c.exclude && !c.summer_school && c.end_year == district.year.ends)
            .filter(|c| !excluded.contains(&c.school_id))
            .map(|c| c.calendar_id)
            .collect();
        let courses: HashMap<i64, i64> = district
            .courses
            .iter()
            .filter(|c| c.active && !c.state_exclude && c.state_code.is_some() && calendars.contains(&c.calendar_id))
            .map(|c| (c.course_id, c.calendar_id))
            .collect();
        let trials: HashSet<i64> = district.trials.iter().filter(|t| t.active).map(|t| t.trial_id).collect();
        let ends: HashMap<i64, Option<NaiveDate>> = district.terms.iter().map(|t| (t.term_id, t.end_date)).collect();
        let mut last_term: HashMap<i64, i64> = HashMap::new();
        for placement in &district.placements {
            let term = last_term.entry(placement.section_id).or_insert(placement.term_id);
            if ends.get(&placement.term_id) > ends.get(term) {
                *term = placement.term_id;
            }
        }
        let running = |section: &&rollcall_core::tables::Section| {
            let end = last_term.get(&section.section_id).and_then(|term| *ends.get(term)?);
            trials.contains(&section.trial_id)
                && courses.contains_key(&section.course_id)
                && end.is_some_and(|end| end >= date)
        };
        let lists: HashMap<i64, bool> = district
            .grading_task_credits
            .iter()
            .filter(|credit| credit.task_id == FINAL)
            .map(|credit| (credit.course_id, credit.score_group_id == Some(LEVELS)))
            .collect();
        let found: Vec<_> = district.sections.iter().filter(running).collect();
        let grades = found
            .iter()
            .filter_map(|s| Some((s.section_id, (courses[&s.course_id], *lists.get(&s.course_id)?))))
            .collect();
        let sections: Vec<i64> = found.iter().map(|s| s.section_id).collect();
        Self { known: sections.iter().copied().collect(), sections, calendars, last_term, grades }
    }

    /// Whether a section is in session.
    pub(super) fn runs(&self, section_id: i64) -> bool {
        self.known.contains(&section_id)
    }
}
