//! The rows of the documents' error tables, in the documents' words: `kansas_…` of Kansas Student Section Associations,
//! `cte_…` of Core Student CTE Program Associations, `sessions_…` of Core Sessions.

use rollcall_tests::says::message;

use super::office::{Office, assert_told};

const SECTION_ASSOCIATIONS: &str = "studentSectionAssociations";
const CTE: &str = "studentCTEProgramAssociations";

const AUTHORIZATION_DENIED: &str =
    "Authorization denied. The claim does not have any established relationships with the requested resource.";

fn key_conflict(resource: &str) -> String {
    message(&format!(
        "A natural key conflict occurred when attempting to create a new resource '{resource}' with a duplicate key."
    ))
}

fn dependency(entity: &str) -> String {
    message(&format!(
        "The resource (or a subordinate entity of the resource) cannot be deleted because it is a dependency of the \
         '{entity}' entity."
    ))
}

#[test]
fn kansas_400_field_is_required() {
    let office = Office::kansas();
    let words = message("Validation of 'StudentSectionAssociation' failed. BeginDate is required.");
    let errors = office.refused(SECTION_ASSOCIATIONS, 400, words);
    let error = &errors[0];
    assert_eq!((&error["class"], &error["element"]), (&"required".into(), &"beginDate".into()));
    // The element's columns are told, and what stands in them.
    assert_told(error, &["Roster.startDate of Roster:3001 is empty", "correct Roster.startDate", "rollcall explain"]);
}

#[test]
fn kansas_400_reference_could_not_be_resolved() {
    let office = Office::kansas();
    let words =
        message("Validation of 'StudentSectionAssociation' failed.\n\tSection reference could not be resolved.");
    let errors = office.refused(SECTION_ASSOCIATIONS, 400, words);
    assert_eq!((&errors[0]["class"], &errors[0]["element"]), (&"reference".into(), &"sectionReference".into()));
    assert_told(&errors[0], &["sectionReference names sections Section:71-41, which reports", "--resource sections"]);

    // "This can happen with Schools and the Ed-Fi School ID": what the state loads.
    let office = Office::kansas();
    let words = message("Validation of 'CourseOffering' failed.\n\tSchool reference could not be resolved.");
    let errors = office.refused("courseOfferings", 400, words);
    assert_told(&errors[0], &["schoolId=990001", "the state (Kansas) loads", "check School.number"]);
}

#[test]
fn kansas_403_authorization_denied() {
    let office = Office::kansas();
    let errors = office.refused(SECTION_ASSOCIATIONS, 403, message(AUTHORIZATION_DENIED));
    assert_eq!(errors[0]["class"], "not-yet-visible");
    assert_told(&errors[0], &["(Enrollment:2001) has to be at the ODS first", "check the key and secret"]);
}

#[test]
fn kansas_404_failed_to_delete() {
    let office = Office::kansas();
    office.sync(0);
    office.place.edit_table("Roster", |text| text.replace("3006,906,71,51,,\n", ""));
    office.server.say(|asked| {
        let words = message("Failed to delete 'StudentSectionAssociation'. Record does not exist.");
        (asked.method == "DELETE").then_some((404, words))
    });
    // "This error can be ignored. The ID was cleared … and will not attempt to delete again."
    office.sync(0);
    assert!(office.server.asked().iter().any(|asked| asked.method == "DELETE"));
    assert!(office.errors(&[]).is_empty());
    office.sync(0);
    assert!(office.server.asked().is_empty());
}

#[test]
fn kansas_409_natural_key_conflict() {
    let office = Office::kansas();
    let errors = office.refused(SECTION_ASSOCIATIONS, 409, key_conflict("studentSectionAssociation"));
    assert_eq!(errors[0]["class"], "key-conflict");
    assert_told(&errors[0], &["two rows of the SIS may stand for one thing", "look for duplicate rows in the SIS"]);
}

#[test]
fn kansas_409_cannot_be_deleted() {
    let office = Office::kansas();
    office.sync(0);
    office.place.edit_table("Roster", |text| text.replace("3006,906,71,51,,\n", ""));
    office.server.say(|asked| (asked.method == "DELETE").then(|| (409, dependency("grade"))));
    office.sync(4);
    let errors = office.errors(&[]);
    assert_eq!((&errors[0]["class"], &errors[0]["operation"]), (&"has-dependents".into(), &"delete".into()));
    assert_told(&errors[0], &["grade records at the ODS still refer to it", "rollcall delete"]);
}

