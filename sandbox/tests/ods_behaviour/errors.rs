//! Section 7: errors. The texts of authorization stand in `security.rs`.

use reqwest::Method;
use rollcall_sandbox::{ApiVersion, Database, SandboxConfig, Storage};
use serde_json::{Value, json};

use super::common::{Answer, Api, SCHOOL, course_offering, descriptor, enrollment, read, section, session, student};
use super::{both, both_for_vendor};

const INVALID: &str = "Data validation failed. See 'validationErrors' for details.";
const UNSPECIFIC: &str = "The request could not be processed. See 'errors' for details.";

impl Api {
    async fn raw(&self, resource: &str, kind: Option<&str>, body: &'static str) -> Answer {
        let mut request = self.request(Method::POST, resource).body(body);
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        read(request.send().await.unwrap()).await
    }
}

impl Answer {
    /// Checks version 7's validation errors of one path.
    #[track_caller]
    fn invalid(self, path: &str, text: &str) {
        let body = self.details(400, "bad-request:data-validation-failed", INVALID);
        assert_eq!(body["title"], "Data Validation Failed");
        assert_eq!(body["validationErrors"][path], json!([text]), "{body}");
    }

    /// Checks a line of version 6's validation text.
    #[track_caller]
    fn lists(self, line: &str) {
        let answer = self.expect(400);
        let message = answer.message();
        assert!(message.starts_with("Validation of '"), "{message}");
        assert!(message.contains(&format!("\n\t{line}")), "{line:?} in {message:?}");
    }
}

fn without(mut body: Value, member: &str) -> Value {
    body.as_object_mut().unwrap().remove(member);
    body
}

fn with(mut body: Value, member: &str, value: Value) -> Value {
    body[member] = value;
    body
}

/// A body that breaks one rule, the line of version 6, and the path and text of version 7.
async fn breaks(resource: &str, body: &Value, line: &str, (path, text): (&str, &str)) {
    for (version, api) in both().await {
        let answer = api.post(resource, body).await;
        match version {
            6 => answer.lists(line),
            _ => answer.invalid(path, text),
        }
    }
}

