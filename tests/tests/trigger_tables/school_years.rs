//! Several school years at once, years that come and go, and enrollments and participations that move between them.

use rollcall_core::testing::District;

use crate::core_student_cte_program_associations as cte;
use crate::district::{InStep, Start};
use crate::kansas::start;

const YEAR: &str = "/sectionReference/schoolYear";
const BEGIN: &str = "/beginDate";
const PROGRAM: &str = "/programReference/programName";
const ASSOCIATIONS: &str = "studentSectionAssociations";

/// The same school's calendar of 2026-27: ALG1 with one section in the fall.
fn with_next_year(sis: District) -> District {
    let course = [("courseID", "3"), ("calendarID", "2"), ("number", "ALG1"), ("name", "Algebra"), ("active", "1")];
    sis.with("SchoolYear", &[("endYear", "2027")])
        .with_calendar("2", "2027")
        .with_term("3", "2", "Fall", "2026-08-17", "2026-12-18")
        .with_day("9", "2", "2026-08-17")
        .with("Trial", &[("trialID", "3"), ("calendarID", "2"), ("structureID", "2"), ("active", "1")])
        .with("Course", &[&course[..], &[("stateCode", "02052")]].concat())
        .with_section("3", "3", "01")
        .set("Section:3.trialID", "3")
        .with_placement("9", "3", "3")
        .set("SectionPlacement:9.trialID", "3")
}

/// Ada is in it.
fn with_ada_in_next_year(sis: District) -> District {
    let enrollment = [("enrollmentID", "3"), ("personID", "1"), ("calendarID", "2"), ("structureID", "2")];
    let enrolled = [("grade", "10"), ("startDate", "2026-08-17"), ("serviceType", "P")];
    with_next_year(sis)
        .with("Enrollment", &[&enrollment[..], &enrolled].concat())
        .with("Roster", &[("rosterID", "4"), ("personID", "1"), ("sectionID", "3"), ("trialID", "3")])
}

/// The tables of an export of 2026-27 alone.
fn next_year_alone(sis: District) -> District {
    without_this_year(with_ada_in_next_year(sis))
}

fn without_this_year(sis: District) -> District {
    let rows = [
        "Roster:1",
        "Roster:2",
        "Roster:3",
        "Enrollment:1",
        "Enrollment:2",
        "SectionPlacement:1",
        "SectionPlacement:2",
        "SectionPlacement:3",
        "Section:1",
        "Section:2",
        "GradingTaskCredit:1",
        "GradingTaskCredit:2",
        "Course:1",
        "Course:2",
        "Trial:1",
        "Trial:2",
        "Day:1",
        "Day:2",
        "Day:3",
        "Day:4",
        "Day:5",
        "Term:1",
        "Term:2",
        "TermSchedule:1",
        "ScheduleStructure:1",
        "Calendar:1",
    ];
    rows.iter().fold(sis, |sis, row| sis.without(row))
}

const NEXT_YEAR: &[&str] = &[
    "1 POST sessions",
    "1 POST courseOfferings",
    "1 POST sections",
    "1 POST studentSchoolAssociations",
    "1 POST studentSectionAssociations",
];

/// Two years in one connection and one sandbox.
fn both() -> Start {
    start().sis(with_ada_in_next_year).years(&[2026, 2027])
}

#[test]
fn two_years_at_once_are_two_sets_of_records() {
    both()
        .in_step()
        .has("sessions", "/schoolYearTypeReference/schoolYear", &["2026", "2026", "2027"])
        .has("courseOfferings", "/sessionReference/schoolYear", &["2026", "2026", "2026", "2027"])
        .has(ASSOCIATIONS, YEAR, &["2026", "2026", "2026", "2026", "2027"])
        .holds("students", 2)
        .holds("studentSchoolAssociations", 3)
        // A change in one year is one of that year alone.
        .edit(|sis| sis.set("Term:3.endDate", "2026-12-17"))
        .sync(&["1 PUT sessions", "1 PUT studentSectionAssociations"])
        .edit(|sis| sis.set("Course:3.number", "ALG1A"))
        .sync(&[
            "1 DELETE studentSectionAssociations",
            "1 DELETE sections",
            "1 DELETE courseOfferings",
            "1 POST courseOfferings",
            "1 POST sections",
            "1 POST studentSectionAssociations",
        ])
        .has("courseOfferings", "/localCourseCode", &["ALG1", "ALG1A", "BAND", "BAND"]);
}

