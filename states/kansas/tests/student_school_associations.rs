//! Kansas' student school associations: the standard's, with the two entry dates that Kansas' server requires.

mod common;

use common::{Case, assert_delete_post, assert_put, case_of};
use rollcall_kansas::student_school_associations::StudentSchoolAssociations;
use serde_json::json;

/// Ada (Person:1, `Enrollment:1`) in grade 09 and Ben (Person:2, `Enrollment:2`) in grade 10, both from 2025-08-18.
fn case() -> Case {
    case_of(&StudentSchoolAssociations)
}

#[test]
fn one_record_per_student_school_and_entry_date() {
    assert_eq!(case().objects(), ["Enrollment:1", "Enrollment:2"]);
    assert_eq!(
        case().body("Enrollment:1"),
        json!({
            "entryDate": "2025-08-18",
            "schoolReference": { "schoolId": 500_001 },
            "studentReference": { "studentUniqueId": "7001" },
            "entryGradeLevelDescriptor": "uri://ed-fi.org/GradeLevelDescriptor#Ninth grade",
            "primarySchool": true,
            "schoolYearTypeReference": { "schoolYear": 2026 },
            "_ext": { "ks": { "localEducationAgencyEntryDate": "2025-08-18", "stateEntryDate": "2025-08-18" } },
        })
    );
}

#[test]
fn entry_dates_come_from_the_enrollment() {
    let entered =
        case().set("Enrollment:1.districtEntryDate", "2019-08-14").set("Enrollment:1.stateEntryDate", "2015-08-13");
    assert_eq!(entered.at("Enrollment:1", "/_ext/ks/localEducationAgencyEntryDate"), "2019-08-14");
    assert_eq!(entered.at("Enrollment:1", "/_ext/ks/stateEntryDate"), "2015-08-13");
    assert_put(&case(), &entered, "Enrollment:1");
    let district_only = case().set("Enrollment:1.districtEntryDate", "2019-08-14");
    assert_eq!(district_only.at("Enrollment:1", "/_ext/ks/stateEntryDate"), "2019-08-14");
}

#[test]
fn entry_dates_without_a_column_are_the_first_enrollments() {
    let earlier = case().with_enrollment("9", "1", "2025-08-22").set("Enrollment:1.startDate", "2025-10-01");
    assert_eq!(earlier.at("Enrollment:1", "/_ext/ks/localEducationAgencyEntryDate"), "2025-08-18");
    let never_came = earlier.set("Enrollment:9.noShow", "1");
    assert_eq!(never_came.at("Enrollment:1", "/_ext/ks/localEducationAgencyEntryDate"), "2025-10-01");
}

#[test]
fn several_enrollments_of_one_day_primary_first_then_the_newest() {
    let special = case().with_enrollment("9", "1", "2025-12-19").set("Enrollment:9.serviceType", "S");
    let records = special.records();
    let (objects, body) = &records[&case().key("Enrollment:1")];
    assert_eq!(objects, &["Enrollment:1", "Enrollment:9"]);
    assert_eq!((body.get("exitWithdrawDate"), &body["primarySchool"]), (None, &json!(true)), "the primary one's");
    let both_primary = special.set("Enrollment:9.serviceType", "P");
    assert_eq!(both_primary.at("Enrollment:1", "/exitWithdrawDate"), "2025-12-19", "the highest id's");
}

#[test]
fn an_enrollment_that_does_not_report() {
    let excluded = [
        (case().set("Enrollment:1.noShow", "1"), "enrollment-no-show Enrollment:1"),
        (case().set("Enrollment:1.stateExclude", "1"), "enrollment-state-exclude Enrollment:1"),
        (case().set("Enrollment:1.startDate", "2026-07-01"), "enrollment-outside-year Enrollment:1"),
        (case().set("Person:1.exclude", "1"), "student-excluded Person:1"),
        (case().set("Person:1.edFiID", "-"), "no-student-id Person:1"),
        (case().set("Calendar:1.exclude", "1"), "calendar-exclude Calendar:1"),
        (case().set("School:1.exclude", "1"), "school-exclude School:1"),
        (case().years(&[2025]), "not-in-sis"),
    ];
    for (case, because) in excluded {
        assert_eq!(case.excluded("Enrollment:1"), because);
    }
}

#[test]
fn natural_key_changes() {
    assert_eq!(case().key("Enrollment:1"), "entryDate=2025-08-18&schoolId=500001&studentUniqueId=7001");
    for cell in [("Enrollment:1.startDate", "2025-08-25"), ("School:1.number", "500009"), ("Person:1.edFiID", "7009")] {
        assert_delete_post(&case(), &case().set(cell.0, cell.1), "Enrollment:1");
    }
    assert_put(&case(), &case().set("Enrollment:1.endDate", "2026-03-06"), "Enrollment:1");
    assert_put(&case(), &case().set("Enrollment:1.grade", "10"), "Enrollment:1");
}

#[test]
fn a_grade_without_a_mapping_is_a_defect() {
    for grade in ["-", "13"] {
        assert_eq!(case().set("Enrollment:1.grade", grade).defect("Enrollment:1").element, "entryGradeLevelDescriptor");
    }
}
