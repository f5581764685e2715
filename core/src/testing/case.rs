//! One resource asked about one small district: what the row tests of the state crates share.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{District, preferences};
use crate::context::Context;
use crate::descriptor::{CodeTable, uri};
use crate::model::{Class, DataStandard, NaturalKey, Surroundings, check};
use crate::preferences::{MappedCode, OptionSpec, Preferences};
use crate::registry::StateView;
use crate::resource::{Need, Resource, ResourceSpec};
use crate::sources::{Fingerprint, Sources};
use crate::value::Object;
use crate::verdict::{ObjectKey, Problem, Verdict};

/// A district, its preferences, and a resource to ask.
#[derive(Clone)]
pub struct Case {
    resource: &'static dyn Resource,
    district: District,
    preferences: Preferences,
    years: Vec<i32>,
    /// Whose payload check every body has to pass.
    state: Option<&'static StateView>,
}

impl Case {
    /// The small district, scope year 2025-26, with mappings `(mapping, local code, descriptor value)`.
    pub fn new(resource: &'static dyn Resource, mappings: &[(&str, &str, &str)]) -> Self {
        Self {
            resource,
            district: District::small(),
            preferences: preferences(mappings),
            years: vec![2026],
            state: None,
        }
    }

    /// The same in a state: every body has to pass its payload check, with its extension and its code lists.
    #[must_use]
    pub fn in_state(self, state: &'static StateView) -> Self {
        Self { state: Some(state), ..self }
    }

