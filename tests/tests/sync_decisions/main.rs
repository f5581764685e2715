//! What a sync decides: the trigger tables of the documents, through the rules, a real ledger and a sandbox over HTTP.
//!
//! Each test starts from a small district that has been synced, changes one thing in the SIS or the configuration,
//! syncs again, and looks at what the ODS holds. `docs/coverage/` names these tests as `sync: …`.
#![cfg(feature = "kansas")]

mod hidden;
mod key_changes;
mod mortal;
mod office;
mod random;
mod resync;

use office::Office;
use rollcall_core::tables::TableName;
use rollcall_core::testing::District;
use rollcall_ledger::Outcome;
use rollcall_sandbox::{Faults, Hit, Moment, What, Whom};
use rollcall_sync::plan::Resync;

const ASSOCIATIONS: &str = "studentSectionAssociations";

/// Roster 1 (student 7001 in ALG1), roster 2 (7001 in BAND, both semesters), roster 3 (7002 in ALG1).
async fn synced() -> Office {
    let mut office = Office::open(District::small()).await;
    let summary = office.sync().await;
    assert!(summary.is_complete(), "{summary:?}");
    assert_eq!(office.count(ASSOCIATIONS), 4);
    assert_eq!(office.count("sessions"), 2);
    assert_eq!(office.count("courseOfferings"), 3);
    assert_eq!(office.count("sections"), 3);
    assert_eq!(office.count("students"), 2);
    assert_eq!(office.count("studentSchoolAssociations"), 2);
    office
}

#[tokio::test]
async fn a_second_sync_writes_nothing() {
    let mut office = synced().await;
    let summary = office.sync().await;
    assert_eq!(summary.requests, 0);
    assert_eq!(summary.total(|part| part.unchanged), 16);
}

#[tokio::test]
async fn post_when_a_student_is_scheduled_into_a_section() {
    let mut office = synced().await;
    office.change(|district| district.with_roster("9", "2", "2", "-", "-"));
    let summary = office.sync().await;
    assert_eq!(summary.total(|part| part.posted), 2, "a record per session of the section");
    assert_eq!(office.count(ASSOCIATIONS), 6);
}

#[tokio::test]
async fn put_when_the_roster_end_date_changes() {
    let mut office = synced().await;
    office.change(|district| district.set("Roster:1.endDate", "2025-10-01"));
    let summary = office.sync().await;
    assert_eq!((summary.total(|p| p.put), summary.total(|p| p.posted), summary.total(|p| p.deleted)), (1, 0, 0));
    let record = office.find(ASSOCIATIONS, &[("sectionReference.localCourseCode", "ALG1"), STUDENT_1]);
    assert_eq!(record.at("endDate").unwrap().key_text(), "2025-10-01");
    let status = record.at("_ext.ks.courseStatusDescriptor").unwrap().key_text().into_owned();
    assert!(status.ends_with("#Exited before course completion"), "{status}");
}

const STUDENT_1: (&str, &str) = ("studentReference.studentUniqueId", "7001");

#[tokio::test]
async fn delete_post_when_the_roster_start_date_changes() {
    let mut office = synced().await;
    office.change(|district| district.set("Roster:1.startDate", "2025-09-10"));
    let summary = office.sync().await;
    assert_eq!((summary.total(|p| p.put), summary.total(|p| p.posted), summary.total(|p| p.deleted)), (0, 1, 1));
    let record = office.find(ASSOCIATIONS, &[("sectionReference.localCourseCode", "ALG1"), STUDENT_1]);
    assert_eq!(record.at("beginDate").unwrap().key_text(), "2025-09-10");
    assert_eq!(office.count(ASSOCIATIONS), 4);
}

#[tokio::test]
async fn delete_when_the_roster_record_is_deleted() {
    let mut office = synced().await;
    office.change(|district| district.without("Roster:1"));
    let summary = office.sync().await;
    assert_eq!((summary.total(|p| p.deleted), summary.requests), (1, 1));
    assert_eq!(office.count(ASSOCIATIONS), 3);
}

