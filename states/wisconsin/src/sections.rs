//! Wisconsin's `sections`: the standard's, with the medium of instruction and the sequence of the course.

use std::borrow::Cow;

use rollcall_core::context::Context;
use rollcall_core::descriptor::uri;
use rollcall_core::resource::{Element, Need, Resource, ResourceSpec};
use rollcall_core::sources::Sources;
use rollcall_core::value::Object;
use rollcall_core::verdict::{ObjectKey, Unreported, Verdict};
use rollcall_core_edfi::course_offerings::{self, Offering};
use rollcall_core_edfi::preferences::{TERM_DESCRIPTOR_OVERRIDE, TERM_TYPE};
use rollcall_core_edfi::sections as standard;

use crate::descriptors::{FACE_TO_FACE, MEDIUM_OF_INSTRUCTION};
use crate::preferences::{DELIVERY_TYPE, mapped};
use crate::rules;

/// The resource.
pub struct Sections;

/// The element that is never left out: F2F stands for a blank delivery type.
const MEDIUM: &str = "mediumOfInstructionDescriptor";

/// What the state's page says of it.
pub static SPEC: ResourceSpec = ResourceSpec {
    document: "WI DPI WISEdata Ed-Fi Docs: /sections (docs/readings.md)",
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
            columns: &["Course.number", "School.number", "Calendar.endYear", "Term.termType"],
            rule: "The natural key of the course offering.",
        },
        Element {
            name: MEDIUM,
            kind: "descriptor",
            need: Need::M,
            key: false,
            columns: &["Course.deliveryType"],
            rule: "The mapped Ed-Fi code of the course's Delivery Type; F2F when blank.",
        },
        Element {
            name: "sequenceOfCourse",
            kind: "integer",
            need: Need::M,
            key: false,
            columns: &["Course.sequence"],
            rule: "The course's sequence; 1 if the course has no parts.",
        },
        Element {
            name: "instructionLanguageDescriptor",
            kind: "descriptor",
            need: Need::NotReported,
            key: false,
            columns: &[],
            rule: "If omitted, English is assumed; the SIS tables have no language of instruction.",
        },
        Element {
            name: "courseLevelCharacteristics",
            kind: "array",
            need: Need::NotReported,
            key: false,
            columns: &[],
            rule: "The department or program area of a CTE course; the SIS tables have none.",
        },
        Element {
            name: "programs",
            kind: "array",
            need: Need::NotReported,
            key: false,
            columns: &[],
            rule: "Programs are sent on studentSectionAssociations, and not on sections (use cases 8.0 and 9.0).",
        },
    ],
    exclusions: rules::SCHEDULE_EXCLUSIONS,
    mappings: &[&TERM_TYPE, &TERM_DESCRIPTOR_OVERRIDE, &DELIVERY_TYPE],
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
        offering.and_then(|offering| body(cx, &offering, sources)).into()
    }
}

fn body<'a>(cx: &Context<'a>, offering: &Offering<'a>, sources: &mut Sources) -> Result<Object<'a>, Unreported> {
    let medium: Cow<'a, str> = match sources.read("Course.deliveryType", offering.course.delivery_type.as_deref()) {
        None => uri(MEDIUM_OF_INSTRUCTION.namespace, FACE_TO_FACE).into(),
        // The element is required, and a guess would call a virtual course face to face (docs/readings.md).
        Some(delivery) => mapped(cx, &DELIVERY_TYPE, Some(delivery)).map(Cow::Borrowed).ok_or_else(|| {
            let course = offering.course.course_id;
            Unreported::defect(
                MEDIUM,
                format!("the delivery type \"{delivery}\" of Course:{course} is not mapped"),
                format!("map \"{delivery}\" in mappings.delivery-type"),
            )
        })?,
    };
    let sequence = sources.read("Course.sequence", offering.course.sequence);
    Ok(standard::body(cx, offering, sources).with(MEDIUM, medium).with("sequenceOfCourse", sequence.unwrap_or(1)))
}
