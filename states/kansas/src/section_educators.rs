//! Kansas' `sectionEducators` (`/ks/sectionEducators`): who teaches a section and has no id of the state. The state adds
//! the resource whole; staff with an id would be staff section associations.

use rollcall_core::context::Context;
use rollcall_core::resource::{Element, Need, Resource, ResourceSpec, Trigger};
use rollcall_core::sources::Sources;
use rollcall_core::tables::{SectionStaffHistory, StaffMember, TableName, Term};
use rollcall_core::value::Object;
use rollcall_core::verdict::{ObjectKey, Unreported, Verdict};
use rollcall_core_edfi::course_offerings::{Offering, Scheduled, in_each_term};
use rollcall_core_edfi::preferences::{
    LOCAL_COURSE_CODE_OPTION, SECTION_IDENTIFIER, SESSION_NAME_OPTION, TERM_DESCRIPTOR_OVERRIDE, TERM_TYPE,
};
use rollcall_core_edfi::student_section_associations::SECTION_REFERENCE;
use rollcall_core_edfi::{rules as standard, sections, triggers};

use crate::rules;

/// The resource.
pub struct SectionEducators;

/// As the document has it.
pub static SPEC: ResourceSpec = ResourceSpec {
    name: "sectionEducators",
    document: "Section Educators (Kansas v3.6), as far as it is public (docs/readings.md)",
    summary: "The educators of a section who have not been assigned an id by the state.",
    elements: &[
        Element {
            name: "educatorElectronicMailAddress",
            kind: "string",
            need: Need::M,
            key: true,
            columns: &["StaffMember.email", "StaffMember.secondaryEmail"],
            rule: "Reports the e-mail; when it is blank, the secondary e-mail.",
        },
        SECTION_REFERENCE,
        name("educatorFirstName", &["StaffMember.firstName"], "Reports the educator's first name."),
        name("educatorLastSurname", &["StaffMember.lastName"], "Reports the educator's last name."),
        name("educatorMiddleName", &["StaffMember.middleName"], "Reports the educator's middle name."),
    ],
    triggers: &[
        Trigger::new("Post", "When a staff member is added to a course section on Staff History."),
        Trigger::new(
            "Put",
            "When Start or End dates are modified on the Staff History record: the record has no dates, so it stays as it \
             is while they overlap the term.",
        ),
        Trigger::new("Put", "When the educator's first name, middle name or last name changes."),
        Trigger::new(
            "Delete/Post",
            "When the educator's e-mail changes, or the secondary e-mail that reports in its place.",
        ),
        Trigger::new("Delete/Post", "When the natural key of the section changes."),
        Trigger::new("Delete", "When a staff member is deleted from Staff History."),
        Trigger::new("Delete", "When Start or End dates on the Staff History record no longer overlap the term."),
        Trigger::new("Delete", "When the staff member is given a state id, or another staff type than P and T."),
        triggers::TOGGLE_OFF,
        triggers::TOGGLE_DELETE,
        triggers::RESYNC_LEDGER,
        triggers::RESYNC_ODS,
        triggers::RESYNC_MAPPING,
    ],
    exclusions: rules::EDUCATOR_EXCLUSIONS,
    mappings: &[&TERM_TYPE, &TERM_DESCRIPTOR_OVERRIDE],
    options: &[&SECTION_IDENTIFIER, &SESSION_NAME_OPTION, &LOCAL_COURSE_CODE_OPTION],
    gathers: &[],
    shared: false,
};

const fn name(name: &'static str, columns: &'static [&'static str], rule: &'static str) -> Element {
    Element { name, kind: "string", need: Need::O, key: false, columns, rule }
}

impl Resource for SectionEducators {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    /// Each staff history of the configured school years with each term of its section
    /// (`sectionStaffHistoryID-termID`), or alone when the section is placed nowhere.
    fn objects(&self, cx: &Context<'_>, visit: &mut dyn FnMut(ObjectKey)) {
        for history in &cx.snapshot.staff_history {
            let section = cx.snapshot.section_taught(history);
            let calendar = cx.snapshot.calendar_of_course(cx.snapshot.course_of(section));
            if cx.in_scope(calendar.end_year) {
                let row = ObjectKey::new(TableName::SectionStaffHistory, history.section_staff_history_id);
                in_each_term(cx, section, row, visit);
            }
        }
    }

    fn verdict<'a>(&self, cx: &Context<'a>, object: ObjectKey, sources: &mut Sources) -> Verdict<'a> {
        report(cx, object, sources).into()
    }
}

