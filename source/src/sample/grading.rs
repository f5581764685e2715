//! Grading tasks, score lists and posted scores.

use chrono::{Days, NaiveDate};
use rollcall_core::tables::{GradingScore, GradingTask, GradingTaskCredit, ScoreListItem};
use rust_decimal::Decimal;

use super::catalog::{Length, Level};
use super::schools::{Campus, TermSpan};
use super::sections::Seat;
use super::{SampleDistrict, next_id, text};

/// The task whose scores are final grades.
pub(super) const FINAL: i64 = 1;
const PROGRESS: i64 = 2;
const CITIZENSHIP: i64 = 3;
/// Score list of the middle and high schools.
const LETTERS: i64 = 1;
/// Score list of the elementary schools.
pub(super) const LEVELS: i64 = 2;

const ITEMS: &[(i64, &str, &str, bool)] = &[
    (LETTERS, "A", "Excellent", true),
    (LETTERS, "B", "Good", true),
    (LETTERS, "C", "Satisfactory", true),
    (LETTERS, "D", "Minimal", true),
    (LETTERS, "F", "Failing", false),
    (LETTERS, "NC", "No credit", false),
    (LEVELS, "4", "Exceeds", true),
    (LEVELS, "3", "Meets", true),
    (LEVELS, "2", "Approaches", true),
    (LEVELS, "1", "Below", false),
];

impl SampleDistrict {
    pub(super) fn add_grading(&mut self) {
        for (task_id, name, is_final, state_reported) in [
            (FINAL, "Semester Final", true, true),
            (PROGRESS, "Progress", false, false),
            (CITIZENSHIP, "Citizenship", false, true),
        ] {
            self.grading_tasks.push(GradingTask { task_id, name: text(name), is_final, state_reported });
        }
        for (score_group_id, score, name, passing_score) in ITEMS.iter().copied() {
            let score = score.into();
            self.score_list_items.push(ScoreListItem { score_group_id, score, name: text(name), passing_score });
        }
    }

    /// Puts grading tasks on the courses of a school. Homerooms and study halls have none.
    pub(super) fn add_credits(&mut self, campus: &Campus) {
        let mut courses: Vec<_> = campus.courses.iter().collect();
        courses.sort_unstable_by_key(|(_, (course_id, _))| *course_id);
        for (number, (course_id, length)) in courses {
            if matches!(*number, "HR" | "SEMINAR" | "STUDY") {
                continue;
            }
            let group = if campus.level == Level::Elementary { LEVELS } else { LETTERS };
            let whole = matches!(length, Length::Year | Length::WholeYear);
            let credit = (campus.level == Level::High).then(|| Decimal::new(if whole { 100 } else { 50 }, 2));
            for (task_id, group, credit) in
                [(FINAL, Some(group), credit), (PROGRESS, Some(group), None), (CITIZENSHIP, None, None)]
            {
                self.grading_task_credits.push(GradingTaskCredit {
                    grading_task_credit_id: next_id(9001, self.grading_task_credits.len()),
                    course_id: *course_id,
                    calendar_id: campus.calendar_id,
                    task_id,
                    score_group_id: group,
                    credit,
                });
            }
        }
    }

    /// Posts what a student has earned in a section by late winter; `until` is when the student left it.
    pub(super) fn add_scores(&mut self, person_id: i64, seat: &Seat, until: Option<NaiveDate>) {
        if matches!(seat.number, "HR" | "SEMINAR" | "STUDY") {
            return;
        }
        let over = self.year.spring_start;
        for term in seat.terms.iter().filter(|term| term.end < over) {
            let stayed = until.is_none_or(|until| until >= term.end);
            let graded = match (stayed, seat.level) {
                // A grade on leaving is rare.
                (false, _) => 8,
                (true, Level::Elementary) => 40,
                (true, _) => 85,
            };
            if self.random.chance(graded) {
                self.add_final(person_id, seat, term);
            }
        }
        if let Some(term) = seat.terms.first()
            && self.random.chance(25)
        {
            let score = self.some_score(seat.level);
            self.add_score(person_id, seat, PROGRESS, Some(term.term_id), Some(score), term.start + Days::new(40));
        }
    }

    fn add_final(&mut self, person_id: i64, seat: &Seat, term: &TermSpan) {
        let score = self.some_score(seat.level);
        let posted = term.end - Days::new(1);
        match self.grading_scores.len() % 50 {
            // Posted without a term.
            7 => self.add_score(person_id, seat, FINAL, None, Some(score), posted),
            // Corrected after the term.
            13 => {
                let (failed, passed) = if seat.level == Level::Elementary { ("1", "3") } else { ("F", "B") };
                self.add_score(person_id, seat, FINAL, Some(term.term_id), Some(failed), posted);
                self.add_score(person_id, seat, FINAL, Some(term.term_id), Some(passed), term.end + Days::new(20));
            }
            // Opened and not posted.
            21 => self.add_score(person_id, seat, FINAL, Some(term.term_id), None, posted),
            _ => self.add_score(person_id, seat, FINAL, Some(term.term_id), Some(score), posted),
        }
    }

    pub(super) fn some_score(&mut self, level: Level) -> &'static str {
        let scores: &[&str] = match level {
            Level::Elementary => &["4", "3", "3", "3", "2", "2", "1"],
            Level::Middle | Level::High => &["A", "A", "A", "B", "B", "B", "B", "C", "C", "D", "F", "NC"],
        };
        self.random.pick(scores)
    }

    pub(super) fn add_score(
        &mut self,
        person_id: i64,
        seat: &Seat,
        task_id: i64,
        term_id: Option<i64>,
        score: Option<&str>,
        date: NaiveDate,
    ) {
        self.grading_scores.push(GradingScore {
            score_id: next_id(500_001, self.grading_scores.len()),
            person_id,
            calendar_id: seat.calendar_id,
            section_id: seat.section_id,
            task_id,
            term_id,
            score: score.map(Into::into),
            date: Some(date),
        });
    }

    /// Turns one final score into one that its score list doesn't have.
    pub(super) fn misspell_a_score(&mut self) {
        let letters = |score: &GradingScore| score.task_id == FINAL && score.score.as_deref() == Some("A");
        if let Some(score) = self.grading_scores.iter_mut().filter(|score| letters(score)).nth(5) {
            score.score = text("A++");
        }
    }
}
