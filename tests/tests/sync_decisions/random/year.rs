//! The SIS and the configuration of a random year: which of their values each may take.

use std::collections::BTreeMap;

use rollcall_core::testing::District;

/// Cells, each with the values that it may take; the first is the one that it has.
pub(super) const CELLS: &[(&str, &[&str])] = &[
    ("Course:1.number", &["ALG1", "ALG2", "BAND"]),
    ("Course:2.number", &["BAND", "BAND2"]),
    ("Course:2.name", &["Band", "Concert"]),
    ("Course:1.active", &["1", "0"]),
    ("Course:1.stateExclude", &["0", "1"]),
    ("Course:2.stateCode", &["05101", "02052", "-"]),
    ("Course:1.courseLevel", &["H", "-"]),
    ("Section:1.number", &["01", "02", "07"]),
    ("Section:2.number", &["07", "01"]),
    ("Section:5.number", &["02", "01", "07"]),
    ("Section:1.homeroomSection", &["0", "1"]),
    ("Term:1.startDate", &["2025-08-18", "2025-08-20"]),
    ("Term:2.termType", &["Spring", "Fall", "Winter", "-"]),
    ("Term:2.endDate", &["2026-05-22", "2026-05-29"]),
    ("Calendar:1.exclude", &["0", "1"]),
    ("School:1.exclude", &["0", "1"]),
    ("School:1.edFiSchoolNumber", &["-", "500002"]),
    ("Person:1.lastName", &["Lark", "Larkin"]),
    ("Person:2.edFiID", &["7002", "7999", "-"]),
    ("Person:1.edFiID", &["7001", "7002", "7999"]),
    ("Person:2.stateID", &["9002", "9009"]),
    ("Person:2.exclude", &["0", "1"]),
    ("Enrollment:1.startDate", &["2025-08-18", "2025-08-25"]),
    ("Enrollment:2.noShow", &["0", "1"]),
    ("Enrollment:2.stateExclude", &["0", "1"]),
    ("Enrollment:2.grade", &["10", "09", "11"]),
    ("Enrollment:1.endDate", &["-", "2025-11-20"]),
    ("Roster:1.startDate", &["-", "2025-09-10"]),
    ("Roster:1.endDate", &["-", "2025-10-01", "2025-08-01"]),
    ("Roster:3.startDate", &["2025-09-02", "2025-09-04"]),
    ("GradingScore:1.score", &["A", "F", "B"]),
    ("Roster:2.personID", &["1", "2"]),
    ("Roster:3.sectionID", &["1", "2"]),
    ("StaffMember:5.lastName", &["Finch", "Finch-Reyes"]),
    ("StaffMember:5.email", &["cleo@north.example", "dov@north.example", "-"]),
    ("StaffMember:5.stateID", &["-", "1000005"]),
    ("SectionStaffHistory:2.endDate", &["-", "2025-12-20", "2025-08-01"]),
    ("SectionStaffHistory:2.staffType", &["P", "T", "S"]),
    ("SectionStaffHistory:3.personID", &["6", "5"]),
];

/// Rows that come and go: nothing else refers to them. All are there at first but three.
pub(super) const ROWS: &[&str] = &[
    "Roster:1",
    "Roster:2",
    "Roster:3",
    "SectionPlacement:3",
    "SectionPlacement:9",
    "Enrollment:2",
    "Day:5",
    "Roster:9",
    "GradingScore:1",
    "Enrollment:3",
    "SectionStaffHistory:2",
    "SectionStaffHistory:4",
];
const ABSENT_AT_FIRST: &[&str] = &["Roster:9", "GradingScore:1", "Enrollment:3"];

/// Lines of the configuration, each with the forms that it may take; the first is the one that it has. The last forms of
/// the toggles turn a resource off.
pub(super) const LINES: &[&[&str]] = &[
    &["\"Spring\" = \"S2\"", "\"Spring\" = \"Q4\"", "", "\"Spring\" = \"S1\""],
    &["\"Winter\" = \"Q3\"", ""],
    &["\"H\" = \"H\"", "\"H\" = \"G\""],
    &[
        "section-identifier = \"{section.number}\"",
        "section-identifier = \"{course.number}-{section.number}\"",
        "section-identifier = \"{course.number}\"",
    ],
    &["key-changes = \"delete-post\"", "key-changes = \"update\""],
    &["", "student-id = \"state-id\""],
    &["studentSectionAssociations = true", "studentSectionAssociations = false"],
    &["sections = true", "sections = false"],
    &["studentSchoolAssociations = true", "studentSchoolAssociations = false"],
    &["sectionEducators = true", "sectionEducators = false"],
];
pub(super) const FIRST_TOGGLE: usize = 6;
/// The lines before this one are preferences, and one of those behind it is.
pub(super) const KEY_CHANGES: usize = 4;
pub(super) const STUDENT_ID: usize = 5;

/// The SIS and the configuration as they are.
pub(super) struct Year {
    pub(super) cells: Vec<usize>,
    pub(super) rows: BTreeMap<&'static str, bool>,
    pub(super) lines: Vec<usize>,
}

impl Year {
    pub(super) fn new() -> Self {
        let rows = ROWS.iter().map(|row| (*row, !ABSENT_AT_FIRST.contains(row))).collect();
        Self { cells: vec![0; CELLS.len()], rows, lines: vec![0; LINES.len()] }
    }

    pub(super) fn district(&self) -> District {
        let mut district = District::small()
            .with_section("5", "1", "02")
            .with_placement("9", "5", "1")
            .set("SectionPlacement:9.periodID", "2")
            .with_roster("8", "2", "5", "-", "-")
            .with_roster("9", "2", "2", "-", "-")
            .with_score("1", "1", "1", "1", "A", "2025-12-19")
            .with_enrollment("3", "2", "-")
            .set("Enrollment:3.grade", "10")
            .set("Enrollment:3.startDate", "2025-11-03")
            .with_educator()
            .with("StaffMember", &[("personID", "6"), ("secondaryEmail", "dov@north.example")])
            .with_staff_history("1", "5", "1", "-", "-")
            .with_staff_history("2", "5", "2", "-", "-")
            .with_staff_history("3", "6", "2", "-", "2025-10-17")
            .with_staff_history("4", "5", "2", "2025-11-10", "-");
        for ((cell, values), at) in CELLS.iter().zip(&self.cells) {
            district = district.set(cell, values[*at]);
        }
        for (row, there) in &self.rows {
            if !there {
                district = district.without(row);
            }
        }
        district
    }

    pub(super) fn config(&self) -> String {
        let line = |at: usize| LINES[at][self.lines[at]];
        format!(
            "state = \"ks\"\nschool-years = [2026]\n[connection]\nurl = \"http://127.0.0.1\"\n{}\n[options]\n{}\n{}\n\
             [resources]\n{}\n{}\n{}\n{}\n[mappings.term-type]\n\"Fall\" = \"S1\"\n{}\n{}\n[mappings.grade-level]\n\
             \"09\" = \"Ninth grade\"\n\"10\" = \"Tenth grade\"\n[mappings.course-level]\n{}\n\
             [mappings.delivery-type]\n\"G\" = \"G\"\n[mappings.targeted-program]\n\"A\" = \"A\"\n\
             [mappings.college-career-type]\n\"N\" = \"N\"\n",
            line(4),
            line(3),
            line(5),
            line(6),
            line(7),
            line(8),
            line(9),
            line(0),
            line(1),
            line(2),
        )
    }

    pub(super) fn all_on(&self) -> bool {
        self.lines[FIRST_TOGGLE..].iter().all(|form| *form == 0)
    }
}
