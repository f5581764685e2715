//! `Course Offerings (Kansas v3.6)`, row by row: docs/coverage/kansas-course-offerings.md names the row of each test.

mod common;

use common::{
    Case, assert_delete_post, assert_element, assert_put, assert_triggers, assert_waits_for_a_resync, case_of,
};
use rollcall_core::model::DataStandard;
use rollcall_core::resource::Need;
use rollcall_core_edfi::sessions::Sessions;
use rollcall_kansas::course_offerings::{CourseOfferings, SPEC};
use rollcall_kansas::sections::Sections;
use rollcall_kansas::student_section_associations::StudentSectionAssociations;
use serde_json::{Value, json};

/// Algebra (Course:1, ALG1, all elements filled) with a section in the fall (`Section:1-1`), Band (Course:2, BAND, only
/// what is mandatory) with one all year (`Section:2-1`, `Section:2-2`).
fn case() -> Case {
    case_of(&CourseOfferings)
}

/// A second course with the first one's number, and a section of it in the fall.
fn with_second_algebra(case: Case) -> Case {
    let course = [("courseID", "9"), ("calendarID", "1"), ("number", "ALG1"), ("name", "Algebra, renewed")];
    case.with("Course", &[&course[..], &[("stateCode", "02053"), ("active", "1")]].concat()).with_section(
        "9",
        "9",
        "02",
        &["1"],
    )
}

fn session_name(case: &Case, object: &str) -> Value {
    case.at(object, "/sessionReference/sessionName")
}

// Object Triggering Logic: Post

#[test]
fn post_when_a_section_with_section_placement_is_created() {
    assert_eq!(
        case().body("Section:1-1"),
        json!({
            "localCourseCode": "ALG1",
            "courseReference": { "courseCode": "02052", "educationOrganizationId": 100_000_000 },
            "schoolReference": { "schoolId": 500_001 },
            "sessionReference": { "schoolId": 500_001, "schoolYear": 2026, "sessionName": "S1" },
            "localCourseTitle": "Algebra",
            "courseLevelCharacteristics": [
                { "courseLevelCharacteristicDescriptor": "uri://ksde.org/CourseLevelCharacteristicDescriptor#H" },
            ],
            "offeredGradeLevels": [{ "gradeLevelDescriptor": "uri://ed-fi.org/GradeLevelDescriptor#Ninth grade" }],
            "_ext": {
                "ks": {
                    "courseSequence": 1,
                    "courseTotalSequence": 2,
                    "courseDeliveryTypeDescriptor": "uri://ksde.org/CourseDeliveryTypeDescriptor#G",
                    "courseProgramTypeDescriptor": "uri://ksde.org/CourseProgramTypeDescriptor#A",
                    "collegeCareerTypeDescriptor": "uri://ksde.org/CollegeCareerTypeDescriptor#N",
                },
            },
        })
    );
    assert_eq!(case().without("SectionPlacement:1").excluded("Section:1"), "no-placement Section:1");
}

#[test]
fn post_one_record_per_course_and_term_type() {
    assert_eq!(case().count(), 3, "ALG1 in the fall, BAND in the fall and in the spring");
    let second_section = case().with_section("9", "1", "02", &["1"]);
    assert_eq!(second_section.count(), 3, "another section of the course in the same term");
    let second_period = case().with_placement("9", "1", "1");
    assert_eq!(second_period.objects(), case().objects(), "another period of the same term");
    let one_type = case().set("Term:2.termType", "Fall");
    assert_eq!(one_type.count(), 2, "two terms of one term type");
}

#[test]
fn post_only_with_a_state_code() {
    assert_eq!(case().set("Course:1.stateCode", "-").excluded("Section:1-1"), "no-state-code Course:1");
}

#[test]
fn post_not_when_the_course_is_not_active() {
    assert_eq!(case().set("Course:1.active", "0").excluded("Section:1-1"), "course-inactive Course:1");
}

#[test]
fn post_not_with_calendar_exclude() {
    let excluded = case().set("Calendar:1.exclude", "1");
    assert_eq!(excluded.excluded("Section:1-1"), "calendar-exclude Calendar:1");
    assert_eq!(excluded.count(), 0);
}

