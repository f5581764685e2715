//! `students` and `studentSchoolAssociations`: no source document describes them; docs/readings.md has the decisions.

mod common;

use common::{Case, assert_delete_post, assert_elements_are_the_standards, assert_put, assert_valid, case_of};
use rollcall_core_edfi::preferences::STUDENT_ID;
use rollcall_core_edfi::student_school_associations::{self, StudentSchoolAssociations};
use rollcall_core_edfi::students::{self, Students};
use serde_json::{Value, json};

fn students() -> Case {
    case_of(&Students)
}

/// Ada (`Person:1`) in grade 09 and Ben (`Person:2`) in grade 10, both from 2025-08-18.
fn enrollments() -> Case {
    case_of(&StudentSchoolAssociations)
}

#[test]
fn a_student_with_a_reporting_enrollment_reports() {
    let expected = json!({
        "studentUniqueId": "7002",
        "birthDate": "2010-09-30",
        "firstName": "Ben",
        "lastSurname": "Wren",
        "middleName": "Q",
    });
    assert_eq!(students().body("Person:2"), expected);
    assert_eq!(students().at("Person:1", "/middleName"), Value::Null);
    assert_elements_are_the_standards(&students::SPEC);
    assert_valid(&students());
    assert!(students::SPEC.shared, "another district may have the student too");
}

#[test]
fn a_student_without_one_does_not() {
    assert_eq!(students().set("Person:1.exclude", "1").excluded("Person:1"), "student-excluded Person:1");
    assert_eq!(students().set("Person:1.edFiID", "-").excluded("Person:1"), "no-student-id Person:1");
    assert_eq!(students().set("Enrollment:1.noShow", "1").excluded("Person:1"), "no-reporting-enrollment Person:1");
    assert_eq!(students().without("Enrollment:1").objects(), ["Person:2"]);
}

#[test]
fn the_students_id_is_the_preferences_column() {
    for (option, id) in [("ed-fi-id", "7001"), ("state-id", "9001"), ("student-number", "11")] {
        assert_eq!(students().option(&STUDENT_ID, option).at("Person:1", "/studentUniqueId"), id);
    }
}

#[test]
fn a_missing_name_or_birth_date_is_a_defect() {
    for (cell, element) in [("birthDate", "birthDate"), ("firstName", "firstName"), ("lastName", "lastSurname")] {
        let problem = students().set(&format!("Person:1.{cell}"), "-").defect("Person:1");
        assert_eq!(problem.element, element);
        assert!(problem.fix.contains(cell), "{problem}");
    }
}

#[test]
fn an_enrollment_reports() {
    let expected = json!({
        "entryDate": "2025-08-18",
        "schoolReference": { "schoolId": 500_001 },
        "studentReference": { "studentUniqueId": "7001" },
        "entryGradeLevelDescriptor": "uri://ed-fi.org/GradeLevelDescriptor#Ninth grade",
        "primarySchool": true,
        "schoolYearTypeReference": { "schoolYear": 2026 },
    });
    assert_eq!(enrollments().body("Enrollment:1"), expected);
    assert_elements_are_the_standards(&student_school_associations::SPEC);
    assert_valid(&enrollments().set("Enrollment:1.endDate", "2026-01-16"));
    assert_put(&enrollments(), &enrollments().set("Enrollment:1.endDate", "2026-01-16"), "Enrollment:1");
    assert_delete_post(&enrollments(), &enrollments().set("Enrollment:1.startDate", "2025-08-20"), "Enrollment:1");
}

#[test]
fn an_enrollment_that_does_not_count_does_not_report() {
    for (cell, value, rule) in [
        ("Calendar:1.exclude", "1", "calendar-exclude Calendar:1"),
        ("School:1.exclude", "1", "school-exclude School:1"),
        ("Enrollment:1.noShow", "1", "enrollment-no-show Enrollment:1"),
        ("Enrollment:1.stateExclude", "1", "enrollment-state-exclude Enrollment:1"),
        ("Enrollment:1.startDate", "2026-07-01", "enrollment-outside-year Enrollment:1"),
        ("Enrollment:1.endDate", "2025-06-30", "enrollment-outside-year Enrollment:1"),
        ("Person:1.exclude", "1", "student-excluded Person:1"),
        ("Person:1.edFiID", "-", "no-student-id Person:1"),
    ] {
        assert_eq!(enrollments().set(cell, value).excluded("Enrollment:1"), rule);
    }
    assert_eq!(enrollments().years(&[2025]).excluded("Enrollment:1"), "not-in-sis");
}

/// The grade that Ada's record of the day has, with a second enrollment of hers (`Enrollment:9`, grade 10).
fn grade_of(first: &str, second: &str) -> String {
    let case = enrollments()
        .set("Enrollment:1.serviceType", first)
        .with_enrollment("9", "1", "-")
        .set("Enrollment:9.grade", "10")
        .set("Enrollment:9.serviceType", second);
    assert_eq!(case.count(), 2, "one record for Ada, one for Ben");
    assert_eq!(case.key("Enrollment:1"), case.key("Enrollment:9"));
    assert_eq!(case.body("Enrollment:1"), case.body("Enrollment:9"));
    let uri = case.at("Enrollment:9", "/entryGradeLevelDescriptor");
    uri.as_str().and_then(|uri| uri.rsplit('#').next()).unwrap_or_default().to_owned()
}

#[test]
fn service_type_primary_before_secondary_before_special_education_only() {
    assert_eq!([grade_of("P", "S"), grade_of("P", "N"), grade_of("S", "N")], ["Ninth grade"; 3]);
    assert_eq!([grade_of("S", "P"), grade_of("N", "P"), grade_of("N", "S")], ["Tenth grade"; 3]);
    assert_eq!(grade_of("-", "N"), "Tenth grade", "none comes last");
}

#[test]
fn two_of_one_service_type_on_one_day_the_highest_enrollment_id() {
    assert_eq!(grade_of("P", "P"), "Tenth grade");
}

#[test]
fn an_enrollment_that_does_not_count_stands_for_no_other() {
    let case = enrollments().with_enrollment("9", "1", "-").set("Enrollment:9.noShow", "1");
    assert_eq!(
        case.at("Enrollment:1", "/entryGradeLevelDescriptor"),
        enrollments().at("Enrollment:1", "/entryGradeLevelDescriptor")
    );
    let another_day = enrollments().with_enrollment("9", "1", "-").set("Enrollment:9.startDate", "2026-01-05");
    assert_eq!(another_day.count(), 3);
}

#[test]
fn an_unmapped_or_empty_grade_is_a_defect() {
    for (grade, fix) in [("-", "enter a grade on the enrollment"), ("PS", "map \"PS\" in mappings.grade-level")] {
        let problem = enrollments().set("Enrollment:1.grade", grade).defect("Enrollment:1");
        assert_eq!((problem.element, problem.fix.as_str()), ("entryGradeLevelDescriptor", fix));
    }
}
