//! The rules that can decide that nothing reports, as the core documents and the readings of docs/readings.md have
//! them. A state whose document has a row of its own for a rule writes its own [`Rule`] and hands it to the shared
//! functions through [`ScheduleRules`] or [`StudentRules`].

use rollcall_core::verdict::DecidedBy::{Both, Preference, Sis};
use rollcall_core::verdict::Rule;

use crate::preferences::{NAMING, Naming};

const SESSIONS: &str = "Core Sessions, Object Triggering Logic, Post (Term Descriptor Override)";
const STANDARD: &str = "Data Standard 4.0 (docs/readings.md)";
const CTE_POST: &str = "Core Student CTE Program Associations, Object Triggering Logic, Post";
const CTE_DELETE: &str = "Core Student CTE Program Associations, Object Triggering Logic, Delete";
const CTE_PROGRAM: &str =
    "Core Student CTE Program Associations, Post, Programs mapping (docs/readings.md, CTE program)";
const CTE_ENROLLMENT: &str = "Core Student CTE Program Associations, Post (docs/readings.md, CTE enrollment)";

macro_rules! rule {
    ($ident:ident, $name:literal, $document:expr, $by:expr, $text:literal) => {
        #[doc = $text]
        pub static $ident: Rule = Rule { name: $name, document: $document, text: $text, decided_by: $by };
    };
}

rule!(GONE, "not-in-sis", STANDARD, Sis, "The SIS has no such object in the configured school years (any more).");
rule!(
    SESSION_SCHOOL_EXCLUDE,
    "school-exclude",
    "Core Sessions, School Exclude",
    Sis,
    "Terms of an excluded school make no session."
);
rule!(
    SESSION_CALENDAR_EXCLUDE,
    "calendar-exclude",
    "Core Sessions, Calendar Exclude",
    Sis,
    "Terms of an excluded calendar make no session."
);
rule!(
    TERM_TYPE_NULL,
    "term-type-null",
    "Core Sessions, termDescriptor",
    Sis,
    "When Ed-Fi Term Type is null, the term does not report."
);
rule!(
    TERM_UNMAPPED,
    "term-unmapped",
    "Core Sessions, termDescriptor",
    Preference,
    "When no Ed-Fi code is mapped to the term type, the term does not report."
);
rule!(
    OVERRIDE_UNMAPPED,
    "override-unmapped",
    SESSIONS,
    Preference,
    "A term descriptor override without a mapping counts as no override."
);
rule!(
    OVERRIDE_UNPLACED,
    "override-without-placement",
    SESSIONS,
    Sis,
    "An overridden course or section that is placed in no term makes no session."
);
rule!(CALENDAR_EXCLUDE, "calendar-exclude", STANDARD, Sis, "Nothing of an excluded calendar reports.");
rule!(SCHOOL_EXCLUDE, "school-exclude", STANDARD, Sis, "Nothing of an excluded school reports.");
rule!(COURSE_INACTIVE, "course-inactive", STANDARD, Sis, "Nothing of an inactive course reports.");
rule!(
    COURSE_STATE_EXCLUDE,
    "course-state-exclude",
    STANDARD,
    Sis,
    "Nothing of a course that is marked as Exclude from State Reporting reports."
);
rule!(NO_PLACEMENT, "no-placement", STANDARD, Sis, "A section that is placed in no term does not report.");
rule!(STUDENT_EXCLUDED, "student-excluded", STANDARD, Sis, "An excluded student does not report.");
rule!(
    NO_STUDENT_ID,
    "no-student-id",
    STANDARD,
    Both,
    "A student without the id that the connection uses does not report."
);
rule!(ENROLLMENT_NO_SHOW, "enrollment-no-show", STANDARD, Sis, "A no-show enrollment does not report.");
rule!(
    ENROLLMENT_STATE_EXCLUDE,
    "enrollment-state-exclude",
    STANDARD,
    Sis,
    "An enrollment that is excluded from state reporting does not report."
);
rule!(
    ENROLLMENT_OUTSIDE_YEAR,
    "enrollment-outside-year",
    STANDARD,
    Sis,
    "An enrollment that does not overlap its configured school year does not report."
);
rule!(
    ENROLLMENT_ELSEWHERE,
    "enrollment-elsewhere",
    STANDARD,
    Both,
    "The student has an enrollment that reports, and not where the option eligible-enrollment asks for it."
);
rule!(NO_ENROLLMENT, "no-enrollment", STANDARD, Sis, "The student has no enrollment in the school of the section.");
rule!(
    NO_GOOD_ENROLLMENT,
    "no-reporting-enrollment",
    STANDARD,
    Sis,
    "A student without an enrollment that reports does not report."
);
rule!(
    ROSTER_OUTSIDE_TERM,
    "roster-outside-term",
    STANDARD,
    Sis,
    "A roster that ends before the term begins, or begins after it ends, makes no record for the term."
);

