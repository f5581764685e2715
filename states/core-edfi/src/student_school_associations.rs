//! `studentSchoolAssociations`: one record per student, school and entry date.
//!
//! No source document describes this resource; docs/readings.md has the decisions. Several enrollments of one day in
//! one school are one record: service type P before S before N, then the highest enrollment id.

use std::cmp::Reverse;

use rollcall_core::context::Context;
use rollcall_core::resource::{Element, Need, Resource, ResourceSpec};
use rollcall_core::sources::Sources;
use rollcall_core::tables::{Calendar, Enrollment, TableName};
use rollcall_core::value::Object;
use rollcall_core::verdict::{ObjectKey, Unreported, Verdict};

use crate::education_organizations::{calendars_in_scope, school_id, school_reference, school_year_type_reference};
use crate::kept_back::{read_on, stand_in};
use crate::preferences::{GRADE_LEVEL, STUDENT_ID};
use crate::rules::{self, ExcludeRules, StudentRules};
use crate::state::school_year_span;
use crate::students::student_unique_id;

/// The resource.
pub struct StudentSchoolAssociations;

/// What it is.
pub static SPEC: ResourceSpec = ResourceSpec {
    name: "studentSchoolAssociations",
    document: "Data Standard 4.0 (docs/readings.md)",
    summary: "The school in which a student is enrolled.",
    elements: &[
        ENTRY_DATE,
        SCHOOL_REFERENCE,
        STUDENT_REFERENCE,
        ENTRY_GRADE_LEVEL,
        EXIT_WITHDRAW_DATE,
        PRIMARY_SCHOOL,
        SCHOOL_YEAR,
    ],
    triggers: crate::triggers::STANDARD,
    exclusions: EXCLUSIONS,
    mappings: &[&GRADE_LEVEL],
    options: &[&STUDENT_ID],
    gathers: &[TableName::Enrollment],
    shared: false,
};

/// The rules by which an enrollment does not report.
pub static EXCLUSIONS: &[&rollcall_core::verdict::Rule] = &[
    &rules::CALENDAR_EXCLUDE,
    &rules::SCHOOL_EXCLUDE,
    &rules::ENROLLMENT_NO_SHOW,
    &rules::ENROLLMENT_STATE_EXCLUDE,
    &rules::ENROLLMENT_OUTSIDE_YEAR,
    &rules::STUDENT_EXCLUDED,
    &rules::NO_STUDENT_ID,
];

/// `entryDate`
pub const ENTRY_DATE: Element = Element {
    name: "entryDate",
    kind: "date",
    need: Need::M,
    key: true,
    columns: &["Enrollment.startDate"],
    rule: "The start date of the enrollment.",
};

/// `schoolReference`
pub const SCHOOL_REFERENCE: Element = Element {
    name: "schoolReference",
    kind: "reference",
    need: Need::M,
    key: true,
    columns: &["School.number", "School.edFiSchoolNumber"],
    rule: "The school of the enrollment's calendar.",
};

/// `studentReference`
pub const STUDENT_REFERENCE: Element = Element {
    name: "studentReference",
    kind: "reference",
    need: Need::M,
    key: true,
    columns: &["Person.edFiID", "Person.stateID", "Person.studentNumber"],
    rule: "The natural key of the student.",
};

/// `entryGradeLevelDescriptor`
pub const ENTRY_GRADE_LEVEL: Element = Element {
    name: "entryGradeLevelDescriptor",
    kind: "descriptor",
    need: Need::M,
    key: false,
    columns: &["Enrollment.grade"],
    rule: "The Ed-Fi code mapped to the enrollment's grade.",
};

/// `exitWithdrawDate`
pub const EXIT_WITHDRAW_DATE: Element = Element {
    name: "exitWithdrawDate",
    kind: "date",
    need: Need::O,
    key: false,
    columns: &["Enrollment.endDate"],
    rule: "The end date of the enrollment, when there is one.",
};

