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
pub const TABLES: &[TableName] = &[
    TableName::District,
    TableName::SchoolYear,
    TableName::School,
    TableName::Calendar,
    TableName::ScheduleStructure,
    TableName::TermSchedule,
    TableName::Term,
    TableName::Day,
    TableName::Trial,
    TableName::Course,
    TableName::Section,
    TableName::SectionPlacement,
    TableName::Person,
    TableName::Enrollment,
    TableName::Roster,
    TableName::RosterProgram,
    TableName::GradingTask,
    TableName::GradingTaskCredit,
    TableName::ScoreListItem,
    TableName::GradingScore,
    TableName::Program,
    TableName::ProgramParticipation,
    TableName::ProgramParticipationCertification,
    TableName::StaffMember,
    TableName::SectionStaffHistory,
];

/// Whether `Table.column` names a column of a table.
pub fn is_column(cited: &str) -> bool {
    cited.split_once('.').is_some_and(|(name, column)| {
        TableName::parse(name).is_some_and(|table| table.spec().columns.iter().any(|c| c.name == column))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn references_point_to_earlier_tables() {
        for (at, table) in TABLES.iter().enumerate() {
            for target in table.spec().columns.iter().filter_map(|c| c.references) {
                let position = TABLES.iter().position(|t| *t == target);
                assert!(position.is_some_and(|p| p < at), "{table} refers to {target}");
            }
        }
    }

    #[test]
    fn names_are_unique_and_columns_can_be_cited() {
        let names: BTreeSet<TableName> = TABLES.iter().copied().collect();
        assert_eq!((names.len(), TABLES.len()), (TableName::ALL.len(), TableName::ALL.len()));
        assert!(is_column("Roster.startDate") && is_column("Course.stateCode"));
        assert!(!is_column("Roster.birthDate") && !is_column("startDate"));
    }
}
