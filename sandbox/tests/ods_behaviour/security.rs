//! Sections 7.5 and 10: the texts of 403, and the security model.

use reqwest::Method;
use rollcall_sandbox::{Access, ApiKey, ApiVersion, SandboxConfig};
use serde_json::{Value, json};

use super::both_for_vendor;
use super::common::{
    Answer, Api, DISTRICT, OTHER_SCHOOL, SCHOOL, course_offering, descriptor, enrollment, read, section,
    section_association, session, student,
};

const DENIED: &str = "Access to the requested data could not be authorized.";

/// A sandbox in both versions whose caller has this key; `full` is the second.
async fn both_for(key: &ApiKey) -> [(u8, Api); 2] {
    let start = |version: ApiVersion| {
        Api::with(move |config: &mut SandboxConfig| {
            config.keys = vec![key.clone(), ApiKey::full("full", "full-secret")];
            config.api_version = version;
        })
    };
    [(6, start(ApiVersion::V6).await), (7, start(ApiVersion::V7).await)]
}

fn key(access: Access) -> ApiKey {
    ApiKey { access, ..ApiKey::sis_vendor("key", "secret", [DISTRICT]) }
}

fn vendor_of(ids: &[i64]) -> ApiKey {
    ApiKey::sis_vendor("key", "secret", ids)
}

fn sentence(claims: &str, values: &str) -> String {
    format!(
        "No relationships have been established between the caller's education organization id {claims} and {values}."
    )
}

impl Answer {
    #[track_caller]
    fn denied(self, version: u8, claims: &str, values: &str, hint: &str) {
        let sentence = sentence(claims, values);
        if version == 6 {
            self.says(403, &format!("Authorization denied. {sentence}"));
            return;
        }
        let detail =
            if hint.is_empty() { DENIED.to_owned() } else { format!("{DENIED} Hint: You may need to create {hint}") };
        let body = self.details(403, "security:authorization", &detail);
        assert_eq!((&body["title"], &body["errors"]), (&json!("Authorization Denied"), &json!([sentence])));
    }
}

const STUDENT_HINT: &str = "a corresponding 'StudentSchoolAssociation' item.";

#[tokio::test]
async fn no_relationship_names_the_claims_and_the_property() {
    let student_value = "the resource item's 'StudentUniqueId' value";
    for (ids, claims) in [
        (vec![DISTRICT], "claim (255901)"),
        (vec![255_902, DISTRICT], "claims (255901, 255902)"),
        (vec![6, 5, 4, 3, 2, 1], "claims (1, 2, 3, 4, 5, ...)"),
        (vec![], "claims (none)"),
    ] {
        for (version, api) in both_for(&vendor_of(&ids)).await {
            let id = api.create("students", &student("1")).await;
            api.get(&format!("students/{id}")).await.denied(version, claims, student_value, STUDENT_HINT);
            api.put("students", &id, &student("1")).await.denied(version, claims, student_value, STUDENT_HINT);
        }
    }
}

#[tokio::test]
async fn no_relationship_with_several_properties_lists_them_sorted() {
    for (version, mut api) in both_for_vendor().await {
        api.act_as("full", "full-secret").await;
        api.create("students", &student("1")).await;
        let id = api.create("studentSchoolAssociations", &enrollment("1", OTHER_SCHOOL)).await;
        api.act_as("sis", "sis-secret").await;
        let values = "one or more of the following properties of the resource item: 'SchoolId', 'StudentUniqueId'";
        let answer = api.get(&format!("studentSchoolAssociations/{id}")).await;
        // The school is looked at first, and its text has no advice.
        let hint = if version == 7 && answer.text.contains("Hint") { STUDENT_HINT } else { "" };
        answer.denied(version, "claim (255901)", values, hint);
    }
}

#[tokio::test]
async fn version_7_advises_by_the_person() {
    for (version, api) in both_for_vendor().await {
        let staff = json!({"staffUniqueId": "T", "firstName": "T", "lastSurname": "T"});
        let id = api.create("staffs", &staff).await;
        api.get(&format!("staffs/{id}")).await.denied(
            version,
            "claim (255901)",
            "the resource item's 'StaffUniqueId' value",
            "corresponding 'StaffEducationOrganizationEmploymentAssociation' or \
             'StaffEducationOrganizationAssignmentAssociation' items.",
        );
        let parent = json!({"parentUniqueId": "P", "firstName": "P", "lastSurname": "P"});
        let id = api.create("parents", &parent).await;
        api.get(&format!("parents/{id}")).await.denied(
            version,
            "claim (255901)",
            "the resource item's 'ParentUniqueId' value",
            "corresponding 'StudentSchoolAssociation' and 'StudentParentAssociation' items.",
        );
    }
}

