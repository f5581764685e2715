//! Kansas: Student Section Associations.

use crate::kansas::start;
use crate::rows::{ALL_IS_POSTED, ONE_MORE_SCHOOL, all_of_the_school_moves};

const ASSOCIATIONS: &str = "studentSectionAssociations";
const BEGIN: &str = "/beginDate";
const END: &str = "/endDate";

// Object Triggering Logic: Post

#[test]
fn post_when_a_student_is_scheduled_into_a_course_section() {
    start()
        .in_step()
        .edit(|sis| sis.without("Roster:3"))
        .sync(&["1 DELETE studentSectionAssociations"])
        .edit(|sis| sis.with_roster("9", "2", "1", "-", "-"))
        .sync(&["1 POST studentSectionAssociations"])
        .has(ASSOCIATIONS, "/studentReference/studentUniqueId", &["7001", "7001", "7001", "7002"]);
}

#[test]
fn post_per_eligible_session_of_the_roster_dates() {
    // BAND is placed in both semesters: a whole year, the fall only, the spring only.
    start()
        .in_step()
        .edit(|sis| sis.with_roster("9", "2", "2", "-", "-"))
        .sync(&["2 POST studentSectionAssociations"])
        .edit(|sis| sis.set("Roster:9.endDate", "2025-11-28"))
        .sync(&["1 PUT studentSectionAssociations", "1 DELETE studentSectionAssociations"])
        .edit(|sis| sis.set("Roster:9.endDate", "-").set("Roster:9.startDate", "2026-02-02"))
        .sync(&["1 DELETE studentSectionAssociations", "1 POST studentSectionAssociations"])
        .has(ASSOCIATIONS, BEGIN, &["2025-08-18", "2025-08-18", "2025-09-02", "2026-01-05", "2026-02-02"]);
}

#[test]
fn post_for_each_section_that_is_reported() {
    start()
        .in_step()
        .edit(|sis| sis.set("Course:2.stateExclude", "1"))
        .sync(&["2 DELETE studentSectionAssociations", "2 DELETE sections", "2 DELETE courseOfferings"])
        .has(ASSOCIATIONS, "/sectionReference/localCourseCode", &["ALG1", "ALG1"])
        .edit(|sis| sis.set("Course:2.stateExclude", "0"))
        .sync(&["2 POST courseOfferings", "2 POST sections", "2 POST studentSectionAssociations"]);
}

#[test]
fn post_not_with_calendar_exclude() {
    start()
        .sis(|sis| sis.set("Calendar:1.exclude", "1"))
        .in_step()
        .holds(ASSOCIATIONS, 0)
        .edit(|sis| sis.set("Calendar:1.exclude", "0"))
        .sync(ALL_IS_POSTED);
}

#[test]
fn post_not_with_school_exclude() {
    start()
        .sis(|sis| sis.set("School:1.exclude", "1"))
        .in_step()
        .holds(ASSOCIATIONS, 0)
        .edit(|sis| sis.set("School:1.exclude", "0"))
        .sync(ALL_IS_POSTED);
}

#[test]
fn post_not_with_course_inactive() {
    start()
        .in_step()
        .edit(|sis| sis.set("Course:1.active", "0"))
        .sync(&["2 DELETE studentSectionAssociations", "1 DELETE sections", "1 DELETE courseOfferings"])
        .edit(|sis| sis.set("Course:1.active", "1"))
        .sync(&["1 POST courseOfferings", "1 POST sections", "2 POST studentSectionAssociations"]);
}

#[test]
fn post_not_with_enrollment_no_show() {
    start()
        .in_step()
        .edit(|sis| sis.set("Enrollment:1.noShow", "1"))
        .sync(&["3 DELETE studentSectionAssociations", "1 DELETE studentSchoolAssociations"])
        .edit(|sis| sis.set("Enrollment:1.noShow", "0"))
        .sync(&["1 POST studentSchoolAssociations", "3 POST studentSectionAssociations"]);
}

