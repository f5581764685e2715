//! `studentSectionAssociations` as data: its elements, exclusions and preferences.

use rollcall_core::resource::{Element, Need, ResourceSpec};
use rollcall_core::tables::TableName;

use crate::preferences::{
    ELIGIBLE_ENROLLMENT, LOCAL_COURSE_CODE_OPTION, SECTION_IDENTIFIER, SESSION_NAME_OPTION, STUDENT_ID,
    TERM_DESCRIPTOR_OVERRIDE, TERM_TYPE,
};
use crate::rules;

/// The standard's own.
pub static SPEC: ResourceSpec = ResourceSpec {
    name: "studentSectionAssociations",
    document: "Data Standard 4.0 (docs/readings.md)",
    summary: "The course sections to which a student is assigned.",
    elements: &[BEGIN_DATE, SECTION_REFERENCE, STUDENT_REFERENCE, END_DATE, HOMEROOM_INDICATOR],
    triggers: crate::triggers::STANDARD,
    exclusions: &[
        &rules::CALENDAR_EXCLUDE,
        &rules::SCHOOL_EXCLUDE,
        &rules::COURSE_INACTIVE,
        &rules::COURSE_STATE_EXCLUDE,
        &rules::NO_PLACEMENT,
        &rules::STUDENT_EXCLUDED,
        &rules::NO_STUDENT_ID,
        &rules::ENROLLMENT_NO_SHOW,
        &rules::ENROLLMENT_STATE_EXCLUDE,
        &rules::ENROLLMENT_OUTSIDE_YEAR,
        &rules::NO_ENROLLMENT,
        &rules::ENROLLMENT_ELSEWHERE,
        &rules::TERM_TYPE_NULL,
        &rules::TERM_UNMAPPED,
        &rules::ROSTER_OUTSIDE_TERM,
    ],
    mappings: &[&TERM_TYPE, &TERM_DESCRIPTOR_OVERRIDE],
    options: &[&STUDENT_ID, &ELIGIBLE_ENROLLMENT, &SECTION_IDENTIFIER, &SESSION_NAME_OPTION, &LOCAL_COURSE_CODE_OPTION],
    gathers: &[TableName::Term, TableName::SectionPlacement, TableName::Enrollment],
    shared: false,
};

/// `beginDate`
pub const BEGIN_DATE: Element = Element {
    name: "beginDate",
    kind: "date",
    need: Need::M,
    key: true,
    columns: &["Roster.startDate", "Term.startDate"],
    rule: "Reports the latest of the Term Start Date or the Roster Start Date.",
};

/// `sectionReference`
pub const SECTION_REFERENCE: Element = Element {
    name: "sectionReference",
    kind: "reference",
    need: Need::M,
    key: true,
    columns: &["Section.number", "Course.number", "School.number", "Calendar.endYear", "Term.termType"],
    rule: "Reports the fields that are part of the natural key of the section.",
};

/// `studentReference`
pub const STUDENT_REFERENCE: Element = Element {
    name: "studentReference",
    kind: "reference",
    need: Need::M,
    key: true,
    columns: &["Person.edFiID", "Person.stateID", "Person.studentNumber"],
    rule: "Reports the fields that are part of the natural key of the student.",
};

/// `endDate`
pub const END_DATE: Element = Element {
    name: "endDate",
    kind: "date",
    need: Need::O,
    key: false,
    columns: &["Roster.endDate", "Term.endDate"],
    rule: "Reports the earliest of the Term End Date or the Roster End Date.",
};

/// `homeroomIndicator`
pub const HOMEROOM_INDICATOR: Element = Element {
    name: "homeroomIndicator",
    kind: "boolean",
    need: Need::O,
    key: false,
    columns: &["Course.homeroom", "Section.homeroomSection"],
    rule: "True if the Homeroom checkbox is checked on the section or course; false in all other situations.",
};
