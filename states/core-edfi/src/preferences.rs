//! The Resource Preferences that the standard's resources use.

use std::borrow::Cow;

use rollcall_core::context::Context;
use rollcall_core::preferences::{BOOLEAN, MappedCode, MappingSpec, OptionSpec, OptionValues, Unmapped};
use rollcall_core::sources::Sources;
use rollcall_core::tables::{Course, School};

/// Core Sessions, Resource Preferences: Term Detail → Term Descriptors.
pub static TERM_TYPE: MappingSpec = MappingSpec {
    key: "term-type",
    label: "Sessions > Term Detail",
    column: "Term.termType",
    descriptor: "TermDescriptor",
    name: Some("session-name"),
    unmapped: Unmapped::Excluded,
    codes: |snapshot, visit| snapshot.terms.iter().filter_map(|t| t.term_type.as_deref()).for_each(visit),
};

/// Core Sessions, Resource Preferences: Course/Section → Term Descriptor Overrides.
pub static TERM_DESCRIPTOR_OVERRIDE: MappingSpec = MappingSpec {
    key: "term-descriptor-override",
    label: "Sessions > Course/Section",
    column: "Course.termDescriptorOverride",
    descriptor: "TermDescriptor",
    name: Some("session-name"),
    unmapped: Unmapped::Ignored,
    codes: |snapshot, visit| {
        let courses = snapshot.courses.iter().filter_map(|c| c.term_descriptor_override.as_deref());
        let sections = snapshot.sections.iter().filter_map(|s| s.term_descriptor_override.as_deref());
        courses.chain(sections).for_each(visit);
    },
};

/// Grade levels of enrollments and courses.
pub static GRADE_LEVEL: MappingSpec = MappingSpec {
    key: "grade-level",
    label: "Grade Levels",
    column: "Enrollment.grade",
    descriptor: "GradeLevelDescriptor",
    name: None,
    unmapped: Unmapped::Defect,
    codes: |snapshot, visit| {
        let enrollments = snapshot.enrollments.iter().filter_map(|e| e.grade.as_deref());
        enrollments.chain(snapshot.courses.iter().filter_map(|c| c.grade.as_deref())).for_each(visit);
    },
};

/// Core Student CTE Program Associations, Post: "This mapping can be found in the Resource Preferences of the Ed-Fi
/// Connection under the Programs resource." An entry gives the program's type, and may give the name under which the
/// program reports; without one it reports under its name in the SIS.
pub static PROGRAM: MappingSpec = MappingSpec {
    key: "program",
    label: "Programs",
    column: "Program.name",
    descriptor: "ProgramTypeDescriptor",
    name: Some("program-name"),
    unmapped: Unmapped::NotChosen,
    codes: |snapshot, visit| snapshot.programs.iter().for_each(|program| visit(&program.name)),
};

/// Element 5, ctePrograms: the program's career pathway. Programs without a State Code (CIP) are not asked for: only
/// programs of career and technical education have one.
pub static CAREER_PATHWAY: MappingSpec = MappingSpec {
    key: "career-pathway",
    label: "Student CTE Program Associations > Career Pathway",
    column: "Program.name",
    descriptor: "CareerPathwayDescriptor",
    name: None,
    unmapped: Unmapped::LeftOut,
    codes: |snapshot, visit| {
        snapshot.programs.iter().filter(|program| program.code.is_some()).for_each(|program| visit(&program.name));
    },
};

/// Element 5, ctePrograms: which student statuses mean that the program is completed.
pub static STUDENT_STATUS: MappingSpec = MappingSpec {
    key: "student-status",
    label: "Student CTE Program Associations > Student Status",
    column: "ProgramParticipation.studentStatus",
    descriptor: BOOLEAN,
    name: None,
    unmapped: Unmapped::LeftOut,
    codes: |snapshot, visit| {
        snapshot.participations.iter().filter_map(|p| p.student_status.as_deref()).for_each(visit);
    },
};

/// Element 9, technicalSkillsAssessmentDescriptor: "This mapping can be found in the Resource Preferences of the Ed-Fi
/// Connection under the Student CTE Program Associations resource. This mapping looks at the Attempted checkbox, Passed
/// checkbox, and Date fields." Its codes are those of [`assessment_code`].
pub static TECHNICAL_SKILLS_ASSESSMENT: MappingSpec = MappingSpec {
    key: "technical-skills-assessment",
    label: "Student CTE Program Associations > Technical Skills Assessment",
    column: "ProgramParticipationCertification.passed",
    descriptor: "TechnicalSkillsAssessmentDescriptor",
    name: None,
    unmapped: Unmapped::LeftOut,
    codes: |snapshot, visit| {
        snapshot.certifications.iter().map(|c| assessment_code(c.attempted, c.passed)).for_each(visit);
    },
};

