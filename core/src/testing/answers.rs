//! What a resource says of a case: its objects, records, exclusions and defects, and what was read for them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Case;
use crate::context::Context;
use crate::descriptor::{CodeTable, uri};
use crate::model::{Class, DataStandard, NaturalKey, ResourceModel, Surroundings, check};
use crate::registry::StateView;
use crate::sources::{Fingerprint, Sources};
use crate::value::Object;
use crate::verdict::{ObjectKey, Problem, Verdict};

impl Case {
    /// The codes that stand in a mapping's column: those without an entry are what `check` lists.
    pub fn codes(&self, mapping: &str) -> Vec<String> {
        let spec = self.resource.spec().mappings.iter().find(|spec| spec.key == mapping);
        let spec = spec.unwrap_or_else(|| panic!("no mapping {mapping}"));
        self.ask(|cx| {
            let mut codes = Vec::new();
            (spec.codes)(cx.snapshot, &mut |code| codes.push(code.to_owned()));
            codes
        })
    }

    /// Something of the snapshot and the preferences.
    pub fn ask<T>(&self, answer: impl FnOnce(&Context<'_>) -> T) -> T {
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

    /// The objects that the resource decides about.
    pub fn objects(&self) -> Vec<String> {
        self.ask(|cx| {
            let mut objects = Vec::new();
            self.resource.objects(cx, &mut |object| objects.push(object.to_string()));
            objects
        })
    }

    /// The objects that report a record.
    pub fn reporting(&self) -> Vec<String> {
        let mut objects = self.objects();
        objects.retain(|object| self.reports(object));
        objects
    }

    fn reports(&self, object: &str) -> bool {
        self.decide(object, |verdict, _| matches!(verdict, Verdict::Report(_)))
    }

    /// The body that an object reports; in a state, one that its payload check lets pass.
    pub fn body(&self, object: &str) -> Value {
        self.decide(object, |verdict, _| match verdict {
            Verdict::Report(body) => {
                if let Some(state) = self.state {
                    let name = self.resource.spec().name;
                    assert_eq!(violations(state, name, &self.years, &body), Vec::<String>::new(), "{object}");
                }
                serde_json::from_slice(&body.to_json()).unwrap()
            }
            Verdict::Exclude(exclusion) => panic!("{object} is excluded: {}", exclusion.rule.name),
            Verdict::Defect(problem) => panic!("{object} is defective: {problem}"),
        })
    }

    /// One member of the body, by JSON pointer; null when it is not there.
    pub fn at(&self, object: &str, pointer: &str) -> Value {
        self.body(object).pointer(pointer).cloned().unwrap_or(Value::Null)
    }

    /// Why an object reports nothing: the rule's name, and the row that decided where there is one.
    pub fn excluded(&self, object: &str) -> String {
        self.decide(object, |verdict, _| match verdict {
            Verdict::Exclude(exclusion) => {
                let listed = self.resource.spec().exclusions.iter().any(|rule| std::ptr::eq(*rule, exclusion.rule));
                assert!(listed || exclusion.rule.name == "not-in-sis", "{} is not listed", exclusion.rule.name);
                let because = exclusion.because.map(|row| format!(" {row}")).unwrap_or_default();
                format!("{}{because}", exclusion.rule.name)
            }
            Verdict::Report(_) => panic!("{object} reports"),
            Verdict::Defect(problem) => panic!("{object} is defective: {problem}"),
        })
    }

    /// What has to be mended before an object can report.
    pub fn defect(&self, object: &str) -> Problem {
        self.decide(object, |verdict, _| match verdict {
            Verdict::Defect(problem) => problem,
            Verdict::Report(_) => panic!("{object} reports"),
            Verdict::Exclude(exclusion) => panic!("{object} is excluded: {}", exclusion.rule.name),
        })
    }

    /// What is wrong with the body that an object reports, by the standard's model and some code lists.
    pub fn violations(&self, object: &str, namespaces: &[&CodeTable]) -> Vec<String> {
        let exists = |descriptor: &str, value: &str| {
            let codes = namespaces.iter().filter(|table| table.descriptor == descriptor);
            codes.flat_map(|t| t.codes.iter().map(|c| uri(t.namespace, c.code))).any(|known| known == value)
        };
        let surroundings = Surroundings { extensions: &[], descriptor_exists: &exists };
        self.decide(object, |verdict, _| {
            let model = self.model();
            let body = verdict.report().unwrap_or_else(|| panic!("{object} does not report"));
            check(model, &body, &surroundings).iter().map(ToString::to_string).collect()
        })
    }

    /// What an object's record leaves out.
    pub fn omissions(&self, object: &str) -> Vec<String> {
        self.decide(object, |_, sources| sources.omissions().iter().map(ToString::to_string).collect())
    }

    /// The fingerprint of what was read for an object.
    pub fn source(&self, object: &str) -> Fingerprint {
        self.decide(object, |_, sources| sources.fingerprint())
    }

    /// Whether a column was read for an object.
    pub fn reads(&self, object: &str, column: &str) -> bool {
        self.decide(object, |_, sources| sources.values().iter().any(|value| value.column == column))
    }

    /// The column that was read last for an object, of those that `explain` shows.
    pub fn last_read(&self, object: &str) -> &'static str {
        self.decide(object, |_, sources| sources.values().last().expect("something was read").column)
    }

    /// The resource's model; one that a state adds whole is known in that state alone.
    fn model(&self) -> &'static ResourceModel {
        let standard = self.state.map_or_else(DataStandard::ed_fi_4_0, StateView::standard);
        let name = self.resource.spec().name;
        standard.resource(name).unwrap_or_else(|| panic!("no model of {name}; see `Case::in_state`"))
    }

    /// The natural key under which an object reports.
    pub fn key(&self, object: &str) -> String {
        let key = self.decide(object, |verdict, _| {
            verdict.report().map(|body| NaturalKey::of(self.model(), &body).unwrap().to_string())
        });
        key.unwrap_or_else(|| panic!("{object} does not report"))
    }

    /// The records that report: natural key, the objects behind it, and the newest object's body.
    pub fn records(&self) -> BTreeMap<String, (Vec<String>, Value)> {
        let mut records: BTreeMap<String, (Vec<ObjectKey>, Value)> = BTreeMap::new();
        for object in self.objects() {
            if self.reports(&object) {
                let record = records.entry(self.key(&object)).or_default();
                record.0.push(ObjectKey::parse(&object).unwrap());
                record.0.sort_unstable();
                record.1 = self.body(&record.0[record.0.len() - 1].to_string());
            }
        }
        let text = |(objects, body): (Vec<ObjectKey>, Value)| (objects.iter().map(ToString::to_string).collect(), body);
        records.into_iter().map(|(key, record)| (key, text(record))).collect()
    }

    /// How many records report.
    pub fn count(&self) -> usize {
        self.records().len()
    }
}

/// What a state's payload check says of a body in some school years, by the extension of the first.
pub fn violations(state: &StateView, resource: &str, years: &[i32], body: &Object<'_>) -> Vec<String> {
    let model = state.standard().resource(resource).unwrap_or_else(|| panic!("no resource {resource}"));
    let extensions = state.extensions_of(resource, years[0]);
    let extensions: Vec<(&str, &Class)> = extensions.iter().map(|(key, class)| (*key, class)).collect();
    let known = state.descriptors(years);
    let exists = |descriptor: &str, uri: &str| known.exists(descriptor, uri);
    let violations = check(model, body, &Surroundings { extensions: &extensions, descriptor_exists: &exists });
    violations.iter().map(ToString::to_string).collect()
}
