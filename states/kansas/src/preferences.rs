//! The Resource Preferences of Kansas' course offerings.

use rollcall_core::preferences::{MappingSpec, Unmapped};

/// courseLevelCharacteristics: Course.courseLevel.
pub static COURSE_LEVEL: MappingSpec = MappingSpec {
    key: "course-level",
    label: "Course Offerings > Course Level",
    column: "Course.courseLevel",
    descriptor: "CourseLevelCharacteristicDescriptor",
    name: None,
    unmapped: Unmapped::LeftOut,
    codes: |snapshot, visit| snapshot.courses.iter().filter_map(|c| c.course_level.as_deref()).for_each(visit),
};

/// courseDeliveryTypeDescriptor: Course.deliveryType.
pub static DELIVERY_TYPE: MappingSpec = MappingSpec {
    key: "delivery-type",
    label: "Course Offerings > Delivery Type",
    column: "Course.deliveryType",
    descriptor: "CourseDeliveryTypeDescriptor",
    name: None,
    unmapped: Unmapped::LeftOut,
    codes: |snapshot, visit| snapshot.courses.iter().filter_map(|c| c.delivery_type.as_deref()).for_each(visit),
};

/// courseProgramTypeDescriptor: Course.targetedProgram.
pub static TARGETED_PROGRAM: MappingSpec = MappingSpec {
    key: "targeted-program",
    label: "Course Offerings > Targeted Program",
    column: "Course.targetedProgram",
    descriptor: "CourseProgramTypeDescriptor",
    name: None,
    unmapped: Unmapped::LeftOut,
    codes: |snapshot, visit| snapshot.courses.iter().filter_map(|c| c.targeted_program.as_deref()).for_each(visit),
};

/// collegeCareerTypeDescriptor: Course.collegeCareerType.
pub static COLLEGE_CAREER_TYPE: MappingSpec = MappingSpec {
    key: "college-career-type",
    label: "Course Offerings > College Career Type",
    column: "Course.collegeCareerType",
    descriptor: "CollegeCareerTypeDescriptor",
    name: None,
    unmapped: Unmapped::LeftOut,
    codes: |snapshot, visit| snapshot.courses.iter().filter_map(|c| c.college_career_type.as_deref()).for_each(visit),
};
