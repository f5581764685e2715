//! `studentSectionAssociations`: one record per roster and session in which the section is placed.
//!
//! Kansas' document has the rules that every state shares; they stand here, and a state's version adds its own
//! elements to [`Association::body`].

mod spec;

use chrono::NaiveDate;
use rollcall_core::context::Context;
use rollcall_core::resource::{Resource, ResourceSpec};
use rollcall_core::sources::Sources;
use rollcall_core::tables::{Calendar, Enrollment, GradingScore, Roster, TableName, Term};
use rollcall_core::value::Object;
use rollcall_core::verdict::{ObjectKey, Rule, Unreported, Verdict};

use crate::course_offerings::{Offering, Scheduled, in_each_term};
use crate::kept_back::{read_on, stand_in};
use crate::preferences::ELIGIBLE_ENROLLMENT;
use crate::rules::{self, ScheduleRules, StudentRules};
use crate::student_school_associations::good_enrollment;
use crate::students::student_unique_id;
use crate::{sections, sessions};

pub use spec::{BEGIN_DATE, END_DATE, HOMEROOM_INDICATOR, SECTION_REFERENCE, SPEC, STUDENT_REFERENCE};

/// The resource.
pub struct StudentSectionAssociations;

impl Resource for StudentSectionAssociations {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    fn objects(&self, cx: &Context<'_>, visit: &mut dyn FnMut(ObjectKey)) {
        objects(cx, visit);
    }

    fn verdict<'a>(&self, cx: &Context<'a>, object: ObjectKey, sources: &mut Sources) -> Verdict<'a> {
        Association::report(cx, object, &RULES, sources, |association, sources| Ok(association.body(cx, sources)))
    }
}

/// The rules of a state's document about an association.
pub struct AssociationRules {
    /// About the section.
    pub schedule: &'static ScheduleRules,
    /// About the student.
    pub student: &'static StudentRules,
    /// The roster's dates are outside the term.
    pub outside_term: &'static Rule,
}

/// The standard's own.
pub static RULES: AssociationRules = AssociationRules {
    schedule: &rules::SCHEDULE,
    student: &rules::STUDENT,
    outside_term: &rules::ROSTER_OUTSIDE_TERM,
};

/// The objects: each roster of the configured school years with each term of its section (`rosterID-termID`), or alone
/// when the section is placed nowhere.
pub fn objects(cx: &Context<'_>, visit: &mut dyn FnMut(ObjectKey)) {
    for roster in &cx.snapshot.rosters {
        let section = cx.snapshot.section_of(roster);
        let course = cx.snapshot.course_of(section);
        if !cx.in_scope(cx.snapshot.calendar_of_course(course).end_year) {
            continue;
        }
        in_each_term(cx, section, ObjectKey::new(TableName::Roster, roster.roster_id), visit);
    }
}

/// A student in a section in one session.
pub struct Association<'a> {
    /// The roster.
    pub roster: &'a Roster,
    /// The section in its session.
    pub offering: Offering<'a>,
    /// The terms of that session in which the section is placed, by id.
    pub terms: Vec<&'a Term>,
    /// The student's unique id.
    pub student_unique_id: &'a str,
    /// The enrollment by which the student is eligible.
    pub enrollment: &'a Enrollment,
    /// The later of term and roster start.
    pub begin_date: NaiveDate,
    /// The earlier of term and roster end.
    pub end_date: NaiveDate,
}