#[test]
fn post_not_with_school_exclude() {
    let excluded = case().set("School:1.exclude", "1");
    assert_eq!(excluded.excluded("Section:1-1"), "school-exclude School:1");
    assert_eq!(excluded.count(), 0);
}

#[test]
fn post_not_with_exclude_from_state_reporting() {
    assert_eq!(case().set("Course:1.stateExclude", "1").excluded("Section:1-1"), "course-state-exclude Course:1");
}

// Object Triggering Logic: Delete/Post, Put, Delete

#[test]
fn delete_post_when_the_course_number_changes() {
    assert_delete_post(&case(), &case().set("Course:1.number", "ALG1A"), "Section:1-1");
}

#[test]
fn delete_post_when_the_term_descriptor_changes_via_placement() {
    let moved = case().set("SectionPlacement:1.termID", "2");
    assert_eq!(moved.excluded("Section:1-1"), "not-in-sis");
    assert_eq!(session_name(&moved, "Section:1-2"), "S2");
    assert!(!moved.records().contains_key(&case().key("Section:1-1")));
}

#[test]
fn delete_post_when_the_term_descriptor_changes_via_override() {
    let of_course = case().set("Course:1.termDescriptorOverride", "first quarter");
    assert_delete_post(&case(), &of_course, "Section:1-1");
    let of_section = case().set("Section:1.termDescriptorOverride", "first quarter");
    assert_delete_post(&case(), &of_section, "Section:1-1");
}

#[test]
fn put_when_a_new_course_id() {
    let after = with_second_algebra(case());
    let records = after.records();
    let (objects, body) = &records[&case().key("Section:1-1")];
    assert_eq!(objects, &["Section:1-1", "Section:9-1"]);
    assert_eq!(body["localCourseTitle"], "Algebra, renewed", "the newest object's data");
    assert_ne!(after.source("Section:9-1"), case().source("Section:1-1"));
}

#[test]
fn put_when_the_course_code_changes() {
    let after = case().set("Course:1.stateCode", "02056");
    assert_put(&case(), &after, "Section:1-1");
    assert_eq!(after.at("Section:1-1", "/courseReference/courseCode"), "02056");
}

#[test]
fn put_when_the_course_title_changes() {
    let after = case().set("Course:1.name", "Algebra I");
    assert_put(&case(), &after, "Section:1-1");
    assert_eq!(after.at("Section:1-1", "/localCourseTitle"), "Algebra I");
}

#[test]
fn put_when_the_course_level_characteristic_changes() {
    assert_put(&case(), &case().set("Course:1.courseLevel", "-"), "Section:1-1");
}

#[test]
fn put_when_any_other_element_changes() {
    let cells = ["grade", "sequence", "sequenceTotal", "deliveryType", "targetedProgram", "collegeCareerType"];
    for cell in cells {
        assert_put(&case(), &case().set(&format!("Course:1.{cell}"), "-"), "Section:1-1");
    }
}

#[test]
fn delete_when_the_section_is_deleted() {
    let after = case().without("Roster:1").without("Roster:3").without("SectionPlacement:1").without("Section:1");
    assert_eq!(after.excluded("Section:1-1"), "not-in-sis");
    assert_eq!(after.objects(), ["Section:2-1", "Section:2-2"]);
}

#[test]
fn delete_when_the_placement_is_removed() {
    let after = case().without("SectionPlacement:3");
    assert_eq!(after.excluded("Section:2-2"), "not-in-sis");
    assert_eq!(after.count(), 2);
    assert_eq!(session_name(&after, "Section:2-1"), "S1", "the other placement's record stays");
}

#[test]
fn delete_post_when_one_of_two_sections_with_one_key_is_deleted() {
    let both = with_second_algebra(case());
    let key = both.key("Section:1-1");
    assert_eq!(both.records()[&key].1["courseReference"]["courseCode"], "02053");
    let one = both.without("SectionPlacement:910").without("Section:9");
    let records = one.records();
    let (objects, body) = &records[&key];
    assert_eq!(objects, &["Section:1-1"]);
    assert_eq!(body["courseReference"]["courseCode"], "02052", "the remaining record's data");
}

