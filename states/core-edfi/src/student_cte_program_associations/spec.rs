//! Core Student CTE Program Associations as data: its element table and its trigger table.

use rollcall_core::resource::{Element, Need, ResourceSpec, Trigger};
use rollcall_core::tables::TableName;

use crate::preferences::{CAREER_PATHWAY, PROGRAM, STUDENT_ID, STUDENT_STATUS, TECHNICAL_SKILLS_ASSESSMENT};
use crate::rules;

/// What Core Student CTE Program Associations says of it.
pub static SPEC: ResourceSpec = ResourceSpec {
    name: "studentCTEProgramAssociations",
    document: "Core Student CTE Program Associations",
    summary: "The career and technical education (CTE) program that a student participates in.",
    elements: &[
        BEGIN_DATE,
        EDUCATION_ORGANIZATION_REFERENCE,
        PROGRAM_REFERENCE,
        STUDENT_REFERENCE,
        CTE_PROGRAMS,
        END_DATE,
        NON_TRADITIONAL_GENDER_STATUS,
        PRIVATE_CTE_PROGRAM,
        TECHNICAL_SKILLS_ASSESSMENT_DESCRIPTOR,
        not_reported("cteProgramServices", "array"),
        not_reported("participationStatus", "object"),
        not_reported("programParticipationStatuses", "array"),
        not_reported("reasonExitedDescriptor", "descriptor"),
        not_reported("servedOutsideOfRegularSession", "boolean"),
        not_reported("services", "array"),
    ],
    triggers: TRIGGERS,
    exclusions: &[
        &rules::CTE_OUTSIDE_YEAR,
        &rules::CTE_NO_ENROLLMENT,
        &rules::CTE_CALENDAR_EXCLUDE,
        &rules::CTE_SCHOOL_EXCLUDE,
        &rules::CTE_NO_SHOW,
        &rules::CTE_ENROLLMENT_STATE_EXCLUDE,
        &rules::CTE_ENROLLMENT_OUTSIDE_YEAR,
        &rules::CTE_STUDENT_EXCLUDED,
        &rules::CTE_NO_STUDENT_ID,
        &rules::CTE_PROGRAM_UNMAPPED,
        &rules::CTE_PROGRAM_TYPE,
    ],
    mappings: &[&PROGRAM, &CAREER_PATHWAY, &STUDENT_STATUS, &TECHNICAL_SKILLS_ASSESSMENT],
    options: &[&STUDENT_ID],
    gathers: &[TableName::ProgramParticipation, TableName::ProgramParticipationCertification, TableName::Enrollment],
    shared: false,
};

const BEGIN_DATE: Element = Element {
    name: "beginDate",
    kind: "date",
    need: Need::M,
    key: true,
    columns: &["ProgramParticipation.startDate"],
    rule: "Reports the CTE Program Start Date.",
};

const EDUCATION_ORGANIZATION_REFERENCE: Element = Element {
    name: "educationOrganizationReference",
    kind: "reference",
    need: Need::M,
    key: true,
    columns: &["District.number", "District.edFiDistrictNumber"],
    rule: "Reports the fields that are part of the natural key of the local education agency.",
};

const PROGRAM_REFERENCE: Element = Element {
    name: "programReference",
    kind: "reference",
    need: Need::M,
    key: true,
    columns: &["Program.name"],
    rule: "Reports the fields that are part of the natural key of the program.",
};

const STUDENT_REFERENCE: Element = Element {
    name: "studentReference",
    kind: "reference",
    need: Need::M,
    key: true,
    columns: &["Person.edFiID", "Person.stateID", "Person.studentNumber"],
    rule: "Reports the fields that are part of the natural key of the student.",
};

const CTE_PROGRAMS: Element = Element {
    name: "ctePrograms",
    kind: "array",
    need: Need::O,
    key: false,
    columns: &[
        "ProgramParticipation.programID",
        "Program.code",
        "ProgramParticipation.studentStatus",
        "ProgramParticipation.startDate",
    ],
    rule: "careerPathwayDescriptor of the mapped program; cipCode, the State Code (CIP); \
           cteProgramCompletionIndicator of the mapped student status; primaryCTEProgramIndicator, true for the \
           latest start. Does not report without a mapped career pathway.",
};

const END_DATE: Element = Element {
    name: "endDate",
    kind: "date",
    need: Need::O,
    key: false,
    columns: &["ProgramParticipation.endDate"],
    rule: "Reports the CTE Program End Date. Does not report if the CTE Program End Date is null.",
};

const NON_TRADITIONAL_GENDER_STATUS: Element = Element {
    name: "nonTraditionalGenderStatus",
    kind: "boolean",
    need: Need::O,
    key: false,
    columns: &["ProgramParticipation.nonTraditional"],
    rule: "Reports true if Non-Traditional Participation is checked; false in all other situations.",
};

const PRIVATE_CTE_PROGRAM: Element = Element {
    name: "privateCTEProgram",
    kind: "boolean",
    need: Need::O,
    key: false,
    columns: &[],
    rule: "Reports false. This is hard-coded.",
};

const TECHNICAL_SKILLS_ASSESSMENT_DESCRIPTOR: Element = Element {
    name: "technicalSkillsAssessmentDescriptor",
    kind: "descriptor",
    need: Need::O,
    key: false,
    columns: &[
        "ProgramParticipationCertification.attempted",
        "ProgramParticipationCertification.passed",
        "ProgramParticipationCertification.certificationDate",
    ],
    rule: "Reports the Ed-Fi code mapped to the certification's checkboxes; of several certifications, the one with \
           the latest date, then the highest id.",
};

const fn not_reported(name: &'static str, kind: &'static str) -> Element {
    Element::not_reported(name, kind, "This data element is optional and does not report.")
}

const TRIGGERS: &[Trigger] = &[
    Trigger::new(
        "Post",
        "When a student has a CTE program record that overlaps the configured year and an enrollment in the configured \
         year, and the program is mapped to an Ed-Fi code.",
    ),
    Trigger::new(
        "Delete/Post",
        "A DELETE / POST is performed if the changed element is part of the natural key; a PUT otherwise.",
    ),
    Trigger::new(
        "Put",
        "When any of the following information is changed on Enrollments: Enrollment ID (New Enrollment), Start Date, \
         End Date, No Show.",
    ),
    Trigger::new(
        "Put",
        "When any of the following information is changed on CTE program records: Program ID (New Program record), \
         Program, Start Date, End Date, Student Status, Non-Traditional Participation; Certifications: Name, Attempted, \
         Passed, Date.",
    ),
    Trigger::new(
        "Put",
        "When any of the following information is changed on the CTE program setup: Academic Program ID (New Academic \
         Program), Program Type, Category, State Code (CIP).",
    ),
    Trigger::new("None", "Changes to Resource Preferences mappings do not trigger; a manual resync must be performed."),
    Trigger::new("Delete", "When the associated enrollment is deleted."),
    Trigger::new("Delete", "When the associated enrollment is made to no longer overlap the configured year."),
    Trigger::new("Delete", "When the associated student is now excluded in some way."),
    Trigger::new("Delete", "When the CTE program record is deleted."),
    Trigger::new("Delete", "When the CTE program record is made to no longer overlap the configured year."),
    Trigger::new("Delete", "When a record is in the identity mapping but cannot be found in the SIS."),
];
