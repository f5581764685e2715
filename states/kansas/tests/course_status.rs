//! The course status of `KS Ed-Fi Suite v3.6.2: Student Section Associations` (element 6 and its appendix), row by row:
//! docs/coverage/kansas-student-section-associations.md names the row of each test.

mod common;

use common::{Case, assert_code, assert_element, case_of};
use rollcall_core::resource::Need;
use rollcall_kansas::descriptors::COURSE_STATUS;
use rollcall_kansas::student_section_associations::{SPEC, StudentSectionAssociations};

/// Ada (Person:1) is in ALG1-01 in the fall (`Roster:1`) and in BAND-07 all year (`Roster:2`), Ben (Person:2) in
/// ALG1-01 from 2 September (`Roster:3`). Fall is 2025-08-18 to 2025-12-19, spring 2026-01-05 to 2026-05-22.
fn case() -> Case {
    case_of(&StudentSectionAssociations)
}

fn status(case: &Case, object: &str) -> String {
    let uri = case.at(object, "/_ext/ks/courseStatusDescriptor");
    let uri = uri.as_str().unwrap();
    let code = uri.strip_prefix("uri://ksde.org/CourseStatusDescriptor#");
    code.unwrap_or_else(|| panic!("{uri} is of another namespace")).to_owned()
}

#[test]
fn element_6_course_status() {
    let columns = ["GradingScore.score", "ScoreListItem.passingScore", "Roster.endDate", "Term.endDate"];
    assert_element(&SPEC, "_ext.ks.courseStatusDescriptor", Need::M, false, &columns);
}

#[test]
fn element_6_final_grade_passing_reports_completed_pass() {
    let passed = case().with_score("1", "1", "1", "1", "A", "2025-12-19");
    assert_eq!(status(&passed, "Roster:1-1"), "Completed (Pass)");
    let ended = passed.set("Roster:1.endDate", "2025-10-31");
    assert_eq!(status(&ended, "Roster:1-1"), "Completed (Pass)", "the roster's end is asked only without a grade");
}

#[test]
fn element_6_final_grade_not_passing_reports_completed_fail() {
    let failed = case().with_score("1", "1", "1", "1", "F", "2025-12-19");
    assert_eq!(status(&failed, "Roster:1-1"), "Completed (Fail)");
    assert_eq!(status(&failed, "Roster:3-1"), "Enrolled", "another student's");
    assert_eq!(status(&failed, "Roster:2-1"), "Enrolled", "another section's");
}

#[test]
fn element_6_roster_end_null_reports_enrolled() {
    assert_eq!(status(&case(), "Roster:1-1"), "Enrolled");
}

#[test]
fn element_6_roster_end_not_before_the_latest_term_end_reports_enrolled() {
    for end in ["2025-12-19", "2025-12-20", "2026-05-22"] {
        assert_eq!(status(&case().set("Roster:1.endDate", end), "Roster:1-1"), "Enrolled", "{end}");
    }
}

#[test]
fn element_6_roster_end_before_the_latest_term_end_reports_exited() {
    for end in ["2025-08-18", "2025-12-18"] {
        let status = status(&case().set("Roster:1.endDate", end), "Roster:1-1");
        assert_eq!(status, "Exited before course completion", "{end}");
    }
}

#[test]
fn element_6_year_long_section_left_in_winter() {
    let left = case().set("Roster:2.endDate", "2025-12-19");
    assert_eq!(status(&left, "Roster:2-1"), "Exited before course completion");
    let stayed = case().set("Roster:2.endDate", "2026-05-22");
    assert_eq!(status(&stayed, "Roster:2-1"), "Enrolled");
    assert_eq!(status(&stayed, "Roster:2-2"), "Enrolled");
}

#[test]
fn element_6_several_final_grades_latest_date() {
    let corrected =
        case().with_score("1", "1", "1", "1", "A", "2025-12-20").with_score("2", "1", "1", "1", "F", "2025-12-19");
    assert_eq!(status(&corrected, "Roster:1-1"), "Completed (Pass)");
    let dated = case().with_score("1", "1", "1", "1", "A", "2025-12-19").with_score("2", "1", "1", "1", "F", "-");
    assert_eq!(status(&dated, "Roster:1-1"), "Completed (Pass)", "a date is later than none");
}

#[test]
fn element_6_several_final_grades_highest_id() {
    let same_day =
        case().with_score("2", "1", "1", "1", "F", "2025-12-19").with_score("1", "1", "1", "1", "A", "2025-12-19");
    assert_eq!(status(&same_day, "Roster:1-1"), "Completed (Fail)");
}

