//! `sessions`, after core-sessions.txt: one record per term descriptor of a school and year.
//!
//! Several SIS objects stand behind one record: every term whose type is mapped to the descriptor, and every course
//! and section with a term descriptor override that is mapped to it and a placement. Each of them gives the whole
//! record: the earliest begin, the latest end and the distinct instructional days of all of them.

use chrono::NaiveDate;
use rollcall_core::context::Context;
use rollcall_core::preferences::MappedCode;
use rollcall_core::resource::{Element, Need, Resource, ResourceSpec, Trigger};
use rollcall_core::sources::Sources;
use rollcall_core::tables::{Calendar, Course, School, Section, Term};
use rollcall_core::value::Object;
use rollcall_core::verdict::{ObjectKey, Unreported, Verdict};

use crate::education_organizations::{calendars_in_scope, school_id, school_reference, school_year_type_reference};
use crate::preferences::{TERM_DESCRIPTOR_OVERRIDE, TERM_TYPE};
use crate::{rules, triggers};

/// The resource.
pub struct Sessions;

/// What core-sessions.txt says of it.
pub static SPEC: ResourceSpec = ResourceSpec {
    name: "sessions",
    document: "Core Sessions",
    summary: "The prescribed span of time when an education institution is open and instruction is provided.",
    elements: &[
        Element {
            name: "sessionName",
            kind: "string",
            need: Need::M,
            key: true,
            columns: &["Term.termType", "Course.termDescriptorOverride", "Section.termDescriptorOverride"],
            rule: "Reports the Term Descriptor (Ed-Fi code) of the terms being reported.",
        },
        Element {
            name: "schoolReference",
            kind: "reference",
            need: Need::M,
            key: true,
            columns: &["School.number", "School.edFiSchoolNumber"],
            rule: "The school id is the reporting school.",
        },
        Element {
            name: "schoolYearTypeReference",
            kind: "reference",
            need: Need::M,
            key: true,
            columns: &["Calendar.endYear"],
            rule: "The school year is the end year of the calendar being reported.",
        },
        Element {
            name: "beginDate",
            kind: "date",
            need: Need::M,
            key: false,
            columns: &["Term.startDate"],
            rule: "The start date of the term; with several terms of one term type, the earliest.",
        },
        Element {
            name: "endDate",
            kind: "date",
            need: Need::M,
            key: false,
            columns: &["Term.endDate"],
            rule: "The end date of the term; with several terms of one term type, the latest.",
        },
        Element {
            name: "termDescriptor",
            kind: "descriptor",
            need: Need::M,
            key: false,
            columns: &["Term.termType", "Course.termDescriptorOverride", "Section.termDescriptorOverride"],
            rule: "The Ed-Fi code mapped to the term type or override; null or unmapped does not report.",
        },
        Element {
            name: "totalInstructionalDays",
            kind: "integer",
            need: Need::M,
            key: false,
            columns: &["Day.date"],
            rule: "The distinct instructional days of all the session's terms.",
        },
    ],
    triggers: TRIGGERS,
    exclusions: &[
        &rules::SESSION_CALENDAR_EXCLUDE,
        &rules::SESSION_SCHOOL_EXCLUDE,
        &rules::TERM_TYPE_NULL,
        &rules::TERM_UNMAPPED,
        &rules::OVERRIDE_UNMAPPED,
        &rules::OVERRIDE_UNPLACED,
    ],
    mappings: &[&TERM_TYPE, &TERM_DESCRIPTOR_OVERRIDE],
    options: &[],
    shared: false,
};

/// core-sessions.txt: its trigger tables.
const TRIGGERS: &[Trigger] = &[
    Trigger::new("Post", "When a new Term is created and mapped to a Term Type and a resync of Sessions is completed."),
    Trigger::new(
        "Post",
        "When a Term Descriptor Override is selected on a Course or Section, the override is mapped, and a resync of \
         Sessions is completed.",
    ),
    Trigger::new("Put", "When the Grading Period data is changed or the Grading Period record is deleted."),
    Trigger::new(
        "Delete",
        "When the Term is deleted or the mapping is removed, the Session record and all dependent data is removed.",
    ),
    Trigger::new("Delete/Post", "When the Session Name changes."),
    Trigger::new("Delete/Post", "When the natural key changes, all dependent resources delete/post."),
    triggers::TOGGLE_OFF,
    triggers::TOGGLE_DELETE,
    triggers::RESYNC_LEDGER,
    triggers::RESYNC_ODS,
    triggers::RESYNC_MAPPING,
];

