//! The tables' names as a type: one byte where a record's key is kept a million times.

use std::fmt;

use serde::{Serialize, Serializer};

use super::{
    Calendar, Course, Day, District, Enrollment, GradingScore, GradingTask, GradingTaskCredit, Person, Program,
    ProgramParticipation, ProgramParticipationCertification, Roster, RosterProgram, Row, ScheduleStructure, School,
    SchoolYear, ScoreListItem, Section, SectionPlacement, SectionStaffHistory, StaffMember, TableSpec, Term,
    TermSchedule, Trial,
};

/// Something to do with the row type of a table that only its name tells.
pub trait WithRow {
    /// What comes of it.
    type Output;

    /// Does it.
    fn with<R: Row>(self) -> Self::Output;
}

macro_rules! names {
    ($($table:ident),+ $(,)?) => {
        /// The name of a table. Names compare as their texts do.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum TableName {
            $( #[doc = concat!("`", stringify!($table), "`")] $table, )+
        }

        impl TableName {
            /// Every name, ascending.
            pub const ALL: &[Self] = &[$( Self::$table ),+];

            /// Does something with the table's row type.
            pub fn with_row<T: WithRow>(self, then: T) -> T::Output {
                match self {
                    $( Self::$table => then.with::<$table>(), )+
                }
            }

            /// The table.
            pub const fn spec(self) -> &'static TableSpec {
                match self {
                    $( Self::$table => &$table::SPEC, )+
                }
            }
        }
    };
}

names![
    Calendar,
    Course,
    Day,
    District,
    Enrollment,
    GradingScore,
    GradingTask,
    GradingTaskCredit,
    Person,
    Program,
    ProgramParticipation,
    ProgramParticipationCertification,
    Roster,
    RosterProgram,
    ScheduleStructure,
    School,
    SchoolYear,
    ScoreListItem,
    Section,
    SectionPlacement,
    SectionStaffHistory,
    StaffMember,
    Term,
    TermSchedule,
    Trial,
];

impl TableName {
    /// The name as a file and a document have it: `Roster`.
    pub const fn as_str(self) -> &'static str {
        self.spec().name
    }

    /// The name with this text.
    pub fn parse(text: &str) -> Option<Self> {
        let at = Self::ALL.binary_search_by(|name| name.as_str().cmp(text)).ok()?;
        Self::ALL.get(at).copied()
    }
}

impl Serialize for TableName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl fmt::Debug for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_its_name_and_names_ascend_as_their_texts() {
        for name in TableName::ALL {
            assert_eq!(TableName::parse(name.as_str()), Some(*name));
        }
        assert!(TableName::ALL.is_sorted());
        assert!(TableName::ALL.is_sorted_by_key(|name| name.as_str()));
        assert_eq!(TableName::parse("roster"), None);
    }
}