#[tokio::test]
async fn delete_when_the_student_is_excluded_in_some_way() {
    let mut office = synced().await;
    office.change(|district| district.set("Person:2.exclude", "1"));
    let summary = office.sync().await;
    assert_eq!(summary.total(|p| p.deleted), 2, "the section and the school association");
    assert_eq!(office.count(ASSOCIATIONS), 3);
    assert_eq!(office.count("students"), 2, "a student is shared between districts and stays");
}

#[tokio::test]
async fn delete_when_the_enrollment_is_deleted() {
    let mut office = synced().await;
    office.change(|district| district.without("Enrollment:2"));
    office.sync().await;
    assert_eq!((office.count(ASSOCIATIONS), office.count("studentSchoolAssociations")), (3, 1));
}

#[tokio::test]
async fn delete_when_the_enrollment_becomes_a_no_show() {
    let mut office = synced().await;
    office.change(|district| district.set("Enrollment:2.noShow", "1"));
    office.sync().await;
    assert_eq!((office.count(ASSOCIATIONS), office.count("studentSchoolAssociations")), (3, 1));
    office.change(|district| district.set("Enrollment:2.noShow", "0"));
    office.sync().await;
    assert_eq!((office.count(ASSOCIATIONS), office.count("studentSchoolAssociations")), (4, 2));
}

#[tokio::test]
async fn delete_when_the_enrollment_dates_no_longer_overlap_the_configured_year() {
    let mut office = synced().await;
    office.change(|district| {
        district.set("Enrollment:2.startDate", "2024-08-18").set("Enrollment:2.endDate", "2025-05-20")
    });
    office.sync().await;
    assert_eq!(office.count(ASSOCIATIONS), 3);
}

#[tokio::test]
async fn exclusions_coming_and_going() {
    for cell in ["Calendar:1.exclude", "School:1.exclude"] {
        let mut office = synced().await;
        office.change(|district| district.set(cell, "1"));
        office.sync_with_deletes().await;
        for resource in [ASSOCIATIONS, "sections", "courseOfferings", "sessions", "studentSchoolAssociations"] {
            assert_eq!(office.count(resource), 0, "{cell} {resource}");
        }
        office.change(|district| district.set(cell, "0"));
        let summary = office.sync().await;
        assert!(summary.is_complete());
        assert_eq!(office.count(ASSOCIATIONS), 4, "{cell}");
    }
}

#[tokio::test]
async fn delete_when_the_course_is_not_active_any_more() {
    let mut office = synced().await;
    office.change(|district| district.set("Course:1.active", "0"));
    office.sync().await;
    let counts = ["courseOfferings", "sections", ASSOCIATIONS].map(|resource| office.count(resource));
    assert_eq!(counts, [2, 2, 2]);
}

#[tokio::test]
async fn delete_post_when_the_course_number_changes_with_everything_downstream() {
    let mut office = synced().await;
    office.change(|district| district.set("Course:2.number", "BAND2"));
    let summary = office.sync().await;
    // Two offerings, two sections and two associations: deleted downstream first, posted upstream first.
    assert_eq!((summary.total(|p| p.deleted), summary.total(|p| p.posted)), (6, 6));
    let order: Vec<(String, String)> = office.writes();
    let kinds: Vec<&str> = order.iter().map(|(_, resource)| resource.as_str()).collect();
    assert_eq!(
        kinds,
        [
            ASSOCIATIONS,
            ASSOCIATIONS,
            "sections",
            "sections",
            "courseOfferings",
            "courseOfferings",
            "courseOfferings",
            "courseOfferings",
            "sections",
            "sections",
            ASSOCIATIONS,
            ASSOCIATIONS,
        ]
    );
    assert!(
        office.all(ASSOCIATIONS).iter().all(|r| r.at("sectionReference.localCourseCode").unwrap().key_text() != "BAND")
    );
}