#[tokio::test]
async fn an_empty_property_is_403() {
    for (version, api) in both_for_vendor().await {
        let mut body = section_association("1");
        body.as_object_mut().unwrap().remove("studentReference");
        let answer = api.post("studentSectionAssociations", &body).await;
        if version == 6 {
            answer.says(
                403,
                "Access to the resource item could not be authorized because the 'StudentUniqueId' of the resource is empty.",
            );
        } else {
            answer.details(
                403,
                "security:authorization:relationships:access-denied:element-required",
                &format!("{DENIED} The 'StudentUniqueId' value is required for authorization purposes."),
            );
        }
    }
}

#[tokio::test]
async fn no_claim_on_the_resource_lists_the_claims() {
    for (version, api) in both_for_vendor().await {
        let answer = api.get("surveys").await;
        if version == 6 {
            let message = answer.expect(403).message();
            let begin = "Access to the resource could not be authorized. Are you missing a claim? This resource can be \
                         authorized by the following claims:\n    http://ed-fi.org/ods/identity/claims/survey\n    \
                         http://ed-fi.org/ods/identity/claims/domains/surveyDomain\nThe API client has been assigned the \
                         'SIS Vendor' claim set with the following resource claims:\n    ";
            assert!(message.starts_with(begin), "{message}");
            assert!(message.contains("\n    http://ed-fi.org/ods/identity/claims/domains/people"), "{message}");
        } else {
            let body = answer.details(
                403,
                "security:authorization:access-denied:resource",
                &format!("{DENIED} You do not have permissions to access this data."),
            );
            let text = "The API client's assigned claim set (currently 'SIS Vendor') must include one of the following \
                        resource claims to provide access to this resource: 'survey', 'surveyDomain'.";
            assert_eq!(body["errors"], json!([text]));
        }
    }
}

#[tokio::test]
async fn an_action_that_the_claim_set_lacks_is_403() {
    for (version, api) in both_for(&key(Access::ReadOnly)).await {
        let id = "00000000000000000000000000000000";
        for (action, answer) in [
            ("create", api.post("students", &student("1")).await),
            ("update", api.put("students", id, &student("1")).await),
            ("delete", api.delete("students", id).await),
        ] {
            if version == 6 {
                answer.says(
                    403,
                    &format!(
                        "Access to the resource could not be authorized for the requested action \
                         'http://ed-fi.org/odsapi/actions/{action}'."
                    ),
                );
            } else {
                let body = answer.details(
                    403,
                    "security:authorization:access-denied:action",
                    &format!("{DENIED} You do not have permissions to perform the requested operation on the data."),
                );
                let action = format!("{}{}", action[..1].to_uppercase(), &action[1..]);
                let text = format!(
                    "The API client's assigned claim set (currently 'Rollcall Read Only') must grant permission of the \
                     '{action}' action on one of the following resource claims: 'student', 'people'."
                );
                assert_eq!(body["errors"], json!([text]));
            }
        }
    }
    for (version, api) in both_for(&key(Access::Bootstrap)).await {
        let text = api.get("schools").await.expect(403).text;
        assert!(text.contains(if version == 6 { "odsapi/actions/read'" } else { "'Read' action" }), "{text}");
    }
}

fn objective(id: &str, namespace: &str) -> Value {
    json!({"learningObjectiveId": id, "namespace": namespace, "objective": "o",
        "academicSubjects": [{"academicSubjectDescriptor": descriptor("AcademicSubjectDescriptor", "Music")}],
        "gradeLevels": [{"gradeLevelDescriptor": descriptor("GradeLevelDescriptor", "Tenth grade")}]})
}

