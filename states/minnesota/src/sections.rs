//! Minnesota's `sections`: the standard's, of course offerings as Minnesota names them.

use rollcall_core::context::Context;
use rollcall_core::resource::{Element, Need, Resource, ResourceSpec};
use rollcall_core::sources::Sources;
use rollcall_core::verdict::{ObjectKey, Verdict};
use rollcall_core_edfi::course_offerings::{self, Offering};
use rollcall_core_edfi::preferences::SECTION_IDENTIFIER;
use rollcall_core_edfi::sections as standard;

use crate::preferences::{LOCAL_COURSE_CODE, SESSION_NAME};
use crate::rules;

/// The resource.
pub struct Sections;

/// Resource: Section, Scenario 1.
pub static SPEC: ResourceSpec = ResourceSpec {
    document: "MDE Ed-Fi documentation: MCCC Certification Scenarios, Section (docs/readings.md)",
    elements: &[
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
            columns: &["District.number", "Course.number", "School.number", "Calendar.endYear", "Term.termType"],
            rule: "The natural key of the course offering.",
        },
        Element::not_reported(
            "mediumOfInstructionDescriptor",
            "descriptor",
            "Required for the MCCC; not in this crate yet.",
        ),
        Element::not_reported("sequenceOfCourse", "integer", "For the MCCC; not in this crate yet."),
        Element::not_reported("classPeriods", "array", "For scheduled sections; class periods do not report."),
        Element::not_reported("characteristics", "array", "The SIS tables have no such column."),
        Element::not_reported(
            "_ext.mn.instructionalDeliveryModeDescriptor",
            "descriptor",
            "The SIS tables have no such column.",
        ),
        Element::not_reported("_ext.mn.instructionMinutesPerTerm", "integer", "The SIS tables have no such column."),
    ],
    options: &[&SECTION_IDENTIFIER, &SESSION_NAME, &LOCAL_COURSE_CODE],
    ..standard::SPEC_TEMPLATE
};

impl Resource for Sections {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    fn objects(&self, cx: &Context<'_>, visit: &mut dyn FnMut(ObjectKey)) {
        course_offerings::placements(cx, visit);
    }

    fn verdict<'a>(&self, cx: &Context<'a>, object: ObjectKey, sources: &mut Sources) -> Verdict<'a> {
        let offering = Offering::of(cx, object, &rules::SCHEDULE, sources);
        offering.map(|offering| standard::body(cx, &offering, sources)).into()
    }
}
