//! What the tests of this crate share: the small district with Wisconsin's mappings, and what a rule decides about it.
#![allow(dead_code, reason = "each test file takes its own part")]

use std::sync::LazyLock;

use rollcall_core::context::Context;
use rollcall_core::descriptor::CodeTable;
use rollcall_core::model::{Class, DataStandard, Surroundings, check};
use rollcall_core::preferences::{MappedCode, OptionSpec, Preferences};
use rollcall_core::registry::{Registry, StateView};
use rollcall_core::resource::{Need, Resource, ResourceSpec};
use rollcall_core::sources::{Fingerprint, Sources};
use rollcall_core::testing::{District, preferences};
use rollcall_core::value::Object;
use rollcall_core::verdict::{ObjectKey, Problem, Verdict};
use serde_json::Value;

const MAPPINGS: &[(&str, &str, &str)] = &[
    ("term-type", "Fall", "uri://ed-fi.org/TermDescriptor#Fall Semester"),
    ("term-type", "Spring", "uri://ed-fi.org/TermDescriptor#Spring Semester"),
    ("term-type", "Annual", "uri://dpi.wi.gov/TermDescriptor#A"),
    ("grade-level", "08", "uri://ed-fi.org/GradeLevelDescriptor#Eighth grade"),
    ("grade-level", "09", "uri://ed-fi.org/GradeLevelDescriptor#Ninth grade"),
    ("grade-level", "10", "uri://ed-fi.org/GradeLevelDescriptor#Tenth grade"),
    ("delivery-type", "G", "uri://dpi.wi.gov/MediumOfInstructionDescriptor#F2F"),
    ("delivery-type", "V", "uri://dpi.wi.gov/MediumOfInstructionDescriptor#Dist"),
    ("career-pathway", "C", "uri://dpi.wi.gov/CareerPathwayDescriptor#4"),
];

/// What registered. In a build of the whole workspace the standard's own state registers too.
pub(crate) static REGISTRY: LazyLock<Registry> =
    LazyLock::new(|| Registry::build(&["wi"]).or_else(|_| Registry::build(&["ed-fi", "wi"])).unwrap());

/// Wisconsin with everything that it uses.
pub(crate) fn wisconsin() -> StateView {
    REGISTRY.state("wi").unwrap()
}

/// A district, its preferences, and a resource to ask.
#[derive(Clone)]
pub(crate) struct Case {
    resource: &'static dyn Resource,
    district: District,
    preferences: Preferences,
    years: Vec<i32>,
}

impl Case {
    /// The small district in 2025-26: Ada (Person:1) is in ALG1-01 in the fall (`Roster:1`), with a final grade, and in
    /// BAND-07 all year (`Roster:2`); Ben (Person:2) is in ALG1-01 from 2 September (`Roster:3`).
    pub(crate) fn of(resource: &'static dyn Resource) -> Self {
        let case =
            Self { resource, district: District::small(), preferences: preferences(MAPPINGS), years: vec![2026] };
        case.with_grade("1", "1", "1", "1")
    }

    /// The same district, asked about another resource.
    pub(crate) fn about(&self, resource: &'static dyn Resource) -> Self {
        Self { resource, ..self.clone() }
    }

