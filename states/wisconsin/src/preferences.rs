//! The Resource Preferences of Wisconsin's resources.

use rollcall_core::context::Context;
use rollcall_core::preferences::{MappingSpec, OptionSpec, OptionValues, Unmapped};

/// Sections, mediumOfInstructionDescriptor: Course.deliveryType.
pub static DELIVERY_TYPE: MappingSpec = MappingSpec {
    key: "delivery-type",
    label: "Sections > Delivery Type",
    column: "Course.deliveryType",
    descriptor: "MediumOfInstructionDescriptor",
    name: None,
    unmapped: Unmapped::Defect,
    codes: |snapshot, visit| snapshot.courses.iter().filter_map(|c| c.delivery_type.as_deref()).for_each(visit),
};

/// Course offerings, careerPathwayDescriptor: Course.collegeCareerType.
pub static CAREER_PATHWAY: MappingSpec = MappingSpec {
    key: "career-pathway",
    label: "Course Offerings > College Career Type",
    column: "Course.collegeCareerType",
    descriptor: "CareerPathwayDescriptor",
    name: None,
    unmapped: Unmapped::LeftOut,
    codes: |snapshot, visit| snapshot.courses.iter().filter_map(|c| c.college_career_type.as_deref()).for_each(visit),
};

/// Use cases 6.1 to 6.3. 6.0: "DPI suggests that the Attempt Status be entered by the LEA, and requests limits on
/// vendor imposed defaults to only exist when the default value is appropriate for nearly all students."
pub static ATTEMPT_STATUS_DEFAULT: OptionSpec = OptionSpec {
    key: "attempt-status-default",
    summary: "the attempt status of a student who is in the section to its end, or still is, and has no grade",
    default: NONE,
    values: OptionValues::OneOf(&[NONE, "S", "I"]),
};

/// The value by which an option gives nothing.
pub const NONE: &str = "none";

/// docs/readings.md, WI eligibility.
pub static ELIGIBILITY: OptionSpec = OptionSpec {
    key: "eligibility",
    summary: "which students report: by the vendor's rule (grades 06 to 12, service types P and S, courses with a \
              state-reported final task, no summer school) or by the document, which has none of that",
    default: VENDOR,
    values: OptionValues::OneOf(&[VENDOR, "document"]),
};

/// The vendor's rule.
pub const VENDOR: &str = "vendor";

/// docs/readings.md, WI 6.0 "should not send" against 6.5 and 1.0.
pub static WITHDRAWN_WITHOUT_GRADE: OptionSpec = OptionSpec {
    key: "withdrawn-without-grade",
    summary: "whether a student who withdrew from a section and got no grade reports",
    default: "send",
    values: OptionValues::OneOf(&["send", EXCLUDE]),
};

/// The value by which such a student does not report.
pub const EXCLUDE: &str = "exclude";

/// The descriptor value that a local code is mapped to. docs/readings.md, optional codes that are unmapped: the element
/// is left out, and `check` lists the code.
pub fn mapped<'a>(cx: &Context<'a>, mapping: &MappingSpec, local: Option<&str>) -> Option<&'a str> {
    cx.preferences.mapped(mapping, local?).map(|code| code.uri.as_str())
}
