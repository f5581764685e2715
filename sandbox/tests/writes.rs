//! Creating, replacing and deleting records.

mod common;

use common::{Api, SCHOOL, course_offering, descriptor, enrollment, section, section_association, session, student};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn post_creates_then_updates_by_natural_key() {
    let api = Api::full().await;
    let created = api.post("students", &student("1")).await.expect(201);
    assert_eq!(created.text, "");
    let (location, tag) = (created.header("location").to_owned(), created.header("etag").to_owned());
    assert!(location.starts_with(&api.url("/data/v3/ed-fi/students/")), "{location}");
    assert_eq!(created.id().len(), 32);
    assert!(tag.starts_with('"') && tag.len() == 21, "{tag}");

    let unchanged = api.post("students", &student("1")).await.expect(200);
    assert_eq!(unchanged.header("location"), location);
    assert_eq!(unchanged.header("etag"), tag);

    let mut changed = student("1");
    changed["middleName"] = json!("K");
    let updated = api.post("students", &changed).await.expect(200);
    assert_eq!(updated.header("location"), location);
    assert_ne!(updated.header("etag"), tag);

    // A replace: what the body does not say is gone.
    api.post("students", &student("1")).await.expect(200);
    let read = api.get(&format!("students/{}", created.id())).await.expect(200).json();
    assert!(read.get("middleName").is_none());
    assert_eq!(api.sandbox.store().count("students"), 1);
}

#[tokio::test]
async fn a_year_in_the_path_is_the_same_data() {
    let api = Api::full().await;
    let id = api.create("students", &student("1")).await;
    let request = api.client.get(api.url(&format!("/data/v3/2026/ed-fi/students/{id}"))).bearer_auth(&api.token);
    common::read(request.send().await.unwrap()).await.expect(200);
}

#[tokio::test]
async fn put_replaces_and_delete_removes() {
    let api = Api::full().await;
    let id = api.create("students", &student("1")).await;
    let mut changed = student("1");
    changed["middleName"] = json!("K");
    let answer = api.put("students", &id, &changed).await.expect(204);
    assert_eq!(answer.text, "");
    assert!(answer.header("location").ends_with(&id));
    assert!(answer.header("etag").starts_with('"'));
    // Any spelling of a GUID names the record.
    let dashed = uuid::Uuid::parse_str(&id).unwrap().to_string().to_uppercase();
    assert_eq!(api.get(&format!("students/{dashed}")).await.expect(200).json()["middleName"], "K");
    api.delete("students", &id).await.expect(204);
    let gone = api.get(&format!("students/{id}")).await.expect(404);
    assert_eq!(gone.message(), "Entity of type 'Student' with the specified id was not found.");
    let answer = api.put("students", &id, &changed).await.expect(404);
    assert_eq!(answer.message(), "Resource to update was not found.");
    assert_eq!(api.delete("students", &id).await.expect(404).message(), "Resource to delete was not found.");
    assert_eq!(api.delete("students", "7").await.expect(400).message(), "The request is invalid.");
}

#[tokio::test]
async fn refuses_bodies_that_are_none() {
    let api = Api::full().await;
    let mut with_id = student("1");
    with_id["id"] = json!("0123456789abcdef0123456789abcdef");
    let answer = api.post("students", &with_id).await.expect(400);
    assert_eq!(answer.message(), "Resource identifiers cannot be assigned by the client.");
    let raw = |body: &'static str| {
        let request = api.request(Method::POST, "students").header("content-type", "application/json").body(body);
        async { common::read(request.send().await.unwrap()).await }
    };
    assert_eq!(raw("").await.expect(400).message(), "A non-empty request body is required.");
    let broken = raw("{").await.expect(400);
    assert_eq!(broken.message(), "The request is invalid.");
    assert!(broken.json()["modelState"].is_object());
    let mut wrong = student("1");
    wrong["birthDate"] = json!("2010-12-10T00:00:00");
    let answer = api.post("students", &wrong).await.expect(400).json();
    assert_eq!(answer["message"], "The request is invalid.");
    assert_eq!(answer["modelState"]["request.birthDate"], json!(["String was not recognized as a valid date."]));
    let request = api.request(Method::POST, "students").body("{}");
    common::read(request.send().await.unwrap()).await.expect(415);
    api.send(Method::PATCH, "students", None).await.expect(405);
    api.send(Method::DELETE, "students", None).await.expect(405);
    api.get("nothings").await.expect(404);
}

