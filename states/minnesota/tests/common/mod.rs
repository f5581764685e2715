//! What the tests of this crate share: the small district with Minnesota's mappings, in Minnesota.
#![allow(dead_code, unused_imports, reason = "each test file takes its own part")]

use std::sync::LazyLock;

use rollcall_core::descriptor::CodeTable;
use rollcall_core::registry::{Registry, StateView};
use rollcall_core::resource::Resource;
pub(crate) use rollcall_core::testing::{Case, assert_element, violations};
// A crate that nothing names is lost by the linker, and its registrations with it.
use rollcall_minnesota as _;

/// Delivery types: V is mapped to independent study, P to project based and D to direct pay PSEO; G is not mapped.
const MAPPINGS: &[(&str, &str, &str)] = &[
    ("grade-level", "09", "uri://education.mn.gov/GradeLevelDescriptor#9"),
    ("grade-level", "10", "uri://education.mn.gov/GradeLevelDescriptor#10"),
    ("section-enrollment-type", "V", "uri://education.mn.gov/SectionEnrollmentTypeDescriptor#AI"),
    ("section-enrollment-type", "P", "uri://education.mn.gov/SectionEnrollmentTypeDescriptor#PB"),
    ("section-enrollment-type", "D", "uri://education.mn.gov/SectionEnrollmentTypeDescriptor#DP"),
];

/// Minnesota with everything that it uses. In a build of the whole workspace the standard's own state registers too.
pub(crate) static MINNESOTA: LazyLock<StateView> = LazyLock::new(|| {
    let registry = Registry::build(&["mn"]).or_else(|_| Registry::build(&["ed-fi", "mn"])).unwrap();
    registry.state("mn").unwrap()
});

/// The small district in 2025-26, district 500 and school 500001, with the session names of the MDE's samples: Ada
/// (Person:1) is in ALG1-01 in the fall (`Roster:1`) and in BAND-07 all year (`Roster:2`); Ben (Person:2) is in
/// ALG1-01 from 2 September (`Roster:3`).
pub(crate) fn case_of(resource: &'static dyn Resource) -> Case {
    Case::new(resource, MAPPINGS)
        .in_state(&MINNESOTA)
        .name("term-type", "Fall", "uri://education.mn.gov/TermDescriptor#First Semester", "Fall")
        .name("term-type", "Spring", "uri://education.mn.gov/TermDescriptor#Second Semester", "Spring")
}

/// A row of the document's descriptor table.
#[track_caller]
pub(crate) fn assert_code(table: &CodeTable, code: &str, description: &str) {
    let namespace = format!("uri://education.mn.gov/{}", table.descriptor);
    rollcall_core::testing::assert_code(table, &namespace, code, description);
}