#[tokio::test]
async fn delete_post_when_the_school_number_changes_with_everything_downstream() {
    let mut office = synced().await;
    office.add_school(500_002).await;
    office.change(|district| district.set("School:1.edFiSchoolNumber", "500002"));
    let summary = office.sync().await;
    assert!(summary.is_complete(), "{summary:?}");
    for resource in ["sessions", "courseOfferings", "sections", ASSOCIATIONS] {
        for record in office.all(resource) {
            let json = String::from_utf8(record.to_json()).unwrap();
            assert!(json.contains("500002") && !json.contains("500001"), "{resource}");
        }
    }
    assert_eq!(office.count(ASSOCIATIONS), 4);
}

#[tokio::test]
async fn delete_post_when_the_student_id_changes() {
    let mut office = synced().await;
    office.change(|district| district.set("Person:2.edFiID", "7999"));
    let summary = office.sync().await;
    assert!(summary.is_complete(), "{summary:?}");
    assert_eq!(office.count(ASSOCIATIONS), 4);
    office.find(ASSOCIATIONS, &[("studentReference.studentUniqueId", "7999")]);
    assert_eq!(office.count("students"), 3, "the old student may be another district's too, and stays");
    assert_eq!(office.sync().await.requests, 0);
}

#[tokio::test]
async fn delete_post_when_the_section_number_changes() {
    let mut office = synced().await;
    office.change(|district| district.set("Section:1.number", "02"));
    let summary = office.sync().await;
    assert_eq!((summary.total(|p| p.deleted), summary.total(|p| p.posted)), (3, 3));
    assert!(summary.is_complete());
}

#[tokio::test]
async fn put_when_course_information_changes() {
    let mut office = synced().await;
    office.change(|district| district.set("Course:2.name", "Concert"));
    let summary = office.sync().await;
    assert_eq!((summary.total(|p| p.put), summary.requests), (2, 2), "an offering for each session, and nothing else");
}

#[tokio::test]
async fn delete_when_a_section_schedule_placement_is_removed() {
    let mut office = synced().await;
    office.change(|district| district.without("SectionPlacement:3"));
    office.sync().await;
    let counts = ["courseOfferings", "sections", ASSOCIATIONS].map(|resource| office.count(resource));
    assert_eq!(counts, [2, 2, 3]);
}

#[tokio::test]
async fn delete_when_the_term_is_deleted_with_all_dependent_data() {
    let mut office = synced().await;
    office.change(|district| district.without("SectionPlacement:3").without("Term:2"));
    office.sync().await;
    let counts = ["sessions", "courseOfferings", "sections", ASSOCIATIONS].map(|resource| office.count(resource));
    assert_eq!(counts, [1, 2, 2, 3]);
}

#[tokio::test]
async fn a_session_stays_while_offerings_that_still_report_name_it() {
    for key_changes in ["delete-post", "update"] {
        a_session_whose_term_goes_to_another_school(key_changes).await;
    }
}

async fn a_session_whose_term_goes_to_another_school(key_changes: &str) {
    let mut office = synced().await;
    office.configure(|text| text.replace("[connection]", &format!("[connection]\nkey-changes = \"{key_changes}\"")));
    office.add_school(500_002).await;
    // The term is another school's now; the section of this one is placed in it still.
    office.change(|district| {
        district
            .with("School", &[("schoolID", "2"), ("districtID", "1"), ("name", "South"), ("number", "500002")])
            .with("Calendar", &[("calendarID", "2"), ("schoolID", "2"), ("endYear", "2026")])
            .with("ScheduleStructure", &[("structureID", "2"), ("calendarID", "2")])
            .with("TermSchedule", &[("termScheduleID", "2"), ("structureID", "2")])
            .set("Term:2.termScheduleID", "2")
    });
    for resync in [false, true, false] {
        let summary = if resync { office.resync(&Resync::default()).await } else { office.sync().await };
        assert_eq!(summary.total(|part| part.refused + part.deleted), 0, "{summary:?}");
        assert_eq!((office.count("sessions"), office.count("courseOfferings")), (3, 3), "{key_changes}");
        let offering = office.find("courseOfferings", &[("sessionReference.sessionName", "S2")]);
        assert_eq!(offering.at("sessionReference.schoolId").unwrap().key_text(), "500001", "{key_changes}");
    }
    office.change(|district| district.without("SectionPlacement:3"));
    let summary = office.sync().await;
    assert!(summary.is_complete(), "{summary:?}");
    assert_eq!((office.count("sessions"), office.count("courseOfferings")), (2, 2), "both go together");
}