#[tokio::test]
async fn coerces_what_servers_coerce_and_drops_what_they_drop() {
    let api = Api::full().await;
    let body = json!({"StudentUniqueId": 1, "firstName": "Ada", "LASTSURNAME": "Byron", "birthDate": "2010-12-10",
        "nickName": "A", "middleName": null, "multipleBirthStatus": "true", "otherNames": [],
        "_etag": "1", "_lastModifiedDate": "x", "_ext": {"zz": {"a": 1}}});
    let id = api.create("students", &body).await;
    let (stored_id, stored) = api.sandbox.store().records("students").remove(0);
    assert_eq!(stored_id, id);
    let names: Vec<&str> = stored.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["studentUniqueId", "firstName", "lastSurname", "birthDate", "multipleBirthStatus"]);
    let read = api.get(&format!("students/{id}")).await.expect(200).json();
    assert_eq!(read["studentUniqueId"], "1");
    assert_eq!(read["multipleBirthStatus"], true);
    assert_eq!(read["otherNames"], json!([]));
    assert!(read.get("_ext").is_none());
}

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
async fn unresolved_references() {
    let api = Api::full().await;
    let answer = api.post("courseOfferings", &course_offering()).await.expect(409);
    assert_eq!(answer.message(), "The value supplied for the related 'session' resource does not exist.");
    let answer = api.post("studentSchoolAssociations", &enrollment("1", SCHOOL)).await.expect(400);
    let expected = "Validation of 'StudentSchoolAssociation' failed.\n\tStudent reference could not be resolved.";
    assert_eq!(answer.message(), expected);
    let course = json!({"courseCode": "X", "courseTitle": "X", "numberOfParts": 1,
        "educationOrganizationReference": {"educationOrganizationId": 4711},
        "identificationCodes": [{"identificationCode": "X", "courseIdentificationSystemDescriptor":
            descriptor("CourseIdentificationSystemDescriptor", "State course code")}]});
    let answer = api.post("courses", &course).await.expect(409);
    assert_eq!(answer.message(), "The value supplied for the related 'educationOrganization' resource does not exist.");
}

#[tokio::test]
async fn keys_that_references_share_must_agree() {
    let api = Api::full().await;
    api.create("sessions", &session("S1")).await;
    let mut body = course_offering();
    body["sessionReference"]["schoolId"] = json!(777);
    let answer = api.post("courseOfferings", &body).await.expect(400);
    let expected = format!(
        "Supplied values for unified key property 'schoolId' on 'CourseOffering' are not consistent: \
         schoolReference.schoolId = {SCHOOL}, sessionReference.schoolId = 777"
    );
    assert_eq!(answer.message(), expected);
    let period = json!({"classPeriodName": "P1", "schoolReference": {"schoolId": SCHOOL}});
    api.create("classPeriods", &period).await;
    let bell = |reference: serde_json::Value| {
        json!({"bellScheduleName": "B", "schoolReference": {"schoolId": SCHOOL},
            "classPeriods": [{"classPeriodReference": reference}]})
    };
    // A nested reference takes the root's value when it has none of its own.
    let id = api.create("bellSchedules", &bell(json!({"classPeriodName": "P1"}))).await;
    let read = api.get(&format!("bellSchedules/{id}")).await.expect(200).json();
    assert_eq!(read["classPeriods"][0]["classPeriodReference"]["schoolId"], SCHOOL);
    let answer = api.post("bellSchedules", &bell(json!({"classPeriodName": "P1", "schoolId": 5}))).await.expect(400);
    assert!(answer.message().contains(&format!("schoolId (from parent context) = {SCHOOL}")), "{}", answer.text);
}

#[tokio::test]
async fn a_partial_optional_reference_is_dropped() {
    let api = Api::full().await;
    api.create("students", &student("1")).await;
    let mut body = enrollment("1", SCHOOL);
    body["calendarReference"] = json!({"calendarCode": "C", "schoolYear": 2026});
    let id = api.create("studentSchoolAssociations", &body).await;
    let read = api.get(&format!("studentSchoolAssociations/{id}")).await.expect(200).json();
    assert!(read.get("calendarReference").is_none());
}

