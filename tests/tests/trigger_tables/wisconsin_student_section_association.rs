//! Wisconsin: /studentSectionAssociation. The document has use cases where the others have trigger tables: what a district
//! does, and what has to be sent then.

use rollcall_core::testing::District;
use serde_json::{Value, json};

use crate::district::{InStep, Start};
use crate::rows::ALL_IS_POSTED;

const CONFIG: &str = r#"
[options]
attempt-status-default = "none"
withdrawn-without-grade = "send"
eligibility = "vendor"

[mappings.term-type]
"Fall" = "Fall Semester"
"Spring" = "Spring Semester"
"Annual" = "A"

[mappings.grade-level]
"08" = "Eighth grade"
"09" = "Ninth grade"
"10" = "Tenth grade"

[mappings.delivery-type]
"G" = "F2F"
"#;

const ASSOCIATIONS: &str = "studentSectionAssociations";
const BEGIN: &str = "/beginDate";
const PROGRAMS: &str = "/_ext/wi/programs";
const POSTED: &[&str] = &["1 POST studentSectionAssociations"];
const PUT: &[&str] = &["1 PUT studentSectionAssociations"];

/// Ada (7001) is in ALG1-01 in the fall (`Roster:1`) and in BAND-07 all year (`Roster:2`), Ben (7002) in ALG1-01 from
/// 2 September (`Roster:3`). Each has a final grade in each term: everything reports.
fn start() -> Start {
    let grades = [("1", "1", "1", "1"), ("2", "1", "2", "1"), ("3", "1", "2", "2"), ("4", "2", "1", "1")];
    let post = |sis, (id, person, section, term)| with_grade(sis, id, person, section, term);
    let sis = grades.into_iter().fold(District::small(), post);
    Start { state: "wi", config: CONFIG.into(), years: vec![2026], sis }
}

fn with_grade(sis: District, id: &str, person: &str, section: &str, term: &str) -> District {
    let sis = sis.with_score(id, section, "1", term, "A", "2025-12-18");
    sis.set(&format!("GradingScore:{id}.personID"), person)
}

/// The attempt status codes at the ODS of Ada's associations with ALG1, by begin date.
#[track_caller]
fn assert_statuses(district: &InStep, expected: &[&str]) {
    let mut found: Vec<(String, String)> = Vec::new();
    for record in district.records(ASSOCIATIONS) {
        let is_it = record["studentReference"]["studentUniqueId"] == "7001"
            && record["sectionReference"]["localCourseCode"] == "ALG1";
        let text = |name: &str| record[name].as_str().expect("it is a text").to_owned();
        let code = text("attemptStatusDescriptor").replace("uri://dpi.wi.gov/AttemptStatusDescriptor#", "");
        found.extend(is_it.then(|| (text("beginDate"), code)));
    }
    found.sort();
    let codes: Vec<&str> = found.iter().map(|(_, code)| code.as_str()).collect();
    assert_eq!(codes, expected);
}

/// The programs of the one association that begins on a day.
fn programs(district: &InStep, begin: &str) -> Vec<(String, String)> {
    let record = district.one(ASSOCIATIONS, BEGIN, begin);
    let items = record.pointer(PROGRAMS).and_then(Value::as_array).cloned().unwrap_or_default();
    let member = |item: &Value, name: &str| {
        let text = item["programReference"][name].as_str().expect("it is a text");
        text.rsplit('#').next().unwrap_or_default().to_owned()
    };
    items.iter().map(|item| (member(item, "programName"), member(item, "programTypeDescriptor"))).collect()
}

fn named(programs: &[(&str, &str)]) -> Vec<(String, String)> {
    programs.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect()
}

#[test]
fn choice_schools_do_not_send_it() {
    for profile in ["choice-opt-in", "choice-only"] {
        start()
            .not_yet_in_step(|sis| sis)
            .configure("school-years", &format!("profile = \"{profile}\"\nschool-years"))
            .sync(&["2 POST sessions", "2 POST students", "2 POST studentSchoolAssociations"])
            .holds(ASSOCIATIONS, 0);
    }
}

