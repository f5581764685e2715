//! `programs`: the records that stand upstream of student CTE program associations.

mod common;

use common::{
    Case, assert_delete_post, assert_elements_are_the_standards, assert_valid, assert_waits_for_a_resync, case_of,
};
use rollcall_core_edfi::programs::{Programs, SPEC};
use serde_json::json;

const CTE: &str = "uri://ed-fi.org/ProgramTypeDescriptor#Career and Technical Education";

fn case() -> Case {
    case_of(&Programs)
        .with("Program", &[("programID", "1"), ("name", "Nursing")])
        .with("Program", &[("programID", "2"), ("name", "Pottery")])
        .with("Program", &[("programID", "3"), ("name", "Title I")])
}

#[test]
fn a_mapped_cte_program_reports() {
    assert_eq!(
        case().body("Program:1"),
        json!({
            "educationOrganizationReference": { "educationOrganizationId": 500 },
            "programName": "Nursing",
            "programTypeDescriptor": CTE,
        })
    );
    assert_elements_are_the_standards(&SPEC);
    assert_valid(&case());
}

#[test]
fn other_programs_do_not_report() {
    assert_eq!(case().objects(), ["Program:1", "Program:2", "Program:3"]);
    assert_eq!(case().excluded("Program:2"), "program-unmapped Program:2");
    assert_eq!(case().excluded("Program:3"), "program-not-cte Program:3");
    assert_eq!(case().without("Program:1").excluded("Program:1"), "not-in-sis");
}

#[test]
fn the_mapping_may_name_the_program_otherwise() {
    let named = case().name("program", "Nursing", CTE, "Health Careers");
    assert_eq!(named.at("Program:1", "/programName"), "Health Careers");
    assert_waits_for_a_resync(&case(), &named, "Program:1");
}

#[test]
fn programs_of_one_name_are_one() {
    let twice = case().with("Program", &[("programID", "4"), ("name", "Nursing")]);
    let (objects, _) = twice.records().into_values().next().unwrap();
    assert_eq!(objects, ["Program:1", "Program:4"]);
}

#[test]
fn another_district_id_is_another_key() {
    assert_delete_post(&case(), &case().set("District:1.edFiDistrictNumber", "600"), "Program:1");
    assert_eq!(case().set("District:1.number", "none").defect("Program:1").element, "educationOrganizationReference");
}