// School Exclude, Calendar Exclude, Resource Toggle and Resync Logic

#[test]
fn resync_when_a_mapping_changes() {
    let mappings = [
        ("term-type", "Fall", "uri://ksde.org/TermDescriptor#Q1"),
        ("grade-level", "09", "uri://ed-fi.org/GradeLevelDescriptor#Ungraded"),
        ("course-level", "H", "uri://ksde.org/CourseLevelCharacteristicDescriptor#E"),
        ("delivery-type", "G", "uri://ksde.org/CourseDeliveryTypeDescriptor#V"),
        ("targeted-program", "A", "uri://ksde.org/CourseProgramTypeDescriptor#M"),
        ("college-career-type", "N", "uri://ksde.org/CollegeCareerTypeDescriptor#D"),
    ];
    for (mapping, local, uri) in mappings {
        assert_waits_for_a_resync(&case(), &case().map(mapping, local, uri), "Section:1-1");
    }
}

#[test]
fn resync_when_an_override_is_mapped() {
    let before = case().set("Course:1.termDescriptorOverride", "summer");
    let mapped = before.clone().map("term-descriptor-override", "summer", "uri://ksde.org/TermDescriptor#SM");
    assert_waits_for_a_resync(&before, &mapped, "Section:1-1");
}

// Natural Key Changes, Cascading Updates, and Deletes Logic

#[test]
fn natural_key_school_number_changes() {
    assert_delete_post(&case(), &case().set("School:1.number", "500009"), "Section:1-1");
}

#[test]
fn natural_key_ed_fi_school_number_changes() {
    let own_id = case().set("School:1.edFiSchoolNumber", "140500001");
    assert_delete_post(&case(), &own_id, "Section:1-1");
    assert_delete_post(&own_id, &own_id.clone().set("School:1.edFiSchoolNumber", "140500002"), "Section:1-1");
    assert_eq!(own_id.clone().set("School:1.number", "500009").records(), own_id.records(), "it stands for the number");
}

#[test]
fn natural_key_course_number_changes() {
    let after = case().set("Course:2.number", "BAND2");
    assert_delete_post(&case(), &after, "Section:2-1");
    assert_delete_post(&case(), &after, "Section:2-2");
}

#[test]
fn natural_key_session_name_changes() {
    assert_delete_post(&case(), &case().set("Term:1.termType", "Spring"), "Section:1-1");
    let renamed = case().name("term-type", "Fall", "uri://ksde.org/TermDescriptor#S1", "Autumn");
    assert_eq!(session_name(&renamed, "Section:1-1"), "Autumn");
    assert_ne!(renamed.key("Section:1-1"), case().key("Section:1-1"));
}

#[test]
fn natural_key_changes_dependent_sections() {
    let changed = [
        case().set("Course:1.number", "ALG1A"),
        case().set("School:1.number", "500009"),
        case().set("Term:1.termType", "Spring"),
    ];
    for after in changed {
        assert_delete_post(&case().about(&Sections), &after.about(&Sections), "Section:1-1");
    }
}

#[test]
fn natural_key_changes_dependent_staff_section_associations() {
    let standard = DataStandard::ed_fi_4_0();
    assert!(standard.resource("staffSectionAssociations").unwrap().upstream().contains(&"sections"));
    assert!(standard.resource("sections").unwrap().upstream().contains(&"courseOfferings"));
}

#[test]
fn natural_key_changes_dependent_student_section_associations() {
    let changed = [
        case().set("Course:1.number", "ALG1A"),
        case().set("School:1.number", "500009"),
        case().set("Term:1.termType", "Spring"),
    ];
    for after in changed {
        let (before, after) = (case().about(&StudentSectionAssociations), after.about(&StudentSectionAssociations));
        assert_delete_post(&before, &after, "Roster:1-1");
    }
}

// Scope Year Logic

