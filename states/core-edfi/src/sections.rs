//! `sections`: one record per section and session in which it is placed.

use std::borrow::Cow;

use rollcall_core::context::Context;
use rollcall_core::resource::{Element, Need, Resource, ResourceSpec};
use rollcall_core::sources::Sources;
use rollcall_core::value::Object;
use rollcall_core::verdict::{ObjectKey, Verdict};

use crate::course_offerings::{self, Offering};
use crate::preferences::{
    LOCAL_COURSE_CODE_OPTION, SECTION_IDENTIFIER, SESSION_NAME_OPTION, TERM_DESCRIPTOR_OVERRIDE, TERM_TYPE, fill,
};
use crate::rules;

/// The resource.
pub struct Sections;

/// The standard's own.
pub static SPEC: ResourceSpec = SPEC_TEMPLATE;

/// The standard's own, for a state's crate to change a part of.
pub const SPEC_TEMPLATE: ResourceSpec = ResourceSpec {
    name: "sections",
    document: "Data Standard 4.0 (docs/readings.md)",
    summary: "A setting in which organized instruction of a course is provided to one or more students.",
    elements: ELEMENTS,
    triggers: crate::triggers::STANDARD,
    exclusions: course_offerings::EXCLUSIONS,
    mappings: &[&TERM_TYPE, &TERM_DESCRIPTOR_OVERRIDE],
    options: &[&SECTION_IDENTIFIER, &SESSION_NAME_OPTION, &LOCAL_COURSE_CODE_OPTION],
    gathers: &[],
    shared: false,
};

/// Its elements.
pub static ELEMENTS: &[Element] = &[
    Element {
        name: "sectionIdentifier",
        kind: "string",
        need: Need::M,
        key: true,
        columns: &["Section.number"],
        rule: "As the preference section-identifier puts it together (default: the section number).",
    },
    Element {
        name: "courseOfferingReference",
        kind: "reference",
        need: Need::M,
        key: true,
        columns: &["Course.number", "School.number", "Calendar.endYear", "Term.termType"],
        rule: "The natural key of the course offering.",
    },
];

impl Resource for Sections {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    fn objects(&self, cx: &Context<'_>, visit: &mut dyn FnMut(ObjectKey)) {
        course_offerings::placements(cx, visit);
    }

    fn verdict<'a>(&self, cx: &Context<'a>, object: ObjectKey, sources: &mut Sources) -> Verdict<'a> {
        let offering = Offering::of(cx, object, &rules::SCHEDULE, sources);
        offering.map(|offering| body(cx, &offering, sources)).into()
    }
}

/// The section's body as the standard has it.
pub fn body<'a>(cx: &Context<'a>, offering: &Offering<'a>, sources: &mut Sources) -> Object<'a> {
    Object::new()
        .with("sectionIdentifier", section_identifier(cx, offering, sources))
        .with("courseOfferingReference", offering.reference())
}

/// `sectionReference`: the natural key of the section.
pub fn reference<'a>(cx: &Context<'a>, offering: &Offering<'a>, sources: &mut Sources) -> Object<'a> {
    offering.reference().with("sectionIdentifier", section_identifier(cx, offering, sources))
}

/// The section's identifier, by the preference `section-identifier`.
pub fn section_identifier<'a>(cx: &Context<'a>, offering: &Offering<'a>, sources: &mut Sources) -> Cow<'a, str> {
    let template = cx.preferences.option(&SECTION_IDENTIFIER);
    let number = sources.read("Section.number", offering.section.number.as_ref());
    let school = sources.follow("School.number", offering.school.number.as_ref());
    if template == SECTION_IDENTIFIER.default {
        return Cow::Borrowed(number);
    }
    Cow::Owned(fill(template, |field| match field {
        "section.number" => number,
        "course.number" => &offering.course.number,
        "school.number" => sources.show("School.number", school),
        "session.name" => offering.session.session_name(),
        _ => "",
    }))
}
