//! `Core Sessions`, row by row: docs/coverage/core-sessions.md names the row of each test.

mod common;

use common::{
    Case, assert_delete_post, assert_element, assert_elements_are_the_standards, assert_put, assert_triggers,
    assert_valid, assert_waits_for_a_resync, case_of,
};
use rollcall_core::resource::Need;
use rollcall_core_edfi::course_offerings::CourseOfferings;
use rollcall_core_edfi::sections::Sections;
use rollcall_core_edfi::sessions::{SPEC, Sessions};
use rollcall_core_edfi::student_section_associations::StudentSectionAssociations;
use serde_json::{Value, json};

const FALL: &str = "uri://ed-fi.org/TermDescriptor#Fall Semester";
const SPRING: &str = "uri://ed-fi.org/TermDescriptor#Spring Semester";
const SUMMER: &str = "uri://ed-fi.org/TermDescriptor#Summer Semester";

/// `Term:1` is the fall, 2025-08-18 to 2025-12-19 with 2 instructional days, `Term:2` the spring, 2026-01-05 to
/// 2026-05-22 with 2. `Section:1` of `Course:1` is placed in the fall, `Section:2` of `Course:2` in both.
fn case() -> Case {
    case_of(&Sessions)
}

fn names(case: &Case) -> Vec<Value> {
    case.records().into_values().map(|(_, body)| body["sessionName"].clone()).collect()
}

// Object Triggering Logic

#[test]
fn post_when_a_new_term_is_created_that_is_mapped_to_a_term_type() {
    assert_eq!(
        case().body("Term:1"),
        json!({
            "sessionName": "Fall Semester",
            "schoolReference": { "schoolId": 500_001 },
            "schoolYearTypeReference": { "schoolYear": 2026 },
            "beginDate": "2025-08-18",
            "endDate": "2025-12-19",
            "termDescriptor": FALL,
            "totalInstructionalDays": 2,
        })
    );
    let after = case().with_term("3", "1", "Summer", "2026-06-01", "2026-06-26").map("term-type", "Summer", SUMMER);
    assert_eq!(names(&after), ["Fall Semester", "Spring Semester", "Summer Semester"]);
}

#[test]
fn post_when_a_term_descriptor_override_is_selected_on_a_course() {
    let after = case().set("Course:1.termDescriptorOverride", "first quarter");
    assert_eq!(after.objects(), ["Term:1", "Term:2", "Course:1"]);
    assert_eq!(after.at("Course:1", "/sessionName"), "First Quarter");
    assert_eq!(names(&after), ["Fall Semester", "First Quarter", "Spring Semester"]);
}

#[test]
fn post_when_a_term_descriptor_override_is_selected_on_a_section() {
    let after = case().set("Section:2.termDescriptorOverride", "whole year");
    assert_eq!(after.objects(), ["Term:1", "Term:2", "Course:2-2"]);
    assert_eq!(after.at("Course:2-2", "/sessionName"), "Year Round");
    assert_eq!(names(&after), ["Fall Semester", "Spring Semester", "Year Round"]);
}

#[test]
fn post_whatever_else_the_overridden_course_is() {
    let overridden = case().set("Course:1.termDescriptorOverride", "first quarter");
    for (cell, value) in [
        ("Course:1.active", "0"),
        ("Course:1.stateExclude", "1"),
        ("Course:1.stateCode", "-"),
        ("Course:1.homeroom", "1"),
    ] {
        assert_eq!(overridden.clone().set(cell, value).records(), overridden.records(), "{cell}");
    }
}

#[test]
fn post_not_for_an_override_without_a_placement() {
    let of_section = case().set("Section:1.termDescriptorOverride", "first quarter").without("SectionPlacement:1");
    assert_eq!(of_section.excluded("Course:1-1"), "override-without-placement Section:1");
    let of_course = case().set("Course:1.termDescriptorOverride", "first quarter").without("SectionPlacement:1");
    assert_eq!(of_course.excluded("Course:1"), "override-without-placement Course:1");
    let both = case()
        .set("Course:1.termDescriptorOverride", "first quarter")
        .set("Section:1.termDescriptorOverride", "whole year");
    assert_eq!(both.excluded("Course:1"), "override-without-placement Course:1", "its section has its own");
    assert_eq!(both.at("Course:1-1", "/sessionName"), "Year Round");
}

