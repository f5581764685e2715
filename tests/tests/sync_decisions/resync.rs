//! Resync: the SIS, the ledger and the ODS against each other.

use std::collections::BTreeSet;

use rollcall_core::tables::TableName;
use rollcall_core::testing::District;
use rollcall_sync::plan::{Resync, Scope};

use super::office::Office;
use super::{ASSOCIATIONS, STUDENT_1, synced};

const ALGEBRA_OF_1: &[(&str, &str)] = &[("sectionReference.localCourseCode", "ALG1"), STUDENT_1];

fn all() -> Resync {
    Resync::default()
}

fn only(resource: &str) -> Resync {
    let resources = BTreeSet::from([resource.to_owned()]);
    Resync { scope: Scope { resources, ..Scope::all() }, delete_unknown: false }
}

fn one_student(id: &str) -> Resync {
    let persons = BTreeSet::from([id.to_owned()]);
    Resync { scope: Scope { persons, ..Scope::all() }, delete_unknown: false }
}

fn discovered(summary: &rollcall_sync::summary::Summary) -> Vec<(String, String, u64)> {
    let parts = summary.resources.iter();
    let found = parts.flat_map(|p| p.discovered.iter().map(|(what, n)| (p.resource.clone(), what.clone(), *n)));
    found.collect()
}

#[tokio::test]
async fn nothing_to_mend_writes_nothing() {
    let mut office = synced().await;
    let summary = office.resync(&all()).await;
    assert_eq!(summary.requests, 0, "{summary:?}");
    assert_eq!(summary.total(|part| part.unchanged), 16);
    assert_eq!(discovered(&summary), []);
}

/// "When a record is in the Ed-Fi Identity Mapping table and not in the ODS, it is deleted from the Ed-Fi Identity
/// Mapping table", and what the SIS still reports is sent again.
#[tokio::test]
async fn a_record_in_the_mapping_and_not_in_the_ods_is_sent_again() {
    let mut office = synced().await;
    office.delete_as_state(ASSOCIATIONS, ALGEBRA_OF_1).await;
    assert_eq!(office.sync().await.requests, 0, "a sync believes the ledger");
    let summary = office.resync(&all()).await;
    assert_eq!((summary.requests, summary.total(|p| p.posted)), (1, 1));
    let missing = (ASSOCIATIONS.to_owned(), "missing at the ODS".to_owned(), 1);
    assert_eq!(discovered(&summary), [missing]);
    office.find(ASSOCIATIONS, ALGEBRA_OF_1);
    assert_eq!(office.resync(&all()).await.requests, 0);
}

#[tokio::test]
async fn a_record_in_the_mapping_and_neither_in_the_ods_nor_in_the_sis_leaves_the_mapping() {
    let mut office = synced().await;
    office.delete_as_state(ASSOCIATIONS, ALGEBRA_OF_1).await;
    office.change(|district| district.without("Roster:1"));
    let summary = office.resync(&all()).await;
    assert_eq!(summary.requests, 0, "{summary:?}");
    assert_eq!(office.entries(ASSOCIATIONS), 3);
    assert_eq!(office.count(ASSOCIATIONS), 3);
}

