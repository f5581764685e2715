//! The district, its schools, calendars, terms, days and courses.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use rollcall_core::tables::{
    Calendar, Course, Day, District, ScheduleStructure, School, SchoolYear, Term, TermSchedule, Trial,
};

use super::catalog::{COURSES, Entry, Length, Level, PLACES, SPECIAL};
use super::year::{Span, day};
use super::{SampleDistrict, next_id, text};

/// A term and its dates.
#[derive(Debug, Clone, Copy)]
pub(super) struct TermSpan {
    pub(super) term_id: i64,
    pub(super) start: NaiveDate,
    pub(super) end: NaiveDate,
}

/// A school's calendar, with what scheduling needs of it.
#[derive(Debug)]
pub(super) struct Campus {
    pub(super) level: Level,
    pub(super) school_id: i64,
    pub(super) calendar_id: i64,
    pub(super) structure_id: i64,
    pub(super) trial_id: i64,
    /// Semesters or quarters, in order.
    pub(super) main: Vec<TermSpan>,
    pub(super) year: Option<TermSpan>,
    pub(super) intersession: Option<TermSpan>,
    /// Course ids and lengths by number.
    pub(super) courses: HashMap<&'static str, (i64, Length)>,
}

impl Campus {
    /// The terms of a course's sections.
    pub(super) fn terms(&self, length: Length) -> Vec<TermSpan> {
        match length {
            Length::Year => self.main.clone(),
            Length::WholeYear => self.year.into_iter().collect(),
            Length::Fall | Length::Semester => self.main.first().copied().into_iter().collect(),
            Length::Spring => self.main.last().copied().into_iter().collect(),
            Length::Intersession => self.intersession.into_iter().collect(),
            Length::Nowhere => Vec::new(),
        }
    }
}

/// An elementary, a middle and a high school that feed each other.
#[derive(Debug)]
pub(super) struct Trio {
    pub(super) elementary: Campus,
    pub(super) middle: Campus,
    pub(super) high: Campus,
    /// A second structure of the high school's calendar, with a schedule of its own.
    pub(super) recovery: Campus,
}

impl SampleDistrict {
    pub(super) fn add_district(&mut self) {
        self.districts.push(District {
            district_id: 1,
            name: "Four Winds Unified Schools".into(),
            number: "990".into(),
            ed_fi_district_number: text("100000990"),
        });
        let last = self.year.ends - 1;
        let (start_date, end_date) = (Some(day(last - 1, 7, 1)), Some(day(last, 6, 30)));
        self.school_years.push(SchoolYear { end_year: last, start_date, end_date });
        self.school_years.push(SchoolYear { end_year: self.year.ends, start_date: None, end_date: None });
    }

    pub(super) fn add_trio(&mut self, number: usize) -> Trio {
        let place = PLACES[number % PLACES.len()];
        let round = number / PLACES.len();
        let place = if round == 0 { place.to_owned() } else { format!("{place} {}", round + 1) };
        let elementary = self.add_campus(Level::Elementary, &format!("{place} Elementary School"));
        let middle = self.add_campus(Level::Middle, &format!("{place} Middle School"));
        let high = self.add_campus(Level::High, &format!("{place} High School"));
        let recovery = self.add_recovery(&high);
        Trio { elementary, middle, high, recovery }
    }

    fn add_recovery(&mut self, high: &Campus) -> Campus {
        let year = self.year.clone();
        let structure_id = self.add_structure(high.calendar_id, "Credit Recovery", year.whole());
        let schedule = self.add_schedule(structure_id, "Semesters");
        Campus {
            level: Level::High,
            school_id: high.school_id,
            calendar_id: high.calendar_id,
            structure_id,
            trial_id: self.add_trial(high.calendar_id, structure_id, true),
            main: vec![
                self.add_term(schedule, "S1", 0, year.fall(), "Fall Semester"),
                self.add_term(schedule, "S2", 1, year.spring(), "Spring Semester"),
            ],
            year: None,
            intersession: None,
            courses: high.courses.clone(),
        }
    }

    pub(super) fn add_school(&mut self, name: &str, exclude: bool) -> i64 {
        let school_id = next_id(1, self.schools.len());
        // The first high school has another number at the state than in the SIS.
        let own = (school_id == 3).then(|| format!("{}", 100_000_000 + 990_100 + school_id));
        self.schools.push(School {
            school_id,
            district_id: 1,
            name: name.into(),
            number: format!("{}", 990_000_000 + school_id).into(),
            ed_fi_school_number: own.map(Into::into),
            exclude,
        });
        school_id
    }

