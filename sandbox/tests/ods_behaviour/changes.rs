//! Section 6: change queries.

use serde_json::{Value, json};

use super::common::{Api, SCHOOL, course_offering, enrollment, read, section_association, session, student};
use super::{both, both_for_vendor};

impl Api {
    /// The latest change version.
    pub(crate) async fn newest_change(&self) -> u64 {
        let range = self.change_queries("availableChangeVersions").await.expect(200).json();
        assert_eq!(range["oldestChangeVersion"], 0);
        range["newestChangeVersion"].as_u64().unwrap()
    }

    async fn change_queries(&self, path: &str) -> super::Answer {
        let request = self.client.get(self.url(&format!("/changeQueries/v1/{path}"))).bearer_auth(&self.token);
        read(request.send().await.unwrap()).await
    }
}

#[tokio::test]
async fn available_change_versions_grow_with_each_change() {
    for (version, api) in both().await {
        let discovery = read(api.client.get(api.url("/")).send().await.unwrap()).await.json();
        assert_eq!(discovery["urls"]["changeQueries"], format!("{}/changeQueries/v1/", api.sandbox.url()));
        let first = api.newest_change().await;
        let id = api.create("students", &student("1")).await;
        let second = api.newest_change().await;
        assert!(second > first);
        // A POST that changes nothing is none.
        api.create("students", &student("1")).await;
        assert_eq!(api.newest_change().await, second);
        api.delete("students", &id).await.expect(204);
        assert!(api.newest_change().await > second);
        // With a year in the path, and with a good token only.
        api.change_queries("2026/availableChangeVersions").await.expect(200);
        let anonymous = api.client.get(api.url("/changeQueries/v1/availableChangeVersions"));
        read(anonymous.send().await.unwrap()).await.expect(401);
        api.change_queries("other").await.expect(404);
        match version {
            6 => assert_eq!(api.change_queries("snapshots").await.expect(200).text, "[]"),
            _ => drop(api.change_queries("snapshots").await.expect(404)),
        }
    }
}

#[tokio::test]
async fn deletes_give_id_change_version_and_flattened_key_values() {
    for (_, api) in both().await {
        let association = api.section_association("1").await;
        assert_eq!(api.get("studentSectionAssociations/deletes").await.expect(200).text, "[]");
        api.delete("studentSectionAssociations", &association).await.expect(204);
        let newest = api.newest_change().await;
        let expected = json!([{"id": association, "changeVersion": newest, "keyValues": {
            "beginDate": "2025-08-14", "localCourseCode": "ALG-1", "schoolId": SCHOOL, "schoolYear": 2026,
            "sectionIdentifier": "7", "sessionName": "S1", "studentUniqueId": "1"}}]);
        assert_eq!(api.get("studentSectionAssociations/deletes").await.expect(200).json(), expected);
        let window = async |query: String| {
            let answer =
                api.get(&format!("studentSectionAssociations/deletes?{query}&totalCount=true")).await.expect(200);
            assert_eq!(answer.header("total-count"), answer.json().as_array().unwrap().len().to_string());
            answer.json().as_array().unwrap().len()
        };
        assert_eq!(window(format!("minChangeVersion={newest}&maxChangeVersion={newest}")).await, 1);
        assert_eq!(window(format!("minChangeVersion={}", newest + 1)).await, 0);
        assert_eq!(window(format!("maxChangeVersion={}", newest - 1)).await, 0);
        // A key that is there again was never deleted.
        api.create("studentSectionAssociations", &section_association("1")).await;
        assert_eq!(window(String::new()).await, 0);
    }
}

#[tokio::test]
async fn deletes_of_descriptors_name_namespace_and_code_value() {
    for (_, api) in both().await {
        let name = "TermDescriptor";
        let term = json!({"codeValue": "Trimester", "namespace": format!("uri://ed-fi.org/{name}"),
            "shortDescription": "Trimester"});
        let id = api.create("termDescriptors", &term).await;
        api.delete("termDescriptors", &id).await.expect(204);
        let deletes = api.get("termDescriptors/deletes").await.expect(200).json();
        let expected = json!({"codeValue": "Trimester", "namespace": format!("uri://ed-fi.org/{name}")});
        assert_eq!(deletes[0]["keyValues"], expected);
    }
}