#[tokio::test]
async fn another_namespace_is_403() {
    for (version, mut api) in both_for_vendor().await {
        let music = json!({"codeValue": "Music", "namespace": "uri://ed-fi.org/AcademicSubjectDescriptor",
            "shortDescription": "Music"});
        api.act_as("full", "full-secret").await;
        api.create("academicSubjectDescriptors", &music).await;
        api.act_as("sis", "sis-secret").await;
        let foreign = api.post("learningObjectives", &objective("a", "uri://other.org")).await;
        api.post("learningObjectives", &objective("a", "uri://ed-fi.org/x")).await.expect(201);
        api.act_as("full", "full-secret").await;
        let id = api.create("learningObjectives", &objective("b", "uri://other.org")).await;
        api.act_as("sis", "sis-secret").await;
        let stored = api.get(&format!("learningObjectives/{id}")).await;
        for (answer, existing) in [(foreign, ""), (stored, "existing ")] {
            if version == 6 {
                let text = "Access to the resource item could not be authorized based on the caller's NamespacePrefix \
                            claims: 'uri://ed-fi.org'.";
                answer.says(403, text);
            } else {
                answer.details(
                    403,
                    "security:authorization:namespace:access-denied:namespace-mismatch",
                    &format!(
                        "{DENIED} The {existing}'Namespace' value of the data does not start with any of the caller's \
                         associated namespace prefixes ('uri://ed-fi.org')."
                    ),
                );
            }
        }
        // A query leaves it out.
        let found = api.get("learningObjectives").await.expect(200).json();
        assert_eq!(found.as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn an_empty_namespace_is_403() {
    for (version, api) in both_for_vendor().await {
        let mut body = objective("a", "");
        body.as_object_mut().unwrap().remove("namespace");
        let answer = api.post("learningObjectives", &body).await;
        if version == 6 {
            let text =
                "Access to the resource item could not be authorized because the Namespace of the resource is empty.";
            answer.says(403, text);
        } else {
            let body = answer.expect(403).json();
            let kind = "urn:ed-fi:api:security:authorization:namespace:access-denied:namespace-required";
            assert_eq!(body["type"], kind);
        }
    }
    // Of a record that is stored: its namespace is optional there.
    let content = json!({"contentIdentifier": "c", "learningResourceMetadataURI": "https://example.org/c",
        "namespace": "uri://ed-fi.org", "shortDescription": "c"});
    let api = Api::full().await;
    assert_ne!(api.post("educationContents", &content).await.status.as_u16(), 403);
}

#[tokio::test]
async fn a_caller_without_namespaces_is_403() {
    for prefixes in [vec![], vec![String::new()]] {
        let key = ApiKey { namespace_prefixes: prefixes, ..vendor_of(&[DISTRICT]) };
        for (version, api) in both_for(&key).await {
            let answer = api.post("learningObjectives", &objective("a", "uri://ed-fi.org")).await;
            if version == 6 {
                answer.says(
                    403,
                    "Access to the resource could not be authorized because the caller did not have any NamespacePrefix \
                     claims ('http://ed-fi.org/claims/namespacePrefix') or the claim values were all empty.",
                );
            } else {
                let kind = "urn:ed-fi:api:security:authorization:namespace:invalid-client:no-namespaces";
                assert_eq!(answer.expect(403).json()["type"], kind);
            }
        }
    }
}

#[tokio::test]
async fn education_organizations_are_to_read() {
    for (_, api) in both_for_vendor().await {
        let schools = api.get("schools").await.expect(200).json();
        assert_eq!(schools.as_array().unwrap().len(), 2, "those of others too");
        api.post("schools", &json!({"schoolId": 1})).await.expect(403);
        let id = schools[0]["id"].as_str().unwrap();
        api.put("schools", id, &schools[0]).await.expect(403);
        api.delete("schools", id).await.expect(403);
        api.get("localEducationAgencies").await.expect(200);
    }
}

#[tokio::test]
async fn types_are_to_read_and_descriptors_are_written_by_namespace() {
    for (_, api) in both_for_vendor().await {
        assert_eq!(api.get("schoolYearTypes").await.expect(200).json()[0]["schoolYear"], 2026);
        api.post("schoolYearTypes", &json!({"schoolYear": 2027})).await.expect(403);
        let code = |name: &str, namespace: &str| json!({"codeValue": "x", "namespace": format!("{namespace}/{name}"), "shortDescription": "x"});
        // Those that vendors manage, within their namespaces; all others are the state's.
        let managed = "AccommodationDescriptor";
        api.post("accommodationDescriptors", &code(managed, "uri://ed-fi.org")).await.expect(201);
        api.post("accommodationDescriptors", &code(managed, "uri://other.org")).await.expect(403);
        api.post("gradeLevelDescriptors", &code("GradeLevelDescriptor", "uri://ed-fi.org")).await.expect(403);
        assert_eq!(api.get("gradeLevelDescriptors").await.expect(200).json().as_array().unwrap().len(), 2);
    }
    for (_, api) in both_for(&key(Access::EdFiSandbox)).await {
        let level =
            json!({"codeValue": "x", "namespace": "uri://ed-fi.org/GradeLevelDescriptor", "shortDescription": "x"});
        api.post("gradeLevelDescriptors", &level).await.expect(201);
    }
}

#[tokio::test]
async fn people_are_created_and_deleted_freely_and_read_and_updated_through_relationships() {
    for (_, api) in both_for_vendor().await {
        let id = api.post("students", &student("1")).await.expect(201).id();
        api.get(&format!("students/{id}")).await.expect(403);
        api.post("students", &student("1")).await.expect(403);
        let association = api.create("studentSchoolAssociations", &enrollment("1", SCHOOL)).await;
        api.get(&format!("students/{id}")).await.expect(200);
        api.post("students", &student("1")).await.expect(200);
        api.put("students", &id, &student("1")).await.expect(204);
        // Without the last association out of sight again, and still there.
        api.delete("studentSchoolAssociations", &association).await.expect(204);
        api.put("students", &id, &student("1")).await.expect(403);
        api.delete("students", &id).await.expect(204);
    }
}

#[tokio::test]
async fn an_enrollment_is_created_by_school_alone_and_its_dates_do_not_matter() {
    for (_, api) in both_for_vendor().await {
        api.create("students", &student("1")).await;
        let mut ended = enrollment("1", SCHOOL);
        ended["entryDate"] = json!("2001-08-14");
        ended["exitWithdrawDate"] = json!("2002-05-01");
        api.post("studentSchoolAssociations", &ended).await.expect(201);
        api.post("students", &student("1")).await.expect(200);
        api.post("studentSchoolAssociations", &enrollment("1", OTHER_SCHOOL)).await.expect(403);
    }
}

#[tokio::test]
async fn staff_are_seen_through_an_assignment_or_an_employment() {
    let status = json!({"codeValue": "Tenured", "namespace": "uri://ed-fi.org/EmploymentStatusDescriptor",
        "shortDescription": "Tenured"});
    for (_, mut api) in both_for_vendor().await {
        api.act_as("full", "full-secret").await;
        api.create("employmentStatusDescriptors", &status).await;
        api.act_as("sis", "sis-secret").await;
        let staff = |id: &str| json!({"staffUniqueId": id, "firstName": "T", "lastSurname": "T"});
        let assignment = json!({"beginDate": "2025-08-01", "staffReference": {"staffUniqueId": "A"},
            "educationOrganizationReference": {"educationOrganizationId": SCHOOL},
            "staffClassificationDescriptor": descriptor("StaffClassificationDescriptor", "Teacher")});
        let employment = json!({"hireDate": "2025-08-01", "staffReference": {"staffUniqueId": "E"},
            "educationOrganizationReference": {"educationOrganizationId": DISTRICT},
            "employmentStatusDescriptor": descriptor("EmploymentStatusDescriptor", "Tenured")});
        for (id, resource, body) in [
            ("A", "staffEducationOrganizationAssignmentAssociations", assignment),
            ("E", "staffEducationOrganizationEmploymentAssociations", employment),
        ] {
            api.post("staffs", &staff(id)).await.expect(201);
            api.post("staffs", &staff(id)).await.expect(403);
            api.post(resource, &body).await.expect(201);
            api.post("staffs", &staff(id)).await.expect(200);
        }
    }
}

#[tokio::test]
async fn parents_are_seen_through_their_students() {
    for (_, api) in both_for_vendor().await {
        let parent = json!({"parentUniqueId": "P", "firstName": "P", "lastSurname": "P"});
        api.post("parents", &parent).await.expect(201);
        api.create("students", &student("1")).await;
        let association =
            json!({"parentReference": {"parentUniqueId": "P"}, "studentReference": {"studentUniqueId": "1"}});
        // By the student alone.
        api.post("studentParentAssociations", &association).await.expect(403);
        api.create("studentSchoolAssociations", &enrollment("1", SCHOOL)).await;
        api.post("parents", &parent).await.expect(403);
        api.post("studentParentAssociations", &association).await.expect(201);
        api.post("parents", &parent).await.expect(200);
    }
}

#[tokio::test]
async fn courses_are_read_from_below_and_written_by_their_owner() {
    for (_, api) in both_for_vendor().await {
        // The course is the state's, above the district.
        let courses = api.get("courses").await.expect(200).json();
        let id = courses[0]["id"].as_str().unwrap();
        api.get(&format!("courses/{id}")).await.expect(200);
        api.put("courses", id, &courses[0]).await.expect(403);
        api.delete("courses", id).await.expect(403);
        let mut own = courses[0].clone();
        own.as_object_mut().unwrap().remove("id");
        own["educationOrganizationReference"]["educationOrganizationId"] = json!(DISTRICT);
        api.post("courses", &own).await.expect(201);
    }
}

#[tokio::test]
async fn all_else_is_by_education_organizations_and_people() {
    for (_, mut api) in both_for_vendor().await {
        let association = api.section_association("1").await;
        api.post("studentSectionAssociations", &section_association("1")).await.expect(200);
        let mut foreign = session("S1");
        foreign["schoolReference"]["schoolId"] = json!(OTHER_SCHOOL);
        api.post("sessions", &foreign).await.expect(403);
        api.act_as("full", "full-secret").await;
        let found = api.get("studentSchoolAssociations").await.expect(200).json();
        api.delete("studentSchoolAssociations", found[0]["id"].as_str().unwrap()).await.expect(204);
        api.act_as("sis", "sis-secret").await;
        // The student has left: the section association is out of reach with the person.
        api.get(&format!("studentSectionAssociations/{association}")).await.expect(403);
        assert_eq!(api.get("studentSectionAssociations").await.expect(200).text, "[]");
        api.delete("studentSectionAssociations", &association).await.expect(403);
    }
}

#[tokio::test]
async fn a_claim_reaches_all_education_organizations_below() {
    for (ids, reached) in [(vec![1], true), (vec![DISTRICT], true), (vec![SCHOOL], true), (vec![OTHER_SCHOOL], false)] {
        for (_, api) in both_for(&vendor_of(&ids)).await {
            let answer = api.post("sessions", &session("S1")).await;
            assert_eq!(answer.status.as_u16(), if reached { 201 } else { 403 }, "{ids:?}");
        }
    }
}

#[tokio::test]
async fn role_named_ids_are_no_subjects() {
    // A program of another district in a student's program association: its id is `programEducationOrganizationId`.
    for (_, mut api) in both_for_vendor().await {
        api.act_as("full", "full-secret").await;
        let kind = json!({"codeValue": "Gifted", "namespace": "uri://ed-fi.org/ProgramTypeDescriptor", "shortDescription": "G"});
        api.create("programTypeDescriptors", &kind).await;
        let program = json!({"programName": "G", "programTypeDescriptor": descriptor("ProgramTypeDescriptor", "Gifted"),
            "educationOrganizationReference": {"educationOrganizationId": 255_902}});
        api.create("programs", &program).await;
        api.act_as("sis", "sis-secret").await;
        api.enrolled_student("1").await;
        let association = |owner: i64| {
            json!({"beginDate": "2025-08-14", "studentReference": {"studentUniqueId": "1"},
                "educationOrganizationReference": {"educationOrganizationId": owner},
                "programReference": {"educationOrganizationId": 255_902, "programName": "G",
                    "programTypeDescriptor": descriptor("ProgramTypeDescriptor", "Gifted")}})
        };
        api.post("studentProgramAssociations", &association(DISTRICT)).await.expect(201);
        api.post("studentProgramAssociations", &association(255_902)).await.expect(403);
    }
}

#[tokio::test]
async fn an_update_is_checked_before_and_after() {
    for (_, mut api) in both_for_vendor().await {
        api.enrolled_student("1").await;
        let found = api.get("studentSchoolAssociations").await.expect(200).json();
        let id = found[0]["id"].as_str().unwrap();
        // Away to another district's school: the stored one is in reach, the new one is not.
        api.put("studentSchoolAssociations", id, &enrollment("1", OTHER_SCHOOL)).await.expect(403);
        api.act_as("full", "full-secret").await;
        api.put("studentSchoolAssociations", id, &enrollment("1", OTHER_SCHOOL)).await.expect(204);
        api.act_as("sis", "sis-secret").await;
        api.put("studentSchoolAssociations", id, &enrollment("1", SCHOOL)).await.expect(403);
    }
}

#[tokio::test]
async fn the_claim_sets_that_servers_ship() {
    let school = |api: &Api| {
        let request = api.request(Method::GET, "schools");
        async move { read(request.send().await.unwrap()).await }
    };
    for (_, mut api) in both_for(&key(Access::DistrictHostedSisVendor)).await {
        let schools = school(&api).await.expect(200).json();
        let mut new = schools[0].clone();
        new.as_object_mut().unwrap().remove("id");
        new["schoolId"] = json!(255_901_009);
        let id = api.post("schools", &new).await.expect(201).id();
        api.delete("schools", &id).await.expect(204);
        let district = api.get("localEducationAgencies").await.expect(200).json();
        api.put("localEducationAgencies", district[0]["id"].as_str().unwrap(), &district[0]).await.expect(204);
        api.delete("localEducationAgencies", district[0]["id"].as_str().unwrap()).await.expect(403);
        api.get("surveys").await.expect(403);
        api.act_as("full", "full-secret").await;
        api.get("surveys").await.expect(200);
    }
    for (_, api) in both_for(&key(Access::EdFiSandbox)).await {
        api.get("surveys").await.expect(200);
        api.post("schoolYearTypes", &json!({"schoolYear": 2027})).await.expect(403);
        api.post("students", &student("1")).await.expect(201);
        api.post("students", &student("1")).await.expect(403);
    }
    for (_, mut api) in both_for(&key(Access::Bootstrap)).await {
        let level =
            json!({"codeValue": "x", "namespace": "uri://state.example/GradeLevelDescriptor", "shortDescription": "x"});
        api.post("gradeLevelDescriptors", &level).await.expect(201);
        let period = json!({"classPeriodName": "P", "schoolReference": {"schoolId": OTHER_SCHOOL}});
        api.post("classPeriods", &period).await.expect(201);
        // Create, and no more; and not what comes with the school year.
        api.post("classPeriods", &period).await.expect(200);
        api.post("students", &student("1")).await.expect(403);
        api.get("classPeriods").await.expect(403);
        api.act_as("full", "full-secret").await;
        api.get("classPeriods").await.expect(200);
    }
    for (_, api) in both_for(&key(Access::ReadOnly)).await {
        api.get("sessions").await.expect(200);
        api.post("sessions", &session("S1")).await.expect(403);
    }
}

#[tokio::test]
async fn credentials_and_people_need_no_further_authorization() {
    for (_, mut api) in both_for_vendor().await {
        api.act_as("full", "full-secret").await;
        let system =
            json!({"codeValue": "S", "namespace": "uri://ed-fi.org/SourceSystemDescriptor", "shortDescription": "S"});
        api.create("sourceSystemDescriptors", &system).await;
        api.act_as("sis", "sis-secret").await;
        let person = json!({"personId": "1", "sourceSystemDescriptor": descriptor("SourceSystemDescriptor", "S")});
        let id = api.post("people", &person).await.expect(201).id();
        api.get(&format!("people/{id}")).await.expect(200);
        api.delete("people", &id).await.expect(204);
    }
}

#[tokio::test]
async fn a_full_key_seeds_what_belongs_to_the_state() {
    for (_, api) in super::both().await {
        api.create(
            "schoolYearTypes",
            &json!({"schoolYear": 2027, "schoolYearDescription": "x", "currentSchoolYear": false}),
        )
        .await;
        api.create("sessions", &session("S1")).await;
        api.create("courseOfferings", &course_offering()).await;
        api.create("sections", &section()).await;
        let schools = api.get("schools").await.expect(200).json();
        api.put("schools", schools[0]["id"].as_str().unwrap(), &schools[0]).await.expect(204);
        let id = api.create("students", &student("1")).await;
        api.get(&format!("students/{id}")).await.expect(200);
    }
}
