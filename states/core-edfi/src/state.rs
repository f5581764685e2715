//! The plain Ed-Fi API as a state, school years, and what stands at its ODS before a district sends anything.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rollcall_core::context::Context;
use rollcall_core::descriptor::uri;
use rollcall_core::model::DataStandard;
use rollcall_core::snapshot::Snapshot;
use rollcall_core::sources::Sources;
use rollcall_core::state::{Plugin, Reported, STANDARD, State, StateOwned};
use rollcall_core::tables::Course;
use rollcall_core::value::{Object, Value};

use crate::education_organizations::{local_education_agency_id, school_id};
use crate::{
    course_offerings, courses, descriptors, programs, sections, sessions, student_cte_program_associations,
    student_school_associations, student_section_associations, students,
};

static STATE: State = State {
    code: STANDARD,
    name: "Core Ed-Fi",
    standard: DataStandard::ed_fi_4_0,
    years: 2023..=2030,
    profiles: &[],
    extension_key: None,
    reports: &[
        Reported::standard("sessions"),
        Reported::standard("courses"),
        Reported::standard("courseOfferings"),
        Reported::standard("sections"),
        Reported::standard("students"),
        Reported::standard("studentSchoolAssociations"),
        Reported::standard("studentSectionAssociations"),
        Reported::standard("programs"),
        Reported::standard("studentCTEProgramAssociations"),
    ],
    state_owned: &["schoolYearTypes", "localEducationAgencies", "schools"],
    seed: |cx| education_organizations(cx, None),
};

/// What this crate registers.
pub static PLUGIN: Plugin = Plugin {
    owner: STANDARD,
    resources: 9,
    namespaces: 8,
    extensions: 0,
    state: if cfg!(feature = "state") { Some(&STATE) } else { None },
};

rollcall_core::register! {
    plugin: PLUGIN,
    resources: [
        sessions::Sessions,
        courses::Courses,
        course_offerings::CourseOfferings,
        sections::Sections,
        students::Students,
        student_school_associations::StudentSchoolAssociations,
        student_section_associations::StudentSectionAssociations,
        programs::Programs,
        student_cte_program_associations::StudentCteProgramAssociations,
    ],
    namespaces: [
        descriptors::GRADE_LEVEL,
        descriptors::TERM,
        descriptors::EDUCATION_ORGANIZATION_CATEGORY,
        descriptors::LOCAL_EDUCATION_AGENCY_CATEGORY,
        descriptors::COURSE_IDENTIFICATION_SYSTEM,
        descriptors::PROGRAM_TYPE,
        descriptors::CAREER_PATHWAY,
        descriptors::TECHNICAL_SKILLS_ASSESSMENT,
    ],
    extensions: [],
}

/// First and last day of a school year. Core Student CTE Program Associations, Post: "If Start Date is NULL,
/// 07/01/StartYear will be used. If End Date is NULL, 06/30/EndYear will be used."
pub fn school_year_span(snapshot: &Snapshot, end_year: i32) -> (NaiveDate, NaiveDate) {
    let setup = snapshot.school_years.get(i64::from(end_year));
    let date = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    (
        setup.and_then(|year| year.start_date).unwrap_or_else(|| date(end_year - 1, 7, 1)),
        setup.and_then(|year| year.end_date).unwrap_or_else(|| date(end_year, 6, 30)),
    )
}

/// The education organizations and school years that a state loads before its districts send: the state education
/// agency, if the state names one, the district and its schools.
pub fn education_organizations(cx: &Context<'_>, state_agency: Option<(i64, &'static str)>) -> Vec<StateOwned> {
    let mut owned = Vec::new();
    for year in cx.years {
        let body = Object::new()
            .with("schoolYear", *year)
            .with("currentSchoolYear", Some(year) == cx.years.iter().max())
            .with("schoolYearDescription", format!("{}-{year}", year - 1));
        owned.push(StateOwned { resource: "schoolYearTypes", body });
    }
    if let Some((id, name)) = state_agency {
        let body = Object::new()
            .with("stateEducationAgencyId", id)
            .with("nameOfInstitution", name)
            .with("categories", category("State Education Agency"));
        owned.push(StateOwned { resource: "stateEducationAgencies", body });
    }
    for district in &cx.snapshot.districts {
        let Ok(id) = local_education_agency_id(district, &mut Sources::ignored()) else { continue };
        let parent = state_agency.map(|(id, _)| Object::new().with("stateEducationAgencyId", id));
        let body = Object::new()
            .with("localEducationAgencyId", id)
            .with("nameOfInstitution", district.name.to_string())
            .with(
                "localEducationAgencyCategoryDescriptor",
                format!("{}#Independent", descriptors::LOCAL_EDUCATION_AGENCY_CATEGORY.namespace),
            )
            .with("categories", category("Local Education Agency"))
            .with_some("stateEducationAgencyReference", parent);
        owned.push(StateOwned { resource: "localEducationAgencies", body });
    }
    for school in &cx.snapshot.schools {
        let district = cx.snapshot.district_of(school);
        let (Ok(id), Ok(district)) =
            (school_id(school, &mut Sources::ignored()), local_education_agency_id(district, &mut Sources::ignored()))
        else {
            continue;
        };
        let grade = format!("{}#Ungraded", descriptors::GRADE_LEVEL.namespace);
        let body = Object::new()
            .with("schoolId", id)
            .with("nameOfInstitution", school.name.to_string())
            .with("educationOrganizationCategories", category("School"))
            .with("gradeLevels", vec![Value::Object(Object::new().with("gradeLevelDescriptor", grade))])
            .with("localEducationAgencyReference", Object::new().with("localEducationAgencyId", district));
        owned.push(StateOwned { resource: "schools", body });
    }
    owned
}

/// The courses of a state's catalogue, as far as the district's courses name them by their state code. `catalogue` says under
/// which education organization a course is listed; none leaves it out.
pub fn state_courses(cx: &Context<'_>, catalogue: impl Fn(&Course) -> Option<i64>) -> Vec<StateOwned> {
    let mut listed = BTreeMap::new();
    for course in &cx.snapshot.courses {
        if let (Some(code), Some(organization)) = (course.state_code.as_deref(), catalogue(course)) {
            listed.entry((organization, code)).or_insert(course.name.as_ref());
        }
    }
    let system = uri(descriptors::COURSE_IDENTIFICATION_SYSTEM.namespace, "State course code");
    let course = |((organization, code), title): ((i64, &str), &str)| {
        let identification = Object::new()
            .with("courseIdentificationSystemDescriptor", system.clone())
            .with("identificationCode", code.to_owned());
        let body = Object::new()
            .with("courseCode", code.to_owned())
            .with("educationOrganizationReference", Object::new().with("educationOrganizationId", organization))
            .with("courseTitle", title.to_owned())
            .with("numberOfParts", 1_i64)
            .with("identificationCodes", vec![Value::Object(identification)]);
        StateOwned { resource: "courses", body }
    };
    listed.into_iter().map(course).collect()
}

fn category(code: &str) -> Vec<Value<'static>> {
    let uri = format!("{}#{code}", descriptors::EDUCATION_ORGANIZATION_CATEGORY.namespace);
    vec![Value::Object(Object::new().with("educationOrganizationCategoryDescriptor", uri))]
}
