//! What the tests of this crate share: the small district with Wisconsin's mappings, in Wisconsin.
#![allow(dead_code, unused_imports, reason = "each test file takes its own part")]

use std::sync::LazyLock;

use rollcall_core::registry::{Registry, StateView};
use rollcall_core::resource::Resource;
pub(crate) use rollcall_core::testing::{Case, assert_described, assert_element};

const MAPPINGS: &[(&str, &str, &str)] = &[
    ("term-type", "Fall", "uri://ed-fi.org/TermDescriptor#Fall Semester"),
    ("term-type", "Spring", "uri://ed-fi.org/TermDescriptor#Spring Semester"),
    ("term-type", "Annual", "uri://dpi.wi.gov/TermDescriptor#A"),
    ("grade-level", "08", "uri://ed-fi.org/GradeLevelDescriptor#Eighth grade"),
    ("grade-level", "09", "uri://ed-fi.org/GradeLevelDescriptor#Ninth grade"),
    ("grade-level", "10", "uri://ed-fi.org/GradeLevelDescriptor#Tenth grade"),
    ("delivery-type", "G", "uri://dpi.wi.gov/MediumOfInstructionDescriptor#F2F"),
    ("delivery-type", "V", "uri://dpi.wi.gov/MediumOfInstructionDescriptor#Dist"),
    ("career-pathway", "C", "uri://dpi.wi.gov/CareerPathwayDescriptor#4"),
];

/// What registered. In a build of the whole workspace the standard's own state registers too.
pub(crate) static REGISTRY: LazyLock<Registry> =
    LazyLock::new(|| Registry::build(&["wi"]).or_else(|_| Registry::build(&["ed-fi", "wi"])).unwrap());

/// Wisconsin with everything that it uses.
pub(crate) static WISCONSIN: LazyLock<StateView> = LazyLock::new(|| REGISTRY.state("wi").unwrap());

/// The small district in 2025-26: Ada (Person:1) is in ALG1-01 in the fall (`Roster:1`), with a final grade, and in
/// BAND-07 all year (`Roster:2`); Ben (Person:2) is in ALG1-01 from 2 September (`Roster:3`).
pub(crate) fn case_of(resource: &'static dyn Resource) -> Case {
    Case::new(resource, MAPPINGS).in_state(&WISCONSIN).with_score("1", "1", "1", "1", "A", "2025-12-18")
}
