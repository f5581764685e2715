//! `sessions`, after Core Sessions: one record per term descriptor of a school and year.
//!
//! Several SIS objects stand behind one record: every term whose type is mapped to the descriptor, and every course
//! and section with a term descriptor override that is mapped to it and a placement. Each of them gives the whole
//! record: the earliest begin, the latest end and the distinct instructional days of all of them.

mod spec;

use chrono::NaiveDate;
use rollcall_core::context::Context;
use rollcall_core::preferences::MappedCode;
use rollcall_core::resource::{Resource, ResourceSpec};
use rollcall_core::sources::Sources;
use rollcall_core::tables::{Calendar, Course, School, Section, TableName, Term};
use rollcall_core::value::Object;
use rollcall_core::verdict::{ObjectKey, Unreported, Verdict};

use crate::education_organizations::{calendars_in_scope, school_id, school_reference, school_year_type_reference};
use crate::preferences::{NAMING, Naming, TERM_DESCRIPTOR_OVERRIDE, TERM_TYPE};
use crate::rules;

pub use spec::SPEC;

/// The resource.
pub struct Sessions;

impl Resource for Sessions {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    fn objects(&self, cx: &Context<'_>, visit: &mut dyn FnMut(ObjectKey)) {
        objects(cx, visit);
    }

    fn verdict<'a>(&self, cx: &Context<'a>, object: ObjectKey, sources: &mut Sources) -> Verdict<'a> {
        session(cx, object, &NAMING, sources).into()
    }
}

/// The objects behind sessions: the terms, overridden courses and overridden sections of the configured school years.
pub fn objects(cx: &Context<'_>, visit: &mut dyn FnMut(ObjectKey)) {
    for calendar in calendars_in_scope(cx) {
        cx.snapshot.terms_of(calendar).for_each(|term| visit(ObjectKey::new(TableName::Term, term.term_id)));
        for course in cx.snapshot.courses_of(calendar) {
            if course.term_descriptor_override.is_some() {
                visit(ObjectKey::new(TableName::Course, course.course_id));
            }
            let overridden = cx.snapshot.sections_of(course).filter(|s| s.term_descriptor_override.is_some());
            overridden.for_each(|s| visit(ObjectKey::pair(TableName::Course, course.course_id, s.section_id)));
        }
    }
}

/// The session behind an object, named as a state has it.
pub fn session<'a>(
    cx: &Context<'a>,
    object: ObjectKey,
    naming: &Naming,
    sources: &mut Sources,
) -> Result<Object<'a>, Unreported> {
    let (calendar, code) = match (object.table(), object.part()) {
        (Some(TableName::Term), None) => term(cx, object.id(), sources),
        (Some(TableName::Course), None) => course_override(cx, object.id(), sources),
        (Some(TableName::Course), Some(section)) => section_override(cx, object.id(), section, sources),
        _ => Err(Unreported::rule(&rules::GONE)),
    }?;
    body(cx, calendar, code, naming, sources)
}

/// The session in which a term reports by its type.
pub fn session_of_term<'a>(
    cx: &Context<'a>,
    term: &'a Term,
    sources: &mut Sources,
) -> Result<&'a MappedCode, Unreported> {
    sources.read("Term.termType", term.term_type.as_deref());
    session_by_type(cx, term)
}

fn session_by_type<'a>(cx: &Context<'a>, term: &'a Term) -> Result<&'a MappedCode, Unreported> {
    let at = ObjectKey::new(TableName::Term, term.term_id);
    let local = term.term_type.as_deref().ok_or(Unreported::because(&rules::TERM_TYPE_NULL, at))?;
    cx.preferences.mapped(&TERM_TYPE, local).ok_or(Unreported::because(&rules::TERM_UNMAPPED, at))
}

/// The session in which a section reports in one of its terms: the section's mapped override, else the course's, else
/// the term's type. An override without a mapping counts as no override (Course Offerings (Kansas),
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
    // Followed whether or not an override is mapped: otherwise a changed mapping would look like a changed SIS.
    sources.follow("Term.termType", term.term_type.as_deref());
    let mapped = |local: &str| cx.preferences.mapped(&TERM_DESCRIPTOR_OVERRIDE, local);
    if let Some(code) = of_section.and_then(mapped).or_else(|| of_course.and_then(mapped)) {
        return Ok(code);
    }
    sources.show("Term.termType", term.term_type.as_deref());
    session_by_type(cx, term)
}