/// "When a record is in the ODS and it does not have a matching record in Campus or the Ed-Fi Identity Mapping table, it is
/// deleted from the ODS": when this connection had it, or when told to.
#[tokio::test]
async fn a_record_in_the_ods_and_in_neither_is_deleted_if_it_was_ours() {
    let mut office = synced().await;
    let record = String::from_utf8(office.find(ASSOCIATIONS, ALGEBRA_OF_1).to_json()).unwrap();
    office.change(|district| district.without("Roster:1"));
    office.sync().await;
    assert_eq!(office.count(ASSOCIATIONS), 3);
    // A restored backup brings it back; and another vendor's record stands beside it.
    office.post_as_state(ASSOCIATIONS, &record).await;
    office.post_as_state(ASSOCIATIONS, &record.replace("2025-08-18", "2025-10-06")).await;
    assert_eq!(office.sync().await.requests, 0);
    let summary = office.resync(&all()).await;
    assert_eq!((summary.total(|p| p.deleted), summary.requests), (1, 1), "{summary:?}");
    assert_eq!(office.count(ASSOCIATIONS), 4);
    let found = discovered(&summary);
    assert!(found.contains(&(ASSOCIATIONS.into(), "at the ODS again though they were deleted".into(), 1)), "{found:?}");
    assert!(
        found.contains(&(ASSOCIATIONS.into(), "at the ODS that neither the SIS nor the ledger knows".into(), 1)),
        "{found:?}"
    );
    let summary = office.resync(&Resync { delete_unknown: true, ..all() }).await;
    assert_eq!((summary.total(|p| p.deleted), office.count(ASSOCIATIONS)), (1, 3), "{summary:?}");
    assert_eq!(office.count("students"), 2, "students are shared: what nobody here knows is another district's");
}

#[tokio::test]
async fn what_nobody_knows_and_is_of_another_year_is_never_deleted() {
    let mut office = synced().await;
    let session = String::from_utf8(office.all("sessions").remove(0).to_json()).unwrap();
    office
        .post_as_state(
            "schoolYearTypes",
            r#"{"schoolYear":2025,"schoolYearDescription":"2024-25","currentSchoolYear":false}"#,
        )
        .await;
    office.post_as_state("sessions", &session.replace("\"schoolYear\":2026", "\"schoolYear\":2025")).await;
    let summary = office.resync(&Resync { delete_unknown: true, ..all() }).await;
    assert_eq!((summary.requests, office.count("sessions")), (0, 3), "{summary:?}");
}

/// "When a mapping is changed in Resource Preferences, a resync needs to be done to reflect the changes."
#[tokio::test]
async fn a_changed_mapping_goes_out_with_a_resync() {
    let mut office = synced().await;
    office.configure(|text| text.replace("\"H\" = \"H\"", "\"H\" = \"G\""));
    let waiting = office.sync().await;
    assert_eq!((waiting.requests, waiting.total(|p| p.waiting)), (0, 1));
    let steps = office.planned(&all());
    assert_eq!(steps, [("PUT", "courseOfferings", "a preference changed it")]);
    let summary = office.resync(&all()).await;
    assert_eq!((summary.requests, summary.total(|p| p.put)), (1, 1), "{summary:?}");
    assert_eq!(office.sync().await.total(|p| p.waiting), 0);
}

#[tokio::test]
async fn a_changed_mapping_of_a_key_goes_out_with_a_resync_and_everything_downstream() {
    let mut office = synced().await;
    office.configure(|text| text.replace("\"Spring\" = \"S2\"", "\"Spring\" = \"Q4\""));
    let waiting = office.sync().await;
    assert_eq!((waiting.requests, waiting.total(|p| p.waiting)), (0, 4), "{waiting:?}");
    let summary = office.resync(&all()).await;
    // A session, an offering, a section and an association.
    assert_eq!((summary.total(|p| p.deleted), summary.total(|p| p.posted)), (4, 4), "{summary:?}");
    office.find("sessions", &[("sessionName", "Q4")]);
    assert_eq!(office.count("sessions"), 2);
}

#[tokio::test]
async fn a_removed_mapping_deletes_with_a_resync() {
    let mut office = synced().await;
    office.configure(|text| text.replace("\"Spring\" = \"S2\"", ""));
    assert_eq!(office.sync().await.requests, 0);
    let summary = office.resync(&all()).await;
    assert_eq!(summary.total(|p| p.deleted), 4, "{summary:?}");
    assert_eq!((office.count("sessions"), office.count(ASSOCIATIONS)), (1, 3));
}