#[test]
fn kansas_500_internal_server_error() {
    let office = Office::kansas();
    let errors = office.refused(SECTION_ASSOCIATIONS, 500, message("Internal Server Error."));
    assert_eq!(errors[0]["class"], "server");
    assert_told(&errors[0], &["the ODS has trouble of its own", "rollcall retry", "rollcall errors --payloads"]);
}

#[test]
fn cte_400_field_is_required() {
    let office = Office::core();
    let words = message("Validation of 'StudentCTEProgramAssociation' failed. BeginDate is required.");
    let errors = office.refused(CTE, 400, words);
    assert_eq!((&errors[0]["class"], &errors[0]["element"]), (&"required".into(), &"beginDate".into()));
    assert_told(&errors[0], &["ProgramParticipation.startDate of ProgramParticipation:801 is 2025-08-14"]);
}

#[test]
fn cte_400_reference_could_not_be_resolved() {
    let office = Office::core();
    let words = message("'StudentCTEProgramAssociation' failed. Program reference could not be resolved.");
    let errors = office.refused(CTE, 400, words);
    assert_eq!((&errors[0]["class"], &errors[0]["element"]), (&"reference".into(), &"programReference".into()));
    assert_told(&errors[0], &["programReference names programs Program:701, which reports"]);
}

#[test]
fn cte_403_authorization_denied() {
    let office = Office::core();
    let errors = office.refused(CTE, 403, message(AUTHORIZATION_DENIED));
    assert_eq!(errors[0]["class"], "not-yet-visible");
    assert_told(&errors[0], &["studentSchoolAssociations record (Enrollment:2001) has to be at the ODS first"]);
}

#[test]
fn cte_404_failed_to_delete() {
    let office = Office::core();
    office.sync(0);
    office.place.edit_table("ProgramParticipation", |text| text.lines().next().unwrap_or_default().to_owned() + "\n");
    office.server.say(|asked| {
        let words = message("Failed to delete 'StudentCTEProgramAssociation'. Record does not exist.");
        (asked.method == "DELETE").then_some((404, words))
    });
    office.sync(0);
    assert!(
        office.server.asked().iter().any(|asked| (asked.method.as_str(), asked.resource.as_str()) == ("DELETE", CTE))
    );
    assert!(office.errors(&[]).is_empty());
}

#[test]
fn cte_409_natural_key_conflict() {
    let errors = Office::core().refused(CTE, 409, key_conflict("studentCTEProgramAssociation"));
    assert_eq!(errors[0]["class"], "key-conflict");
    assert_told(&errors[0], &["look for duplicate rows in the SIS", "report it to the state if it stays"]);
}

#[test]
fn cte_409_cannot_be_deleted() {
    let office = Office::core();
    office.sync(0);
    office.place.edit_table("ProgramParticipation", |text| text.lines().next().unwrap_or_default().to_owned() + "\n");
    office.server.say(|asked| (asked.method == "DELETE").then(|| (409, dependency("studentSectionAssociation"))));
    office.sync(4);
    let errors = office.errors(&["--resource", CTE]);
    assert_eq!(errors[0]["class"], "has-dependents");
    // The entity is a resource of this connection.
    assert_told(&errors[0], &["studentSectionAssociations records at the ODS still refer to it", "with the next sync"]);
}

#[test]
fn cte_500_internal_server_error() {
    let errors = Office::core().refused(CTE, 500, message("Internal Server Error."));
    assert_eq!(errors[0]["class"], "server");
    assert_told(&errors[0], &["it stumbles over something in this record", "rollcall retry"]);
}

#[test]
fn sessions_400_term_start_or_end_dates_are_missing() {
    let office = Office::core();
    let words = message(
        "Validation of 'Session' failed. BeginDate is required. BeginDate : '1/1/0001 12:00:00 AM' must be within SQL \
         datetime range ('1/1/1753 12:00:00 AM' to '12/31/9999 11:59:59 PM') EndDate is required. EndDate : '1/1/0001 \
         12:00:00 AM' must be within SQL datetime range ('1/1/1753 12:00:00 AM' to '12/31/9999 11:59:59 PM') ",
    );
    let errors = office.refused("sessions", 400, words);
    assert_eq!((&errors[0]["class"], &errors[0]["element"]), (&"required".into(), &"beginDate".into()));
    assert_told(&errors[0], &["Term.startDate of Term:41", "Term.endDate of Term:41"]);
}
