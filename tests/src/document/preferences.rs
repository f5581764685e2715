//! The configuration's mappings, read without the program's own reader.

use std::collections::BTreeMap;

use toml::Value;

/// The preferences of a Kansas connection.
pub struct Preferences {
    /// The configured school years.
    pub years: Vec<i64>,
    mappings: BTreeMap<String, BTreeMap<String, Code>>,
}

/// The Ed-Fi side of an entry.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Code {
    /// The descriptor value.
    pub(super) uri: String,
    /// Core Sessions, `SessionName`: "Reports the Term Descriptor of the Term(s) being reported", unless the entry
    /// has a name of its own.
    pub(super) session: String,
}

/// states.md 1.3: the term codes that Kansas has under its own namespace.
const TERMS: [&str; 11] = ["Q1", "Q2", "Q3", "Q4", "S1", "S2", "T1", "T2", "T3", "SM", "YR"];

impl Preferences {
    /// Reads the text of a `rollcall.toml`.
    pub fn read(text: &str) -> Self {
        let config: toml::Table = text.parse().expect("the configuration is TOML");
        let years = config["school-years"].as_array().expect("school-years is a list");
        let mut mappings: BTreeMap<String, BTreeMap<String, Code>> = BTreeMap::new();
        for (mapping, entries) in config["mappings"].as_table().expect("mappings is a table") {
            for (local, value) in entries.as_table().expect("a mapping is a table") {
                let (code, session) = match value {
                    Value::Table(entry) => (entry["code"].as_str(), entry.get("session-name").and_then(Value::as_str)),
                    other => (other.as_str(), None),
                };
                let code = code.expect("a code is a text");
                let entry = Code { uri: uri(mapping, code), session: session.unwrap_or(code).to_owned() };
                mappings.entry(mapping.clone()).or_default().insert(local.clone(), entry);
            }
        }
        Self { years: years.iter().map(|year| year.as_integer().expect("a year is a number")).collect(), mappings }
    }

    /// What a local code is mapped to.
    pub(super) fn mapped(&self, mapping: &str, local: Option<&str>) -> Option<&Code> {
        self.mappings.get(mapping)?.get(local?)
    }
}

/// A code's descriptor value, in the namespaces of the documents' descriptor tables.
fn uri(mapping: &str, code: &str) -> String {
    if code.starts_with("uri://") {
        return code.to_owned();
    }
    match mapping {
        "term-type" | "term-descriptor-override" if TERMS.contains(&code) => {
            format!("uri://ksde.org/TermDescriptor#{code}")
        }
        "term-type" | "term-descriptor-override" => format!("uri://ed-fi.org/TermDescriptor#{code}"),
        "grade-level" => format!("uri://ed-fi.org/GradeLevelDescriptor#{code}"),
        "course-level" => format!("uri://ksde.org/CourseLevelCharacteristicDescriptor#{code}"),
        "delivery-type" => format!("uri://ksde.org/CourseDeliveryTypeDescriptor#{code}"),
        "targeted-program" => format!("uri://ksde.org/CourseProgramTypeDescriptor#{code}"),
        "college-career-type" => format!("uri://ksde.org/CollegeCareerTypeDescriptor#{code}"),
        other => panic!("the tests know no mapping {other}"),
    }
}