#[tokio::test]
async fn a_record_that_somebody_changed_is_put_back() {
    let mut office = synced().await;
    let offering = office.find("courseOfferings", &[("localCourseCode", "ALG1")]);
    let text = String::from_utf8(offering.to_json()).unwrap();
    office.post_as_state("courseOfferings", &text.replace("Algebra", "Algebra, edited by hand")).await;
    assert_eq!(office.sync().await.requests, 0);
    let summary = office.resync(&all()).await;
    assert_eq!((summary.requests, summary.total(|p| p.put)), (1, 1));
    let unlike = ("courseOfferings".to_owned(), "changed at the ODS by somebody else".to_owned(), 1);
    assert_eq!(discovered(&summary), [unlike]);
    assert_eq!(office.find("courseOfferings", &[("localCourseCode", "ALG1")]), offering);
}

#[tokio::test]
async fn a_record_that_somebody_deleted_and_made_again_is_known_by_its_new_id() {
    let mut office = synced().await;
    let record = String::from_utf8(office.find(ASSOCIATIONS, ALGEBRA_OF_1).to_json()).unwrap();
    office.delete_as_state(ASSOCIATIONS, ALGEBRA_OF_1).await;
    office.post_as_state(ASSOCIATIONS, &record).await;
    assert_eq!(office.resync(&all()).await.requests, 0);
    office.change(|district| district.set("Roster:1.endDate", "2025-10-01"));
    let summary = office.sync().await;
    assert_eq!((summary.requests, summary.total(|p| p.put)), (1, 1), "the PUT meets the record at once");
}

#[tokio::test]
async fn a_lost_ledger_takes_over_what_the_ods_holds() {
    let mut office = synced().await;
    office.lose_the_ledger();
    let summary = office.resync(&all()).await;
    assert_eq!((summary.requests, summary.total(|p| p.unchanged)), (0, 16), "{summary:?}");
    assert_eq!(office.sync().await.requests, 0);
    office.change(|district| district.without("Roster:1"));
    assert_eq!(office.sync().await.total(|p| p.deleted), 1, "and owns it");
}

/// "When a resource is toggled to off after data has sent and an action is performed that would trigger a delete, that
/// data remains in the ODS until a resync is done."
#[tokio::test]
async fn toggled_off_a_delete_waits_for_a_resync_and_nothing_new_sends() {
    let mut office = synced().await;
    office.configure(|text| format!("{text}\n[resources]\nstudentSectionAssociations = false\n"));
    office.change(|district| {
        district.with_roster("9", "2", "2", "-", "-").without("Roster:1").set("Roster:3.endDate", "2025-11-03")
    });
    assert_eq!(office.sync().await.requests, 0);
    let summary = office.resync(&all()).await;
    assert_eq!((summary.total(|p| p.deleted), summary.requests), (1, 1), "{summary:?}");
    assert_eq!(office.count(ASSOCIATIONS), 3);
}

#[tokio::test]
async fn what_a_toggled_off_resource_still_names_is_not_deleted() {
    let mut office = synced().await;
    office.configure(|text| format!("{text}\n[resources]\nstudentSectionAssociations = false\n"));
    office.change(|district| district.set("Course:1.active", "0"));
    let summary = office.sync().await;
    // The section and its offering stay for the two associations that stay.
    assert_eq!((summary.requests, summary.total(|p| p.kept)), (0, 2), "{summary:?}");
    office.configure(|text| text.replace("studentSectionAssociations = false", "studentSectionAssociations = true"));
    let summary = office.sync().await;
    assert_eq!((summary.total(|p| p.deleted), summary.total(|p| p.refused)), (4, 0), "{summary:?}");
}

#[tokio::test]
async fn one_resource_alone() {
    let mut office = synced().await;
    office.delete_as_state(ASSOCIATIONS, ALGEBRA_OF_1).await;
    office.configure(|text| text.replace("\"H\" = \"H\"", "\"H\" = \"G\""));
    assert_eq!(office.resync(&only("courseOfferings")).await.total(|p| p.put), 1);
    assert_eq!(office.count(ASSOCIATIONS), 3, "not asked for");
    assert_eq!(office.resync(&only(ASSOCIATIONS)).await.total(|p| p.posted), 1);
}

