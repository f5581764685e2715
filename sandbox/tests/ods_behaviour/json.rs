//! Section 3: JSON conventions.

use serde_json::{Value, json};

use super::both;
use super::common::{Api, SCHOOL, course_offering, descriptor, enrollment, read, section, session, student};

async fn stored(api: &Api, resource: &str, body: &Value) -> Value {
    let id = api.create(resource, body).await;
    api.get(&format!("{resource}/{id}")).await.expect(200).json()
}

#[tokio::test]
async fn nulls_are_left_out_and_empty_collections_are_there() {
    for (_, api) in both().await {
        let mut body = student("1");
        body["middleName"] = json!(null);
        let id = api.create("students", &body).await;
        let answer = api.get(&format!("students/{id}")).await.expect(200);
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
        assert!(answer.json().get("middleName").is_none());
        assert_eq!(answer.json()["otherNames"], json!([]));
    }
}

#[tokio::test]
async fn names_are_those_of_the_model() {
    // A leading acronym is lowered as a block, and a collection loses its parent's name unless that collides.
    for (_, api) in both().await {
        let school = api.get(&format!("schools?schoolId={SCHOOL}")).await.expect(200).json();
        for name in ["educationOrganizationCategories", "schoolCategories", "gradeLevels", "addresses"] {
            assert!(school[0][name].is_array(), "{name}");
        }
        let district = api.get("localEducationAgencies").await.expect(200).json();
        assert!(district[0]["categories"].is_array());
        assert_eq!(api.get("studentCTEProgramAssociations").await.expect(200).text, "[]");
    }
}

#[tokio::test]
async fn unknown_members_are_ignored_and_names_have_no_case() {
    for (_, api) in both().await {
        let body = json!({"StudentUniqueId": "1", "FIRSTNAME": "Ada", "lastSurname": "Byron", "birthDate": "2010-12-10",
            "nickName": "A", "otherNames": [{"OtherNameTypeDescriptor": descriptor("OtherNameTypeDescriptor", "Alias"),
            "firstName": "A", "lastSurname": "B", "unknown": 1}]});
        let read = stored(&api, "students", &body).await;
        assert_eq!((&read["studentUniqueId"], &read["firstName"]), (&json!("1"), &json!("Ada")));
        assert!(read.get("nickName").is_none());
        assert!(read["otherNames"][0].get("unknown").is_none());
    }
}

#[tokio::test]
async fn strict_refuses_what_servers_drop() {
    for version in [rollcall_sandbox::ApiVersion::V6, rollcall_sandbox::ApiVersion::V7] {
        let api = Api::with(|config| {
            config.strict = true;
            config.api_version = version;
        })
        .await;
        let id = api.create("students", &student("1")).await;
        // What a server adds may be sent back.
        let read = api.get(&format!("students/{id}")).await.expect(200).json();
        api.put("students", &id, &read).await.expect(204);
        api.create("studentSchoolAssociations", &enrollment("1", SCHOOL)).await;
        let read = api.get("studentSchoolAssociations").await.expect(200).json();
        let association = read[0]["id"].as_str().unwrap();
        api.put("studentSchoolAssociations", association, &read[0]).await.expect(204);
        let level = api.get("gradeLevelDescriptors").await.expect(200).json();
        api.put("gradeLevelDescriptors", level[0]["id"].as_str().unwrap(), &level[0]).await.expect(204);

        let with = |member: &str, value: Value| {
            let mut body = student("1");
            body[member] = value;
            body
        };
        let alias = json!([{"otherNameTypeDescriptor": descriptor("OtherNameTypeDescriptor", "Alias"),
            "firstName": "A", "lastSurname": "B", "nick": 1}]);
        for (body, path) in [
            (with("nickName", json!("A")), "nickName"),
            (with("otherNames", alias), "otherNames[0].nick"),
            (with("_ext", json!({"zz": {"a": 1}})), "_ext"),
        ] {
            let answer = api.post("students", &body).await.expect(400).json();
            let texts = match version {
                rollcall_sandbox::ApiVersion::V6 => &answer["modelState"][format!("request.{path}")],
                rollcall_sandbox::ApiVersion::V7 => &answer["validationErrors"][format!("$.{path}")],
            };
            let text = texts[0].as_str().unwrap_or_else(|| panic!("no {path}: {answer}"));
            assert!(text.contains("a server would drop it silently"), "{text}");
        }
        assert_eq!(api.sandbox.store().count("students"), 1);
    }
}

