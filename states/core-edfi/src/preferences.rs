//! The Resource Preferences that the standard's resources use.

use rollcall_core::preferences::{BOOLEAN, MappingSpec, OptionSpec, OptionValues};

/// core-sessions.txt, Resource Preferences: Term Detail → Term Descriptors.
pub static TERM_TYPE: MappingSpec = MappingSpec {
    key: "term-type",
    label: "Sessions > Term Detail",
    column: "Term.termType",
    descriptor: "TermDescriptor",
    names_session: true,
    codes: |snapshot, visit| snapshot.terms.iter().filter_map(|t| t.term_type.as_deref()).for_each(visit),
};

/// core-sessions.txt, Resource Preferences: Course/Section → Term Descriptor Overrides.
pub static TERM_DESCRIPTOR_OVERRIDE: MappingSpec = MappingSpec {
    key: "term-descriptor-override",
    label: "Sessions > Course/Section",
    column: "Course.termDescriptorOverride",
    descriptor: "TermDescriptor",
    names_session: true,
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
    names_session: false,
    codes: |snapshot, visit| {
        let enrollments = snapshot.enrollments.iter().filter_map(|e| e.grade.as_deref());
        enrollments.chain(snapshot.courses.iter().filter_map(|c| c.grade.as_deref())).for_each(visit);
    },
};

/// core-student-cte-program-associations.txt, Post: "This mapping can be found in the Resource Preferences of the Ed-Fi
/// Connection under the Programs resource." An entry gives the program's type, and may give the name under which the
/// program reports; without one it reports under its name in the SIS.
pub static PROGRAM: MappingSpec = MappingSpec {
    key: "program",
    label: "Programs",
    column: "Program.name",
    descriptor: "ProgramTypeDescriptor",
    names_session: true,
    codes: |snapshot, visit| snapshot.programs.iter().for_each(|program| visit(&program.name)),
};

/// Element 5, ctePrograms: the program's career pathway. Programs without a State Code (CIP) are not asked for: only
/// programs of career and technical education have one.
pub static CAREER_PATHWAY: MappingSpec = MappingSpec {
    key: "career-pathway",
    label: "Student CTE Program Associations > Career Pathway",
    column: "Program.name",
    descriptor: "CareerPathwayDescriptor",
    names_session: false,
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
    names_session: false,
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
    names_session: false,
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

/// How a section is identified (docs/readings.md, section identifier).
pub static SECTION_IDENTIFIER: OptionSpec = OptionSpec {
    key: "section-identifier",
    summary: "how sectionIdentifier is put together",
    default: "{section.number}",
    values: OptionValues::Template(&["section.number", "course.number", "school.number", "session.name"]),
};

/// Fills a template's fields.
pub fn fill<'t>(template: &'t str, field: impl Fn(&str) -> &'t str) -> String {
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
