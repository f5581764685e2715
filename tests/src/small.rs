//! Kansas' configuration for the small district (`rollcall_core::testing::District::small`).

/// The mappings: every local code that the district has, and some that a test gives it.
pub const KANSAS_MAPPINGS: &str = r#"
[mappings.term-type]
"Fall" = "S1"
"Spring" = "S2"
"Summer" = "SM"

[mappings.term-descriptor-override]
"first quarter" = "Q1"
"whole year" = "YR"

[mappings.grade-level]
"09" = "Ninth grade"
"10" = "Tenth grade"

[mappings.course-level]
"H" = "H"
"G" = "G"

[mappings.delivery-type]
"G" = "G"

[mappings.targeted-program]
"A" = "A"

[mappings.college-career-type]
"N" = "N"
"#;

/// The whole configuration, for 2025-26; no ODS is at its address.
pub fn kansas() -> String {
    format!("state = \"ks\"\nschool-years = [2026]\n\n[connection]\nurl = \"http://127.0.0.1\"\n{KANSAS_MAPPINGS}")
}