#[tokio::test]
async fn members_come_in_their_order() {
    for (_, api) in both().await {
        api.section_association("1").await;
        let mut body = super::common::section_association("1");
        body["homeroomIndicator"] = json!(true);
        body["_ext"] = json!({"xx": {"note": "n"}});
        let id = api.create("studentSectionAssociations", &body).await;
        let text = api.get(&format!("studentSectionAssociations/{id}")).await.expect(200).text;
        let at = |name: &str| text.find(&format!("\"{name}\":")).unwrap_or_else(|| panic!("no {name}: {text}"));
        let order = ["id", "sectionReference", "beginDate", "homeroomIndicator", "_ext", "_etag", "_lastModifiedDate"];
        assert!(order.windows(2).all(|pair| at(pair[0]) < at(pair[1])), "{text}");
    }
}

#[tokio::test]
async fn an_id_is_32_hexadecimal_digits_and_any_spelling_names_it() {
    for (_, api) in both().await {
        let id = api.create("students", &student("1")).await;
        assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)), "{id}");
        let dashed = uuid::Uuid::parse_str(&id).unwrap().to_string();
        for spelling in [dashed.clone(), dashed.to_uppercase(), format!("{{{dashed}}}"), id.to_uppercase()] {
            api.get(&format!("students/{spelling}")).await.expect(200);
        }
    }
}

#[tokio::test]
async fn etag_is_a_number_of_19_digits_and_the_date_is_utc() {
    for (_, api) in both().await {
        let read = stored(&api, "students", &student("1")).await;
        let tag = read["_etag"].as_str().unwrap();
        assert!(tag.len() == 19 && tag.bytes().all(|byte| byte.is_ascii_digit()), "{tag}");
        let date = read["_lastModifiedDate"].as_str().unwrap();
        assert!(date.ends_with('Z') && chrono::DateTime::parse_from_rfc3339(date).is_ok(), "{date}");
    }
}

#[tokio::test]
async fn a_date_with_a_time_is_400() {
    for (version, api) in both().await {
        let mut body = student("1");
        body["birthDate"] = json!("2010-12-10T00:00:00");
        let answer = api.post("students", &body).await.expect(400).json();
        let texts = match version {
            6 => &answer["modelState"]["request.birthDate"],
            _ => &answer["validationErrors"]["$.birthDate"],
        };
        assert_eq!(texts, &json!(["String was not recognized as a valid date."]));
    }
}

#[tokio::test]
async fn times_are_read_in_utc_and_written_with_seconds() {
    for (_, api) in both().await {
        for (number, (sent, expected)) in
            [("08:15", "08:15:00"), ("08:15:30", "08:15:30"), ("08:15:00Z", "08:15:00"), ("08:15:00-06:00", "14:15:00")]
                .into_iter()
                .enumerate()
        {
            let body = json!({"bellScheduleName": number.to_string(), "schoolReference": {"schoolId": SCHOOL},
                "startTime": sent, "classPeriods": []});
            api.create("classPeriods", &json!({"classPeriodName": "P", "schoolReference": {"schoolId": SCHOOL}})).await;
            let mut body = body;
            body["classPeriods"] = json!([{"classPeriodReference": {"classPeriodName": "P", "schoolId": SCHOOL}}]);
            assert_eq!(stored(&api, "bellSchedules", &body).await["startTime"], expected, "{sent}");
        }
        let wrong = json!({"bellScheduleName": "x", "schoolReference": {"schoolId": SCHOOL}, "startTime": "noon"});
        api.post("bellSchedules", &wrong).await.expect(400);
    }
}

