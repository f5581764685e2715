//! Minnesota's `courses`: the district's own catalogue as the standard has it, marked as defined by the district.

use rollcall_core::context::Context;
use rollcall_core::descriptor::uri;
use rollcall_core::resource::{Element, Need, Resource, ResourceSpec};
use rollcall_core::sources::Sources;
use rollcall_core::verdict::{ObjectKey, Verdict};
use rollcall_core_edfi::courses as standard;

use crate::descriptors::{COURSE_DEFINED_BY, LEA};

/// The resource.
pub struct Courses;

/// Resource: Course, Scenario 1.
pub static SPEC: ResourceSpec = ResourceSpec {
    document: "MDE Ed-Fi documentation: MCCC Certification Scenarios, Course (docs/readings.md)",
    elements: &[
        Element {
            name: "courseCode",
            kind: "string",
            need: Need::M,
            key: true,
            columns: &["Course.number"],
            rule: "The course number: a local pattern, unique across the district.",
        },
        Element {
            name: "educationOrganizationReference",
            kind: "reference",
            need: Need::M,
            key: true,
            columns: &["District.number", "District.edFiDistrictNumber"],
            rule: "The district: local courses cannot be validated at a school.",
        },
        Element {
            name: "courseTitle",
            kind: "string",
            need: Need::M,
            key: false,
            columns: &["Course.name"],
            rule: "The course name.",
        },
        Element { name: "numberOfParts", kind: "integer", need: Need::M, key: false, columns: &[], rule: "Always 1." },
        Element {
            name: "identificationCodes",
            kind: "array",
            need: Need::M,
            key: false,
            columns: &["Course.number"],
            rule: "The course code again, as the LEA course code.",
        },
        Element {
            name: "courseDefinedByDescriptor",
            kind: "descriptor",
            need: Need::M,
            key: false,
            columns: &[],
            rule: "Always LEA.",
        },
        Element::not_reported("offeredGradeLevels", "array", "MDE prefers that vendors do not include it."),
        Element::not_reported("highSchoolCourseRequirement", "boolean", "The SIS tables have no such column."),
        Element::not_reported(
            "_ext.mn.careerClusterDescriptor",
            "descriptor",
            "Only for courses defined by the state.",
        ),
        Element::not_reported(
            "_ext.mn.earlyEducationCourseLocationDescriptor",
            "descriptor",
            "Early education; the SIS tables have no such column.",
        ),
        Element::not_reported(
            "_ext.mn.standardAddressedDescriptor",
            "descriptor",
            "The SIS tables have no such column.",
        ),
        Element::not_reported(
            "_ext.mn.assessmentTools",
            "array",
            "Early education; the SIS tables have no such column.",
        ),
        Element::not_reported(
            "_ext.mn.curriculumUseds",
            "array",
            "Early education; the SIS tables have no such column.",
        ),
        Element::not_reported("_ext.mn.levelTypes", "array", "The SIS tables have no such column."),
        Element::not_reported("_ext.mn.programs", "array", "Early education; the SIS tables have no such column."),
    ],
    ..standard::SPEC
};

impl Resource for Courses {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    fn objects(&self, cx: &Context<'_>, visit: &mut dyn FnMut(ObjectKey)) {
        standard::Courses.objects(cx, visit);
    }

    fn verdict<'a>(&self, cx: &Context<'a>, object: ObjectKey, sources: &mut Sources) -> Verdict<'a> {
        match standard::Courses.verdict(cx, object, sources) {
            Verdict::Report(course) => {
                Verdict::Report(course.with("courseDefinedByDescriptor", uri(COURSE_DEFINED_BY.namespace, LEA)))
            }
            silent => silent,
        }
    }
}
