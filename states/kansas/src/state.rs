//! Kansas' plugin: what it reports, in whose version, and what the state loads itself.

use std::collections::BTreeMap;

use rollcall_core::context::Context;
use rollcall_core::model::DataStandard;
use rollcall_core::state::{Plugin, Reported, State, StateOwned};
use rollcall_core::value::{Object, Value};
use rollcall_core_edfi::descriptors::COURSE_IDENTIFICATION_SYSTEM;
use rollcall_core_edfi::state::education_organizations;

use crate::{
    course_offerings, descriptors, extensions, sections, student_school_associations, student_section_associations,
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
    ],
    state_owned: &["schoolYearTypes", "stateEducationAgencies", "localEducationAgencies", "schools", "courses"],
    seed,
};

/// What this crate registers.
pub static PLUGIN: Plugin = Plugin { owner: "ks", resources: 4, namespaces: 6, extensions: 3, state: Some(&STATE) };

rollcall_core::register! {
    plugin: PLUGIN,
    resources: [
        course_offerings::CourseOfferings,
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
}

/// The education organizations, and the state's course catalogue as far as the district's courses name it.
fn seed(cx: &Context<'_>) -> Vec<StateOwned> {
    let mut owned =
        education_organizations(cx, Some((STATE_EDUCATION_AGENCY_ID, "Kansas State Department of Education")));
    let mut catalogue = BTreeMap::new();
    for course in &cx.snapshot.courses {
        if let Some(code) = course.state_code.as_deref() {
            catalogue.entry(code).or_insert(course.name.as_ref());
        }
    }
    let system = format!("{}#State course code", COURSE_IDENTIFICATION_SYSTEM.namespace);
    for (code, title) in catalogue {
        let agency = Object::new().with("educationOrganizationId", STATE_EDUCATION_AGENCY_ID);
        let identification = Object::new()
            .with("courseIdentificationSystemDescriptor", system.clone())
            .with("identificationCode", code.to_owned());
        let body = Object::new()
            .with("courseCode", code.to_owned())
            .with("educationOrganizationReference", agency)
            .with("courseTitle", title.to_owned())
            .with("numberOfParts", 1_i64)
            .with("identificationCodes", vec![Value::Object(identification)]);
        owned.push(StateOwned { resource: "courses", body });
    }
    owned
}
