//! Changed natural keys: delete/post, or one PUT in place where the connection chooses so and the ODS can do it; and what
//! happens when it goes wrong half-way.

use rollcall_core::testing::District;
use rollcall_sandbox::{Faults, Hit, Moment, What, Whom};

use super::office::Office;
use super::{ASSOCIATIONS, synced};

async fn synced_in_place() -> Office {
    let mut office = synced().await;
    office.configure(|text| text.replace("[connection]", "[connection]\nkey-changes = \"update\""));
    office
}

fn methods(office: &Office) -> Vec<(String, String)> {
    office.writes()
}

#[tokio::test]
async fn a_section_number_is_updated_in_place_and_the_associations_follow() {
    let mut office = synced_in_place().await;
    office.change(|district| district.set("Section:2.number", "08"));
    let summary = office.sync().await;
    assert!(summary.is_complete(), "{summary:?}");
    assert_eq!((summary.total(|p| p.put), summary.total(|p| p.posted), summary.total(|p| p.deleted)), (4, 0, 0));
    assert!(methods(&office).iter().all(|(method, _)| method == "PUT"));
    for resource in ["sections", ASSOCIATIONS] {
        let texts: Vec<String> =
            office.all(resource).iter().map(|body| String::from_utf8(body.to_json()).unwrap()).collect();
        assert_eq!(texts.iter().filter(|text| text.contains("\"08\"")).count(), 2, "{resource}");
        assert!(!texts.iter().any(|text| text.contains("\"07\"")), "{resource}");
    }
    assert_eq!(office.sync().await.requests, 0);
    office.change(|district| district.without("Roster:2"));
    let summary = office.sync().await;
    assert_eq!((summary.total(|p| p.deleted), office.count(ASSOCIATIONS)), (2, 2), "the ids went along");
}

#[tokio::test]
async fn a_session_name_is_updated_in_place_through_four_levels() {
    let mut office = synced_in_place().await;
    office.change(|district| district.set("Term:2.termType", "Winter"));
    office.configure(|text| text.replace("\"Spring\" = \"S2\"", "\"Spring\" = \"S2\"\n\"Winter\" = \"Q4\""));
    let summary = office.sync().await;
    assert!(summary.is_complete(), "{summary:?}");
    assert_eq!((summary.total(|p| p.put), summary.total(|p| p.posted), summary.total(|p| p.deleted)), (4, 0, 0));
    assert_eq!(office.sync().await.requests, 0);
    office.find(ASSOCIATIONS, &[("sectionReference.sessionName", "Q4")]);
    office.find("courseOfferings", &[("sessionReference.sessionName", "Q4")]);
}

#[tokio::test]
async fn a_course_number_cannot_be_updated_in_place_nor_what_is_below_it() {
    let mut office = synced_in_place().await;
    office.change(|district| district.set("Course:2.number", "BAND2"));
    let summary = office.sync().await;
    assert!(summary.is_complete(), "{summary:?}");
    assert_eq!((summary.total(|p| p.put), summary.total(|p| p.posted), summary.total(|p| p.deleted)), (0, 6, 6));
}

#[tokio::test]
async fn an_entry_date_and_a_roster_date_are_updated_in_place() {
    let mut office = synced_in_place().await;
    office.change(|district| {
        district.set("Enrollment:2.startDate", "2025-08-25").set("Roster:3.startDate", "2025-09-09")
    });
    let summary = office.sync().await;
    assert_eq!((summary.total(|p| p.put), summary.requests), (2, 2), "{summary:?}");
    assert_eq!(office.sync().await.requests, 0);
    assert_eq!((office.count(ASSOCIATIONS), office.count("studentSchoolAssociations")), (4, 2));
}

#[tokio::test]
async fn two_sections_that_swap_their_numbers_end_right() {
    for in_place in [false, true] {
        let mut office = if in_place { synced_in_place().await } else { synced().await };
        office.change(|district| {
            let placed = district.with_section("5", "1", "02").with_placement("9", "5", "1");
            placed.set("SectionPlacement:9.periodID", "1").with_roster("9", "2", "5", "-", "-")
        });
        assert!(office.sync().await.is_complete());
        office.change(|district| district.set("Section:1.number", "02").set("Section:5.number", "01"));
        let summary = office.sync().await;
        assert!(summary.is_complete(), "{summary:?}");
        assert_eq!((office.count("sections"), office.count(ASSOCIATIONS)), (4, 5), "in place: {in_place}");
        assert_eq!(office.sync().await.requests, 0);
        let lone = [("sectionReference.sectionIdentifier", "01"), ("studentReference.studentUniqueId", "7002")];
        office.find(ASSOCIATIONS, &lone);
    }
}

