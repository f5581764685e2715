//! `courseOfferings`: one record per course and session in which a section of the course is placed.
//!
//! The standard's own version refers to the district's own course; [`Offering`] is what every state's version, its
//! sections and its student section associations are built from.

use std::borrow::Cow;

use rollcall_core::context::Context;
use rollcall_core::preferences::MappedCode;
use rollcall_core::resource::{Element, Need, Resource, ResourceSpec};
use rollcall_core::sources::Sources;
use rollcall_core::tables::{Calendar, Course, School, Section, TableName, Term};
use rollcall_core::value::Object;
use rollcall_core::verdict::{ObjectKey, Unreported, Verdict};

use crate::education_organizations::{calendars_in_scope, local_education_agency_id, school_id, school_reference};
use crate::preferences::{LOCAL_COURSE_CODE_OPTION, Naming, SESSION_NAME_OPTION, TERM_DESCRIPTOR_OVERRIDE, TERM_TYPE};
use crate::rules::{self, ScheduleRules};
use crate::sessions::session_of_section;

/// The resource.
pub struct CourseOfferings;

/// The standard's own.
pub static SPEC: ResourceSpec = ResourceSpec {
    name: "courseOfferings",
    document: "Data Standard 4.0 (docs/readings.md)",
    summary: "An offering of a course by a school during a session.",
    elements: &[
        LOCAL_COURSE_CODE,
        Element {
            name: "courseReference",
            kind: "reference",
            need: Need::M,
            key: false,
            columns: &["Course.number", "District.number"],
            rule: "The district's own course.",
        },
        SCHOOL_REFERENCE,
        SESSION_REFERENCE,
        LOCAL_COURSE_TITLE,
    ],
    triggers: crate::triggers::STANDARD,
    exclusions: EXCLUSIONS,
    mappings: &[&TERM_TYPE, &TERM_DESCRIPTOR_OVERRIDE],
    options: &[&SESSION_NAME_OPTION, &LOCAL_COURSE_CODE_OPTION],
    gathers: &[],
    shared: false,
};

/// The rules by which a placed section does not report.
pub static EXCLUSIONS: &[&rollcall_core::verdict::Rule] = &[
    &rules::CALENDAR_EXCLUDE,
    &rules::SCHOOL_EXCLUDE,
    &rules::COURSE_INACTIVE,
    &rules::COURSE_STATE_EXCLUDE,
    &rules::NO_PLACEMENT,
    &rules::TERM_TYPE_NULL,
    &rules::TERM_UNMAPPED,
];

/// `localCourseCode`
pub const LOCAL_COURSE_CODE: Element = Element {
    name: "localCourseCode",
    kind: "string",
    need: Need::M,
    key: true,
    columns: &["Course.number"],
    rule: "Reports the Course Number value.",
};

/// `schoolReference`
pub const SCHOOL_REFERENCE: Element = Element {
    name: "schoolReference",
    kind: "reference",
    need: Need::M,
    key: true,
    columns: &["School.number", "School.edFiSchoolNumber"],
    rule: "Reports the fields that are part of the natural key of the school.",
};

/// `sessionReference`
pub const SESSION_REFERENCE: Element = Element {
    name: "sessionReference",
    kind: "reference",
    need: Need::M,
    key: true,
    columns: &["Term.termType", "Course.termDescriptorOverride", "Section.termDescriptorOverride", "Calendar.endYear"],
    rule: "The session of the section's placement; of the term descriptor override where one is mapped.",
};

/// `localCourseTitle`
pub const LOCAL_COURSE_TITLE: Element = Element {
    name: "localCourseTitle",
    kind: "string",
    need: Need::O,
    key: false,
    columns: &["Course.name"],
    rule: "Reports the Course Name.",
};

impl Resource for CourseOfferings {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    fn objects(&self, cx: &Context<'_>, visit: &mut dyn FnMut(ObjectKey)) {
        placements(cx, visit);
    }

    fn verdict<'a>(&self, cx: &Context<'a>, object: ObjectKey, sources: &mut Sources) -> Verdict<'a> {
        let body = Offering::of(cx, object, &rules::SCHEDULE, sources).and_then(|offering| {
            let district = local_education_agency_id(cx.snapshot.district_of(offering.school), sources)?;
            let course = Object::new()
                .with("courseCode", offering.course.number.as_ref())
                .with("educationOrganizationId", district);
            Ok(offering.body(course, sources))
        });
        body.into()
    }
}

/// The objects behind course offerings and sections: each section of the configured school years with each of its
/// terms (`sectionID-termID`), or alone when it is placed nowhere.
pub fn placements(cx: &Context<'_>, visit: &mut dyn FnMut(ObjectKey)) {
    for calendar in calendars_in_scope(cx) {
        for course in cx.snapshot.courses_of(calendar) {
            for section in cx.snapshot.sections_of(course) {
                in_each_term(cx, section, ObjectKey::new(TableName::Section, section.section_id), visit);
            }
        }
    }
}

/// A row about a section with each of the section's terms, or alone when the section is placed nowhere.
pub fn in_each_term(cx: &Context<'_>, section: &Section, row: ObjectKey, visit: &mut dyn FnMut(ObjectKey)) {
    let mut placed = false;
    for term in cx.snapshot.placed_terms(section) {
        visit(row.with_part(term.term_id));
        placed = true;
    }
    if !placed {
        visit(row);
    }
}

