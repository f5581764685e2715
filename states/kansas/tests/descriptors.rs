//! `Course Offerings (Kansas v3.6)`, Type Descriptors, code by code: docs/coverage/kansas-course-offerings.md names the row
//! of each test.

mod common;

use common::{Case, assert_code, case_of};
use rollcall_core_edfi::descriptors::GRADE_LEVEL;
use rollcall_kansas::course_offerings::CourseOfferings;
use rollcall_kansas::descriptors;

/// Algebra (Course:1) with a section in the fall (`Section:1-1`), all elements filled.
fn case() -> Case {
    case_of(&CourseOfferings)
}

fn course_delivery_type(code: &str, description: &str) {
    assert_code(&descriptors::COURSE_DELIVERY_TYPE, "uri://ksde.org/CourseDeliveryTypeDescriptor", code, description);
    let uri = format!("uri://ksde.org/CourseDeliveryTypeDescriptor#{code}");
    let mapped = case().map("delivery-type", "local", &uri).set("Course:1.deliveryType", "local");
    assert_eq!(mapped.at("Section:1-1", "/_ext/ks/courseDeliveryTypeDescriptor"), uri);
}

#[test]
fn course_delivery_type_d() {
    course_delivery_type("D", "Distance Learning");
}

#[test]
fn course_delivery_type_g() {
    course_delivery_type("G", "General");
}

#[test]
fn course_delivery_type_m() {
    course_delivery_type("M", "Self-contained Multi");
}

#[test]
fn course_delivery_type_s() {
    course_delivery_type("S", "Self-contained Single");
}

#[test]
fn course_delivery_type_v() {
    course_delivery_type("V", "Virtual");
}

#[test]
fn course_delivery_type_has_no_other_codes() {
    assert_eq!(descriptors::COURSE_DELIVERY_TYPE.codes.len(), 5);
}

fn course_program_type(code: &str, description: &str) {
    assert_code(&descriptors::COURSE_PROGRAM_TYPE, "uri://ksde.org/CourseProgramTypeDescriptor", code, description);
    let uri = format!("uri://ksde.org/CourseProgramTypeDescriptor#{code}");
    let mapped = case().map("targeted-program", "local", &uri).set("Course:1.targetedProgram", "local");
    assert_eq!(mapped.at("Section:1-1", "/_ext/ks/courseProgramTypeDescriptor"), uri);
}

#[test]
fn course_program_type_a() {
    course_program_type("A", "At-Risk");
}

#[test]
fn course_program_type_e() {
    course_program_type("E", "ESOL");
}

#[test]
fn course_program_type_g() {
    course_program_type("G", "General");
}

#[test]
fn course_program_type_m() {
    course_program_type("M", "Migrant");
}

#[test]
fn course_program_type_s() {
    course_program_type("S", "Special Education");
}

#[test]
fn course_program_type_has_no_other_codes() {
    assert_eq!(descriptors::COURSE_PROGRAM_TYPE.codes.len(), 5);
}

fn college_career_type(code: &str, description: &str) {
    assert_code(&descriptors::COLLEGE_CAREER_TYPE, "uri://ksde.org/CollegeCareerTypeDescriptor", code, description);
    let uri = format!("uri://ksde.org/CollegeCareerTypeDescriptor#{code}");
    let mapped = case().map("college-career-type", "local", &uri).set("Course:1.collegeCareerType", "local");
    assert_eq!(mapped.at("Section:1-1", "/_ext/ks/collegeCareerTypeDescriptor"), uri);
}

#[test]
fn college_career_type_c() {
    college_career_type("C", "CTE Dual credit funded IN an approved pathway (HS Only)/Not Excel in CTE (o");
}

#[test]
fn college_career_type_d() {
    college_career_type("D", "Dual credit NOT funded in a college program");
}

#[test]
fn college_career_type_f() {
    college_career_type("F", "CTE credit/funded course IN an approved program/pathway (Technical/Applicat");
}

#[test]
fn college_career_type_l() {
    college_career_type("L", "CTE Dual credit IN an approved program/pathway/Excel in CTE only (old SB155");
}

#[test]
fn college_career_type_n() {
    college_career_type("N", "Not dual credit/Regular course");
}