#[test]
fn element_6_grade_of_a_task_that_is_not_final() {
    let progress = case().with_score("1", "1", "2", "1", "F", "2025-10-17");
    assert_eq!(status(&progress, "Roster:1-1"), "Enrolled");
    let graded = progress.clone().with_score("2", "1", "1", "1", "A", "2025-09-30");
    assert_eq!(status(&graded, "Roster:1-1"), "Completed (Pass)", "nor does a later one hide the final grade");
    let credit = [("gradingTaskCreditID", "9"), ("courseID", "1"), ("calendarID", "1"), ("taskID", "2")];
    let list = [&credit[..], &[("scoreGroupID", "1")]].concat();
    let r#final = progress.set("GradingTask:2.final", "1").with("GradingTaskCredit", &list);
    assert_eq!(status(&r#final, "Roster:1-1"), "Completed (Fail)");
}

#[test]
fn element_6_grade_of_another_term() {
    let fall = case().with_score("1", "2", "1", "1", "F", "2025-12-19");
    assert_eq!(status(&fall, "Roster:2-1"), "Completed (Fail)");
    assert_eq!(status(&fall, "Roster:2-2"), "Enrolled");
}

#[test]
fn element_6_grade_without_a_term() {
    let year = case().with_score("1", "2", "1", "-", "A", "2026-05-22");
    assert_eq!(status(&year, "Roster:2-1"), "Completed (Pass)");
    assert_eq!(status(&year, "Roster:2-2"), "Completed (Pass)");
}

#[test]
fn element_6_grade_of_another_term_of_the_session() {
    let joined = case().map("term-type", "Spring", "uri://ksde.org/TermDescriptor#S1");
    let graded = joined.with_score("1", "2", "1", "2", "A", "2026-05-22");
    assert_eq!(status(&graded, "Roster:2-1"), "Completed (Pass)");
}

#[test]
fn element_6_score_not_posted() {
    assert_eq!(status(&case().with_score("1", "1", "1", "1", "-", "2025-12-19"), "Roster:1-1"), "Enrolled");
}

#[test]
fn element_6_score_missing_in_its_list() {
    let unknown = case().with_score("1", "1", "1", "1", "P+", "2025-12-19");
    let problem = unknown.defect("Roster:1-1");
    assert_eq!(problem.element, "_ext.ks.courseStatusDescriptor");
    assert!(problem.message.contains("\"P+\""), "{}", problem.message);
    let listed = unknown.with("ScoreListItem", &[("scoreGroupID", "1"), ("score", "P+"), ("passingScore", "1")]);
    assert_eq!(status(&listed, "Roster:1-1"), "Completed (Pass)");
}

#[test]
fn element_6_course_without_a_score_list() {
    let graded = case().with_score("1", "1", "1", "1", "A", "2025-12-19");
    for case in [graded.clone().set("GradingTaskCredit:1.scoreGroupID", "-"), graded.without("GradingTaskCredit:1")] {
        let problem = case.defect("Roster:1-1");
        assert!(problem.message.contains("Course:1") && problem.message.contains("\"A\""), "{}", problem.message);
    }
}

#[test]
fn element_6_task_that_stands_on_a_course_twice() {
    let graded = case().with_score("1", "1", "1", "1", "A", "2025-12-19");
    let again =
        [("gradingTaskCreditID", "3"), ("courseID", "1"), ("calendarID", "1"), ("taskID", "1"), ("credit", "0.5")];
    let listed = [&again[..], &[("scoreGroupID", "1")]].concat();
    let without = graded.set("GradingTaskCredit:1.scoreGroupID", "-");
    assert!(without.defect("Roster:1-1").message.contains("no score list"));
    assert_eq!(status(&without.with("GradingTaskCredit", &listed), "Roster:1-1"), "Completed (Pass)");
}

#[test]
fn element_6_score_list_is_the_courses() {
    let lists = case()
        .with("ScoreListItem", &[("scoreGroupID", "2"), ("score", "A"), ("passingScore", "0")])
        .set("GradingTaskCredit:2.scoreGroupID", "2")
        .with_score("1", "1", "1", "1", "A", "2025-12-19")
        .with_score("2", "2", "1", "1", "A", "2025-12-19");
    assert_eq!(status(&lists, "Roster:1-1"), "Completed (Pass)");
    assert_eq!(status(&lists, "Roster:2-1"), "Completed (Fail)");
}

// Appendix: courseStatusDescriptor

fn course_status(code: &str, case: &Case) {
    assert_code(&COURSE_STATUS, "uri://ksde.org/CourseStatusDescriptor", code, code);
    let reported = case.at("Roster:1-1", "/_ext/ks/courseStatusDescriptor");
    assert_eq!(reported, format!("uri://ksde.org/CourseStatusDescriptor#{code}"));
}

#[test]
fn course_status_completed_fail() {
    course_status("Completed (Fail)", &case().with_score("1", "1", "1", "1", "F", "2025-12-19"));
}

#[test]
fn course_status_completed_pass() {
    course_status("Completed (Pass)", &case().with_score("1", "1", "1", "1", "A", "2025-12-19"));
}

#[test]
fn course_status_enrolled() {
    course_status("Enrolled", &case());
}

#[test]
fn course_status_exited_before_course_completion() {
    course_status("Exited before course completion", &case().set("Roster:1.endDate", "2025-10-31"));
}

#[test]
fn course_status_has_no_other_codes() {
    assert_eq!(COURSE_STATUS.codes.len(), 4);
}
