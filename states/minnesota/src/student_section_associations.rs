//! Minnesota's `studentSectionAssociations`: the standard's, with the section enrollment type.

use std::borrow::Cow;

use rollcall_core::context::Context;
use rollcall_core::descriptor::uri;
use rollcall_core::resource::{Element, Need, Resource, ResourceSpec};
use rollcall_core::sources::Sources;
use rollcall_core::value::Object;
use rollcall_core::verdict::{ObjectKey, Verdict};
use rollcall_core_edfi::preferences::{
    ELIGIBLE_ENROLLMENT, SECTION_IDENTIFIER, STUDENT_ID, TERM_DESCRIPTOR_OVERRIDE, TERM_TYPE,
};
use rollcall_core_edfi::student_section_associations::{self as standard, Association};

use crate::descriptors::{self, SCHEDULED};
use crate::extensions::KEY;
use crate::preferences::{LOCAL_COURSE_CODE, SECTION_ENROLLMENT_TYPE, SESSION_NAME};
use crate::rules;

/// The resource.
pub struct StudentSectionAssociations;

/// Resource: `StudentSectionAssociation`, Scenario 1.
pub static SPEC: ResourceSpec = ResourceSpec {
    document: "MDE Ed-Fi documentation: MCCC Certification Scenarios, StudentSectionAssociation (docs/readings.md)",
    elements: &[
        standard::BEGIN_DATE,
        Element {
            columns: &[
                "Section.number",
                "District.number",
                "Course.number",
                "School.number",
                "Calendar.endYear",
                "Term.termType",
            ],
            ..standard::SECTION_REFERENCE
        },
        standard::STUDENT_REFERENCE,
        standard::END_DATE,
        Element {
            name: "_ext.mn.sectionEnrollmentTypeDescriptor",
            kind: "descriptor",
            need: Need::M,
            key: false,
            columns: &["Course.deliveryType"],
            rule: "The Ed-Fi code mapped to the course's Delivery Type: AI for independent study, PB for project \
                   based, DP for direct pay PSEO. SC (scheduled) when blank or not mapped.",
        },
        Element::not_reported("homeroomIndicator", "boolean", "Not among the members that MDE takes from SIS vendors."),
        Element::not_reported(
            "_ext.mn.collegeCourseReference",
            "reference",
            "Direct pay PSEO; the SIS tables have no college courses.",
        ),
        Element::not_reported(
            "_ext.mn.instructionalApproaches",
            "array",
            "Early education; the SIS tables have no such column.",
        ),
        Element::not_reported(
            "_ext.mn.siteBasedInitiatives",
            "array",
            "Early education; the SIS tables have no such column.",
        ),
    ],
    mappings: &[&TERM_TYPE, &TERM_DESCRIPTOR_OVERRIDE, &SECTION_ENROLLMENT_TYPE],
    options: &[&STUDENT_ID, &ELIGIBLE_ENROLLMENT, &SECTION_IDENTIFIER, &SESSION_NAME, &LOCAL_COURSE_CODE],
    ..standard::SPEC
};

impl Resource for StudentSectionAssociations {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    fn objects(&self, cx: &Context<'_>, visit: &mut dyn FnMut(ObjectKey)) {
        standard::objects(cx, visit);
    }

    fn verdict<'a>(&self, cx: &Context<'a>, object: ObjectKey, sources: &mut Sources) -> Verdict<'a> {
        Association::report(cx, object, &rules::ASSOCIATION, sources, |association, sources| {
            Ok(body(cx, association, sources))
        })
    }
}

fn body<'a>(cx: &Context<'a>, association: &Association<'a>, sources: &mut Sources) -> Object<'a> {
    let kind = section_enrollment_type(cx, association, sources);
    let extension = Object::new().with("sectionEnrollmentTypeDescriptor", kind);
    association.body_without_homeroom(cx, sources).with("_ext", Object::new().with(KEY, extension))
}

/// docs/readings.md, MN sectionEnrollmentTypeDescriptor.
fn section_enrollment_type<'a>(cx: &Context<'a>, association: &Association<'a>, sources: &mut Sources) -> Cow<'a, str> {
    let local = sources.read("Course.deliveryType", association.offering.course.delivery_type.as_deref());
    let mapped = local.and_then(|local| cx.preferences.mapped(&SECTION_ENROLLMENT_TYPE, local));
    match mapped {
        Some(code) => Cow::Borrowed(code.uri.as_str()),
        None => Cow::Owned(uri(descriptors::SECTION_ENROLLMENT_TYPE.namespace, SCHEDULED)),
    }
}