#[test]
fn scope_year_to_which_they_are_aligned() {
    let next_year = case()
        .with("SchoolYear", &[("endYear", "2027")])
        .with_calendar("2", "2027")
        .with_term("3", "2", "Fall", "-", "-")
        .with("Trial", &[("trialID", "3"), ("calendarID", "2"), ("structureID", "2"), ("active", "1")])
        .with(
            "Course",
            &[("courseID", "9"), ("calendarID", "2"), ("number", "ALG1"), ("name", "Algebra"), ("stateCode", "02052")],
        )
        .set("Course:9.active", "1")
        .with("Section", &[("sectionID", "9"), ("courseID", "9"), ("trialID", "3"), ("number", "01")])
        .with(
            "SectionPlacement",
            &[("sectionPlacementID", "9"), ("sectionID", "9"), ("trialID", "3"), ("termID", "3")],
        );
    assert_eq!(next_year.objects(), case().objects());
    let both = next_year.years(&[2026, 2027]);
    assert_eq!(both.count(), 4);
    assert_eq!(both.at("Section:9-3", "/sessionReference/schoolYear"), 2027);
    assert_eq!(both.at("Section:1-1", "/sessionReference/schoolYear"), 2026);
}

#[test]
fn scope_year_only_with_valid_configuration() {
    let other = case().years(&[2025]);
    assert!(other.objects().is_empty());
    assert_eq!(other.excluded("Section:1-1"), "not-in-sis");
}

// Identity Mapping Object Key, Event Queue Detail

#[test]
fn object_key_section_id_term_id() {
    assert_eq!(case().objects(), ["Section:1-1", "Section:2-1", "Section:2-2"]);
}

#[test]
fn event_queue_course() {
    for (column, value) in [("number", "ALG1A"), ("name", "Algebra I"), ("stateCode", "02056"), ("active", "0")] {
        assert_triggers(&case(), &case().set(&format!("Course:1.{column}"), value), "Section:1-1");
    }
}

#[test]
fn event_queue_section_placement() {
    assert!(case().reads("Section:1-1", "SectionPlacement.termID"));
    assert_eq!(
        case().with_placement("9", "1", "2").objects(),
        ["Section:1-1", "Section:1-2", "Section:2-1", "Section:2-2"]
    );
}

// Object Data Elements

#[test]
fn natural_key_elements_in_bold() {
    let key: Vec<&str> = SPEC.elements.iter().filter(|element| element.key).map(|element| element.name).collect();
    assert_eq!(key, ["localCourseCode", "schoolReference", "sessionReference"]);
    assert_eq!(case().key("Section:2-2"), "localCourseCode=BAND&schoolId=500001&schoolYear=2026&sessionName=S2");
}

#[test]
fn element_id_is_given_by_the_server() {
    assert_element(&SPEC, "id", Need::NotReported, false, &[]);
    assert!(case().records().values().all(|(_, body)| body.get("id").is_none()));
}

#[test]
fn element_local_course_code() {
    assert_element(&SPEC, "localCourseCode", Need::M, true, &["Course.number"]);
    assert_eq!(case().at("Section:2-1", "/localCourseCode"), "BAND");
}

#[test]
fn element_course_reference() {
    assert_element(&SPEC, "courseReference", Need::M, false, &["Course.stateCode"]);
    let expected = json!({ "courseCode": "05101", "educationOrganizationId": 100_000_000 });
    assert_eq!(case().at("Section:2-1", "/courseReference"), expected);
}

#[test]
fn array_course_reference_course_code_is_the_state_code() {
    let other = case().set("Course:1.stateCode", "01003");
    assert_eq!(other.at("Section:1-1", "/courseReference/courseCode"), "01003");
}

#[test]
fn array_course_reference_education_organization_is_always_the_state() {
    let elsewhere = case().set("School:1.number", "7").set("District:1.number", "8");
    for (key, (_, body)) in elsewhere.records() {
        assert_eq!(body["courseReference"]["educationOrganizationId"], 100_000_000, "{key}");
    }
}

#[test]
fn element_school_reference() {
    assert_element(&SPEC, "schoolReference", Need::M, true, &["School.number", "School.edFiSchoolNumber"]);
    assert_eq!(case().at("Section:1-1", "/schoolReference"), json!({ "schoolId": 500_001 }));
    let letters = case().set("School:1.number", "N-12").defect("Section:1-1");
    assert_eq!(letters.element, "schoolReference");
}

