//! Section 4: writes.

use reqwest::Method;
use rollcall_core::model::DataStandard;
use serde_json::{Value, json};

use super::common::{
    Answer, Api, SCHOOL, course_offering, enrollment, read, section, section_association, session, student,
};
use super::{both, both_for_vendor};

impl Api {
    async fn with_header(&self, method: Method, path: &str, header: (&str, &str), body: &Value) -> Answer {
        let request = self.request(method, path).header(header.0, header.1).json(body);
        read(request.send().await.unwrap()).await
    }
}

fn named(id: &str, middle: &str) -> Value {
    let mut body = student(id);
    body["middleName"] = json!(middle);
    body
}

#[tokio::test]
async fn post_of_a_new_key_is_201_with_location_and_etag() {
    for (_, api) in both().await {
        let answer = api.post("students", &student("1")).await.expect(201);
        assert_eq!(answer.text, "");
        assert_eq!(answer.header("location"), api.url(&format!("/data/v3/ed-fi/students/{}", answer.id())));
        let tag = answer.header("etag");
        assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
    }
}

#[tokio::test]
async fn post_of_a_known_key_is_200_with_the_same_location() {
    for (_, api) in both().await {
        let created = api.post("students", &student("1")).await.expect(201);
        let updated = api.post("students", &named("1", "K")).await.expect(200);
        assert_eq!(updated.text, "");
        assert_eq!(updated.header("location"), created.header("location"));
        assert_ne!(updated.header("etag"), created.header("etag"));
        assert_eq!(api.sandbox.store().count("students"), 1);
    }
}

#[tokio::test]
async fn post_with_an_id_is_400() {
    for (version, api) in both().await {
        let mut body = student("1");
        body["id"] = json!("0123456789abcdef0123456789abcdef");
        let answer = api.post("students", &body).await;
        if version == 6 {
            answer.says(400, "Resource identifiers cannot be assigned by the client.");
        } else {
            let body = answer.details(
                400,
                "bad-request:data-validation-failed",
                "The request data was constructed incorrectly.",
            );
            let text = "Resource identifiers cannot be assigned by the client. The 'id' property should not be included \
                        in the request body.";
            assert_eq!(body["errors"], json!([text]));
        }
    }
}

#[tokio::test]
async fn an_upsert_that_changes_nothing_leaves_etag_date_and_change_version() {
    for (_, api) in both().await {
        let mut body = student("1");
        let names = |first: &str, second: &str| {
            let name = |name: &str| {
                json!({"otherNameTypeDescriptor": "uri://ed-fi.org/OtherNameTypeDescriptor#Alias", "firstName": name,
                    "lastSurname": "B"})
            };
            let mut other = name(second);
            other["otherNameTypeDescriptor"] = json!("uri://ed-fi.org/OtherNameTypeDescriptor#Nickname");
            if first < second { json!([name(first), other]) } else { json!([other, name(first)]) }
        };
        let kind = json!({"codeValue": "Nickname", "namespace": "uri://ed-fi.org/OtherNameTypeDescriptor",
            "shortDescription": "Nickname"});
        api.create("otherNameTypeDescriptors", &kind).await;
        body["otherNames"] = names("A", "B");
        let id = api.create("students", &body).await;
        let (before, change) = (api.get(&format!("students/{id}")).await.json(), api.newest_change().await);
        // The same values: in another order, with what a server adds, and by PUT.
        let mut same = body.clone();
        same["otherNames"].as_array_mut().unwrap().reverse();
        same["_etag"] = json!("1");
        same["_lastModifiedDate"] = json!("2000-01-01T00:00:00Z");
        assert_eq!(api.post("students", &same).await.expect(200).header("etag").trim_matches('"'), before["_etag"]);
        api.put("students", &id, &body).await.expect(204);
        let after = api.get(&format!("students/{id}")).await.json();
        assert_eq!((&after["_etag"], &after["_lastModifiedDate"]), (&before["_etag"], &before["_lastModifiedDate"]));
        assert_eq!(api.newest_change().await, change);
    }
}

