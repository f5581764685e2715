//! `KS Ed-Fi Suite v3.6.2: Student Section Associations`, row by row: docs/coverage/kansas-student-section-associations.md
//! names the row of each test.

mod common;

use common::{
    Case, assert_delete_post, assert_element, assert_put, assert_triggers, assert_waits_for_a_resync, case_of,
};
use rollcall_core::model::DataStandard;
use rollcall_core::resource::Need;
use rollcall_core_edfi::preferences::{ELIGIBLE_ENROLLMENT, SECTION_IDENTIFIER, STUDENT_ID};
use rollcall_core_edfi::sessions::Sessions;
use rollcall_core_edfi::students::Students;
use rollcall_kansas::course_offerings::CourseOfferings;
use rollcall_kansas::sections::Sections;
use rollcall_kansas::student_section_associations::{SPEC, StudentSectionAssociations};
use serde_json::{Value, json};

/// Ada (Person:1) is in ALG1-01 in the fall (`Roster:1`) and in BAND-07 all year (`Roster:2`), Ben (Person:2) in
/// ALG1-01 from 2 September (`Roster:3`). Fall is 2025-08-18 to 2025-12-19, spring 2026-01-05 to 2026-05-22.
fn case() -> Case {
    case_of(&StudentSectionAssociations)
}

fn begin_and_end(case: &Case, object: &str) -> (Value, Value) {
    (case.at(object, "/beginDate"), case.at(object, "/endDate"))
}

// Object Triggering Logic: Post

#[test]
fn post_when_a_student_is_scheduled_into_a_course_section() {
    assert_eq!(
        case().body("Roster:1-1"),
        json!({
            "beginDate": "2025-08-18",
            "sectionReference": {
                "localCourseCode": "ALG1",
                "schoolId": 500_001,
                "schoolYear": 2026,
                "sessionName": "S1",
                "sectionIdentifier": "01",
            },
            "studentReference": { "studentUniqueId": "7001" },
            "endDate": "2025-12-19",
            "homeroomIndicator": false,
            "_ext": { "ks": { "courseStatusDescriptor": "uri://ksde.org/CourseStatusDescriptor#Enrolled" } },
        })
    );
}

#[test]
fn post_in_the_configured_year() {
    assert_eq!(case().objects(), ["Roster:1-1", "Roster:2-1", "Roster:2-2", "Roster:3-1"]);
    let other = case().years(&[2025]);
    assert!(other.objects().is_empty());
    assert_eq!(other.excluded("Roster:1-1"), "not-in-sis");
}

#[test]
fn post_a_record_per_eligible_session() {
    assert_eq!(case().at("Roster:2-1", "/sectionReference/sessionName"), "S1");
    assert_eq!(case().at("Roster:2-2", "/sectionReference/sessionName"), "S2");
    let left = case().set("Roster:2.endDate", "2025-11-28");
    assert_eq!(left.at("Roster:2-1", "/endDate"), "2025-11-28");
    assert_eq!(left.excluded("Roster:2-2"), "roster-outside-term Roster:2-2");
    let joined = case().set("Roster:2.startDate", "2026-02-02");
    assert_eq!(joined.excluded("Roster:2-1"), "roster-outside-term Roster:2-1");
    assert_eq!(joined.at("Roster:2-2", "/beginDate"), "2026-02-02");
}

#[test]
fn post_for_each_section_record_that_is_reported() {
    let cases = [
        (case(), 4),
        (case().set("Course:2.stateExclude", "1"), 2),
        (case().set("Course:2.stateCode", "-"), 2),
        (case().without("SectionPlacement:3"), 3),
        (case().set("Term:2.termType", "-"), 3),
        (case().set("Term:2.termType", "Unknown"), 3),
    ];
    for (case, expected) in cases {
        let sections = case.about(&Sections).records();
        let of_section = |reference: &Value| {
            sections.values().any(|(_, section)| {
                let offering = &section["courseOfferingReference"];
                reference["sectionIdentifier"] == section["sectionIdentifier"]
                    && ["localCourseCode", "schoolId", "schoolYear", "sessionName"]
                        .iter()
                        .all(|member| reference[member] == offering[member])
            })
        };
        let records = case.records();
        assert_eq!(records.len(), expected);
        assert!(records.values().all(|(_, body)| of_section(&body["sectionReference"])));
    }
}

