//! Several SIS objects behind one record: deleting one keeps the record and puts the remaining data, deleting the last
//! deletes it.

use rollcall_core::testing::District;

use crate::core_student_cte_program_associations as cte;
use crate::kansas::start;

const ASSOCIATIONS: &str = "studentSectionAssociations";

#[test]
fn terms_with_one_descriptor() {
    start()
        .sis(|sis| sis.set("Term:2.termType", "Fall"))
        .in_step()
        .has("sessions", "/endDate", &["2026-05-22"])
        .maps_objects("sessions", 2)
        // The second one goes: what is left is the first one's data, also in BAND, which was in both.
        .edit(|sis| sis.without("SectionPlacement:3").without("Term:2"))
        .sync(&["1 PUT sessions", "1 PUT studentSectionAssociations"])
        .has("sessions", "/endDate", &["2025-12-19"])
        .maps_objects("sessions", 1)
        // The last one goes.
        .edit(|sis| sis.set("Term:1.termType", "-"))
        .sync(&[
            "3 DELETE studentSectionAssociations",
            "2 DELETE sections",
            "2 DELETE courseOfferings",
            "1 DELETE sessions",
        ])
        .holds("sessions", 0)
        .maps_objects("sessions", 0);
}

#[test]
fn a_term_and_an_override_with_one_descriptor() {
    // Both courses are overridden to the whole year, and a term of that type is there too.
    let year = [("termID", "3"), ("termScheduleID", "1"), ("termType", "Spring"), ("startDate", "2026-01-05")];
    let year = [&year[..], &[("endDate", "2026-06-05")]].concat();
    start()
        .sis(|sis| sis.with("Term", &year).set("Course:1.termDescriptorOverride", "whole year"))
        .in_step()
        .has("sessions", "/sessionName", &["S1", "S2", "YR"])
        .has("sessions", "/endDate", &["2025-12-19", "2025-12-19", "2026-06-05"])
        // A second override of the descriptor widens its session.
        .edit(|sis| sis.set("Section:2.termDescriptorOverride", "whole year"))
        .sync(&[
            "2 DELETE studentSectionAssociations",
            "2 DELETE sections",
            "2 DELETE courseOfferings",
            "1 PUT sessions",
            "1 POST courseOfferings",
            "1 POST sections",
            "1 POST studentSectionAssociations",
        ])
        .has("sessions", "/endDate", &["2025-12-19", "2026-05-22", "2026-06-05"])
        .maps_objects("sessions", 5)
        // The first override goes, and the session stays.
        .edit(|sis| sis.set("Course:1.termDescriptorOverride", "-"))
        .sync(&[
            "2 DELETE studentSectionAssociations",
            "1 DELETE sections",
            "1 DELETE courseOfferings",
            "1 POST courseOfferings",
            "1 POST sections",
            "2 POST studentSectionAssociations",
        ])
        .has("sessions", "/sessionName", &["S1", "S2", "YR"])
        .edit(|sis| sis.set("Section:2.termDescriptorOverride", "-"))
        .sync(&[
            "1 DELETE studentSectionAssociations",
            "1 DELETE sections",
            "1 DELETE courseOfferings",
            "1 DELETE sessions",
            "2 POST courseOfferings",
            "2 POST sections",
            "2 POST studentSectionAssociations",
        ])
        .has("sessions", "/sessionName", &["S1", "S2"]);
}

/// A second section of ALG1 with the number of the first, and Ada in it too.
fn with_twin(sis: District) -> District {
    sis.with_section("9", "1", "01")
        .set("Section:9.homeroomSection", "1")
        .with_placement("9", "9", "1")
        .with_roster("9", "1", "9", "-", "-")
}

