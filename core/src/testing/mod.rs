//! A small district to test rules on, written as text and changed cell by cell; and a state with nothing in it.
//!
//! ```
//! use rollcall_core::testing::District;
//!
//! let district = District::small().set("Course:1.active", "0").without("Enrollment:2");
//! assert!(!district.snapshot().courses.get(1).unwrap().active);
//! ```

mod answers;
mod assertions;
mod case;
mod rows;
mod state;

pub use answers::violations;
pub use assertions::{
    assert_code, assert_delete_post, assert_described, assert_element, assert_put, assert_triggers,
    assert_waits_for_a_resync,
};
pub use case::Case;
pub use state::{model, spec, state};

use std::collections::BTreeMap;

use crate::finding::{Finding, Severity};
use crate::preferences::{MappedCode, Preferences};
use crate::snapshot::{Loaded, Snapshot, TableReader};
use crate::tables::{self, Cells, Row, TableName};

/// Tables as text, to be read into a snapshot.
#[derive(Clone, Default)]
pub struct District {
    tables: BTreeMap<&'static str, Vec<BTreeMap<&'static str, String>>>,
}

/// One school with two semesters in 2025-26, two courses, one section each in the first and one in both semesters, two
/// students with an enrollment and rosters, a final task with a score list. Everything reports.
const SMALL: &[(&str, &[&str])] = &[
    ("District districtID name number", &["1 Prairie 500"]),
    ("SchoolYear endYear startDate endDate", &["2026 - -"]),
    ("School schoolID districtID name number exclude", &["1 1 North 500001 0"]),
    (
        "Calendar calendarID schoolID endYear name startDate endDate exclude summerSchool",
        &["1 1 2026 25-26 2025-08-18 2026-05-22 0 0"],
    ),
    ("ScheduleStructure structureID calendarID name", &["1 1 Main"]),
    ("TermSchedule termScheduleID structureID name", &["1 1 Semesters"]),
    (
        "Term termID termScheduleID name seq startDate endDate termType",
        &["1 1 S1 1 2025-08-18 2025-12-19 Fall", "2 1 S2 2 2026-01-05 2026-05-22 Spring"],
    ),
    (
        "Day dayID calendarID structureID date schoolDay instruction",
        &[
            "1 1 1 2025-08-18 1 1",
            "2 1 1 2025-08-19 1 1",
            "3 1 1 2025-12-19 1 0",
            "4 1 1 2026-01-05 1 1",
            "5 1 1 2026-05-22 1 1",
        ],
    ),
    ("Trial trialID calendarID structureID active", &["1 1 1 1", "2 1 1 0"]),
    (
        "Course courseID calendarID number name stateCode active stateExclude homeroom courseLevel grade sequence \
         sequenceTotal deliveryType targetedProgram collegeCareerType termDescriptorOverride",
        &["1 1 ALG1 Algebra 02052 1 0 0 H 09 1 2 G A N -", "2 1 BAND Band 05101 1 0 0 - - - - - - - -"],
    ),
    (
        "Section sectionID courseID trialID number homeroomSection termDescriptorOverride",
        &["1 1 1 01 0 -", "2 2 1 07 0 -"],
    ),
    ("SectionPlacement sectionPlacementID sectionID trialID termID periodID", &["1 1 1 1 3", "2 2 1 1 4", "3 2 1 2 4"]),
    (
        "Person personID stateID edFiID studentNumber firstName middleName lastName birthDate exclude",
        &["1 9001 7001 11 Ada - Lark 2010-04-02 0", "2 9002 7002 12 Ben Q Wren 2010-09-30 0"],
    ),
    (
        "Enrollment enrollmentID personID calendarID structureID grade startDate endDate serviceType noShow stateExclude",
        &["1 1 1 1 09 2025-08-18 - P 0 0", "2 2 1 1 10 2025-08-18 - P 0 0"],
    ),
    (
        "Roster rosterID personID sectionID trialID startDate endDate attemptStatus",
        &["1 1 1 1 - - -", "2 1 2 1 - - -", "3 2 1 1 2025-09-02 - -"],
    ),
    ("GradingTask taskID name final stateReported", &["1 Final 1 1", "2 Progress 0 1"]),
    (
        "GradingTaskCredit gradingTaskCreditID courseID calendarID taskID scoreGroupID credit",
        &["1 1 1 1 1 0.5", "2 2 1 1 1 0.5"],
    ),
    ("ScoreListItem scoreGroupID score name passingScore", &["1 A A 1", "1 F F 0"]),
];

impl District {
    /// No rows at all.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The small district described above.
    pub fn small() -> Self {
        let mut district = Self::empty();
        for (header, rows) in SMALL {
            let mut names = header.split_whitespace();
            let table = names.next().unwrap_or_default();
            let columns: Vec<&str> = names.collect();
            for row in *rows {
                let cells = columns.iter().copied().zip(row.split_whitespace());
                district = district.with(table, &cells.collect::<Vec<_>>());
            }
        }
        district
    }

    /// Adds a row; a column that is not named, and a `-`, are null.
    #[must_use]
    pub fn with(mut self, table: &str, cells: &[(&str, &str)]) -> Self {
        let spec = TableName::parse(table).unwrap_or_else(|| panic!("no table {table}")).spec();
        let mut row = BTreeMap::new();
        for (column, value) in cells {
            let column = spec.columns.iter().find(|c| c.name == *column);
            let column = column.unwrap_or_else(|| panic!("no column {column:?} in {table}"));
            row.insert(column.name, if *value == "-" { String::new() } else { (*value).to_owned() });
        }
        self.tables.entry(spec.name).or_default().push(row);
        self
    }