#[tokio::test]
async fn checks_come_in_their_order() {
    for (version, api) in both_for_vendor().await {
        let raw = async |resource: &str, body: &'static str| {
            let request = api.request(Method::POST, resource).header("content-type", "application/json").body(body);
            read(request.send().await.unwrap()).await.status.as_u16()
        };
        // The action before the body.
        assert_eq!(raw("schools", "{").await, 403);
        // The body's form before relationships.
        assert_eq!(raw("studentSchoolAssociations", "{").await, 400);
        // Relationships before the rules of the model.
        api.create("students", &student("1")).await;
        let mut other = enrollment("1", super::common::OTHER_SCHOOL);
        other.as_object_mut().unwrap().remove("entryGradeLevelDescriptor");
        api.post("studentSchoolAssociations", &other).await.expect(403);
        other["schoolReference"]["schoolId"] = json!(SCHOOL);
        api.post("studentSchoolAssociations", &other).await.expect(400);
        // A student who is there and out of sight may not be sent again.
        api.post("students", &student("1")).await.expect(403);
        assert!(version == 6 || version == 7);
    }
}

#[tokio::test]
async fn put_is_204_with_location_and_etag_and_the_path_decides() {
    for (_, api) in both().await {
        let id = api.create("students", &student("1")).await;
        let answer = api.put("students", &id, &named("1", "K")).await.expect(204);
        assert_eq!(answer.text, "");
        assert_eq!(answer.header("location"), api.url(&format!("/data/v3/ed-fi/students/{id}")));
        assert!(answer.header("etag").starts_with('"'));
        let mut with_id = named("1", "L");
        with_id["id"] = json!("0123456789abcdef0123456789abcdef");
        api.put("students", &id, &with_id).await.expect(204);
        assert_eq!(api.get(&format!("students/{id}")).await.json()["middleName"], "L");
    }
}

#[tokio::test]
async fn put_of_an_unknown_id_is_404() {
    let unknown = "00000000000000000000000000000000";
    for (version, api) in both().await {
        let answer = api.put("students", unknown, &student("1")).await;
        match version {
            6 => drop(answer.says(404, "Resource to update was not found.")),
            _ => drop(answer.details(404, "not-found", "The specified item could not be found.")),
        }
    }
}

#[tokio::test]
async fn put_changes_the_keys_of_eight_resources_and_of_people() {
    let standard = DataStandard::ed_fi_4_0();
    let allowed: Vec<&str> =
        standard.resources.iter().filter(|r| r.key_update_allowed).map(|r| r.name.as_str()).collect();
    let expected = [
        "classPeriods",
        "grades",
        "gradebookEntries",
        "locations",
        "sections",
        "sessions",
        "studentSchoolAssociations",
        "studentSectionAssociations",
    ];
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(allowed, expected);
    for (_, api) in both().await {
        api.create("students", &student("1")).await;
        let mut body = enrollment("1", SCHOOL);
        let id = api.create("studentSchoolAssociations", &body).await;
        body["entryDate"] = json!("2025-09-01");
        api.put("studentSchoolAssociations", &id, &body).await.expect(204);
        let stored = api.get(&format!("studentSchoolAssociations/{id}")).await.json();
        assert_eq!(stored["entryDate"], "2025-09-01");
        assert_eq!(api.sandbox.store().count("studentSchoolAssociations"), 1);
        let room = |name: &str| json!({"classroomIdentificationCode": name, "schoolReference": {"schoolId": SCHOOL}});
        let id = api.create("locations", &room("A")).await;
        api.put("locations", &id, &room("B")).await.expect(204);
        assert_eq!(api.get(&format!("locations/{id}")).await.json()["classroomIdentificationCode"], "B");
        let period = |name: &str| json!({"classPeriodName": name, "schoolReference": {"schoolId": SCHOOL}});
        let id = api.create("classPeriods", &period("A")).await;
        api.put("classPeriods", &id, &period("B")).await.expect(204);
    }
}

