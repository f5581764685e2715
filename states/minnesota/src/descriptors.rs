//! Descriptor namespaces of Minnesota, `uri://education.mn.gov/…`: the descriptor tables of the MDE Ed-Fi documentation,
//! in their order. Those of members that no rule fills are left out.

use rollcall_core::descriptor::{ALL_YEARS, CodeTable, CodeValue};

/// Section Enrollment Type Descriptor for MCCC. The page's fifth code, OP, is marked "Do not use", and the table of the
/// state's database lacks it.
pub static SECTION_ENROLLMENT_TYPE: CodeTable = CodeTable {
    descriptor: "SectionEnrollmentTypeDescriptor",
    namespace: "uri://education.mn.gov/SectionEnrollmentTypeDescriptor",
    codes: &[
        CodeValue::new("AI", "ALC_IND_STUDY"),
        CodeValue::new("DP", "DIRECT_PAY_PSEO"),
        CodeValue::new("PB", "PROJECT_BASED"),
        CodeValue::new(SCHEDULED, "SCHEDULED"),
    ],
};

/// The section enrollment type of a course that is nothing else.
pub const SCHEDULED: &str = "SC";

/// Who defines a course.
pub static COURSE_DEFINED_BY: CodeTable = CodeTable {
    descriptor: "CourseDefinedByDescriptor",
    namespace: "uri://education.mn.gov/CourseDefinedByDescriptor",
    codes: &[CodeValue::plain("College"), CodeValue::plain(LEA), CodeValue::plain(SEA)],
};

/// The district defines the course.
pub const LEA: &str = "LEA";

/// The state defines the course.
pub const SEA: &str = "SEA";

/// Grade levels. HK (Kindergarten Disabled) is not used any more from 2023-24 on.
pub static GRADE_LEVEL: CodeTable = CodeTable {
    descriptor: "GradeLevelDescriptor",
    namespace: "uri://education.mn.gov/GradeLevelDescriptor",
    codes: &[
        CodeValue::new("1", "Grade 1"),
        CodeValue::new("10", "Grade 10"),
        CodeValue::new("11", "Grade 11"),
        CodeValue::new("12", "Grade 12"),
        CodeValue::new("2", "Grade 2"),
        CodeValue::new("3", "Grade 3"),
        CodeValue::new("4", "Grade 4"),
        CodeValue::new("5", "Grade 5"),
        CodeValue::new("6", "Grade 6"),
        CodeValue::new("7", "Grade 7"),
        CodeValue::new("8", "Grade 8"),
        CodeValue::new("9", "Grade 9"),
        CodeValue {
            code: "EE",
            short_description: "Early Education Enrollment",
            description: "A child enrolled in an Early Education program: School Readiness or Early Childhood Family \
                          Education",
            years: ALL_YEARS,
        },
        CodeValue::new("KA", "Kindergarten Section A"),
        CodeValue::new("KB", "Kindergarten Section B"),
        CodeValue::new("KC", "Kindergarten Section C"),
        CodeValue::new("KD", "Kindergarten Section D"),
        CodeValue::new("KE", "Kindergarten Section E"),
        CodeValue::new("KF", "Kindergarten Section F"),
        CodeValue::new("KG", "Kindergarten Section G"),
        CodeValue::new("KI", "Kindergarten Section I"),
        CodeValue::new("KJ", "Kindergarten Section J"),
        CodeValue::new("KK", "Kindergarten Section K"),
    ],
};

/// Terms.
pub static TERM: CodeTable = CodeTable {
    descriptor: "TermDescriptor",
    namespace: "uri://education.mn.gov/TermDescriptor",
    codes: &[
        CodeValue::plain("Eighth Other"),
        CodeValue::plain("Eleventh Other"),
        CodeValue::plain("Fifth Hexamester"),
        CodeValue::plain("Fifth Other"),
        CodeValue::plain("Fifth Quinmester"),
        CodeValue::plain("Fifth Summer"),
        CodeValue::plain("First Hexamester"),
        CodeValue::plain("First Other"),
        CodeValue::plain("First Quarter"),
        CodeValue::plain("First Quinmester"),
        CodeValue::plain("First Semester"),
        CodeValue::plain("First Summer"),
        CodeValue::plain("First Trimester"),
        CodeValue::plain("Fourteenth Other"),
        CodeValue::plain("Fourth Hexamester"),
        CodeValue::plain("Fourth Other"),
        CodeValue::plain("Fourth Quarter"),
        CodeValue::plain("Fourth Quinmester"),
        CodeValue::plain("Fourth Summer"),
        CodeValue::plain("MiniTerm"),
        CodeValue::plain("Ninth Other"),
        CodeValue::plain("Non-Scheduled"),
        CodeValue::plain("Other"),
        CodeValue::plain("Quarter"),
        CodeValue::plain("Second Hexamester"),
        CodeValue::plain("Second Other"),
        CodeValue::plain("Second Quarter"),
        CodeValue::plain("Second Quinmester"),
        CodeValue::plain("Second Semester"),
        CodeValue::plain("Second Summer"),
        CodeValue::plain("Second Trimester"),
        CodeValue::plain("Semester"),
        CodeValue::plain("Seventh Other"),
        CodeValue::plain("Sixth Hexamester"),
        CodeValue::plain("Sixth Other"),
        CodeValue::plain("Sixth Summer"),
        CodeValue::plain("Summer Semester"),
        CodeValue::plain("Tenth Other"),
        CodeValue::plain("Third Hexamester"),
        CodeValue::plain("Third Other"),
        CodeValue::plain("Third Quarter"),
        CodeValue::plain("Third Quinmester"),
        CodeValue::plain("Third Summer"),
        CodeValue::plain("Third Trimester"),
        CodeValue::plain("Thirteenth Other"),
        CodeValue::plain("Trimester"),
        CodeValue::plain("Twelfth Other"),
        CodeValue::plain("Year Round"),
    ],
};
