//! Writes beyond the rows of `ods_behaviour`: several broken rules at once, descriptors of an extension, what a changed key
//! leaves behind.

mod common;

use common::{Api, descriptor, section_association, session, student};
use serde_json::json;

#[tokio::test]
async fn extensions_are_stored_and_read_back() {
    let api = Api::full().await;
    let id = api.section_association("1").await;
    let mut body = section_association("1");
    let status = descriptor("SectionStatusDescriptor", "ENROLLED");
    body["_ext"] = json!({"XX": {"Note": "seen", "statusDescriptor": status, "unknown": 1}, "yy": {"a": 1}});
    api.post("studentSectionAssociations", &body).await.expect(200);
    let read = api.get(&format!("studentSectionAssociations/{id}")).await.expect(200).json();
    let status = descriptor("SectionStatusDescriptor", "Enrolled");
    assert_eq!(read["_ext"], json!({"xx": {"statusDescriptor": status, "note": "seen"}}));
    // A descriptor of the extension's own has its room beside the standard's.
    let own = api.client.get(api.url("/data/v3/xx/sectionStatusDescriptors")).bearer_auth(&api.token);
    let own = common::read(own.send().await.unwrap()).await.expect(200).json();
    assert_eq!(own[0]["codeValue"], "Enrolled");
    api.get("sectionStatusDescriptors").await.expect(404);
    body["_ext"] = json!({"xx": {"note": "much too long"}});
    let answer = api.post("studentSectionAssociations", &body).await.expect(400);
    assert!(
        answer.message().contains("The field Note must be a string with a maximum length of 10."),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn rules_of_the_model() {
    let api = Api::full().await;
    let body = json!({"studentUniqueId": " 1", "firstName": "x".repeat(76), "otherNames": [
        {"otherNameTypeDescriptor": descriptor("OtherNameTypeDescriptor", "Alias"), "firstName": "A"},
        {"otherNameTypeDescriptor": descriptor("OtherNameTypeDescriptor", "Alias"), "firstName": "A", "lastSurname": "B"}]});
    let answer = api.post("students", &body).await.expect(400);
    let message = answer.message();
    assert!(message.starts_with("Validation of 'Student' failed.\n\t"), "{message}");
    for line in [
        "\n\tStudentUniqueId property is part of the primary key and therefore its value cannot contain leading or \
         trailing whitespace.",
        "\n\tThe field FirstName must be a string with a maximum length of 75.",
        "\n\tLastSurname is required.",
        "\n\tBirthDate is required.",
        "\n\tValidation of 'StudentOtherName[0]' failed.\n\t\tLastSurname is required.",
        "\n\tOtherNames enumerable contains duplicate at index: 1",
    ] {
        assert!(message.contains(line), "{line:?} in {message:?}");
    }
    let mut student = student("1");
    student["firstName"] = json!("<script>");
    let answer = api.post("students", &student).await.expect(400);
    assert_eq!(
        answer.message(),
        "Validation of 'Student' failed.\n\tFirstName contains a potentially dangerous value."
    );
    let mut school = json!({"schoolId": 9, "nameOfInstitution": "N",
        "educationOrganizationCategories": [{"educationOrganizationCategoryDescriptor":
            descriptor("EducationOrganizationCategoryDescriptor", "School")}], "gradeLevels": []});
    let answer = api.post("schools", &school).await.expect(400);
    let expected = "Validation of 'School' failed.\n\tGradeLevels requires at least one object in the collection.";
    assert_eq!(answer.message(), expected);
    school["gradeLevels"] = json!([{"gradeLevelDescriptor": descriptor("GradeLevelDescriptor", "Nowhere")}]);
    let answer = api.post("schools", &school).await.expect(400);
    let expected = "Unable to resolve value 'uri://ed-fi.org/GradeLevelDescriptor#Nowhere' to an existing \
                    'GradeLevelDescriptor' resource.";
    assert_eq!(answer.message(), expected);
}

#[tokio::test]
async fn a_changed_key_reaches_all_that_names_it() {
    let api = Api::full().await;
    let association = api.section_association("1").await;
    let id = api.create("sessions", &session("S1")).await;
    api.put("sessions", &id, &session("Autumn")).await.expect(204);
    let read = api.get(&format!("studentSectionAssociations/{association}")).await.expect(200).json();
    assert_eq!(read["sectionReference"]["sessionName"], "Autumn");
    assert!(read["sectionReference"]["link"]["href"].as_str().unwrap().starts_with("/ed-fi/sections/"));
    let found = api.get("sections?sessionName=Autumn&sectionIdentifier=7").await.expect(200).json();
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(api.get("courseOfferings?sessionName=S1").await.expect(200).json(), json!([]));
    // The old key is free, and deletes are still protected.
    api.create("sessions", &session("S1")).await;
    api.delete("sessions", &id).await.expect(409);
    let answer = api.put("sessions", &id, &session("S1")).await.expect(409);
    assert!(answer.message().starts_with("A natural key conflict occurred"), "{}", answer.text);
}
