//! Descriptor namespaces of Kansas, `uri://ksde.org/…`.

use rollcall_core::descriptor::{CodeTable, CodeValue};

/// KS Student Section Associations, Appendix, courseStatusDescriptor.
pub static COURSE_STATUS: CodeTable = CodeTable {
    descriptor: "CourseStatusDescriptor",
    namespace: "uri://ksde.org/CourseStatusDescriptor",
    codes: &[
        CodeValue::plain("Completed (Fail)"),
        CodeValue::plain("Completed (Pass)"),
        CodeValue::plain("Enrolled"),
        CodeValue::plain("Exited before course completion"),
    ],
};

/// Course Offerings (Kansas), Course Delivery Type Descriptor.
pub static COURSE_DELIVERY_TYPE: CodeTable = CodeTable {
    descriptor: "CourseDeliveryTypeDescriptor",
    namespace: "uri://ksde.org/CourseDeliveryTypeDescriptor",
    codes: &[
        CodeValue::new("D", "Distance Learning"),
        CodeValue::new("G", "General"),
        CodeValue::new("M", "Self-contained Multi"),
        CodeValue::new("S", "Self-contained Single"),
        CodeValue::new("V", "Virtual"),
    ],
};

/// Course Offerings (Kansas), Course Program Type Descriptor.
pub static COURSE_PROGRAM_TYPE: CodeTable = CodeTable {
    descriptor: "CourseProgramTypeDescriptor",
    namespace: "uri://ksde.org/CourseProgramTypeDescriptor",
    codes: &[
        CodeValue::new("A", "At-Risk"),
        CodeValue::new("E", "ESOL"),
        CodeValue::new("G", "General"),
        CodeValue::new("M", "Migrant"),
        CodeValue::new("S", "Special Education"),
    ],
};

/// Course Offerings (Kansas), College Career Type Descriptor. The document cuts the descriptions at 75 characters, the
/// length of a short description; they stand here as it has them.
pub static COLLEGE_CAREER_TYPE: CodeTable = CodeTable {
    descriptor: "CollegeCareerTypeDescriptor",
    namespace: "uri://ksde.org/CollegeCareerTypeDescriptor",
    codes: &[
        CodeValue::new("C", "CTE Dual credit funded IN an approved pathway (HS Only)/Not Excel in CTE (o"),
        CodeValue::new("D", "Dual credit NOT funded in a college program"),
        CodeValue::new("F", "CTE credit/funded course IN an approved program/pathway (Technical/Applicat"),
        CodeValue::new("L", "CTE Dual credit IN an approved program/pathway/Excel in CTE only (old SB155"),
        CodeValue::new("N", "Not dual credit/Regular course"),
        CodeValue::new("R", "CTE Dual credit NOT part of an approved program/pathway/Excel in CTE only ("),
        CodeValue::new("T", "CTE course NOT funded OR part of an approved Pathway (Local Program)"),
        CodeValue::new("X", "CTE credit/not funded IN an approved program/pathway (Introductory level)"),
    ],
};

/// Course Offerings (Kansas), Course Level Characteristic Descriptor.
pub static COURSE_LEVEL_CHARACTERISTIC: CodeTable = CodeTable {
    descriptor: "CourseLevelCharacteristicDescriptor",
    namespace: "uri://ksde.org/CourseLevelCharacteristicDescriptor",
    codes: &[
        CodeValue::new("B", "Basic/Remedial"),
        CodeValue::new("E", "Enriched/Advanced"),
        CodeValue::new("G", "General"),
        CodeValue::new("H", "Honors"),
        CodeValue::new("X", "No Specified Rigor"),
    ],
};

/// The terms that Kansas takes.
pub static TERM: CodeTable = CodeTable {
    descriptor: "TermDescriptor",
    namespace: "uri://ksde.org/TermDescriptor",
    codes: &[
        CodeValue::new("Q1", "Quarter 1"),
        CodeValue::new("Q2", "Quarter 2"),
        CodeValue::new("Q3", "Quarter 3"),
        CodeValue::new("Q4", "Quarter 4"),
        CodeValue::new("S1", "Semester 1"),
        CodeValue::new("S2", "Semester 2"),
        CodeValue::new("T1", "Trimester 1"),
        CodeValue::new("T2", "Trimester 2"),
        CodeValue::new("T3", "Trimester 3"),
        CodeValue::new("SM", "Summer"),
        CodeValue::new("YR", "Year Long"),
    ],
};