impl Resource for Sessions {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    fn objects(&self, cx: &Context<'_>, visit: &mut dyn FnMut(ObjectKey)) {
        for calendar in calendars_in_scope(cx) {
            cx.snapshot.terms_of(calendar).for_each(|term| visit(ObjectKey::new("Term", term.term_id)));
            for course in cx.snapshot.courses_of(calendar) {
                if course.term_descriptor_override.is_some() {
                    visit(ObjectKey::new("Course", course.course_id));
                }
                let overridden = cx.snapshot.sections_of(course).filter(|s| s.term_descriptor_override.is_some());
                overridden.for_each(|s| visit(ObjectKey::pair("Course", course.course_id, s.section_id)));
            }
        }
    }

    fn verdict<'a>(&self, cx: &Context<'a>, object: ObjectKey, sources: &mut Sources) -> Verdict<'a> {
        let found = match (object.table, object.part) {
            ("Term", None) => term(cx, object.id, sources),
            ("Course", None) => course_override(cx, object.id, sources),
            ("Course", Some(section)) => section_override(cx, object.id, section, sources),
            _ => Err(Unreported::rule(&rules::GONE)),
        };
        found.and_then(|(calendar, code)| body(cx, calendar, code, sources)).into()
    }
}

/// The session in which a term reports by its type.
pub fn session_of_term<'a>(
    cx: &Context<'a>,
    term: &'a Term,
    sources: &mut Sources,
) -> Result<&'a MappedCode, Unreported> {
    let at = ObjectKey::new("Term", term.term_id);
    let Some(local) = sources.read("Term.termType", term.term_type.as_deref()) else {
        return Err(Unreported::because(&rules::TERM_TYPE_NULL, at));
    };
    cx.preferences.mapped(&TERM_TYPE, local).ok_or(Unreported::because(&rules::TERM_UNMAPPED, at))
}

/// The session in which a section reports in one of its terms: the section's mapped override, else the course's, else
/// the term's type. An override without a mapping counts as no override (kansas-course-offerings.txt,
/// sessionReference: "and there is an existing mapping").
pub fn session_of_section<'a>(
    cx: &Context<'a>,
    course: &'a Course,
    section: &'a Section,
    term: &'a Term,
    sources: &mut Sources,
) -> Result<&'a MappedCode, Unreported> {
    let of_section = sources.read("Section.termDescriptorOverride", section.term_descriptor_override.as_deref());
    let of_course = sources.read("Course.termDescriptorOverride", course.term_descriptor_override.as_deref());
    let mapped = |local: &str| cx.preferences.mapped(&TERM_DESCRIPTOR_OVERRIDE, local);
    match of_section.and_then(mapped).or_else(|| of_course.and_then(mapped)) {
        Some(code) => Ok(code),
        None => session_of_term(cx, term, sources),
    }
}

type Found<'a> = Result<(&'a Calendar, &'a MappedCode), Unreported>;

fn term<'a>(cx: &Context<'a>, id: i64, sources: &mut Sources) -> Found<'a> {
    let term = cx.snapshot.terms.get(id).ok_or(Unreported::rule(&rules::GONE))?;
    let calendar = cx.snapshot.calendar_of_term(term);
    eligible(cx, calendar, sources)?;
    Ok((calendar, session_of_term(cx, term, sources)?))
}

fn course_override<'a>(cx: &Context<'a>, id: i64, sources: &mut Sources) -> Found<'a> {
    let course = cx.snapshot.courses.get(id).ok_or(Unreported::rule(&rules::GONE))?;
    let calendar = cx.snapshot.calendar_of_course(course);
    eligible(cx, calendar, sources)?;
    let local = sources.read("Course.termDescriptorOverride", course.term_descriptor_override.as_deref());
    let at = ObjectKey::new("Course", id);
    let code = local.and_then(|local| cx.preferences.mapped(&TERM_DESCRIPTOR_OVERRIDE, local));
    let code = code.ok_or(Unreported::because(&rules::OVERRIDE_UNMAPPED, at))?;
    let placed = cx
        .snapshot
        .sections_of(course)
        .any(|section| own_override(cx, section).is_none() && cx.snapshot.placements_of(section).next().is_some());
    if placed { Ok((calendar, code)) } else { Err(Unreported::because(&rules::OVERRIDE_UNPLACED, at)) }
}

fn section_override<'a>(cx: &Context<'a>, course: i64, id: i64, sources: &mut Sources) -> Found<'a> {
    let section = cx.snapshot.sections.get(id).filter(|section| section.course_id == course);
    let section = section.ok_or(Unreported::rule(&rules::GONE))?;
    let calendar = cx.snapshot.calendar_of_course(cx.snapshot.course_of(section));
    eligible(cx, calendar, sources)?;
    sources.read("Section.termDescriptorOverride", section.term_descriptor_override.as_deref());
    let at = ObjectKey::new("Section", id);
    let code = own_override(cx, section).ok_or(Unreported::because(&rules::OVERRIDE_UNMAPPED, at))?;
    match cx.snapshot.placements_of(section).next() {
        Some(_) => Ok((calendar, code)),
        None => Err(Unreported::because(&rules::OVERRIDE_UNPLACED, at)),
    }
}

