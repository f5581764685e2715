//! Section 7: errors. What is wrong with a body alone stands in `validation.rs`, the texts of authorization in `security.rs`.

use reqwest::Method;
use rollcall_sandbox::{ApiVersion, Database, SandboxConfig, Storage};
use serde_json::json;

use super::common::{Answer, Api, SCHOOL, course_offering, enrollment, read, section, session, student};
use super::{both, both_for_vendor};

impl Api {
    /// Posts a text as a body of a media type.
    pub(super) async fn raw(&self, resource: &str, kind: Option<&str>, body: &'static str) -> Answer {
        let mut request = self.request(Method::POST, resource).body(body);
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        read(request.send().await.unwrap()).await
    }
}

#[tokio::test]
async fn problem_details_have_their_members_in_order_and_echo_the_correlation_id() {
    let api = Api::version_7(false).await;
    let text = api.post("students", &json!({})).await.expect(400).text;
    let at = |name: &str| text.find(&format!("\"{name}\":")).unwrap_or_else(|| panic!("no {name}: {text}"));
    let order = ["detail", "type", "title", "status", "correlationId", "validationErrors"];
    assert!(order.windows(2).all(|pair| at(pair[0]) < at(pair[1])), "{text}");
    assert!(!text.contains("\"errors\""), "{text}");
    let id = |answer: Answer| answer.json()["correlationId"].as_str().unwrap().to_owned();
    assert_ne!(id(api.post("students", &json!({})).await), id(api.post("students", &json!({})).await));
    let request = api.request(Method::POST, "students").header("correlation-id", "mine").json(&json!({}));
    assert_eq!(id(read(request.send().await.unwrap()).await), "mine");
    assert_eq!(id(api.post("students?correlationId=yours", &json!({})).await), "yours");
}

#[tokio::test]
async fn an_unresolved_reference_is_409() {
    for (version, api) in both().await {
        let answer = api.post("courseOfferings", &course_offering()).await;
        if version == 6 {
            answer.says(409, "The value supplied for the related 'session' resource does not exist.");
        } else {
            let text = "The referenced 'Session' item does not exist.";
            let body = answer.details(409, "data-conflict:unresolved-reference", text);
            assert_eq!(body["title"], "Unresolved Reference");
        }
    }
    // PostgreSQL names the table that was to be written.
    let api = Api::with(|config| config.database = Database::PostgreSql).await;
    let answer = api.post("courseOfferings", &course_offering()).await;
    answer.says(409, "The value supplied for the related 'courseoffering' resource does not exist.");
}

#[tokio::test]
async fn an_unresolved_person_is_400_in_6_and_409_in_7() {
    for (version, api) in both().await {
        let answer = api.post("studentSchoolAssociations", &enrollment("nobody", SCHOOL)).await;
        if version == 6 {
            let text = "Validation of 'StudentSchoolAssociation' failed.\n\tStudent reference could not be resolved.";
            answer.says(400, text);
        } else {
            let text = "The referenced 'Student' item does not exist.";
            answer.details(409, "data-conflict:unresolved-reference", text);
        }
    }
}

#[tokio::test]
async fn an_unresolved_person_under_relationships_is_409_in_6_and_403_in_7() {
    for (version, api) in both_for_vendor().await {
        let answer = api.post("studentSectionAssociations", &super::common::section_association("nobody")).await;
        if version == 6 {
            let text = "Access to the resource item could not be authorized because the 'Student' was not found.";
            answer.says(409, text);
        } else {
            let text = "Access to the requested data could not be authorized. Hint: You may need to create a \
                        corresponding 'StudentSchoolAssociation' item.";
            answer.details(403, "security:authorization", text);
        }
    }
}

#[tokio::test]
async fn a_key_that_another_record_has_is_409() {
    for (version, api) in both().await {
        let id = api.create("sessions", &session("S1")).await;
        api.create("sessions", &session("S2")).await;
        let answer = api.put("sessions", &id, &session("S2")).await;
        if version == 6 {
            answer.says(
                409,
                &format!(
                    "A natural key conflict occurred when attempting to create a new resource 'session' with a duplicate \
                     key.  The duplicated columns and values are [SchoolId, SchoolYear, SessionName] ({SCHOOL}, 2026, S2) \
                     This is likely caused by multiple resources with the same key in the same file. Exactly one of \
                     these resources was inserted."
                ),
            );
        } else {
            let text = "The identifying value(s) of the item are the same as another item that already exists.";
            let body = answer.details(409, "data-conflict:non-unique-identity", text);
            assert_eq!(body["title"], "Identifying Values Are Not Unique");
            let error = format!(
                "A primary key conflict occurred when attempting to create or update a record in the 'Session' table. The \
                 duplicate key is (SchoolId, SchoolYear, SessionName) = ({SCHOOL}, 2026, S2)."
            );
            assert_eq!(body["errors"], json!([error]));
        }
    }
    let api = Api::with(|config| config.database = Database::PostgreSql).await;
    let id = api.create("sessions", &session("S1")).await;
    api.create("sessions", &session("S2")).await;
    api.put("sessions", &id, &session("S2")).await.says(
        409,
        &format!(
            "The values {SCHOOL}, 2026, S2 supplied for properties 'SchoolId, SchoolYear, SessionName' of entity \
             'session' are not unique."
        ),
    );
    let id = api.create("students", &student("1")).await;
    api.create("students", &student("2")).await;
    let text = "The value 2 supplied for property 'StudentUniqueId' of entity 'student' is not unique.";
    api.put("students", &id, &student("2")).await.says(409, text);
}