#[tokio::test]
async fn what_others_name_cannot_be_deleted() {
    let api = Api::full().await;
    let association = api.section_association("1").await;
    let section_id = api.create("sections", &section()).await;
    let answer = api.delete("sections", &section_id).await.expect(409);
    assert_eq!(
        answer.message(),
        "The resource (or a subordinate entity of the resource) cannot be deleted because it is a dependency of the \
         'studentSectionAssociation' entity."
    );
    let student_id = api.create("students", &student("1")).await;
    let answer = api.delete("students", &student_id).await.expect(409);
    assert_eq!(
        answer.message(),
        "The resource (or a subordinate entity of the resource) cannot be deleted because it is a dependency of the \
         'studentUSI' value of the 'studentSchoolAssociation' entity."
    );
    let level = api.get("gradeLevelDescriptors").await.expect(200).json();
    let level = level.as_array().unwrap().iter().find(|level| level["codeValue"] == "Tenth grade").unwrap();
    assert!(level["gradeLevelDescriptorId"].is_i64());
    api.delete("gradeLevelDescriptors", level["id"].as_str().unwrap()).await.expect(409);
    api.delete("studentSectionAssociations", &association).await.expect(204);
    api.delete("sections", &section_id).await.expect(204);
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

#[tokio::test]
async fn a_students_new_id_reaches_the_associations() {
    let api = Api::full().await;
    let association = api.section_association("1").await;
    let id = api.create("students", &student("1")).await;
    api.put("students", &id, &student("one")).await.expect(204);
    let read = api.get(&format!("studentSectionAssociations/{association}")).await.expect(200).json();
    assert_eq!(read["studentReference"]["studentUniqueId"], "one");
    assert_eq!(api.post("studentSectionAssociations", &section_association("one")).await.expect(200).id(), association);
}

#[tokio::test]
async fn other_keys_do_not_change() {
    let api = Api::full().await;
    api.create("sessions", &session("S1")).await;
    let id = api.create("courseOfferings", &course_offering()).await;
    let mut other = course_offering();
    other["localCourseCode"] = json!("ALG-2");
    other["localCourseTitle"] = json!("Algebra");
    api.put("courseOfferings", &id, &other).await.expect(204);
    let read = api.get(&format!("courseOfferings/{id}")).await.expect(200).json();
    assert_eq!((&read["localCourseCode"], &read["localCourseTitle"]), (&json!("ALG-1"), &json!("Algebra")));

    let api = Api::version_7(false).await;
    api.create("sessions", &session("S1")).await;
    let id = api.create("courseOfferings", &course_offering()).await;
    let body = api.put("courseOfferings", &id, &other).await.expect(400).json();
    assert_eq!(body["type"], "urn:ed-fi:api:bad-request:data-validation-failed:key-change-not-supported");
    assert_eq!(
        body["detail"],
        "Identifying values for the CourseOffering data cannot be changed. Delete and recreate the item instead."
    );
}

#[tokio::test]
async fn entity_tags_guard_writes_and_spare_reads() {
    let api = Api::full().await;
    let created = api.post("students", &student("1")).await.expect(201);
    let (id, tag) = (created.id(), created.header("etag").to_owned());
    let send = |method: Method, name: &'static str, value: String| {
        let request = api.request(method, &format!("students/{id}")).header(name, value).json(&student("1"));
        async { common::read(request.send().await.unwrap()).await }
    };
    let stale = send(Method::PUT, "if-match", "\"1\"".to_owned()).await.expect(412);
    assert_eq!(stale.message(), "Resource was modified by another consumer.");
    send(Method::PUT, "if-match", tag.clone()).await.expect(204);
    send(Method::DELETE, "if-match", "\"1\"".to_owned()).await.expect(412);
    send(Method::GET, "if-none-match", tag.clone()).await.expect(304);
    send(Method::GET, "if-none-match", tag.trim_matches('"').to_owned()).await.expect(304);
}

#[tokio::test]
async fn version_7_answers_with_problem_details() {
    let api = Api::version_7(false).await;
    let body = api.post("students", &json!({"studentUniqueId": "1", "firstName": "A"})).await.expect(400).json();
    assert_eq!(body["type"], "urn:ed-fi:api:bad-request:data-validation-failed");
    assert_eq!(body["validationErrors"]["$.lastSurname"], json!(["LastSurname is required."]));
    let body = api.post("studentSchoolAssociations", &enrollment("1", SCHOOL)).await.expect(409).json();
    assert_eq!(body["type"], "urn:ed-fi:api:data-conflict:unresolved-reference");
    assert_eq!(body["detail"], "The referenced 'Student' item does not exist.");
    let mut partial = enrollment("1", SCHOOL);
    partial["calendarReference"] = json!({"calendarCode": "C", "schoolYear": 2026});
    let body = api.post("studentSchoolAssociations", &partial).await.expect(400).json();
    let expected = json!(["CalendarReference is missing the following properties: SchoolId"]);
    assert_eq!(body["validationErrors"]["$.calendarReference"], expected);
}