impl<'a> Association<'a> {
    /// The verdict about an object `Roster:rosterID-termID`; `body` makes a state's body of the association.
    pub fn report(
        cx: &Context<'a>,
        object: ObjectKey,
        rules: &AssociationRules,
        sources: &mut Sources,
        body: impl FnOnce(&Self, &mut Sources) -> Result<Object<'a>, Unreported>,
    ) -> Verdict<'a> {
        let asked = Asked::of(cx, object, rules, sources);
        let reported = asked.and_then(|(asked, kept_back)| {
            read_on(kept_back, sources, |sources| {
                let association = Self::of(cx, object, &asked, rules, sources)?;
                body(&association, sources)
            })
        });
        reported.into()
    }

    fn of(
        cx: &Context<'a>,
        object: ObjectKey,
        asked: &Asked<'a>,
        rules: &AssociationRules,
        sources: &mut Sources,
    ) -> Result<Self, Unreported> {
        let Asked { roster, scheduled, ref placed, term, student_unique_id, enrollment } = *asked;
        let section = scheduled.section;
        let offering = Offering::in_term(cx, scheduled, term, rules.schedule.naming, sources);
        if offering.is_err() && dates(roster, &[term], &mut Sources::ignored()).is_ok_and(|(begin, end)| begin > end) {
            return Err(Unreported::because(rules.outside_term, object));
        }
        let offering = offering?;
        // Which of the placed terms are one session hangs on a mapping.
        for term in placed {
            sources.follow("Term.startDate", term.start_date);
            sources.follow("Term.endDate", term.end_date);
        }
        // docs/readings.md, SSA Term Start/End Date: the terms of that session in which the section is placed.
        let terms: Vec<&Term> = placed
            .iter()
            .copied()
            .filter(|placed| {
                sessions::session_of_section(cx, offering.course, section, placed, sources)
                    .is_ok_and(|session| session.session_name() == offering.session.session_name())
            })
            .collect();
        let (begin_date, end_date) = dates(roster, &terms, sources)?;
        if begin_date > end_date {
            return Err(Unreported::because(rules.outside_term, object));
        }
        sources.read("Roster.rosterID", roster.roster_id);
        Ok(Self { roster, offering, terms, student_unique_id, enrollment, begin_date, end_date })
    }

    /// The body as the standard has it.
    pub fn body(&self, cx: &Context<'a>, sources: &mut Sources) -> Object<'a> {
        let section = self.offering.section;
        let of_section = sources.read("Section.homeroomSection", section.homeroom_section);
        let of_course = sources.read("Course.homeroom", self.offering.course.homeroom);
        self.body_without_homeroom(cx, sources).with("homeroomIndicator", of_section || of_course)
    }

    /// The body of a state that does not take the homeroom indicator.
    pub fn body_without_homeroom(&self, cx: &Context<'a>, sources: &mut Sources) -> Object<'a> {
        // With room for the homeroom indicator and a state's extension.
        Object::with_capacity(6)
            .with("beginDate", self.begin_date)
            .with("sectionReference", sections::reference(cx, &self.offering, sources))
            .with("studentReference", Object::new().with("studentUniqueId", self.student_unique_id))
            .with("endDate", self.end_date)
    }

    /// docs/readings.md, SSA final grade: a posted score of a final task in one of the record's terms, or without a
    /// term; of several the latest date, then the highest id.
    pub fn final_grade(&self, cx: &Context<'a>, sources: &mut Sources) -> Option<GradingScore> {
        let mut posted: Option<(_, GradingScore)> = None;
        for score in cx.snapshot.scores_of(self.roster.person_id, self.roster.section_id) {
            let is_final = sources.read("GradingTask.final", cx.snapshot.task_of(&score).is_final);
            let term = sources.read("GradingScore.termID", score.term_id);
            let in_terms = term.is_none_or(|id| self.terms.iter().any(|term| term.term_id == id));
            let given = sources.read("GradingScore.score", score.score.as_deref()).is_some();
            let rank = (sources.read("GradingScore.date", score.date), score.score_id);
            if is_final && in_terms && given && posted.as_ref().is_none_or(|(best, _)| rank > *best) {
                posted = Some((rank, score));
            }
        }
        posted.map(|(_, score)| score)
    }
}

/// The later of term and roster start, the earlier of term and roster end. A null roster start means the term's start,
/// a null end the term's end.
fn dates(roster: &Roster, terms: &[&Term], sources: &mut Sources) -> Result<(NaiveDate, NaiveDate), Unreported> {
    let (mut start, mut end) = (NaiveDate::MAX, NaiveDate::MIN);
    for term in terms {
        let first = sources.show("Term.startDate", term.start_date);
        let (Some(first), Some(last)) = (first, sources.show("Term.endDate", term.end_date)) else {
            return Err(Unreported::defect(
                "beginDate",
                format!("the start or end date of Term:{} is missing", term.term_id),
                "enter both dates on the term",
            ));
        };
        start = start.min(first);
        end = end.max(last);
    }
    let begin = sources.read("Roster.startDate", roster.start_date).map_or(start, |own| own.max(start));
    let end = sources.read("Roster.endDate", roster.end_date).map_or(end, |own| own.min(end));
    Ok((begin, end))
}

/// What is asked of a roster in a term before its session matters.
struct Asked<'a> {
    roster: &'a Roster,
    scheduled: Scheduled<'a>,
    /// The terms in which the section is placed.
    placed: Vec<&'a Term>,
    term: &'a Term,
    student_unique_id: &'a str,
    enrollment: &'a Enrollment,
}

