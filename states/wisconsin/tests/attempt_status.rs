//! `WI DPI WISEdata Ed-Fi Docs: /studentSectionAssociation`, use cases 6.0 to 6.7: the attempt status.

mod common;

use common::{Case, case_of};
use rollcall_wisconsin::preferences::{ATTEMPT_STATUS_DEFAULT, WITHDRAWN_WITHOUT_GRADE};
use rollcall_wisconsin::student_section_associations::StudentSectionAssociations;

/// Ada in ALG1-01 from 2025-08-18 to 2025-12-19 (`Roster:1`), with a final grade (`GradingScore:1`).
fn graded() -> Case {
    case_of(&StudentSectionAssociations)
}

fn not_graded() -> Case {
    graded().without("GradingScore:1")
}

/// Ada left ALG1-01 on 19 September and came back on 10 October (`Roster:4`).
fn came_back(case: Case) -> Case {
    case.set("Roster:1.endDate", "2025-09-19").with_roster("4", "1", "1", "2025-10-10", "-")
}

fn status(case: &Case, object: &str) -> String {
    let uri = case.at(object, "/attemptStatusDescriptor");
    let code = uri.as_str().and_then(|uri| uri.strip_prefix("uri://dpi.wi.gov/AttemptStatusDescriptor#"));
    code.unwrap_or_else(|| panic!("{uri}")).to_owned()
}

/// "DPI suggests that the Attempt Status be entered by the LEA, and requests limits on vendor imposed defaults".
#[track_caller]
fn assert_left_to_the_district(case: &Case, object: &str) {
    let problem = case.defect(object);
    assert_eq!(problem.element, "attemptStatusDescriptor");
    for code in ["S", "I"] {
        assert_eq!(status(&case.clone().option(&ATTEMPT_STATUS_DEFAULT, code), object), code);
        assert_eq!(status(&case.clone().set("Roster:1.attemptStatus", code), object), code);
    }
}

#[test]
fn use_case_6_0_in_the_section_until_end_of_the_term_and_received_a_grade() {
    assert_eq!(status(&graded(), "Roster:1-1"), "S");
    assert_eq!(status(&graded().set("Roster:1.endDate", "2025-12-19"), "Roster:1-1"), "S");
}

/// The district's own status stands before every derived one.
#[test]
fn use_case_6_0_the_attempt_status_is_entered_by_the_lea() {
    assert_eq!(status(&graded().set("Roster:1.attemptStatus", "I"), "Roster:1-1"), "I");
    assert_eq!(status(&came_back(graded()).set("Roster:1.attemptStatus", "S"), "Roster:1-1"), "S");
    let unknown = graded().set("Roster:1.attemptStatus", "X").defect("Roster:1-1");
    assert_eq!(unknown.message, "the attempt status \"X\" of Roster:1 is not known");
}

/// Of a section in two sessions, each record has the status of its own session.
// extra: a boundary of 6.0
#[test]
fn use_case_6_0_a_grade_counts_in_its_own_session() {
    let case = graded().with_score("2", "2", "1", "1", "A", "2025-12-18");
    assert_eq!(status(&case, "Roster:2-1"), "S");
    assert_eq!(case.defect("Roster:2-2").element, "attemptStatusDescriptor");
    let progress = not_graded().with(
        "GradingScore",
        &[
            ("scoreID", "5"),
            ("personID", "1"),
            ("calendarID", "1"),
            ("sectionID", "1"),
            ("taskID", "2"),
            ("score", "A"),
        ],
    );
    assert_eq!(progress.defect("Roster:1-1").element, "attemptStatusDescriptor");
}

/// "Generally, the SIS should not send …": docs/readings.md sends by default; a district may keep to the sentence.
#[test]
fn use_case_6_0_courses_without_a_grade_should_generally_not_be_sent() {
    let left = not_graded().set("Roster:1.endDate", "2025-10-31");
    let kept = left.clone().option(&WITHDRAWN_WITHOUT_GRADE, "exclude");
    assert_eq!(status(&left, "Roster:1-1"), "I");
    assert_eq!(kept.excluded("Roster:1-1"), "withdrawn-without-grade Roster:1");
    assert_eq!(kept.source("Roster:1-1"), left.source("Roster:1-1"), "the option waits for a resync");
    // "this should be an exception": a status that the district entered is one.
    assert_eq!(status(&kept.set("Roster:1.attemptStatus", "I"), "Roster:1-1"), "I");
    let both = came_back(not_graded()).option(&WITHDRAWN_WITHOUT_GRADE, "exclude");
    assert_eq!((status(&both, "Roster:1-1"), status(&both, "Roster:4-1")), ("I".to_owned(), "I".to_owned()));
}

#[test]
fn use_case_6_1_no_grade_but_a_grade_could_have_been_earned() {
    assert_left_to_the_district(&not_graded(), "Roster:1-1");
}

#[test]
fn use_case_6_2_no_grade_since_no_grade_may_be_earned() {
    // A course whose only task gives no final grade; the vendor's eligibility leaves it out.
    let ungraded = not_graded().set("GradingTask:1.final", "0");
    assert_eq!(ungraded.excluded("Roster:1-1"), "no-state-reported-final-task Course:1");
    let document = ungraded.option(&rollcall_wisconsin::preferences::ELIGIBILITY, "document");
    assert_left_to_the_district(&document, "Roster:1-1");
}

/// "LEA can choose to send the Attempt Status as either 'Sufficient' … or 'Insufficient'".
#[test]
fn use_case_6_3_no_grade_because_it_is_an_audited_course() {
    assert_left_to_the_district(&not_graded(), "Roster:1-1");
}

#[test]
fn use_case_6_4_withdrew_but_received_a_grade() {
    assert_eq!(status(&graded().set("Roster:1.endDate", "2025-10-31"), "Roster:1-1"), "S");
}

#[test]
fn use_case_6_5_withdrew_and_did_not_receive_a_grade() {
    assert_eq!(status(&not_graded().set("Roster:1.endDate", "2025-10-31"), "Roster:1-1"), "I");
}

#[test]
fn use_case_6_6_dropped_out_joined_back_in_and_received_an_outcome() {
    let case = came_back(graded());
    assert_eq!(case.reporting(), ["Roster:1-1", "Roster:4-1"]);
    assert_eq!((case.at("Roster:1-1", "/beginDate"), case.at("Roster:4-1", "/beginDate")), {
        (serde_json::json!("2025-08-18"), serde_json::json!("2025-10-10"))
    });
    assert_eq!((status(&case, "Roster:1-1"), status(&case, "Roster:4-1")), ("I".to_owned(), "S".to_owned()));
}

#[test]
fn use_case_6_7_dropped_out_joined_back_in_and_did_not_receive_the_grade() {
    let case = came_back(not_graded());
    assert_eq!(case.reporting(), ["Roster:1-1", "Roster:4-1"]);
    assert_eq!((status(&case, "Roster:1-1"), status(&case, "Roster:4-1")), ("I".to_owned(), "I".to_owned()));
}

/// "within the same term": a return in the next session is no return in the first.
// extra: a boundary of 6.6
#[test]
fn use_case_6_6_needs_a_return_within_the_same_term() {
    let case = graded()
        .with_score("2", "2", "1", "1", "A", "2025-12-18")
        .set("Roster:2.endDate", "2025-12-01")
        .with_roster("4", "1", "2", "2026-01-20", "-");
    assert_eq!(status(&case, "Roster:2-1"), "S");
    assert_eq!(case.excluded("Roster:4-1"), "roster-outside-term Roster:4-1");
    assert_eq!(case.defect("Roster:4-2").element, "attemptStatusDescriptor");
}
