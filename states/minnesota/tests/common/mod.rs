//! What the tests of this crate share: the small district with Minnesota's mappings, and what a rule decides about it.
#![allow(dead_code, reason = "each test file takes its own part")]

use std::sync::LazyLock;

use rollcall_core::context::Context;
use rollcall_core::descriptor::CodeTable;
use rollcall_core::model::{Class, DataStandard, Surroundings, check};
use rollcall_core::preferences::{MappedCode, OptionSpec, Preferences};
use rollcall_core::registry::{Registry, StateView};
use rollcall_core::resource::{Need, Resource, ResourceSpec};
use rollcall_core::sources::Sources;
use rollcall_core::testing::{District, preferences};
use rollcall_core::value::Object;
use rollcall_core::verdict::{ObjectKey, Verdict};
// A crate that nothing names is lost by the linker, and its registrations with it.
use rollcall_minnesota as _;
use serde_json::Value;

/// Delivery types: V is mapped to independent study, P to project based and D to direct pay PSEO; G is not mapped.
const MAPPINGS: &[(&str, &str, &str)] = &[
    ("grade-level", "09", "uri://education.mn.gov/GradeLevelDescriptor#9"),
    ("grade-level", "10", "uri://education.mn.gov/GradeLevelDescriptor#10"),
    ("section-enrollment-type", "V", "uri://education.mn.gov/SectionEnrollmentTypeDescriptor#AI"),
    ("section-enrollment-type", "P", "uri://education.mn.gov/SectionEnrollmentTypeDescriptor#PB"),
    ("section-enrollment-type", "D", "uri://education.mn.gov/SectionEnrollmentTypeDescriptor#DP"),
];

/// What registered. In a build of the whole workspace the standard's own state registers too.
pub(crate) static REGISTRY: LazyLock<Registry> =
    LazyLock::new(|| Registry::build(&["mn"]).or_else(|_| Registry::build(&["ed-fi", "mn"])).unwrap());

/// Minnesota with everything that it uses.
pub(crate) fn minnesota() -> StateView {
    REGISTRY.state("mn").unwrap()
}

/// A district, its preferences, and a resource to ask.
#[derive(Clone)]
pub(crate) struct Case {
    resource: &'static dyn Resource,
    district: District,
    preferences: Preferences,
}

impl Case {
    /// The small district in 2025-26, district 500 and school 500001, with the session names of the MDE's samples: Ada
    /// (Person:1) is in ALG1-01 in the fall (`Roster:1`) and in BAND-07 all year (`Roster:2`); Ben (Person:2) is in
    /// ALG1-01 from 2 September (`Roster:3`).
    pub(crate) fn of(resource: &'static dyn Resource) -> Self {
        let case = Self { resource, district: District::small(), preferences: preferences(MAPPINGS) };
        case.map_term("Fall", "First Semester", "Fall").map_term("Spring", "Second Semester", "Spring")
    }

    /// The same district, asked about another resource.
    pub(crate) fn about(&self, resource: &'static dyn Resource) -> Self {
        Self { resource, ..self.clone() }
    }

    /// A term type, mapped to one of the state's terms under a session name.
    fn map_term(mut self, local: &str, code: &str, name: &str) -> Self {
        let uri = format!("uri://education.mn.gov/TermDescriptor#{code}");
        let code = MappedCode { uri, code: code.to_owned(), name: Some(name.to_owned()) };
        self.preferences.map("term-type", local, code);
        self
    }

    /// `Table:id.column` = value.
    #[must_use]
    pub(crate) fn set(mut self, cell: &str, value: &str) -> Self {
        self.district = self.district.set(cell, value);
        self
    }

    /// One more row.
    #[must_use]
    pub(crate) fn with(mut self, table: &str, cells: &[(&str, &str)]) -> Self {
        self.district = self.district.with(table, cells);
        self
    }

    /// An option's value.
    #[must_use]
    pub(crate) fn option(mut self, option: &OptionSpec, value: &str) -> Self {
        self.preferences.set_option(option, value);
        self
    }