#[test]
fn post_not_with_calendar_exclude() {
    assert_eq!(case().set("Calendar:1.exclude", "1").excluded("Roster:1-1"), "calendar-exclude Calendar:1");
}

#[test]
fn post_not_with_school_exclude() {
    assert_eq!(case().set("School:1.exclude", "1").excluded("Roster:1-1"), "school-exclude School:1");
}

#[test]
fn post_not_with_course_inactive() {
    let inactive = case().set("Course:1.active", "0");
    assert_eq!(inactive.excluded("Roster:1-1"), "course-inactive Course:1");
    assert_eq!(inactive.count(), 2, "the other course's roster reports in both sessions");
}

#[test]
fn post_not_with_enrollment_no_show() {
    let no_show = case().set("Enrollment:1.noShow", "1");
    assert_eq!(no_show.excluded("Roster:1-1"), "enrollment-no-show Enrollment:1");
    assert_eq!(no_show.count(), 1, "the other student's roster reports");
}

// Object Triggering Logic: Delete/Post

#[test]
fn delete_post_when_the_natural_key_is_altered() {
    let altered = [
        case().set("Roster:1.startDate", "2025-09-15"),
        case().set("Term:1.startDate", "2025-08-20"),
        case().set("Course:1.number", "ALG1A"),
        case().set("Section:1.number", "02"),
        case().set("School:1.number", "500009"),
        case().set("School:1.edFiSchoolNumber", "600001"),
        case().set("Term:1.termType", "Spring"),
        case().set("Course:1.termDescriptorOverride", "whole year"),
        case().set("Person:1.edFiID", "7009"),
    ];
    for after in altered {
        assert_delete_post(&case(), &after, "Roster:1-1");
    }
}

#[test]
fn delete_post_otherwise_put() {
    let altered = [
        case().set("Roster:1.endDate", "2025-11-28"),
        case().set("Term:1.endDate", "2025-12-17"),
        case().set("Section:1.homeroomSection", "1"),
        case().set("Course:1.homeroom", "1"),
        case().with_score("1", "1", "1", "1", "A", "2025-12-19"),
    ];
    for after in altered {
        assert_put(&case(), &after, "Roster:1-1");
    }
}

// Object Triggering Logic: Put

#[test]
fn put_when_a_new_roster_entry() {
    let after = case().with_roster("9", "1", "1", "-", "2025-11-28");
    let (key, (_, before)) = case().records().pop_first().unwrap();
    let records = after.records();
    let (objects, body) = &records[&key];
    assert_eq!(objects, &["Roster:1-1", "Roster:9-1"], "two rosters are behind the record");
    assert_eq!((&before["endDate"], &body["endDate"]), (&json!("2025-12-19"), &json!("2025-11-28")));
    assert_ne!(after.source("Roster:9-1"), case().source("Roster:1-1"));
}

#[test]
fn put_when_the_roster_start_date_changes() {
    assert_triggers(&case(), &case().set("Roster:1.startDate", "2025-08-18"), "Roster:1-1");
    // A start date is in the natural key as far as it changes the begin date: then it is the row Delete/Post.
    assert_eq!(case().body("Roster:1-1"), case().set("Roster:1.startDate", "2025-08-18").body("Roster:1-1"));
    assert_delete_post(&case(), &case().set("Roster:3.startDate", "2025-09-03"), "Roster:3-1");
}

#[test]
fn put_when_the_roster_end_date_changes() {
    assert_put(&case(), &case().set("Roster:3.endDate", "2025-10-31"), "Roster:3-1");
}