    /// The resource that is asked.
    pub fn spec(&self) -> &'static ResourceSpec {
        self.resource.spec()
    }

    /// The same district, asked about another resource.
    #[must_use]
    pub fn about(&self, resource: &'static dyn Resource) -> Self {
        Self { resource, ..self.clone() }
    }

    fn edit(self, change: impl FnOnce(District) -> District) -> Self {
        Self { district: change(self.district), ..self }
    }

    /// `Table:id.column` = value.
    #[must_use]
    pub fn set(self, cell: &str, value: &str) -> Self {
        self.edit(|district| district.set(cell, value))
    }

    /// One more row.
    #[must_use]
    pub fn with(self, table: &str, cells: &[(&str, &str)]) -> Self {
        self.edit(|district| district.with(table, cells))
    }

    /// One row less.
    #[must_use]
    pub fn without(self, row: &str) -> Self {
        self.edit(|district| district.without(row))
    }

    /// One more entry of a mapping, or another value of one.
    #[must_use]
    pub fn map(mut self, mapping: &str, local: &str, uri: &str) -> Self {
        let code = uri.rsplit_once('#').map_or(uri, |(_, code)| code).to_owned();
        self.preferences.map(mapping, local, MappedCode { uri: uri.to_owned(), code, name: None });
        self
    }

    /// An entry of a mapping that also names the session, or the program.
    #[must_use]
    pub fn name(mut self, mapping: &str, local: &str, uri: &str, name: &str) -> Self {
        let code = uri.rsplit_once('#').map_or(uri, |(_, code)| code).to_owned();
        let code = MappedCode { uri: uri.to_owned(), code, name: Some(name.to_owned()) };
        self.preferences.map(mapping, local, code);
        self
    }

    /// The district without any mapping.
    #[must_use]
    pub fn without_mappings(mut self) -> Self {
        self.preferences = Preferences::new();
        self
    }

    /// An option's value.
    #[must_use]
    pub fn option(mut self, option: &OptionSpec, value: &str) -> Self {
        self.preferences.set_option(option, value);
        self
    }

    /// Other scope years.
    #[must_use]
    pub fn years(mut self, years: &[i32]) -> Self {
        self.years = years.to_vec();
        self
    }

    /// The small district in another school year, which is the scope year then.
    #[must_use]
    pub fn in_year(self, end_year: i32) -> Self {
        self.edit(|district| district.in_year(end_year)).years(&[end_year])
    }

    /// A section of a course, placed in terms (placement ids from the section's).
    #[must_use]
    pub fn with_section(self, id: &str, course: &str, number: &str, terms: &[&str]) -> Self {
        let place = |district: District, term: &&str| district.with_placement(&format!("{id}{term}0"), id, term);
        self.edit(|district| terms.iter().fold(district.with_section(id, course, number), place))
    }

    /// [`District::with_placement`]
    #[must_use]
    pub fn with_placement(self, id: &str, section: &str, term: &str) -> Self {
        self.edit(|district| district.with_placement(id, section, term))
    }

    /// [`District::with_roster`]
    #[must_use]
    pub fn with_roster(self, id: &str, person: &str, section: &str, start: &str, end: &str) -> Self {
        self.edit(|district| district.with_roster(id, person, section, start, end))
    }

    /// [`District::with_roster_program`]
    #[must_use]
    pub fn with_roster_program(self, id: &str, roster: &str, name: &str, kind: &str) -> Self {
        self.edit(|district| district.with_roster_program(id, roster, name, kind))
    }

    /// [`District::with_enrollment`]
    #[must_use]
    pub fn with_enrollment(self, id: &str, person: &str, end: &str) -> Self {
        self.edit(|district| district.with_enrollment(id, person, end))
    }

    /// [`District::with_calendar`]
    #[must_use]
    pub fn with_calendar(self, id: &str, end_year: &str) -> Self {
        self.edit(|district| district.with_calendar(id, end_year))
    }

    /// [`District::with_term`]
    #[must_use]
    pub fn with_term(self, id: &str, schedule: &str, kind: &str, start: &str, end: &str) -> Self {
        self.edit(|district| district.with_term(id, schedule, kind, start, end))
    }

    /// [`District::with_day`]
    #[must_use]
    pub fn with_day(self, id: &str, calendar: &str, date: &str) -> Self {
        self.edit(|district| district.with_day(id, calendar, date))
    }

    /// [`District::with_score`]
    #[must_use]
    pub fn with_score(self, id: &str, section: &str, task: &str, term: &str, score: &str, date: &str) -> Self {
        self.edit(|district| district.with_score(id, section, task, term, score, date))
    }

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
            let model = DataStandard::ed_fi_4_0().resource(self.resource.spec().name).unwrap();
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

    /// The natural key under which an object reports.
    pub fn key(&self, object: &str) -> String {
        let key = self.decide(object, |verdict, _| {
            let model = DataStandard::ed_fi_4_0().resource(self.resource.spec().name).unwrap();
            verdict.report().map(|body| NaturalKey::of(model, &body).unwrap().to_string())
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

/// The SIS changed so that an object's record changes and keeps its natural key: a PUT.
#[track_caller]
pub fn assert_put(before: &Case, after: &Case, object: &str) {
    assert_eq!(before.key(object), after.key(object), "the natural key changed");
    assert_ne!(before.body(object), after.body(object), "the body did not change");
    assert_ne!(before.source(object), after.source(object), "nothing that was read changed");
}

/// The SIS changed so that an object reports under another natural key, and nothing under the old: a DELETE and a POST.
#[track_caller]
pub fn assert_delete_post(before: &Case, after: &Case, object: &str) {
    let (old, new) = (before.key(object), after.key(object));
    assert_ne!(old, new, "the natural key did not change");
    assert!(!after.records().contains_key(&old), "something reports under the old key");
    assert!(!before.records().contains_key(&new), "something reported under the new key before");
    assert_ne!(before.source(object), after.source(object), "nothing that was read changed");
}

/// The SIS changed in something that the rule reads: the record is decided again.
#[track_caller]
pub fn assert_triggers(before: &Case, after: &Case, object: &str) {
    assert_ne!(before.source(object), after.source(object), "nothing that was read changed");
}

/// A preference changed what reports, and nothing that was read from the SIS: nothing triggers until a resync.
#[track_caller]
pub fn assert_waits_for_a_resync(before: &Case, after: &Case, object: &str) {
    assert_ne!(before.records(), after.records(), "the preference changes no record");
    assert_eq!(before.source(object), after.source(object), "the preference changed what is read");
}

/// An element's place in the document's table: whether it is mandatory, whether it is a part of the natural key.
#[track_caller]
pub fn assert_element(spec: &ResourceSpec, name: &str, need: Need, key: bool, columns: &[&str]) {
    let found: Vec<_> = spec.elements.iter().filter(|element| element.name == name).collect();
    let [found] = found[..] else { panic!("{} of {name}", found.len()) };
    assert_eq!((found.need, found.key), (need, key), "{name}");
    for column in columns {
        assert!(found.columns.contains(column), "{name} does not name {column}");
    }
}

/// A row of a document's descriptor table that has one text.
#[track_caller]
pub fn assert_code(table: &CodeTable, namespace: &str, code: &str, description: &str) {
    assert_described(table, namespace, code, description, description);
}

/// A row of a document's descriptor table that has a short text and a long one.
#[track_caller]
pub fn assert_described(table: &CodeTable, namespace: &str, code: &str, short: &str, description: &str) {
    assert_eq!(table.namespace, namespace);
    let found: Vec<_> = table.codes.iter().filter(|known| known.code == code).collect();
    let [found] = found[..] else { panic!("{} of \"{code}\"", found.len()) };
    assert_eq!((found.short_description, found.description), (short, description));
}
