//! The SIS tables, with the names that the source documents cite (`Roster.startDate`).
//!
//! Each table is one row type with its columns as data: the readers of the `source` crate, the checks of
//! [`crate::snapshot`] and `describe` all use the same list. Ids are integers, dates ISO, flags 0/1, empty is null.
//! Rows hold student data: their `Debug` shows the table's name only.

mod cell;
mod course;
mod grading;
mod name;
mod program;
mod row;
mod school;
mod student;

pub use cell::{CellError, CellProblem, Cells, FromCell};
pub use course::{Course, Section, SectionPlacement, SectionStaffHistory, StaffMember};
pub use grading::{GradingScore, GradingTask, GradingTaskCredit, ScoreListItem};
pub use name::{TableName, WithRow};
pub use program::{Program, ProgramParticipation, ProgramParticipationCertification};
pub use row::{Column, Row, TableSpec, Unique};
pub use school::{Calendar, Day, District, ScheduleStructure, School, SchoolYear, Term, TermSchedule, Trial};
pub use student::{Enrollment, Person, Roster, RosterProgram};

/// The tables of the SIS, in an order in which each table's references point to earlier ones.
pub const TABLES: &[&TableSpec] = &[
    &District::SPEC,
    &SchoolYear::SPEC,
    &School::SPEC,
    &Calendar::SPEC,
    &ScheduleStructure::SPEC,
    &TermSchedule::SPEC,
    &Term::SPEC,
    &Day::SPEC,
    &Trial::SPEC,
    &Course::SPEC,
    &Section::SPEC,
    &SectionPlacement::SPEC,
    &Person::SPEC,
    &Enrollment::SPEC,
    &Roster::SPEC,
    &RosterProgram::SPEC,
    &GradingTask::SPEC,
    &GradingTaskCredit::SPEC,
    &ScoreListItem::SPEC,
    &GradingScore::SPEC,
    &Program::SPEC,
    &ProgramParticipation::SPEC,
    &ProgramParticipationCertification::SPEC,
    &StaffMember::SPEC,
    &SectionStaffHistory::SPEC,
];

/// Whether `Table.column` names a column of a table.
pub fn is_column(cited: &str) -> bool {
    cited.split_once('.').is_some_and(|(name, column)| {
        TableName::parse(name).is_some_and(|table| table.spec().columns.iter().any(|c| c.name == column))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_point_to_earlier_tables() {
        for (at, spec) in TABLES.iter().enumerate() {
            for target in spec.columns.iter().filter_map(|c| c.references) {
                let position = TABLES.iter().position(|t| t.name == target.as_str());
                assert!(position.is_some_and(|p| p < at), "{} refers to {target}", spec.name);
            }
        }
    }

    #[test]
    fn names_are_unique_and_columns_can_be_cited() {
        let mut names: Vec<_> = TABLES.iter().map(|t| t.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TABLES.len());
        assert!(is_column("Roster.startDate") && is_column("Course.stateCode"));
        assert!(!is_column("Roster.birthDate") && !is_column("startDate"));
    }
}