    /// The same district in another school year.
    #[must_use]
    pub(crate) fn in_year(self, end_year: i32) -> Self {
        let fall = end_year - 1;
        let case = [
            ("Calendar:1.endYear", end_year.to_string()),
            ("Term:1.startDate", format!("{fall}-08-10")),
            ("Term:1.endDate", format!("{fall}-12-19")),
            ("Term:2.startDate", format!("{end_year}-01-05")),
            ("Term:2.endDate", format!("{end_year}-05-22")),
            ("Enrollment:1.startDate", format!("{fall}-08-10")),
            ("Enrollment:2.startDate", format!("{fall}-08-10")),
            ("Roster:3.startDate", format!("{fall}-09-02")),
        ];
        let case = case.iter().fold(self, |case, (cell, value)| case.set(cell, value));
        Self { years: vec![end_year], ..case }
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

    /// One row less.
    #[must_use]
    pub(crate) fn without(mut self, row: &str) -> Self {
        self.district = self.district.without(row);
        self
    }

    /// The only term's type, under a session name.
    #[must_use]
    pub(crate) fn name_session(mut self, local: &str, name: &str) -> Self {
        let uri = "uri://dpi.wi.gov/TermDescriptor#A".to_owned();
        let code = MappedCode { uri, code: "A".to_owned(), name: Some(name.to_owned()) };
        self.preferences.map("term-type", local, code);
        self
    }

    /// An option's value.
    #[must_use]
    pub(crate) fn option(mut self, option: &OptionSpec, value: &str) -> Self {
        self.preferences.set_option(option, value);
        self
    }

    /// A roster of a student in a section.
    #[must_use]
    pub(crate) fn with_roster(self, id: &str, person: &str, section: &str, start: &str, end: &str) -> Self {
        let cells = [("rosterID", id), ("personID", person), ("sectionID", section), ("trialID", "1")];
        self.with("Roster", &[&cells[..], &[("startDate", start), ("endDate", end)]].concat())
    }

    /// A program on a roster.
    #[must_use]
    pub(crate) fn with_program(self, id: &str, roster: &str, name: &str, kind: &str) -> Self {
        let cells = [("rosterProgramID", id), ("rosterID", roster), ("programName", name), ("programType", kind)];
        self.with("RosterProgram", &cells)
    }

    /// A posted final grade.
    #[must_use]
    pub(crate) fn with_grade(self, id: &str, person: &str, section: &str, term: &str) -> Self {
        let cells = [("scoreID", id), ("personID", person), ("calendarID", "1"), ("sectionID", section)];
        let posted = [("taskID", "1"), ("termID", term), ("score", "A"), ("date", "2025-12-18")];
        self.with("GradingScore", &[cells, posted].concat())
    }

    /// Answers a question about the whole district.
    pub(crate) fn ask<T>(&self, answer: impl FnOnce(&Context<'_>) -> T) -> T {
        let snapshot = self.district.snapshot();
        answer(&Context { snapshot: &snapshot, preferences: &self.preferences, years: &self.years })
    }

    fn decide<T>(&self, object: &str, read: impl FnOnce(Verdict<'_>, &Sources) -> T) -> T {
        let key = ObjectKey::parse(object).unwrap_or_else(|| panic!("{object} is no object key"));
        self.ask(|cx| {
            let mut sources = Sources::recording();
            let verdict = self.resource.verdict(cx, key, &mut sources);
            read(verdict, &sources)
        })
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
        self.decide(object, |verdict, _| match verdict {
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

    /// Why an object reports nothing: the rule's name, and the row that decided.
    pub(crate) fn excluded(&self, object: &str) -> String {
        self.decide(object, |verdict, _| match verdict {
            Verdict::Exclude(exclusion) => {
                let listed = self.resource.spec().exclusions.iter().any(|rule| std::ptr::eq(*rule, exclusion.rule));
                assert!(listed, "{} is not listed", exclusion.rule.name);
                let because = exclusion.because.map(|row| format!(" {row}")).unwrap_or_default();
                format!("{}{because}", exclusion.rule.name)
            }
            Verdict::Report(_) => panic!("{object} reports"),
            Verdict::Defect(problem) => panic!("{object} is defective: {problem}"),
        })
    }

    /// What has to be mended before an object can report.
    pub(crate) fn defect(&self, object: &str) -> Problem {
        self.decide(object, |verdict, _| match verdict {
            Verdict::Defect(problem) => problem,
            Verdict::Report(_) => panic!("{object} reports"),
            Verdict::Exclude(exclusion) => panic!("{object} is excluded: {}", exclusion.rule.name),
        })
    }

    /// The fingerprint of what was read for an object.
    pub(crate) fn source(&self, object: &str) -> Fingerprint {
        self.decide(object, |_, sources| sources.fingerprint())
    }

    /// The column that was read last, of those that `explain` shows.
    pub(crate) fn last_read(&self, object: &str) -> &'static str {
        self.decide(object, |_, sources| sources.values().last().expect("something was read").column)
    }

    /// What an object's record leaves out.
    pub(crate) fn omissions(&self, object: &str) -> Vec<String> {
        self.decide(object, |_, sources| sources.omissions().iter().map(ToString::to_string).collect())
    }

    fn assert_valid(&self, body: &Object<'_>) {
        let (view, name) = (wisconsin(), self.resource.spec().name);
        let model = DataStandard::ed_fi_4_0().resource(name).unwrap();
        let extensions = view.extensions_of(name, self.years[0]);
        let extensions: Vec<(&str, &Class)> = extensions.iter().map(|(key, class)| (*key, class)).collect();
        let known = view.descriptors(&self.years);
        let exists = |descriptor: &str, uri: &str| known.exists(descriptor, uri);
        let violations = check(model, body, &Surroundings { extensions: &extensions, descriptor_exists: &exists });
        let violations: Vec<_> = violations.iter().map(ToString::to_string).collect();
        assert_eq!(violations, Vec::<String>::new());
    }
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
pub(crate) fn assert_code(table: &CodeTable, namespace: &str, code: &str, short: &str, description: &str) {
    assert_eq!(table.namespace, namespace);
    let found: Vec<_> = table.codes.iter().filter(|known| known.code == code).collect();
    let [found] = found[..] else { panic!("{} of \"{code}\"", found.len()) };
    assert_eq!((found.short_description, found.description), (short, description));
}