#[test]
fn sections_with_one_natural_key() {
    let homeroom = "/homeroomIndicator";
    start()
        .in_step()
        .edit(with_twin)
        // The newer roster's data: it is of a homeroom section.
        .sync(&["1 PUT studentSectionAssociations"])
        .has(ASSOCIATIONS, homeroom, &["false", "false", "false", "true"])
        .maps_objects("sections", 4)
        // The older section goes, with Ben, who was only in it.
        .edit(|sis| sis.without("Roster:1").without("Roster:3").without("SectionPlacement:1").without("Section:1"))
        .sync(&["1 DELETE studentSectionAssociations"])
        .holds("sections", 3)
        .holds("courseOfferings", 3)
        .has(ASSOCIATIONS, homeroom, &["false", "false", "true"])
        .maps_objects("sections", 3)
        // The last one goes.
        .edit(|sis| sis.without("Roster:9").without("SectionPlacement:9").without("Section:9"))
        .sync(&["1 DELETE studentSectionAssociations", "1 DELETE sections", "1 DELETE courseOfferings"])
        .holds("sections", 2);
}

#[test]
fn the_newer_of_two_sections_with_one_natural_key_goes() {
    start()
        .sis(with_twin)
        .in_step()
        .has(ASSOCIATIONS, "/homeroomIndicator", &["false", "false", "false", "true"])
        .edit(|sis| sis.without("Roster:9").without("SectionPlacement:9").without("Section:9"))
        .sync(&["1 PUT studentSectionAssociations"])
        .has(ASSOCIATIONS, "/homeroomIndicator", &["false"; 4])
        .holds("sections", 3);
}

#[test]
fn rosters_of_one_student_in_one_section() {
    let ends = "/endDate";
    start()
        .sis(|sis| sis.with_roster("9", "2", "1", "2025-09-02", "2025-10-31"))
        .in_step()
        .has(ASSOCIATIONS, ends, &["2025-10-31", "2025-12-19", "2025-12-19", "2026-05-22"])
        .edit(|sis| sis.without("Roster:9"))
        .sync(&["1 PUT studentSectionAssociations"])
        .has(ASSOCIATIONS, ends, &["2025-12-19", "2025-12-19", "2025-12-19", "2026-05-22"])
        .edit(|sis| sis.without("Roster:3"))
        .sync(&["1 DELETE studentSectionAssociations"])
        .holds(ASSOCIATIONS, 3);
}

#[test]
fn enrollments_of_one_student_on_one_day() {
    // Of two, the primary one stands for the record.
    let grade = "/entryGradeLevelDescriptor";
    let [ninth, tenth] = ["Ninth", "Tenth"].map(|name| format!("uri://ed-fi.org/GradeLevelDescriptor#{name} grade"));
    start()
        .in_step()
        .edit(|sis| sis.with_enrollment("9", "2", "-").set("Enrollment:9.serviceType", "S"))
        .sync(&[])
        .maps_objects("studentSchoolAssociations", 3)
        .has("studentSchoolAssociations", grade, &[&ninth, &tenth])
        .edit(|sis| sis.without("Enrollment:2"))
        .sync(&["1 PUT studentSchoolAssociations"])
        .has("studentSchoolAssociations", grade, &[&ninth, &ninth])
        .holds(ASSOCIATIONS, 4)
        .edit(|sis| sis.without("Enrollment:9"))
        .sync(&["1 DELETE studentSectionAssociations", "1 DELETE studentSchoolAssociations"]);
}

#[test]
fn participations_in_one_program_from_one_day() {
    let second = [("participationID", "802"), ("personID", "1"), ("programID", "1"), ("startDate", "2025-09-02")];
    let second = [&second[..], &[("studentStatus", "Completer")]].concat();
    let completion = "/ctePrograms/0/cteProgramCompletionIndicator";
    cte::start()
        .in_step()
        .has(cte::CTE, completion, &["false"])
        .edit(|sis| sis.with("ProgramParticipation", &second))
        .sync(cte::PUT)
        .has(cte::CTE, completion, &["true"])
        .edit(|sis| sis.without("ProgramParticipation:802"))
        .sync(cte::PUT)
        .has(cte::CTE, completion, &["false"])
        .edit(|sis| sis.without("ProgramParticipationCertification:901").without("ProgramParticipation:801"))
        .sync(cte::DELETED)
        .holds(cte::CTE, 0);
}
