//! Kansas: Section Educators.

use rollcall_core::testing::District;
use rollcall_tests::ods::natural_key;
use serde_json::json;

use crate::district::Start;
use crate::kansas::start as without_staff;
use crate::rows::{ALL_IS_POSTED, ALL_OF_THE_SCHOOL_COMES, ALL_OF_THE_SCHOOL_GOES, ONE_MORE_SCHOOL};

const EDUCATORS: &str = "sectionEducators";
const ADDRESS: &str = "/educatorElectronicMailAddress";
const SESSION: &str = "/sectionReference/sessionName";
const LAST_NAME: &str = "/educatorLastSurname";

/// Cleo (`StaffMember:5`, without a state id) teaches ALG1-01 in the fall (`SectionStaffHistory:1`) and BAND-07 all year
/// (`SectionStaffHistory:2`).
fn start() -> Start {
    without_staff().sis(|sis| {
        sis.with_educator().with_staff_history("1", "5", "1", "-", "-").with_staff_history("2", "5", "2", "-", "-")
    })
}

/// Dov teaches ALG1-01 beside Cleo.
fn with_dov(sis: District) -> District {
    sis.with("StaffMember", &[("personID", "6"), ("firstName", "Dov"), ("secondaryEmail", "dov@home.example")])
        .with_staff_history("3", "6", "1", "-", "-")
}

// Object Triggering Logic: Post

#[test]
fn post_when_a_staff_member_is_added_on_staff_history() {
    let in_step = without_staff().in_step().holds(EDUCATORS, 0).edit(District::with_educator).sync(&[]);
    let in_step = in_step.edit(|sis| sis.with_staff_history("1", "5", "1", "-", "-"));
    let in_step = in_step.sync(&["1 POST sectionEducators"]);
    let reference = json!({
        "localCourseCode": "ALG1", "schoolId": 500_001, "schoolYear": 2026, "sessionName": "S1", "sectionIdentifier": "01",
    });
    let record = in_step.one(EDUCATORS, ADDRESS, "cleo@north.example");
    let written = json!({
        "educatorElectronicMailAddress": "cleo@north.example", "sectionReference": reference,
        "educatorFirstName": "Cleo", "educatorLastSurname": "Finch",
    });
    assert_eq!(natural_key(EDUCATORS, &record), natural_key(EDUCATORS, &written));
    assert_eq!(record, written);
    in_step
        .edit(with_dov)
        .sync(&["1 POST sectionEducators"])
        .has(EDUCATORS, ADDRESS, &["cleo@north.example", "dov@home.example"])
        .has(EDUCATORS, LAST_NAME, &["Finch", "null"]);
}

#[test]
fn post_only_primary_teachers_and_teachers() {
    start()
        .in_step()
        .edit(|sis| sis.set("SectionStaffHistory:1.staffType", "T"))
        .sync(&[])
        .edit(|sis| sis.set("SectionStaffHistory:1.staffType", "S"))
        .sync(&["1 DELETE sectionEducators"])
        .edit(|sis| sis.set("SectionStaffHistory:1.staffType", "P"))
        .sync(&["1 POST sectionEducators"]);
}

#[test]
fn post_not_with_calendar_exclude() {
    start()
        .sis(|sis| sis.set("Calendar:1.exclude", "1"))
        .in_step()
        .holds(EDUCATORS, 0)
        .edit(|sis| sis.set("Calendar:1.exclude", "0"))
        .sync(&[ALL_IS_POSTED, &["3 POST sectionEducators"]].concat());
}

#[test]
fn post_not_with_school_exclude() {
    start()
        .in_step()
        .edit(|sis| sis.set("School:1.exclude", "1"))
        .sync_with_deletes(&[ALL_OF_THE_SCHOOL_GOES, &["3 DELETE sectionEducators"]].concat())
        .holds(EDUCATORS, 0);
}

#[test]
fn post_not_when_the_course_does_not_report() {
    for cell in ["Course:1.active", "Course:1.stateExclude"] {
        let (on, off) = if cell == "Course:1.active" { ("1", "0") } else { ("0", "1") };
        start()
            .in_step()
            .edit(|sis| sis.set(cell, off))
            .sync(&[
                "1 DELETE sectionEducators",
                "2 DELETE studentSectionAssociations",
                "1 DELETE sections",
                "1 DELETE courseOfferings",
            ])
            .edit(|sis| sis.set(cell, on))
            .sync(&[
                "1 POST courseOfferings",
                "1 POST sections",
                "2 POST studentSectionAssociations",
                "1 POST sectionEducators",
            ]);
    }
}

// Object Triggering Logic: Put

