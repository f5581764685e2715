//! Core Sessions.

use rollcall_core::testing::District;

use crate::district::Start;
use crate::rows::{ALL_OF_THE_SCHOOL_COMES, ALL_OF_THE_SCHOOL_GOES, ONE_MORE_SCHOOL, all_of_the_school_moves};

const CONFIG: &str = r#"
[mappings.term-type]
"Fall" = "Fall Semester"
"Spring" = "Spring Semester"
"Summer" = "Summer Semester"

[mappings.term-descriptor-override]
"first quarter" = "First Quarter"
"whole year" = "Year Round"

[mappings.grade-level]
"09" = "Ninth grade"
"10" = "Tenth grade"
"#;

const SUMMER: &[(&str, &str)] = &[
    ("termID", "3"),
    ("termScheduleID", "1"),
    ("termType", "Summer"),
    ("startDate", "2026-06-01"),
    ("endDate", "2026-06-26"),
];

const NAME: &str = "/sessionName";

/// `Term:1` is the fall and `Term:2` the spring. ALG1 is placed in the fall, with two students; BAND in both, with one.
fn start() -> Start {
    Start { state: "ed-fi", config: CONFIG.into(), years: vec![2026], sis: District::small() }
}

fn with_summer(sis: District) -> District {
    sis.with("Term", SUMMER)
}

fn without_spring(sis: District) -> District {
    sis.without("SectionPlacement:3").without("Term:2")
}

// Object Triggering Logic

#[test]
fn post_when_a_new_term_is_created_that_is_mapped_to_a_term_type() {
    start().in_step().edit(with_summer).sync(&["1 POST sessions"]).has(
        "sessions",
        NAME,
        &["Fall Semester", "Spring Semester", "Summer Semester"],
    );
}

#[test]
fn post_when_a_term_descriptor_override_is_selected_on_a_course() {
    start()
        .in_step()
        .edit(|sis| sis.set("Course:1.termDescriptorOverride", "first quarter"))
        .sync(&[
            "2 DELETE studentSectionAssociations",
            "1 DELETE sections",
            "1 DELETE courseOfferings",
            "1 POST sessions",
            "1 POST courseOfferings",
            "1 POST sections",
            "2 POST studentSectionAssociations",
        ])
        .has("sessions", NAME, &["Fall Semester", "First Quarter", "Spring Semester"]);
}

#[test]
fn post_when_a_term_descriptor_override_is_selected_on_a_section() {
    // Of BAND, which is placed in two terms: its two records become one.
    start()
        .in_step()
        .edit(|sis| sis.set("Section:2.termDescriptorOverride", "whole year"))
        .sync(&[
            "2 DELETE studentSectionAssociations",
            "2 DELETE sections",
            "2 DELETE courseOfferings",
            "1 POST sessions",
            "1 POST courseOfferings",
            "1 POST sections",
            "1 POST studentSectionAssociations",
        ])
        .has("sessions", NAME, &["Fall Semester", "Spring Semester", "Year Round"]);
}

#[test]
fn put_when_the_grading_period_data_is_changed() {
    start()
        .in_step()
        .edit(|sis| sis.set("Day:3.instruction", "1"))
        .sync(&["1 PUT sessions"])
        .has("sessions", "/totalInstructionalDays", &["2", "3"])
        // The three associations of the fall end with it.
        .edit(|sis| sis.set("Term:1.endDate", "2025-12-18"))
        .sync(&["1 PUT sessions", "3 PUT studentSectionAssociations"])
        .has("sessions", "/endDate", &["2025-12-18", "2026-05-22"]);
}

/// "From the calendar and schedule structure the term is associated with": the term is moved to another structure.
#[test]
fn put_when_the_term_moves_to_another_schedule_structure() {
    start()
        .sis(|sis| sis.with("ScheduleStructure", &[("structureID", "2"), ("calendarID", "1")]))
        .in_step()
        .edit(|sis| sis.set("TermSchedule:1.structureID", "2"))
        .sync(&["2 PUT sessions"])
        .has("sessions", "/totalInstructionalDays", &["0", "0"]);
}

#[test]
fn put_when_the_grading_period_record_is_deleted() {
    let autumn = [("termType", "Fall"), ("startDate", "2025-08-11"), ("endDate", "2025-09-30")];
    let autumn = [&[("termID", "3"), ("termScheduleID", "1")], &autumn[..]].concat();
    start()
        .sis(|sis| sis.with("Term", &autumn))
        .in_step()
        .has("sessions", "/beginDate", &["2025-08-11", "2026-01-05"])
        .edit(|sis| sis.without("Term:3"))
        .sync(&["1 PUT sessions"])
        .has("sessions", "/beginDate", &["2025-08-18", "2026-01-05"]);
}

#[test]
fn delete_when_the_term_is_deleted_with_all_dependent_data() {
    start()
        .in_step()
        .edit(without_spring)
        .sync(&[
            "1 DELETE studentSectionAssociations",
            "1 DELETE sections",
            "1 DELETE courseOfferings",
            "1 DELETE sessions",
        ])
        .has("sessions", NAME, &["Fall Semester"])
        .has("courseOfferings", "/sessionReference/sessionName", &["Fall Semester", "Fall Semester"]);
}

#[test]
fn delete_when_the_mapping_is_removed_with_all_dependent_data() {
    start()
        .in_step()
        .configure("\"Spring\" = \"Spring Semester\"\n", "")
        .sync_waits(4)
        .resync(&[
            "1 DELETE studentSectionAssociations",
            "1 DELETE sections",
            "1 DELETE courseOfferings",
            "1 DELETE sessions",
        ])
        .has("sessions", NAME, &["Fall Semester"]);
}

