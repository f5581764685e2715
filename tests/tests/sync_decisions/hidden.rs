//! A student whom the ODS does not show yet, since the enrollment that would connect him has a defect (ods-behaviour 10).

use rollcall_core::testing::District;
use rollcall_ledger::Outcome;
use rollcall_sync::deletion::Wanted;
use rollcall_sync::plan::Resync;

use super::office::Office;
use super::{ASSOCIATIONS, synced};

const STUDENT_2: (&str, &str) = ("studentReference.studentUniqueId", "7002");
const NEW_ID: (&str, &str) = ("studentReference.studentUniqueId", "7999");

/// What is held, each with the resource and the object of its root.
fn held(office: &Office) -> Vec<(String, String)> {
    let held = office.errors().into_iter().filter(|error| error.outcome == Outcome::Held);
    held.filter_map(|error| error.root.map(|root| (root.resource, root.object.unwrap_or_default()))).collect()
}

fn enrollment_2() -> (String, String) {
    ("studentSchoolAssociations".to_owned(), "Enrollment:2".to_owned())
}

#[tokio::test]
async fn his_records_are_held_under_the_enrollment() {
    let mut office = Office::open(District::small().set("Enrollment:2.grade", "11")).await;
    let summary = office.sync().await;
    assert_eq!((summary.total(|p| p.defects), summary.total(|p| p.held)), (1, 1), "{summary:?}");
    assert_eq!(summary.total(|p| p.refused), 0, "nothing is sent only to be refused: {summary:?}");
    assert_eq!(held(&office), [enrollment_2()]);
    let error = office.errors().into_iter().find(|error| error.outcome == Outcome::Held).unwrap();
    assert!(error.causes[0].contains("Enrollment:2 has a defect"), "{:?}", error.causes);
    office.change(|district| district.set("Enrollment:2.grade", "10"));
    let summary = office.sync().await;
    assert!(summary.is_complete(), "{summary:?}");
    assert_eq!(office.count(ASSOCIATIONS), 4);
    assert!(office.errors().is_empty());
}

#[tokio::test]
async fn what_changes_him_is_held_too() {
    let mut office = Office::open(District::small().set("Enrollment:2.grade", "11")).await;
    office.sync().await;
    // A resync cannot see him either, and leaves him as he is.
    let summary = office.resync(&Resync::default()).await;
    let students = summary.resources.iter().find(|part| part.resource == "students").unwrap();
    assert_eq!((students.reported, students.unchanged, students.kept), (2, 2, 0), "{students:?}");
    office.change(|district| district.set("Person:2.lastName", "Wrenson"));
    let summary = office.sync().await;
    assert_eq!((summary.total(|p| p.refused), summary.total(|p| p.held)), (0, 2), "{summary:?}");
    assert_eq!(held(&office), [enrollment_2(), enrollment_2()]);
    office.change(|district| district.set("Enrollment:2.grade", "10"));
    assert!(office.sync().await.is_complete());
    let student = office.find("students", &[("studentUniqueId", "7002")]);
    assert_eq!(student.at("lastSurname").unwrap().key_text(), "Wrenson");
}

#[tokio::test]
async fn with_another_id_he_keeps_what_the_ods_has_under_the_old_one() {
    let mut office = synced().await;
    office.change(|district| district.set("Enrollment:2.grade", "11").set("Person:2.edFiID", "7999"));
    for _ in 0..2 {
        let summary = office.sync().await;
        assert_eq!((summary.total(|p| p.deleted), summary.total(|p| p.refused)), (0, 0), "{summary:?}");
        assert_eq!((summary.total(|p| p.held), summary.total(|p| p.kept)), (1, 2), "{summary:?}");
        office.find(ASSOCIATIONS, &[STUDENT_2]);
    }
    assert_eq!(held(&office), [enrollment_2()]);
    office.change(|district| district.set("Enrollment:2.grade", "10"));
    assert!(office.sync().await.is_complete());
    assert_eq!(office.count(ASSOCIATIONS), 4);
    office.find(ASSOCIATIONS, &[NEW_ID]);
    office.refers_rightly();
}

/// With the association that somebody deleted go out, in one sync, the deletes and posts that waited for it.
#[tokio::test]
async fn what_changed_while_he_was_hidden_goes_with_his_association() {
    let mut office = synced().await;
    let his = vec![("studentUniqueId".to_owned(), "7002".to_owned())];
    office.delete(&Wanted::Keys("studentSchoolAssociations".to_owned(), vec![his])).await;
    office.change(|district| district.set("Enrollment:2.grade", "11").set("Roster:3.startDate", "2025-09-10"));
    let summary = office.sync().await;
    assert_eq!((summary.total(|p| p.held), summary.total(|p| p.refused), summary.requests), (1, 0, 0), "{summary:?}");
    assert_eq!(held(&office), [enrollment_2()]);
    office.change(|district| district.set("Enrollment:2.grade", "10"));
    let summary = office.sync().await;
    assert!(summary.is_complete(), "{summary:?}");
    assert_eq!((summary.total(|p| p.posted), summary.total(|p| p.deleted)), (2, 1), "{summary:?}");
    assert_eq!(office.count(ASSOCIATIONS), 4);
    assert_eq!(office.find(ASSOCIATIONS, &[STUDENT_2]).at("beginDate").unwrap().key_text(), "2025-09-10");
    assert!(office.errors().is_empty());
}