#[tokio::test]
async fn a_persons_new_id_reaches_what_names_the_person() {
    for (_, api) in both().await {
        let association = api.section_association("1").await;
        let id = api.create("students", &student("1")).await;
        api.put("students", &id, &student("one")).await.expect(204);
        let stored = api.get(&format!("studentSectionAssociations/{association}")).await.json();
        assert_eq!(stored["studentReference"]["studentUniqueId"], "one");
        api.post("studentSectionAssociations", &section_association("one")).await.expect(200);
    }
}

#[tokio::test]
async fn another_key_is_ignored_in_6_and_refused_in_7() {
    for (version, api) in both().await {
        api.create("sessions", &session("S1")).await;
        let id = api.create("courseOfferings", &course_offering()).await;
        let mut other = course_offering();
        other["localCourseCode"] = json!("ALG-2");
        other["localCourseTitle"] = json!("Algebra");
        let answer = api.put("courseOfferings", &id, &other).await;
        if version == 6 {
            answer.expect(204);
            let stored = api.get(&format!("courseOfferings/{id}")).await.json();
            assert_eq!((&stored["localCourseCode"], &stored["localCourseTitle"]), (&json!("ALG-1"), &json!("Algebra")));
        } else {
            let body = answer.details(
                400,
                "bad-request:data-validation-failed:key-change-not-supported",
                "Identifying values for the CourseOffering data cannot be changed. Delete and recreate the item instead.",
            );
            assert_eq!(body["title"], "Key Change Not Supported");
        }
    }
}

#[tokio::test]
async fn a_new_key_cascades_as_far_as_it_is_named() {
    for (_, api) in both().await {
        let association = api.section_association("1").await;
        let period = json!({"codeValue": "Final", "namespace": "uri://ed-fi.org/AttendanceEventCategoryDescriptor",
            "shortDescription": "Final"});
        api.create("attendanceEventCategoryDescriptors", &period).await;
        let event = json!({"eventDate": "2025-09-01", "schoolReference": {"schoolId": SCHOOL},
            "studentReference": {"studentUniqueId": "1"},
            "sessionReference": {"schoolId": SCHOOL, "schoolYear": 2026, "sessionName": "S1"},
            "attendanceEventCategoryDescriptor": "uri://ed-fi.org/AttendanceEventCategoryDescriptor#Final"});
        let event = api.create("studentSchoolAttendanceEvents", &event).await;
        let id = api.create("sessions", &session("S1")).await;
        api.put("sessions", &id, &session("Autumn")).await.expect(204);
        let stored = api.get(&format!("studentSectionAssociations/{association}")).await.json();
        assert_eq!(stored["sectionReference"]["sessionName"], "Autumn");
        let stored = api.get(&format!("studentSchoolAttendanceEvents/{event}")).await.json();
        assert_eq!(stored["sessionReference"]["sessionName"], "Autumn");
        // A section's own number goes as far as its students.
        let mut other = section();
        other["courseOfferingReference"]["sessionName"] = json!("Autumn");
        let id = api.create("sections", &other).await;
        other["sectionIdentifier"] = json!("8");
        api.put("sections", &id, &other).await.expect(204);
        let stored = api.get(&format!("studentSectionAssociations/{association}")).await.json();
        assert_eq!(stored["sectionReference"]["sectionIdentifier"], "8");
        assert_eq!(api.sandbox.store().count("sections"), 1);
    }
}

#[tokio::test]
async fn delete_is_204_and_then_404() {
    for (version, api) in both().await {
        let id = api.create("students", &student("1")).await;
        assert_eq!(api.delete("students", &id).await.expect(204).text, "");
        let answer = api.delete("students", &id).await;
        match version {
            6 => drop(answer.says(404, "Resource to delete was not found.")),
            _ => drop(answer.details(404, "not-found", "The specified item could not be found.")),
        }
    }
}

#[tokio::test]
async fn a_malformed_id_is_400() {
    for (version, api) in both().await {
        for answer in [
            api.delete("students", "7").await,
            api.get("students/7").await,
            api.put("students", "7", &student("1")).await,
        ] {
            match version {
                6 => drop(answer.says(400, "The request is invalid.")),
                _ => drop(answer.expect(400)),
            }
        }
    }
}