#[test]
fn put_when_the_dates_change_sends_nothing_while_they_overlap() {
    start()
        .in_step()
        .edit(|sis| {
            sis.set("SectionStaffHistory:2.startDate", "2025-12-19").set("SectionStaffHistory:2.endDate", "2026-01-05")
        })
        .sync(&[])
        .holds(EDUCATORS, 3);
}

#[test]
fn put_when_a_name_changes() {
    start()
        .in_step()
        .edit(|sis| sis.set("StaffMember:5.lastName", "Finch-Reyes"))
        .sync(&["3 PUT sectionEducators"])
        .has(EDUCATORS, LAST_NAME, &["Finch-Reyes"; 3])
        .edit(|sis| sis.set("StaffMember:5.firstName", "Clio").set("StaffMember:5.middleName", "Ray"))
        .sync(&["3 PUT sectionEducators"])
        .has(EDUCATORS, "/educatorMiddleName", &["Ray"; 3])
        .edit(|sis| sis.set("StaffMember:5.middleName", "-"))
        .sync(&["3 PUT sectionEducators"])
        .has(EDUCATORS, "/educatorMiddleName", &["null"; 3]);
}

// Object Triggering Logic: Delete/Post

#[test]
fn delete_post_when_the_e_mail_changes() {
    start()
        .in_step()
        .edit(|sis| sis.set("StaffMember:5.secondaryEmail", "finch@home.example"))
        .sync(&[])
        .edit(|sis| sis.set("StaffMember:5.email", "-"))
        .sync(&["3 DELETE sectionEducators", "3 POST sectionEducators"])
        .has(EDUCATORS, ADDRESS, &["finch@home.example"; 3])
        .edit(|sis| sis.set("StaffMember:5.secondaryEmail", "cf@home.example"))
        .sync(&["3 DELETE sectionEducators", "3 POST sectionEducators"])
        .edit(|sis| sis.set("StaffMember:5.email", "c.finch@north.example"))
        .sync(&["3 DELETE sectionEducators", "3 POST sectionEducators"])
        .has(EDUCATORS, ADDRESS, &["c.finch@north.example"; 3]);
}

#[test]
fn delete_post_when_the_natural_key_of_the_section_changes() {
    let all_moves =
        [ALL_OF_THE_SCHOOL_GOES, ALL_OF_THE_SCHOOL_COMES, &["3 DELETE sectionEducators", "3 POST sectionEducators"]];
    start()
        .in_step_with(|sis| sis.with("School", ONE_MORE_SCHOOL))
        .edit(|sis| sis.set("Section:1.number", "02"))
        .sync(&[
            "1 DELETE sectionEducators",
            "2 DELETE studentSectionAssociations",
            "1 DELETE sections",
            "1 POST sections",
            "2 POST studentSectionAssociations",
            "1 POST sectionEducators",
        ])
        .has(EDUCATORS, "/sectionReference/sectionIdentifier", &["02", "07", "07"])
        .edit(|sis| sis.set("School:1.number", "500009"))
        .sync(&all_moves.concat())
        .has(EDUCATORS, "/sectionReference/schoolId", &["500009"; 3]);
}

/// docs/readings.md, keys in place: the server takes no other e-mail in place; the section's key it cascades to its educators.
// extra: the same row where a connection chooses so
#[test]
fn the_natural_key_is_altered_in_place_above_it_alone() {
    start()
        .in_step()
        .configure("[connection]", "[connection]\nkey-changes = \"update\"")
        .edit(|sis| sis.set("StaffMember:5.email", "c.finch@north.example"))
        .sync(&["3 DELETE sectionEducators", "3 POST sectionEducators"])
        .edit(|sis| sis.set("Section:1.number", "02"))
        .sync(&["1 PUT sections", "2 PUT studentSectionAssociations", "1 PUT sectionEducators"])
        .has(EDUCATORS, "/sectionReference/sectionIdentifier", &["02", "07", "07"]);
}

// Object Triggering Logic: Delete

#[test]
fn delete_when_a_staff_member_is_deleted_from_staff_history() {
    start().in_step().edit(|sis| sis.without("SectionStaffHistory:2")).sync(&["2 DELETE sectionEducators"]).has(
        EDUCATORS,
        SESSION,
        &["S1"],
    );
}

#[test]
fn delete_when_the_dates_no_longer_overlap_the_term() {
    start()
        .in_step()
        .edit(|sis| sis.set("SectionStaffHistory:2.endDate", "2025-12-31"))
        .sync(&["1 DELETE sectionEducators"])
        .has(EDUCATORS, SESSION, &["S1", "S1"])
        .edit(|sis| sis.set("SectionStaffHistory:2.endDate", "2026-02-01"))
        .sync(&["1 POST sectionEducators"]);
}

