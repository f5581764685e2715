//! What the tests of this crate share: the small district with Kansas' mappings, in Kansas.
#![allow(unused_imports, reason = "each test file takes its own part")]

use std::sync::LazyLock;

use rollcall_core::registry::{Registry, StateView};
use rollcall_core::resource::Resource;
pub(crate) use rollcall_core::testing::{
    Case, assert_code, assert_delete_post, assert_element, assert_put, assert_triggers, assert_waits_for_a_resync,
};

// A crate that nothing names is lost by the linker, and its registrations with it.
use rollcall_kansas as _;

/// Kansas with everything that it uses. In a build of the whole workspace the standard's own state registers too.
static KANSAS: LazyLock<StateView> = LazyLock::new(|| {
    let registry = Registry::build(&["ks"]).or_else(|_| Registry::build(&["ed-fi", "ks"])).unwrap();
    registry.state("ks").unwrap()
});

/// Terms that Kansas takes, under the local codes of [`District::small`] and of overrides; no other code is mapped.
const MAPPINGS: &[(&str, &str, &str)] = &[
    ("term-type", "Fall", "uri://ksde.org/TermDescriptor#S1"),
    ("term-type", "Spring", "uri://ksde.org/TermDescriptor#S2"),
    ("term-descriptor-override", "first quarter", "uri://ksde.org/TermDescriptor#Q1"),
    ("term-descriptor-override", "whole year", "uri://ksde.org/TermDescriptor#YR"),
    ("grade-level", "09", "uri://ed-fi.org/GradeLevelDescriptor#Ninth grade"),
    ("grade-level", "10", "uri://ed-fi.org/GradeLevelDescriptor#Tenth grade"),
    ("course-level", "H", "uri://ksde.org/CourseLevelCharacteristicDescriptor#H"),
    ("delivery-type", "G", "uri://ksde.org/CourseDeliveryTypeDescriptor#G"),
    ("targeted-program", "A", "uri://ksde.org/CourseProgramTypeDescriptor#A"),
    ("college-career-type", "N", "uri://ksde.org/CollegeCareerTypeDescriptor#N"),
];

/// The small district with Kansas' mappings, asked about a resource; every body has to pass the state's payload check.
pub(crate) fn case_of(resource: &'static dyn Resource) -> Case {
    Case::new(resource, MAPPINGS).in_state(&KANSAS)
}
