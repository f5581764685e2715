//! Section 5: reads.

use std::collections::BTreeSet;

use serde_json::json;

use super::common::{Api, SCHOOL, enrollment, session, student};
use super::{both, both_for_vendor, values};

async fn students(api: &Api, numbers: std::ops::Range<u32>) {
    for number in numbers {
        api.create("students", &student(&format!("{number:03}"))).await;
    }
}

#[tokio::test]
async fn get_by_id_gives_the_record_and_its_etag() {
    for (_, api) in both().await {
        let id = api.create("students", &student("1")).await;
        let read = api.get(&format!("students/{id}")).await.expect(200);
        assert_eq!(read.header("etag"), format!("\"{}\"", read.json()["_etag"].as_str().unwrap()));
    }
}

#[tokio::test]
async fn get_by_an_unknown_id_is_404() {
    let path = "students/00000000000000000000000000000000";
    for (version, api) in both().await {
        let answer = api.get(path).await;
        match version {
            6 => drop(answer.says(404, "Entity of type 'Student' with the specified id was not found.")),
            _ => drop(answer.details(404, "not-found", "The specified item could not be found.")),
        }
    }
}

#[tokio::test]
async fn get_by_id_out_of_reach_is_403_and_a_query_leaves_it_out() {
    for (_, api) in both_for_vendor().await {
        let id = api.create("students", &student("1")).await;
        api.get(&format!("students/{id}")).await.expect(403);
        let found = api.get("students?totalCount=true").await.expect(200);
        assert_eq!((found.header("total-count"), found.text.as_str()), ("0", "[]"));
    }
}

#[tokio::test]
async fn offset_begins_at_0_and_counts_records() {
    for (_, api) in both().await {
        students(&api, 0..7).await;
        let page = api.get("students?offset=2&limit=3").await.expect(200).json();
        assert_eq!(values(&page, "studentUniqueId"), ["002", "003", "004"]);
        assert_eq!(api.get("students?offset=7").await.expect(200).text, "[]");
        assert_eq!(api.get("students").await.expect(200).json().as_array().unwrap().len(), 7);
    }
}

#[tokio::test]
async fn limit_is_500_when_it_is_omitted_and_500_at_most_and_may_be_0() {
    for (version, api) in both().await {
        let lines: Vec<String> = (0..501).map(|n| serde_json::to_string(&student(&n.to_string())).unwrap()).collect();
        api.sandbox.store().load("students", lines.join("\n").as_bytes()).await.unwrap();
        let count = async |path: &str| api.get(path).await.expect(200).json().as_array().unwrap().len();
        assert_eq!(count("students").await, 500);
        assert_eq!(count("students?limit=500").await, 500);
        assert_eq!(count("students?limit=0").await, 0);
        for limit in ["501", "-1"] {
            let answer = api.get(&format!("students?limit={limit}")).await;
            if version == 6 {
                answer.says(
                    400,
                    "Limit must be omitted or set to a value between 1 and max value defined in configuration file \
                     (defaultPageSizeLimit).",
                );
            } else {
                let unspecific = "The request could not be processed. See 'errors' for details.";
                let body = answer.details(400, "bad-request:parameter-validation-failed", unspecific);
                assert_eq!(body["errors"], json!(["Limit must be a value between 0 and 500."]));
            }
        }
    }
}

#[tokio::test]
async fn a_bad_offset_or_no_number_is_400() {
    for (version, api) in both().await {
        let answer = api.get("students?offset=-1").await.expect(400);
        match version {
            6 => assert_eq!(answer.message(), "Offset must be greater than or equal to 0."),
            _ => assert_eq!(answer.json()["errors"], json!(["Offset must be greater than or equal to 0."])),
        }
        for query in ["offset=a", "limit=a", "minChangeVersion=a", "maxChangeVersion=-1"] {
            api.get(&format!("students?{query}")).await.expect(400);
        }
    }
}