#[test]
fn element_session_reference() {
    assert_element(&SPEC, "sessionReference", Need::M, true, &["Term.termType", "Calendar.endYear"]);
    let variants = [case(), case().set("Section:1.termDescriptorOverride", "first quarter")];
    for case in variants {
        let sessions = case.about(&Sessions).records();
        for (key, (_, body)) in case.records() {
            let reference = &body["sessionReference"];
            let named = |session: &Value| {
                session["sessionName"] == reference["sessionName"]
                    && session["schoolReference"]["schoolId"] == reference["schoolId"]
                    && session["schoolYearTypeReference"]["schoolYear"] == reference["schoolYear"]
            };
            assert_eq!(sessions.values().filter(|(_, session)| named(session)).count(), 1, "{key}");
        }
    }
}

#[test]
fn element_session_reference_by_the_placement() {
    assert_eq!(session_name(&case(), "Section:2-1"), "S1");
    assert_eq!(session_name(&case(), "Section:2-2"), "S2");
    assert_eq!(case().set("Term:1.termType", "-").excluded("Section:1-1"), "term-type-null Term:1");
    assert_eq!(case().set("Term:1.termType", "Autumn").excluded("Section:1-1"), "term-unmapped Term:1");
}

#[test]
fn element_session_reference_by_the_override_of_the_course() {
    let overridden = case().set("Course:2.termDescriptorOverride", "whole year");
    assert_eq!(session_name(&overridden, "Section:2-1"), "YR");
    let records = overridden.records();
    let (objects, _) = &records[&overridden.key("Section:2-1")];
    assert_eq!(objects, &["Section:2-1", "Section:2-2"], "one record for both placements");
}

#[test]
fn element_session_reference_by_the_override_of_the_section() {
    let both = case()
        .set("Course:1.termDescriptorOverride", "whole year")
        .set("Section:1.termDescriptorOverride", "first quarter");
    assert_eq!(session_name(&both, "Section:1-1"), "Q1", "the section's comes first");
    let untyped = both.set("Term:1.termType", "-");
    assert_eq!(session_name(&untyped, "Section:1-1"), "Q1", "the term's type is not asked");
}

#[test]
fn element_session_reference_override_without_a_mapping() {
    let unmapped = case().set("Course:1.termDescriptorOverride", "summer");
    assert_eq!(session_name(&unmapped, "Section:1-1"), "S1", "as if there were none");
    let course =
        case().set("Section:1.termDescriptorOverride", "summer").set("Course:1.termDescriptorOverride", "whole year");
    assert_eq!(session_name(&course, "Section:1-1"), "YR", "the course's stands");
}

#[test]
fn element_course_level_characteristics() {
    assert_element(&SPEC, "courseLevelCharacteristics", Need::M, false, &["Course.courseLevel"]);
    let expected = json!([
        { "courseLevelCharacteristicDescriptor": "uri://ksde.org/CourseLevelCharacteristicDescriptor#H" },
    ]);
    assert_eq!(case().at("Section:1-1", "/courseLevelCharacteristics"), expected);
}

#[test]
fn element_course_level_characteristics_blank() {
    assert_eq!(case().at("Section:2-1", "/courseLevelCharacteristics"), Value::Null);
}

#[test]
fn element_curriculum_used_does_not_report() {
    assert_element(&SPEC, "curriculumUseds", Need::NotReported, false, &[]);
    assert_eq!(case().at("Section:1-1", "/curriculumUseds"), Value::Null);
}

#[test]
fn element_instructional_time_planned_does_not_report() {
    assert_element(&SPEC, "instructionalTimePlanned", Need::NotReported, false, &[]);
    assert_eq!(case().at("Section:1-1", "/instructionalTimePlanned"), Value::Null);
}

#[test]
fn element_local_course_title() {
    assert_element(&SPEC, "localCourseTitle", Need::O, false, &["Course.name"]);
    assert_eq!(case().at("Section:2-1", "/localCourseTitle"), "Band");
}