#[test]
fn use_case_1_0_student_in_a_section_during_the_school_year() {
    // Ben joins BAND, which is placed in two terms.
    let joined = |sis: District| sis.with_roster("9", "2", "2", "-", "-").set("Roster:9.attemptStatus", "S");
    start()
        .in_step()
        .edit(joined)
        .sync(&["2 POST studentSectionAssociations"])
        .has(
            ASSOCIATIONS,
            "/sectionReference/sessionName",
            &["Fall Semester", "Fall Semester", "Fall Semester", "Fall Semester", "Spring Semester", "Spring Semester"],
        )
        // "for all periods of time when a student is/was enrolled": what he was in stays when he leaves.
        .edit(|sis| sis.set("Roster:9.endDate", "2025-12-19"))
        .sync(&["1 DELETE studentSectionAssociations"])
        .holds(ASSOCIATIONS, 5);
}

/// A middle school with its calendar, one course in one term for the whole year.
fn with_middle_school(sis: District) -> District {
    let term = [("termID", "3"), ("termScheduleID", "2"), ("startDate", "2025-08-18"), ("endDate", "2026-05-22")];
    let course = [("courseID", "3"), ("calendarID", "2"), ("number", "SCI8"), ("name", "Science"), ("active", "1")];
    let credit = [("gradingTaskCreditID", "3"), ("courseID", "3"), ("calendarID", "2"), ("taskID", "1")];
    let placement = [("sectionPlacementID", "9"), ("sectionID", "3"), ("trialID", "3"), ("termID", "3")];
    sis.with("School", &[("schoolID", "2"), ("districtID", "1"), ("name", "Middle"), ("number", "500002")])
        .with("Calendar", &[("calendarID", "2"), ("schoolID", "2"), ("endYear", "2026")])
        .with("ScheduleStructure", &[("structureID", "2"), ("calendarID", "2")])
        .with("TermSchedule", &[("termScheduleID", "2"), ("structureID", "2")])
        .with("Term", &[&term[..], &[("termType", "Annual")]].concat())
        .with(
            "Day",
            &[("dayID", "9"), ("calendarID", "2"), ("structureID", "2"), ("date", "2025-08-18"), ("instruction", "1")],
        )
        .with("Trial", &[("trialID", "3"), ("calendarID", "2"), ("structureID", "2"), ("active", "1")])
        .with("Course", &[&course[..], &[("stateCode", "53238")]].concat())
        .with("Section", &[("sectionID", "3"), ("courseID", "3"), ("trialID", "3"), ("number", "1")])
        .with("SectionPlacement", &placement)
        .with("GradingTaskCredit", &credit)
}

/// Ada is enrolled there and in its course.
fn with_ada_at_the_middle_school(sis: District) -> District {
    let enrollment = [("enrollmentID", "3"), ("personID", "1"), ("calendarID", "2"), ("structureID", "2")];
    let enrolled = [("grade", "08"), ("startDate", "2025-08-18"), ("serviceType", "P")];
    let roster = [("rosterID", "4"), ("personID", "1"), ("sectionID", "3"), ("trialID", "3"), ("attemptStatus", "S")];
    sis.with("Enrollment", &[&enrollment[..], &enrolled].concat())
        .with("Roster", &roster)
        .set("Enrollment:1.serviceType", "S")
}

#[test]
fn use_case_2_0_student_taking_courses_in_multiple_schools() {
    // Ada becomes a middle school student who takes her courses here as coursework: not her primary school any more.
    let schools = "studentSchoolAssociations";
    start()
        .sis(with_middle_school)
        .in_step()
        .edit(with_ada_at_the_middle_school)
        .sync(&[
            "1 POST studentSchoolAssociations",
            "1 PUT studentSchoolAssociations",
            "1 POST studentSectionAssociations",
        ])
        .has(schools, "/schoolReference/schoolId", &["500001", "500001", "500002"])
        .has(schools, "/primarySchool", &["false", "true", "true"])
        .has(ASSOCIATIONS, "/sectionReference/schoolId", &["500001", "500001", "500001", "500001", "500002"]);
}

