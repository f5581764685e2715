//! What the tests of this crate share: the small district with the standard's mappings.
#![allow(dead_code, unused_imports, reason = "each test file takes its own part")]

use rollcall_core::descriptor::CodeTable;
use rollcall_core::model::DataStandard;
use rollcall_core::resource::{Need, Resource, ResourceSpec};
pub(crate) use rollcall_core::testing::{
    Case, assert_delete_post, assert_element, assert_put, assert_triggers, assert_waits_for_a_resync,
};
use rollcall_core_edfi::descriptors;

/// The standard's codes, under the local codes of [`District::small`], of overrides and of programs; no other code is
/// mapped.
const MAPPINGS: &[(&str, &str, &str)] = &[
    ("term-type", "Fall", "uri://ed-fi.org/TermDescriptor#Fall Semester"),
    ("term-type", "Spring", "uri://ed-fi.org/TermDescriptor#Spring Semester"),
    ("term-descriptor-override", "first quarter", "uri://ed-fi.org/TermDescriptor#First Quarter"),
    ("term-descriptor-override", "whole year", "uri://ed-fi.org/TermDescriptor#Year Round"),
    ("grade-level", "09", "uri://ed-fi.org/GradeLevelDescriptor#Ninth grade"),
    ("grade-level", "10", "uri://ed-fi.org/GradeLevelDescriptor#Tenth grade"),
    ("program", "Nursing", "uri://ed-fi.org/ProgramTypeDescriptor#Career and Technical Education"),
    ("program", "Welding", "uri://ed-fi.org/ProgramTypeDescriptor#Career and Technical Education"),
    ("program", "Title I", "uri://ed-fi.org/ProgramTypeDescriptor#Title I Part A"),
    ("career-pathway", "Nursing", "uri://ed-fi.org/CareerPathwayDescriptor#Health Science"),
    ("career-pathway", "Welding", "uri://ed-fi.org/CareerPathwayDescriptor#Manufacturing"),
    ("student-status", "Completer", "true"),
    ("student-status", "Participant", "false"),
    ("technical-skills-assessment", "passed", "uri://ed-fi.org/TechnicalSkillsAssessmentDescriptor#Passed"),
    ("technical-skills-assessment", "not-passed", "uri://ed-fi.org/TechnicalSkillsAssessmentDescriptor#Not Passed"),
    (
        "technical-skills-assessment",
        "not-attempted",
        "uri://ed-fi.org/TechnicalSkillsAssessmentDescriptor#Did Not Take",
    ),
];

/// The code lists that the resources use.
const NAMESPACES: &[&CodeTable] = &[
    &descriptors::TERM,
    &descriptors::GRADE_LEVEL,
    &descriptors::COURSE_IDENTIFICATION_SYSTEM,
    &descriptors::PROGRAM_TYPE,
    &descriptors::CAREER_PATHWAY,
    &descriptors::TECHNICAL_SKILLS_ASSESSMENT,
];

/// The small district with these mappings, asked about a resource.
pub(crate) fn case_of(resource: &'static dyn Resource) -> Case {
    Case::new(resource, MAPPINGS)
}

/// Every record holds against the standard's model: no unknown member, none missing, none too long, no unknown code.
#[track_caller]
pub(crate) fn assert_valid(case: &Case) {
    let records = case.records();
    assert!(!records.is_empty());
    for (objects, _) in records.values() {
        for object in objects {
            assert_eq!(case.violations(object, NAMESPACES), Vec::<String>::new(), "{object}");
        }
    }
}

/// Every element of the table is a member of the standard's resource, and every part of the natural key is marked.
#[track_caller]
pub(crate) fn assert_elements_are_the_standards(spec: &ResourceSpec) {
    let model = DataStandard::ed_fi_4_0().resource(spec.name).unwrap();
    let class = &model.class;
    for element in spec.elements.iter().filter(|element| element.need != Need::NotReported) {
        let known = class.properties.iter().map(|p| &p.name).chain(class.references.iter().map(|r| &r.name));
        let known: Vec<&String> = known.chain(class.collections.iter().map(|c| &c.name)).collect();
        assert!(known.iter().any(|name| *name == element.name), "{} has no {}", spec.name, element.name);
        let in_key =
            model.identity.iter().flat_map(|part| &part.paths).any(|path| path.split('.').next() == Some(element.name));
        assert_eq!(element.key, in_key, "{}", element.name);
    }
    for part in &model.identity {
        let top = part.paths[0].split('.').next().unwrap_or_default();
        assert!(spec.elements.iter().any(|element| element.name == top), "{} lacks {top}", spec.name);
    }
}