rule!(
    CTE_PROGRAM_UNMAPPED,
    "program-unmapped",
    CTE_PROGRAM,
    Both,
    "Only programs that are mapped to an Ed-Fi code under the Programs resource report."
);
rule!(
    CTE_PROGRAM_TYPE,
    "program-not-cte",
    CTE_PROGRAM,
    Both,
    "A program that is mapped to another type than career and technical education does not report here."
);
rule!(
    CTE_OUTSIDE_YEAR,
    "program-record-outside-year",
    CTE_POST,
    Sis,
    "A CTE program record that does not overlap a configured school year, by the School Year Setup, does not report."
);
rule!(
    CTE_STUDENT_EXCLUDED,
    "student-excluded",
    CTE_DELETE,
    Sis,
    "A student who is excluded in some way does not report."
);
rule!(
    CTE_NO_STUDENT_ID,
    "no-student-id",
    "Core Student CTE Program Associations, studentReference (docs/readings.md)",
    Both,
    "A student without the id that the connection uses does not report."
);
rule!(CTE_NO_SHOW, "enrollment-no-show", CTE_POST, Sis, "Exclusion: Enrollment No Show.");
rule!(CTE_CALENDAR_EXCLUDE, "calendar-exclude", CTE_POST, Sis, "Exclusion: Calendar Exclude.");
rule!(CTE_SCHOOL_EXCLUDE, "school-exclude", CTE_POST, Sis, "Exclusion: School Exclude.");
rule!(
    CTE_ENROLLMENT_STATE_EXCLUDE,
    "enrollment-state-exclude",
    CTE_ENROLLMENT,
    Sis,
    "An enrollment that is excluded from state reporting does not count as the student's enrollment."
);
rule!(
    CTE_ENROLLMENT_OUTSIDE_YEAR,
    "enrollment-outside-year",
    CTE_DELETE,
    Sis,
    "An enrollment that does not overlap the configured year does not count as the student's enrollment."
);
rule!(
    CTE_NO_ENROLLMENT,
    "no-enrollment",
    CTE_POST,
    Sis,
    "The student has no enrollment in the school year that the CTE program record overlaps."
);

/// The rules about a section's place in the schedule, in a document's own words.
#[derive(Debug)]
pub struct ScheduleRules {
    /// Calendar Exclude.
    pub calendar_exclude: &'static Rule,
    /// School Exclude.
    pub school_exclude: &'static Rule,
    /// Course Inactive.
    pub course_inactive: &'static Rule,
    /// Exclude from State Reporting.
    pub course_state_exclude: &'static Rule,
    /// A course must have a state code; none where the state has no such rule.
    pub no_state_code: Option<&'static Rule>,
    /// A section must be placed in a term.
    pub no_placement: &'static Rule,
    /// How sessions and courses are named in natural keys.
    pub naming: &'static Naming,
}

/// The standard's own.
pub static SCHEDULE: ScheduleRules = ScheduleRules {
    calendar_exclude: &CALENDAR_EXCLUDE,
    school_exclude: &SCHOOL_EXCLUDE,
    course_inactive: &COURSE_INACTIVE,
    course_state_exclude: &COURSE_STATE_EXCLUDE,
    no_state_code: None,
    no_placement: &NO_PLACEMENT,
    naming: &NAMING,
};

/// The rules about a student and his or her enrollment, in a document's own words.
#[derive(Debug)]
pub struct StudentRules {
    /// The student is excluded.
    pub student_excluded: &'static Rule,
    /// The student has no id.
    pub no_student_id: &'static Rule,
    /// Enrollment No Show.
    pub no_show: &'static Rule,
    /// The enrollment is excluded from state reporting.
    pub state_exclude: &'static Rule,
    /// The enrollment's dates do not overlap the configured year.
    pub outside_year: &'static Rule,
    /// There is no enrollment.
    pub no_enrollment: &'static Rule,
    /// There is one, and not where the option asks for it.
    pub enrollment_elsewhere: &'static Rule,
}

/// The standard's own.
pub static STUDENT: StudentRules = StudentRules {
    student_excluded: &STUDENT_EXCLUDED,
    no_student_id: &NO_STUDENT_ID,
    no_show: &ENROLLMENT_NO_SHOW,
    state_exclude: &ENROLLMENT_STATE_EXCLUDE,
    outside_year: &ENROLLMENT_OUTSIDE_YEAR,
    no_enrollment: &NO_ENROLLMENT,
    enrollment_elsewhere: &ENROLLMENT_ELSEWHERE,
};

/// Those of Core Student CTE Program Associations.
pub static CTE_STUDENT: StudentRules = StudentRules {
    student_excluded: &CTE_STUDENT_EXCLUDED,
    no_student_id: &CTE_NO_STUDENT_ID,
    no_show: &CTE_NO_SHOW,
    state_exclude: &CTE_ENROLLMENT_STATE_EXCLUDE,
    outside_year: &CTE_ENROLLMENT_OUTSIDE_YEAR,
    no_enrollment: &CTE_NO_ENROLLMENT,
    enrollment_elsewhere: &ENROLLMENT_ELSEWHERE,
};

/// Calendar Exclude and School Exclude, in a document's own words.
#[derive(Debug)]
pub struct ExcludeRules {
    /// Calendar Exclude.
    pub calendar: &'static Rule,
    /// School Exclude.
    pub school: &'static Rule,
}

/// The standard's own.
pub static EXCLUDE: ExcludeRules = ExcludeRules { calendar: &CALENDAR_EXCLUDE, school: &SCHOOL_EXCLUDE };

/// Those of Core Student CTE Program Associations.
pub static CTE_EXCLUDE: ExcludeRules = ExcludeRules { calendar: &CTE_CALENDAR_EXCLUDE, school: &CTE_SCHOOL_EXCLUDE };
