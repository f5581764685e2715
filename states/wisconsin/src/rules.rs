//! The rules by which nothing reports in Wisconsin: those of the state's documents, and those of the vendor's article
//! on the same resource, which stand in docs/readings.md (WI eligibility).

use rollcall_core::verdict::DecidedBy::{Both, Sis};
use rollcall_core::verdict::Rule;
use rollcall_core_edfi::preferences::NAMING;
use rollcall_core_edfi::rules::{self as standard, ScheduleRules, StudentRules};
use rollcall_core_edfi::student_section_associations::AssociationRules;

const VENDOR: &str = "Wisconsin Ed-Fi Data v3.6: Student Section Associations (docs/readings.md, WI eligibility)";

/// `courseCode` is REQ'D, and courses are the state's own.
pub static NO_STATE_CODE: Rule = Rule {
    name: "no-state-code",
    document: "WISEdata courseOfferings, courseCode (docs/readings.md)",
    text: "An offering refers to one of the state's courses; a course without a state code does not report.",
    decided_by: Sis,
};

/// Course offerings and sections.
pub static SCHEDULE: ScheduleRules = ScheduleRules {
    calendar_exclude: &standard::CALENDAR_EXCLUDE,
    school_exclude: &standard::SCHOOL_EXCLUDE,
    course_inactive: &standard::COURSE_INACTIVE,
    course_state_exclude: &standard::COURSE_STATE_EXCLUDE,
    no_state_code: Some(&NO_STATE_CODE),
    no_placement: &standard::NO_PLACEMENT,
    naming: &NAMING,
};

/// Every rule of [`SCHEDULE`], and those of the session.
pub static SCHEDULE_EXCLUSIONS: &[&Rule] = &[
    &standard::CALENDAR_EXCLUDE,
    &standard::SCHOOL_EXCLUDE,
    &standard::COURSE_INACTIVE,
    &standard::COURSE_STATE_EXCLUDE,
    &NO_STATE_CODE,
    &standard::NO_PLACEMENT,
    &standard::TERM_TYPE_NULL,
    &standard::TERM_UNMAPPED,
];

/// "calendar not State Exclude nor Summer School", its first half.
pub static CALENDAR_EXCLUDE: Rule = Rule {
    name: "calendar-exclude",
    document: VENDOR,
    text: "Reports only if the calendar is not excluded.",
    decided_by: Sis,
};

/// "course active and not excluded", its first half.
pub static COURSE_INACTIVE: Rule =
    Rule { name: "course-inactive", document: VENDOR, text: "Reports only if the course is active.", decided_by: Sis };

/// "course active and not excluded", its second half.
pub static COURSE_STATE_EXCLUDE: Rule = Rule {
    name: "course-state-exclude",
    document: VENDOR,
    text: "Reports only if the course is not excluded from state reporting.",
    decided_by: Sis,
};

/// "enrollment not State Exclude / No Show", its second half.
pub static ENROLLMENT_NO_SHOW: Rule = Rule {
    name: "enrollment-no-show",
    document: VENDOR,
    text: "Reports only if the enrollment is not a no-show.",
    decided_by: Sis,
};

/// "enrollment not State Exclude / No Show", its first half.
pub static ENROLLMENT_STATE_EXCLUDE: Rule = Rule {
    name: "enrollment-state-exclude",
    document: VENDOR,
    text: "Reports only if the enrollment is not excluded from state reporting.",
    decided_by: Sis,
};

/// Use case 1.0.
pub static ROSTER_OUTSIDE_TERM: Rule = Rule {
    name: "roster-outside-term",
    document: "WI Student Section Association, use case 1.0",
    text: "Roster data reports for all periods of time when the student is in the section; a session that the roster's \
           dates do not touch gets no record.",
    decided_by: Sis,
};

/// "calendar not State Exclude nor Summer School", its second half.
pub static SUMMER_SCHOOL: Rule = Rule {
    name: "summer-school",
    document: VENDOR,
    text: "Reports only if the calendar is not a summer school.",
    decided_by: Both,
};