    /// Sets a cell, `Table:id.column`; `-` is null.
    #[must_use]
    pub fn set(mut self, cell: &str, value: &str) -> Self {
        let (row, column) = cell.split_once('.').unwrap_or_else(|| panic!("{cell} is not Table:id.column"));
        let (table, _) = row.split_once(':').unwrap_or_else(|| panic!("{cell} is not Table:id.column"));
        assert!(tables::is_column(&format!("{table}.{column}")), "no column {table}.{column}");
        let spec = TableName::parse(table).unwrap_or_else(|| panic!("no table {table}")).spec();
        let name = spec.columns.iter().find(|c| c.name == column).map_or("", |c| c.name);
        let value = if value == "-" { String::new() } else { value.to_owned() };
        self.row(row).insert(name, value);
        self
    }

    /// Takes a row out, `Table:id`.
    #[must_use]
    pub fn without(mut self, row: &str) -> Self {
        let (table, at) = self.position(row);
        self.tables.get_mut(table).unwrap_or_else(|| panic!("no row {row}")).remove(at);
        self
    }

    /// The snapshot of these tables.
    ///
    /// # Panics
    /// When a cell can't be read or an id is dangling: a test's own mistake.
    pub fn snapshot(&self) -> Snapshot {
        let mut findings = Vec::new();
        let snapshot = Snapshot::read(&mut self.clone(), &mut findings);
        assert!(findings.iter().all(|finding| finding.severity != Severity::Error), "{findings:?}");
        snapshot
    }

    /// Every table as a CSV file has it: its name, and its text with a header line.
    pub fn csv(&self) -> Vec<(&'static str, String)> {
        let text = |spec: &tables::TableSpec| {
            let mut text = spec.columns.iter().map(|column| column.name).collect::<Vec<_>>().join(",");
            text.push('\n');
            for cells in self.tables.get(spec.name).into_iter().flatten() {
                let quoted = |name| format!("\"{}\"", cells.get(name).map_or("", String::as_str).replace('"', "\"\""));
                text.push_str(&spec.columns.iter().map(|column| quoted(column.name)).collect::<Vec<_>>().join(","));
                text.push('\n');
            }
            text
        };
        tables::TABLES.iter().map(|table| (table.as_str(), text(table.spec()))).collect()
    }

    fn row(&mut self, row: &str) -> &mut BTreeMap<&'static str, String> {
        let (table, at) = self.position(row);
        &mut self.tables.get_mut(table).unwrap_or_else(|| panic!("no row {row}"))[at]
    }

    fn position(&self, row: &str) -> (&'static str, usize) {
        let (table, id) = row.split_once(':').unwrap_or_else(|| panic!("{row} is not Table:id"));
        let spec = TableName::parse(table).unwrap_or_else(|| panic!("no table {table}")).spec();
        let rows = self.tables.get(spec.name).map(Vec::as_slice).unwrap_or_default();
        let key = spec.columns[0].name;
        let at = rows.iter().position(|cells| cells.get(key).is_some_and(|value| value == id));
        (spec.name, at.unwrap_or_else(|| panic!("no row {row}")))
    }
}

impl TableReader for District {
    fn read<R: Row>(&mut self, findings: &mut Vec<Finding>) -> Loaded<R> {
        struct TextRow<'a>(&'a [crate::tables::Column], &'a BTreeMap<&'static str, String>);
        impl Cells for TextRow<'_> {
            fn cell(&self, column: usize) -> &str {
                self.1.get(self.0[column].name).map_or("", String::as_str)
            }
        }
        let spec = R::SPEC;
        let mut loaded = Loaded::default();
        for (line, cells) in (2..).zip(self.tables.get(spec.name).into_iter().flatten()) {
            match R::read(&TextRow(spec.columns, cells)) {
                Ok(row) => {
                    loaded.rows.push(row);
                    loaded.lines.push(line);
                }
                Err(error) => {
                    let place = format!("{} row {line}, {}", spec.name, spec.columns[error.column].name);
                    findings.push(Finding::error(place, error.problem.expected(), ""));
                }
            }
        }
        loaded
    }
}

/// Preferences from `(mapping, local code, descriptor value)`.
pub fn preferences(mappings: &[(&str, &str, &str)]) -> Preferences {
    let mut preferences = Preferences::new();
    for (mapping, local, uri) in mappings {
        let code = uri.rsplit_once('#').map_or(*uri, |(_, code)| code).to_owned();
        preferences.map(mapping, *local, MappedCode { uri: (*uri).to_owned(), code, name: None });
    }
    preferences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_small_district_is_whole() {
        let snapshot = District::small().snapshot();
        assert_eq!((snapshot.rosters.len(), snapshot.terms.len(), snapshot.people.len()), (3, 2, 2));
        let section = snapshot.sections.get(2).unwrap();
        assert_eq!(snapshot.placed_terms(section).count(), 2);
    }

    #[test]
    fn every_table_is_a_csv_text() {
        let district = District::small().set("Course:1.name", "Algebra, \"new\"");
        let csv: BTreeMap<&str, String> = district.csv().into_iter().collect();
        assert_eq!(csv.len(), tables::TABLES.len());
        assert_eq!(csv["ScheduleStructure"], "structureID,calendarID,name\n\"1\",\"1\",\"Main\"\n");
        assert!(csv["Course"].contains("\"Algebra, \"\"new\"\"\""), "{}", csv["Course"]);
        assert_eq!(csv["StaffMember"].lines().count(), 1);
    }

    #[test]
    fn rows_of_an_inactive_trial_are_left_out() {
        let cells = [("sectionID", "9"), ("courseID", "1"), ("trialID", "2"), ("number", "01")];
        let snapshot = District::small().with("Section", &cells).snapshot();
        assert!(snapshot.sections.get(9).is_none());
        assert_eq!(snapshot.inactive, [("Section", 1)]);
    }
}