#[test]
fn put_when_a_new_enrollment() {
    let after = case().without("Enrollment:1").with_enrollment("9", "1", "-");
    assert_triggers(&case(), &after, "Roster:1-1");
    assert_eq!(case().body("Roster:1-1"), after.body("Roster:1-1"));
}

#[test]
fn put_when_the_enrollment_start_date_changes() {
    assert_triggers(&case(), &case().set("Enrollment:1.startDate", "2025-08-25"), "Roster:1-1");
}

#[test]
fn put_when_the_enrollment_end_date_changes() {
    assert_triggers(&case(), &case().set("Enrollment:1.endDate", "2026-05-01"), "Roster:1-1");
}

#[test]
fn put_when_no_show_changes() {
    let no_show = case().set("Enrollment:1.noShow", "1");
    assert_triggers(&case(), &no_show, "Roster:1-1");
    assert_eq!(no_show.set("Enrollment:1.noShow", "0").records(), case().records());
}

#[test]
fn put_not_when_mappings_change() {
    let remapped = case().map("term-type", "Fall", "uri://ksde.org/TermDescriptor#Q1");
    assert_waits_for_a_resync(&case(), &remapped, "Roster:1-1");
    let renamed = case().name("term-type", "Fall", "uri://ksde.org/TermDescriptor#S1", "Autumn");
    assert_waits_for_a_resync(&case(), &renamed, "Roster:1-1");
}

#[test]
fn put_not_when_a_mapping_joins_two_terms() {
    let graded = case().with_score("1", "2", "1", "2", "A", "2026-05-22");
    for before in [case(), graded] {
        let joined = before.clone().map("term-type", "Spring", "uri://ksde.org/TermDescriptor#S1");
        assert_waits_for_a_resync(&before, &joined, "Roster:2-1");
    }
}

#[test]
fn put_not_when_an_override_is_mapped() {
    let before = case().set("Course:1.termDescriptorOverride", "summer");
    let mapped = before.clone().map("term-descriptor-override", "summer", "uri://ksde.org/TermDescriptor#SM");
    assert_waits_for_a_resync(&before, &mapped, "Roster:1-1");
}

#[test]
fn put_not_when_options_change() {
    let by_state_id = case().option(&STUDENT_ID, "state-id");
    assert_waits_for_a_resync(&case(), &by_state_id, "Roster:1-1");
    let by_template = case().option(&SECTION_IDENTIFIER, "{school.number}-{course.number}-{section.number}");
    assert_waits_for_a_resync(&case(), &by_template, "Roster:1-1");
}

// Object Triggering Logic: Delete

#[test]
fn delete_when_the_student_is_excluded_in_some_way() {
    assert_eq!(case().set("Person:1.exclude", "1").excluded("Roster:1-1"), "student-excluded Person:1");
    let state_excluded = case().set("Enrollment:1.stateExclude", "1");
    assert_eq!(state_excluded.excluded("Roster:1-1"), "enrollment-state-exclude Enrollment:1");
}

#[test]
fn delete_when_the_enrollment_is_deleted() {
    assert_eq!(case().without("Enrollment:1").excluded("Roster:1-1"), "no-enrollment Section:1");
}

#[test]
fn delete_when_the_enrollment_no_longer_overlaps_the_year() {
    let last_year = case().set("Enrollment:1.startDate", "2024-08-19");
    assert_eq!(last_year.count(), 4, "an enrollment without an end goes on");
    let ended = last_year.clone().set("Enrollment:1.endDate", "2025-06-30");
    assert_eq!(ended.excluded("Roster:1-1"), "enrollment-outside-year Enrollment:1");
    assert_eq!(last_year.set("Enrollment:1.endDate", "2025-07-01").count(), 4, "the year's first day");
    let next_year = case().set("Enrollment:1.startDate", "2026-07-01");
    assert_eq!(next_year.excluded("Roster:1-1"), "enrollment-outside-year Enrollment:1");
    assert_eq!(case().set("Enrollment:1.startDate", "2026-06-30").count(), 4, "the year's last day");
}

