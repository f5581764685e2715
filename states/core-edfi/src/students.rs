//! `students`: the data standard's required members, for every student with an enrollment that reports.
//!
//! No source document describes this resource; docs/readings.md has the decisions. A student is shared between
//! districts and is never deleted by a sync.

use rollcall_core::context::Context;
use rollcall_core::resource::{Element, Need, Resource, ResourceSpec};
use rollcall_core::sources::Sources;
use rollcall_core::tables::{Person, TableName};
use rollcall_core::value::Object;
use rollcall_core::verdict::{ObjectKey, Unreported, Verdict};

use crate::kept_back::{read_on, stand_in};
use crate::preferences::STUDENT_ID;
use crate::rules::{self, StudentRules};
use crate::student_school_associations;

/// The resource.
pub struct Students;

/// Its elements.
pub static SPEC: ResourceSpec = ResourceSpec {
    name: "students",
    document: "Data Standard 4.0 (docs/readings.md)",
    summary: "A student for whom instruction, services and/or care are provided.",
    elements: &[
        Element {
            name: "studentUniqueId",
            kind: "string",
            need: Need::M,
            key: true,
            columns: &["Person.edFiID", "Person.stateID", "Person.studentNumber"],
            rule: "The id that the preference student-id names (default: the Ed-Fi id).",
        },
        Element {
            name: "birthDate",
            kind: "date",
            need: Need::M,
            key: false,
            columns: &["Person.birthDate"],
            rule: "The student's birth date.",
        },
        Element {
            name: "firstName",
            kind: "string",
            need: Need::M,
            key: false,
            columns: &["Person.firstName"],
            rule: "The student's first name.",
        },
        Element {
            name: "lastSurname",
            kind: "string",
            need: Need::M,
            key: false,
            columns: &["Person.lastName"],
            rule: "The student's last name.",
        },
        Element {
            name: "middleName",
            kind: "string",
            need: Need::O,
            key: false,
            columns: &["Person.middleName"],
            rule: "The student's middle name, when there is one.",
        },
    ],
    triggers: crate::triggers::STANDARD,
    exclusions: &[&rules::STUDENT_EXCLUDED, &rules::NO_STUDENT_ID, &rules::NO_GOOD_ENROLLMENT],
    mappings: &[],
    options: &[&STUDENT_ID],
    gathers: &[],
    shared: true,
};

impl Resource for Students {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    /// Students with any enrollment in the configured school years.
    fn objects(&self, cx: &Context<'_>, visit: &mut dyn FnMut(ObjectKey)) {
        for person in &cx.snapshot.people {
            let enrolled = cx.snapshot.enrollments_of(person.person_id).any(|enrollment| {
                cx.snapshot.calendars.get(enrollment.calendar_id).is_some_and(|c| cx.in_scope(c.end_year))
            });
            if enrolled {
                visit(ObjectKey::new(TableName::Person, person.person_id));
            }
        }
    }

    fn verdict<'a>(&self, cx: &Context<'a>, object: ObjectKey, sources: &mut Sources) -> Verdict<'a> {
        body(cx, object, sources).into()
    }
}

/// The student's unique id, unless the student is excluded or has none.
pub fn student_unique_id<'a>(
    cx: &Context<'a>,
    person: &'a Person,
    rules: &StudentRules,
    sources: &mut Sources,
) -> Result<&'a str, Unreported> {
    let at = ObjectKey::new(TableName::Person, person.person_id);
    if sources.read("Person.exclude", person.exclude) {
        return Err(Unreported::because(rules.student_excluded, at));
    }
    // Which of them it is hangs on a preference.
    let ed_fi_id = sources.follow("Person.edFiID", person.ed_fi_id.as_deref());
    let state_id = sources.follow("Person.stateID", person.state_id.as_deref());
    let student_number = sources.follow("Person.studentNumber", person.student_number.as_deref());
    let id = match cx.preferences.option(&STUDENT_ID) {
        "state-id" => sources.show("Person.stateID", state_id),
        "student-number" => sources.show("Person.studentNumber", student_number),
        _ => sources.show("Person.edFiID", ed_fi_id),
    };
    id.ok_or(Unreported::because(rules.no_student_id, at))
}

fn body<'a>(cx: &Context<'a>, object: ObjectKey, sources: &mut Sources) -> Result<Object<'a>, Unreported> {
    let person = object.only(TableName::Person).and_then(|id| cx.snapshot.people.get(id));
    let person = person.ok_or(Unreported::rule(&rules::GONE))?;
    let (id, kept_back) = stand_in(student_unique_id(cx, person, &rules::STUDENT, sources), "")?;
    read_on(kept_back, sources, |sources| body_of(cx, person, id, sources))
}

fn body_of<'a>(
    cx: &Context<'a>,
    person: &'a Person,
    id: &'a str,
    sources: &mut Sources,
) -> Result<Object<'a>, Unreported> {
    let reports = cx.snapshot.enrollments_of(person.person_id).any(|enrollment| {
        student_school_associations::reporting_calendar(cx, enrollment, &rules::STUDENT, &mut Sources::ignored())
            .is_ok()
    });
    if !reports {
        let at = ObjectKey::new(TableName::Person, person.person_id);
        return Err(Unreported::because(&rules::NO_GOOD_ENROLLMENT, at));
    }
    let missing = |element: &'static str, column: &str| {
        Unreported::defect(
            element,
            format!("{column} of Person:{} is empty", person.person_id),
            format!("enter it in the SIS ({column})"),
        )
    };
    let birth_date = sources.read("Person.birthDate", person.birth_date);
    let first_name = sources.read("Person.firstName", person.first_name.as_deref());
    let last_name = sources.read("Person.lastName", person.last_name.as_deref());
    Ok(Object::new()
        .with("studentUniqueId", id)
        .with("birthDate", birth_date.ok_or_else(|| missing("birthDate", "Person.birthDate"))?)
        .with("firstName", first_name.ok_or_else(|| missing("firstName", "Person.firstName"))?)
        .with("lastSurname", last_name.ok_or_else(|| missing("lastSurname", "Person.lastName"))?)
        .with_some("middleName", sources.read("Person.middleName", person.middle_name.as_deref())))
}
