//! `courses`, `courseOfferings`, `sections` and `studentSectionAssociations` as the standard itself has them: no source
//! document describes them; docs/readings.md has the decisions.

mod common;

use common::{Case, assert_delete_post, assert_elements_are_the_standards, assert_put, assert_valid, case_of};
use rollcall_core_edfi::course_offerings::{self, CourseOfferings};
use rollcall_core_edfi::courses::{self, Courses};
use rollcall_core_edfi::preferences::SECTION_IDENTIFIER;
use rollcall_core_edfi::sections::{self, Sections};
use rollcall_core_edfi::student_section_associations::{self, StudentSectionAssociations};
use serde_json::json;

fn courses() -> Case {
    case_of(&Courses)
}

fn offerings() -> Case {
    case_of(&CourseOfferings)
}

#[test]
fn a_course_reports() {
    let expected = json!({
        "courseCode": "ALG1",
        "educationOrganizationReference": { "educationOrganizationId": 500 },
        "courseTitle": "Algebra",
        "numberOfParts": 1,
        "identificationCodes": [{
            "courseIdentificationSystemDescriptor":
                "uri://ed-fi.org/CourseIdentificationSystemDescriptor#LEA course code",
            "identificationCode": "ALG1",
        }],
    });
    assert_eq!(courses().body("Course:1"), expected);
    assert_elements_are_the_standards(&courses::SPEC);
    assert_valid(&courses());
    assert_put(&courses(), &courses().set("Course:1.name", "Algebra I"), "Course:1");
    assert_delete_post(&courses(), &courses().set("Course:1.number", "ALG1A"), "Course:1");
}

#[test]
fn courses_of_one_number_are_one_course_of_the_district() {
    let twice = courses().set("Course:2.number", "ALG1");
    let (objects, body) = twice.records().into_values().next().unwrap();
    assert_eq!(
        (objects, body["courseTitle"].as_str()),
        (vec!["Course:1".to_owned(), "Course:2".to_owned()], Some("Band"))
    );
}

#[test]
fn what_keeps_a_course_and_all_below_it_from_reporting() {
    for (cell, value, rule) in [
        ("Calendar:1.exclude", "1", "calendar-exclude Calendar:1"),
        ("School:1.exclude", "1", "school-exclude School:1"),
        ("Course:1.active", "0", "course-inactive Course:1"),
        ("Course:1.stateExclude", "1", "course-state-exclude Course:1"),
    ] {
        let excluded = courses().set(cell, value);
        assert_eq!(excluded.excluded("Course:1"), rule);
        assert_eq!(excluded.about(&CourseOfferings).excluded("Section:1-1"), rule);
        assert_eq!(excluded.about(&Sections).excluded("Section:1-1"), rule);
        assert_eq!(excluded.about(&StudentSectionAssociations).excluded("Roster:1-1"), rule);
    }
}

#[test]
fn a_course_offering_reports_for_each_session_of_a_placed_section() {
    let expected = json!({
        "localCourseCode": "BAND",
        "courseReference": { "courseCode": "BAND", "educationOrganizationId": 500 },
        "schoolReference": { "schoolId": 500_001 },
        "sessionReference": { "schoolId": 500_001, "schoolYear": 2026, "sessionName": "Spring Semester" },
        "localCourseTitle": "Band",
    });
    assert_eq!(offerings().objects(), ["Section:1-1", "Section:2-1", "Section:2-2"]);
    assert_eq!(offerings().body("Section:2-2"), expected);
    assert_elements_are_the_standards(&course_offerings::SPEC);
    assert_valid(&offerings());
}

#[test]
fn several_sections_of_a_course_are_one_offering() {
    let two = offerings().with_section("5", "1", "02", &["1"]);
    assert_eq!((offerings().count(), two.count()), (3, 3));
    assert_eq!(two.key("Section:5-1"), two.key("Section:1-1"));
    assert_eq!(two.about(&Sections).count(), 4);
}