#[test]
fn the_configured_year_is_the_school_year_setup() {
    let setup = case().set("SchoolYear:2026.startDate", "2025-08-01").set("Enrollment:1.startDate", "2025-07-07");
    let ended = setup.clone().set("Enrollment:1.endDate", "2025-07-31");
    assert_eq!(ended.excluded("Roster:1-1"), "enrollment-outside-year Enrollment:1");
    assert_eq!(setup.set("Enrollment:1.endDate", "2025-08-01").count(), 4);
}

#[test]
fn delete_when_the_roster_record_is_deleted() {
    let after = case().without("Roster:1");
    assert_eq!(after.objects(), ["Roster:2-1", "Roster:2-2", "Roster:3-1"]);
    assert_eq!(after.excluded("Roster:1-1"), "not-in-sis");
}

// Required Resources (Upstream), Dependent Resources (Downstream)

#[test]
fn upstream_students() {
    let students = case().about(&Students).records();
    let ids: Vec<&Value> = students.values().map(|(_, student)| &student["studentUniqueId"]).collect();
    assert!(case().records().values().all(|(_, body)| ids.contains(&&body["studentReference"]["studentUniqueId"])));
}

#[test]
fn upstream_sessions() {
    let overridden = case().set("Section:1.termDescriptorOverride", "first quarter");
    for case in [case(), overridden] {
        let sessions = case.about(&Sessions).records();
        let names: Vec<&Value> = sessions.values().map(|(_, session)| &session["sessionName"]).collect();
        assert!(case.records().values().all(|(_, body)| names.contains(&&body["sectionReference"]["sessionName"])));
    }
}

#[test]
fn upstream_course_offerings() {
    let offerings = case().about(&CourseOfferings).records();
    for (key, (_, body)) in case().records() {
        let named = |offering: &Value| {
            offering["localCourseCode"] == body["sectionReference"]["localCourseCode"]
                && offering["sessionReference"]["sessionName"] == body["sectionReference"]["sessionName"]
        };
        assert_eq!(offerings.values().filter(|(_, offering)| named(offering)).count(), 1, "{key}");
    }
}

#[test]
fn upstream_sections() {
    let sections = case().about(&Sections).records();
    for (key, (_, body)) in case().records() {
        let named = |section: &Value| {
            section["sectionIdentifier"] == body["sectionReference"]["sectionIdentifier"]
                && section["courseOfferingReference"]["sessionName"] == body["sectionReference"]["sessionName"]
        };
        assert_eq!(sections.values().filter(|(_, section)| named(section)).count(), 1, "{key}");
    }
}

#[test]
fn downstream_student_section_attendance_events() {
    let events = DataStandard::ed_fi_4_0().resource("studentSectionAttendanceEvents").unwrap().upstream();
    let associations = DataStandard::ed_fi_4_0().resource("studentSectionAssociations").unwrap().upstream();
    assert!(associations.iter().all(|named| events.contains(named)), "an event names what an association joins");
}

#[test]
fn downstream_grades() {
    let grades = DataStandard::ed_fi_4_0().resource("grades").unwrap();
    assert!(grades.upstream().contains(&"studentSectionAssociations"));
}

// Object Data Elements Logic

#[test]
fn natural_key_elements_in_bold() {
    let bold: Vec<&str> = SPEC.elements.iter().filter(|element| element.key).map(|element| element.name).collect();
    assert_eq!(bold, ["beginDate", "sectionReference", "studentReference"]);
    assert_eq!(
        case().key("Roster:1-1"),
        "beginDate=2025-08-18&localCourseCode=ALG1&schoolId=500001&schoolYear=2026&sectionIdentifier=01&\
         sessionName=S1&studentUniqueId=7001"
    );
}

