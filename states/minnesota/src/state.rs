//! Minnesota's plugin: what it reports, in whose version, and what the state loads itself.

use rollcall_core::context::Context;
use rollcall_core::descriptor::uri;
use rollcall_core::model::DataStandard;
use rollcall_core::state::{Plugin, Reported, State, StateOwned};
use rollcall_core_edfi::state::{education_organizations, state_courses};

use crate::{course_offerings, courses, descriptors, extensions, sections, sessions, student_section_associations};

/// SEA Defined Courses: the education organization of the state's own courses.
pub const STATE_EDUCATION_AGENCY_ID: i64 = 999_999_000;

static STATE: State = State {
    code: "mn",
    name: "Minnesota",
    standard: DataStandard::ed_fi_4_0,
    years: extensions::YEARS,
    profiles: &[],
    extension_key: Some(extensions::KEY),
    reports: &[
        Reported::own("sessions", "mn"),
        Reported::own("courses", "mn"),
        Reported::own("courseOfferings", "mn"),
        Reported::own("sections", "mn"),
        Reported::standard("students"),
        Reported::standard("studentSchoolAssociations"),
        Reported::own("studentSectionAssociations", "mn"),
    ],
    // Courses are not among them: the state's stand beside the district's, told apart by the education organization.
    state_owned: &["schoolYearTypes", "stateEducationAgencies", "localEducationAgencies", "schools"],
    seed,
};

/// What this crate registers.
pub static PLUGIN: Plugin = Plugin { owner: "mn", resources: 5, namespaces: 4, extensions: 5, state: Some(&STATE) };

rollcall_core::register! {
    plugin: PLUGIN,
    resources: [
        sessions::Sessions,
        courses::Courses,
        course_offerings::CourseOfferings,
        sections::Sections,
        student_section_associations::StudentSectionAssociations,
    ],
    namespaces: [
        descriptors::SECTION_ENROLLMENT_TYPE,
        descriptors::COURSE_DEFINED_BY,
        descriptors::GRADE_LEVEL,
        descriptors::TERM,
    ],
    extensions: [
        extensions::SESSION,
        extensions::COURSE,
        extensions::COURSE_OFFERING,
        extensions::SECTION,
        extensions::STUDENT_SECTION_ASSOCIATION,
    ],
}

/// The education organizations, and the state's course catalogue as far as the district's courses name it.
fn seed(cx: &Context<'_>) -> Vec<StateOwned> {
    let mut owned = education_organizations(cx, Some((STATE_EDUCATION_AGENCY_ID, "Minnesota Department of Education")));
    for mut course in state_courses(cx, |_| Some(STATE_EDUCATION_AGENCY_ID)) {
        let defined_by = uri(descriptors::COURSE_DEFINED_BY.namespace, descriptors::SEA);
        course.body.push("courseDefinedByDescriptor", defined_by);
        owned.push(course);
    }
    owned
}