#[tokio::test]
async fn two_sections_with_one_natural_key_and_one_is_deleted() {
    let mut office = synced().await;
    office.change(|district| district.with_section("9", "1", "01").with_placement("9", "9", "1"));
    assert_eq!(office.sync().await.requests, 0, "both stand behind the records that are there");
    office.change(|district| district.without("Roster:1").without("Roster:3"));
    office.sync().await;
    office.change(|district| district.without("SectionPlacement:1").without("Section:1"));
    office.sync().await;
    assert_eq!((office.count("courseOfferings"), office.count("sections")), (3, 3), "the other section holds them");
    office.change(|district| district.without("SectionPlacement:9").without("Section:9"));
    office.sync().await;
    assert_eq!((office.count("courseOfferings"), office.count("sections")), (2, 2), "the last one is gone");
}

#[tokio::test]
async fn several_terms_with_one_descriptor_are_one_session() {
    let mut office = Office::open(District::small().set("Term:2.termType", "Fall")).await;
    office.sync().await;
    assert_eq!(office.count("sessions"), 1);
    let session = office.all("sessions").remove(0);
    assert_eq!(session.at("endDate").unwrap().key_text(), "2026-05-22");
    office.change(|district| district.without("SectionPlacement:3").without("Term:2"));
    office.sync().await;
    let session = office.all("sessions").remove(0);
    assert_eq!(session.at("endDate").unwrap().key_text(), "2025-12-19", "kept, with the remaining term's data");
}

#[tokio::test]
async fn a_mapping_change_triggers_nothing() {
    let mut office = synced().await;
    office.configure(|text| text.replace("\"H\" = \"H\"", "\"H\" = \"G\""));
    let summary = office.sync().await;
    assert_eq!((summary.requests, summary.total(|p| p.waiting)), (0, 1));
    // Not even one that changes the natural key of a session and of everything below it.
    office.configure(|text| text.replace("\"Fall\" = \"S1\"", "\"Fall\" = \"T1\""));
    let summary = office.sync().await;
    assert_eq!(summary.requests, 0);
    assert_eq!(summary.total(|p| p.waiting), 1 + 2 + 2 + 3, "sessions, offerings, sections, associations of the fall");
}

/// A sync sends nothing since something waits for a resync, however often it looks.
async fn waits(office: &mut Office) {
    for _ in 0..2 {
        let summary = office.sync().await;
        assert_eq!(summary.requests, 0);
        assert!(summary.total(|p| p.waiting) > 0);
        // Each record that reports is counted, and beside them those that a resync would delete.
        for part in &summary.resources {
            assert!(part.unchanged + part.waiting >= part.reported, "{part:?}");
        }
    }
}

/// Two terms that a mapping joins are one session, and what hangs on the later one changes its natural key.
#[tokio::test]
async fn a_mapping_that_joins_two_records_triggers_nothing() {
    let mut office = synced().await;
    let held = ["sessions", "courseOfferings", "sections", ASSOCIATIONS].map(|name| (name, office.count(name)));
    let join = |text: &str| text.replace("\"Spring\" = \"S2\"", "\"Spring\" = \"S1\"");
    office.configure(|text| join(&text));
    waits(&mut office).await;
    assert_eq!(held, held.map(|(name, _)| (name, office.count(name))));
    office.configure(|text| text.replace("\"Spring\" = \"S1\"", "\"Spring\" = \"S2\""));
    let summary = office.sync().await;
    assert_eq!(summary.total(|p| p.waiting), 0, "mapped as before");
    office.configure(|text| join(&text));
    office.resync(&Resync::default()).await;
    assert_eq!(office.count("sessions"), held[0].1 - 1);
    office.holds_a_full_load();
    // And one that splits them again.
    office.configure(|text| text.replace("\"Spring\" = \"S1\"", "\"Spring\" = \"S2\""));
    waits(&mut office).await;
    office.resync(&Resync::default()).await;
    office.holds_a_full_load();
    assert_eq!(office.sync().await.requests, 0);
}