#[test]
fn a_year_that_is_configured_later_is_sent_then() {
    let in_step = both().not_yet_in_step(|sis| sis).configure("[2026, 2027]", "[2026]");
    in_step.run(&["sync"]).expect(0);
    in_step.has(ASSOCIATIONS, YEAR, &["2026"; 4]).configure("[2026]", "[2026, 2027]").sync(NEXT_YEAR).has(
        ASSOCIATIONS,
        YEAR,
        &["2026", "2026", "2026", "2026", "2027"],
    );
}

/// "Data only sends for the years that have valid configuration": neither posts nor deletes.
#[test]
fn a_year_that_is_configured_no_more_stays_as_it_is() {
    both()
        .in_step()
        .configure("[2026, 2027]", "[2027]")
        .sync(&[])
        .resync(&[])
        .edit(|sis| sis.without("Roster:1").set("Section:2.number", "08"))
        .sync(&[])
        .has(ASSOCIATIONS, YEAR, &["2026", "2026", "2026", "2026", "2027"])
        .holds("studentSchoolAssociations", 3)
        // Configured again, with what happened in between.
        .configure("[2027]", "[2026, 2027]")
        .sync(&[
            "3 DELETE studentSectionAssociations",
            "2 DELETE sections",
            "2 POST sections",
            "2 POST studentSectionAssociations",
        ]);
}

#[test]
fn a_new_year_with_tables_of_that_year_alone_leaves_the_old_one() {
    let in_step = both().sis(|_| District::small()).in_step_with(with_ada_in_next_year);
    in_step
        .configure("[2026, 2027]", "[2027]")
        .edit(next_year_alone)
        .sync(NEXT_YEAR)
        .has(ASSOCIATIONS, YEAR, &["2026", "2026", "2026", "2026", "2027"])
        .has("studentSchoolAssociations", "/entryDate", &["2025-08-18", "2025-08-18", "2026-08-17"])
        .resync(&[])
        // What is of the new year follows the SIS.
        .edit(|sis| sis.without("Roster:4").without("Enrollment:3"))
        .sync(&["1 DELETE studentSectionAssociations", "1 DELETE studentSchoolAssociations"]);
}

#[test]
fn an_enrollment_moves_to_another_year() {
    // Ben's row is corrected: he is a student of the next year.
    let moved = |sis: District| {
        sis.set("Enrollment:2.calendarID", "2")
            .set("Enrollment:2.structureID", "2")
            .set("Enrollment:2.startDate", "2026-08-17")
            .set("Roster:3.sectionID", "3")
            .set("Roster:3.trialID", "3")
            .set("Roster:3.startDate", "-")
    };
    both()
        .in_step()
        .edit(moved)
        .sync(&[
            "1 DELETE studentSectionAssociations",
            "1 DELETE studentSchoolAssociations",
            "1 POST studentSchoolAssociations",
            "1 POST studentSectionAssociations",
        ])
        .has(ASSOCIATIONS, YEAR, &["2026", "2026", "2026", "2027", "2027"]);
}

#[test]
fn an_enrollment_moves_out_of_the_scope_year_and_in_again() {
    let dates =
        |start, end| move |sis: District| sis.set("Enrollment:2.startDate", start).set("Enrollment:2.endDate", end);
    start()
        .in_step()
        .edit(dates("2024-08-19", "2025-06-30"))
        .sync(&["1 DELETE studentSectionAssociations", "1 DELETE studentSchoolAssociations"])
        .edit(dates("2024-08-19", "2025-07-01"))
        .sync(&["1 POST studentSchoolAssociations", "1 POST studentSectionAssociations"])
        .edit(dates("2026-07-01", "-"))
        .sync(&["1 DELETE studentSectionAssociations", "1 DELETE studentSchoolAssociations"])
        .edit(dates("2025-08-18", "-"))
        .sync(&["1 POST studentSchoolAssociations", "1 POST studentSectionAssociations"])
        .has("studentSchoolAssociations", "/entryDate", &["2025-08-18", "2025-08-18"]);
}

/// The tables have more years than the connection ever sent: a record that stops reporting in its own was sent for that one.
#[test]
fn a_participation_of_a_year_that_was_never_configured() {
    let ended = |sis: District| {
        sis.set("ProgramParticipation:801.startDate", "2025-09-02")
            .set("ProgramParticipation:801.endDate", "-")
            .set("Enrollment:1.noShow", "1")
    };
    cte::start()
        .sis(with_ada_in_next_year)
        .in_step()
        .edit(ended)
        .sync(&[
            "1 DELETE studentCTEProgramAssociations",
            "3 DELETE studentSectionAssociations",
            "1 DELETE studentSchoolAssociations",
        ])
        .holds(cte::CTE, 0);
}