#[tokio::test]
async fn decimals_are_numbers_and_texts_are_taken_for_numbers_and_booleans() {
    for (_, api) in both().await {
        api.create("students", &student("1")).await;
        let mut body = enrollment("1", SCHOOL);
        body["schoolReference"]["schoolId"] = json!(SCHOOL.to_string());
        body["fullTimeEquivalency"] = json!("0.5");
        for (sent, expected) in [
            (json!("true"), true),
            (json!("false"), false),
            (json!(1), true),
            (json!(0), false),
            (json!("1"), true),
            (json!("0"), false),
        ] {
            body["repeatGradeIndicator"] = sent;
            let read = stored(&api, "studentSchoolAssociations", &body).await;
            assert_eq!(read["repeatGradeIndicator"], expected);
            assert_eq!(read["fullTimeEquivalency"], json!(0.5));
            assert_eq!(read["schoolReference"]["schoolId"], SCHOOL);
        }
    }
}

#[tokio::test]
async fn descriptors_have_no_case_and_are_read_as_stored() {
    for (_, api) in both().await {
        let mut body = session("S1");
        body["termDescriptor"] = json!("URI://ed-fi.org/termdescriptor#FALL semester");
        let read = stored(&api, "sessions", &body).await;
        assert_eq!(read["termDescriptor"], "uri://ed-fi.org/TermDescriptor#Fall Semester");
    }
}

#[tokio::test]
async fn references_carry_links_that_are_ignored_on_write() {
    for (_, api) in both().await {
        api.create("sessions", &session("S1")).await;
        let read = stored(&api, "courseOfferings", &course_offering()).await;
        let course = api.get("courses").await.expect(200).json();
        let href = format!("/ed-fi/courses/{}", course[0]["id"].as_str().unwrap());
        assert_eq!(read["courseReference"]["link"], json!({"rel": "Course", "href": href}));
        // An abstract reference names the concrete resource.
        let owner = &course[0]["educationOrganizationReference"]["link"];
        assert_eq!(owner["rel"], "StateEducationAgency");
        assert!(owner["href"].as_str().unwrap().starts_with("/ed-fi/stateEducationAgencies/"));
        let mut body = section();
        body["courseOfferingReference"]["link"] = json!({"rel": "Nonsense", "href": "/nowhere"});
        let read = stored(&api, "sections", &body).await;
        assert_eq!(read["courseOfferingReference"]["link"]["rel"], "CourseOffering");
        // A link leads to its record, below the data path.
        let path = read["courseOfferingReference"]["link"]["href"].as_str().unwrap();
        let request = api.client.get(api.url(&format!("/data/v3{path}"))).bearer_auth(&api.token);
        assert_eq!(
            super::common::read(request.send().await.unwrap()).await.expect(200).json()["localCourseCode"],
            "ALG-1"
        );
    }
}

#[tokio::test]
async fn descriptors_are_resources() {
    for (_, api) in both().await {
        let body = json!({"codeValue": "Spring", "namespace": "uri://ed-fi.org/TermDescriptor",
            "shortDescription": "Spring", "description": "Spring term", "effectiveBeginDate": "2020-01-01"});
        let read = stored(&api, "termDescriptors", &body).await;
        for (name, value) in body.as_object().unwrap() {
            assert_eq!(&read[name], value);
        }
        assert!(read["termDescriptorId"].is_i64());
        // The same key in another case is the same descriptor.
        let mut other = body.clone();
        other["codeValue"] = json!("SPRING");
        api.post("termDescriptors", &other).await.expect(200);
    }
}

#[tokio::test]
async fn post_and_put_replace_the_whole_record() {
    for (_, api) in both().await {
        api.create("students", &student("1")).await;
        let calendar = json!({"calendarCode": "C", "schoolReference": {"schoolId": SCHOOL},
            "schoolYearTypeReference": {"schoolYear": 2026},
            "calendarTypeDescriptor": descriptor("CalendarTypeDescriptor", "IEP")});
        let kind = json!({"codeValue": "IEP", "namespace": "uri://ed-fi.org/CalendarTypeDescriptor", "shortDescription": "IEP"});
        api.create("calendarTypeDescriptors", &kind).await;
        api.create("calendars", &calendar).await;
        let mut body = enrollment("1", SCHOOL);
        body["repeatGradeIndicator"] = json!(true);
        body["calendarReference"] = json!({"calendarCode": "C", "schoolId": SCHOOL, "schoolYear": 2026});
        let id = api.create("studentSchoolAssociations", &body).await;
        let path = format!("studentSchoolAssociations/{id}");
        assert!(api.get(&path).await.expect(200).json()["calendarReference"].is_object());
        api.put("studentSchoolAssociations", &id, &enrollment("1", SCHOOL)).await.expect(204);
        let read = api.get(&path).await.expect(200).json();
        assert!(read.get("repeatGradeIndicator").is_none() && read.get("calendarReference").is_none(), "{read}");

        let mut body = student("1");
        body["otherNames"] = json!([{"otherNameTypeDescriptor": descriptor("OtherNameTypeDescriptor", "Alias"),
            "firstName": "A", "lastSurname": "B"}]);
        assert_eq!(stored(&api, "students", &body).await["otherNames"].as_array().unwrap().len(), 1);
        assert_eq!(stored(&api, "students", &student("1")).await["otherNames"], json!([]));
    }
}

