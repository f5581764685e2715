//! Kansas' `studentSchoolAssociations`: the standard's, with the two entry dates that Kansas' server requires.

use chrono::NaiveDate;
use rollcall_core::context::Context;
use rollcall_core::resource::{Element, Need, Resource, ResourceSpec};
use rollcall_core::sources::Sources;
use rollcall_core::tables::{Enrollment, TableName};
use rollcall_core::value::Object;
use rollcall_core::verdict::{ObjectKey, Verdict};
use rollcall_core_edfi::preferences::{GRADE_LEVEL, STUDENT_ID};
use rollcall_core_edfi::student_school_associations as standard;

use crate::extensions::KEY;

/// The resource.
pub struct StudentSchoolAssociations;

/// The standard's elements and Kansas' two.
pub static SPEC: ResourceSpec = ResourceSpec {
    name: "studentSchoolAssociations",
    document: "Data Standard 4.0 with _ext.ks (docs/readings.md)",
    summary: "The school in which a student is enrolled.",
    elements: &[
        standard::ENTRY_DATE,
        standard::SCHOOL_REFERENCE,
        standard::STUDENT_REFERENCE,
        standard::ENTRY_GRADE_LEVEL,
        standard::EXIT_WITHDRAW_DATE,
        standard::PRIMARY_SCHOOL,
        standard::SCHOOL_YEAR,
        Element {
            name: "_ext.ks.localEducationAgencyEntryDate",
            kind: "date",
            need: Need::M,
            key: false,
            columns: &["Enrollment.districtEntryDate", "Enrollment.startDate"],
            rule: "When the student first entered the district; without that column, the student's first enrollment in \
                   the SIS.",
        },
        Element {
            name: "_ext.ks.stateEntryDate",
            kind: "date",
            need: Need::M,
            key: false,
            columns: &["Enrollment.stateEntryDate", "Enrollment.districtEntryDate", "Enrollment.startDate"],
            rule: "When the student first entered the state's schools; without that column, the entry into the district.",
        },
    ],
    triggers: rollcall_core_edfi::triggers::STANDARD,
    exclusions: standard::EXCLUSIONS,
    mappings: &[&GRADE_LEVEL],
    options: &[&STUDENT_ID],
    gathers: &[TableName::Enrollment],
    shared: false,
};

impl Resource for StudentSchoolAssociations {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    fn objects(&self, cx: &Context<'_>, visit: &mut dyn FnMut(ObjectKey)) {
        standard::objects(cx, visit);
    }

    fn verdict<'a>(&self, cx: &Context<'a>, object: ObjectKey, sources: &mut Sources) -> Verdict<'a> {
        let body = standard::report(cx, object, sources, |association, sources| {
            let (district, state) = entry_dates(cx, association.enrollment, sources);
            let extension = Object::new().with("localEducationAgencyEntryDate", district).with("stateEntryDate", state);
            association.body.with("_ext", Object::new().with(KEY, extension))
        });
        body.into()
    }
}

/// Entry into the district and into the state's schools.
fn entry_dates(cx: &Context<'_>, enrollment: &Enrollment, sources: &mut Sources) -> (NaiveDate, NaiveDate) {
    let of_student = cx.snapshot.enrollments_of(enrollment.person_id);
    let first = of_student.filter(|e| !e.no_show).map(|e| e.start_date).min().unwrap_or(enrollment.start_date);
    let district = sources.read("Enrollment.districtEntryDate", enrollment.district_entry_date);
    let district = district.unwrap_or_else(|| sources.read("Enrollment.startDate", first));
    let state = sources.read("Enrollment.stateEntryDate", enrollment.state_entry_date);
    (district, state.unwrap_or(district))
}