    /// Answers a question about the whole district.
    pub(crate) fn ask<T>(&self, answer: impl FnOnce(&Context<'_>) -> T) -> T {
        let snapshot = self.district.snapshot();
        answer(&Context { snapshot: &snapshot, preferences: &self.preferences, years: &[2026] })
    }

    fn decide<T>(&self, object: &str, read: impl FnOnce(Verdict<'_>) -> T) -> T {
        let key = ObjectKey::parse(object).unwrap_or_else(|| panic!("{object} is no object key"));
        self.ask(|cx| read(self.resource.verdict(cx, key, &mut Sources::recording())))
    }

    /// The objects that report a record.
    pub(crate) fn reporting(&self) -> Vec<String> {
        self.ask(|cx| {
            let mut reporting = Vec::new();
            self.resource.objects(cx, &mut |object| {
                if matches!(self.resource.verdict(cx, object, &mut Sources::new()), Verdict::Report(_)) {
                    reporting.push(object.to_string());
                }
            });
            reporting
        })
    }

    /// The body that an object reports: one that the payload check lets pass.
    pub(crate) fn body(&self, object: &str) -> Value {
        self.decide(object, |verdict| match verdict {
            Verdict::Report(body) => {
                self.assert_valid(&body);
                serde_json::from_slice(&body.to_json()).unwrap()
            }
            Verdict::Exclude(exclusion) => panic!("{object} is excluded: {}", exclusion.rule.name),
            Verdict::Defect(problem) => panic!("{object} is defective: {problem}"),
        })
    }

    /// One member of the body, by JSON pointer; null when it is not there.
    pub(crate) fn at(&self, object: &str, pointer: &str) -> Value {
        self.body(object).pointer(pointer).cloned().unwrap_or(Value::Null)
    }

    /// Why an object reports nothing: the rule's name.
    pub(crate) fn excluded(&self, object: &str) -> &'static str {
        self.decide(object, |verdict| match verdict {
            Verdict::Exclude(exclusion) => {
                let listed = self.resource.spec().exclusions.iter().any(|rule| std::ptr::eq(*rule, exclusion.rule));
                assert!(listed, "{} is not listed", exclusion.rule.name);
                exclusion.rule.name
            }
            Verdict::Report(_) => panic!("{object} reports"),
            Verdict::Defect(problem) => panic!("{object} is defective: {problem}"),
        })
    }

    fn assert_valid(&self, body: &Object<'_>) {
        assert_eq!(violations(self.resource.spec().name, body), Vec::<String>::new());
    }
}

/// What the payload check says of a body.
pub(crate) fn violations(resource: &str, body: &Object<'_>) -> Vec<String> {
    let (view, year) = (minnesota(), 2026);
    let model = DataStandard::ed_fi_4_0().resource(resource).unwrap();
    let extensions = view.extensions_of(resource, year);
    let extensions: Vec<(&str, &Class)> = extensions.iter().map(|(key, class)| (*key, class)).collect();
    let known = view.descriptors(&[year]);
    let exists = |descriptor: &str, uri: &str| known.exists(descriptor, uri);
    let violations = check(model, body, &Surroundings { extensions: &extensions, descriptor_exists: &exists });
    violations.iter().map(ToString::to_string).collect()
}

/// An element's place in the document's table.
#[track_caller]
pub(crate) fn assert_element(spec: &ResourceSpec, name: &str, need: Need, key: bool) {
    let found: Vec<_> = spec.elements.iter().filter(|element| element.name == name).collect();
    let [found] = found[..] else { panic!("{} of {name}", found.len()) };
    assert_eq!((found.need, found.key), (need, key), "{name}");
}

/// A row of the document's descriptor table.
#[track_caller]
pub(crate) fn assert_code(table: &CodeTable, code: &str, description: &str) {
    assert_eq!(table.namespace, format!("uri://education.mn.gov/{}", table.descriptor));
    let found: Vec<_> = table.codes.iter().filter(|known| known.code == code).collect();
    let [found] = found[..] else { panic!("{} of \"{code}\"", found.len()) };
    assert_eq!((found.short_description, found.description), (description, description));
}