fn own_override<'a>(cx: &Context<'a>, section: &Section) -> Option<&'a MappedCode> {
    cx.preferences.mapped(&TERM_DESCRIPTOR_OVERRIDE, section.term_descriptor_override.as_deref()?)
}

fn eligible(cx: &Context<'_>, calendar: &Calendar, sources: &mut Sources) -> Result<(), Unreported> {
    if !cx.in_scope(calendar.end_year) {
        return Err(Unreported::rule(&rules::GONE));
    }
    if sources.read("Calendar.exclude", calendar.exclude) {
        let at = ObjectKey::new("Calendar", calendar.calendar_id);
        return Err(Unreported::because(&rules::SESSION_CALENDAR_EXCLUDE, at));
    }
    if sources.read("School.exclude", cx.snapshot.school_of(calendar).exclude) {
        let at = ObjectKey::new("School", calendar.school_id);
        return Err(Unreported::because(&rules::SESSION_SCHOOL_EXCLUDE, at));
    }
    Ok(())
}

fn body<'a>(
    cx: &Context<'a>,
    calendar: &'a Calendar,
    code: &'a MappedCode,
    sources: &mut Sources,
) -> Result<Object<'a>, Unreported> {
    let school = cx.snapshot.school_of(calendar);
    let terms = terms_of_session(cx, school, calendar.end_year, code, sources);
    let (mut begin, mut end) = (NaiveDate::MAX, NaiveDate::MIN);
    for term in &terms {
        sources.read("Term.termID", term.term_id);
        let start = sources.read("Term.startDate", term.start_date);
        let (Some(start), Some(last)) = (start, sources.read("Term.endDate", term.end_date)) else {
            // core-sessions.txt, Error Log, row 1: "Term start or end dates are missing".
            return Err(Unreported::defect(
                "beginDate",
                format!("the start or end date of Term:{} is missing", term.term_id),
                "enter both dates on the term",
            ));
        };
        begin = begin.min(start);
        end = end.max(last);
    }
    let days = instructional_days(cx, &terms, sources);
    Ok(Object::new()
        .with("sessionName", code.session_name())
        .with("schoolReference", school_reference(school_id(school, sources)?))
        .with("schoolYearTypeReference", school_year_type_reference(calendar, sources))
        .with("beginDate", begin)
        .with("endDate", end)
        .with("termDescriptor", code.uri.as_str())
        .with("totalInstructionalDays", days))
}

/// The terms behind a session, each once, by id: those of its type, and those in which an overridden section of its
/// descriptor is placed (docs/readings.md: "terms and overridden placements of one descriptor are one session").
fn terms_of_session<'a>(
    cx: &Context<'a>,
    school: &School,
    end_year: i32,
    code: &MappedCode,
    sources: &mut Sources,
) -> Vec<&'a Term> {
    let snapshot = cx.snapshot;
    let school = snapshot.schools.get(school.school_id);
    let mut terms = Vec::new();
    for calendar in school.into_iter().flat_map(|school| snapshot.calendars_of(school)) {
        if calendar.end_year != end_year || calendar.exclude {
            continue;
        }
        terms.extend(snapshot.terms_of(calendar).filter(|term| {
            let local = sources.read("Term.termType", term.term_type.as_deref());
            let mapped = local.and_then(|local| cx.preferences.mapped(&TERM_TYPE, local));
            mapped.is_some_and(|mapped| mapped.session_name() == code.session_name())
        }));
        for course in snapshot.courses_of(calendar) {
            let of_course = course.term_descriptor_override.as_deref();
            let of_course = of_course.and_then(|local| cx.preferences.mapped(&TERM_DESCRIPTOR_OVERRIDE, local));
            for section in snapshot.sections_of(course) {
                let mapped = own_override(cx, section).or(of_course);
                if mapped.is_some_and(|mapped| mapped.session_name() == code.session_name()) {
                    terms.extend(snapshot.placed_terms(section));
                }
            }
        }
    }
    terms.sort_unstable_by_key(|term| term.term_id);
    terms.dedup_by_key(|term| term.term_id);
    terms
}

/// docs/readings.md, totalInstructionalDays: instructional days that fall inside the session's terms, each date once.
fn instructional_days(cx: &Context<'_>, terms: &[&Term], sources: &mut Sources) -> i64 {
    let mut dates: Vec<NaiveDate> = Vec::new();
    for term in terms {
        let (Some(start), Some(end)) = (term.start_date, term.end_date) else { continue };
        let structure = cx.snapshot.structure_of_term(term).structure_id;
        let days = cx.snapshot.days_of(structure).filter(|day| day.instruction && (start..=end).contains(&day.date));
        dates.extend(days.map(|day| day.date));
    }
    dates.sort_unstable();
    dates.dedup();
    for date in &dates {
        sources.read("Day.date", *date);
    }
    i64::try_from(dates.len()).unwrap_or(i64::MAX)
}
