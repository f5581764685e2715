//! The rows of Kansas' documents that decide that nothing reports.

use rollcall_core::verdict::DecidedBy::Sis;
use rollcall_core::verdict::Rule;
use rollcall_core_edfi::preferences::NAMING;
use rollcall_core_edfi::rules::{self as standard, ScheduleRules, StudentRules};
use rollcall_core_edfi::student_section_associations::AssociationRules;

const OFFERINGS: &str = "Course Offerings (Kansas), Post";
const EDUCATORS: &str = "Section Educators (Kansas), Post";
const EDUCATOR_READING: &str = "docs/readings.md, KS Section Educators dates";
const SECTION_ASSOCIATIONS: &str = "KS Student Section Associations, Post";

/// "Does not send records when the Calendar Exclude checkbox is marked."
pub static OFFERING_CALENDAR_EXCLUDE: Rule = Rule {
    name: "calendar-exclude",
    document: OFFERINGS,
    text: "Does not send records when the Calendar Exclude checkbox is marked.",
    decided_by: Sis,
};

/// "Does not send a record when the School Exclude checkbox is marked."
pub static OFFERING_SCHOOL_EXCLUDE: Rule = Rule {
    name: "school-exclude",
    document: OFFERINGS,
    text: "Does not send a record when the School Exclude checkbox is marked.",
    decided_by: Sis,
};

/// "Does not send when the course is NOT marked as Active."
pub static OFFERING_COURSE_INACTIVE: Rule = Rule {
    name: "course-inactive",
    document: OFFERINGS,
    text: "Does not send when the course is NOT marked as Active.",
    decided_by: Sis,
};

/// "Does not post a record when the course is marked as Exclude from State Reporting."
pub static OFFERING_COURSE_STATE_EXCLUDE: Rule = Rule {
    name: "course-state-exclude",
    document: OFFERINGS,
    text: "Does not post a record when the course is marked as Exclude from State Reporting.",
    decided_by: Sis,
};

/// "A course MUST have a State Code present to report."
pub static NO_STATE_CODE: Rule = Rule {
    name: "no-state-code",
    document: OFFERINGS,
    text: "A course MUST have a State Code present to report.",
    decided_by: Sis,
};

/// "When a section with Section Placement is created and saved."
pub static NO_PLACEMENT: Rule = Rule {
    name: "no-placement",
    document: OFFERINGS,
    text: "A section reports when it has a Section Placement.",
    decided_by: Sis,
};

/// Course offerings and sections.
pub static SCHEDULE: ScheduleRules = ScheduleRules {
    calendar_exclude: &OFFERING_CALENDAR_EXCLUDE,
    school_exclude: &OFFERING_SCHOOL_EXCLUDE,
    course_inactive: &OFFERING_COURSE_INACTIVE,
    course_state_exclude: &OFFERING_COURSE_STATE_EXCLUDE,
    no_state_code: Some(&NO_STATE_CODE),
    no_placement: &NO_PLACEMENT,
    naming: &NAMING,
};

/// Every rule of [`SCHEDULE`], and those of the session.
pub static SCHEDULE_EXCLUSIONS: &[&Rule] = &[
    &OFFERING_CALENDAR_EXCLUDE,
    &OFFERING_SCHOOL_EXCLUDE,
    &OFFERING_COURSE_INACTIVE,
    &OFFERING_COURSE_STATE_EXCLUDE,
    &NO_STATE_CODE,
    &NO_PLACEMENT,
    &standard::TERM_TYPE_NULL,
    &standard::TERM_UNMAPPED,
];

/// "Calendar Exclude"
pub static ASSOCIATION_CALENDAR_EXCLUDE: Rule = Rule {
    name: "calendar-exclude",
    document: SECTION_ASSOCIATIONS,
    text: "Do not report a record if the Calendar Exclude is present.",
    decided_by: Sis,
};