#[test]
fn use_case_3_0_students_receiving_only_speech_and_language_services_or_therapy() {
    // A course for them is made and scheduled; the student receives services only.
    let speech = |sis: District| {
        let course = [("courseID", "3"), ("calendarID", "1"), ("number", "SPEECH"), ("stateCode", "19147")];
        let course = [&course[..], &[("name", "Speech-Workplace Experience"), ("active", "1")]].concat();
        let credit = [("gradingTaskCreditID", "3"), ("courseID", "3"), ("calendarID", "1"), ("taskID", "1")];
        let sis = sis.with("Course", &course).with("GradingTaskCredit", &credit);
        let sis = sis.with_section("3", "3", "1").with_placement("9", "3", "1");
        sis.with_roster("9", "2", "3", "-", "-").set("Roster:9.attemptStatus", "S")
    };
    start()
        .in_step_with(speech)
        .configure("eligibility = \"vendor\"", "eligibility = \"document\"")
        .edit(|sis| speech(sis).set("Enrollment:2.serviceType", "N"))
        .sync(&[
            "1 POST courseOfferings",
            "1 POST sections",
            "1 PUT studentSchoolAssociations",
            "1 POST studentSectionAssociations",
        ])
        .has("courseOfferings", "/courseReference/courseCode", &["02052", "05101", "05101", "19147"])
        .has("sections", "/courseOfferingReference/localCourseCode", &["ALG1", "BAND", "BAND", "SPEECH"]);
}

#[test]
fn use_case_4_0_students_in_jails_or_juvenile_detention_centers() {
    // The school in the jail opens: a school as any other.
    let jail = |sis: District| with_middle_school(sis).set("School:2.name", "County Detention Center School");
    start()
        .in_step_with(jail)
        .edit(|sis| with_ada_at_the_middle_school(jail(sis)).set("Enrollment:1.serviceType", "P"))
        .sync(&[
            "1 POST sessions",
            "1 POST courseOfferings",
            "1 POST sections",
            "1 POST studentSchoolAssociations",
            "1 POST studentSectionAssociations",
        ])
        .has(ASSOCIATIONS, "/sectionReference/schoolId", &["500001", "500001", "500001", "500001", "500002"]);
}

#[test]
fn use_case_5_0_high_school_student_taking_college_courses() {
    let college = |sis: District| sis.with_roster_program("1", "3", "College Course with WI Tribal College", "Dual");
    let in_step = start().in_step_with(college).edit(college).sync(PUT);
    assert_eq!(programs(&in_step, "2025-09-02"), named(&[("College Course with WI Tribal College", "Dual")]));
}

// Use case 6: the attempt status

#[test]
fn use_case_6_0_courses_without_a_grade_should_generally_not_be_sent() {
    let left = |sis: District| sis.without("GradingScore:1").set("Roster:1.endDate", "2025-10-31");
    let sent = start().in_step().edit(left).sync(PUT);
    assert_statuses(&sent, &["I"]);
    // A district that keeps to the sentence.
    start()
        .not_yet_in_step(|sis| sis)
        .configure("withdrawn-without-grade = \"send\"", "withdrawn-without-grade = \"exclude\"")
        .sync(ALL_IS_POSTED)
        .edit(left)
        .sync(&["1 DELETE studentSectionAssociations"])
        .holds(ASSOCIATIONS, 3);
}

#[test]
fn use_case_6_0_the_attempt_status_is_entered_by_the_lea() {
    let in_step = start().in_step().edit(|sis| sis.set("Roster:1.attemptStatus", "I")).sync(PUT);
    assert_statuses(&in_step, &["I"]);
}

#[test]
fn use_case_6_0_in_the_section_until_end_of_the_term_and_received_a_grade() {
    let graded = start().sis(|sis| sis.without("GradingScore:1")).not_yet_in_step(|sis| sis);
    graded.run(&["sync"]).expect(4);
    assert_statuses(&graded, &[]);
    let graded = graded.edit(|sis| with_grade(sis, "9", "1", "1", "1")).sync(POSTED);
    assert_statuses(&graded, &["S"]);
}

/// While no grade is posted the district decides: by the roster, or by its default.
fn left_to_the_district(ungraded: impl FnOnce(District) -> District) {
    let in_step = start().sis(|sis| ungraded(sis.without("GradingScore:1"))).not_yet_in_step(|sis| sis);
    in_step.run(&["sync"]).expect(4);
    assert_statuses(&in_step, &[]);
    let entered = in_step.edit(|sis| sis.set("Roster:1.attemptStatus", "I")).sync(POSTED);
    assert_statuses(&entered, &["I"]);
    let default = entered
        .configure("attempt-status-default = \"none\"", "attempt-status-default = \"S\"")
        .edit(|sis| sis.set("Roster:1.attemptStatus", "-"))
        .sync(PUT);
    assert_statuses(&default, &["S"]);
}

#[test]
fn use_case_6_1_no_grade_but_a_grade_could_have_been_earned() {
    left_to_the_district(|sis| sis);
}

