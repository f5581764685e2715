//! What servers of versions 6 and 7, and the platform after them, answer: ODS behaviour, section 7.

use rollcall_tests::says::message;
use serde_json::{Value, json};

use super::office::{Office, assert_told, told};

const SECTION_ASSOCIATIONS: &str = "studentSectionAssociations";

/// Problem details, as version 7 writes them.
fn problem(status: u16, urn: &str, detail: &str, more: &Value) -> String {
    let mut body = json!({
        "detail": detail,
        "type": format!("urn:ed-fi:api:{urn}"),
        "title": "A Title",
        "status": status,
        "correlationId": "c-77",
    });
    let members = body.as_object_mut().expect("it is an object");
    members.extend(more.as_object().expect("more is an object").clone());
    body.to_string()
}

#[test]
fn validation_by_path() {
    let detail = "Data validation failed. See 'validationErrors' for details.";
    let more = json!({ "validationErrors": { "$.beginDate": ["BeginDate is required."] } });
    let body = problem(400, "bad-request:data-validation-failed", detail, &more);
    let errors = Office::kansas().refused(SECTION_ASSOCIATIONS, 400, body);
    assert_eq!((&errors[0]["class"], &errors[0]["element"]), (&json!("required"), &json!("beginDate")));
    assert_eq!(errors[0]["urn"], "urn:ed-fi:api:bad-request:data-validation-failed");
    assert_eq!(errors[0]["correlation_id"], "c-77");
    assert_told(&errors[0], &["Roster.startDate of Roster:3001 is empty"]);
}

#[test]
fn a_code_that_the_ods_does_not_have() {
    let uri = "uri://ed-fi.org/GradeLevelDescriptor#Ninth grade";
    let old = message(&format!("Unable to resolve value '{uri}' to an existing 'GradeLevelDescriptor' resource."));
    let more = json!({ "validationErrors": {
        "$.entryGradeLevelDescriptor": [format!("GradeLevelDescriptor value '{uri}' does not exist.")],
    } });
    let new = problem(400, "bad-request:data-validation-failed", "Data validation failed.", &more);
    for words in [old, new] {
        let errors = Office::kansas().refused("studentSchoolAssociations", 400, words);
        assert_eq!(errors[0]["element"], "entryGradeLevelDescriptor");
        assert_told(
            &errors[0],
            &[
                "the ODS does not have the code \"Ninth grade\" of GradeLevelDescriptor",
                "mappings.grade-level makes it of \"09\" in Enrollment.grade",
                "correct mappings.grade-level in the configuration",
                "ask the state (Kansas)",
            ],
        );
    }
}

#[test]
fn references_that_are_not_there() {
    let plain =
        problem(409, "data-conflict:unresolved-reference", "The referenced 'Section' item does not exist.", &json!({}));
    let detail = "One or more references could not be resolved. See 'validationErrors' for details.";
    let more = json!({ "validationErrors": { "$.sectionReference": ["The referenced Section item does not exist."] } });
    let by_path = problem(409, "data-conflict:unresolved-reference", detail, &more);
    let old = message("The value supplied for the related 'section' resource does not exist.");
    for words in [plain, by_path, old] {
        let errors = Office::kansas().refused(SECTION_ASSOCIATIONS, 409, words);
        assert_eq!((&errors[0]["class"], &errors[0]["element"]), (&json!("reference"), &json!("sectionReference")));
        assert_told(&errors[0], &["sectionReference names sections Section:71-41"]);
    }
    // PostgreSQL names the table that was written: any reference may be meant, and each is told.
    let vague = message("The value supplied for the related 'studentsectionassociation' resource does not exist.");
    let errors = Office::kansas().refused(SECTION_ASSOCIATIONS, 409, vague);
    assert_eq!(errors[0]["element"], Value::Null);
    assert_told(&errors[0], &["sectionReference names sections", "studentReference names students Person:901"]);
    // The record names the student; what is told does not.
    assert!(!told(&errors[0]).contains("4000000901"));
}

#[test]
fn a_reference_to_a_resource_that_is_off() {
    let office = Office::kansas();
    office
        .place
        .configure(&format!("{}\n[resources]\nsections = false\n", rollcall_tests::tiny::kansas(&office.server.url())));
    let words = message("The value supplied for the related 'section' resource does not exist.");
    let errors = office.refused(SECTION_ASSOCIATIONS, 409, words);
    assert_told(&errors[0], &["sections is turned off in the configuration", "turn sections on under [resources]"]);
}

#[test]
fn keys_that_stand_twice() {
    let detail = "The identifying value(s) of the item are the same as another item that already exists.";
    let words =
        problem(409, "data-conflict:non-unique-identity", detail, &json!({ "errors": ["A primary key conflict"] }));
    let errors = Office::kansas().refused(SECTION_ASSOCIATIONS, 409, words);
    assert_eq!(errors[0]["class"], "key-conflict");
    assert_told(&errors[0], &["look for duplicate rows in the SIS"]);
}