#[tokio::test]
async fn a_partial_optional_reference_is_dropped_in_6_and_refused_in_7() {
    for (version, api) in both().await {
        api.create("students", &student("1")).await;
        let mut body = enrollment("1", SCHOOL);
        body["calendarReference"] = json!({"calendarCode": "C", "schoolYear": 2026});
        let answer = api.post("studentSchoolAssociations", &body).await;
        if version == 6 {
            let id = answer.expect(201).id();
            let read = api.get(&format!("studentSchoolAssociations/{id}")).await.expect(200).json();
            assert!(read.get("calendarReference").is_none());
        } else {
            assert_eq!(
                answer.expect(400).json()["validationErrors"]["$.calendarReference"],
                json!(["CalendarReference is missing the following properties: SchoolId"])
            );
        }
    }
}

#[tokio::test]
async fn a_unified_key_that_a_nested_reference_lacks_is_the_parents() {
    for (_, api) in both().await {
        api.create("classPeriods", &json!({"classPeriodName": "P1", "schoolReference": {"schoolId": SCHOOL}})).await;
        let body = json!({"bellScheduleName": "B", "schoolReference": {"schoolId": SCHOOL},
            "classPeriods": [{"classPeriodReference": {"classPeriodName": "P1"}}]});
        let read = stored(&api, "bellSchedules", &body).await;
        assert_eq!(read["classPeriods"][0]["classPeriodReference"]["schoolId"], SCHOOL);
    }
}

#[tokio::test]
async fn a_missing_required_boolean_or_decimal_has_a_default_in_6_only() {
    for (version, api) in both().await {
        // A boolean with a default in version 6, and a number of days without.
        let year = json!({"schoolYear": 2027, "schoolYearDescription": "2026-2027"});
        let answer = api.post("schoolYearTypes", &year).await;
        if version == 6 {
            let id = answer.expect(201).id();
            assert_eq!(api.get(&format!("schoolYearTypes/{id}")).await.expect(200).json()["currentSchoolYear"], false);
        } else {
            let texts = &answer.expect(400).json()["validationErrors"]["$.currentSchoolYear"];
            assert_eq!(texts, &json!(["CurrentSchoolYear is required."]));
        }
        let mut body = session("S1");
        body.as_object_mut().unwrap().remove("totalInstructionalDays");
        body.as_object_mut().unwrap().remove("beginDate");
        let answer = api.post("sessions", &body).await.expect(400);
        assert!(answer.text.contains("TotalInstructionalDays is required."), "{}", answer.text);
        assert!(answer.text.contains("BeginDate is required."), "{}", answer.text);
    }
}

#[tokio::test]
async fn paths_with_and_without_a_school_year_are_the_same_data() {
    for (_, api) in both().await {
        let id = api.create("students", &student("1")).await;
        let request = api.client.get(api.url(&format!("/data/v3/2026/ed-fi/students/{id}"))).bearer_auth(&api.token);
        read(request.send().await.unwrap()).await.expect(200);
        let request = api.client.post(api.url("/data/v3/2026/ed-fi/students")).bearer_auth(&api.token);
        let location = read(request.json(&student("1")).send().await.unwrap()).await.expect(200);
        assert_eq!(location.header("location"), api.url(&format!("/data/v3/2026/ed-fi/students/{id}")));
    }
}
