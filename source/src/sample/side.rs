//! The calendars beside the schools' own: an excluded school, an excluded calendar, summer school, last year.

use std::collections::HashMap;

use super::SampleDistrict;
use super::catalog::{Entry, Length, Level};
use super::schools::{Campus, Trio};
use super::special::Stay;
use super::year::{Span, Year};

/// Students of each such calendar.
const STUDENTS: usize = 6;

impl SampleDistrict {
    pub(super) fn add_side_calendars(&mut self, trio: &Trio) {
        let year = self.year.clone();
        let annex = self.add_school("Blue Sage Learning Annex", true);
        self.add_side(annex, year.ends, year.whole(), "Year Round", &SKILLS);

        self.add_side(trio.middle.school_id, year.ends, year.whole(), "Year Round", &TUTORING);
        if let Some(calendar) = self.calendars.last_mut() {
            calendar.exclude = true;
        }

        self.add_side(trio.high.school_id, year.ends, year.summer(), "Summer Semester", &SUMMER);
        if let Some(calendar) = self.calendars.last_mut() {
            calendar.summer_school = true;
        }

        let last = Year::new(year.ends - 1);
        self.year = last.clone();
        self.add_side(trio.high.school_id, last.ends, last.fall(), "Fall Semester", &SKILLS);
        self.year = year;
    }

    /// A calendar with one term, one course, one section and a few students, who are elsewhere too.
    fn add_side(&mut self, school_id: i64, end_year: i32, span: Span, term_type: &str, entry: &'static Entry) {
        let calendar_id = self.add_calendar(school_id, end_year, span);
        let structure_id = self.add_structure(calendar_id, "Main", span);
        let schedule = self.add_schedule(structure_id, "One term");
        let term = self.add_term(schedule, "T1", 0, span, term_type);
        let campus = Campus {
            level: Level::High,
            school_id,
            calendar_id,
            structure_id,
            trial_id: self.add_trial(calendar_id, structure_id, true),
            main: vec![term],
            year: None,
            intersession: None,
            courses: HashMap::from([(entry.number, (self.add_course(calendar_id, entry), entry.length))]),
        };
        self.add_credits(&campus);
        let seat = self.add_section_in(&campus, campus.trial_id, entry.number, "01", vec![term]);
        let offset = self.calendars.len() * 13;
        let students: Vec<i64> =
            self.people.iter().skip(offset).filter(|p| !p.exclude).map(|p| p.person_id).take(STUDENTS).collect();
        let ended = span.1 < self.year.last || end_year != self.year.ends;
        for person_id in students {
            self.add_enrollment(&campus, person_id, 9, span.0);
            self.amend(|e| {
                e.service_type = super::text("S");
                e.end_date = ended.then_some(span.1);
            });
            self.add_rosters(person_id, &seat, Stay::Usual);
        }
    }
}

const fn side(number: &'static str, name: &'static str, state_code: &'static str) -> Entry {
    Entry { level: Level::High, number, name, state_code, grade: "", codes: "BGGN", length: Length::Year }
}

static SKILLS: Entry = side("SKILLS", "Study Skills", "22003");
static TUTORING: Entry = side("TUTOR", "Evening Tutoring", "22051");
static SUMMER: Entry = side("SUMMATH", "Summer Mathematics", "02002");
