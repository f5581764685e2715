//! Core Sessions as data: its element table and its trigger tables.

use rollcall_core::resource::{Element, Need, ResourceSpec, Trigger};
use rollcall_core::tables::TableName;

use crate::preferences::{SESSION_NAME_OPTION, TERM_DESCRIPTOR_OVERRIDE, TERM_TYPE};
use crate::{rules, triggers};

/// What Core Sessions says of it.
pub static SPEC: ResourceSpec = ResourceSpec {
    name: "sessions",
    document: "Core Sessions",
    summary: "The prescribed span of time when an education institution is open and instruction is provided.",
    elements: &[
        Element {
            name: "id",
            kind: "string",
            need: Need::NotReported,
            key: false,
            columns: &[],
            rule: "The unique identifier of the resource, which the ODS gives; it is no part of what is sent.",
        },
        Element {
            name: "sessionName",
            kind: "string",
            need: Need::M,
            key: true,
            columns: &["Term.termType", "Course.termDescriptorOverride", "Section.termDescriptorOverride"],
            rule: "Reports the Term Descriptor (Ed-Fi code) of the terms being reported.",
        },
        Element {
            name: "schoolReference",
            kind: "reference",
            need: Need::M,
            key: true,
            columns: &["School.number", "School.edFiSchoolNumber"],
            rule: "The school id is the reporting school.",
        },
        Element {
            name: "schoolYearTypeReference",
            kind: "reference",
            need: Need::M,
            key: true,
            columns: &["Calendar.endYear"],
            rule: "The school year is the end year of the calendar being reported.",
        },
        Element {
            name: "beginDate",
            kind: "date",
            need: Need::M,
            key: false,
            columns: &["Term.startDate"],
            rule: "The start date of the term; with several terms of one term type, the earliest.",
        },
        Element {
            name: "endDate",
            kind: "date",
            need: Need::M,
            key: false,
            columns: &["Term.endDate"],
            rule: "The end date of the term; with several terms of one term type, the latest.",
        },
        Element {
            name: "termDescriptor",
            kind: "descriptor",
            need: Need::M,
            key: false,
            columns: &["Term.termType", "Course.termDescriptorOverride", "Section.termDescriptorOverride"],
            rule: "The Ed-Fi code mapped to the term type or override; null or unmapped does not report.",
        },
        Element {
            name: "totalInstructionalDays",
            kind: "integer",
            need: Need::M,
            key: false,
            columns: &["Day.date"],
            rule: "The distinct instructional days of all the session's terms.",
        },
    ],
    triggers: TRIGGERS,
    exclusions: &[
        &rules::SESSION_CALENDAR_EXCLUDE,
        &rules::SESSION_SCHOOL_EXCLUDE,
        &rules::TERM_TYPE_NULL,
        &rules::TERM_UNMAPPED,
        &rules::OVERRIDE_UNMAPPED,
        &rules::OVERRIDE_UNPLACED,
    ],
    mappings: &[&TERM_TYPE, &TERM_DESCRIPTOR_OVERRIDE],
    options: &[&SESSION_NAME_OPTION],
    gathers: &[TableName::Term, TableName::Day, TableName::Course, TableName::Section, TableName::SectionPlacement],
    shared: false,
};

/// Core Sessions: its trigger tables.
const TRIGGERS: &[Trigger] = &[
    Trigger::new("Post", "When a new Term is created and mapped to a Term Type and a resync of Sessions is completed."),
    Trigger::new(
        "Post",
        "When a Term Descriptor Override is selected on a Course or Section, the override is mapped, and a resync of \
         Sessions is completed.",
    ),
    Trigger::new("Put", "When the Grading Period data is changed or the Grading Period record is deleted."),
    Trigger::new(
        "Delete",
        "When the Term is deleted or the mapping is removed, the Session record and all dependent data is removed.",
    ),
    Trigger::new("Delete/Post", "When the Session Name changes."),
    Trigger::new("Delete/Post", "When the natural key changes, all dependent resources delete/post."),
    triggers::TOGGLE_OFF,
    triggers::TOGGLE_DELETE,
    triggers::RESYNC_LEDGER,
    triggers::RESYNC_ODS,
    triggers::RESYNC_MAPPING,
];