fn report<'a>(cx: &Context<'a>, object: ObjectKey, sources: &mut Sources) -> Result<Object<'a>, Unreported> {
    let history = (object.table() == Some(TableName::SectionStaffHistory)).then(|| object.id());
    let history = history.and_then(|id| cx.snapshot.staff_history.get(id)).ok_or(Unreported::rule(&standard::GONE))?;
    let section = cx.snapshot.section_taught(history);
    let scheduled = Scheduled::of(cx, section, &rules::EDUCATOR_SCHEDULE, sources)?;
    let educator = without_state_id(cx, history, sources)?;
    let Some(term) = object.part() else {
        let at = ObjectKey::new(TableName::Section, section.section_id);
        return Err(Unreported::because(&rules::NO_PLACEMENT, at));
    };
    let term = cx.snapshot.placed_terms(section).find(|placed| placed.term_id == term);
    let term = term.ok_or(Unreported::rule(&standard::GONE))?;
    // What the SIS decides goes first: what only a mapping keeps from reporting waits for a resync.
    if !overlaps(history, term, sources) {
        return Err(Unreported::because(&rules::EDUCATOR_OUTSIDE_TERM, object));
    }
    let offering = Offering::in_term(cx, scheduled, term, rules::EDUCATOR_SCHEDULE.naming, sources)?;
    Ok(Object::with_capacity(5)
        .with("educatorElectronicMailAddress", e_mail(educator, sources)?)
        .with("sectionReference", sections::reference(cx, &offering, sources))
        .with_some("educatorFirstName", sources.read("StaffMember.firstName", educator.first_name.as_deref()))
        .with_some("educatorLastSurname", sources.read("StaffMember.lastName", educator.last_name.as_deref()))
        .with_some("educatorMiddleName", sources.read("StaffMember.middleName", educator.middle_name.as_deref())))
}

/// Who taught the section, if as a teacher and without an id of the state.
fn without_state_id<'a>(
    cx: &Context<'a>,
    history: &SectionStaffHistory,
    sources: &mut Sources,
) -> Result<&'a StaffMember, Unreported> {
    let staff_type = sources.read("SectionStaffHistory.staffType", history.staff_type.as_deref());
    if !matches!(staff_type, Some("P" | "T")) {
        let at = ObjectKey::new(TableName::SectionStaffHistory, history.section_staff_history_id);
        return Err(Unreported::because(&rules::EDUCATOR_STAFF_TYPE, at));
    }
    let educator = cx.snapshot.teacher_of(history);
    if sources.read("StaffMember.stateID", educator.state_id.as_deref()).is_some() {
        let at = ObjectKey::new(TableName::StaffMember, educator.person_id);
        return Err(Unreported::because(&rules::EDUCATOR_HAS_STATE_ID, at));
    }
    Ok(educator)
}

/// docs/readings.md, KS Section Educators dates: a null date of the history is the term's own, and so is one that the term
/// lacks (its session is a defect, which holds the record).
fn overlaps(history: &SectionStaffHistory, term: &Term, sources: &mut Sources) -> bool {
    let start = sources.read("SectionStaffHistory.startDate", history.start_date);
    let end = sources.read("SectionStaffHistory.endDate", history.end_date);
    let first = sources.read("Term.startDate", term.start_date);
    let last = sources.read("Term.endDate", term.end_date);
    let ends_before = |end, start: Option<_>| start.zip(end).is_some_and(|(start, end)| end < start);
    !ends_before(end, first) && !ends_before(last, start) && !ends_before(end, start)
}

/// "When Email is populated, that value reports. When Email is blank, reports from Secondary Email."
fn e_mail<'a>(educator: &'a StaffMember, sources: &mut Sources) -> Result<&'a str, Unreported> {
    let first = sources.read("StaffMember.email", educator.email.as_deref());
    let e_mail = first.or_else(|| sources.read("StaffMember.secondaryEmail", educator.secondary_email.as_deref()));
    // docs/readings.md, KS Section Educators without e-mail.
    e_mail.ok_or_else(|| {
        Unreported::defect(
            "educatorElectronicMailAddress",
            format!("StaffMember:{} has neither an e-mail nor a secondary e-mail", educator.person_id),
            "enter an e-mail for the staff member, or the state id if there is one",
        )
    })
}
