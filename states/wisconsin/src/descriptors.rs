//! Descriptor namespaces of Wisconsin, `uri://dpi.wi.gov/…`.

use std::ops::RangeInclusive;

use rollcall_core::descriptor::{ALL_YEARS, CodeTable, CodeValue};

/// The document's Descriptors table, `AttemptStatusDescriptor`.
pub static ATTEMPT_STATUS: CodeTable = CodeTable {
    descriptor: "AttemptStatusDescriptor",
    namespace: "uri://dpi.wi.gov/AttemptStatusDescriptor",
    codes: &[
        described(
            "S",
            "Sufficient",
            "Use sufficient as the Attempt Status when the student is enrolled in the section for the minimum amount \
             of time to receive an outcome.",
            ALL_YEARS,
        ),
        described(
            "I",
            "Insufficient",
            "Use Insufficient as the Attempt Status when the student is not enrolled in the section for the minimum \
             amount of time to receive an outcome.",
            ALL_YEARS,
        ),
    ],
};

/// "For 2023-24 SY and Prior": use case 8.0.
const TO_2024: RangeInclusive<i32> = *ALL_YEARS.start()..=2024;
/// "For 2023-24 SY and Later": use case 9.0. Both cases claim 2023-24, so all types hold in it (docs/readings.md).
const FROM_2024: RangeInclusive<i32> = 2024..=*ALL_YEARS.end();

/// The document's Descriptors table, `ProgramTypeDescriptor`, with the school years of use cases 8.0 and 9.0.
pub static PROGRAM_TYPE: CodeTable = CodeTable {
    descriptor: "ProgramTypeDescriptor",
    namespace: "uri://dpi.wi.gov/ProgramTypeDescriptor",
    codes: &[
        described("Certified", "Certified Career Education Program", "Certified Career Education Program", TO_2024),
        described(
            "IRC",
            "Industry Recognized Credentials",
            "Use for courses or work experiences that meet Industry Recognized Credentials",
            FROM_2024,
        ),
        described("WBL", "Work-based Learning", "Use for employer-connected experiences", FROM_2024),
        described(
            "Non Certified",
            "Non Certified Career Education Program",
            "Non Certified Career Education Program",
            TO_2024,
        ),
        CodeValue::new("Dual", "Dual Enrollment Program"),
        CodeValue::new("WL", "World Language Program"),
    ],
};

/// The terms of the state: the one that its documents name (docs/readings.md). A district maps its other terms to the
/// standard's codes.
pub static TERM: CodeTable = CodeTable {
    descriptor: "TermDescriptor",
    namespace: "uri://dpi.wi.gov/TermDescriptor",
    codes: &[CodeValue::new("A", "Annual")],
};

/// How a section is taught.
pub static MEDIUM_OF_INSTRUCTION: CodeTable = CodeTable {
    descriptor: "MediumOfInstructionDescriptor",
    namespace: "uri://dpi.wi.gov/MediumOfInstructionDescriptor",
    codes: &[CodeValue::new(FACE_TO_FACE, "Face-to-face instruction"), CodeValue::new("Dist", "Distance learning")],
};

/// The medium of instruction when nothing else is known.
pub const FACE_TO_FACE: &str = "F2F";

/// Career clusters, by number. The documents name this one code and no text for it; the others have to be added as the
/// state's list of them becomes known.
pub static CAREER_PATHWAY: CodeTable = CodeTable {
    descriptor: "CareerPathwayDescriptor",
    namespace: "uri://dpi.wi.gov/CareerPathwayDescriptor",
    codes: &[CodeValue::plain("4")],
};

const fn described(
    code: &'static str,
    short_description: &'static str,
    description: &'static str,
    years: RangeInclusive<i32>,
) -> CodeValue {
    CodeValue { code, short_description, description, years }
}