/// A section that may report as far as its course, calendar and school go.
#[derive(Clone, Copy)]
pub struct Scheduled<'a> {
    /// The section.
    pub section: &'a Section,
    /// Its course.
    pub course: &'a Course,
    /// The course's calendar.
    pub calendar: &'a Calendar,
    /// The calendar's school.
    pub school: &'a School,
}

impl<'a> Scheduled<'a> {
    /// A section, unless one of the rules keeps it from reporting.
    pub fn of(
        cx: &Context<'a>,
        section: &'a Section,
        rules: &ScheduleRules,
        sources: &mut Sources,
    ) -> Result<Self, Unreported> {
        let course = cx.snapshot.course_of(section);
        let calendar = cx.snapshot.calendar_of_course(course);
        let school = cx.snapshot.school_of(calendar);
        if !cx.in_scope(calendar.end_year) {
            return Err(Unreported::rule(&rules::GONE));
        }
        if sources.read("Calendar.exclude", calendar.exclude) {
            let at = ObjectKey::new(TableName::Calendar, calendar.calendar_id);
            return Err(Unreported::because(rules.calendar_exclude, at));
        }
        if sources.read("School.exclude", school.exclude) {
            return Err(Unreported::because(rules.school_exclude, ObjectKey::new(TableName::School, school.school_id)));
        }
        let at = ObjectKey::new(TableName::Course, course.course_id);
        if !sources.read("Course.active", course.active) {
            return Err(Unreported::because(rules.course_inactive, at));
        }
        if sources.read("Course.stateExclude", course.state_exclude) {
            return Err(Unreported::because(rules.course_state_exclude, at));
        }
        if let Some(rule) = rules.no_state_code
            && sources.read("Course.stateCode", course.state_code.as_deref()).is_none()
        {
            return Err(Unreported::because(rule, at));
        }
        Ok(Self { section, course, calendar, school })
    }
}

/// A section in one of its terms: what a course offering, a section and a student section association stand on.
#[derive(Clone)]
pub struct Offering<'a> {
    /// The section.
    pub section: &'a Section,
    /// Its course.
    pub course: &'a Course,
    /// The school's id at the ODS.
    pub school_id: i64,
    /// The school.
    pub school: &'a School,
    /// The end year of the school year.
    pub school_year: i32,
    /// The term.
    pub term: &'a Term,
    /// The session in which it reports.
    pub session: &'a MappedCode,
    /// The session's name at the ODS.
    pub session_name: Cow<'a, str>,
    /// The course's local code at the ODS.
    pub local_course_code: Cow<'a, str>,
}

impl<'a> Offering<'a> {
    /// The offering behind an object `Section:sectionID-termID`.
    pub fn of(
        cx: &Context<'a>,
        object: ObjectKey,
        rules: &ScheduleRules,
        sources: &mut Sources,
    ) -> Result<Self, Unreported> {
        let section =
            (object.table() == Some(TableName::Section)).then(|| cx.snapshot.sections.get(object.id())).flatten();
        let section = section.ok_or(Unreported::rule(&rules::GONE))?;
        let scheduled = Scheduled::of(cx, section, rules, sources)?;
        let Some(term) = object.part() else {
            return Err(Unreported::because(rules.no_placement, object));
        };
        let term = cx.snapshot.placed_terms(section).find(|placed| placed.term_id == term);
        Self::in_term(cx, scheduled, term.ok_or(Unreported::rule(&rules::GONE))?, rules.naming, sources)
    }

    /// The offering of a section in one of its terms.
    pub fn in_term(
        cx: &Context<'a>,
        scheduled: Scheduled<'a>,
        term: &'a Term,
        naming: &Naming,
        sources: &mut Sources,
    ) -> Result<Self, Unreported> {
        let Scheduled { section, course, calendar, school } = scheduled;
        sources.read("SectionPlacement.termID", term.term_id);
        let session = session_of_section(cx, course, section, term, sources)?;
        Ok(Self {
            section,
            course,
            school_id: school_id(school, sources)?,
            school,
            school_year: sources.read("Calendar.endYear", calendar.end_year),
            term,
            session,
            session_name: naming.session_name(cx, session, school, sources),
            local_course_code: naming.local_course_code(cx, course, school, sources),
        })
    }

    /// `courseOfferingReference`: the natural key of the course offering.
    pub fn reference(&self) -> Object<'a> {
        // With room for the identifier of a section.
        Object::with_capacity(5)
            .with("localCourseCode", self.local_course_code.clone())
            .with("schoolId", self.school_id)
            .with("schoolYear", self.school_year)
            .with("sessionName", self.session_name.clone())
    }

    /// The course offering's body as the standard has it, with a reference to the course.
    pub fn body(&self, course_reference: Object<'a>, sources: &mut Sources) -> Object<'a> {
        let session = Object::new()
            .with("schoolId", self.school_id)
            .with("schoolYear", self.school_year)
            .with("sessionName", self.session_name.clone());
        Object::new()
            .with("localCourseCode", self.local_course_code.clone())
            .with("courseReference", course_reference)
            .with("schoolReference", school_reference(self.school_id))
            .with("sessionReference", session)
            .with("localCourseTitle", sources.read("Course.name", self.course.name.as_ref()))
    }
}
