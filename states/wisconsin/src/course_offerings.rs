//! Wisconsin's `courseOfferings`: the standard's, with a reference to the state's course and the career pathway.

use rollcall_core::context::Context;
use rollcall_core::resource::{Element, Need, Resource, ResourceSpec};
use rollcall_core::sources::Sources;
use rollcall_core::value::{Object, Value};
use rollcall_core::verdict::{ObjectKey, Unreported, Verdict};
use rollcall_core_edfi::course_offerings::{self as standard, Offering};
use rollcall_core_edfi::education_organizations::local_education_agency_id;
use rollcall_core_edfi::preferences::{
    LOCAL_COURSE_CODE_OPTION, SESSION_NAME_OPTION, TERM_DESCRIPTOR_OVERRIDE, TERM_TYPE,
};
use rollcall_core_edfi::triggers;

use crate::extensions::KEY;
use crate::preferences::{CAREER_PATHWAY, mapped};
use crate::rules;

/// The resource.
pub struct CourseOfferings;

/// The extension's element.
const CAREER_PATHWAYS: &str = "_ext.wi.careerPathways";

/// What the state's page says of it.
pub static SPEC: ResourceSpec = ResourceSpec {
    name: "courseOfferings",
    document: "WI DPI WISEdata Ed-Fi Docs: /courseOfferings (docs/readings.md)",
    summary: "All course offerings that are part of the student schedule.",
    elements: &[
        standard::LOCAL_COURSE_CODE,
        Element {
            name: "courseReference",
            kind: "reference",
            need: Need::M,
            key: false,
            columns: &["Course.stateCode", "District.number", "District.edFiDistrictNumber"],
            rule: "The state's course: courseCode is the state (roster) code, educationOrganizationId the district's \
                   id.",
        },
        standard::SCHOOL_REFERENCE,
        standard::SESSION_REFERENCE,
        standard::LOCAL_COURSE_TITLE,
        Element {
            name: CAREER_PATHWAYS,
            kind: "array",
            need: Need::C,
            key: false,
            columns: &["Course.collegeCareerType"],
            rule: "Reports the mapped Ed-Fi code of the College Career Type, for courses of career and technical \
                   education. When blank or not mapped, does not report.",
        },
    ],
    triggers: triggers::STANDARD,
    exclusions: rules::SCHEDULE_EXCLUSIONS,
    mappings: &[&TERM_TYPE, &TERM_DESCRIPTOR_OVERRIDE, &CAREER_PATHWAY],
    options: &[&SESSION_NAME_OPTION, &LOCAL_COURSE_CODE_OPTION],
    gathers: &[],
    shared: false,
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
    let course = offering.course;
    let state_code = sources.read("Course.stateCode", course.state_code.as_deref());
    let state_code = state_code.ok_or(Unreported::rule(&rules::NO_STATE_CODE))?;
    let district = local_education_agency_id(cx.snapshot.district_of(offering.school), sources)?;
    let reference = Object::new().with("courseCode", state_code).with("educationOrganizationId", district);
    let career = sources.read("Course.collegeCareerType", course.college_career_type.as_deref());
    let mut body = offering.body(reference, sources);
    if let Some(pathway) = mapped(cx, &CAREER_PATHWAY, career) {
        let pathway = Value::Object(Object::new().with("careerPathwayDescriptor", pathway));
        body.push("_ext", Object::new().with(KEY, Object::new().with("careerPathways", vec![pathway])));
    }
    Ok(body)
}
