//! `courses`: the district's own course catalogue, for a plain Ed-Fi API. States that load a catalogue of their own do
//! not take this resource.

use rollcall_core::context::Context;
use rollcall_core::resource::{Element, Need, Resource, ResourceSpec};
use rollcall_core::sources::Sources;
use rollcall_core::tables::TableName;
use rollcall_core::value::{Object, Value};
use rollcall_core::verdict::{ObjectKey, Unreported, Verdict};

use crate::descriptors::COURSE_IDENTIFICATION_SYSTEM;
use crate::education_organizations::{calendars_in_scope, local_education_agency_id};
use crate::rules;

/// The resource.
pub struct Courses;

/// Its elements.
pub static SPEC: ResourceSpec = ResourceSpec {
    name: "courses",
    document: "Data Standard 4.0 (docs/readings.md)",
    summary: "The organization of subject matter and related learning experiences provided for instruction.",
    elements: &[
        Element {
            name: "courseCode",
            kind: "string",
            need: Need::M,
            key: true,
            columns: &["Course.number"],
            rule: "The course number; courses of several schools with one number are one course of the district.",
        },
        Element {
            name: "educationOrganizationReference",
            kind: "reference",
            need: Need::M,
            key: true,
            columns: &["District.number", "District.edFiDistrictNumber"],
            rule: "The district.",
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
            rule: "The course number as the district's course code.",
        },
    ],
    triggers: crate::triggers::STANDARD,
    exclusions: &[
        &rules::CALENDAR_EXCLUDE,
        &rules::SCHOOL_EXCLUDE,
        &rules::COURSE_INACTIVE,
        &rules::COURSE_STATE_EXCLUDE,
    ],
    mappings: &[],
    options: &[],
    gathers: &[],
    shared: false,
};

impl Resource for Courses {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    fn objects(&self, cx: &Context<'_>, visit: &mut dyn FnMut(ObjectKey)) {
        for calendar in calendars_in_scope(cx) {
            cx.snapshot.courses_of(calendar).for_each(|c| visit(ObjectKey::new(TableName::Course, c.course_id)));
        }
    }

    fn verdict<'a>(&self, cx: &Context<'a>, object: ObjectKey, sources: &mut Sources) -> Verdict<'a> {
        body(cx, object, sources).into()
    }
}

fn body<'a>(cx: &Context<'a>, object: ObjectKey, sources: &mut Sources) -> Result<Object<'a>, Unreported> {
    let course = object.only(TableName::Course).and_then(|id| cx.snapshot.courses.get(id));
    let course = course.ok_or(Unreported::rule(&rules::GONE))?;
    let calendar = cx.snapshot.calendar_of_course(course);
    let school = cx.snapshot.school_of(calendar);
    if !cx.in_scope(calendar.end_year) {
        return Err(Unreported::rule(&rules::GONE));
    }
    if sources.read("Calendar.exclude", calendar.exclude) {
        let at = ObjectKey::new(TableName::Calendar, calendar.calendar_id);
        return Err(Unreported::because(&rules::CALENDAR_EXCLUDE, at));
    }
    if sources.read("School.exclude", school.exclude) {
        return Err(Unreported::because(&rules::SCHOOL_EXCLUDE, ObjectKey::new(TableName::School, school.school_id)));
    }
    if !sources.read("Course.active", course.active) {
        return Err(Unreported::because(&rules::COURSE_INACTIVE, object));
    }
    if sources.read("Course.stateExclude", course.state_exclude) {
        return Err(Unreported::because(&rules::COURSE_STATE_EXCLUDE, object));
    }
    let district = local_education_agency_id(cx.snapshot.district_of(school), sources)?;
    let number = sources.read("Course.number", course.number.as_ref());
    let system = format!("{}#LEA course code", COURSE_IDENTIFICATION_SYSTEM.namespace);
    let code = Object::new().with("courseIdentificationSystemDescriptor", system).with("identificationCode", number);
    Ok(Object::new()
        .with("courseCode", number)
        .with("educationOrganizationReference", Object::new().with("educationOrganizationId", district))
        .with("courseTitle", sources.read("Course.name", course.name.as_ref()))
        .with("numberOfParts", 1_i64)
        .with("identificationCodes", vec![Value::Object(code)]))
}