/// `primarySchool`
pub const PRIMARY_SCHOOL: Element = Element {
    name: "primarySchool",
    kind: "boolean",
    need: Need::O,
    key: false,
    columns: &["Enrollment.serviceType"],
    rule: "True for service type P.",
};

/// `schoolYearTypeReference`
pub const SCHOOL_YEAR: Element = Element {
    name: "schoolYearTypeReference",
    kind: "reference",
    need: Need::O,
    key: false,
    columns: &["Calendar.endYear"],
    rule: "The end year of the enrollment's calendar.",
};

impl Resource for StudentSchoolAssociations {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    fn objects(&self, cx: &Context<'_>, visit: &mut dyn FnMut(ObjectKey)) {
        objects(cx, visit);
    }

    fn verdict<'a>(&self, cx: &Context<'a>, object: ObjectKey, sources: &mut Sources) -> Verdict<'a> {
        report(cx, object, sources, |association, _| association.body).into()
    }
}

/// The enrollments of the configured school years.
pub fn objects(cx: &Context<'_>, visit: &mut dyn FnMut(ObjectKey)) {
    let calendars: Vec<i64> = calendars_in_scope(cx).map(|calendar| calendar.calendar_id).collect();
    let enrollments = cx.snapshot.enrollments.iter().filter(|e| calendars.binary_search(&e.calendar_id).is_ok());
    enrollments.for_each(|e| visit(ObjectKey::new(TableName::Enrollment, e.enrollment_id)));
}

/// An association's body and the enrollment whose data it has.
pub struct Association<'a> {
    /// The enrollment that stands for all of its day and school.
    pub enrollment: &'a Enrollment,
    /// The body as the standard has it.
    pub body: Object<'a>,
}

/// The record of an enrollment; `finish` makes a state's body of the standard's.
pub fn report<'a>(
    cx: &Context<'a>,
    object: ObjectKey,
    sources: &mut Sources,
    finish: impl FnOnce(Association<'a>, &mut Sources) -> Object<'a>,
) -> Result<Object<'a>, Unreported> {
    let enrollment = object.only(TableName::Enrollment).and_then(|id| cx.snapshot.enrollments.get(id));
    let enrollment = enrollment.ok_or(Unreported::rule(&rules::GONE))?;
    let calendar = reporting_calendar(cx, enrollment, &rules::STUDENT, sources)?;
    let person = cx.snapshot.people.get(enrollment.person_id).ok_or(Unreported::rule(&rules::GONE))?;
    let (student, kept_back) = stand_in(student_unique_id(cx, person, &rules::STUDENT, sources), "")?;
    read_on(kept_back, sources, |sources| {
        association(cx, enrollment, calendar, student, sources).map(|association| finish(association, sources))
    })
}

fn association<'a>(
    cx: &Context<'a>,
    enrollment: &'a Enrollment,
    calendar: &'a Calendar,
    student: &'a str,
    sources: &mut Sources,
) -> Result<Association<'a>, Unreported> {
    let school = cx.snapshot.school_of(calendar);
    let enrollment = standing_for(cx, enrollment, calendar);
    sources.read("Enrollment.enrollmentID", enrollment.enrollment_id);
    let grade = sources.read("Enrollment.grade", enrollment.grade.as_deref());
    let level = grade.and_then(|grade| cx.preferences.mapped(&GRADE_LEVEL, grade)).ok_or_else(|| {
        let (what, fix) = match grade {
            None => ("is empty".to_owned(), "enter a grade on the enrollment".to_owned()),
            Some(grade) => (format!("\"{grade}\" is not mapped"), format!("map \"{grade}\" in mappings.grade-level")),
        };
        let what = format!("the grade of Enrollment:{} {what}", enrollment.enrollment_id);
        Unreported::defect("entryGradeLevelDescriptor", what, fix)
    })?;
    let body = Object::new()
        .with("entryDate", sources.read("Enrollment.startDate", enrollment.start_date))
        .with("schoolReference", school_reference(school_id(school, sources)?))
        .with("studentReference", Object::new().with("studentUniqueId", student))
        .with("entryGradeLevelDescriptor", level.uri.as_str())
        .with_some("exitWithdrawDate", sources.read("Enrollment.endDate", enrollment.end_date))
        .with("primarySchool", sources.read("Enrollment.serviceType", enrollment.service_type.as_deref()) == Some("P"))
        .with("schoolYearTypeReference", school_year_type_reference(calendar, sources));
    Ok(Association { enrollment, body })
}

