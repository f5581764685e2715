//! The descriptor tables of the MDE Ed-Fi documentation.

mod common;

use common::assert_code;
use rollcall_minnesota::descriptors::{COURSE_DEFINED_BY, GRADE_LEVEL, SECTION_ENROLLMENT_TYPE, TERM};

#[test]
fn descriptor_section_enrollment_type() {
    assert_code(&SECTION_ENROLLMENT_TYPE, "AI", "ALC_IND_STUDY");
    assert_code(&SECTION_ENROLLMENT_TYPE, "DP", "DIRECT_PAY_PSEO");
    assert_code(&SECTION_ENROLLMENT_TYPE, "PB", "PROJECT_BASED");
    assert_code(&SECTION_ENROLLMENT_TYPE, "SC", "SCHEDULED");
}

/// The fifth code of the page: "Do not use".
#[test]
fn descriptor_section_enrollment_type_has_no_op() {
    assert!(SECTION_ENROLLMENT_TYPE.codes.iter().all(|code| code.code != "OP"));
}

#[test]
fn descriptor_course_defined_by() {
    for code in ["College", "LEA", "SEA"] {
        assert_code(&COURSE_DEFINED_BY, code, code);
    }
}

#[test]
fn descriptor_grade_level() {
    assert_code(&GRADE_LEVEL, "9", "Grade 9");
    assert_code(&GRADE_LEVEL, "KA", "Kindergarten Section A");
    assert!(GRADE_LEVEL.codes.iter().all(|code| code.code != "HK"), "not used any more");
}

#[test]
fn descriptor_term() {
    for code in ["First Semester", "Second Semester", "First Trimester", "Year Round", "Non-Scheduled"] {
        assert_code(&TERM, code, code);
    }
    assert_eq!(TERM.codes.len(), 48);
}
