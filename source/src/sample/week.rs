//! One week of edits, as registrars and teachers make them.

use std::collections::{BTreeSet, HashSet};

use chrono::{Days, NaiveDate};
use rollcall_core::tables::{Enrollment, GradingScore, Person, Roster};

use super::catalog::{FIRST_NAMES, LAST_NAMES};
use super::edits::count;
use super::grading::FINAL;
use super::schedule::Schedule;
use super::{SampleDistrict, text};

/// How many of each edit a week brings.
const NEW_STUDENTS: usize = 3;
const ENDED: usize = 6;
const MOVED: usize = 4;
const DELETED: usize = 3;
const GRADES: usize = 20;

impl SampleDistrict {
    /// Applies one week of edits, and says what changed: sentences with counts, course names and section numbers,
    /// nothing about a student. The same district always has the same next week.
    pub fn advance(&mut self) -> Vec<String> {
        let last = self.year.last - Days::new(10);
        let monday = (self.year.spring_start + Days::new(28 + 7 * u64::from(self.weeks))).min(last);
        self.weeks += 1;
        let schedule = Schedule::of(self, monday);
        let mut told = vec![
            self.enroll_new(&schedule, monday),
            self.end_rosters(&schedule, monday),
            self.move_starts(&schedule),
            self.delete_rosters(&schedule),
            self.post_grades(&schedule, monday),
        ];
        told.extend(self.toggle_homeroom(&schedule));
        told.extend(self.rename_course(&schedule));
        told.extend(self.renumber_course(&schedule));
        told.extend(self.remove_placement(&schedule));
        told.extend(self.mark_no_show(&schedule));
        told.extend(self.delete_enrollment(&schedule));
        told.push(self.change_staff());
        told
    }

    /// New students take the schedule of a classmate.
    fn enroll_new(&mut self, schedule: &Schedule, monday: NaiveDate) -> String {
        let (mut students, mut rosters) = (0, 0);
        for _ in 0..NEW_STUDENTS {
            let Some(model) = self.some_enrollment(schedule) else { break };
            let model = self.enrollments[model].clone();
            let person_id = self.people.iter().map(|p| p.person_id).max().unwrap_or(10_000) + 1;
            let state_id = format!("{}", 3_000_000_000 + person_id * 7_919 % 900_000_000);
            let birth_date =
                self.people.iter().find(|p| p.person_id == model.person_id).and_then(|p| p.birth_date?.succ_opt());
            self.people.push(Person {
                person_id,
                state_id: text(&state_id),
                ed_fi_id: text(&state_id),
                student_number: text(&format!("{}", 70_000 + person_id)),
                first_name: text(self.random.pick(FIRST_NAMES)),
                middle_name: None,
                last_name: text(self.random.pick(LAST_NAMES)),
                birth_date,
                exclude: false,
            });
            let enrollment_id = self.enrollments.iter().map(|e| e.enrollment_id).max().unwrap_or_default() + 1;
            let state_entry_date = model.state_entry_date;
            self.enrollments.push(Enrollment {
                enrollment_id,
                person_id,
                start_date: monday,
                district_entry_date: Some(monday),
                state_entry_date,
                ..model.clone()
            });
            let taken: Vec<Roster> = self
                .rosters
                .iter()
                .filter(|r| r.person_id == model.person_id && r.end_date.is_none() && schedule.runs(r.section_id))
                .cloned()
                .collect();
            let last_id = self.rosters.iter().map(|r| r.roster_id).max().unwrap_or_default();
            students += 1;
            rosters += taken.len();
            for (roster_id, roster) in (last_id + 1..).zip(taken) {
                self.rosters.push(Roster {
                    roster_id,
                    person_id,
                    start_date: Some(monday),
                    attempt_status: None,
                    ..roster
                });
            }
        }
        format!("{} enrolled, with {}", count(students, "new student"), count(rosters, "roster"))
    }

    fn end_rosters(&mut self, schedule: &Schedule, monday: NaiveDate) -> String {
        let mut ended = 0;
        for at in self.some_rosters(schedule, ENDED, |r| r.end_date.is_none() && r.start_date < Some(monday)) {
            self.rosters[at].end_date = Some(monday + Days::new(4));
            ended += 1;
        }
        format!("{} ended", count(ended, "roster"))
    }

    fn move_starts(&mut self, schedule: &Schedule) -> String {
        let mut moved = 0;
        for at in self.some_rosters(schedule, MOVED, |r| r.start_date.is_some() && r.end_date.is_none()) {
            let start = &mut self.rosters[at].start_date;
            *start = start.map(|start| start + Days::new(7));
            moved += 1;
        }
        format!("{} given another start date (part of the record's natural key)", count(moved, "roster"))
    }

    fn delete_rosters(&mut self, schedule: &Schedule) -> String {
        let mut gone: Vec<usize> = self.some_rosters(schedule, DELETED, |_| true);
        gone.sort_unstable();
        let ids: BTreeSet<i64> = gone.iter().rev().map(|at| self.rosters.remove(*at).roster_id).collect();
        self.roster_programs.retain(|program| !ids.contains(&program.roster_id));
        format!("{} deleted", count(ids.len(), "roster"))
    }

    fn post_grades(&mut self, schedule: &Schedule, monday: NaiveDate) -> String {
        let graded: HashSet<(i64, i64, Option<i64>)> = self
            .grading_scores
            .iter()
            .filter(|score| score.task_id == FINAL && score.score.is_some())
            .map(|score| (score.person_id, score.section_id, score.term_id))
            .collect();
        let open = |r: &Roster| {
            r.end_date.is_none()
                && schedule.grades.contains_key(&r.section_id)
                && !graded.contains(&(r.person_id, r.section_id, schedule.last_term.get(&r.section_id).copied()))
        };
        let chosen = self.some_rosters(schedule, GRADES, open);
        let last_id = self.grading_scores.iter().map(|s| s.score_id).max().unwrap_or(500_000);
        for (score_id, at) in (last_id + 1..).zip(&chosen) {
            let (person_id, section_id) = (self.rosters[*at].person_id, self.rosters[*at].section_id);
            let (calendar_id, levels) = schedule.grades[&section_id];
            let scores: &[&str] = if levels { &["4", "3", "2", "1"] } else { &["A", "B", "C", "D", "F"] };
            self.grading_scores.push(GradingScore {
                score_id,
                person_id,
                calendar_id,
                section_id,
                task_id: FINAL,
                term_id: schedule.last_term.get(&section_id).copied(),
                score: text(self.random.pick(scores)),
                date: Some(monday + Days::new(2)),
            });
        }
        format!("{} posted", count(chosen.len(), "final grade"))
    }
}
