//! The configuration's mappings, read without the program's own reader.

use std::collections::BTreeMap;

use toml::Value;

/// The preferences of a connection.
pub struct Preferences {
    /// The configured school years.
    pub years: Vec<i64>,
    options: BTreeMap<String, String>,
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
    /// The name of a program at the ODS, where the entry has one.
    pub(super) program: Option<String>,
}

/// states.md 1.3: the term codes that Kansas has under its own namespace.
const TERMS: [&str; 11] = ["Q1", "Q2", "Q3", "Q4", "S1", "S2", "T1", "T2", "T3", "SM", "YR"];

impl Preferences {
    /// Reads the text of a `rollcall.toml`.
    pub fn read(text: &str) -> Self {
        let config: toml::Table = text.parse().expect("the configuration is TOML");
        let state = config["state"].as_str().expect("a state is named");
        let options = config.get("options").and_then(Value::as_table).into_iter().flatten();
        let options =
            options.map(|(key, value)| (key.clone(), value.as_str().expect("an option is a text").to_owned()));
        let years = config["school-years"].as_array().expect("school-years is a list");
        let mut mappings: BTreeMap<String, BTreeMap<String, Code>> = BTreeMap::new();
        for (mapping, entries) in config["mappings"].as_table().expect("mappings is a table") {
            for (local, value) in entries.as_table().expect("a mapping is a table") {
                let code = value.get("code").unwrap_or(value).as_str().expect("a code is a text");
                let own = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
                let session = own("session-name").unwrap_or_else(|| code.to_owned());
                let entry = Code { uri: uri(state, mapping, code), session, program: own("program-name") };
                mappings.entry(mapping.clone()).or_default().insert(local.clone(), entry);
            }
        }
        let years = years.iter().map(|year| year.as_integer().expect("a year is a number")).collect();
        Self { years, options: options.collect(), mappings }
    }

    /// What the district has chosen where the readings leave a choice.
    pub(super) fn option(&self, key: &str) -> Option<&str> {
        self.options.get(key).map(String::as_str)
    }

    /// What a local code is mapped to.
    pub(super) fn mapped(&self, mapping: &str, local: Option<&str>) -> Option<&Code> {
        self.mappings.get(mapping)?.get(local?)
    }
}

/// A code's descriptor value, in the namespaces of the documents' descriptor tables.
fn uri(state: &str, mapping: &str, code: &str) -> String {
    if code.starts_with("uri://") {
        return code.to_owned();
    }
    let descriptor = match (state, mapping) {
        ("ks", "term-type" | "term-descriptor-override") if TERMS.contains(&code) => "ksde.org/TermDescriptor",
        // states.md 2.4: "termDescriptor uri://dpi.wi.gov/TermDescriptor#A (annual)"
        ("wi", "term-type" | "term-descriptor-override") if code == "A" => "dpi.wi.gov/TermDescriptor",
        (_, "term-type" | "term-descriptor-override") => "ed-fi.org/TermDescriptor",
        (_, "grade-level") => "ed-fi.org/GradeLevelDescriptor",
        ("ks", "course-level") => "ksde.org/CourseLevelCharacteristicDescriptor",
        ("ks", "delivery-type") => "ksde.org/CourseDeliveryTypeDescriptor",
        ("ks", "targeted-program") => "ksde.org/CourseProgramTypeDescriptor",
        ("ks", "college-career-type") => "ksde.org/CollegeCareerTypeDescriptor",
        ("wi", "delivery-type") => "dpi.wi.gov/MediumOfInstructionDescriptor",
        ("wi", "career-pathway") => "dpi.wi.gov/CareerPathwayDescriptor",
        ("ed-fi", "career-pathway") => "ed-fi.org/CareerPathwayDescriptor",
        ("ed-fi", "program") => "ed-fi.org/ProgramTypeDescriptor",
        ("ed-fi", "technical-skills-assessment") => "ed-fi.org/TechnicalSkillsAssessmentDescriptor",
        // A true or a false, not a descriptor.
        ("ed-fi", "student-status") => return code.to_owned(),
        (state, other) => panic!("the tests know no mapping {other} of {state}"),
    };
    format!("uri://{descriptor}#{code}")
}
