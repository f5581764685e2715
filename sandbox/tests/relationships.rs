//! Authorization by education organization and people.

mod common;

use common::{Api, DISTRICT, OTHER_SCHOOL, SCHOOL, descriptor, enrollment, section_association, session, student};
use serde_json::json;

const NO_STUDENT: &str = "Authorization denied. No relationships have been established between the caller's education \
                          organization id claim (255901) and the resource item's 'StudentUniqueId' value.";

#[tokio::test]
async fn a_student_is_created_freely_and_visible_once_enrolled() {
    let api = Api::vendor().await;
    let id = api.post("students", &student("1")).await.expect(201).id();
    assert_eq!(api.post("students", &student("1")).await.expect(403).message(), NO_STUDENT);
    assert_eq!(api.get(&format!("students/{id}")).await.expect(403).message(), NO_STUDENT);
    assert_eq!(api.get("students?totalCount=true").await.expect(200).header("total-count"), "0");
    let association = api.create("studentSchoolAssociations", &enrollment("1", SCHOOL)).await;
    api.post("students", &student("1")).await.expect(200);
    api.get(&format!("students/{id}")).await.expect(200);
    assert_eq!(api.get("students?totalCount=true").await.expect(200).header("total-count"), "1");
    // Without its last association the student is out of sight again, but still there, and may be deleted.
    api.delete("studentSchoolAssociations", &association).await.expect(204);
    api.post("students", &student("1")).await.expect(403);
    api.delete("students", &id).await.expect(204);
}

#[tokio::test]
async fn another_districts_school_is_out_of_reach() {
    let mut api = Api::vendor().await;
    api.create("students", &student("1")).await;
    let answer = api.post("studentSchoolAssociations", &enrollment("1", OTHER_SCHOOL)).await.expect(403);
    assert_eq!(
        answer.message(),
        "Authorization denied. No relationships have been established between the caller's education organization id \
         claim (255901) and the resource item's 'SchoolId' value."
    );
    api.act_as("full", "full-secret").await;
    let id = api.create("studentSchoolAssociations", &enrollment("1", OTHER_SCHOOL)).await;
    api.act_as("sis", "sis-secret").await;
    let expected = "Authorization denied. No relationships have been established between the caller's education \
                    organization id claim (255901) and one or more of the following properties of the resource item: \
                    'SchoolId', 'StudentUniqueId'.";
    assert_eq!(api.get(&format!("studentSchoolAssociations/{id}")).await.expect(403).message(), expected);
    assert_eq!(api.get("studentSchoolAssociations").await.expect(200).json(), json!([]));
    assert_eq!(api.delete("studentSchoolAssociations", &id).await.expect(403).message(), expected);
}

#[tokio::test]
async fn people_that_do_not_exist() {
    let api = Api::vendor().await;
    let answer = api.post("studentSectionAssociations", &section_association("nobody")).await.expect(409);
    let expected = "Access to the resource item could not be authorized because the 'Student' was not found.";
    assert_eq!(answer.message(), expected);
    let answer = api.post("studentSchoolAssociations", &enrollment("nobody", SCHOOL)).await.expect(400);
    let expected = "Validation of 'StudentSchoolAssociation' failed.\n\tStudent reference could not be resolved.";
    assert_eq!(answer.message(), expected);
    let mut empty = section_association("nobody");
    empty.as_object_mut().unwrap().remove("studentReference");
    let answer = api.post("studentSectionAssociations", &empty).await.expect(403);
    assert_eq!(
        answer.message(),
        "Access to the resource item could not be authorized because the 'StudentUniqueId' of the resource is empty."
    );
    let api = Api::version_7(true).await;
    let body = api.post("studentSectionAssociations", &section_association("nobody")).await.expect(403).json();
    assert_eq!(body["type"], "urn:ed-fi:api:security:authorization");
    assert_eq!(
        body["detail"],
        "Access to the requested data could not be authorized. Hint: You may need to create a corresponding \
         'StudentSchoolAssociation' item."
    );
}

#[tokio::test]
async fn a_district_works_in_its_schools() {
    let api = Api::vendor().await;
    api.section_association("1").await;
    let staff = json!({"staffUniqueId": "T", "firstName": "T", "lastSurname": "T"});
    api.post("staffs", &staff).await.expect(201);
    api.post("staffs", &staff).await.expect(403);
    let assignment = json!({"beginDate": "2025-08-01", "staffReference": {"staffUniqueId": "T"},
        "educationOrganizationReference": {"educationOrganizationId": DISTRICT},
        "staffClassificationDescriptor": descriptor("StaffClassificationDescriptor", "Teacher")});
    api.post("staffEducationOrganizationAssignmentAssociations", &assignment).await.expect(201);
    api.post("staffs", &staff).await.expect(200);
    let parent = json!({"parentUniqueId": "P", "firstName": "P", "lastSurname": "P"});
    api.post("parents", &parent).await.expect(201);
    api.post("parents", &parent).await.expect(403);
    let association = json!({"parentReference": {"parentUniqueId": "P"}, "studentReference": {"studentUniqueId": "1"}});
    api.post("studentParentAssociations", &association).await.expect(201);
    api.post("parents", &parent).await.expect(200);
}

#[tokio::test]
async fn education_organizations_and_code_lists_are_to_read_only() {
    let api = Api::vendor().await;
    let answer = api.post("schools", &json!({"schoolId": 1})).await.expect(403);
    assert_eq!(
        answer.message(),
        "Access to the resource could not be authorized for the requested action \
         'http://ed-fi.org/odsapi/actions/create'."
    );
    api.post("schoolYearTypes", &json!({"schoolYear": 2027})).await.expect(403);
    api.post("gradeLevelDescriptors", &json!({"codeValue": "x", "namespace": "uri://x", "shortDescription": "x"}))
        .await
        .expect(403);
    assert_eq!(api.get("schools").await.expect(200).json().as_array().unwrap().len(), 2);
    assert_eq!(api.get("gradeLevelDescriptors").await.expect(200).json().as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn courses_of_the_state_are_readable_from_below() {
    let api = Api::vendor().await;
    let courses = api.get("courses").await.expect(200).json();
    let course = &courses[0];
    assert_eq!(course["courseCode"], "ALG");
    let id = course["id"].as_str().unwrap();
    api.get(&format!("courses/{id}")).await.expect(200);
    api.delete("courses", id).await.expect(403);
}

#[tokio::test]
async fn a_read_only_key_writes_nothing() {
    let api = Api::with(|config| {
        config.keys.swap(0, 1);
        config.keys[0].access = rollcall_sandbox::Access::ReadOnly;
    })
    .await;
    api.post("students", &student("1")).await.expect(403);
    api.post("sessions", &session("S1")).await.expect(403);
    api.get("sessions").await.expect(200);
}

#[tokio::test]
async fn namespaces_guard_what_has_no_education_organization() {
    let api = Api::vendor().await;
    let contents = |namespace: &str| {
        json!({"contentIdentifier": "c", "namespace": namespace, "learningResourceMetadataURI": "https://example.org/c",
            "shortDescription": "c"})
    };
    let answer = api.post("educationContents", &contents("uri://other.org")).await.expect(403);
    assert_eq!(
        answer.message(),
        "Access to the resource item could not be authorized based on the caller's NamespacePrefix claims: \
         'uri://ed-fi.org'."
    );
    let answer = api.post("educationContents", &contents("uri://ed-fi.org")).await;
    assert_ne!(answer.status.as_u16(), 403, "{}", answer.text);
}