/// The calendar of an enrollment that reports.
pub fn reporting_calendar<'a>(
    cx: &Context<'a>,
    enrollment: &'a Enrollment,
    rules: &StudentRules,
    sources: &mut Sources,
) -> Result<&'a Calendar, Unreported> {
    calendar_of(cx, enrollment, &rules::EXCLUDE, rules, sources)
}

/// The calendar of an enrollment that reports, with every rule in a document's own words.
pub fn calendar_of<'a>(
    cx: &Context<'a>,
    enrollment: &'a Enrollment,
    exclude: &ExcludeRules,
    rules: &StudentRules,
    sources: &mut Sources,
) -> Result<&'a Calendar, Unreported> {
    let calendar = cx.snapshot.calendars.get(enrollment.calendar_id).filter(|c| cx.in_scope(c.end_year));
    let calendar = calendar.ok_or(Unreported::rule(&rules::GONE))?;
    if sources.read("Calendar.exclude", calendar.exclude) {
        let at = ObjectKey::new(TableName::Calendar, calendar.calendar_id);
        return Err(Unreported::because(exclude.calendar, at));
    }
    if sources.read("School.exclude", cx.snapshot.school_of(calendar).exclude) {
        return Err(Unreported::because(exclude.school, ObjectKey::new(TableName::School, calendar.school_id)));
    }
    good_enrollment(cx, enrollment, calendar.end_year, rules, sources)?;
    Ok(calendar)
}

/// Whether an enrollment counts: not a no-show, not excluded from state reporting, overlapping its school year.
pub fn good_enrollment(
    cx: &Context<'_>,
    enrollment: &Enrollment,
    end_year: i32,
    rules: &StudentRules,
    sources: &mut Sources,
) -> Result<(), Unreported> {
    let at = ObjectKey::new(TableName::Enrollment, enrollment.enrollment_id);
    if sources.read("Enrollment.noShow", enrollment.no_show) {
        return Err(Unreported::because(rules.no_show, at));
    }
    if sources.read("Enrollment.stateExclude", enrollment.state_exclude) {
        return Err(Unreported::because(rules.state_exclude, at));
    }
    let start = sources.read("Enrollment.startDate", enrollment.start_date);
    let end = sources.read("Enrollment.endDate", enrollment.end_date);
    let (first, last) = school_year_span(cx.snapshot, end_year);
    if start > last || end.is_some_and(|end| end < first || end < start) {
        return Err(Unreported::because(rules.outside_year, at));
    }
    Ok(())
}

/// The enrollment that stands for all of one student, school and day.
fn standing_for<'a>(cx: &Context<'a>, enrollment: &'a Enrollment, calendar: &Calendar) -> &'a Enrollment {
    let same_record = cx.snapshot.enrollments_of(enrollment.person_id).filter(|other| {
        other.start_date == enrollment.start_date
            && reporting_calendar(cx, other, &rules::STUDENT, &mut Sources::ignored())
                .is_ok_and(|of_other| of_other.school_id == calendar.school_id)
    });
    let rank = |e: &&Enrollment| {
        let service = match e.service_type.as_deref() {
            Some("P") => 0,
            Some("S") => 1,
            Some("N") => 2,
            _ => 3,
        };
        (service, Reverse(e.enrollment_id))
    };
    same_record.min_by_key(rank).unwrap_or(enrollment)
}