#[test]
fn what_still_refers_to_a_record() {
    let office = Office::kansas();
    office.sync(0);
    office.place.edit_table("Roster", |text| text.replace("3006,906,71,51,,\n", ""));
    office.server.say(|asked| {
        let detail =
            "The requested action cannot be performed because this item is referenced by an existing 'Grade' item.";
        let words = problem(409, "data-conflict:dependent-item-exists", detail, &json!({}));
        (asked.method == "DELETE").then_some((409, words))
    });
    office.sync(4);
    let errors = office.errors(&[]);
    assert_eq!(errors[0]["class"], "has-dependents");
    assert_told(&errors[0], &["Grade records at the ODS still refer to it"]);
}

#[test]
fn a_student_that_the_key_does_not_see() {
    let detail = "Access to the requested data could not be authorized. Hint: You may need to create a corresponding \
                  'StudentSchoolAssociation' item.";
    let words = problem(403, "security:authorization", detail, &json!({}));
    let errors = Office::kansas().refused(SECTION_ASSOCIATIONS, 403, words);
    assert_eq!(errors[0]["class"], "not-yet-visible");
    assert_told(&errors[0], &["studentSchoolAssociations record (Enrollment:2001)"]);
    // The linking record itself: then it is the school.
    let words = message(
        "Authorization denied. No relationships have been established between the caller's education \
                         organization id claim (990) and the resource item's 'SchoolId' value.",
    );
    let errors = Office::kansas().refused("studentSchoolAssociations", 403, words);
    assert_told(&errors[0], &["the school of the record (School:1) is not one of your key's schools"]);
}

#[test]
fn what_the_key_may_not_do() {
    let detail = "Access to the requested data could not be authorized.";
    let cases = [
        ("security:authorization:access-denied:resource", "the key may not send studentSectionAssociations"),
        ("security:authorization:access-denied:action", "the key may read the resource and not write it"),
        ("security:authorization:namespace:access-denied:namespace-mismatch", "the namespace of the record is not one"),
        ("security:authorization:ownership:access-denied:ownership-mismatch", "another key created the record"),
        ("security:data-policy:incorrect-usage", "by a profile only"),
    ];
    for (urn, cause) in cases {
        let errors = Office::kansas().refused(SECTION_ASSOCIATIONS, 403, problem(403, urn, detail, &json!({})));
        assert_eq!(errors[0]["class"], "forbidden", "{urn}");
        assert_told(&errors[0], &[cause, "ask the state"]);
    }
}

#[test]
fn other_statuses() {
    let gone = problem(404, "not-found", "The specified data could not be found.", &json!({}));
    let cases = [
        (404, gone, "not-found", "connection.route"),
        (405, String::new(), "forbidden", "to be read only"),
        (
            412,
            problem(412, "optimistic-lock-failed", "Modified.", &json!({})),
            "stale",
            "another program changed the record",
        ),
        (418, message("I'm a teapot."), "other", "see the ODS's own words"),
    ];
    for (status, words, class, cause) in cases {
        let errors = Office::kansas().refused(SECTION_ASSOCIATIONS, status, words);
        assert_eq!((&errors[0]["class"], &errors[0]["status"]), (&json!(class), &json!(status)));
        assert_told(&errors[0], &[cause]);
    }
}

#[test]
fn a_failure_of_the_server_is_told_with_its_name_for_the_request() {
    let words = problem(500, "system", "An unexpected problem has occurred.", &json!({}));
    let errors = Office::kansas().refused(SECTION_ASSOCIATIONS, 500, words);
    assert_told(&errors[0], &["help desk: c-77"]);
}

#[test]
fn keys_within_a_record() {
    let detail = "All values supplied for 'schoolId' must match. Review all references and align the following conflicting \
                  values: '777', '888'";
    let new = problem(400, "bad-request:data-validation-failed", detail, &json!({}));
    let old =
        message("Supplied values for unified key property 'schoolId' on 'Grade' are not consistent: x.schoolId = 7");
    for words in [old, new] {
        let errors = Office::kansas().refused(SECTION_ASSOCIATIONS, 400, words);
        assert_told(&errors[0], &["two references of the record give schoolId different values"]);
    }
    let urn = "bad-request:data-validation-failed:key-change-not-supported";
    let detail = "Identifying values for the Student data cannot be changed. Delete and recreate the item instead.";
    let errors = Office::kansas().refused(SECTION_ASSOCIATIONS, 400, problem(400, urn, detail, &json!({})));
    assert_told(&errors[0], &["does not let the natural key of this resource be changed in place"]);
}

#[test]
fn a_record_that_is_too_large() {
    let page = "<html><h1>413 Request Entity Too Large</h1></html>".to_owned();
    for body in [page, problem(413, "request-too-large", "The request is too large.", &json!({}))] {
        let errors = Office::kansas().refused("sections", 413, body);
        assert_eq!((&errors[0]["class"], &errors[0]["status"]), (&json!("other"), &json!(413)));
        assert_told(
            &errors[0],
            &[
                "this sections record is larger than the ODS, or a proxy in front of it, takes",
                "higher limit on the size",
            ],
        );
        assert!(!told(&errors[0]).contains("a reason that this program does not know"), "{}", told(&errors[0]));
    }
}