/// "School Exclude"
pub static ASSOCIATION_SCHOOL_EXCLUDE: Rule = Rule {
    name: "school-exclude",
    document: SECTION_ASSOCIATIONS,
    text: "Do not report a record if the School Exclude is present.",
    decided_by: Sis,
};

/// "Course Inactive"
pub static ASSOCIATION_COURSE_INACTIVE: Rule = Rule {
    name: "course-inactive",
    document: SECTION_ASSOCIATIONS,
    text: "Do not report a record if the Course is Inactive.",
    decided_by: Sis,
};

/// "Enrollment No Show"
pub static ENROLLMENT_NO_SHOW: Rule = Rule {
    name: "enrollment-no-show",
    document: SECTION_ASSOCIATIONS,
    text: "Do not report a record if the Enrollment is a No Show.",
    decided_by: Sis,
};

/// "When the Student is excluded in some way."
pub static STUDENT_EXCLUDED: Rule = Rule {
    name: "student-excluded",
    document: "KS Student Section Associations, Delete",
    text: "A student who is excluded in some way does not report.",
    decided_by: Sis,
};

/// "When the Enrollment dates no longer overlap the configured year."
pub static ENROLLMENT_OUTSIDE_YEAR: Rule = Rule {
    name: "enrollment-outside-year",
    document: "KS Student Section Associations, Delete",
    text: "An enrollment whose dates do not overlap the configured year does not report.",
    decided_by: Sis,
};

/// "When the Enrollment is deleted."
pub static NO_ENROLLMENT: Rule = Rule {
    name: "no-enrollment",
    document: "KS Student Section Associations, Delete",
    text: "A student without an enrollment in the section's school does not report.",
    decided_by: Sis,
};

/// "A record will report per eligible Sessions record attributed to the Section/Student Roster Dates."
pub static ROSTER_OUTSIDE_TERM: Rule = Rule {
    name: "roster-outside-term",
    document: SECTION_ASSOCIATIONS,
    text: "A session that the roster's dates do not touch gets no record.",
    decided_by: Sis,
};

/// The section of an association: its own document's exclusions where it has them, else "each Section record that is
/// reported based on the Sections logic".
static ASSOCIATION_SCHEDULE: ScheduleRules = ScheduleRules {
    calendar_exclude: &ASSOCIATION_CALENDAR_EXCLUDE,
    school_exclude: &ASSOCIATION_SCHOOL_EXCLUDE,
    course_inactive: &ASSOCIATION_COURSE_INACTIVE,
    course_state_exclude: &OFFERING_COURSE_STATE_EXCLUDE,
    no_state_code: Some(&NO_STATE_CODE),
    no_placement: &NO_PLACEMENT,
    naming: &NAMING,
};

static ASSOCIATION_STUDENT: StudentRules = StudentRules {
    student_excluded: &STUDENT_EXCLUDED,
    no_student_id: &standard::NO_STUDENT_ID,
    no_show: &ENROLLMENT_NO_SHOW,
    state_exclude: &standard::ENROLLMENT_STATE_EXCLUDE,
    outside_year: &ENROLLMENT_OUTSIDE_YEAR,
    no_enrollment: &NO_ENROLLMENT,
    enrollment_elsewhere: &standard::ENROLLMENT_ELSEWHERE,
};

/// Student section associations.
pub static ASSOCIATION: AssociationRules = AssociationRules {
    schedule: &ASSOCIATION_SCHEDULE,
    student: &ASSOCIATION_STUDENT,
    outside_term: &ROSTER_OUTSIDE_TERM,
};

/// Every rule of [`ASSOCIATION`], and those of the session.
pub static ASSOCIATION_EXCLUSIONS: &[&Rule] = &[
    &ASSOCIATION_CALENDAR_EXCLUDE,
    &ASSOCIATION_SCHOOL_EXCLUDE,
    &ASSOCIATION_COURSE_INACTIVE,
    &OFFERING_COURSE_STATE_EXCLUDE,
    &NO_STATE_CODE,
    &NO_PLACEMENT,
    &STUDENT_EXCLUDED,
    &standard::NO_STUDENT_ID,
    &ENROLLMENT_NO_SHOW,
    &standard::ENROLLMENT_STATE_EXCLUDE,
    &ENROLLMENT_OUTSIDE_YEAR,
    &NO_ENROLLMENT,
    &standard::ENROLLMENT_ELSEWHERE,
    &standard::TERM_TYPE_NULL,
    &standard::TERM_UNMAPPED,
    &ROSTER_OUTSIDE_TERM,
];