/// A mapping that lets the newest object of a record report no more, or for the first time.
#[tokio::test]
async fn a_mapping_of_one_of_two_objects_triggers_nothing() {
    let mut office = Office::open(District::small()).await;
    let mapped = |text: &str, to: &str| text.replace("\"Spring\" = \"S2\"", to).replace("\"Spring\" = \"S1\"", to);
    office.configure(|text| mapped(&text, "\"Spring\" = \"S1\""));
    office.sync().await;
    let config = office.config.clone();
    office.configure(|text| mapped(&text, ""));
    waits(&mut office).await;
    office.resync(&Resync::default()).await;
    office.holds_a_full_load();
    office.configure(|_| config);
    waits(&mut office).await;
    office.resync(&Resync::default()).await;
    office.holds_a_full_load();
}

#[tokio::test]
async fn a_removed_mapping_triggers_nothing() {
    let mut office = synced().await;
    office.configure(|text| text.replace("\"Fall\" = \"S1\"", ""));
    let summary = office.sync().await;
    assert_eq!(summary.requests, 0);
    assert_eq!((office.count("sessions"), office.count(ASSOCIATIONS)), (2, 4));
}

#[tokio::test]
async fn toggled_off_nothing_new_sends_and_nothing_is_deleted() {
    let mut office = synced().await;
    office.configure(|text| format!("{text}\n[resources]\nstudentSectionAssociations = false\n"));
    office.change(|district| district.with_roster("9", "2", "2", "-", "-").without("Roster:1"));
    assert_eq!(office.sync().await.requests, 0);
    assert_eq!(office.count(ASSOCIATIONS), 4);
    office.configure(|text| text.replace("studentSectionAssociations = false", "studentSectionAssociations = true"));
    let summary = office.sync().await;
    assert_eq!((summary.total(|p| p.posted), summary.total(|p| p.deleted)), (2, 1), "on again: what was missed");
}

/// The newer of two rosters behind one record is in a row that cannot be read: it is not gone, and the record stays as it is.
#[tokio::test]
async fn rows_that_cannot_be_read_withhold_what_an_older_object_says() {
    let mut office = Office::open(District::small().with_roster("9", "1", "1", "-", "2025-11-03")).await;
    office.sync().await;
    office.change(|district| district.without("Roster:9"));
    office.damaged = Some(TableName::Roster);
    for _ in 0..2 {
        let summary = office.sync().await;
        assert_eq!((summary.requests, summary.total(|p| p.withheld)), (0, 1));
    }
    office.damaged = None;
    let summary = office.sync().await;
    assert_eq!((summary.total(|p| p.put), summary.total(|p| p.withheld)), (1, 0), "it is gone");
}

#[tokio::test]
async fn rows_that_cannot_be_read_withhold_deletes() {
    let mut office = synced().await;
    office.change(|district| district.without("Roster:1").without("Roster:2"));
    office.damaged = Some(TableName::Roster);
    let summary = office.sync().await;
    assert_eq!((summary.requests, summary.total(|p| p.withheld)), (0, 3));
    office.damaged = None;
    assert_eq!(office.sync().await.total(|p| p.deleted), 3);
}

#[tokio::test]
async fn rows_that_cannot_be_read_withhold_what_they_may_have_changed() {
    let mut office = synced().await;
    // The spring term cannot be read, and the placement in it dangles.
    office.change(|district| district.without("SectionPlacement:3").without("Term:2").set("Course:2.name", "Concert"));
    office.damaged = Some(TableName::Term);
    let summary = office.sync().await;
    assert_eq!(summary.total(|p| p.put), 1, "the course's name does not hang on a term: {summary:?}");
    assert_eq!(summary.requests, 1);
    assert_eq!((office.count("sessions"), office.count(ASSOCIATIONS)), (2, 4));
}

