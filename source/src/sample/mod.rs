//! An invented district to try the rules on: every name and number in it is made up.
//!
//! [`SampleDistrict::generate`] makes it from a seed, [`SampleDistrict::write`] puts it in a folder that
//! [`crate::read_snapshot`] reads without a finding, and [`SampleDistrict::advance`] applies one week of edits as a
//! registrar makes them.
//!
//! For each 1,500 students there is an elementary school (quarters), a middle and a high school (semesters), and in
//! the district one excluded school. Term types are `Fall Semester`, `Spring Semester`, `First Quarter` … `Fourth
//! Quarter`, `Year Round` and `Summer Semester`; the high schools' `Intersession` is meant to stay unmapped, the
//! middle schools have an intersession without a type. The override `Year Round` is meant to be mapped, `Block 9` is
//! not.
//!
//! The state of things is late winter: fall grades are posted, spring is under way. Exactly one posted score is
//! missing from its score list.

mod catalog;
mod edits;
mod grading;
mod people;
mod programs;
mod random;
mod schedule;
mod schools;
mod sections;
mod side;
mod special;
mod staff;
mod week;
mod write;
mod year;

use rollcall_core::tables::{
    Calendar, Course, Day, District, Enrollment, GradingScore, GradingTask, GradingTaskCredit, Person, Program,
    ProgramParticipation, ProgramParticipationCertification, Roster, RosterProgram, ScheduleStructure, School,
    SchoolYear, ScoreListItem, Section, SectionPlacement, SectionStaffHistory, StaffMember, Term, TermSchedule, Trial,
};

use random::Random;
use year::Year;

/// What district to make.
#[derive(Debug, Clone)]
pub struct SampleOptions {
    /// The same seed makes the same district.
    pub seed: u64,
    /// The school year, by the year in which it ends.
    pub school_year: i32,
    /// Number of students; each has about seven rosters. From about 400 on, every rule case occurs.
    pub students: usize,
}

impl Default for SampleOptions {
    fn default() -> Self {
        Self { seed: 1, school_year: 2026, students: 500 }
    }
}

/// An invented district: the rows of every table, free to edit.
#[derive(Clone)]
pub struct SampleDistrict {
    /// `District`
    pub districts: Vec<District>,
    /// `SchoolYear`
    pub school_years: Vec<SchoolYear>,
    /// `School`
    pub schools: Vec<School>,
    /// `Calendar`
    pub calendars: Vec<Calendar>,
    /// `ScheduleStructure`
    pub structures: Vec<ScheduleStructure>,
    /// `TermSchedule`
    pub term_schedules: Vec<TermSchedule>,
    /// `Term`
    pub terms: Vec<Term>,
    /// `Day`
    pub days: Vec<Day>,
    /// `Trial`
    pub trials: Vec<Trial>,
    /// `Course`
    pub courses: Vec<Course>,
    /// `Section`
    pub sections: Vec<Section>,
    /// `SectionPlacement`
    pub placements: Vec<SectionPlacement>,
    /// `Person`
    pub people: Vec<Person>,
    /// `Enrollment`
    pub enrollments: Vec<Enrollment>,
    /// `Roster`
    pub rosters: Vec<Roster>,
    /// `RosterProgram`
    pub roster_programs: Vec<RosterProgram>,
    /// `GradingTask`
    pub grading_tasks: Vec<GradingTask>,
    /// `GradingTaskCredit`
    pub grading_task_credits: Vec<GradingTaskCredit>,
    /// `ScoreListItem`
    pub score_list_items: Vec<ScoreListItem>,
    /// `GradingScore`
    pub grading_scores: Vec<GradingScore>,
    /// `Program`
    pub programs: Vec<Program>,
    /// `ProgramParticipation`
    pub participations: Vec<ProgramParticipation>,
    /// `ProgramParticipationCertification`
    pub certifications: Vec<ProgramParticipationCertification>,
    /// `StaffMember`
    pub staff: Vec<StaffMember>,
    /// `SectionStaffHistory`
    pub staff_history: Vec<SectionStaffHistory>,
    random: Random,
    year: Year,
    /// Weeks that [`Self::advance`] has applied.
    weeks: u32,
}

impl SampleDistrict {
    /// Makes a district.
    pub fn generate(options: &SampleOptions) -> Self {
        people::generate(options)
    }

    fn empty(options: &SampleOptions) -> Self {
        Self {
            districts: Vec::new(),
            school_years: Vec::new(),
            schools: Vec::new(),
            calendars: Vec::new(),
            structures: Vec::new(),
            term_schedules: Vec::new(),
            terms: Vec::new(),
            days: Vec::new(),
            trials: Vec::new(),
            courses: Vec::new(),
            sections: Vec::new(),
            placements: Vec::new(),
            people: Vec::new(),
            enrollments: Vec::new(),
            rosters: Vec::new(),
            roster_programs: Vec::new(),
            grading_tasks: Vec::new(),
            grading_task_credits: Vec::new(),
            score_list_items: Vec::new(),
            grading_scores: Vec::new(),
            programs: Vec::new(),
            participations: Vec::new(),
            certifications: Vec::new(),
            staff: Vec::new(),
            staff_history: Vec::new(),
            random: Random::new(options.seed),
            year: Year::new(options.school_year),
            weeks: 0,
        }
    }
}

impl std::fmt::Debug for SampleDistrict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SampleDistrict")
            .field("schools", &self.schools.len())
            .field("students", &self.people.len())
            .field("rosters", &self.rosters.len())
            .finish_non_exhaustive()
    }
}

/// The id of the next row, counting from a base.
fn next_id(base: i64, rows: usize) -> i64 {
    base.saturating_add(i64::try_from(rows).unwrap_or(i64::MAX))
}

/// Text of a column that may be null; empty is null.
fn text(value: &str) -> Option<Box<str>> {
    (!value.is_empty()).then(|| value.into())
}