#[tokio::test]
async fn key_changes_give_old_and_new_values_and_reach_what_names_the_record() {
    for (_, api) in both().await {
        let association = api.section_association("1").await;
        let id = api.create("sessions", &session("S1")).await;
        let tag = api.get(&format!("studentSectionAssociations/{association}")).await.header("etag").to_owned();
        let before = api.newest_change().await;
        api.put("sessions", &id, &session("Autumn")).await.expect(204);
        let changes = api.get("sessions/keyChanges").await.expect(200).json();
        let keys = |name: &str| json!({"schoolId": SCHOOL, "schoolYear": 2026, "sessionName": name});
        assert_eq!((&changes[0]["oldKeyValues"], &changes[0]["newKeyValues"]), (&keys("S1"), &keys("Autumn")));
        assert_eq!(changes[0]["id"], id.as_str());
        for resource in ["courseOfferings", "sections", "studentSectionAssociations"] {
            let changes = api.get(&format!("{resource}/keyChanges?minChangeVersion={before}")).await.expect(200).json();
            assert_eq!(changes[0]["newKeyValues"]["sessionName"], "Autumn", "{resource}");
            // They have changed for change queries, and their times of change stay.
            let found = api.get(&format!("{resource}?minChangeVersion={}", before + 1)).await.expect(200).json();
            assert_eq!(found.as_array().unwrap().len(), 1, "{resource}");
        }
        assert_eq!(api.get(&format!("studentSectionAssociations/{association}")).await.header("etag"), tag);
        assert_eq!(api.get("sessions/deletes").await.expect(200).text, "[]");
    }
}

#[tokio::test]
async fn several_key_changes_of_one_record_are_one() {
    for (_, api) in both().await {
        let id = api.create("sessions", &session("S1")).await;
        for name in ["S2", "S3", "S4"] {
            api.put("sessions", &id, &session(name)).await.expect(204);
        }
        let changes = api.get("sessions/keyChanges").await.expect(200).json();
        assert_eq!(changes.as_array().unwrap().len(), 1);
        assert_eq!(changes[0]["oldKeyValues"]["sessionName"], "S1");
        assert_eq!(changes[0]["newKeyValues"]["sessionName"], "S4");
        let last = changes[0]["changeVersion"].as_u64().unwrap();
        assert_eq!(last, api.newest_change().await);
        let path = format!("sessions/keyChanges?minChangeVersion={last}");
        assert_eq!(api.get(&path).await.expect(200).json()[0]["oldKeyValues"]["sessionName"], "S3");
    }
}

#[tokio::test]
async fn a_persons_new_id_is_a_key_change_of_the_person_alone() {
    for (_, api) in both().await {
        api.section_association("1").await;
        let id = api.create("students", &student("1")).await;
        let before = api.newest_change().await;
        api.put("students", &id, &student("one")).await.expect(204);
        let changes = api.get("students/keyChanges").await.expect(200).json();
        assert_eq!(changes[0]["newKeyValues"], json!({"studentUniqueId": "one"}));
        assert_eq!(api.get("studentSectionAssociations/keyChanges").await.expect(200).text, "[]");
        let found = api.get(&format!("studentSectionAssociations?minChangeVersion={}", before + 1)).await;
        assert_eq!(found.expect(200).text, "[]");
    }
}

#[tokio::test]
async fn deletes_and_key_changes_are_paged() {
    for (version, api) in both().await {
        for number in 0..5 {
            let id = api.create("students", &student(&number.to_string())).await;
            api.delete("students", &id).await.expect(204);
        }
        let page = api.get("students/deletes?offset=1&limit=2&totalCount=true").await.expect(200);
        assert_eq!(page.header("total-count"), "5");
        let keys = |list: &Value| {
            let list = list.as_array().unwrap();
            list.iter().map(|item| item["keyValues"]["studentUniqueId"].to_string()).collect::<Vec<_>>()
        };
        assert_eq!(keys(&page.json()), ["\"1\"", "\"2\""]);
        let refused = [("limit=501", "limit"), ("limit=-1", "limit"), ("offset=-1", "offset")];
        for (query, what) in refused {
            let answer = api.get(&format!("students/deletes?{query}")).await.expect(400);
            let texts = match what {
                "offset" => ["Offset must be greater than or equal to 0."; 2],
                _ => [
                    "Limit must be omitted or set to a value between 1 and 500.",
                    "Limit must be a value between 0 and 500.",
                ],
            };
            match version {
                6 => assert_eq!(answer.message(), texts[0]),
                _ => assert_eq!(answer.json()["errors"], json!([texts[1]])),
            }
        }
    }
}