#[test]
fn put_when_the_grading_period_data_is_changed() {
    assert_put(&case(), &case().set("Term:1.startDate", "2025-08-19"), "Term:1");
    assert_put(&case(), &case().set("Term:1.endDate", "2025-08-18"), "Term:1");
    assert_put(&case(), &case().set("Day:3.instruction", "1"), "Term:1");
}

#[test]
fn put_when_the_grading_period_record_is_deleted() {
    let before = case().with_term("3", "1", "Fall", "2025-08-11", "2025-09-30");
    let after = before.clone().without("Term:3");
    assert_eq!(before.at("Term:1", "/beginDate"), "2025-08-11");
    assert_put(&before, &after, "Term:1");
    assert_eq!(after.at("Term:1", "/beginDate"), "2025-08-18");
}

#[test]
fn delete_when_the_term_is_deleted() {
    let after = case().without("SectionPlacement:3").without("Term:2");
    assert_eq!(after.excluded("Term:2"), "not-in-sis");
    assert_eq!(names(&after), ["Fall Semester"]);
}

#[test]
fn delete_when_the_mapping_is_removed() {
    let unmapped = case().without_mappings();
    assert_eq!(unmapped.excluded("Term:1"), "term-unmapped Term:1");
    assert_eq!(unmapped.count(), 0);
    let null = case().set("Term:1.termType", "-");
    assert_eq!(null.excluded("Term:1"), "term-type-null Term:1");
}

#[test]
fn delete_when_the_term_is_deleted_all_dependent_data_is_removed() {
    for gone in [case().without("SectionPlacement:3").without("Term:2"), case().set("Term:2.termType", "-")] {
        for dependent in [
            gone.about(&CourseOfferings).records(),
            gone.about(&Sections).records(),
            gone.about(&StudentSectionAssociations).records(),
        ] {
            assert!(!dependent.is_empty());
            assert!(dependent.keys().all(|key| !key.contains("Spring Semester")), "{:?}", dependent.keys());
        }
    }
}

// School Exclude, Calendar Exclude, Resource Toggle and Resync Logic

#[test]
fn school_exclude() {
    let excluded = case().set("School:1.exclude", "1").set("Course:1.termDescriptorOverride", "first quarter");
    assert_eq!(excluded.excluded("Term:1"), "school-exclude School:1");
    assert_eq!(excluded.excluded("Course:1"), "school-exclude School:1");
    assert_eq!(excluded.count(), 0);
}

#[test]
fn calendar_exclude() {
    let excluded = case().set("Calendar:1.exclude", "1").set("Section:1.termDescriptorOverride", "first quarter");
    assert_eq!(excluded.excluded("Term:1"), "calendar-exclude Calendar:1");
    assert_eq!(excluded.excluded("Course:1-1"), "calendar-exclude Calendar:1");
    assert_eq!(excluded.count(), 0);
}

#[test]
fn terms_of_an_excluded_calendar_do_not_count() {
    let other = case().with_calendar("2", "2026").with_term("3", "2", "Fall", "2025-07-21", "2025-12-31");
    assert_eq!(other.at("Term:1", "/beginDate"), "2025-07-21", "one session of the school");
    let excluded = other.set("Calendar:2.exclude", "1");
    assert_eq!(excluded.excluded("Term:3"), "calendar-exclude Calendar:2");
    assert_eq!(excluded.body("Term:1"), case().body("Term:1"));
}

#[test]
fn resync_when_a_mapping_is_changed() {
    assert_waits_for_a_resync(&case(), &case().map("term-type", "Fall", SUMMER), "Term:1");
    assert_waits_for_a_resync(&case(), &case().name("term-type", "Fall", FALL, "Autumn"), "Term:1");
}

