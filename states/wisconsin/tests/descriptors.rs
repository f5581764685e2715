//! The document's Descriptors table, row by row, and the school years of its program types.

mod common;

use common::{WISCONSIN, assert_described};
use rollcall_wisconsin::descriptors::{ATTEMPT_STATUS, PROGRAM_TYPE};
use rollcall_wisconsin::programs::program_type;

const STATUS: &str = "uri://dpi.wi.gov/AttemptStatusDescriptor";
const PROGRAM: &str = "uri://dpi.wi.gov/ProgramTypeDescriptor";

/// The school years from 2022-23 to 2025-26 in which a program type holds.
fn years(code: &str) -> Vec<i32> {
    (2023..=2026).filter(|year| program_type(code, *year).is_some()).collect()
}

#[test]
fn descriptor_attempt_status_s() {
    let description = "Use sufficient as the Attempt Status when the student is enrolled in the section for the \
                       minimum amount of time to receive an outcome.";
    assert_described(&ATTEMPT_STATUS, STATUS, "S", "Sufficient", description);
}

#[test]
fn descriptor_attempt_status_i() {
    let description = "Use Insufficient as the Attempt Status when the student is not enrolled in the section for the \
                       minimum amount of time to receive an outcome.";
    assert_described(&ATTEMPT_STATUS, STATUS, "I", "Insufficient", description);
}

#[test]
fn descriptor_program_type_certified() {
    let text = "Certified Career Education Program";
    assert_described(&PROGRAM_TYPE, PROGRAM, "Certified", text, text);
    assert_eq!(years("Certified"), [2023, 2024]);
}

#[test]
fn descriptor_program_type_irc() {
    let description = "Use for courses or work experiences that meet Industry Recognized Credentials";
    assert_described(&PROGRAM_TYPE, PROGRAM, "IRC", "Industry Recognized Credentials", description);
    assert_eq!(years("IRC"), [2024, 2025, 2026]);
}

#[test]
fn descriptor_program_type_wbl() {
    let description = "Use for employer-connected experiences";
    assert_described(&PROGRAM_TYPE, PROGRAM, "WBL", "Work-based Learning", description);
    assert_eq!(years("WBL"), [2024, 2025, 2026]);
}

#[test]
fn descriptor_program_type_non_certified() {
    let text = "Non Certified Career Education Program";
    assert_described(&PROGRAM_TYPE, PROGRAM, "Non Certified", text, text);
    assert_eq!(years("Non Certified"), [2023, 2024]);
}

#[test]
fn descriptor_program_type_dual() {
    let text = "Dual Enrollment Program";
    assert_described(&PROGRAM_TYPE, PROGRAM, "Dual", text, text);
    assert_eq!(years("Dual"), [2023, 2024, 2025, 2026]);
}

#[test]
fn descriptor_program_type_wl() {
    let text = "World Language Program";
    assert_described(&PROGRAM_TYPE, PROGRAM, "WL", text, text);
    assert_eq!(years("WL"), [2023, 2024, 2025, 2026]);
}

/// What a server of one school year knows, which the payload check holds bodies against.
// extra: a boundary of the program type rows
#[test]
fn a_school_year_knows_its_own_program_types() {
    let known = |year| {
        let index = WISCONSIN.descriptors(&[year]);
        let values = index.values("ProgramTypeDescriptor");
        let codes = values.into_iter().filter_map(|uri| uri.strip_prefix(PROGRAM)?.strip_prefix('#'));
        codes.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(known(2023), ["Certified", "Dual", "Non Certified", "WL"]);
    assert_eq!(known(2024), ["Certified", "Dual", "IRC", "Non Certified", "WBL", "WL"]);
    assert_eq!(known(2026), ["Dual", "IRC", "WBL", "WL"]);
}
