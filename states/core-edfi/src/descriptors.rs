//! Descriptor namespaces of the standard (`uri://ed-fi.org/…`) that its resources use.

use rollcall_core::descriptor::{CodeTable, CodeValue};

/// kansas-course-offerings.txt, Grade Level Descriptor: the standard's grade levels.
pub static GRADE_LEVEL: CodeTable = CodeTable {
    descriptor: "GradeLevelDescriptor",
    namespace: "uri://ed-fi.org/GradeLevelDescriptor",
    codes: &[
        CodeValue::plain("Infant/toddler"),
        CodeValue::plain("Kindergarten"),
        CodeValue::plain("First grade"),
        CodeValue::plain("Second grade"),
        CodeValue::plain("Third grade"),
        CodeValue::plain("Fourth grade"),
        CodeValue::plain("Fifth grade"),
        CodeValue::plain("Sixth grade"),
        CodeValue::plain("Seventh grade"),
        CodeValue::plain("Eighth grade"),
        CodeValue::plain("Ninth grade"),
        CodeValue::plain("Tenth grade"),
        CodeValue::plain("Eleventh grade"),
        CodeValue::plain("Twelfth grade"),
        CodeValue::plain("Ungraded"),
        CodeValue::plain("Preschool"),
    ],
};

/// The standard's terms.
pub static TERM: CodeTable = CodeTable {
    descriptor: "TermDescriptor",
    namespace: "uri://ed-fi.org/TermDescriptor",
    codes: &[
        CodeValue::plain("Fall Semester"),
        CodeValue::plain("First Quarter"),
        CodeValue::plain("First Trimester"),
        CodeValue::plain("Fourth Quarter"),
        CodeValue::plain("MiniTerm"),
        CodeValue::plain("Other"),
        CodeValue::plain("Second Quarter"),
        CodeValue::plain("Second Trimester"),
        CodeValue::plain("Spring Semester"),
        CodeValue::plain("Summer Semester"),
        CodeValue::plain("Third Quarter"),
        CodeValue::plain("Third Trimester"),
        CodeValue::plain("Year Round"),
    ],
};

/// Kinds of education organizations.
pub static EDUCATION_ORGANIZATION_CATEGORY: CodeTable = CodeTable {
    descriptor: "EducationOrganizationCategoryDescriptor",
    namespace: "uri://ed-fi.org/EducationOrganizationCategoryDescriptor",
    codes: &[
        CodeValue::plain("State Education Agency"),
        CodeValue::plain("Education Service Center"),
        CodeValue::plain("Local Education Agency"),
        CodeValue::plain("School"),
    ],
};

/// Kinds of districts.
pub static LOCAL_EDUCATION_AGENCY_CATEGORY: CodeTable = CodeTable {
    descriptor: "LocalEducationAgencyCategoryDescriptor",
    namespace: "uri://ed-fi.org/LocalEducationAgencyCategoryDescriptor",
    codes: &[CodeValue::plain("Independent"), CodeValue::plain("Charter"), CodeValue::plain("Other")],
};

/// Whose code a course code is.
pub static COURSE_IDENTIFICATION_SYSTEM: CodeTable = CodeTable {
    descriptor: "CourseIdentificationSystemDescriptor",
    namespace: "uri://ed-fi.org/CourseIdentificationSystemDescriptor",
    codes: &[
        CodeValue::plain("LEA course code"),
        CodeValue::plain("State course code"),
        CodeValue::plain("School course code"),
    ],
};