// Object Triggering Logic: Delete/Post

#[test]
fn delete_post_when_the_natural_key_is_altered() {
    start()
        .in_step()
        .edit(|sis| sis.set("Roster:3.startDate", "2025-09-15"))
        .sync(&["1 DELETE studentSectionAssociations", "1 POST studentSectionAssociations"])
        .has(ASSOCIATIONS, BEGIN, &["2025-08-18", "2025-08-18", "2025-09-15", "2026-01-05"]);
}

#[test]
fn delete_post_when_the_section_number_is_altered() {
    start()
        .in_step()
        .edit(|sis| sis.set("Section:1.number", "02"))
        .sync(&[
            "2 DELETE studentSectionAssociations",
            "1 DELETE sections",
            "1 POST sections",
            "2 POST studentSectionAssociations",
        ])
        .has(ASSOCIATIONS, "/sectionReference/sectionIdentifier", &["02", "02", "07", "07"]);
}

#[test]
fn delete_post_when_the_student_id_is_altered() {
    // The student under the old id may be another district's too, and stays.
    start()
        .in_step()
        .edit(|sis| sis.set("Person:1.edFiID", "7009"))
        .sync(&[
            "3 DELETE studentSectionAssociations",
            "1 DELETE studentSchoolAssociations",
            "1 POST students",
            "1 POST studentSchoolAssociations",
            "3 POST studentSectionAssociations",
        ])
        .has(ASSOCIATIONS, "/studentReference/studentUniqueId", &["7002", "7009", "7009", "7009"])
        .has("students", "/studentUniqueId", &["7001", "7002", "7009"]);
}

#[test]
fn delete_post_when_the_school_is_altered() {
    start()
        .in_step_with(|sis| sis.with("School", ONE_MORE_SCHOOL))
        .edit(|sis| sis.set("School:1.number", "500009"))
        .sync(&all_of_the_school_moves())
        .has(ASSOCIATIONS, "/sectionReference/schoolId", &["500009", "500009", "500009", "500009"]);
}

/// docs/readings.md, keys in place: a connection may choose one PUT where the ODS takes it.
// extra: the same row where a connection chooses so
#[test]
fn the_natural_key_is_altered_in_place() {
    start()
        .in_step()
        .configure("[connection]", "[connection]\nkey-changes = \"update\"")
        .edit(|sis| sis.set("Section:1.number", "02"))
        .sync(&["1 PUT sections", "2 PUT studentSectionAssociations"])
        .has(ASSOCIATIONS, "/sectionReference/sectionIdentifier", &["02", "02", "07", "07"])
        // A course number cannot be changed in place.
        .edit(|sis| sis.set("Course:1.number", "ALG1A"))
        .sync(&[
            "2 DELETE studentSectionAssociations",
            "1 DELETE sections",
            "1 DELETE courseOfferings",
            "1 POST courseOfferings",
            "1 POST sections",
            "2 POST studentSectionAssociations",
        ]);
}

/// docs/readings.md, SSA eligible enrollment: where it has to be is an option.
// extra: what the documents say of preferences, for an option that no document has
#[test]
fn none_when_the_option_of_the_enrollment_changes() {
    let evening = [("structureID", "2"), ("calendarID", "1"), ("name", "Evening")];
    start()
        .sis(|sis| sis.with("ScheduleStructure", &evening))
        .in_step()
        // The SIS moves it out of the section's structure.
        .edit(|sis| sis.set("Enrollment:2.structureID", "2"))
        .sync(&["1 DELETE studentSectionAssociations"])
        .configure("", "[options]\neligible-enrollment = \"calendar\"\n")
        .sync_waits(1)
        .resync(&["1 POST studentSectionAssociations"])
        .configure("\"calendar\"", "\"structure\"")
        .sync_waits(1)
        .edit(|sis| sis.set("Enrollment:2.structureID", "1"))
        .sync(&[])
        .holds(ASSOCIATIONS, 4);
}