/// "a Grading Task that is State Reported … with Ed-Fi Grade Type Final".
pub static NO_STATE_REPORTED_FINAL_TASK: Rule = Rule {
    name: "no-state-reported-final-task",
    document: VENDOR,
    text: "Reports only if the course has a grading task that is final and state-reported.",
    decided_by: Both,
};

/// "State Enrollment Type Primary or Coursework Only".
pub static SERVICE_TYPE: Rule = Rule {
    name: "service-type",
    document: VENDOR,
    text: "Reports only if the enrollment is primary (P) or for coursework only (S).",
    decided_by: Both,
};

/// "state grade level 6–12".
pub static GRADE_LEVEL: Rule = Rule {
    name: "grade-level",
    document: VENDOR,
    text: "Reports only if the enrollment is in grades 06 to 12.",
    decided_by: Both,
};

/// Use case 6.0, for a district that keeps to it by `options.withdrawn-without-grade`.
pub static WITHDRAWN_WITHOUT_GRADE: Rule = Rule {
    name: "withdrawn-without-grade",
    document: "WI Student Section Association, use case 6.0",
    text: "Generally, the SIS should not send courses for which the student was enrolled with the intent of earning a \
           grade but did NOT earn a grade.",
    decided_by: Both,
};

static ASSOCIATION_SCHEDULE: ScheduleRules = ScheduleRules {
    calendar_exclude: &CALENDAR_EXCLUDE,
    school_exclude: &standard::SCHOOL_EXCLUDE,
    course_inactive: &COURSE_INACTIVE,
    course_state_exclude: &COURSE_STATE_EXCLUDE,
    no_state_code: Some(&NO_STATE_CODE),
    no_placement: &standard::NO_PLACEMENT,
    naming: &NAMING,
};

/// The student of an association.
pub static STUDENT: StudentRules = StudentRules {
    student_excluded: &standard::STUDENT_EXCLUDED,
    no_student_id: &standard::NO_STUDENT_ID,
    no_show: &ENROLLMENT_NO_SHOW,
    state_exclude: &ENROLLMENT_STATE_EXCLUDE,
    outside_year: &standard::ENROLLMENT_OUTSIDE_YEAR,
    no_enrollment: &standard::NO_ENROLLMENT,
    enrollment_elsewhere: &standard::ENROLLMENT_ELSEWHERE,
};

/// Student section associations.
pub static ASSOCIATION: AssociationRules =
    AssociationRules { schedule: &ASSOCIATION_SCHEDULE, student: &STUDENT, outside_term: &ROSTER_OUTSIDE_TERM };

/// Every rule of [`ASSOCIATION`], those of the session, and Wisconsin's own.
pub static ASSOCIATION_EXCLUSIONS: &[&Rule] = &[
    &CALENDAR_EXCLUDE,
    &standard::SCHOOL_EXCLUDE,
    &COURSE_INACTIVE,
    &COURSE_STATE_EXCLUDE,
    &NO_STATE_CODE,
    &standard::NO_PLACEMENT,
    &standard::STUDENT_EXCLUDED,
    &standard::NO_STUDENT_ID,
    &ENROLLMENT_NO_SHOW,
    &ENROLLMENT_STATE_EXCLUDE,
    &standard::ENROLLMENT_OUTSIDE_YEAR,
    &standard::NO_ENROLLMENT,
    &standard::ENROLLMENT_ELSEWHERE,
    &standard::TERM_TYPE_NULL,
    &standard::TERM_UNMAPPED,
    &ROSTER_OUTSIDE_TERM,
    &SUMMER_SCHOOL,
    &NO_STATE_REPORTED_FINAL_TASK,
    &SERVICE_TYPE,
    &GRADE_LEVEL,
    &WITHDRAWN_WITHOUT_GRADE,
];
