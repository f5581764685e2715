//! Kansas' sections: the standard's, for every course offering that `Course Offerings (Kansas v3.6)` reports.

mod common;

use common::{Case, assert_delete_post, assert_triggers, assert_waits_for_a_resync, case_of};
use rollcall_core_edfi::preferences::SECTION_IDENTIFIER;
use rollcall_kansas::course_offerings::CourseOfferings;
use rollcall_kansas::sections::{SPEC, Sections};
use serde_json::{Value, json};

fn case() -> Case {
    case_of(&Sections)
}

fn identifier(case: &Case, object: &str) -> Value {
    case.at(object, "/sectionIdentifier")
}

#[test]
fn one_record_per_section_and_session() {
    assert_eq!(case().objects(), ["Section:1-1", "Section:2-1", "Section:2-2"]);
    assert_eq!(
        case().body("Section:2-2"),
        json!({
            "sectionIdentifier": "07",
            "courseOfferingReference": {
                "localCourseCode": "BAND", "schoolId": 500_001, "schoolYear": 2026, "sessionName": "S2",
            },
        })
    );
    let second = case().with_section("9", "1", "02", &["1"]);
    assert_eq!(second.count(), 4, "each section of a course has its own record");
    let one_session = case().set("Course:2.termDescriptorOverride", "whole year");
    assert_eq!(one_session.count(), 2);
}

#[test]
fn of_a_course_offering_that_reports() {
    let excluded = [
        (case().set("Calendar:1.exclude", "1"), "calendar-exclude Calendar:1"),
        (case().set("School:1.exclude", "1"), "school-exclude School:1"),
        (case().set("Course:1.active", "0"), "course-inactive Course:1"),
        (case().set("Course:1.stateExclude", "1"), "course-state-exclude Course:1"),
        (case().set("Course:1.stateCode", "-"), "no-state-code Course:1"),
        (case().set("Term:1.termType", "-"), "term-type-null Term:1"),
        (case().set("Term:1.termType", "Autumn"), "term-unmapped Term:1"),
    ];
    for (case, because) in excluded {
        assert_eq!(case.excluded("Section:1-1"), because);
        assert_eq!(case.about(&CourseOfferings).excluded("Section:1-1"), because);
    }
    assert_eq!(case().without("SectionPlacement:1").excluded("Section:1"), "no-placement Section:1");
    assert_eq!(case().years(&[2025]).excluded("Section:1-1"), "not-in-sis");
}

#[test]
fn natural_key_changes() {
    assert_eq!(
        case().key("Section:1-1"),
        "localCourseCode=ALG1&schoolId=500001&schoolYear=2026&sectionIdentifier=01&sessionName=S1"
    );
    let altered = [
        case().set("Section:1.number", "02"),
        case().set("Course:1.number", "ALG1A"),
        case().set("School:1.number", "500009"),
        case().set("Term:1.termType", "Spring"),
        case().set("Section:1.termDescriptorOverride", "first quarter"),
    ];
    for after in altered {
        assert_delete_post(&case(), &after, "Section:1-1");
    }
}

#[test]
fn a_mapping_waits_for_a_resync() {
    let remapped = case().map("term-type", "Fall", "uri://ksde.org/TermDescriptor#Q1");
    assert_waits_for_a_resync(&case(), &remapped, "Section:1-1");
}

#[test]
fn two_sections_with_one_natural_key_are_one_record() {
    let twins = case().with_section("9", "1", "01", &["1"]);
    let records = twins.records();
    assert_eq!(records[&case().key("Section:1-1")].0, ["Section:1-1", "Section:9-1"]);
    assert_eq!(twins.without("SectionPlacement:910").without("Section:9").records(), case().records());
}

#[test]
fn the_identifier_by_template() {
    assert_eq!(identifier(&case(), "Section:1-1"), "01");
    let whole = case().option(&SECTION_IDENTIFIER, "{school.number}/{course.number}-{section.number}.{session.name}");
    assert_eq!(identifier(&whole, "Section:2-2"), "500001/BAND-07.S2");
    assert_triggers(&whole, &whole.clone().set("School:1.number", "500009"), "Section:1-1");
    assert_triggers(&whole, &whole.clone().set("Course:1.number", "ALG1A"), "Section:1-1");
}

#[test]
fn the_identifier_follows_the_schools_own_number() {
    let whole = case().option(&SECTION_IDENTIFIER, "{school.number}-{section.number}");
    let with_ed_fi_id = whole.set("School:1.edFiSchoolNumber", "140500001");
    assert_eq!(identifier(&with_ed_fi_id, "Section:1-1"), "500001-01");
    assert_triggers(&with_ed_fi_id, &with_ed_fi_id.clone().set("School:1.number", "500009"), "Section:1-1");
}

#[test]
fn its_rules_are_the_course_offerings() {
    let names = |rules: &[&'static rollcall_core::verdict::Rule]| rules.iter().map(|r| r.name).collect::<Vec<_>>();
    assert_eq!(names(SPEC.exclusions), names(rollcall_kansas::course_offerings::SPEC.exclusions));
}
