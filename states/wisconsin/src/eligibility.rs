//! Which students report: the vendor's rule, as far as the document does not have it (docs/readings.md, WI
//! eligibility). `options.eligibility = "document"` leaves it out.
//!
//! The rest of the vendor's rule (excluded calendars and courses, no-shows …) holds for every state and is asked
//! before. Its "no School Override naming another school" and "WISE Exclude" have no column in the SIS tables.

use rollcall_core::context::Context;
use rollcall_core::sources::Sources;
use rollcall_core::tables::{Course, Enrollment, TableName};
use rollcall_core::verdict::{ObjectKey, Unreported};
use rollcall_core_edfi::student_school_associations::good_enrollment;
use rollcall_core_edfi::student_section_associations::Association;

use crate::preferences::{ELIGIBILITY, VENDOR};
use crate::rules;

/// The state grade levels 6 to 12.
const GRADES: std::ops::RangeInclusive<u8> = 6..=12;

/// Whether an association reports by the vendor's rule. What that reads is read by the document's too, so that the option,
/// like every preference, changes no source and waits for a resync.
pub fn check(cx: &Context<'_>, association: &Association<'_>, sources: &mut Sources) -> Result<(), Unreported> {
    if cx.preferences.option(&ELIGIBILITY) == VENDOR {
        return by_the_vendor(cx, association, sources);
    }
    // Whatever it answers.
    sources.unseen(|sources| by_the_vendor(cx, association, sources)).ok();
    Ok(())
}

fn by_the_vendor(cx: &Context<'_>, association: &Association<'_>, sources: &mut Sources) -> Result<(), Unreported> {
    let course = association.offering.course;
    let calendar = cx.snapshot.calendar_of_course(course);
    if sources.read("Calendar.summerSchool", calendar.summer_school) {
        return Err(Unreported::because(
            &rules::SUMMER_SCHOOL,
            ObjectKey::new(TableName::Calendar, calendar.calendar_id),
        ));
    }
    if !has_state_reported_final_task(cx, course, sources) {
        let at = ObjectKey::new(TableName::Course, course.course_id);
        return Err(Unreported::because(&rules::NO_STATE_REPORTED_FINAL_TASK, at));
    }
    // docs/readings.md, SSA eligible enrollment: one good one suffices, so each of the student's is asked, not only the
    // one that the shared rules found.
    let structure = cx.snapshot.structure_of_section(association.offering.section);
    let enrollments = cx.snapshot.enrollments_of(association.roster.person_id);
    let mut why = Unreported::rule(rules::STUDENT.no_enrollment);
    for enrollment in enrollments.filter(|enrollment| enrollment.structure_id == structure) {
        let good = good_enrollment(cx, enrollment, association.offering.school_year, &rules::STUDENT, sources);
        // One that is not good does not report by the document either: it is no reason of the vendor's.
        if good.is_err() {
            continue;
        }
        match enrolled(enrollment, sources) {
            Ok(()) => return Ok(()),
            Err(reason) => why = reason,
        }
    }
    Err(why)
}

fn has_state_reported_final_task(cx: &Context<'_>, course: &Course, sources: &mut Sources) -> bool {
    cx.snapshot.credits_of(course.course_id).any(|credit| {
        let task = cx.snapshot.grading_tasks.get(sources.read("GradingTaskCredit.taskID", credit.task_id));
        task.is_some_and(|task| {
            sources.read("GradingTask.final", task.is_final)
                && sources.read("GradingTask.stateReported", task.state_reported)
        })
    })
}

fn enrolled(enrollment: &Enrollment, sources: &mut Sources) -> Result<(), Unreported> {
    let at = ObjectKey::new(TableName::Enrollment, enrollment.enrollment_id);
    let service_type = sources.read("Enrollment.serviceType", enrollment.service_type.as_deref());
    if !matches!(service_type, Some("P" | "S")) {
        return Err(Unreported::because(&rules::SERVICE_TYPE, at));
    }
    let grade = sources.read("Enrollment.grade", enrollment.grade.as_deref());
    let in_grades = grade.and_then(|grade| grade.parse().ok()).is_some_and(|grade: u8| GRADES.contains(&grade));
    if in_grades { Ok(()) } else { Err(Unreported::because(&rules::GRADE_LEVEL, at)) }
}