#[test]
fn element_offered_grade_levels() {
    assert_element(&SPEC, "offeredGradeLevels", Need::O, false, &["Course.grade"]);
    let tenth = case().set("Course:1.grade", "10");
    let expected = json!([{ "gradeLevelDescriptor": "uri://ed-fi.org/GradeLevelDescriptor#Tenth grade" }]);
    assert_eq!(tenth.at("Section:1-1", "/offeredGradeLevels"), expected);
    assert_eq!(case().at("Section:2-1", "/offeredGradeLevels"), Value::Null);
}

#[test]
fn element_course_credits_reports_blank() {
    assert_element(&SPEC, "_ext.ks.courseCredits", Need::NotReported, false, &["GradingTaskCredit.credit"]);
    assert_eq!(case().at("Section:1-1", "/_ext/ks/courseCredits"), Value::Null, "the course has 0.5 credits");
}

#[test]
fn element_course_sequence() {
    assert_element(&SPEC, "_ext.ks.courseSequence", Need::O, false, &["Course.sequence"]);
    assert_eq!(case().set("Course:1.sequence", "3").at("Section:1-1", "/_ext/ks/courseSequence"), 3);
}

#[test]
fn element_total_course_sequence() {
    assert_element(&SPEC, "_ext.ks.courseTotalSequence", Need::O, false, &["Course.sequenceTotal"]);
    let four = case().set("Course:1.sequenceTotal", "4");
    assert_eq!(four.at("Section:1-1", "/_ext/ks/courseTotalSequence"), 4);
    assert_eq!(four.at("Section:1-1", "/_ext/ks/totalCourseSequence"), Value::Null, "the server would drop this name");
}

#[test]
fn element_course_delivery_type() {
    let name = "_ext.ks.courseDeliveryTypeDescriptor";
    assert_element(&SPEC, name, Need::O, false, &["Course.deliveryType"]);
    let reported = case().at("Section:1-1", "/_ext/ks/courseDeliveryTypeDescriptor");
    assert_eq!(reported, "uri://ksde.org/CourseDeliveryTypeDescriptor#G");
}

#[test]
fn element_course_delivery_type_blank() {
    let blank = case().set("Course:1.deliveryType", "-");
    assert_eq!(blank.at("Section:1-1", "/_ext/ks/courseDeliveryTypeDescriptor"), Value::Null);
}

#[test]
fn element_course_program_type() {
    let name = "_ext.ks.courseProgramTypeDescriptor";
    assert_element(&SPEC, name, Need::O, false, &["Course.targetedProgram"]);
    let reported = case().at("Section:1-1", "/_ext/ks/courseProgramTypeDescriptor");
    assert_eq!(reported, "uri://ksde.org/CourseProgramTypeDescriptor#A");
}

#[test]
fn element_course_program_type_blank() {
    let blank = case().set("Course:1.targetedProgram", "-");
    assert_eq!(blank.at("Section:1-1", "/_ext/ks/courseProgramTypeDescriptor"), Value::Null);
}

#[test]
fn element_college_career_type() {
    let name = "_ext.ks.collegeCareerTypeDescriptor";
    assert_element(&SPEC, name, Need::O, false, &["Course.collegeCareerType"]);
    let blank = case().set("Course:1.collegeCareerType", "-");
    assert_eq!(blank.at("Section:1-1", "/_ext/ks/collegeCareerTypeDescriptor"), Value::Null);
}

#[test]
fn no_extension_when_all_of_it_is_blank() {
    assert_eq!(case().body("Section:2-1").get("_ext"), None);
}

#[test]
fn codes_without_a_mapping_are_left_out_and_listed() {
    let columns = [
        ("courseLevel", "course-level"),
        ("grade", "grade-level"),
        ("deliveryType", "delivery-type"),
        ("targetedProgram", "targeted-program"),
        ("collegeCareerType", "college-career-type"),
    ];
    for (column, mapping) in columns {
        let unmapped = case().set(&format!("Course:1.{column}"), "?");
        let blank = case().set(&format!("Course:1.{column}"), "-");
        assert_eq!(unmapped.body("Section:1-1"), blank.body("Section:1-1"), "{column}");
        assert!(unmapped.codes(mapping).contains(&"?".to_owned()), "`check` sees the code of {column}");
        assert!(!blank.codes(mapping).contains(&"?".to_owned()));
    }
}
