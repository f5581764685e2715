//! The vendor's eligibility rules (docs/readings.md, WI eligibility), each by its name, and the two that the document's
//! own eligibility leaves out or keeps.

mod common;

use common::{Case, case_of};
use rollcall_wisconsin::preferences::ELIGIBILITY;
use rollcall_wisconsin::student_section_associations::StudentSectionAssociations;

fn case() -> Case {
    case_of(&StudentSectionAssociations)
}

/// Excluded by the vendor's rule, reported by the document's.
#[track_caller]
fn assert_vendor_only(case: &Case, excluded: &str) {
    assert_eq!(case.excluded("Roster:1-1"), excluded);
    assert_eq!(case.clone().option(&ELIGIBILITY, "vendor").excluded("Roster:1-1"), excluded);
    let document = case.clone().option(&ELIGIBILITY, "document");
    assert_eq!(document.reporting(), ["Roster:1-1"]);
    assert_eq!(document.source("Roster:1-1"), case.source("Roster:1-1"), "the option waits for a resync");
}

/// Excluded by a rule that always holds.
#[track_caller]
fn assert_always(case: &Case, excluded: &str) {
    assert_eq!(case.excluded("Roster:1-1"), excluded);
    assert_eq!(case.clone().option(&ELIGIBILITY, "document").excluded("Roster:1-1"), excluded);
}

#[test]
fn grade_levels_06_to_12_report() {
    for grade in ["05", "KG", "13", "-"] {
        assert_vendor_only(&case().set("Enrollment:1.grade", grade), "grade-level Enrollment:1");
    }
    for grade in ["06", "6", "07", "12"] {
        assert_eq!(case().set("Enrollment:1.grade", grade).reporting(), ["Roster:1-1"]);
    }
}

#[test]
fn courses_with_a_state_reported_final_task_report() {
    let excluded = "no-state-reported-final-task Course:1";
    assert_vendor_only(&case().set("GradingTask:1.stateReported", "0"), excluded);
    assert_vendor_only(&case().without("GradingTaskCredit:1"), excluded);
    // The progress task is state-reported, and not final.
    assert_vendor_only(&case().set("GradingTaskCredit:1.taskID", "2"), excluded);
}

#[test]
fn service_types_p_and_s_report() {
    assert_vendor_only(&case().set("Enrollment:1.serviceType", "N"), "service-type Enrollment:1");
    assert_vendor_only(&case().set("Enrollment:1.serviceType", "-"), "service-type Enrollment:1");
    assert_eq!(case().set("Enrollment:1.serviceType", "S").reporting(), ["Roster:1-1"]);
}

/// docs/readings.md, SSA eligible enrollment: one good one suffices, whichever of them it is.
#[test]
fn one_eligible_enrollment_suffices() {
    let services = case().set("Enrollment:1.serviceType", "N").set("Enrollment:1.endDate", "2025-09-30");
    let cells = [("enrollmentID", "3"), ("personID", "1"), ("calendarID", "1"), ("structureID", "1"), ("grade", "09")];
    let flags = [("startDate", "2025-10-01"), ("serviceType", "P"), ("noShow", "0"), ("stateExclude", "0")];
    let primary = services.with("Enrollment", &[&cells[..], &flags].concat());
    assert_eq!(primary.reporting(), ["Roster:1-1"]);
    assert_eq!(
        primary.set("Enrollment:3.stateExclude", "1").excluded("Roster:1-1"),
        "service-type Enrollment:1",
        "the other one is good by the document"
    );
}

/// What the record leaves out is nobody's concern while there is none; and `explain` shows what decided, and no more.
#[test]
fn what_an_option_keeps_back_is_read_to_the_end_and_shows_none_of_it() {
    let services = case().set("Enrollment:1.serviceType", "N").with_roster_program("1", "1", "Chess", "No such type");
    let document = services.clone().option(&ELIGIBILITY, "document");
    assert_eq!(document.source("Roster:1-1"), services.source("Roster:1-1"));
    assert_eq!(document.omissions("Roster:1-1").len(), 1);
    assert_eq!(services.omissions("Roster:1-1"), [""; 0]);
    assert_eq!(services.last_read("Roster:1-1"), "Enrollment.serviceType");
}

#[test]
fn no_show_enrollments_do_not_report() {
    assert_always(&case().set("Enrollment:1.noShow", "1"), "enrollment-no-show Enrollment:1");
}

#[test]
fn state_excluded_enrollments_do_not_report() {
    assert_always(&case().set("Enrollment:1.stateExclude", "1"), "enrollment-state-exclude Enrollment:1");
}

#[test]
fn excluded_calendars_do_not_report() {
    assert_always(&case().set("Calendar:1.exclude", "1"), "calendar-exclude Calendar:1");
}

#[test]
fn summer_school_does_not_report() {
    assert_vendor_only(&case().set("Calendar:1.summerSchool", "1"), "summer-school Calendar:1");
}

#[test]
fn excluded_schools_do_not_report() {
    assert_always(&case().set("School:1.exclude", "1"), "school-exclude School:1");
}

#[test]
fn inactive_courses_do_not_report() {
    assert_always(&case().set("Course:1.active", "0"), "course-inactive Course:1");
}

#[test]
fn state_excluded_courses_do_not_report() {
    assert_always(&case().set("Course:1.stateExclude", "1"), "course-state-exclude Course:1");
}

#[test]
fn courses_without_a_state_code_do_not_report() {
    assert_always(&case().set("Course:1.stateCode", "-"), "no-state-code Course:1");
}