#[tokio::test]
async fn deleting_a_person_needs_no_relationship_and_other_deletes_do() {
    for (_, mut api) in both_for_vendor().await {
        let id = api.create("students", &student("1")).await;
        api.delete("students", &id).await.expect(204);
        api.act_as("full", "full-secret").await;
        api.create("students", &student("2")).await;
        let other = api.create("studentSchoolAssociations", &enrollment("2", super::common::OTHER_SCHOOL)).await;
        api.act_as("sis", "sis-secret").await;
        api.delete("studentSchoolAssociations", &other).await.expect(403);
    }
}

#[tokio::test]
async fn methods_at_the_wrong_place_are_405() {
    for (version, api) in both().await {
        let id = api.create("students", &student("1")).await;
        let item = format!("students/{id}");
        for (method, path, text) in [
            (Method::PUT, "students", "Resource collections cannot be replaced."),
            (Method::DELETE, "students", "Resource collections cannot be deleted."),
            (Method::POST, item.as_str(), "Resource items can only be updated using PUT."),
            (Method::PATCH, item.as_str(), "The endpoint of the request does not support the 'PATCH' method."),
        ] {
            let answer = api.send(method, path, Some(&student("1"))).await;
            if version == 6 {
                assert_eq!(answer.expect(405).text, "");
            } else {
                let body = answer.details(405, "method-not-allowed", "The request construction was invalid.");
                assert_eq!(body["title"], "Method Not Allowed");
                assert!(body["errors"][0].as_str().unwrap().starts_with(text), "{body}");
            }
        }
    }
}

#[tokio::test]
async fn if_match_guards_put_delete_and_post_of_what_is_there() {
    for (version, api) in both().await {
        let created = api.post("students", &student("1")).await.expect(201);
        let (path, tag) = (format!("students/{}", created.id()), created.header("etag").to_owned());
        let stale = ("if-match", "\"1\"");
        for answer in [
            api.with_header(Method::PUT, &path, stale, &named("1", "K")).await,
            api.with_header(Method::DELETE, &path, stale, &json!({})).await,
            api.with_header(Method::POST, "students", stale, &named("1", "K")).await,
        ] {
            if version == 6 {
                answer.says(412, "Resource was modified by another consumer.");
            } else {
                let text = "The item has been modified by another user.";
                assert_eq!(answer.details(412, "optimistic-lock-failed", text)["title"], "Optimistic Lock Failed");
            }
        }
        // None on what is not there yet, and none at all.
        api.with_header(Method::POST, "students", stale, &student("2")).await.expect(201);
        let fresh = ("if-match", tag.as_str());
        let tag =
            api.with_header(Method::PUT, &path, fresh, &named("1", "K")).await.expect(204).header("etag").to_owned();
        api.put("students", &created.id(), &named("1", "L")).await.expect(204);
        api.with_header(Method::DELETE, &path, ("if-match", &tag), &json!({})).await.expect(412);
    }
}

#[tokio::test]
async fn an_if_match_without_quotes_is_ignored_in_7() {
    for (version, api) in both().await {
        let created = api.post("students", &student("1")).await.expect(201);
        let path = format!("students/{}", created.id());
        let expected = if version == 6 { 412 } else { 204 };
        api.with_header(Method::PUT, &path, ("if-match", "1"), &named("1", "K")).await.expect(expected);
    }
}

#[tokio::test]
async fn if_none_match_spares_a_read_by_id_and_means_nothing_to_a_query() {
    for (_, api) in both().await {
        let created = api.post("students", &student("1")).await.expect(201);
        let (path, tag) = (format!("students/{}", created.id()), created.header("etag").to_owned());
        for value in [tag.as_str(), tag.trim_matches('"')] {
            let get = async |path: &str| {
                let request = api.request(Method::GET, path).header("if-none-match", value);
                read(request.send().await.unwrap()).await
            };
            assert_eq!(get(&path).await.expect(304).text, "");
            get("students").await.expect(200);
        }
        let request = api.request(Method::GET, &path).header("if-none-match", "\"1\"");
        read(request.send().await.unwrap()).await.expect(200);
    }
}
