//! Kansas' plugin: what it reports, in whose version, and what the state loads itself.

use rollcall_core::context::Context;
use rollcall_core::model::DataStandard;
use rollcall_core::state::{Plugin, Reported, State, StateOwned};
use rollcall_core_edfi::state::{education_organizations, state_courses};

use crate::{
    course_offerings, descriptors, extensions, section_educators, sections, student_school_associations,
    student_section_associations,
};

/// Course Offerings (Kansas), courseReference: "Education Organization ID is always the KS state education
/// organization id value of 100000000."
pub const STATE_EDUCATION_AGENCY_ID: i64 = 100_000_000;

static STATE: State = State {
    code: "ks",
    name: "Kansas",
    standard: DataStandard::ed_fi_4_0,
    years: 2022..=2030,
    profiles: &[],
    extension_key: Some(extensions::KEY),
    reports: &[
        Reported::standard("sessions"),
        Reported::own("courseOfferings", "ks"),
        Reported::own("sections", "ks"),
        Reported::standard("students"),
        Reported::own("studentSchoolAssociations", "ks"),
        Reported::own("studentSectionAssociations", "ks"),
        Reported::own("sectionEducators", "ks"),
    ],
    state_owned: &["schoolYearTypes", "stateEducationAgencies", "localEducationAgencies", "schools", "courses"],
    seed,
};

/// What this crate registers.
pub static PLUGIN: Plugin = Plugin { owner: "ks", resources: 5, namespaces: 6, extensions: 4, state: Some(&STATE) };

rollcall_core::register! {
    plugin: PLUGIN,
    resources: [
        course_offerings::CourseOfferings,
        section_educators::SectionEducators,
        sections::Sections,
        student_school_associations::StudentSchoolAssociations,
        student_section_associations::StudentSectionAssociations,
    ],
    namespaces: [
        descriptors::COURSE_STATUS,
        descriptors::COURSE_DELIVERY_TYPE,
        descriptors::COURSE_PROGRAM_TYPE,
        descriptors::COLLEGE_CAREER_TYPE,
        descriptors::COURSE_LEVEL_CHARACTERISTIC,
        descriptors::TERM,
    ],
    extensions: [
        extensions::STUDENT_SECTION_ASSOCIATION,
        extensions::COURSE_OFFERING,
        extensions::STUDENT_SCHOOL_ASSOCIATION,
    ],
    extension_resources: [extensions::SECTION_EDUCATOR],
}

/// The education organizations, and the state's course catalogue as far as the district's courses name it.
fn seed(cx: &Context<'_>) -> Vec<StateOwned> {
    let mut owned =
        education_organizations(cx, Some((STATE_EDUCATION_AGENCY_ID, "Kansas State Department of Education")));
    owned.extend(state_courses(cx, |_| Some(STATE_EDUCATION_AGENCY_ID)));
    owned
}
