//! Section 7: a body that breaks a rule.

use serde_json::{Value, json};

use super::both;
use super::common::{Answer, Api, SCHOOL, course_offering, descriptor, enrollment, session, student};

const INVALID: &str = "Data validation failed. See 'validationErrors' for details.";
const UNSPECIFIC: &str = "The request could not be processed. See 'errors' for details.";

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
