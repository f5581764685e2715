//! The SIS at one moment: every table in memory, checked, with the look-ups that rules need.
//!
//! A snapshot is complete in itself: no row names an id that is not there, no id stands twice, and sections,
//! placements, rosters and staff history of inactive trials are left out. Rules read it and nothing else.

mod integrity;
mod lineage;
mod lookup;
mod placed;
mod reader;
mod rows;
mod scores;

pub use placed::Astray;
pub use reader::TableReader;
pub use rows::{Loaded, Rows};
pub use scores::Scores;

use std::sync::OnceLock;

use rows::{Links, Relation};

use crate::tables::{
    Calendar, Course, Day, District, Enrollment, GradingTask, GradingTaskCredit, Person, Program, ProgramParticipation,
    ProgramParticipationCertification, Roster, RosterProgram, ScheduleStructure, School, SchoolYear, ScoreListItem,
    Section, SectionPlacement, SectionStaffHistory, StaffMember, Term, TermSchedule, Trial,
};

/// All tables, checked and indexed.
pub struct Snapshot {
    /// Districts.
    pub districts: Rows<District>,
    /// School years, by end year.
    pub school_years: Rows<SchoolYear>,
    /// Schools.
    pub schools: Rows<School>,
    /// Calendars.
    pub calendars: Rows<Calendar>,
    /// Schedule structures.
    pub structures: Rows<ScheduleStructure>,
    /// Term schedules.
    pub term_schedules: Rows<TermSchedule>,
    /// Terms.
    pub terms: Rows<Term>,
    /// Days.
    pub days: Rows<Day>,
    /// Trials.
    pub trials: Rows<Trial>,
    /// Courses.
    pub courses: Rows<Course>,
    /// Sections of active trials.
    pub sections: Rows<Section>,
    /// Placements of those sections.
    pub placements: Rows<SectionPlacement>,
    /// Students.
    pub people: Rows<Person>,
    /// Enrollments.
    pub enrollments: Rows<Enrollment>,
    /// Rosters of those sections.
    pub rosters: Rows<Roster>,
    /// Programs on rosters.
    pub roster_programs: Rows<RosterProgram>,
    /// Grading tasks.
    pub grading_tasks: Rows<GradingTask>,
    /// Grading tasks of courses.
    pub grading_task_credits: Rows<GradingTaskCredit>,
    /// Scores of score lists.
    pub score_list_items: Rows<ScoreListItem>,
    /// Posted scores.
    pub grading_scores: Scores,
    /// Programs.
    pub programs: Rows<Program>,
    /// Participations.
    pub participations: Rows<ProgramParticipation>,
    /// Certifications.
    pub certifications: Rows<ProgramParticipationCertification>,
    /// Staff.
    pub staff: Rows<StaffMember>,
    /// Staff of sections.
    pub staff_history: Rows<SectionStaffHistory>,
    /// How many rows of each table belong to an inactive trial and were left out: `(table, rows)`.
    pub inactive: Vec<(&'static str, usize)>,
    calendars_by_school: Relation<i64>,
    structures_by_calendar: Relation<i64>,
    schedules_by_structure: Relation<i64>,
    terms_by_schedule: Relation<i64>,
    days_by_structure: Relation<i64>,
    courses_by_calendar: Relation<i64>,
    sections_by_course: Relation<i64>,
    placements_by_section: Relation<i64>,
    terms_by_section: Links,
    enrollments_by_person: Relation<i64>,
    /// Made when it is first asked for: few states do, and rosters are the most rows of a district.
    rosters_by_person: OnceLock<Relation<i64>>,
    roster_programs_by_roster: Relation<i64>,
    credits_by_course: Relation<i64>,
    items_by_group: Relation<i64>,
    participations_by_person: Relation<i64>,
    certifications_by_participation: Relation<i64>,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("rosters", &self.rosters.len()).finish_non_exhaustive()
    }
}