#[test]
fn element_1_begin_date() {
    assert_element(&SPEC, "beginDate", Need::M, true, &["Roster.startDate", "Term.startDate"]);
    assert_eq!(case().at("Roster:3-1", "/beginDate"), "2025-09-02", "the roster's start is later");
    let before = case().set("Roster:3.startDate", "2025-08-01");
    assert_eq!(before.at("Roster:3-1", "/beginDate"), "2025-08-18", "the term's start is later");
    assert_eq!(case().at("Roster:1-1", "/beginDate"), "2025-08-18", "without a roster start the term's");
}

#[test]
fn element_2_section_reference() {
    let columns = ["Section.number", "Course.number", "School.number", "Calendar.endYear", "Term.termType"];
    assert_element(&SPEC, "sectionReference", Need::M, true, &columns);
    let expected = json!({
        "localCourseCode": "BAND", "schoolId": 500_001, "schoolYear": 2026, "sessionName": "S2",
        "sectionIdentifier": "07",
    });
    assert_eq!(case().at("Roster:2-2", "/sectionReference"), expected);
    let own_id = case().set("School:1.edFiSchoolNumber", "140500001");
    assert_eq!(own_id.at("Roster:2-2", "/sectionReference/schoolId"), 140_500_001);
}

#[test]
fn element_3_student_reference() {
    assert_element(&SPEC, "studentReference", Need::M, true, &["Person.edFiID"]);
    assert_eq!(case().at("Roster:3-1", "/studentReference"), json!({ "studentUniqueId": "7002" }));
}

#[test]
fn element_4_end_date() {
    assert_element(&SPEC, "endDate", Need::O, false, &["Roster.endDate", "Term.endDate"]);
    let earlier = case().set("Roster:1.endDate", "2025-10-31");
    assert_eq!(earlier.at("Roster:1-1", "/endDate"), "2025-10-31", "the roster's end is earlier");
    let later = case().set("Roster:1.endDate", "2026-01-30");
    assert_eq!(later.at("Roster:1-1", "/endDate"), "2025-12-19", "the term's end is earlier");
    assert_eq!(case().at("Roster:1-1", "/endDate"), "2025-12-19", "without a roster end the term's");
}

#[test]
fn element_5_homeroom_indicator_true_for_the_section() {
    assert_element(&SPEC, "homeroomIndicator", Need::O, false, &["Course.homeroom", "Section.homeroomSection"]);
    let homeroom = case().set("Section:1.homeroomSection", "1");
    assert_eq!(homeroom.at("Roster:1-1", "/homeroomIndicator"), true);
    assert_eq!(homeroom.at("Roster:2-1", "/homeroomIndicator"), false, "another section");
}

#[test]
fn element_5_homeroom_indicator_true_for_the_course() {
    let homeroom = case().set("Course:2.homeroom", "1");
    assert_eq!(homeroom.at("Roster:2-1", "/homeroomIndicator"), true);
    assert_eq!(homeroom.at("Roster:1-1", "/homeroomIndicator"), false, "another course");
}

#[test]
fn element_5_homeroom_indicator_false_otherwise() {
    for (key, (_, body)) in case().records() {
        assert_eq!(body["homeroomIndicator"], false, "{key}");
    }
}

#[test]
fn element_7_attempt_status_does_not_report() {
    assert_element(&SPEC, "attemptStatusDescriptor", Need::NotReported, false, &[]);
    let entered = case().set("Roster:1.attemptStatus", "S");
    assert_eq!(entered.body("Roster:1-1"), case().body("Roster:1-1"));
    assert_eq!(entered.at("Roster:1-1", "/attemptStatusDescriptor"), Value::Null);
}

#[test]
fn element_8_repeat_identifier_does_not_report() {
    assert_element(&SPEC, "repeatIdentifierDescriptor", Need::NotReported, false, &[]);
    assert_eq!(case().at("Roster:1-1", "/repeatIdentifierDescriptor"), Value::Null);
}

#[test]
fn element_9_teacher_student_data_link_exclusion_does_not_report() {
    assert_element(&SPEC, "teacherStudentDataLinkExclusion", Need::NotReported, false, &[]);
    assert_eq!(case().at("Roster:1-1", "/teacherStudentDataLinkExclusion"), Value::Null);
}