fn alias(first: &str) -> Value {
    json!({"otherNameTypeDescriptor": descriptor("OtherNameTypeDescriptor", "Alias"), "firstName": first,
        "lastSurname": "B"})
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
async fn an_empty_body_is_400() {
    for (version, api) in both().await {
        let answer = api.raw("students", Some("application/json"), "").await;
        let text = "A non-empty request body is required.";
        if version == 6 {
            answer.says(400, text);
        } else {
            let body = answer.details(400, "bad-request", UNSPECIFIC);
            assert_eq!((&body["title"], &body["errors"]), (&json!("Bad Request"), &json!([text])));
        }
    }
}

#[tokio::test]
async fn broken_json_or_a_wrong_type_is_400_with_its_path() {
    for (version, api) in both().await {
        for body in ["{", "[]", "7"] {
            let answer = api.raw("students", Some("application/json"), body).await;
            match version {
                6 => assert!(answer.says(400, "The request is invalid.").json()["modelState"].is_object()),
                _ => drop(answer.details(400, "bad-request:data-validation-failed", INVALID)),
            }
        }
        let wrong = with(enrollment("1", SCHOOL), "schoolReference", json!({"schoolId": "abc"}));
        let answer = api.post("studentSchoolAssociations", &wrong).await;
        let states = if version == 6 {
            let body = answer.says(400, "The request is invalid.").json();
            body["modelState"]["request.schoolReference.schoolId"].clone()
        } else {
            let body = answer.details(400, "bad-request:data-validation-failed", INVALID);
            body["validationErrors"]["$.schoolReference.schoolId"].clone()
        };
        assert!(states[0].is_string(), "{states}");
        for (member, value) in [("otherNames", json!({})), ("studentUniqueId", json!({})), ("otherNames", json!([7]))] {
            api.post("students", &with(student("1"), member, value)).await.expect(400);
        }
    }
}

#[tokio::test]
async fn a_missing_member_is_400() {
    breaks(
        "students",
        &without(student("1"), "lastSurname"),
        "LastSurname is required.",
        ("$.lastSurname", "LastSurname is required."),
    )
    .await;
}

#[tokio::test]
async fn an_empty_required_text_is_400() {
    breaks(
        "students",
        &with(student("1"), "lastSurname", json!("")),
        "LastSurname is required.",
        ("$.lastSurname", "LastSurname is required and should not be left empty."),
    )
    .await;
}

#[tokio::test]
async fn a_missing_reference_is_400() {
    breaks(
        "studentSchoolAssociations",
        &without(enrollment("1", SCHOOL), "schoolReference"),
        "SchoolReference is required.",
        ("$.schoolReference", "SchoolReference is required."),
    )
    .await;
}

#[tokio::test]
async fn a_reference_without_a_part_of_its_key_is_400_in_7() {
    let api = Api::version_7(false).await;
    api.create("sessions", &session("S1")).await;
    let body = with(course_offering(), "sessionReference", json!({"schoolId": SCHOOL}));
    let text = "SessionReference is missing the following properties: SchoolYear, SessionName";
    api.post("courseOfferings", &body).await.invalid("$.sessionReference", text);
}

#[tokio::test]
async fn an_empty_required_collection_is_400() {
    let school = json!({"schoolId": 9, "nameOfInstitution": "N", "gradeLevels": [], "educationOrganizationCategories":
        [{"educationOrganizationCategoryDescriptor": descriptor("EducationOrganizationCategoryDescriptor", "School")}]});
    let texts =
        ("GradeLevels requires at least one object in the collection.", "GradeLevels must have at least one item.");
    breaks("schools", &school, texts.0, ("$.gradeLevels", texts.1)).await;
}

#[tokio::test]
async fn a_text_that_is_too_long_is_400() {
    breaks(
        "students",
        &with(student("1"), "firstName", json!("x".repeat(76))),
        "The field FirstName must be a string with a maximum length of 75.",
        ("$.firstName", "FirstName must be at most 75 characters in length."),
    )
    .await;
}

#[tokio::test]
async fn a_text_with_a_least_length_says_both_bounds_in_7_and_6_looks_at_the_longest_alone() {
    // A section's identifier has a least length in the model of some standards; the model says which member has one.
    let standard = rollcall_core::model::DataStandard::ed_fi_4_0();
    let found = standard.resources.iter().find_map(|resource| {
        let bounded =
            |p: &&rollcall_core::model::Property| p.min_length.is_some_and(|min| min > 1) && p.max_length.is_some();
        resource.class.properties.iter().find(bounded).map(|property| (resource, property))
    });
    let (resource, property) = found.expect("the standard has a text with a least length");
    let (min, max) = (property.min_length.unwrap(), property.max_length.unwrap());
    for (version, api) in both().await {
        for length in [min - 1, max + 1] {
            let body = json!({property.name.clone(): "x".repeat(length)});
            let text = api.post(&resource.name, &body).await.expect(400).text;
            let name = format!("{}{}", property.name[..1].to_uppercase(), &property.name[1..]);
            let bounds = format!("{name} must be between {min} and {max} characters in length.");
            match version {
                6 => assert_eq!(text.contains(&format!("maximum length of {max}.")), length > max, "{text}"),
                _ => assert!(text.contains(&bounds), "{bounds} in {text}"),
            }
        }
    }
}

#[tokio::test]
async fn a_number_out_of_its_range_is_400() {
    let texts = "NumberOfParts must be between 1 and 8.";
    let course = json!({"courseCode": "X", "courseTitle": "X", "numberOfParts": 9,
        "educationOrganizationReference": {"educationOrganizationId": 1},
        "identificationCodes": [{"identificationCode": "X", "courseIdentificationSystemDescriptor":
            descriptor("CourseIdentificationSystemDescriptor", "State course code")}]});
    breaks("courses", &course, &format!("The field {texts}"), ("$.numberOfParts", texts)).await;
}

#[tokio::test]
async fn a_key_with_spaces_around_is_400() {
    breaks(
        "students",
        &student(" 1"),
        "StudentUniqueId property is part of the primary key and therefore its value cannot contain leading or trailing \
         whitespace.",
        ("$.studentUniqueId", "StudentUniqueId cannot contain leading or trailing spaces."),
    )
    .await;
}

#[tokio::test]
async fn a_dangerous_text_is_400_in_6() {
    for (version, api) in both().await {
        for text in ["<script", "a&#60;"] {
            let answer = api.post("students", &with(student("1"), "firstName", json!(text))).await;
            match version {
                6 => answer.lists("FirstName contains a potentially dangerous value."),
                _ => drop(answer.expect(if text == "<script" { 201 } else { 200 })),
            }
        }
        api.post("students", &with(student("1"), "firstName", json!("a < b"))).await.expect(if version == 6 {
            201
        } else {
            200
        });
    }
}

#[tokio::test]
async fn an_item_that_stands_twice_is_400() {
    breaks(
        "students",
        &with(student("1"), "otherNames", json!([alias("A"), alias("B")])),
        "OtherNames enumerable contains duplicate at index: 1",
        (
            "$.otherNames[1]",
            "The 2nd item of the OtherNames has the same identifying values as another item earlier in the list.",
        ),
    )
    .await;
}

#[tokio::test]
async fn findings_in_items_are_nested_in_6_and_have_their_path_in_7() {
    let names = json!([alias("A"), without(alias("A"), "lastSurname")]);
    for (version, api) in both().await {
        let answer = api.post("students", &with(student("1"), "otherNames", names.clone())).await;
        if version == 6 {
            answer.lists("Validation of 'StudentOtherName[1]' failed.\n\t\tLastSurname is required.");
        } else {
            let body = answer.details(400, "bad-request:data-validation-failed", INVALID);
            let texts = &body["validationErrors"]["$.otherNames[1].lastSurname"];
            assert_eq!(texts, &json!(["LastSurname is required."]), "{body}");
        }
    }
}

#[tokio::test]
async fn an_unknown_descriptor_value_is_400() {
    for (version, api) in both().await {
        for (value, text) in [
            (
                "uri://ed-fi.org/TermDescriptor#None",
                "TermDescriptor value 'uri://ed-fi.org/TermDescriptor#None' does not exist.",
            ),
            (
                "None",
                "TermDescriptor value 'None' is not a valid value for use as a descriptor (a '#' is expected to \
                 delineate the namespace and code value portions).",
            ),
        ] {
            let answer = api.post("sessions", &with(session("S1"), "termDescriptor", json!(value))).await;
            match version {
                6 => drop(answer.says(
                    400,
                    &format!("Unable to resolve value '{value}' to an existing 'TermDescriptor' resource."),
                )),
                _ => answer.invalid("$.termDescriptor", text),
            }
        }
    }
}

#[tokio::test]
async fn unified_keys_that_differ_are_400() {
    for (version, api) in both().await {
        api.create("sessions", &session("S1")).await;
        let mut body = course_offering();
        body["sessionReference"]["schoolId"] = json!(777);
        let answer = api.post("courseOfferings", &body).await;
        if version == 6 {
            answer.says(
                400,
                &format!(
                    "Supplied values for unified key property 'schoolId' on 'CourseOffering' are not consistent: \
                     schoolReference.schoolId = {SCHOOL}, sessionReference.schoolId = 777"
                ),
            );
        } else {
            let text = format!(
                "All values supplied for 'schoolId' must match. Review all references and align the following \
                 conflicting values: '{SCHOOL}', '777'"
            );
            answer.invalid("$.schoolReference", &text);
        }
        let period = json!({"classPeriodName": "P1", "schoolReference": {"schoolId": SCHOOL}});
        api.create("classPeriods", &period).await;
        let bell = json!({"bellScheduleName": "B", "schoolReference": {"schoolId": SCHOOL},
            "classPeriods": [{"classPeriodReference": {"classPeriodName": "P1", "schoolId": 5}}]});
        let answer = api.post("bellSchedules", &bell).await.expect(400);
        if version == 6 {
            assert!(
                answer.message().contains(&format!("schoolId (from parent context) = {SCHOOL}")),
                "{}",
                answer.text
            );
        }
    }
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