/// "Does not send records when the Calendar Exclude check box is marked."
pub static EDUCATOR_CALENDAR_EXCLUDE: Rule = Rule {
    name: "calendar-exclude",
    document: EDUCATORS,
    text: "Does not send records when Calendar Exclude is marked.",
    decided_by: Sis,
};

/// "Does not report when the course is in a school marked as Exclude."
pub static EDUCATOR_SCHOOL_EXCLUDE: Rule = Rule {
    name: "school-exclude",
    document: EDUCATORS,
    text: "Does not report when the course is in a school marked as Exclude.",
    decided_by: Sis,
};

/// "… when the Course is not marked Active …"
pub static EDUCATOR_COURSE_INACTIVE: Rule = Rule {
    name: "course-inactive",
    document: EDUCATORS,
    text: "Does not send a record when the course is not marked Active.",
    decided_by: Sis,
};

/// "… or is marked Exclude from State Reporting."
pub static EDUCATOR_COURSE_STATE_EXCLUDE: Rule = Rule {
    name: "course-state-exclude",
    document: EDUCATORS,
    text: "Does not send a record when the course is marked Exclude from State Reporting.",
    decided_by: Sis,
};

/// "Must have a Staff Type of P: Primary Teacher or T: Teacher …"
pub static EDUCATOR_STAFF_TYPE: Rule = Rule {
    name: "staff-type",
    document: EDUCATORS,
    text: "Only staff types P (primary teacher) and T (teacher) of the Section Staff History report.",
    decided_by: Sis,
};

/// "Does not report a record when the Staff has an Ed-Fi ID."
pub static EDUCATOR_HAS_STATE_ID: Rule = Rule {
    name: "staff-has-state-id",
    document: EDUCATORS,
    text: "Staff with a state id do not report here: the state takes them as Staff Section Associations.",
    decided_by: Sis,
};

/// docs/readings.md, KS Section Educators dates.
pub static EDUCATOR_OUTSIDE_TERM: Rule = Rule {
    name: "staff-outside-term",
    document: EDUCATOR_READING,
    text: "A staff history that ends before the term begins, or begins after it ends, makes no record for the term.",
    decided_by: Sis,
};

/// The section of an educator: its own document's exclusions where it has them, else the section's.
pub static EDUCATOR_SCHEDULE: ScheduleRules = ScheduleRules {
    calendar_exclude: &EDUCATOR_CALENDAR_EXCLUDE,
    school_exclude: &EDUCATOR_SCHOOL_EXCLUDE,
    course_inactive: &EDUCATOR_COURSE_INACTIVE,
    course_state_exclude: &EDUCATOR_COURSE_STATE_EXCLUDE,
    no_state_code: Some(&NO_STATE_CODE),
    no_placement: &NO_PLACEMENT,
    naming: &NAMING,
};

/// Every rule of section educators, in the order in which they are asked.
pub static EDUCATOR_EXCLUSIONS: &[&Rule] = &[
    &EDUCATOR_CALENDAR_EXCLUDE,
    &EDUCATOR_SCHOOL_EXCLUDE,
    &EDUCATOR_COURSE_INACTIVE,
    &EDUCATOR_COURSE_STATE_EXCLUDE,
    &NO_STATE_CODE,
    &EDUCATOR_STAFF_TYPE,
    &EDUCATOR_HAS_STATE_ID,
    &NO_PLACEMENT,
    &EDUCATOR_OUTSIDE_TERM,
    &standard::TERM_TYPE_NULL,
    &standard::TERM_UNMAPPED,
];