#[tokio::test]
async fn what_refers_to_a_refused_record_is_held_and_goes_out_when_it_is_mended() {
    let mut office = Office::open(District::small()).await;
    // The sandbox knows the state courses of the tables that it was opened with, and not this one.
    office.change(|district| district.set("Course:1.stateCode", "99999"));
    let summary = office.sync().await;
    assert_eq!((summary.total(|p| p.refused), summary.total(|p| p.held)), (1, 3));
    let errors = office.errors();
    assert_eq!(errors.iter().filter(|e| e.outcome == Outcome::Held).count(), 3);
    assert_eq!(office.count(ASSOCIATIONS), 2, "the others go on");
    office.change(|district| district.set("Course:1.stateCode", "02052"));
    let summary = office.sync().await;
    assert!(summary.is_complete(), "{summary:?}");
    assert_eq!(office.count(ASSOCIATIONS), 4);
    assert!(office.errors().is_empty());
}

#[tokio::test]
async fn a_student_whom_another_district_created_is_updated_after_the_association() {
    let mut office = Office::open(District::small()).await;
    office
        .post_as_state(
            "students",
            r#"{"studentUniqueId":"7001","birthDate":"2010-04-02","firstName":"Old","lastSurname":"Name"}"#,
        )
        .await;
    let summary = office.sync().await;
    assert!(summary.is_complete(), "{summary:?}");
    let student = office.find("students", &[("studentUniqueId", "7001")]);
    assert_eq!(student.at("firstName").unwrap().key_text(), "Ada");
}

#[tokio::test]
async fn a_record_that_the_ods_lost_is_sent_anew_when_it_changes() {
    let mut office = synced().await;
    office.delete_as_state(ASSOCIATIONS, &[("sectionReference.localCourseCode", "ALG1"), STUDENT_1]).await;
    assert_eq!(office.count(ASSOCIATIONS), 3);
    office.change(|district| district.set("Roster:1.endDate", "2025-10-01"));
    let summary = office.sync().await;
    assert!(summary.is_complete(), "{summary:?}");
    assert_eq!(office.count(ASSOCIATIONS), 4);
}

#[tokio::test]
async fn a_post_whose_answer_was_lost_is_neither_doubled_nor_forgotten() {
    let mut office = synced().await;
    office.change(|district| district.with_roster("9", "2", "2", "-", "-"));
    let what = What::Reset(Moment::AfterCommit);
    office.sandbox.set_faults(Hit { what, whom: Whom::Every(1), times: None }.into());
    let summary = office.sync().await;
    assert_eq!(summary.total(|p| p.unknown), 2, "{summary:?}");
    assert_eq!(office.count(ASSOCIATIONS), 6, "the server committed both");
    office.sandbox.set_faults(Faults::default());
    // The SIS takes the roster back before the next sync: the ledger knows no ODS id, and finds the records by key.
    office.change(|district| district.without("Roster:9"));
    let summary = office.sync().await;
    assert!(summary.is_complete(), "{summary:?}");
    assert_eq!(office.count(ASSOCIATIONS), 4);
}

#[tokio::test]
async fn a_score_that_its_list_lacks_leaves_the_record_as_it_was() {
    let mut office = synced().await;
    office.change(|district| district.with_score("1", "1", "1", "1", "B", "2025-12-19"));
    let summary = office.sync().await;
    assert_eq!((summary.requests, summary.total(|p| p.defects), summary.total(|p| p.kept)), (0, 1, 1));
    assert_eq!(office.count(ASSOCIATIONS), 4);
    let errors = office.errors();
    assert_eq!((errors.len(), errors[0].outcome), (1, Outcome::Defect));
    office.change(|district| district.set("GradingScore:1.score", "A"));
    let summary = office.sync().await;
    assert_eq!((summary.total(|p| p.put), office.errors().len()), (1, 0));
}
