//! The Resource Preferences that the standard's resources use.

use rollcall_core::preferences::{MappingSpec, OptionSpec, OptionValues};

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