#[tokio::test]
async fn a_delete_that_fails_holds_the_deletes_upstream_of_it() {
    let mut office = synced().await;
    office.change(|district| district.set("Course:1.active", "0"));
    // Both associations' deletes fail, each in both of its tries.
    let what = What::Status { status: 500, retry_after: None };
    office.sandbox.set_faults(Hit { what, whom: Whom::Every(1), times: Some(4) }.into());
    let summary = office.sync().await;
    assert_eq!((summary.total(|p| p.refused), summary.total(|p| p.deleted), summary.total(|p| p.held)), (2, 0, 2));
    assert!(!summary.is_complete());
    assert_eq!(office.errors().len(), 4, "each is listed");
    office.sandbox.set_faults(Faults::default());
    let summary = office.sync().await;
    assert_eq!((summary.total(|p| p.deleted), summary.is_complete()), (4, true), "{summary:?}");
    assert!(office.errors().is_empty());
}

/// A course number change that stops after some of its requests: everything is accounted for, and the next sync goes on.
#[tokio::test]
async fn a_delete_post_that_stops_half_way_is_listed_and_goes_on() {
    for after in 1..=12 {
        let mut office = synced().await;
        office.change(|district| district.set("Course:2.number", "BAND2"));
        office.killed_after(after, None).await;
        let listed = office.accounted_for();
        for resource in ["courseOfferings", "sections", ASSOCIATIONS] {
            let new = listed.iter().filter(|(of, key)| of == resource && key.contains("BAND2")).count();
            assert_eq!(new, 2, "{resource} after {after}: every record that is to be posted is listed");
        }
        let summary = office.sync().await;
        assert!(summary.is_complete(), "after {after}: {summary:?}");
        assert_eq!((office.count("courseOfferings"), office.count("sections"), office.count(ASSOCIATIONS)), (3, 3, 4));
        assert!(
            office.all(ASSOCIATIONS).iter().all(|body| !String::from_utf8(body.to_json()).unwrap().contains("BAND\""))
        );
        assert_eq!(office.sync().await.requests, 0, "after {after}");
    }
}

#[tokio::test]
async fn an_update_in_place_whose_answers_are_lost_ends_right() {
    for moment in [Moment::BeforeCommit, Moment::AfterCommit] {
        let mut office = synced_in_place().await;
        office.change(|district| district.set("Term:2.termType", "Winter"));
        office.configure(|text| text.replace("\"Spring\" = \"S2\"", "\"Spring\" = \"S2\"\n\"Winter\" = \"Q4\""));
        office.sandbox.set_faults(Hit { what: What::Reset(moment), whom: Whom::Every(1), times: None }.into());
        let summary = office.sync().await;
        assert!(!summary.is_complete(), "{summary:?}");
        office.sandbox.set_faults(Faults::default());
        let summary = office.sync().await;
        assert!(summary.is_complete(), "{moment:?} {summary:?}");
        assert_eq!(office.sync().await.requests, 0);
        let counts = ["sessions", "courseOfferings", "sections", ASSOCIATIONS].map(|resource| office.count(resource));
        assert_eq!(counts, [2, 3, 3, 4]);
        office.find(ASSOCIATIONS, &[("sectionReference.sessionName", "Q4")]);
    }
}

#[tokio::test]
async fn a_defective_record_keeps_what_it_names() {
    let mut office = Office::open(District::small()).await;
    office.sync().await;
    office.change(|district| district.with_score("1", "1", "1", "1", "B", "2025-12-19").set("Section:1.number", "02"));
    let summary = office.sync().await;
    // The section's old record stays for the association that cannot be made now; its new one and the other association
    // are posted.
    assert_eq!((summary.total(|p| p.refused), summary.total(|p| p.defects)), (0, 1), "{summary:?}");
    assert_eq!((office.count("sections"), office.count(ASSOCIATIONS)), (4, 4));
    office.change(|district| district.set("GradingScore:1.score", "A"));
    let summary = office.sync().await;
    assert!(summary.is_complete(), "{summary:?}");
    assert_eq!((office.count("sections"), office.count(ASSOCIATIONS)), (3, 4));
}