#[test]
fn resync_when_a_mapping_joins_two_terms() {
    let joined = case().map("term-type", "Spring", FALL);
    assert_waits_for_a_resync(&case(), &joined, "Term:1");
    // The newest object gives the body: it stands for the same source.
    assert_eq!(case().source("Term:1"), joined.source("Term:2"));
}

#[test]
fn resync_when_an_override_is_mapped() {
    let before = case().set("Course:2.termDescriptorOverride", "autumn");
    let mapped = before.clone().map("term-descriptor-override", "autumn", FALL);
    assert_waits_for_a_resync(&before, &mapped, "Term:1");
    assert_eq!(before.source("Term:1"), mapped.source("Course:2"));
}

// Natural Key Changes, Cascading Updates, and Deletes Logic

#[test]
fn delete_post_natural_key_change() {
    assert_delete_post(&case(), &case().set("School:1.number", "500009"), "Term:1");
    assert_delete_post(&case(), &case().set("School:1.edFiSchoolNumber", "600001"), "Term:1");
    let next_year = case().set("Calendar:1.endYear", "2027").years(&[2026, 2027]);
    assert_delete_post(&case(), &next_year, "Term:1");
}

#[test]
fn delete_post_when_the_session_name_changes() {
    let after = case().set("Term:1.termType", "Summer").map("term-type", "Summer", SUMMER);
    assert_delete_post(&case(), &after, "Term:1");
    let of_course = case().set("Course:1.termDescriptorOverride", "first quarter");
    assert_delete_post(&of_course, &of_course.clone().set("Course:1.termDescriptorOverride", "whole year"), "Course:1");
    let of_section = case().set("Section:1.termDescriptorOverride", "first quarter");
    let after = of_section.clone().set("Section:1.termDescriptorOverride", "whole year");
    assert_delete_post(&of_section, &after, "Course:1-1");
}

#[test]
fn delete_post_all_dependent_resources_when_the_natural_key_changes() {
    let after = case().set("Term:1.termType", "Summer").map("term-type", "Summer", SUMMER);
    assert_delete_post(&case().about(&CourseOfferings), &after.about(&CourseOfferings), "Section:1-1");
    assert_delete_post(&case().about(&Sections), &after.about(&Sections), "Section:1-1");
    let associations = (case().about(&StudentSectionAssociations), after.about(&StudentSectionAssociations));
    assert_delete_post(&associations.0, &associations.1, "Roster:1-1");
}

// Scope Year Logic

#[test]
fn scope_year_to_which_the_calendar_is_aligned() {
    let two = case().with_calendar("2", "2027").with_term("3", "2", "Fall", "2026-08-17", "2026-12-18");
    let both = two.clone().years(&[2026, 2027]);
    assert_eq!(both.at("Term:1", "/schoolYearTypeReference/schoolYear"), 2026);
    assert_eq!(both.at("Term:3", "/schoolYearTypeReference/schoolYear"), 2027);
    assert_eq!(both.at("Term:3", "/beginDate"), "2026-08-17", "not of the other year's terms");
    assert_eq!(both.count(), 3);
}

#[test]
fn scope_year_only_years_that_are_configured() {
    let two = case().with_calendar("2", "2027").with_term("3", "2", "Fall", "2026-08-17", "2026-12-18");
    assert_eq!(two.objects(), ["Term:1", "Term:2"]);
    assert_eq!(two.excluded("Term:3"), "not-in-sis");
    assert_eq!(two.years(&[2027]).objects(), ["Term:3"]);
}

// Resource Preferences

#[test]
fn preference_term_detail_term_descriptors() {
    let mapping = SPEC.mappings.iter().find(|mapping| mapping.column == "Term.termType").unwrap();
    assert_eq!((mapping.label, mapping.descriptor), ("Sessions > Term Detail", "TermDescriptor"));
    assert_eq!(case().map("term-type", "Fall", SUMMER).at("Term:1", "/termDescriptor"), SUMMER);
}