/// The local code of a certification's two checkboxes.
pub fn assessment_code(attempted: bool, passed: bool) -> &'static str {
    match (passed, attempted) {
        (true, _) => "passed",
        (false, true) => "not-passed",
        (false, false) => "not-attempted",
    }
}

/// Which column is the student's unique id (docs/readings.md, studentReference).
pub static STUDENT_ID: OptionSpec = OptionSpec {
    key: "student-id",
    summary: "the column of Person that is the student's unique id at the ODS",
    default: "ed-fi-id",
    values: OptionValues::OneOf(&["ed-fi-id", "state-id", "student-number"]),
};

/// Where the student of a roster has to be enrolled (docs/readings.md, SSA eligible enrollment).
pub static ELIGIBLE_ENROLLMENT: OptionSpec = OptionSpec {
    key: "eligible-enrollment",
    summary: "where a student has to be enrolled for a roster to report: in the section's schedule structure, its calendar, or \
              its school",
    default: "structure",
    values: OptionValues::OneOf(&["structure", "calendar", "school"]),
};

/// How a section is identified (docs/readings.md, section identifier).
pub static SECTION_IDENTIFIER: OptionSpec = OptionSpec {
    key: "section-identifier",
    summary: "how sectionIdentifier is put together",
    default: "{section.number}",
    values: OptionValues::Template(&["section.number", "course.number", "school.number", "session.name"]),
};

/// How sessions are named. The name is part of their natural key, and some states want it to be unique in more than its
/// school and year.
pub static SESSION_NAME_OPTION: OptionSpec = OptionSpec {
    key: "session-name",
    summary: "how sessionName is put together",
    default: "{session.name}",
    values: OptionValues::Template(SESSION_NAME_FIELDS),
};

/// What a session name may be put together from.
pub const SESSION_NAME_FIELDS: &[&str] = &["session.name", "school.number"];

/// How courses are coded locally.
pub static LOCAL_COURSE_CODE_OPTION: OptionSpec = OptionSpec {
    key: "local-course-code",
    summary: "how localCourseCode is put together",
    default: "{course.number}",
    values: OptionValues::Template(LOCAL_COURSE_CODE_FIELDS),
};

/// What a local course code may be put together from.
pub const LOCAL_COURSE_CODE_FIELDS: &[&str] = &["course.number", "district.number", "school.number"];

/// How a state's records are named where the natural key leaves it open.
#[derive(Debug)]
pub struct Naming {
    /// `sessionName`
    pub session_name: &'static OptionSpec,
    /// `localCourseCode`
    pub local_course_code: &'static OptionSpec,
}

/// The standard's own: by the Ed-Fi code and the course number alone.
pub static NAMING: Naming = Naming { session_name: &SESSION_NAME_OPTION, local_course_code: &LOCAL_COURSE_CODE_OPTION };

impl Naming {
    /// The name of a session in a school.
    pub fn session_name<'a>(
        &self,
        cx: &Context<'a>,
        session: &'a MappedCode,
        school: &School,
        sources: &mut Sources,
    ) -> Cow<'a, str> {
        // Followed whatever the template: a changed preference must not look like a changed SIS.
        let number = sources.follow("School.number", school.number.as_ref());
        let template = cx.preferences.option(self.session_name);
        if template == SESSION_NAME_OPTION.default {
            return Cow::Borrowed(session.session_name());
        }
        Cow::Owned(fill(template, |field| match field {
            "school.number" => sources.show("School.number", number),
            _ => session.session_name(),
        }))
    }

    /// The local code of a course.
    pub fn local_course_code<'a>(
        &self,
        cx: &Context<'a>,
        course: &'a Course,
        school: &'a School,
        sources: &mut Sources,
    ) -> Cow<'a, str> {
        let template = cx.preferences.option(self.local_course_code);
        let number = sources.read("Course.number", course.number.as_ref());
        let school_number = sources.follow("School.number", school.number.as_ref());
        let district_number = sources.follow("District.number", cx.snapshot.district_of(school).number.as_ref());
        if template == LOCAL_COURSE_CODE_OPTION.default {
            return Cow::Borrowed(number);
        }
        Cow::Owned(fill(template, |field| match field {
            "district.number" => sources.show("District.number", district_number),
            "school.number" => sources.show("School.number", school_number),
            _ => number,
        }))
    }
}

/// Fills a template's fields.
pub fn fill<'t>(template: &str, mut field: impl FnMut(&str) -> &'t str) -> String {
    let mut filled = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        // The configuration was checked: every brace closes and names a field.
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        filled.push_str(field(name));
        rest = after;
    }
    filled.push_str(rest);
    filled
}
