//! The Resource Preferences of Minnesota's resources: the standard's, two of them with a default of the state's own, and
//! the mapping of section enrollment types.

use rollcall_core::preferences::{MappingSpec, OptionSpec, Unmapped};
use rollcall_core_edfi::preferences::{LOCAL_COURSE_CODE_OPTION, Naming, SESSION_NAME_OPTION};

/// docs/readings.md, MN sessionName.
pub static SESSION_NAME: OptionSpec = OptionSpec { default: "{school.number}-{session.name}", ..SESSION_NAME_OPTION };

/// docs/readings.md, MN localCourseCode.
pub static LOCAL_COURSE_CODE: OptionSpec =
    OptionSpec { default: "{district.number}-{course.number}", ..LOCAL_COURSE_CODE_OPTION };

/// How Minnesota's sessions and course offerings are named.
pub static NAMING: Naming = Naming { session_name: &SESSION_NAME, local_course_code: &LOCAL_COURSE_CODE };

/// docs/readings.md, MN sectionEnrollmentTypeDescriptor: which courses are independent study, project based or direct
/// pay PSEO.
pub static SECTION_ENROLLMENT_TYPE: MappingSpec = MappingSpec {
    key: "section-enrollment-type",
    label: "Student Section Associations > Section Enrollment Type",
    column: "Course.deliveryType",
    descriptor: "SectionEnrollmentTypeDescriptor",
    name: None,
    unmapped: Unmapped::Ignored,
    codes: |snapshot, visit| snapshot.courses.iter().filter_map(|c| c.delivery_type.as_deref()).for_each(visit),
};