/// Both years were sent; then the earlier one is taken out of the configuration, and leaves the tables.
fn cut_to_next_year(start: Start) -> InStep {
    let both = start.years(&[2026, 2027]).in_step();
    both.configure("[2026, 2027]", "[2027]").edit(without_this_year).sync(&[])
}

fn without_nursing(sis: District) -> District {
    sis.without("ProgramParticipationCertification:901").without("ProgramParticipation:801")
}

/// A participation has dates and need not name a calendar: it may stay in the tables without its year, or leave them.
#[test]
fn a_participation_of_a_year_that_is_configured_no_more() {
    // One began before any year that was sent.
    for begun in ["2025-09-02", "2023-09-05"] {
        let start = cte::start()
            .sis(|sis| with_ada_in_next_year(sis).set("ProgramParticipation:801.startDate", begun))
            .sis(|sis| sis.set("ProgramParticipation:801.endDate", "2026-05-29"));
        cut_to_next_year(start).edit(without_nursing).sync(&[]).resync(&[]).has(cte::CTE, BEGIN, &[begun]);
    }
}

/// What a course is has neither a year nor a date, and an offering of the year may name it.
#[test]
fn a_course_of_a_year_that_is_configured_no_more() {
    cut_to_next_year(cte::start().sis(with_ada_in_next_year)).resync(&[]).holds("courses", 2);
}

/// Nothing ended it, and its student is there no more.
#[test]
fn an_open_participation_of_a_year_that_is_configured_no_more() {
    let start = cte::start().sis(|sis| with_ada_in_next_year(sis).without("Roster:4").without("Enrollment:3"));
    cut_to_next_year(start).edit(without_nursing).sync(&[]).holds(cte::CTE, 1);
}

/// Tables that still have what ended in the year say what is gone of it, and a row says what is of it no more.
#[test]
fn a_participation_that_is_gone_in_tables_that_show_its_year() {
    let welding = [("participationID", "802"), ("personID", "1"), ("programID", "2"), ("startDate", "2025-09-02")];
    let shown = || {
        let start = cte::start()
            .sis(|sis| with_ada_in_next_year(sis).with("ProgramParticipation", &welding))
            .sis(|sis| sis.set("ProgramParticipation:802.endDate", "2026-05-29"));
        cut_to_next_year(start).holds(cte::CTE, 2)
    };
    shown().edit(without_nursing).sync(cte::DELETED).has(cte::CTE, PROGRAM, &["Welding"]);
    shown().edit(|sis| sis.set("ProgramParticipation:802.endDate", "2025-06-30")).sync(cte::DELETED).has(
        cte::CTE,
        PROGRAM,
        &["Nursing"],
    );
}

/// Of two configured years the later one says which program is the primary one: a record has no school year.
#[test]
fn one_primary_program_in_two_years() {
    let welding = [("participationID", "802"), ("personID", "1"), ("programID", "2"), ("startDate", "2026-09-01")];
    cte::start()
        .sis(|sis| with_ada_in_next_year(sis).with("ProgramParticipation", &welding))
        .years(&[2026, 2027])
        .in_step()
        .has(cte::CTE, "/programReference/programName", &["Nursing", "Welding"])
        .has(cte::CTE, "/ctePrograms/0/primaryCTEProgramIndicator", &["false", "true"]);
}

#[test]
fn a_participation_moves_out_of_the_scope_year_and_in_again() {
    let dates = |start, end| {
        move |sis: District| {
            sis.set("ProgramParticipation:801.startDate", start).set("ProgramParticipation:801.endDate", end)
        }
    };
    cte::start()
        .in_step()
        .edit(dates("2025-09-02", "2025-09-01"))
        .sync(cte::DELETED)
        .edit(dates("2025-09-02", "-"))
        .sync(cte::POSTED)
        // Begun years ago, and ended before the school year, on its first day, and not at all.
        .edit(dates("2023-09-05", "2025-06-30"))
        .sync(cte::DELETED)
        .edit(dates("2023-09-05", "2025-07-01"))
        .sync(cte::POSTED)
        .edit(dates("2023-09-05", "-"))
        .sync(cte::PUT)
        // It is deleted though it began before the school year.
        .edit(|sis| sis.without("ProgramParticipationCertification:901").without("ProgramParticipation:801"))
        .sync(cte::DELETED)
        .holds(cte::CTE, 0);
}