#[test]
fn use_case_6_2_no_grade_since_no_grade_may_be_earned() {
    // A second final task keeps the course eligible; the section's own gives no grade.
    left_to_the_district(|sis| sis.set("GradingTaskCredit:1.credit", "-"));
}

#[test]
fn use_case_6_3_no_grade_because_it_is_an_audited_course() {
    left_to_the_district(|sis| sis.set("Course:1.name", "Algebra, audited"));
}

#[test]
fn use_case_6_4_withdrew_but_received_a_grade() {
    let in_step = start().in_step().edit(|sis| sis.set("Roster:1.endDate", "2025-10-31")).sync(PUT);
    assert_statuses(&in_step, &["S"]);
    in_step.has(ASSOCIATIONS, "/endDate", &["2025-10-31", "2025-12-19", "2025-12-19", "2026-05-22"]);
}

#[test]
fn use_case_6_5_withdrew_and_did_not_receive_a_grade() {
    let withdrew = |sis: District| sis.without("GradingScore:1").set("Roster:1.endDate", "2025-10-31");
    let in_step = start().in_step().edit(withdrew).sync(PUT);
    assert_statuses(&in_step, &["I"]);
}

/// Ada leaves ALG1 on 19 September and comes back on 10 October.
fn came_back(sis: District) -> District {
    sis.set("Roster:1.endDate", "2025-09-19").with_roster("4", "1", "1", "2025-10-10", "-")
}

#[test]
fn use_case_6_6_dropped_out_joined_back_in_and_received_an_outcome() {
    let in_step = start()
        .in_step()
        .edit(came_back)
        .sync(&["1 PUT studentSectionAssociations", "1 POST studentSectionAssociations"]);
    assert_statuses(&in_step, &["I", "S"]);
}

#[test]
fn use_case_6_7_dropped_out_joined_back_in_and_did_not_receive_the_grade() {
    let in_step = start()
        .in_step()
        .edit(|sis| came_back(sis).without("GradingScore:1"))
        .sync(&["1 PUT studentSectionAssociations", "1 POST studentSectionAssociations"]);
    assert_statuses(&in_step, &["I", "I"]);
}

// Use cases 7 to 9: programs

#[test]
fn use_case_7_0_student_in_multiple_sections_participating_in_a_ce_program() {
    let apprenticeship = |sis: District| sis.with_roster_program("1", "1", "Youth Apprenticeship", "WBL");
    let in_step = start()
        .sis(apprenticeship)
        .in_step()
        .edit(came_back)
        .sync(&["1 PUT studentSectionAssociations", "1 POST studentSectionAssociations"]);
    // "In both instances, the student section should be associated with student program participation."
    assert_eq!(programs(&in_step, "2025-10-10"), named(&[("Youth Apprenticeship", "WBL")]));
    in_step.has(
        ASSOCIATIONS,
        &format!("{PROGRAMS}/0/programReference/programName"),
        &["Youth Apprenticeship", "Youth Apprenticeship", "null", "null", "null"],
    );
}

/// Ben, whose association is the one that begins in September, takes part in programs; no section has them.
fn takes_part(end_year: i32, of_the_year: &[(&str, &str)], of_another_time: (&str, &str)) {
    let kinds = of_the_year.iter().chain([&of_another_time]);
    let with_programs = |sis: District| {
        kinds
            .clone()
            .zip(["1", "2", "3", "4"])
            .fold(sis, |sis, ((name, kind), id)| sis.with_roster_program(id, "3", name, kind))
    };
    let in_step = start()
        .years(&[end_year])
        .sis(|sis| sis.in_year(end_year))
        .in_step_with(with_programs)
        .edit(with_programs)
        .sync(PUT);
    assert_eq!(programs(&in_step, &format!("{}-09-02", end_year - 1)), named(of_the_year));
    assert!(in_step.records("sections").iter().all(|section| section.get("programs").is_none()));
    assert_eq!(in_step.records(ASSOCIATIONS).iter().filter(|record| record["_ext"] != json!(null)).count(), 1);
}

#[test]
fn use_case_8_0_dual_enrollment_certified_or_non_certified_up_to_2023_24() {
    let programs = [("Dual", "Dual"), ("Co-op", "Certified"), ("Mentorship", "Non Certified")];
    takes_part(2023, &programs, ("Apprenticeship", "WBL"));
}