/// docs/readings.md, studentReference: which id it is is an option. Ben has no other than Ed-Fi's.
// extra: what the documents say of preferences, for an option that no document has
#[test]
fn none_when_the_option_of_the_student_id_changes() {
    start()
        .sis(|sis| sis.set("Person:2.studentNumber", "-"))
        .in_step()
        .configure("", "[options]\nstudent-id = \"student-number\"\n")
        .sync_waits(7)
        .configure("student-id = \"student-number\"", "student-id = \"ed-fi-id\"")
        .sync(&[])
        // The SIS takes it away.
        .edit(|sis| sis.set("Person:2.edFiID", "-"))
        .sync(&["1 DELETE studentSectionAssociations", "1 DELETE studentSchoolAssociations"]);
}

#[test]
fn put_otherwise() {
    start()
        .in_step()
        .edit(|sis| sis.set("Section:1.homeroomSection", "1"))
        .sync(&["2 PUT studentSectionAssociations"])
        .has(ASSOCIATIONS, "/homeroomIndicator", &["false", "false", "true", "true"]);
}

// Object Triggering Logic: Put

#[test]
fn put_when_a_new_roster_entry() {
    // Of a student who has one in this section: both stand behind one record, which takes the newer one's data.
    start()
        .in_step()
        .edit(|sis| sis.with_roster("9", "1", "1", "-", "2025-11-28"))
        .sync(&["1 PUT studentSectionAssociations"])
        .has(ASSOCIATIONS, END, &["2025-11-28", "2025-12-19", "2025-12-19", "2026-05-22"]);
}

#[test]
fn put_when_the_roster_start_date_changes() {
    // As far as it changes the begin date it is in the natural key; else no element has it.
    start()
        .in_step()
        .edit(|sis| sis.set("Roster:1.startDate", "2025-08-11"))
        .sync(&[])
        .edit(|sis| sis.set("Roster:1.startDate", "2025-08-25"))
        .sync(&["1 DELETE studentSectionAssociations", "1 POST studentSectionAssociations"])
        .has(ASSOCIATIONS, BEGIN, &["2025-08-18", "2025-08-25", "2025-09-02", "2026-01-05"]);
}

#[test]
fn put_when_the_roster_end_date_changes() {
    let status = "/_ext/ks/courseStatusDescriptor";
    let [enrolled, exited] = ["Enrolled", "Exited before course completion"]
        .map(|code| format!("uri://ksde.org/CourseStatusDescriptor#{code}"));
    start()
        .in_step()
        .edit(|sis| sis.set("Roster:3.endDate", "2025-10-31"))
        .sync(&["1 PUT studentSectionAssociations"])
        .has(ASSOCIATIONS, END, &["2025-10-31", "2025-12-19", "2025-12-19", "2026-05-22"])
        .has(ASSOCIATIONS, status, &[&enrolled, &enrolled, &enrolled, &exited]);
}

#[test]
fn put_when_a_new_enrollment() {
    // It is looked at again, and no element has the enrollment: the association stays as it is through the change of
    // enrollments, and does not when none is left.
    start()
        .in_step()
        .edit(|sis| sis.without("Enrollment:1").with_enrollment("9", "1", "-").set("Enrollment:9.serviceType", "S"))
        .sync(&["1 PUT studentSchoolAssociations"])
        .holds(ASSOCIATIONS, 4)
        .edit(|sis| sis.without("Enrollment:9"))
        .sync(&["3 DELETE studentSectionAssociations", "1 DELETE studentSchoolAssociations"]);
}