#[tokio::test]
async fn one_resource_alone_keeps_what_cannot_be_sent_under_its_next_key() {
    for resync in [only(ASSOCIATIONS), one_student("7001")] {
        let mut office = synced().await;
        let template = |sections: &str| format!("section-identifier = \"{sections}\"");
        office.configure(|text| format!("{text}\n[options]\n{}\n", template("{course.number}-{section.number}")));
        // The sections have another key, and are not asked for.
        for _ in 0..2 {
            let summary = office.resync(&resync).await;
            assert_eq!((summary.requests, summary.total(|p| p.deleted)), (0, 0), "{summary:?}");
            assert!(summary.total(|p| p.held) > 0, "{summary:?}");
            assert!(office.errors().iter().all(|error| error.fix.contains("`rollcall resync` sends it")));
        }
        assert_eq!(office.sync().await.requests, 0, "all of it waits");
        assert_eq!(office.count(ASSOCIATIONS), 4);
        assert!(office.resync(&all()).await.is_complete());
        office.holds_a_full_load();
        assert!(office.errors().is_empty());
    }
}

#[tokio::test]
async fn one_student_alone() {
    let mut office = synced().await;
    for (course, student) in [("ALG1", "7001"), ("ALG1", "7002")] {
        let key = [("sectionReference.localCourseCode", course), ("studentReference.studentUniqueId", student)];
        office.delete_as_state(ASSOCIATIONS, &key).await;
    }
    let persons = BTreeSet::from(["7002".to_owned()]);
    let summary = office.resync(&Resync { scope: Scope { persons, ..Scope::all() }, delete_unknown: true }).await;
    assert_eq!((summary.total(|p| p.posted), summary.requests), (1, 1), "{summary:?}");
    assert_eq!(office.count(ASSOCIATIONS), 3);
}

#[tokio::test]
async fn one_school_alone() {
    let mut office = synced().await;
    office.delete_as_state(ASSOCIATIONS, ALGEBRA_OF_1).await;
    let of = |school: &str| {
        let schools = BTreeSet::from([school.to_owned()]);
        Resync { scope: Scope { schools, ..Scope::all() }, delete_unknown: false }
    };
    assert_eq!(office.resync(&of("500009")).await.requests, 0);
    assert_eq!(office.resync(&of("500001")).await.total(|p| p.posted), 1);
}

#[tokio::test]
async fn one_record_alone() {
    let mut office = synced().await;
    office.delete_as_state(ASSOCIATIONS, ALGEBRA_OF_1).await;
    office.delete_as_state(ASSOCIATIONS, &[("studentReference.studentUniqueId", "7002")]).await;
    let key =
        vec![("localCourseCode".to_owned(), "ALG1".to_owned()), ("studentUniqueId".to_owned(), "7001".to_owned())];
    let scope = Scope { resources: BTreeSet::from([ASSOCIATIONS.to_owned()]), keys: vec![key], ..Scope::all() };
    let summary = office.resync(&Resync { scope, delete_unknown: false }).await;
    assert_eq!((summary.total(|p| p.posted), summary.requests), (1, 1), "{summary:?}");
    office.find(ASSOCIATIONS, ALGEBRA_OF_1);
}

#[tokio::test]
async fn rows_that_cannot_be_read_withhold_deletes_from_a_resync_too() {
    let mut office = Office::open(District::small()).await;
    office.sync().await;
    office.change(|district| district.without("Roster:1"));
    office.damaged = Some(TableName::Roster);
    let summary = office.resync(&all()).await;
    assert_eq!((summary.requests, summary.total(|p| p.withheld)), (0, 1));
}