#[test]
fn preference_course_section_term_descriptor_overrides() {
    let mapping = SPEC.mappings.iter().find(|mapping| mapping.column == "Course.termDescriptorOverride").unwrap();
    assert_eq!((mapping.label, mapping.descriptor), ("Sessions > Course/Section", "TermDescriptor"));
    let overridden = case().set("Course:1.termDescriptorOverride", "first quarter");
    let remapped = overridden.clone().map("term-descriptor-override", "first quarter", SUMMER);
    assert_eq!(remapped.at("Course:1", "/termDescriptor"), SUMMER);
    // The two mappings are apart: a term type is not looked up among the overrides, nor an override among the types.
    let unmapped = case().set("Course:1.termDescriptorOverride", "Fall").set("Term:2.termType", "whole year");
    assert_eq!(unmapped.excluded("Course:1"), "override-unmapped Course:1");
    assert_eq!(unmapped.excluded("Term:2"), "term-unmapped Term:2");
}

// Identity Mapping Object Key

#[test]
fn object_key_course_override() {
    let overridden = case().set("Course:1.termDescriptorOverride", "first quarter");
    assert!(overridden.objects().contains(&"Course:1".to_owned()));
    assert_eq!(case().excluded("Course:1"), "override-unmapped Course:1");
}

#[test]
fn object_key_section_override() {
    let overridden = case().set("Section:1.termDescriptorOverride", "first quarter");
    assert!(overridden.objects().contains(&"Course:1-1".to_owned()));
    assert_eq!(overridden.excluded("Course:2-1"), "not-in-sis", "the section of another course");
}

#[test]
fn object_key_term() {
    assert_eq!(case().objects(), ["Term:1", "Term:2"]);
    assert_eq!(case().excluded("Term:1-1"), "not-in-sis");
    assert_eq!(case().excluded("Section:1"), "not-in-sis");
}

#[test]
fn object_key_several_objects_of_one_term_descriptor() {
    let case = case()
        .with_term("3", "1", "Fall", "2025-08-11", "2025-09-30")
        .map("term-descriptor-override", "autumn", FALL)
        .set("Course:1.termDescriptorOverride", "autumn")
        .set("Section:2.termDescriptorOverride", "autumn");
    let records = case.records();
    let (objects, body) = &records["schoolId=500001&schoolYear=2026&sessionName=Fall Semester"];
    assert_eq!(objects, &["Course:1", "Course:2-2", "Term:1", "Term:3"]);
    for object in objects {
        assert_eq!(&case.body(object), body, "{object} gives the whole record");
        assert_eq!(case.source(object), case.source("Term:1"), "{object} stands for the same source");
    }
    assert_eq!((&body["beginDate"], &body["endDate"]), (&json!("2025-08-11"), &json!("2026-05-22")));
}

// Event Queue Detail

#[test]
fn event_term() {
    let after = case().with_term("3", "1", "Fall", "2025-08-11", "2025-09-30");
    assert_put(&case(), &after, "Term:1");
    assert_put(&case(), &case().set("Term:1.startDate", "2025-08-20"), "Term:1");
    assert_eq!(case().set("Term:1.termType", "-").count(), 1);
}

#[test]
fn event_course() {
    let overridden = case().set("Course:1.termDescriptorOverride", "first quarter");
    assert_eq!((case().count(), overridden.count()), (2, 3));
    let put = overridden.clone().with_placement("9", "1", "2");
    assert_put(&overridden, &put, "Course:1");
    assert_eq!(overridden.set("Course:1.termDescriptorOverride", "-").count(), 2);
}

#[test]
fn event_section() {
    let overridden = case().set("Section:1.termDescriptorOverride", "first quarter");
    assert_eq!((case().count(), overridden.count()), (2, 3));
    let put = overridden.clone().with_placement("9", "1", "2");
    assert_put(&overridden, &put, "Course:1-1");
    assert_eq!(overridden.set("Section:1.termDescriptorOverride", "-").count(), 2);
}