// docs/readings.md and Kansas' rules beside the document

#[test]
fn object_key_is_the_roster_and_the_term() {
    let two_periods = case().with_placement("9", "1", "1");
    assert_eq!(two_periods.objects(), case().objects(), "a second period of a term is no second record");
}

#[test]
fn roster_before_the_term() {
    assert_eq!(
        case().set("Roster:1.endDate", "2025-08-17").excluded("Roster:1-1"),
        "roster-outside-term Roster:1-1",
        "the day before"
    );
    let first_day = case().set("Roster:1.endDate", "2025-08-18");
    assert_eq!(begin_and_end(&first_day, "Roster:1-1"), (json!("2025-08-18"), json!("2025-08-18")));
}

#[test]
fn roster_after_the_term() {
    let after = case().set("Roster:1.startDate", "2025-12-20");
    assert_eq!(after.excluded("Roster:1-1"), "roster-outside-term Roster:1-1");
    let last_day = case().set("Roster:1.startDate", "2025-12-19");
    assert_eq!(begin_and_end(&last_day, "Roster:1-1"), (json!("2025-12-19"), json!("2025-12-19")));
}

#[test]
fn roster_inside_the_term() {
    let inside = case().set("Roster:1.startDate", "2025-09-01").set("Roster:1.endDate", "2025-10-31");
    assert_eq!(begin_and_end(&inside, "Roster:1-1"), (json!("2025-09-01"), json!("2025-10-31")));
}

#[test]
fn roster_around_the_term() {
    let around = case().set("Roster:1.startDate", "2025-07-01").set("Roster:1.endDate", "2026-06-30");
    assert_eq!(begin_and_end(&around, "Roster:1-1"), (json!("2025-08-18"), json!("2025-12-19")));
}

#[test]
fn roster_that_ends_before_it_starts() {
    let reversed = case().set("Roster:1.startDate", "2025-10-10").set("Roster:1.endDate", "2025-10-09");
    assert_eq!(reversed.excluded("Roster:1-1"), "roster-outside-term Roster:1-1");
}

#[test]
fn roster_end_deletes_the_terms_that_start_after_it() {
    let left = case().set("Roster:2.endDate", "2026-01-04");
    assert_eq!(left.excluded("Roster:2-2"), "roster-outside-term Roster:2-2");
    assert_eq!(left.at("Roster:2-1", "/endDate"), "2025-12-19");
}

#[test]
fn several_terms_of_one_session() {
    let joined = case().map("term-type", "Spring", "uri://ksde.org/TermDescriptor#S1");
    let records = joined.records();
    let (objects, body) = records.values().find(|(objects, _)| objects.len() > 1).unwrap();
    assert_eq!(objects, &["Roster:2-1", "Roster:2-2"]);
    assert_eq!((&body["beginDate"], &body["endDate"]), (&json!("2025-08-18"), &json!("2026-05-22")));
    assert_eq!(records.len(), 3);
    let fall_only = records.values().find(|(objects, _)| objects == &["Roster:1-1"]).unwrap();
    assert_eq!(fall_only.1["endDate"], "2025-12-19", "the section's own terms of the session");
}

#[test]
fn term_without_a_date_is_a_defect() {
    for cell in ["Term:1.startDate", "Term:1.endDate"] {
        let problem = case().set(cell, "-").defect("Roster:1-1");
        assert!(problem.message.contains("Term:1"), "{}", problem.message);
    }
}

#[test]
fn override_of_the_section_or_the_course() {
    let of_course = case().set("Course:1.termDescriptorOverride", "first quarter");
    assert_eq!(of_course.at("Roster:1-1", "/sectionReference/sessionName"), "Q1");
    let of_section = of_course.clone().set("Section:1.termDescriptorOverride", "whole year");
    assert_eq!(of_section.at("Roster:1-1", "/sectionReference/sessionName"), "YR");
    let unmapped = of_course.set("Section:1.termDescriptorOverride", "summer");
    assert_eq!(unmapped.at("Roster:1-1", "/sectionReference/sessionName"), "Q1", "the course's stands");
    let none = case().set("Section:1.termDescriptorOverride", "summer");
    assert_eq!(none.records(), case().records(), "as if there were none");
}