#[tokio::test]
async fn total_count_is_a_header_when_it_is_asked_for() {
    for (_, api) in both().await {
        students(&api, 0..3).await;
        for query in ["limit=0&totalCount=true", "limit=0&totalCount=True", "offset=1&limit=1&totalCount=true"] {
            assert_eq!(api.get(&format!("students?{query}")).await.expect(200).header("total-count"), "3", "{query}");
        }
        assert_eq!(
            api.get("students?totalCount=true&studentUniqueId=001").await.expect(200).header("total-count"),
            "1"
        );
        assert!(api.get("students?totalCount=false").await.expect(200).headers.get("total-count").is_none());
    }
}

#[tokio::test]
async fn filters_are_equality_on_every_flattened_member_of_the_root() {
    for (_, api) in both().await {
        api.enrolled_student("1").await;
        api.enrolled_student("2").await;
        let mut other = enrollment("2", SCHOOL);
        other["entryDate"] = json!("2025-09-01");
        other["repeatGradeIndicator"] = json!(true);
        other["fullTimeEquivalency"] = json!(0.5);
        api.create("studentSchoolAssociations", &other).await;
        let count = async |query: &str| {
            let path = format!("studentSchoolAssociations?{query}");
            let counted = api.get(&format!("{path}&totalCount=true")).await.expect(200);
            assert_eq!(counted.header("total-count"), counted.json().as_array().unwrap().len().to_string(), "{path}");
            counted.json().as_array().unwrap().len()
        };
        assert_eq!(count("studentUniqueId=2").await, 2);
        assert_eq!(count("studentUniqueId=3").await, 0);
        assert_eq!(count(&format!("schoolId={SCHOOL}")).await, 3);
        assert_eq!(count("entryDate=2025-09-01").await, 1);
        assert_eq!(count("repeatGradeIndicator=true").await, 1);
        assert_eq!(count("fullTimeEquivalency=0.5").await, 1);
        assert_eq!(count("ENTRYDATE=2025-09-01&StudentUniqueId=2").await, 1);
        let level = "uri://ed-fi.org/GradeLevelDescriptor%23tenth%20GRADE";
        assert_eq!(count(&format!("entryGradeLevelDescriptor={level}")).await, 3);
        // The whole key.
        assert_eq!(count(&format!("studentUniqueId=2&schoolId={SCHOOL}&entryDate=2025-09-01")).await, 1);
    }
}

#[tokio::test]
async fn every_filter_of_every_resource_is_taken() {
    // Nothing to find, but each parameter is read by its type.
    let api = Api::full().await;
    for resource in &rollcall_core::model::DataStandard::ed_fi_4_0().resources {
        for part in &resource.identity {
            let value = match part.kind {
                rollcall_core::model::Kind::Date => "2025-08-14",
                rollcall_core::model::Kind::Integer => "99",
                rollcall_core::model::Kind::Boolean => "true",
                _ => continue,
            };
            let path = format!("{}?{}={value}", resource.name, part.name);
            assert_eq!(api.get(&path).await.expect(200).text, "[]", "{path}");
            let path = format!("{}?{}=x", resource.name, part.name);
            api.get(&path).await.expect(400);
        }
    }
}

#[tokio::test]
async fn version_7_filters_by_id_and_by_inherited_members_and_version_6_does_not() {
    for (version, api) in both().await {
        students(&api, 0..2).await;
        let found = api.get("students?studentUniqueId=001").await.expect(200).json();
        let id = found[0]["id"].as_str().unwrap();
        let count = async |path: String| api.get(&path).await.expect(200).json().as_array().unwrap().len();
        let all = |narrow: usize, all: usize| if version == 6 { all } else { narrow };
        assert_eq!(count(format!("students?id={id}")).await, all(1, 2));
        assert_eq!(count("schools?nameOfInstitution=Nowhere".to_owned()).await, all(0, 2));
        assert_eq!(count("gradeLevelDescriptors?codeValue=Nowhere".to_owned()).await, all(0, 2));
    }
}