#[test]
fn use_case_9_0_dual_enrollment_work_based_learning_or_irc_from_2023_24() {
    let programs = [("Dual", "Dual"), ("Apprenticeship", "WBL"), ("Not State Approved", "IRC")];
    takes_part(2026, &programs, ("Co-op", "Certified"));
}

// The options, which wait for a resync as every preference does

const TO_THE_DOCUMENT: (&str, &str) = ("eligibility = \"vendor\"", "eligibility = \"document\"");
const TO_THE_VENDOR: (&str, &str) = (TO_THE_DOCUMENT.1, TO_THE_DOCUMENT.0);

// extra: what the documents say of preferences, for an option that no document has
#[test]
fn none_when_the_eligibility_begins_to_let_records_report() {
    let services = start().sis(|sis| sis.set("Enrollment:1.serviceType", "N")).in_step().holds(ASSOCIATIONS, 1);
    services
        .configure(TO_THE_DOCUMENT.0, TO_THE_DOCUMENT.1)
        .sync_waits(3)
        // Ada's rosters in BAND change in the SIS: they go out, and the one in ALG1 waits on.
        .edit(|sis| sis.set("Roster:2.attemptStatus", "S"))
        .sync(&["2 POST studentSectionAssociations"])
        .sync_waits(1)
        .resync(POSTED)
        .holds(ASSOCIATIONS, 4);
}

// extra: what the documents say of preferences, for an option that no document has
#[test]
fn none_when_the_eligibility_ceases_to_let_records_report() {
    let services = start().configured(TO_THE_DOCUMENT.0, TO_THE_DOCUMENT.1);
    let services = services.sis(|sis| sis.set("Enrollment:1.serviceType", "N")).in_step().holds(ASSOCIATIONS, 4);
    services
        .configure(TO_THE_VENDOR.0, TO_THE_VENDOR.1)
        .sync_waits(3)
        // Back again, and nothing has happened.
        .configure(TO_THE_DOCUMENT.0, TO_THE_DOCUMENT.1)
        .sync_waits(0)
        .configure(TO_THE_VENDOR.0, TO_THE_VENDOR.1)
        .sync_waits(3)
        .resync(&["3 DELETE studentSectionAssociations"])
        // SIS data triggers, by the rule that holds now.
        .edit(|sis| sis.set("Enrollment:1.serviceType", "P"))
        .sync(&["1 PUT studentSchoolAssociations", "3 POST studentSectionAssociations"])
        .edit(|sis| sis.set("Enrollment:1.serviceType", "N"))
        .sync(&["1 PUT studentSchoolAssociations", "3 DELETE studentSectionAssociations"])
        .holds(ASSOCIATIONS, 1);
}

// extra: what the documents say of preferences, for an option that no document has
#[test]
fn none_when_withdrawn_without_grade_changes() {
    let to_exclude = ("withdrawn-without-grade = \"send\"", "withdrawn-without-grade = \"exclude\"");
    let left = |sis: District| sis.without("GradingScore:1").set("Roster:1.endDate", "2025-10-31");
    start()
        .sis(left)
        .in_step()
        .configure(to_exclude.0, to_exclude.1)
        .sync_waits(1)
        .resync(&["1 DELETE studentSectionAssociations"])
        .configure(to_exclude.1, to_exclude.0)
        .sync_waits(1)
        .holds(ASSOCIATIONS, 3)
        .resync(POSTED)
        .configure(to_exclude.0, to_exclude.1)
        .sync_waits(1)
        // The student leaves on another day: it is the SIS that changed now.
        .edit(|sis| sis.set("Roster:1.endDate", "2025-11-03"))
        .sync(&["1 DELETE studentSectionAssociations"])
        .edit(|sis| with_grade(sis, "1", "1", "1", "1"))
        .sync(POSTED);
}

/// The vendor's article: an enrollment that is a "No Show" does not report. The SIS says so, whatever waits for a resync.
// extra: a row of the vendor's article, beside a changed preference
#[test]
fn delete_what_the_sis_excludes_also_where_a_mapping_waits() {
    start()
        .in_step()
        .configure("\"Spring\" = \"Spring Semester\"\n", "")
        .sync_waits(4)
        .edit(|sis| sis.set("Enrollment:1.noShow", "1"))
        .sync(&["3 DELETE studentSectionAssociations", "1 DELETE studentSchoolAssociations"]);
}
