//! Rosters, and the cases among them that hit one rule each.

use chrono::{Days, NaiveDate};
use rollcall_core::tables::Roster;

use super::catalog::Length;
use super::schools::{Campus, Trio};
use super::sections::{Open, Seat};
use super::{SampleDistrict, next_id, text};

/// How long a student is at the school.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stay {
    /// All year; single rosters may still differ.
    Usual,
    Until(NaiveDate),
    From(NaiveDate),
    /// Away from the first date to the second.
    Between(NaiveDate, NaiveDate),
}

/// A roster's start and end.
type Dates = (Option<NaiveDate>, Option<NaiveDate>);

impl SampleDistrict {
    /// Puts a student in a section, with the scores and programs that come of it.
    pub(super) fn add_rosters(&mut self, person_id: i64, seat: &Seat, stay: Stay) {
        let dates = self.dates(seat, stay);
        for (start, end) in &dates {
            self.add_roster(person_id, seat.section_id, seat.trial_id, *start, *end);
            self.add_roster_program(seat.number);
        }
        let begin = seat.terms.first().map(|term| term.start);
        let last = seat.terms.last().map(|term| term.end);
        if let (Some((start, end)), Some(begin), Some(last)) = (dates.last(), begin, last)
            && end.is_none_or(|end| end >= begin)
            && start.is_none_or(|start| start <= last)
        {
            self.add_scores(person_id, seat, *end);
        }
    }

    pub(super) fn add_roster(
        &mut self,
        person_id: i64,
        section_id: i64,
        trial_id: i64,
        start_date: Option<NaiveDate>,
        end_date: Option<NaiveDate>,
    ) {
        let attempt_status = match self.rosters.len() % 40 {
            0 => text("S"),
            1 => text("I"),
            _ => None,
        };
        self.rosters.push(Roster {
            roster_id: next_id(100_001, self.rosters.len()),
            person_id,
            section_id,
            trial_id,
            start_date,
            end_date,
            attempt_status,
        });
    }

    fn dates(&self, seat: &Seat, stay: Stay) -> Vec<Dates> {
        let (Some(first), Some(last)) = (seat.terms.first(), seat.terms.last()) else {
            return vec![(None, None)];
        };
        let (begin, end) = (first.start, last.end);
        match stay {
            Stay::Until(date) => return vec![(None, Some(date))],
            Stay::From(date) if date > begin => return vec![(Some(date), None)],
            Stay::Between(left, back) if left > begin => return vec![(None, Some(left)), (Some(back), None)],
            _ => {}
        }
        let late = |days| Some(begin + Days::new(days));
        let early = |days| Some(begin - Days::new(days));
        let case = match self.rosters.len() % 50 {
            5 => (late(30), None),
            9 | 29 => (None, late(45)),
            // Dropped before the first day.
            14 => (None, early(6)),
            // Left a year-long section with the fall term.
            17 => (None, Some(first.end)),
            21 => (None, Some(end)),
            // Joined with the spring term.
            27 if seat.terms.len() > 1 => (Some(last.start + Days::new(2)), None),
            33 => return vec![(None, late(50)), (late(75), None)],
            38 => (early(12), None),
            // Outside of every term.
            42 => (Some(end + Days::new(3)), None),
            n if n % 5 < 3 => (None, None),
            _ => (Some(begin), None),
        };
        vec![case]
    }

    /// One more course for some students of a high school: one that is not active, not reported, has no state code …
    pub(super) fn add_special(&mut self, open: &mut Open, campus: &Campus, person_id: i64, index: usize) {
        let ordinal = index / 13 * 4 + index % 13 - 9;
        let (number, length) = match ordinal % 30 {
            2 => ("LATIN", Length::Year),
            4 => ("DRIVER", Length::Fall),
            6 | 21 => ("STUDY", Length::Fall),
            8 => ("YRBOOK", Length::Fall),
            10 => ("BLOCK", Length::Spring),
            12 => ("JTERM", Length::Intersession),
            14 => ("ALG1", Length::Nowhere),
            _ => return,
        };
        let seat = self.seat(open, campus, number, length);
        self.add_rosters(person_id, &seat, Stay::Usual);
    }

    /// Gives some sections an override of their term, and two sections of one course the same number.
    pub(super) fn add_overrides(&mut self, trio: &Trio) {
        self.second_section(trio, "ENG9", |section, _| section.term_descriptor_override = text("Year Round"));
        self.second_section(trio, "WHIST", |section, _| section.term_descriptor_override = text("Block 9"));
        self.second_section(trio, "BIO", |section, first| section.number = first.into());
    }

    /// Changes a course's second section, given the number of its first.
    fn second_section(
        &mut self,
        trio: &Trio,
        number: &str,
        change: impl FnOnce(&mut rollcall_core::tables::Section, &str),
    ) {
        let course_id = trio.high.courses[number].0;
        let mut sections = self.sections.iter_mut().filter(|section| section.course_id == course_id);
        if let (Some(first), Some(second)) = (sections.next(), sections.next()) {
            change(second, &first.number);
        }
    }

    /// A draft of next year's schedule: its sections and rosters must not count.
    pub(super) fn add_inactive_trial(&mut self, trio: &Trio) {
        let campus = &trio.high;
        let trial_id = self.add_trial(campus.calendar_id, campus.structure_id, false);
        let students: Vec<i64> = self
            .enrollments
            .iter()
            .filter(|enrollment| enrollment.structure_id == campus.structure_id)
            .map(|enrollment| enrollment.person_id)
            .take(48)
            .collect();
        let numbers = ["ENG9", "ENG10", "GEOM", "BIO", "CHEM", "WHIST", "ART1", "SEMINAR"];
        for (number, class) in numbers.into_iter().zip(students.chunks(6)) {
            let terms = campus.terms(campus.courses[number].1);
            let seat = self.add_section_in(campus, trial_id, number, "01", terms);
            for person_id in class {
                self.add_roster(*person_id, seat.section_id, trial_id, None, None);
            }
        }
    }
}