// School Exclude, Calendar Exclude, Resource Toggle and Resync Logic

#[test]
fn school_exclude() {
    start()
        .in_step()
        .edit(|sis| sis.set("School:1.exclude", "1"))
        .sync_with_deletes(&[ALL_OF_THE_SCHOOL_GOES, &["2 DELETE courses"]].concat())
        .holds("sessions", 0)
        .edit(|sis| sis.set("School:1.exclude", "0"))
        .sync(&[ALL_OF_THE_SCHOOL_COMES, &["2 POST courses"]].concat())
        .has("sessions", NAME, &["Fall Semester", "Spring Semester"]);
}

#[test]
fn calendar_exclude() {
    start()
        .in_step()
        .edit(|sis| sis.set("Calendar:1.exclude", "1"))
        .sync_with_deletes(&[ALL_OF_THE_SCHOOL_GOES, &["2 DELETE courses"]].concat())
        .holds("sessions", 0)
        .edit(|sis| sis.set("Calendar:1.exclude", "0"))
        .sync(&[ALL_OF_THE_SCHOOL_COMES, &["2 POST courses"]].concat())
        .has("sessions", NAME, &["Fall Semester", "Spring Semester"]);
}

#[test]
fn none_when_the_resource_is_toggled_to_off() {
    start()
        .in_step()
        .configure("", "[resources]\nsessions = false")
        .edit(with_summer)
        .sync(&[])
        .has("sessions", NAME, &["Fall Semester", "Spring Semester"])
        // On again: what was missed.
        .configure("sessions = false", "sessions = true")
        .sync(&["1 POST sessions"]);
}

#[test]
fn delete_waits_for_a_resync_when_the_resource_is_toggled_to_off() {
    start()
        .in_step()
        .configure("", "[resources]\nsessions = false")
        .edit(without_spring)
        .sync(&["1 DELETE studentSectionAssociations", "1 DELETE sections", "1 DELETE courseOfferings"])
        .holds("sessions", 2)
        .resync(&["1 DELETE sessions"])
        .has("sessions", NAME, &["Fall Semester"]);
}

#[test]
fn resync_when_a_record_is_in_the_mapping_and_not_in_the_ods() {
    let in_step = start().sis(with_summer).in_step().maps("sessions", 3);
    // The term is there: its record is sent again.
    let again = in_step.deleted_by_hand("sessions", NAME, "Summer Semester").sync(&[]).resync(&["1 POST sessions"]);
    // It is not: the record leaves the mapping, and there is nothing to send.
    again
        .deleted_by_hand("sessions", NAME, "Summer Semester")
        .edit(|sis| sis.without("Term:3"))
        .resync(&[])
        .maps("sessions", 2);
}

#[test]
fn resync_when_a_record_is_in_the_ods_and_in_neither_the_sis_nor_the_mapping() {
    let in_step = start().sis(with_summer).in_step();
    let summer = in_step.one("sessions", NAME, "Summer Semester");
    in_step
        .edit(|sis| sis.without("Term:3"))
        .sync(&["1 DELETE sessions"])
        .written_by_hand("sessions", &summer)
        .sync(&[])
        .resync(&["1 DELETE sessions"])
        .holds("sessions", 2)
        .maps("sessions", 2);
}

#[test]
fn resync_when_a_mapping_is_changed() {
    start()
        .in_step()
        .configure("\"Fall\" = \"Fall Semester\"", "\"Fall\" = \"First Trimester\"")
        .sync_waits(8)
        .resync(FALL_IS_RENAMED)
        .has("sessions", NAME, &["First Trimester", "Spring Semester"]);
}

// Natural Key Changes, Cascading Updates, and Deletes Logic

const FALL_IS_RENAMED: &[&str] = &[
    "3 DELETE studentSectionAssociations",
    "2 DELETE sections",
    "2 DELETE courseOfferings",
    "1 DELETE sessions",
    "1 POST sessions",
    "2 POST courseOfferings",
    "2 POST sections",
    "3 POST studentSectionAssociations",
];

#[test]
fn delete_post_natural_key_change() {
    start()
        .in_step_with(|sis| sis.with("School", ONE_MORE_SCHOOL))
        .edit(|sis| sis.set("School:1.number", "500009"))
        .sync(&all_of_the_school_moves())
        .has("sessions", "/schoolReference/schoolId", &["500009", "500009"]);
}

#[test]
fn delete_post_when_the_session_name_changes() {
    start().in_step().edit(|sis| sis.set("Term:1.termType", "Summer")).sync(FALL_IS_RENAMED).has(
        "sessions",
        NAME,
        &["Spring Semester", "Summer Semester"],
    );
}

#[test]
fn delete_post_all_dependent_resources_when_the_natural_key_changes() {
    start()
        .in_step()
        .edit(|sis| sis.set("Term:1.termType", "Summer"))
        .sync(FALL_IS_RENAMED)
        .has(
            "courseOfferings",
            "/sessionReference/sessionName",
            &["Spring Semester", "Summer Semester", "Summer Semester"],
        )
        .has(
            "sections",
            "/courseOfferingReference/sessionName",
            &["Spring Semester", "Summer Semester", "Summer Semester"],
        )
        .has(
            "studentSectionAssociations",
            "/sectionReference/sessionName",
            &["Spring Semester", "Summer Semester", "Summer Semester", "Summer Semester"],
        );
}