#[tokio::test]
async fn change_queries_need_the_action_read_changes() {
    let reader = |api: &mut rollcall_sandbox::SandboxConfig| {
        api.keys[0].access = rollcall_sandbox::Access::Bootstrap;
    };
    let api = Api::with(reader).await;
    let answer = api.get("termDescriptors/deletes").await;
    answer.says(
        403,
        "Access to the resource could not be authorized for the requested action \
         'http://ed-fi.org/odsapi/actions/readChanges'.",
    );
    let api = Api::with(|config| {
        config.api_version = rollcall_sandbox::ApiVersion::V7;
        reader(config);
    })
    .await;
    api.get("termDescriptors/keyChanges").await.details(
        403,
        "security:authorization:access-denied:action",
        "Access to the requested data could not be authorized. You do not have permissions to perform the requested \
         operation on the data.",
    );
}

#[tokio::test]
async fn deletes_show_what_was_within_reach() {
    for (_, mut api) in both_for_vendor().await {
        api.enrolled_student("1").await;
        let found = api.get("students").await.expect(200).json();
        let student_id = found[0]["id"].as_str().unwrap().to_owned();
        let found = api.get("studentSchoolAssociations").await.expect(200).json();
        let association = found[0]["id"].as_str().unwrap().to_owned();
        api.delete("studentSchoolAssociations", &association).await.expect(204);
        api.delete("students", &student_id).await.expect(204);
        for resource in ["studentSchoolAssociations", "students"] {
            let deletes = api.get(&format!("{resource}/deletes")).await.expect(200).json();
            assert_eq!(deletes.as_array().unwrap().len(), 1, "{resource}");
        }
        // Another district's are not.
        api.act_as("full", "full-secret").await;
        api.create("students", &student("2")).await;
        let other = api.create("studentSchoolAssociations", &enrollment("2", super::common::OTHER_SCHOOL)).await;
        api.delete("studentSchoolAssociations", &other).await.expect(204);
        api.act_as("sis", "sis-secret").await;
        let deletes = api.get("studentSchoolAssociations/deletes").await.expect(200).json();
        assert_eq!(deletes.as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn the_past_survives_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sandbox.db");
    let on_file = |config: &mut rollcall_sandbox::SandboxConfig| {
        config.storage = rollcall_sandbox::Storage::File(path.clone());
        config.keys.swap(0, 1);
    };
    let mut api = Api::with(on_file).await;
    api.act_as("full", "full-secret").await;
    let id = api.create("sessions", &session("S1")).await;
    api.create("courseOfferings", &course_offering()).await;
    api.put("sessions", &id, &session("Autumn")).await.expect(204);
    api.act_as("sis", "sis-secret").await;
    api.enrolled_student("1").await;
    let found = api.get("studentSchoolAssociations").await.expect(200).json();
    api.delete("studentSchoolAssociations", found[0]["id"].as_str().unwrap()).await.expect(204);
    let mut told = Vec::new();
    let paths = ["sessions/keyChanges", "courseOfferings/keyChanges", "studentSchoolAssociations/deletes", "sessions"];
    for path in paths {
        told.push(api.get(path).await.expect(200).json());
    }
    let newest = api.newest_change().await;
    api.sandbox.stop().await;
    let api = Api::with(on_file).await;
    assert_eq!(api.newest_change().await, newest);
    for (path, told) in paths.iter().zip(told) {
        assert_ne!(told, json!([]), "{path}");
        assert_eq!(api.get(path).await.expect(200).json(), told, "{path}");
    }
}

#[tokio::test]
async fn a_snapshot_is_not_there_and_takes_no_writes() {
    for (version, api) in both().await {
        let header = if version == 6 { ("snapshot-identifier", "abc") } else { ("use-snapshot", "True") };
        let send = async |method: reqwest::Method| {
            let request = api.request(method, "students").header(header.0, header.1).json(&student("1"));
            read(request.send().await.unwrap()).await
        };
        let get = send(reqwest::Method::GET).await;
        let post = send(reqwest::Method::POST).await;
        if version == 6 {
            get.says(410, "Snapshot not available.");
            assert_eq!(post.says(405, "Snapshots are read-only.").header("allow"), "GET");
        } else {
            get.details(404, "not-found", "Snapshot not found.");
            assert_eq!(post.expect(405).json()["type"], "urn:ed-fi:api:snapshots:method-not-allowed");
        }
        assert_eq!(api.sandbox.store().count("students"), 0);
        // The other version's header says nothing.
        let other = if version == 6 { "use-snapshot" } else { "snapshot-identifier" };
        let request = api.request(reqwest::Method::GET, "students").header(other, "true");
        read(request.send().await.unwrap()).await.expect(200);
    }
}