#[test]
fn event_section_placement_start_and_end_date() {
    let before = case().set("Section:2.termDescriptorOverride", "whole year");
    let after = before.clone().without("SectionPlacement:3");
    assert_put(&before, &after, "Course:2-2");
    assert_eq!(before.at("Course:2-2", "/endDate"), "2026-05-22");
    assert_eq!(after.at("Course:2-2", "/endDate"), "2025-12-19");
    assert_triggers(&case(), &before, "Term:1");
    assert_eq!(case().body("Term:1"), before.body("Term:1"), "decided again, and the same");
}

// Error Log

#[test]
fn error_term_start_or_end_dates_are_missing() {
    let problem = case().set("Term:1.startDate", "-").defect("Term:1");
    assert_eq!(problem.element, "beginDate");
    assert!(problem.message.contains("Term:1") && problem.fix.contains("dates"), "{problem}");
    assert_eq!(case().set("Term:1.endDate", "-").defect("Term:1").element, "endDate");
    // The session of a complete term and one without dates has no known span either.
    let two = case().with_term("3", "1", "Fall", "-", "-");
    assert!(two.defect("Term:1").message.contains("Term:3"));
    assert_eq!(two.count(), 1, "the other session reports");
}

// Object Data Elements

#[test]
fn elements_are_the_standards() {
    assert_elements_are_the_standards(&SPEC);
    let several = case().set("Course:1.termDescriptorOverride", "first quarter");
    assert_valid(&several.set("Section:2.termDescriptorOverride", "whole year"));
}

#[test]
fn element_id() {
    assert_element(&SPEC, "id", Need::NotReported, false, &[]);
    assert_eq!(case().at("Term:1", "/id"), Value::Null);
}

#[test]
fn element_session_name() {
    assert_element(&SPEC, "sessionName", Need::M, true, &["Term.termType"]);
    assert_eq!(case().at("Term:2", "/sessionName"), "Spring Semester");
    let named = case().name("term-type", "Spring", SPRING, "Spring 2026");
    assert_eq!(named.at("Term:2", "/sessionName"), "Spring 2026");
    assert_eq!(named.at("Term:2", "/termDescriptor"), SPRING);
}

#[test]
fn element_school_reference() {
    assert_element(&SPEC, "schoolReference", Need::M, true, &["School.number", "School.edFiSchoolNumber"]);
    assert_eq!(case().at("Term:1", "/schoolReference"), json!({ "schoolId": 500_001 }));
    let own = case().set("School:1.edFiSchoolNumber", "600001");
    assert_eq!(own.at("Term:1", "/schoolReference/schoolId"), 600_001);
    let text = case().set("School:1.number", "N-1").defect("Term:1");
    assert_eq!(text.element, "schoolReference");
}

#[test]
fn element_school_year_type_reference() {
    assert_element(&SPEC, "schoolYearTypeReference", Need::M, true, &["Calendar.endYear"]);
    assert_eq!(case().at("Term:1", "/schoolYearTypeReference"), json!({ "schoolYear": 2026 }));
}

#[test]
fn element_begin_date() {
    assert_element(&SPEC, "beginDate", Need::M, false, &["Term.startDate"]);
    assert_eq!(case().at("Term:2", "/beginDate"), "2026-01-05");
}

#[test]
fn element_begin_date_earliest_of_several_terms() {
    let several = case().set("Term:2.termType", "Fall").with_term("3", "1", "Fall", "2025-08-11", "2025-09-30");
    for object in ["Term:1", "Term:2", "Term:3"] {
        assert_eq!(several.at(object, "/beginDate"), "2025-08-11", "{object}");
    }
}

#[test]
fn element_begin_date_of_a_term_descriptor_override() {
    let whole = case().set("Section:2.termDescriptorOverride", "whole year");
    assert_eq!(whole.at("Course:2-2", "/beginDate"), "2025-08-18", "of the terms in which the section is placed");
}

#[test]
fn element_end_date() {
    assert_element(&SPEC, "endDate", Need::M, false, &["Term.endDate"]);
    assert_eq!(case().at("Term:2", "/endDate"), "2026-05-22");
}