#[test]
fn delete_when_the_staff_member_is_given_a_state_id() {
    start()
        .in_step()
        .edit(|sis| sis.set("StaffMember:5.stateID", "1000005"))
        .sync(&["3 DELETE sectionEducators"])
        .edit(|sis| sis.set("StaffMember:5.stateID", "-"))
        .sync(&["3 POST sectionEducators"]);
}

// School Exclude, Calendar Exclude, Resource Toggle and Resync Logic

const OFF: (&str, &str) = ("", "[resources]\nsectionEducators = false");

#[test]
fn none_when_the_resource_is_toggled_off() {
    start()
        .in_step()
        .configure(OFF.0, OFF.1)
        .edit(with_dov)
        .edit(|sis| sis.set("StaffMember:5.lastName", "Finch-Reyes"))
        .sync(&[])
        .has(EDUCATORS, LAST_NAME, &["Finch"; 3])
        .configure("sectionEducators = false", "sectionEducators = true")
        .sync(&["1 POST sectionEducators", "3 PUT sectionEducators"]);
}

#[test]
fn delete_when_the_resource_is_toggled_off() {
    start()
        .in_step()
        .configure(OFF.0, OFF.1)
        .edit(|sis| sis.without("SectionStaffHistory:1"))
        .sync(&[])
        .holds(EDUCATORS, 3)
        .resync(&["1 DELETE sectionEducators"])
        .maps(EDUCATORS, 2);
}

#[test]
fn resync_when_a_record_is_in_the_mapping_and_not_in_the_ods() {
    start()
        .in_step()
        .deleted_by_hand(EDUCATORS, SESSION, "S2")
        .edit(|sis| sis.set("SectionStaffHistory:2.endDate", "2025-12-19"))
        .maps(EDUCATORS, 3)
        .resync(&[])
        .maps(EDUCATORS, 2);
}

#[test]
fn resync_when_a_record_is_in_the_ods_and_in_neither() {
    let in_step = start().in_step();
    let ours = in_step.one(EDUCATORS, SESSION, "S2");
    let mut theirs = ours.clone();
    theirs[&ADDRESS[1..]] = json!("eve@north.example");
    in_step
        .edit(|sis| sis.set("SectionStaffHistory:2.endDate", "2025-12-19"))
        .sync(&["1 DELETE sectionEducators"])
        .written_by_hand(EDUCATORS, &ours)
        .written_by_hand(EDUCATORS, &theirs)
        .resync(&["1 DELETE sectionEducators"])
        .has(EDUCATORS, ADDRESS, &["cleo@north.example", "cleo@north.example", "eve@north.example"]);
}

#[test]
fn resync_when_a_mapping_changes() {
    start()
        .in_step()
        .configure("\"Spring\" = \"S2\"", "\"Spring\" = \"T3\"")
        .sync_waits(5)
        .has(EDUCATORS, SESSION, &["S1", "S1", "S2"])
        .resync(&[
            "1 DELETE sectionEducators",
            "1 DELETE studentSectionAssociations",
            "1 DELETE sections",
            "1 DELETE courseOfferings",
            "1 DELETE sessions",
            "1 POST sessions",
            "1 POST courseOfferings",
            "1 POST sections",
            "1 POST studentSectionAssociations",
            "1 POST sectionEducators",
        ])
        .has(EDUCATORS, SESSION, &["S1", "S1", "T3"]);
}

// Where the document is silent

#[test]
fn several_histories_of_one_educator_are_one_record() {
    start()
        .in_step()
        .edit(|sis| {
            sis.set("SectionStaffHistory:1.endDate", "2025-10-01").with_staff_history("3", "5", "1", "2025-11-10", "-")
        })
        .sync(&[])
        .maps(EDUCATORS, 3)
        .maps_objects(EDUCATORS, 4)
        .edit(|sis| sis.without("SectionStaffHistory:3"))
        .sync(&[])
        .maps_objects(EDUCATORS, 3)
        .edit(|sis| sis.without("SectionStaffHistory:1"))
        .sync(&["1 DELETE sectionEducators"]);
}

#[test]
fn an_educator_without_an_e_mail_is_an_error_and_the_record_stays() {
    let in_step = start().in_step().edit(|sis| sis.set("StaffMember:5.email", "-"));
    in_step.run(&["sync"]).expect(4);
    in_step.sent(&[]);
    let errors = in_step.run(&["errors"]);
    let told = &errors.expect(4).stdout;
    assert!(told.contains("sectionEducators: 3 records have a defect (educatorElectronicMailAddress)"), "{told}");
    assert!(told.contains("enter an e-mail for the staff member"), "{told}");
    in_step.holds(EDUCATORS, 3).edit(|sis| sis.set("StaffMember:5.email", "cleo@north.example")).sync(&[]);
}