#[test]
fn student_without_an_ed_fi_id() {
    assert_eq!(case().set("Person:1.edFiID", "-").excluded("Roster:1-1"), "no-student-id Person:1");
    let by_state_id = case().set("Person:1.edFiID", "-").option(&STUDENT_ID, "state-id");
    assert_eq!(by_state_id.at("Roster:1-1", "/studentReference/studentUniqueId"), "9001");
}

#[test]
fn section_identifier_by_template() {
    let named = case().option(&SECTION_IDENTIFIER, "{course.number}-{section.number}");
    assert_eq!(named.at("Roster:1-1", "/sectionReference/sectionIdentifier"), "ALG1-01");
}

#[test]
fn course_excluded_from_state_reporting() {
    assert_eq!(case().set("Course:1.stateExclude", "1").excluded("Roster:1-1"), "course-state-exclude Course:1");
}

#[test]
fn course_without_a_state_code() {
    assert_eq!(case().set("Course:1.stateCode", "-").excluded("Roster:1-1"), "no-state-code Course:1");
}

#[test]
fn section_without_a_placement() {
    let unplaced = case().without("SectionPlacement:1");
    assert_eq!(unplaced.objects()[0], "Roster:1");
    assert_eq!(unplaced.excluded("Roster:1"), "no-placement Section:1");
}

#[test]
fn term_without_a_type_or_a_mapping() {
    assert_eq!(case().set("Term:1.termType", "-").excluded("Roster:1-1"), "term-type-null Term:1");
    assert_eq!(case().set("Term:1.termType", "Autumn").excluded("Roster:1-1"), "term-unmapped Term:1");
}

#[test]
fn one_good_enrollment_of_several_suffices() {
    let bad = case().set("Enrollment:1.noShow", "1");
    assert_eq!(bad.clone().with_enrollment("9", "1", "-").count(), 4);
    let both_bad = bad.with_enrollment("9", "1", "-").set("Enrollment:9.stateExclude", "1");
    assert_eq!(both_bad.excluded("Roster:1-1"), "enrollment-state-exclude Enrollment:9", "the last one's reason");
}

#[test]
fn enrollment_in_the_schedule_structure_of_the_section() {
    let moved = case()
        .with("ScheduleStructure", &[("structureID", "2"), ("calendarID", "1"), ("name", "Evening")])
        .set("Enrollment:1.structureID", "2");
    assert_eq!(moved.excluded("Roster:1-1"), "enrollment-elsewhere Section:1");
    for place in ["calendar", "school"] {
        assert_eq!(moved.clone().option(&ELIGIBLE_ENROLLMENT, place).at("Roster:1-1", "/beginDate"), "2025-08-18");
    }
    let of_another_calendar = moved
        .with("Calendar", &[("calendarID", "2"), ("schoolID", "1"), ("endYear", "2026")])
        .set("ScheduleStructure:2.calendarID", "2")
        .set("Enrollment:1.calendarID", "2");
    let of_calendar = of_another_calendar.clone().option(&ELIGIBLE_ENROLLMENT, "calendar");
    assert_eq!(of_calendar.excluded("Roster:1-1"), "enrollment-elsewhere Section:1");
    let of_school = of_another_calendar.option(&ELIGIBLE_ENROLLMENT, "school");
    assert_eq!(of_school.at("Roster:1-1", "/beginDate"), "2025-08-18");
    assert_eq!(case().without("Enrollment:1").excluded("Roster:1-1"), "no-enrollment Section:1");
}

#[test]
fn roster_of_another_trial() {
    let draft = case().with("Roster", &[("rosterID", "9"), ("personID", "2"), ("sectionID", "2"), ("trialID", "2")]);
    assert_eq!(draft.objects(), case().objects());
}