#[test]
fn element_end_date_latest_of_several_terms() {
    let several = case().set("Term:2.termType", "Fall").with_term("3", "1", "Fall", "2025-08-11", "2026-06-05");
    for object in ["Term:1", "Term:2", "Term:3"] {
        assert_eq!(several.at(object, "/endDate"), "2026-06-05", "{object}");
    }
}

#[test]
fn element_end_date_of_a_term_descriptor_override() {
    let quarter = case().set("Course:1.termDescriptorOverride", "first quarter");
    assert_eq!(quarter.at("Course:1", "/endDate"), "2025-12-19", "of the terms in which its sections are placed");
    // A section with an override of its own is in that session, and not in its course's.
    let apart = case()
        .set("Course:2.termDescriptorOverride", "first quarter")
        .set("Section:2.termDescriptorOverride", "whole year")
        .with_section("5", "2", "08", &["1"]);
    assert_eq!(apart.at("Course:2", "/endDate"), "2025-12-19");
    assert_eq!(apart.at("Course:2-2", "/endDate"), "2026-05-22");
}

#[test]
fn element_term_descriptor() {
    assert_element(&SPEC, "termDescriptor", Need::M, false, &["Term.termType"]);
    assert_eq!(case().at("Term:1", "/termDescriptor"), FALL);
}

#[test]
fn element_term_descriptor_null_or_without_a_code_does_not_report() {
    assert_eq!(case().set("Term:1.termType", "-").excluded("Term:1"), "term-type-null Term:1");
    assert_eq!(case().set("Term:1.termType", "Unknown").excluded("Term:1"), "term-unmapped Term:1");
    let of_course = case().set("Course:1.termDescriptorOverride", "Unknown");
    assert_eq!(of_course.excluded("Course:1"), "override-unmapped Course:1");
    let of_section = case().set("Section:1.termDescriptorOverride", "Unknown");
    assert_eq!(of_section.excluded("Course:1-1"), "override-unmapped Section:1");
}

#[test]
fn element_term_descriptor_of_a_term_descriptor_override() {
    let overridden = case().set("Course:1.termDescriptorOverride", "first quarter");
    assert_eq!(overridden.at("Course:1", "/termDescriptor"), "uri://ed-fi.org/TermDescriptor#First Quarter");
    // An unmapped override of the section is none: then the course's counts.
    let unmapped = overridden.set("Section:1.termDescriptorOverride", "Unknown");
    assert_eq!(unmapped.at("Course:1", "/termDescriptor"), "uri://ed-fi.org/TermDescriptor#First Quarter");
}

#[test]
fn element_total_instructional_days() {
    assert_element(&SPEC, "totalInstructionalDays", Need::M, false, &["Day.date"]);
    assert_eq!(case().at("Term:1", "/totalInstructionalDays"), 2, "one day of the term has no instruction");
    let outside = case().with_day("9", "1", "2025-12-22");
    assert_eq!(outside.body("Term:1"), case().body("Term:1"), "a day between the terms");
    let none = case().set("Day:1.instruction", "0").set("Day:2.instruction", "0");
    assert_eq!(none.at("Term:1", "/totalInstructionalDays"), 0);
}

#[test]
fn element_total_instructional_days_of_the_terms_own_schedule_structure() {
    let other = case().with_calendar("2", "2026").with_day("9", "2", "2025-08-20");
    assert_eq!(other.at("Term:1", "/totalInstructionalDays"), 2);
}

#[test]
fn element_total_instructional_days_distinct_of_several_terms() {
    let several = case()
        .with_calendar("2", "2026")
        .with_term("3", "2", "Fall", "2025-08-18", "2025-12-19")
        .with_day("8", "2", "2025-08-19")
        .with_day("9", "2", "2025-08-20");
    assert_eq!(several.at("Term:3", "/totalInstructionalDays"), 3, "2025-08-19 counts once");
    assert_eq!(several.at("Term:1", "/totalInstructionalDays"), 3);
}

#[test]
fn element_total_instructional_days_of_a_term_descriptor_override() {
    let whole = case().set("Section:2.termDescriptorOverride", "whole year");
    assert_eq!(whole.at("Course:2-2", "/totalInstructionalDays"), 4);
}