impl<'a> Asked<'a> {
    /// The answers, and why an option keeps the association back, if one does.
    fn of(
        cx: &Context<'a>,
        object: ObjectKey,
        rules: &AssociationRules,
        sources: &mut Sources,
    ) -> Result<(Self, Option<Unreported>), Unreported> {
        let roster =
            (object.table() == Some(TableName::Roster)).then(|| cx.snapshot.rosters.get(object.id())).flatten();
        let roster = roster.ok_or(Unreported::rule(&rules::GONE))?;
        let section = cx.snapshot.section_of(roster);
        let scheduled = Scheduled::of(cx, section, rules.schedule, sources)?;
        let Some(term) = object.part() else {
            let at = ObjectKey::new(TableName::Section, section.section_id);
            return Err(Unreported::because(rules.schedule.no_placement, at));
        };
        let placed: Vec<&Term> = cx.snapshot.placed_terms(section).collect();
        let term =
            placed.iter().copied().find(|placed| placed.term_id == term).ok_or(Unreported::rule(&rules::GONE))?;
        // What the SIS decides goes first: what only a mapping keeps from reporting waits for a resync.
        let student = student_unique_id(cx, cx.snapshot.student_of(roster), rules.student, sources);
        let (student_unique_id, without_id) = stand_in(student, "")?;
        let (enrollment, elsewhere) = enrollment_of(cx, roster, &scheduled, rules.student, sources)?;
        let asked = Self { roster, scheduled, placed, term, student_unique_id, enrollment };
        Ok((asked, without_id.or(elsewhere)))
    }
}

/// docs/readings.md, SSA eligible enrollment: a good enrollment in the schedule structure of the section, or as the option
/// says in its calendar or school; one suffices. Where there is one in the school alone, that one stands for it, with the
/// reason why nothing reports: all of the school are read, so the source does not hang on the option.
fn enrollment_of<'a>(
    cx: &Context<'a>,
    roster: &Roster,
    scheduled: &Scheduled<'a>,
    rules: &StudentRules,
    sources: &mut Sources,
) -> Result<(&'a Enrollment, Option<Unreported>), Unreported> {
    let Scheduled { section, calendar, .. } = scheduled;
    let at = ObjectKey::new(TableName::Section, section.section_id);
    let structure = cx.snapshot.structure_of_section(section);
    let in_place = |enrollment: &Enrollment| match cx.preferences.option(&ELIGIBLE_ENROLLMENT) {
        "school" => true,
        "calendar" => enrollment.calendar_id == calendar.calendar_id,
        _ => enrollment.structure_id == structure,
    };
    let mut why = Unreported::because(rules.no_enrollment, at);
    let (mut eligible, mut elsewhere) = (None, None);
    for enrollment in cx.snapshot.enrollments_of(roster.person_id) {
        let of_calendar = cx.snapshot.calendars.get(enrollment.calendar_id);
        let in_school = |c: &Calendar| c.school_id == calendar.school_id && c.end_year == calendar.end_year;
        if !of_calendar.is_some_and(in_school) {
            continue;
        }
        sources.read("Enrollment.enrollmentID", enrollment.enrollment_id);
        sources.follow("Enrollment.calendarID", enrollment.calendar_id);
        sources.follow("Enrollment.structureID", enrollment.structure_id);
        match good_enrollment(cx, enrollment, calendar.end_year, rules, sources) {
            Ok(()) if in_place(enrollment) => eligible = eligible.or(Some(enrollment)),
            Ok(()) => elsewhere = elsewhere.or(Some(enrollment)),
            Err(reason) if in_place(enrollment) => why = reason,
            Err(_) => {}
        }
    }
    match (eligible, elsewhere) {
        (Some(enrollment), _) => Ok((enrollment, None)),
        (None, Some(enrollment)) => Ok((enrollment, Some(Unreported::because(rules.enrollment_elsewhere, at)))),
        (None, None) => Err(why),
    }
}