#[test]
fn college_career_type_r() {
    college_career_type("R", "CTE Dual credit NOT part of an approved program/pathway/Excel in CTE only (");
}

#[test]
fn college_career_type_t() {
    college_career_type("T", "CTE course NOT funded OR part of an approved Pathway (Local Program)");
}

#[test]
fn college_career_type_x() {
    college_career_type("X", "CTE credit/not funded IN an approved program/pathway (Introductory level)");
}

#[test]
fn college_career_type_has_no_other_codes() {
    assert_eq!(descriptors::COLLEGE_CAREER_TYPE.codes.len(), 8);
}

fn course_level_characteristic(code: &str, description: &str) {
    assert_code(
        &descriptors::COURSE_LEVEL_CHARACTERISTIC,
        "uri://ksde.org/CourseLevelCharacteristicDescriptor",
        code,
        description,
    );
    let uri = format!("uri://ksde.org/CourseLevelCharacteristicDescriptor#{code}");
    let mapped = case().map("course-level", "local", &uri).set("Course:1.courseLevel", "local");
    assert_eq!(mapped.at("Section:1-1", "/courseLevelCharacteristics/0/courseLevelCharacteristicDescriptor"), uri);
}

#[test]
fn course_level_characteristic_b() {
    course_level_characteristic("B", "Basic/Remedial");
}

#[test]
fn course_level_characteristic_e() {
    course_level_characteristic("E", "Enriched/Advanced");
}

#[test]
fn course_level_characteristic_g() {
    course_level_characteristic("G", "General");
}

#[test]
fn course_level_characteristic_h() {
    course_level_characteristic("H", "Honors");
}

#[test]
fn course_level_characteristic_x() {
    course_level_characteristic("X", "No Specified Rigor");
}

#[test]
fn course_level_characteristic_has_no_other_codes() {
    assert_eq!(descriptors::COURSE_LEVEL_CHARACTERISTIC.codes.len(), 5);
}

fn grade_level(code: &str, description: &str) {
    assert_code(&GRADE_LEVEL, "uri://ed-fi.org/GradeLevelDescriptor", code, description);
    let uri = format!("uri://ed-fi.org/GradeLevelDescriptor#{code}");
    let mapped = case().map("grade-level", "local", &uri).set("Course:1.grade", "local");
    assert_eq!(mapped.at("Section:1-1", "/offeredGradeLevels/0/gradeLevelDescriptor"), uri);
}

#[test]
fn grade_level_infant_toddler() {
    grade_level("Infant/toddler", "Infant/toddler");
}

#[test]
fn grade_level_kindergarten() {
    grade_level("Kindergarten", "Kindergarten");
}

#[test]
fn grade_level_first_grade() {
    grade_level("First grade", "First grade");
}

#[test]
fn grade_level_second_grade() {
    grade_level("Second grade", "Second grade");
}

#[test]
fn grade_level_third_grade() {
    grade_level("Third grade", "Third grade");
}

#[test]
fn grade_level_fourth_grade() {
    grade_level("Fourth grade", "Fourth grade");
}

#[test]
fn grade_level_fifth_grade() {
    grade_level("Fifth grade", "Fifth grade");
}

#[test]
fn grade_level_sixth_grade() {
    grade_level("Sixth grade", "Sixth grade");
}

#[test]
fn grade_level_seventh_grade() {
    grade_level("Seventh grade", "Seventh grade");
}

#[test]
fn grade_level_eighth_grade() {
    grade_level("Eighth grade", "Eighth grade");
}

#[test]
fn grade_level_ninth_grade() {
    grade_level("Ninth grade", "Ninth grade");
}

#[test]
fn grade_level_tenth_grade() {
    grade_level("Tenth grade", "Tenth grade");
}

#[test]
fn grade_level_eleventh_grade() {
    grade_level("Eleventh grade", "Eleventh grade");
}

#[test]
fn grade_level_twelfth_grade() {
    grade_level("Twelfth grade", "Twelfth grade");
}

#[test]
fn grade_level_ungraded() {
    grade_level("Ungraded", "Ungraded");
}

#[test]
fn grade_level_preschool() {
    grade_level("Preschool", "Preschool");
}

#[test]
fn grade_level_has_no_other_codes() {
    assert_eq!(GRADE_LEVEL.codes.len(), 16);
}