#[test]
fn put_when_the_enrollment_start_date_changes() {
    start()
        .in_step()
        .edit(|sis| sis.set("Enrollment:2.startDate", "2025-08-25"))
        .sync(&["1 DELETE studentSchoolAssociations", "1 POST studentSchoolAssociations"])
        .holds(ASSOCIATIONS, 4)
        // The day after the school year.
        .edit(|sis| sis.set("Enrollment:2.startDate", "2026-07-01"))
        .sync(&["1 DELETE studentSectionAssociations", "1 DELETE studentSchoolAssociations"]);
}

#[test]
fn put_when_the_enrollment_end_date_changes() {
    start()
        .in_step()
        .edit(|sis| sis.set("Enrollment:2.endDate", "2026-05-01"))
        .sync(&["1 PUT studentSchoolAssociations"])
        .holds(ASSOCIATIONS, 4)
        .edit(|sis| sis.set("Enrollment:2.startDate", "2024-08-19").set("Enrollment:2.endDate", "2025-06-30"))
        .sync(&["1 DELETE studentSectionAssociations", "1 DELETE studentSchoolAssociations"]);
}

#[test]
fn put_when_no_show_changes() {
    start()
        .in_step()
        .edit(|sis| sis.set("Enrollment:2.noShow", "1"))
        .sync(&["1 DELETE studentSectionAssociations", "1 DELETE studentSchoolAssociations"])
        .edit(|sis| sis.set("Enrollment:2.noShow", "0"))
        .sync(&["1 POST studentSchoolAssociations", "1 POST studentSectionAssociations"]);
}

#[test]
fn none_when_mappings_change() {
    start()
        .in_step()
        .configure("\"Spring\" = \"S2\"", "\"Spring\" = \"T3\"")
        .sync_waits(4)
        .has(ASSOCIATIONS, "/sectionReference/sessionName", &["S1", "S1", "S1", "S2"])
        .resync(&[
            "1 DELETE studentSectionAssociations",
            "1 DELETE sections",
            "1 DELETE courseOfferings",
            "1 DELETE sessions",
            "1 POST sessions",
            "1 POST courseOfferings",
            "1 POST sections",
            "1 POST studentSectionAssociations",
        ])
        .has(ASSOCIATIONS, "/sectionReference/sessionName", &["S1", "S1", "S1", "T3"]);
}

// Object Triggering Logic: Delete

#[test]
fn delete_when_the_student_is_excluded_in_some_way() {
    for cell in ["Person:2.exclude", "Enrollment:2.stateExclude"] {
        start()
            .in_step()
            .edit(|sis| sis.set(cell, "1"))
            .sync(&["1 DELETE studentSectionAssociations", "1 DELETE studentSchoolAssociations"])
            .has(ASSOCIATIONS, "/studentReference/studentUniqueId", &["7001", "7001", "7001"]);
    }
}

#[test]
fn delete_when_the_enrollment_is_deleted() {
    start()
        .in_step()
        .edit(|sis| sis.without("Enrollment:2"))
        .sync(&["1 DELETE studentSectionAssociations", "1 DELETE studentSchoolAssociations"])
        .has(ASSOCIATIONS, "/studentReference/studentUniqueId", &["7001", "7001", "7001"]);
}

#[test]
fn delete_when_the_enrollment_dates_no_longer_overlap_the_configured_year() {
    start()
        .in_step()
        .edit(|sis| sis.set("Enrollment:2.startDate", "2024-08-19").set("Enrollment:2.endDate", "2025-05-30"))
        .sync(&["1 DELETE studentSectionAssociations", "1 DELETE studentSchoolAssociations"])
        .has(ASSOCIATIONS, "/studentReference/studentUniqueId", &["7001", "7001", "7001"]);
}

#[test]
fn delete_when_the_roster_record_is_deleted() {
    start().in_step().edit(|sis| sis.without("Roster:2")).sync(&["2 DELETE studentSectionAssociations"]).has(
        ASSOCIATIONS,
        "/sectionReference/localCourseCode",
        &["ALG1", "ALG1"],
    );
}