/// A mapping of a code that was not mapped lets records report for the first time: they wait like any other that only a
/// preference changed, and go out with a resync, or when the SIS changes them too.
#[tokio::test]
async fn a_new_mapping_goes_out_with_a_resync() {
    let mut office = Office::open(District::small()).await;
    office.configure(|text| text.replace("\"Spring\" = \"S2\"", ""));
    office.sync().await;
    assert_eq!((office.count("sessions"), office.count(ASSOCIATIONS)), (1, 3));
    office.configure(|text| text.replace("\"Fall\" = \"S1\"", "\"Fall\" = \"S1\"\n\"Spring\" = \"S2\""));
    for _ in 0..2 {
        let summary = office.sync().await;
        // A session, an offering, a section and an association.
        assert_eq!((summary.requests, summary.total(|p| p.waiting)), (0, 4), "{summary:?}");
    }
    let steps = office.planned(&all());
    assert_eq!(steps.len(), 4);
    assert!(steps.iter().all(|(request, _, why)| (*request, *why) == ("POST", "a preference changed it")), "{steps:?}");
    let summary = office.resync(&all()).await;
    assert_eq!((summary.total(|p| p.posted), summary.requests), (4, 4), "{summary:?}");
    assert_eq!(office.sync().await.total(|p| p.waiting), 0);
}

#[tokio::test]
async fn a_new_row_with_a_new_mapping_goes_out_with_a_sync() {
    let mut office = synced().await;
    let term = [
        ("termID", "3"),
        ("termScheduleID", "1"),
        ("name", "Q4"),
        ("seq", "3"),
        ("startDate", "2026-03-16"),
        ("endDate", "2026-05-22"),
        ("termType", "Winter"),
    ];
    office.change(|district| district.with("Term", &term));
    office.configure(|text| text.replace("\"Spring\" = \"S2\"", "\"Spring\" = \"S2\"\n\"Winter\" = \"Q4\""));
    let summary = office.sync().await;
    assert_eq!((summary.total(|p| p.posted), summary.total(|p| p.waiting)), (1, 0), "{summary:?}");
}

#[tokio::test]
async fn a_newly_mapped_record_that_the_sis_changes_goes_out_with_a_sync() {
    let mut office = synced().await;
    office.change(|district| district.set("Term:2.termType", "Winter"));
    office.sync_with_deletes().await;
    assert_eq!(office.count("sessions"), 2, "a preference keeps it from reporting: what was sent waits");
    office.configure(|text| text.replace("\"Fall\" = \"S1\"", "\"Fall\" = \"S1\"\n\"Winter\" = \"Q4\""));
    office.change(|district| district.set("Term:2.termType", "Fall"));
    let summary = office.sync_with_deletes().await;
    assert!(summary.is_complete() && summary.total(|p| p.waiting) == 0, "{summary:?}");
    assert_eq!(office.count("sessions"), 1, "two terms, one session");
}

/// What has to be mended, and what does not report, is counted where the filters take it in, and nowhere else.
#[tokio::test]
async fn filters_take_in_defects_too() {
    let mut office = synced().await;
    office.change(|district| district.set("Enrollment:2.grade", "99").set("Course:1.active", "0"));
    let set = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let all = Scope::default();
    for (scope, defects, excluded) in [
        (all.clone(), 1, true),
        (Scope { resources: set(&["sections"]), ..all.clone() }, 0, true),
        (Scope { resources: set(&["students"]), ..all.clone() }, 0, false),
        (Scope { schools: set(&["500001"]), ..all.clone() }, 1, true),
        (Scope { schools: set(&["500002"]), ..all.clone() }, 0, false),
        (Scope { persons: set(&["7002"]), ..all.clone() }, 1, false),
        (Scope { persons: set(&["7001"]), ..all }, 0, false),
    ] {
        let shown = format!("{scope:?}");
        let summary = office.resync(&Resync { scope, delete_unknown: false }).await;
        assert_eq!(summary.total(|p| p.defects), defects, "{shown}");
        let of_sections = summary.resources.iter().find(|p| p.resource == "sections").expect("it is planned");
        assert_eq!(of_sections.excluded.contains_key("course-inactive"), excluded, "{shown}");
    }
}