#[tokio::test]
async fn two_posts_of_one_key_at_once_make_one_record() {
    for (_, api) in both().await {
        let body = student("1");
        let answers =
            tokio::join!(api.post("students", &body), api.post("students", &body), api.post("students", &body));
        let mut statuses = [answers.0.status.as_u16(), answers.1.status.as_u16(), answers.2.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 200, 201]);
        assert_eq!(api.sandbox.store().count("students"), 1);
    }
}

#[tokio::test]
async fn what_is_referenced_cannot_be_deleted() {
    for (version, api) in both().await {
        api.section_association("1").await;
        let section = api.create("sections", &section()).await;
        let student_id = api.create("students", &student("1")).await;
        let level = api.get("gradeLevelDescriptors").await.expect(200).json();
        let level = level.as_array().unwrap().iter().find(|level| level["codeValue"] == "Tenth grade").unwrap();
        let begin = "The resource (or a subordinate entity of the resource) cannot be deleted because it is a dependency \
                     of the";
        let refused = [
            (
                api.delete("sections", &section).await,
                format!("{begin} 'studentSectionAssociation' entity."),
                "StudentSectionAssociation",
            ),
            (
                api.delete("students", &student_id).await,
                format!("{begin} 'studentUSI' value of the 'studentSchoolAssociation' entity."),
                "StudentSchoolAssociation",
            ),
        ];
        for (answer, message, entity) in refused {
            if version == 6 {
                answer.says(409, &message);
            } else {
                let text = format!(
                    "The requested action cannot be performed because this item is referenced by an existing '{entity}' item."
                );
                let body = answer.details(409, "data-conflict:dependent-item-exists", &text);
                assert_eq!(body["title"], "Dependent Item Exists");
            }
        }
        let answer = api.delete("gradeLevelDescriptors", level["id"].as_str().unwrap()).await.expect(409);
        if version == 7 {
            let text = "The requested action cannot be performed because this item is referenced by an existing \
                        'SchoolGradeLevel' item contained within an 'School' resource item.";
            assert_eq!(answer.json()["detail"], text);
        }
        assert_eq!(api.sandbox.store().count("sections"), 1);
    }
}

#[tokio::test]
async fn an_unknown_resource_is_404() {
    for (version, api) in both().await {
        for path in ["nothings", "/zz/students", "/ed-fi", "students/0/1/2"] {
            let answer = api.get(path).await;
            if version == 6 {
                assert_eq!(answer.expect(404).text, "");
            } else {
                assert_eq!(answer.header("content-type"), "application/problem+json; charset=utf-8");
                let body = answer.details(404, "not-found", "The specified data could not be found.");
                assert_eq!(body["title"], "Not Found");
            }
        }
    }
}

#[tokio::test]
async fn another_media_type_is_415() {
    for (version, api) in both().await {
        for (kind, text) in [
            (None, "The 'Content-Type' header is missing."),
            (Some("text/plain"), "The value specified in the 'Content-Type' header is not supported by this host."),
        ] {
            let answer = api.raw("students", kind, "{}").await.expect(415);
            if version == 7 {
                let body = answer.json();
                assert_eq!(body["type"], "urn:ed-fi:api:unsupported-media-type");
                assert_eq!((&body["title"], &body["errors"]), (&json!("Unsupported Media Type"), &json!([text])));
            }
        }
    }
}

#[tokio::test]
async fn a_storage_that_fails_is_500() {
    for version in [ApiVersion::V6, ApiVersion::V7] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sandbox.db");
        let on_file = |config: &mut SandboxConfig| {
            config.storage = Storage::File(path.clone());
            config.api_version = version;
        };
        Api::with(on_file).await.sandbox.stop().await;
        // The database refuses one record, as a full disk would.
        let trigger = "CREATE TRIGGER full BEFORE INSERT ON records WHEN NEW.body LIKE '%too much%'
                       BEGIN SELECT RAISE(ABORT, 'full'); END";
        rusqlite::Connection::open(&path).unwrap().execute_batch(trigger).unwrap();
        let api = Api::with(on_file).await;
        api.create("students", &student("1")).await;
        // And again: what is not in the file must not be answered as if it were.
        for id in ["too much", "too much", "2"] {
            let answer = api.post("students", &student(id)).await;
            match version {
                ApiVersion::V6 => drop(answer.says(500, "An unexpected error occurred on the server.")),
                ApiVersion::V7 => {
                    let body = answer.details(500, "system", "An unexpected problem has occurred.");
                    assert_eq!(body["title"], "System Error");
                }
            }
        }
        api.sandbox.stop().await;
        assert_eq!(Api::with(on_file).await.sandbox.store().count("students"), 1);
    }
}
