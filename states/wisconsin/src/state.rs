//! Wisconsin's plugin: what it reports, in whose version, and what the state loads itself.

use std::collections::BTreeSet;

use rollcall_core::context::Context;
use rollcall_core::model::DataStandard;
use rollcall_core::sources::Sources;
use rollcall_core::state::{Plugin, Profile, Reported, State, StateOwned};
use rollcall_core::tables::Calendar;
use rollcall_core::value::Object;
use rollcall_core_edfi::education_organizations::local_education_agency_id;
use rollcall_core_edfi::state::{education_organizations, state_courses};

use crate::programs::program_type;
use crate::{course_offerings, descriptors, extensions, sections, student_section_associations};

/// What a Choice school does not send. The document: "This endpoint is NOT expected from Choice schools"; its pages for
/// course offerings and sections say the same. Sessions (from 2023-24), students and their schools are expected.
const CHOICE_SILENT: &[&str] = &["courseOfferings", "sections", "studentSectionAssociations"];

static STATE: State = State {
    code: "wi",
    name: "Wisconsin",
    standard: DataStandard::ed_fi_4_0,
    // The document's sample is of 2022-23, the state's first year with these shapes. The server took Data Standards 3.3
    // and 4.0 up to 2024-25; that of 2025-26 is of 5.0, which has the members sent here as they were. For 2026-27 the
    // state has announced other shapes (career education on sections), so that year needs a look first.
    years: extensions::YEARS,
    profiles: &[
        Profile { key: "public", name: "Public", silent: &[] },
        Profile { key: "choice-opt-in", name: "Choice + Opt in", silent: CHOICE_SILENT },
        // This profile leaves out students with Choice = No too. The SIS tables have no such column, so a school that
        // has such students marks them as excluded (Person.exclude).
        Profile { key: "choice-only", name: "Choice Only", silent: CHOICE_SILENT },
    ],
    extension_key: Some(extensions::KEY),
    reports: &[
        Reported::standard("sessions"),
        Reported::own("courseOfferings", "wi"),
        Reported::own("sections", "wi"),
        Reported::standard("students"),
        Reported::standard("studentSchoolAssociations"),
        Reported::own("studentSectionAssociations", "wi"),
    ],
    state_owned: &["schoolYearTypes", "localEducationAgencies", "schools", "courses", "staffs", "programs"],
    seed,
};

/// What this crate registers.
pub static PLUGIN: Plugin = Plugin { owner: "wi", resources: 3, namespaces: 5, extensions: 2, state: Some(&STATE) };

rollcall_core::register! {
    plugin: PLUGIN,
    resources: [
        course_offerings::CourseOfferings,
        sections::Sections,
        student_section_associations::StudentSectionAssociations,
    ],
    namespaces: [
        descriptors::ATTEMPT_STATUS,
        descriptors::PROGRAM_TYPE,
        descriptors::TERM,
        descriptors::MEDIUM_OF_INSTRUCTION,
        descriptors::CAREER_PATHWAY,
    ],
    extensions: [extensions::STUDENT_SECTION_ASSOCIATION, extensions::COURSE_OFFERING],
}

/// The education organizations, and the state's courses and programs as far as the district's tables name them.
fn seed(cx: &Context<'_>) -> Vec<StateOwned> {
    let mut owned = education_organizations(cx, None);
    owned.extend(state_courses(cx, |course| district_of(cx, cx.snapshot.calendar_of_course(course))));
    owned.extend(programs(cx));
    owned
}

fn programs(cx: &Context<'_>) -> impl Iterator<Item = StateOwned> {
    let mut programs = BTreeSet::new();
    for program in &cx.snapshot.roster_programs {
        let Some(roster) = cx.snapshot.rosters.get(program.roster_id) else { continue };
        let calendar = cx.snapshot.calendar_of_course(cx.snapshot.course_of(cx.snapshot.section_of(roster)));
        if let (Some(district), Some(kind)) =
            (district_of(cx, calendar), program_type(&program.program_type, calendar.end_year))
        {
            programs.insert((district, program.program_name.as_ref(), kind));
        }
    }
    programs.into_iter().map(|(district, name, kind)| {
        let body = Object::new()
            .with("educationOrganizationReference", Object::new().with("educationOrganizationId", district))
            .with("programName", name.to_owned())
            .with("programTypeDescriptor", kind);
        StateOwned { resource: "programs", body }
    })
}

/// The id of a calendar's district; none when its number is no id.
fn district_of(cx: &Context<'_>, calendar: &Calendar) -> Option<i64> {
    let district = cx.snapshot.district_of(cx.snapshot.school_of(calendar));
    local_education_agency_id(district, &mut Sources::ignored()).ok()
}
