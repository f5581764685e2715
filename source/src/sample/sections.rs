//! Sections, opened as students need seats, and their placements.

use std::collections::HashMap;

use rollcall_core::tables::{Section, SectionPlacement};

use super::catalog::{Length, Level};
use super::schools::{Campus, TermSpan};
use super::{SampleDistrict, next_id};

/// So many students share a section.
const SEATS: usize = 24;

/// A section with what rosters and scores need of it.
#[derive(Debug, Clone)]
pub(super) struct Seat {
    pub(super) section_id: i64,
    pub(super) trial_id: i64,
    pub(super) calendar_id: i64,
    pub(super) number: &'static str,
    pub(super) level: Level,
    /// The terms of its placements; none for a section that is never placed.
    pub(super) terms: Vec<TermSpan>,
}

/// The sections that still have seats.
#[derive(Debug, Default)]
pub(super) struct Open {
    sections: HashMap<(i64, Length), (Seat, usize)>,
    /// How many sections each course has.
    counts: HashMap<i64, usize>,
}

impl SampleDistrict {
    /// A seat in a section of a course, which is opened if all are full.
    pub(super) fn seat(&mut self, open: &mut Open, campus: &Campus, number: &'static str, length: Length) -> Seat {
        let (course_id, _) = campus.courses[number];
        if let Some((seat, left)) = open.sections.get_mut(&(course_id, length))
            && *left > 0
        {
            *left -= 1;
            return seat.clone();
        }
        let seat = self.add_section(open, campus, number, campus.terms(length));
        open.sections.insert((course_id, length), (seat.clone(), SEATS - 1));
        seat
    }

    /// Opens a section of its own.
    pub(super) fn add_section(
        &mut self,
        open: &mut Open,
        campus: &Campus,
        number: &'static str,
        terms: Vec<TermSpan>,
    ) -> Seat {
        let (course_id, _) = campus.courses[number];
        let count = open.counts.entry(course_id).or_default();
        *count += 1;
        let section_number = format!("{count:02}");
        self.add_section_in(campus, campus.trial_id, number, &section_number, terms)
    }

    /// Opens a section in a trial, under a number.
    pub(super) fn add_section_in(
        &mut self,
        campus: &Campus,
        trial_id: i64,
        number: &'static str,
        section_number: &str,
        terms: Vec<TermSpan>,
    ) -> Seat {
        let section_id = next_id(2001, self.sections.len());
        self.sections.push(Section {
            section_id,
            course_id: campus.courses[number].0,
            trial_id,
            number: section_number.into(),
            homeroom_section: number == "HR",
            term_descriptor_override: None,
        });
        let first = 1 + section_id % 7;
        // Laboratory sciences meet twice a day: two placements in a term.
        let periods = if matches!(number, "BIO" | "CHEM") { 2 } else { 1 };
        for term in &terms {
            for period in first..first + periods {
                self.placements.push(SectionPlacement {
                    section_placement_id: next_id(3001, self.placements.len()),
                    section_id,
                    trial_id,
                    term_id: term.term_id,
                    period_id: Some(700 + period),
                });
            }
        }
        self.add_teacher(section_id, trial_id);
        Seat { section_id, trial_id, calendar_id: campus.calendar_id, number, level: campus.level, terms }
    }
}