type Found<'a> = Result<(&'a Calendar, &'a MappedCode), Unreported>;

// The objects of one session have one source, which `body` reads. So what an object is found by only decides here:
// otherwise a mapping that brings in one more object would show in the source, and trigger.

fn term<'a>(cx: &Context<'a>, id: i64, sources: &mut Sources) -> Found<'a> {
    let term = cx.snapshot.terms.get(id).ok_or(Unreported::rule(&rules::GONE))?;
    let calendar = cx.snapshot.calendar_of_term(term);
    eligible(cx, calendar, sources)?;
    sources.decide("Term.termType", term.term_type.as_deref());
    Ok((calendar, session_by_type(cx, term)?))
}

fn course_override<'a>(cx: &Context<'a>, id: i64, sources: &mut Sources) -> Found<'a> {
    let course = cx.snapshot.courses.get(id).ok_or(Unreported::rule(&rules::GONE))?;
    let calendar = cx.snapshot.calendar_of_course(course);
    eligible(cx, calendar, sources)?;
    let local = sources.decide("Course.termDescriptorOverride", course.term_descriptor_override.as_deref());
    let sections = cx.snapshot.sections_of(course).filter(|section| own_override(cx, section).is_none());
    overriding(cx, local, sections, ObjectKey::new(TableName::Course, id)).map(|code| (calendar, code))
}

fn section_override<'a>(cx: &Context<'a>, course: i64, id: i64, sources: &mut Sources) -> Found<'a> {
    let section = cx.snapshot.sections.get(id).filter(|section| section.course_id == course);
    let section = section.ok_or(Unreported::rule(&rules::GONE))?;
    let calendar = cx.snapshot.calendar_of_course(cx.snapshot.course_of(section));
    eligible(cx, calendar, sources)?;
    let local = sources.decide("Section.termDescriptorOverride", section.term_descriptor_override.as_deref());
    let at = ObjectKey::new(TableName::Section, id);
    overriding(cx, local, std::iter::once(section), at).map(|code| (calendar, code))
}

/// What an override is mapped to, when one of the sections that it is about is placed in a term (docs/readings.md, SE
/// Post row 2: "a course or section with a mapped override and a placement makes a session, whatever else the course
/// is").
fn overriding<'a>(
    cx: &Context<'a>,
    local: Option<&str>,
    mut sections: impl Iterator<Item = &'a Section>,
    at: ObjectKey,
) -> Result<&'a MappedCode, Unreported> {
    let code = local.and_then(|local| cx.preferences.mapped(&TERM_DESCRIPTOR_OVERRIDE, local));
    let code = code.ok_or(Unreported::because(&rules::OVERRIDE_UNMAPPED, at))?;
    if sections.any(|section| cx.snapshot.placements_of(section).next().is_some()) {
        Ok(code)
    } else {
        Err(Unreported::because(&rules::OVERRIDE_UNPLACED, at))
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
        let at = ObjectKey::new(TableName::Calendar, calendar.calendar_id);
        return Err(Unreported::because(&rules::SESSION_CALENDAR_EXCLUDE, at));
    }
    if sources.read("School.exclude", cx.snapshot.school_of(calendar).exclude) {
        let at = ObjectKey::new(TableName::School, calendar.school_id);
        return Err(Unreported::because(&rules::SESSION_SCHOOL_EXCLUDE, at));
    }
    Ok(())
}

fn body<'a>(
    cx: &Context<'a>,
    calendar: &'a Calendar,
    code: &'a MappedCode,
    naming: &Naming,
    sources: &mut Sources,
) -> Result<Object<'a>, Unreported> {
    let school = cx.snapshot.school_of(calendar);
    let terms = terms_of_session(cx, school, calendar.end_year, code, sources);
    let (mut begin, mut end) = (NaiveDate::MAX, NaiveDate::MIN);
    for term in &terms {
        let missing = |element| {
            // Core Sessions, Error Log, row 1: "Term start or end dates are missing".
            Unreported::defect(
                element,
                format!("the start or end date of Term:{} is missing", term.term_id),
                "enter both dates on the term",
            )
        };
        sources.show("Term.termID", term.term_id);
        sources.show("Term.startDate", term.start_date);
        sources.show("Term.endDate", term.end_date);
        begin = begin.min(term.start_date.ok_or_else(|| missing("beginDate"))?);
        end = end.max(term.end_date.ok_or_else(|| missing("endDate"))?);
    }
    Ok(Object::new()
        .with("sessionName", naming.session_name(cx, code, school, sources))
        .with("schoolReference", school_reference(school_id(school, sources)?))
        .with("schoolYearTypeReference", school_year_type_reference(calendar, sources))
        .with("beginDate", begin)
        .with("endDate", end)
        .with("termDescriptor", code.uri.as_str())
        .with("totalInstructionalDays", instructional_days(cx, &terms)))
}

