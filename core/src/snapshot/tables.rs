//! The tables as a source delivers them, before they are checked.

use super::rows::Loaded;
use crate::finding::Finding;
use crate::tables::{
    Calendar, Course, Day, District, Enrollment, GradingScore, GradingTask, GradingTaskCredit, Person, Program,
    ProgramParticipation, ProgramParticipationCertification, Roster, RosterProgram, Row, ScheduleStructure, School,
    SchoolYear, ScoreListItem, Section, SectionPlacement, SectionStaffHistory, StaffMember, Term, TermSchedule, Trial,
};

/// What reads a source's tables: a folder of CSV files, a database.
pub trait TableReader {
    /// Reads one table whole. A row that can't be read is left out and becomes a finding; an optional table that is
    /// not there is empty.
    fn read<R: Row>(&mut self, findings: &mut Vec<Finding>) -> Loaded<R>;
}

/// Every table, as read.
#[derive(Debug, Default)]
pub struct Tables {
    /// `District`
    pub districts: Loaded<District>,
    /// `SchoolYear`
    pub school_years: Loaded<SchoolYear>,
    /// `School`
    pub schools: Loaded<School>,
    /// `Calendar`
    pub calendars: Loaded<Calendar>,
    /// `ScheduleStructure`
    pub structures: Loaded<ScheduleStructure>,
    /// `TermSchedule`
    pub term_schedules: Loaded<TermSchedule>,
    /// `Term`
    pub terms: Loaded<Term>,
    /// `Day`
    pub days: Loaded<Day>,
    /// `Trial`
    pub trials: Loaded<Trial>,
    /// `Course`
    pub courses: Loaded<Course>,
    /// `Section`
    pub sections: Loaded<Section>,
    /// `SectionPlacement`
    pub placements: Loaded<SectionPlacement>,
    /// `Person`
    pub people: Loaded<Person>,
    /// `Enrollment`
    pub enrollments: Loaded<Enrollment>,
    /// `Roster`
    pub rosters: Loaded<Roster>,
    /// `RosterProgram`
    pub roster_programs: Loaded<RosterProgram>,
    /// `GradingTask`
    pub grading_tasks: Loaded<GradingTask>,
    /// `GradingTaskCredit`
    pub grading_task_credits: Loaded<GradingTaskCredit>,
    /// `ScoreListItem`
    pub score_list_items: Loaded<ScoreListItem>,
    /// `GradingScore`
    pub grading_scores: Loaded<GradingScore>,
    /// `Program`
    pub programs: Loaded<Program>,
    /// `ProgramParticipation`
    pub participations: Loaded<ProgramParticipation>,
    /// `ProgramParticipationCertification`
    pub certifications: Loaded<ProgramParticipationCertification>,
    /// `StaffMember`
    pub staff: Loaded<StaffMember>,
    /// `SectionStaffHistory`
    pub staff_history: Loaded<SectionStaffHistory>,
}

impl Tables {
    /// Reads every table, in the order of [`crate::tables::TABLES`].
    pub fn read(reader: &mut impl TableReader, findings: &mut Vec<Finding>) -> Self {
        Self {
            districts: reader.read(findings),
            school_years: reader.read(findings),
            schools: reader.read(findings),
            calendars: reader.read(findings),
            structures: reader.read(findings),
            term_schedules: reader.read(findings),
            terms: reader.read(findings),
            days: reader.read(findings),
            trials: reader.read(findings),
            courses: reader.read(findings),
            sections: reader.read(findings),
            placements: reader.read(findings),
            people: reader.read(findings),
            enrollments: reader.read(findings),
            rosters: reader.read(findings),
            roster_programs: reader.read(findings),
            grading_tasks: reader.read(findings),
            grading_task_credits: reader.read(findings),
            score_list_items: reader.read(findings),
            grading_scores: reader.read(findings),
            programs: reader.read(findings),
            participations: reader.read(findings),
            certifications: reader.read(findings),
            staff: reader.read(findings),
            staff_history: reader.read(findings),
        }
    }
}