#[test]
fn a_section_without_a_placement_does_not_report() {
    let nowhere = offerings().without("SectionPlacement:1");
    assert_eq!(nowhere.objects(), ["Section:1", "Section:2-1", "Section:2-2"]);
    assert_eq!(nowhere.excluded("Section:1"), "no-placement Section:1");
    assert_eq!(nowhere.about(&Sections).excluded("Section:1"), "no-placement Section:1");
    assert_eq!(nowhere.about(&StudentSectionAssociations).excluded("Roster:1"), "no-placement Section:1");
}

#[test]
fn the_session_is_that_of_the_sections_override_then_the_courses_then_the_term_type() {
    let session = |case: &Case| case.at("Section:1-1", "/sessionReference/sessionName");
    let of_course = offerings().set("Course:1.termDescriptorOverride", "first quarter");
    assert_eq!(session(&of_course), "First Quarter");
    let of_section = of_course.clone().set("Section:1.termDescriptorOverride", "whole year");
    assert_eq!(session(&of_section), "Year Round");
    // One that is not mapped is none.
    assert_eq!(session(&of_course.set("Section:1.termDescriptorOverride", "Unknown")), "First Quarter");
    assert_eq!(session(&offerings().set("Section:1.termDescriptorOverride", "Unknown")), "Fall Semester");
    let unmapped = offerings().set("Term:1.termType", "Unknown");
    assert_eq!(unmapped.excluded("Section:1-1"), "term-unmapped Term:1");
    assert_eq!(offerings().set("Term:1.termType", "-").excluded("Section:1-1"), "term-type-null Term:1");
}

#[test]
fn a_section_reports() {
    let sections = offerings().about(&Sections);
    let expected = json!({
        "sectionIdentifier": "01",
        "courseOfferingReference": {
            "localCourseCode": "ALG1", "schoolId": 500_001, "schoolYear": 2026, "sessionName": "Fall Semester",
        },
    });
    assert_eq!(sections.body("Section:1-1"), expected);
    assert_elements_are_the_standards(&sections::SPEC);
    assert_valid(&sections);
    assert_delete_post(&sections, &sections.clone().set("Section:1.number", "02"), "Section:1-1");
}

#[test]
fn the_section_identifier_follows_its_template() {
    let template = "{school.number}-{course.number}-{section.number} {session.name}";
    let sections = offerings().about(&Sections).option(&SECTION_IDENTIFIER, template);
    assert_eq!(sections.at("Section:1-1", "/sectionIdentifier"), "500001-ALG1-01 Fall Semester");
    let associations = sections.about(&StudentSectionAssociations);
    assert_eq!(associations.at("Roster:1-1", "/sectionReference/sectionIdentifier"), "500001-ALG1-01 Fall Semester");
}

#[test]
fn a_roster_reports_for_each_session_of_its_section() {
    let associations = offerings().about(&StudentSectionAssociations);
    assert_eq!(associations.objects(), ["Roster:1-1", "Roster:2-1", "Roster:2-2", "Roster:3-1"]);
    let expected = json!({
        "beginDate": "2025-09-02",
        "sectionReference": {
            "localCourseCode": "ALG1", "schoolId": 500_001, "schoolYear": 2026, "sessionName": "Fall Semester",
            "sectionIdentifier": "01",
        },
        "studentReference": { "studentUniqueId": "7002" },
        "endDate": "2025-12-19",
        "homeroomIndicator": false,
    });
    assert_eq!(associations.body("Roster:3-1"), expected);
    assert_elements_are_the_standards(&student_section_associations::SPEC);
    assert_valid(&associations);
    let ended = associations.clone().set("Roster:2.endDate", "2025-11-28");
    assert_eq!(ended.excluded("Roster:2-2"), "roster-outside-term Roster:2-2");
    assert_put(&associations, &ended, "Roster:2-1");
}