/// The terms behind a session, each once, by id: those of its type, and those in which an overridden section of its
/// descriptor is placed (docs/readings.md: "terms and overridden placements of one descriptor are one session").
///
/// Reads the terms, days and overrides of the whole school year, whatever their mapping: a changed mapping does not
/// change the source.
fn terms_of_session<'a>(
    cx: &Context<'a>,
    school: &'a School,
    end_year: i32,
    code: &MappedCode,
    sources: &mut Sources,
) -> Vec<&'a Term> {
    let snapshot = cx.snapshot;
    let of_session = |mapped: &MappedCode| mapped.session_name() == code.session_name();
    let mut terms = Vec::new();
    for calendar in snapshot.calendars_of(school).filter(|calendar| calendar.end_year == end_year) {
        if sources.follow("Calendar.exclude", calendar.exclude) {
            continue;
        }
        for term in snapshot.terms_of(calendar) {
            sources.follow("Term.termID", term.term_id);
            // The days that count are those of the term's structure.
            sources.follow("TermSchedule.structureID", snapshot.structure_of_term(term).structure_id);
            sources.follow("Term.startDate", term.start_date);
            sources.follow("Term.endDate", term.end_date);
            if session_of_term(cx, term, sources).is_ok_and(of_session) {
                terms.push(term);
            }
        }
        for structure in snapshot.structures_of(calendar) {
            sources.follow("ScheduleStructure.structureID", structure.structure_id);
            for day in snapshot.days_of(structure.structure_id).filter(|day| day.instruction) {
                sources.follow("Day.date", day.date);
            }
        }
        terms.extend(overridden_terms(cx, calendar, of_session, sources));
    }
    terms.sort_unstable_by_key(|term| term.term_id);
    terms.dedup_by_key(|term| term.term_id);
    terms
}

/// The terms of a calendar in which a section is placed whose override, or else its course's, is of the session.
fn overridden_terms<'a>(
    cx: &Context<'a>,
    calendar: &'a Calendar,
    of_session: impl Fn(&MappedCode) -> bool,
    sources: &mut Sources,
) -> Vec<&'a Term> {
    let mut terms = Vec::new();
    for course in cx.snapshot.courses_of(calendar) {
        let of_course = course.term_descriptor_override.as_deref();
        for section in cx.snapshot.sections_of(course) {
            let of_section = section.term_descriptor_override.as_deref();
            if of_section.or(of_course).is_none() {
                continue;
            }
            sources.follow("Section.termDescriptorOverride", of_section);
            sources.follow("Course.termDescriptorOverride", of_course);
            let mapped = |local| cx.preferences.mapped(&TERM_DESCRIPTOR_OVERRIDE, local);
            let mapped = of_section.and_then(mapped).or_else(|| of_course.and_then(mapped));
            let mine = mapped.is_some_and(&of_session);
            for term in cx.snapshot.placed_terms(section) {
                sources.follow("SectionPlacement.termID", term.term_id);
                if mine {
                    terms.push(term);
                }
            }
        }
    }
    terms
}

/// docs/readings.md, totalInstructionalDays: instructional days that fall inside the session's terms, each date once.
fn instructional_days(cx: &Context<'_>, terms: &[&Term]) -> i64 {
    let mut dates: Vec<NaiveDate> = Vec::new();
    for term in terms {
        let (Some(start), Some(end)) = (term.start_date, term.end_date) else { continue };
        let structure = cx.snapshot.structure_of_term(term).structure_id;
        let days = cx.snapshot.days_of(structure).filter(|day| day.instruction && (start..=end).contains(&day.date));
        dates.extend(days.map(|day| day.date));
    }
    dates.sort_unstable();
    dates.dedup();
    i64::try_from(dates.len()).unwrap_or(i64::MAX)
}