    fn add_campus(&mut self, level: Level, name: &str) -> Campus {
        let school_id = self.add_school(name, false);
        let year = self.year.clone();
        let calendar_id = self.add_calendar(school_id, year.ends, year.whole());
        let structure_id = self.add_structure(calendar_id, "Main", year.whole());
        let mut campus = Campus {
            level,
            school_id,
            calendar_id,
            structure_id,
            trial_id: self.add_trial(calendar_id, structure_id, true),
            main: Vec::new(),
            year: None,
            intersession: None,
            courses: HashMap::new(),
        };
        if level == Level::Elementary {
            let schedule = self.add_schedule(structure_id, "Quarters");
            let types = ["First Quarter", "Second Quarter", "Third Quarter", "Fourth Quarter"];
            for (at, (span, kind)) in year.quarters().into_iter().zip(types).enumerate() {
                campus.main.push(self.add_term(schedule, &format!("Q{}", at + 1), at, span, kind));
            }
        } else {
            let schedule = self.add_schedule(structure_id, "Semesters");
            campus.main.push(self.add_term(schedule, "S1", 0, year.fall(), "Fall Semester"));
            campus.main.push(self.add_term(schedule, "S2", 1, year.spring(), "Spring Semester"));
            let between = self.add_schedule(structure_id, "Intersession");
            let kind = if level == Level::High { "Intersession" } else { "" };
            campus.intersession = Some(self.add_term(between, "IS", 0, year.intersession(), kind));
        }
        if level == Level::High {
            let schedule = self.add_schedule(structure_id, "Year");
            campus.year = Some(self.add_term(schedule, "YR", 0, year.whole(), "Year Round"));
        }
        for entry in COURSES.iter().chain(SPECIAL).filter(|entry| entry.level == level) {
            let course_id = self.add_course(calendar_id, entry);
            campus.courses.insert(entry.number, (course_id, entry.length));
        }
        campus
    }

    pub(super) fn add_calendar(&mut self, school_id: i64, end_year: i32, span: Span) -> i64 {
        let calendar_id = next_id(101, self.calendars.len());
        self.calendars.push(Calendar {
            calendar_id,
            school_id,
            end_year,
            name: text(&format!("{:02}-{:02}", (end_year - 1).rem_euclid(100), end_year.rem_euclid(100))),
            start_date: Some(span.0),
            end_date: Some(span.1),
            exclude: false,
            summer_school: false,
        });
        calendar_id
    }

    /// Adds a structure and its days, one or two of them lost to snow.
    pub(super) fn add_structure(&mut self, calendar_id: i64, name: &str, span: Span) -> i64 {
        let structure_id = next_id(201, self.structures.len());
        self.structures.push(ScheduleStructure { structure_id, calendar_id, name: text(name) });
        let snow: Vec<NaiveDate> = (0..=self.random.below(2))
            .map(|_| self.year.spring_start + Days::new(self.random.below(40).try_into().unwrap_or(0)))
            .collect();
        for (date, school_day, instruction) in self.year.days(span, &snow) {
            let day_id = next_id(1, self.days.len());
            self.days.push(Day { day_id, calendar_id, structure_id, date, school_day, instruction });
        }
        structure_id
    }

    pub(super) fn add_trial(&mut self, calendar_id: i64, structure_id: i64, active: bool) -> i64 {
        let trial_id = next_id(401, self.trials.len());
        self.trials.push(Trial { trial_id, calendar_id, structure_id, active });
        trial_id
    }

    pub(super) fn add_schedule(&mut self, structure_id: i64, name: &str) -> i64 {
        let term_schedule_id = next_id(301, self.term_schedules.len());
        self.term_schedules.push(TermSchedule { term_schedule_id, structure_id, name: text(name) });
        term_schedule_id
    }

    pub(super) fn add_term(&mut self, schedule: i64, name: &str, at: usize, span: Span, kind: &str) -> TermSpan {
        let term_id = next_id(501, self.terms.len());
        self.terms.push(Term {
            term_id,
            term_schedule_id: schedule,
            name: text(name),
            seq: i32::try_from(at + 1).ok(),
            start_date: Some(span.0),
            end_date: Some(span.1),
            term_type: text(kind),
        });
        TermSpan { term_id, start: span.0, end: span.1 }
    }

    pub(super) fn add_course(&mut self, calendar_id: i64, entry: &Entry) -> i64 {
        let course_id = next_id(1001, self.courses.len());
        let code = |at: usize| text(entry.codes.get(at..=at).unwrap_or_default().trim_matches('-'));
        let parts = matches!(entry.number, "SPAN1" | "SPAN2").then_some(2);
        self.courses.push(Course {
            course_id,
            calendar_id,
            number: entry.number.into(),
            name: entry.name.into(),
            state_code: text(entry.state_code),
            active: entry.number != "LATIN",
            state_exclude: entry.number == "DRIVER",
            homeroom: entry.number == "SEMINAR",
            course_level: code(0),
            grade: text(entry.grade),
            sequence: Some(if entry.number == "SPAN2" { 2 } else { 1 }),
            sequence_total: parts.or(Some(1)),
            delivery_type: code(1),
            targeted_program: code(2),
            college_career_type: code(3),
            term_descriptor_override: match entry.number {
                "YRBOOK" => text("Year Round"),
                "BLOCK" => text("Block 9"),
                _ => None,
            },
        });
        course_id
    }
}
