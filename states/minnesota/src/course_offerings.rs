//! Minnesota's `courseOfferings`: the standard's, under a local course code with the district's number and without a
//! title.

use rollcall_core::context::Context;
use rollcall_core::resource::{Element, Need, Resource, ResourceSpec};
use rollcall_core::sources::Sources;
use rollcall_core::value::Object;
use rollcall_core::verdict::{ObjectKey, Unreported, Verdict};
use rollcall_core_edfi::course_offerings::{self as standard, Offering};
use rollcall_core_edfi::education_organizations::local_education_agency_id;

use crate::preferences::{LOCAL_COURSE_CODE, SESSION_NAME};
use crate::rules;

/// The resource.
pub struct CourseOfferings;

/// Resource: `CourseOffering`, Scenarios 1 to 4.
pub static SPEC: ResourceSpec = ResourceSpec {
    document: "MDE Ed-Fi documentation: MCCC Certification Scenarios, CourseOffering (docs/readings.md)",
    elements: &[
        Element {
            columns: &["District.number", "Course.number"],
            rule: "As the preference local-course-code puts it together (default: the district's number, a hyphen and \
                   the course number).",
            ..standard::LOCAL_COURSE_CODE
        },
        Element {
            name: "courseReference",
            kind: "reference",
            need: Need::M,
            key: false,
            columns: &["Course.number", "District.number", "District.edFiDistrictNumber"],
            rule: "The district's own course; which of the state's courses it is, a course-course association says.",
        },
        standard::SCHOOL_REFERENCE,
        Element {
            columns: &["School.number", "Term.termType", "Calendar.endYear"],
            rule: "The session of the section's placement, by its name.",
            ..standard::SESSION_REFERENCE
        },
        Element::not_reported("localCourseTitle", "string", "Not among the members that MDE takes from SIS vendors."),
        Element::not_reported("offeredGradeLevels", "array", "MDE prefers that vendors do not include it."),
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
    options: &[&SESSION_NAME, &LOCAL_COURSE_CODE],
    ..standard::SPEC
};

impl Resource for CourseOfferings {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    fn objects(&self, cx: &Context<'_>, visit: &mut dyn FnMut(ObjectKey)) {
        standard::placements(cx, visit);
    }

    fn verdict<'a>(&self, cx: &Context<'a>, object: ObjectKey, sources: &mut Sources) -> Verdict<'a> {
        let offering = Offering::of(cx, object, &rules::SCHEDULE, sources);
        offering.and_then(|offering| body(cx, &offering, sources)).into()
    }
}

fn body<'a>(cx: &Context<'a>, offering: &Offering<'a>, sources: &mut Sources) -> Result<Object<'a>, Unreported> {
    let district = local_education_agency_id(cx.snapshot.district_of(offering.school), sources)?;
    let course =
        Object::new().with("courseCode", offering.course.number.as_ref()).with("educationOrganizationId", district);
    let mut body = offering.body(course, sources);
    body.remove("localCourseTitle");
    Ok(body)
}