#[tokio::test]
async fn unknown_parameters_are_ignored() {
    for (_, api) in both().await {
        students(&api, 0..2).await;
        assert_eq!(api.get("students?studentUniqeId=000").await.expect(200).json().as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn an_unknown_descriptor_value_in_a_query_is_400_and_an_unknown_student_finds_nothing() {
    for (version, api) in both().await {
        let answer = api.get("sessions?termDescriptor=uri://ed-fi.org/TermDescriptor%23None").await;
        if version == 6 {
            let text = "Unable to resolve value 'uri://ed-fi.org/TermDescriptor#None' to an existing 'TermDescriptor' \
                        resource.";
            answer.says(400, text);
        } else {
            answer.expect(400);
        }
        assert_eq!(api.get("studentSchoolAssociations?studentUniqueId=none").await.expect(200).text, "[]");
    }
}

#[tokio::test]
async fn min_and_max_change_version_bound_a_query() {
    for (_, api) in both().await {
        let newest = async || api.newest_change().await;
        students(&api, 0..2).await;
        let between = newest().await;
        students(&api, 2..4).await;
        let mut changed = student("000");
        changed["middleName"] = json!("K");
        api.create("students", &changed).await;
        let found = async |query: String| {
            let list = api.get(&format!("students?{query}")).await.expect(200).json();
            let ids: BTreeSet<String> = values(&list, "studentUniqueId").into_iter().map(str::to_owned).collect();
            ids.into_iter().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(found(format!("minChangeVersion={}", between + 1)).await, "000 002 003");
        assert_eq!(found(format!("maxChangeVersion={between}")).await, "001");
        assert_eq!(found(format!("minChangeVersion={between}&maxChangeVersion={between}")).await, "001");
        assert_eq!(found(format!("minChangeVersion={}", newest().await + 1)).await, "");
    }
}

#[tokio::test]
async fn cursor_paging_ends_with_an_empty_page_without_a_token() {
    let api = Api::version_7(false).await;
    students(&api, 0..7).await;
    let first = api.get("students?limit=3").await.expect(200);
    let (mut token, mut seen) = (first.header("next-page-token").to_owned(), Vec::new());
    seen.extend(values(&first.json(), "studentUniqueId").into_iter().map(str::to_owned));
    loop {
        let page = api.get(&format!("students?pageToken={token}&pageSize=3&totalCount=true")).await.expect(200);
        assert_eq!(page.header("total-count"), "7");
        seen.extend(values(&page.json(), "studentUniqueId").into_iter().map(str::to_owned));
        match page.headers.get("next-page-token") {
            Some(next) => next.to_str().unwrap().clone_into(&mut token),
            None => break assert_eq!(page.text, "[]"),
        }
    }
    assert_eq!(seen, ["000", "001", "002", "003", "004", "005", "006"]);
    // A record that is gone takes no other one's place.
    let found = api.get("students?studentUniqueId=001").await.expect(200).json();
    api.delete("students", found[0]["id"].as_str().unwrap()).await.expect(204);
    let second =
        api.get(&format!("students?pageToken={}&pageSize=3", first.header("next-page-token"))).await.expect(200);
    assert_eq!(values(&second.json(), "studentUniqueId"), ["003", "004", "005"]);
    // Filters apply.
    let none = api.get(&format!("students?pageToken={}&firstName=Nobody", first.header("next-page-token"))).await;
    assert_eq!(none.expect(200).text, "[]");
    // Version 6 knows no such parameters.
    let api = Api::full().await;
    students(&api, 0..2).await;
    let page = api.get("students?pageToken=x&pageSize=1").await.expect(200);
    assert_eq!(page.json().as_array().unwrap().len(), 2);
    assert!(page.headers.get("next-page-token").is_none());
}

#[tokio::test]
async fn paging_styles_do_not_mix() {
    let api = Api::version_7(false).await;
    students(&api, 0..2).await;
    let token = api.get("students?limit=1").await.expect(200).header("next-page-token").to_owned();
    for (query, expected) in [
        ("pageSize=5".to_owned(), "PageToken is required when pageSize is specified."),
        ("offset=1&pageSize=5".to_owned(), "Use limit instead of pageSize when using limit/offset paging."),
        (
            format!("pageToken={token}&limit=5"),
            "Use pageSize instead of limit when using cursor paging with pageToken.",
        ),
        ("pageToken=nonsense".to_owned(), "The page token provided was invalid."),
        (format!("pageToken={token}&pageSize=501"), "PageSize must be a value between 1 and 500."),
    ] {
        let unspecific = "The request could not be processed. See 'errors' for details.";
        let answer = api.get(&format!("students?{query}")).await;
        let body = answer.details(400, "bad-request:parameter-validation-failed", unspecific);
        assert_eq!(body["errors"], json!([expected]), "{query}");
    }
}

#[tokio::test]
async fn partitions_cover_everything_once() {
    let api = Api::version_7(false).await;
    let lines: Vec<String> = (0..6000).map(|n| serde_json::to_string(&student(&n.to_string())).unwrap()).collect();
    api.sandbox.store().load("students", lines.join("\n").as_bytes()).await.unwrap();
    let tokens = async |query: &str| {
        let answer = api.get(&format!("students/partitions{query}")).await.expect(200).json();
        let tokens = answer["pageTokens"].as_array().unwrap().iter().map(|token| token.as_str().unwrap().to_owned());
        tokens.collect::<Vec<String>>()
    };
    // At least five pages of 500 in each.
    assert_eq!(tokens("").await.len(), 3);
    assert_eq!(tokens("?number=2").await.len(), 2);
    let mut seen = BTreeSet::new();
    for token in tokens("?number=200").await {
        let mut token = token;
        loop {
            let page = api.get(&format!("students?pageToken={token}&pageSize=500")).await.expect(200);
            for id in values(&page.json(), "studentUniqueId") {
                assert!(seen.insert(id.to_owned()), "{id} comes twice");
            }
            match page.headers.get("next-page-token") {
                Some(next) => next.to_str().unwrap().clone_into(&mut token),
                None => break,
            }
        }
    }
    assert_eq!(seen.len(), 6000);
    assert_eq!(api.get("sessions/partitions").await.expect(200).json(), json!({"pageTokens": []}));
    for number in ["0", "201", "x"] {
        api.get(&format!("students/partitions?number={number}")).await.expect(400);
    }
    // Version 6 takes the name for an id.
    Api::full().await.get("students/partitions").await.says(400, "The request is invalid.");
}

#[tokio::test]
async fn pages_far_down_are_right_while_records_come_and_go() {
    for (_, api) in both_for_vendor().await {
        for number in 0..6 {
            api.enrolled_student(&number.to_string()).await;
        }
        let page = async |offset: usize| {
            let list = api.get(&format!("students?offset={offset}&limit=2")).await.expect(200).json();
            values(&list, "studentUniqueId").join(" ")
        };
        assert_eq!((page(0).await, page(2).await, page(4).await), ("0 1".into(), "2 3".into(), "4 5".into()));
        // Out of sight, with nothing about the record itself changed.
        let association = api.get("studentSchoolAssociations?studentUniqueId=1").await.expect(200).json();
        api.delete("studentSchoolAssociations", association[0]["id"].as_str().unwrap()).await.expect(204);
        assert_eq!((page(0).await, page(2).await, page(4).await), ("0 2".into(), "3 4".into(), "5".into()));
        api.enrolled_student("6").await;
        assert_eq!(page(4).await, "5 6");
        assert_eq!(api.get("students?totalCount=true&limit=0").await.expect(200).header("total-count"), "6");
    }
}

#[tokio::test]
async fn records_that_name_one_are_found_by_its_whole_key() {
    for (_, api) in both().await {
        api.section_association("1").await;
        api.create("sessions", &session("S2")).await;
        let count = async |path: &str| api.get(path).await.expect(200).json().as_array().unwrap().len();
        assert_eq!(count("studentSectionAssociations?studentUniqueId=1").await, 1);
        assert_eq!(count("studentSectionAssociations?studentUniqueId=2").await, 0);
        let section =
            format!("localCourseCode=ALG-1&schoolId={SCHOOL}&schoolYear=2026&sectionIdentifier=7&sessionName=S1");
        assert_eq!(count(&format!("studentSectionAssociations?{section}")).await, 1);
        assert_eq!(count(&format!("studentSectionAssociations?{section}&beginDate=2000-01-01")).await, 0);
        let id = api.create("sessions", &session("S1")).await;
        api.put("sessions", &id, &session("Autumn")).await.expect(204);
        assert_eq!(count(&format!("studentSectionAssociations?{section}")).await, 0);
        assert_eq!(count(&format!("studentSectionAssociations?{}", section.replace("S1", "Autumn"))).await, 1);
    }
}
