//! Queries.

mod common;

use common::{Api, SCHOOL, enrollment, session, student};
use serde_json::json;

#[tokio::test]
async fn pages_and_counts() {
    let api = Api::full().await;
    for number in 0..7 {
        api.create("students", &student(&number.to_string())).await;
    }
    let page = api.get("students?offset=2&limit=3&totalCount=true").await.expect(200);
    assert_eq!(page.header("total-count"), "7");
    let ids: Vec<String> = page.json().as_array().unwrap().iter().map(|s| s["studentUniqueId"].to_string()).collect();
    assert_eq!(ids, ["\"2\"", "\"3\"", "\"4\""]);
    let counted = api.get("students?limit=0&totalCount=True").await.expect(200);
    assert_eq!((counted.header("total-count"), counted.text.as_str()), ("7", "[]"));
    assert!(api.get("students").await.expect(200).headers.get("total-count").is_none());
    assert_eq!(api.get("students?offset=9").await.expect(200).text, "[]");
    let answer = api.get("students?limit=501").await.expect(400);
    assert_eq!(
        answer.message(),
        "Limit must be omitted or set to a value between 1 and max value defined in configuration file \
         (defaultPageSizeLimit)."
    );
    api.get("students?offset=-1").await.expect(400);
}

#[tokio::test]
async fn a_record_is_read_with_links_and_all_that_the_server_adds() {
    let api = Api::full().await;
    api.enrolled_student("1").await;
    let read = api.get("studentSchoolAssociations").await.expect(200).json();
    let read = &read[0];
    let school = api.get(&format!("schools?schoolId={SCHOOL}")).await.expect(200).json();
    let link = json!({"rel": "School", "href": format!("/ed-fi/schools/{}", school[0]["id"].as_str().unwrap())});
    assert_eq!(read["schoolReference"]["link"], link);
    assert_eq!(read["studentReference"]["link"]["rel"], "Student");
    assert_eq!(read["educationPlans"], json!([]));
    assert!(read["_lastModifiedDate"].as_str().unwrap().ends_with('Z'));
    let tag = read["_etag"].as_str().unwrap();
    assert_eq!(tag.len(), 19);
    let by_id = api.get(&format!("studentSchoolAssociations/{}", read["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(by_id.header("etag"), format!("\"{tag}\""));
    assert_eq!(by_id.header("content-type"), "application/json; charset=utf-8");
    let course = api.get("courses?courseCode=ALG").await.expect(200).json();
    assert_eq!(course[0]["educationOrganizationReference"]["link"]["rel"], "StateEducationAgency");
}

#[tokio::test]
async fn filters_by_equality_on_flattened_names() {
    let api = Api::full().await;
    for name in ["S1", "S2 & more"] {
        api.create("sessions", &session(name)).await;
    }
    api.enrolled_student("1").await;
    let count = async |path: &str| api.get(path).await.expect(200).json().as_array().unwrap().len();
    assert_eq!(count("sessions?sessionName=S2+%26%20more").await, 1);
    assert_eq!(count(&format!("sessions?schoolId={SCHOOL}&schoolYear=2026&sessionName=S1")).await, 1);
    assert_eq!(count(&format!("sessions?SCHOOLID={SCHOOL}")).await, 2);
    assert_eq!(count("sessions?schoolId=1").await, 0);
    assert_eq!(count("sessions?totalInstructionalDays=80").await, 2);
    assert_eq!(count("sessions?termDescriptor=uri://ed-fi.org/TermDescriptor%23FALL%20Semester").await, 2);
    assert_eq!(count("studentSchoolAssociations?entryDate=2025-08-14&studentUniqueId=1").await, 1);
    assert_eq!(count("studentSchoolAssociations?studentUniqueId=2").await, 0);
    // Parameters that the resource does not know are ignored; so are inherited members that are no key.
    assert_eq!(count("sessions?sesionName=S1").await, 2);
    assert_eq!(count("schools?nameOfInstitution=Nowhere").await, 2);
    assert_eq!(count("gradeLevelDescriptors?codeValue=Nowhere").await, 2);
    let answer = api.get("sessions?termDescriptor=uri://ed-fi.org/TermDescriptor%23None").await.expect(400);
    assert_eq!(
        answer.message(),
        "Unable to resolve value 'uri://ed-fi.org/TermDescriptor#None' to an existing 'TermDescriptor' resource."
    );
    api.get("sessions?schoolId=abc").await.expect(400);
}

#[tokio::test]
async fn the_log_counts_requests_without_their_queries() {
    let api = Api::full().await;
    api.sandbox.store().clear_requests();
    api.get("students?studentUniqueId=1").await;
    api.post("studentSchoolAssociations", &enrollment("1", SCHOOL)).await;
    let requests = api.sandbox.store().requests();
    let seen: Vec<_> = requests.iter().map(|r| (r.method.as_str(), r.path.as_str(), r.status)).collect();
    assert_eq!(
        seen,
        [("GET", "/data/v3/ed-fi/students", 200), ("POST", "/data/v3/ed-fi/studentSchoolAssociations", 400)]
    );
    assert_eq!(api.sandbox.store().requests_by_method()["GET"], 1);
}
