//! Kansas' `sections`: the standard's, for every course offering that Kansas' rules report.

use rollcall_core::context::Context;
use rollcall_core::resource::{Resource, ResourceSpec};
use rollcall_core::sources::Sources;
use rollcall_core::verdict::{ObjectKey, Verdict};
use rollcall_core_edfi::course_offerings::{self, Offering};
use rollcall_core_edfi::sections as standard;

use crate::rules;

/// The resource.
pub struct Sections;

/// What it is: the standard's elements, Kansas' exclusions.
pub static SPEC: ResourceSpec = ResourceSpec {
    document: "Course Offerings (Kansas v3.6) and docs/readings.md",
    exclusions: rules::SCHEDULE_EXCLUSIONS,
    ..standard::SPEC_TEMPLATE
};

impl Resource for Sections {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    fn objects(&self, cx: &Context<'_>, visit: &mut dyn FnMut(ObjectKey)) {
        course_offerings::placements(cx, visit);
    }

    fn verdict<'a>(&self, cx: &Context<'a>, object: ObjectKey, sources: &mut Sources) -> Verdict<'a> {
        let offering = Offering::of(cx, object, &rules::SCHEDULE, sources);
        offering.map(|offering| standard::body(cx, &offering, sources)).into()
    }
}
