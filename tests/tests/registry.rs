//! What is compiled in holds together: names, columns, keys, rules; and every body that the sample gives is one that
//! the payload check and a server take, whole.

use std::collections::{BTreeMap, BTreeSet};

use rollcall_core::config::Config;
use rollcall_core::context::Context;
use rollcall_core::model::{Class, NaturalKey, ResourceModel};
use rollcall_core::registry::{Registry, StateView};
use rollcall_core::resource::Need;
use rollcall_core::sources::Sources;
use rollcall_core::tables::is_column;
use rollcall_core::value::Object;
use rollcall_core::verdict::{ObjectKey, Verdict};
use rollcall_source::read_snapshot;
use rollcall_sync::check::Checker;
use rollcall_sync::plan::in_order;
use rollcall_tests::ods::{Ods, without_additions};
use rollcall_tests::place::Place;
use rollcall_tests::program::{KEY, SECRET};
use rollcall_tests::sample;
use rollcall_tests::served::Served;
use serde_json::Value;

/// Enough for the sample to have every case of every rule.
const STUDENTS: usize = 420;
/// Enough for every resource to have records.
const FEWER: usize = 150;

/// By natural key: the newest object and its body.
type Bodies = BTreeMap<String, (ObjectKey, Vec<u8>)>;

fn registry() -> Registry {
    rollcall::registry().expect("the registry is whole")
}

fn views() -> Vec<StateView> {
    let registry = registry();
    registry.states().map(|state| registry.state(state.code).expect("a state finds itself")).collect()
}

/// The state's configuration for a sample district, and the school year of both.
fn configured(view: &StateView, students: usize) -> (String, i32, Place) {
    let year = *view.state.years.end().min(&2026);
    let place = sample_place(year, students);
    let reading = read_snapshot(&place.tables()).expect("there are tables");
    (rollcall::sample_configuration(view, year, "http://127.0.0.1:1", &reading.snapshot), year, place)
}

fn sample_place(year: i32, students: usize) -> Place {
    let options = rollcall_source::sample::SampleOptions { seed: 7, school_year: year, students };
    sample::place(&rollcall_source::sample::SampleDistrict::generate(&options))
}

/// Asks a state's rules about every object of the sample.
fn verdicts(view: &StateView, students: usize, mut visit: impl FnMut(&str, ObjectKey, Verdict<'_>)) {
    let (text, _, place) = configured(view, students);
    let (config, findings) = Config::read(&text, "rollcall.toml", &registry());
    let config = config.unwrap_or_else(|| panic!("{findings:#?}"));
    let reading = read_snapshot(&place.tables()).expect("there are tables");
    let cx = Context { snapshot: &reading.snapshot, preferences: &config.preferences, years: &config.years };
    let checker = Checker::new(&config.state, &config.years);
    for resource in in_order(&config, &checker).expect("references have an order") {
        let name = resource.spec().name;
        resource.objects(&cx, &mut |object| visit(name, object, resource.verdict(&cx, object, &mut Sources::new())));
    }
}

#[test]
fn the_registry_is_sorted_and_always_the_same() {
    let shape = || -> Vec<String> {
        let of = |view: &StateView| {
            let resources: Vec<&str> = view.resources.iter().map(|r| r.spec().name).collect();
            let namespaces: Vec<&str> = view.namespaces.iter().map(|n| n.namespace()).collect();
            let extensions: Vec<(&str, &str)> = view.extensions.iter().map(|e| (e.resource(), e.key())).collect();
            format!("{} {resources:?} {namespaces:?} {extensions:?}", view.state.code)
        };
        views().iter().map(of).collect()
    };
    assert_eq!(shape(), shape());
    let codes: Vec<&str> = views().iter().map(|view| view.state.code).collect();
    assert_eq!(
        codes,
        rollcall::states::COMPILED_IN.iter().copied().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    );
    for view in views() {
        assert!(view.resources.is_sorted_by_key(|resource| resource.spec().name), "{}", view.state.code);
        assert_eq!(view.resources.len(), view.state.reports.len(), "{}", view.state.code);
        assert!(!view.resources.is_empty(), "{}", view.state.code);
    }
}

/// A member of a body by its path, in the data standard or in the state's extension.
fn is_member(class: &Class, path: &str) -> bool {
    match path.split_once('.') {
        None => class.member_names().any(|name| name == path),
        Some((head, rest)) => {
            let collection = class.collection(head).map(|collection| &collection.class);
            let inside = collection.or_else(|| class.object(head).map(|object| &object.class));
            match (inside, class.reference(head)) {
                (Some(inside), _) => is_member(inside, rest),
                (None, Some(reference)) => reference.properties.iter().any(|property| property.name == rest),
                (None, None) => false,
            }
        }
    }
}

#[test]
fn every_element_is_a_member_of_its_resource_and_cites_columns_that_exist() {
    for view in views() {
        let code = view.state.code;
        for resource in &view.resources {
            let spec = resource.spec();
            let model =
                view.standard().resource(spec.name).unwrap_or_else(|| panic!("{code}: no model of {}", spec.name));
            let mut names = BTreeSet::new();
            for element in spec.elements {
                let at = format!("{code} {} {}", spec.name, element.name);
                assert!(names.insert(element.name), "{at} is there twice");
                let known = match element.name.strip_prefix("_ext.").and_then(|rest| rest.split_once('.')) {
                    Some((key, path)) => view.state.years.clone().any(|year| {
                        let classes = view.extensions_of(spec.name, year);
                        classes.iter().any(|(of, class)| *of == key && is_member(class, path))
                    }),
                    None => is_member(&model.class, element.name),
                };
                // Names of the documents' tables that no server knows may stand there only to say that they do not report.
                assert!(known || element.need == Need::NotReported, "{at} is no member");
                for column in element.columns {
                    assert!(is_column(column), "{at} cites {column}");
                }
                assert!(!element.rule.is_empty(), "{at} has no rule");
            }
            for mapping in spec.mappings {
                assert!(is_column(mapping.column), "{code} {} maps {}", spec.name, mapping.column);
                let target = view.namespaces.iter().any(|namespace| namespace.descriptor() == mapping.descriptor);
                assert!(
                    target || mapping.descriptor == "boolean",
                    "{code}: mapping {} has no codes of {}",
                    mapping.key,
                    mapping.descriptor
                );
            }
        }
    }
}

#[test]
fn the_natural_keys_elements_are_the_standards() {
    for view in views() {
        for resource in &view.resources {
            let spec = resource.spec();
            let model = view.standard().resource(spec.name).expect("a resource has a model");
            let references = model.class.references.iter().filter(|reference| reference.identity);
            let properties = model.class.properties.iter().filter(|property| property.identity);
            let expected: BTreeSet<&str> =
                references.map(|r| r.name.as_str()).chain(properties.map(|p| p.name.as_str())).collect();
            // Each part of the key stands in one of them.
            for part in &model.identity {
                let mut heads = part.paths.iter().filter_map(|path| path.split('.').next());
                assert!(heads.any(|head| expected.contains(head)), "{} {}", spec.name, part.name);
            }
            // A document lists a reference, or each of its members.
            let names = spec.elements.iter().filter(|element| element.key).map(|element| element.name);
            let keys: BTreeSet<&str> = names.map(|name| name.split('.').next().unwrap_or(name)).collect();
            assert_eq!(keys, expected, "{} {}", view.state.code, spec.name);
            let optional = spec.elements.iter().find(|element| element.key && element.need != Need::M);
            assert!(optional.is_none(), "{} {}: a part of the key is optional", view.state.code, spec.name);
        }
    }
}

#[test]
fn rules_have_names_of_their_own() {
    for view in views() {
        for resource in &view.resources {
            let spec = resource.spec();
            let mut names = BTreeSet::new();
            for rule in spec.exclusions {
                assert!(names.insert(rule.name), "{} {}: two rules {}", view.state.code, spec.name, rule.name);
                let kebab = rule.name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
                assert!(kebab && !rule.text.is_empty() && !rule.document.is_empty(), "{}", rule.name);
            }
        }
    }
}

#[test]
fn every_rule_that_excludes_is_listed() {
    for view in views() {
        let code = view.state.code;
        let mut met: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        verdicts(&view, STUDENTS, |name, object, verdict| {
            if let Verdict::Exclude(exclusion) = verdict {
                let spec = view.resource(name).expect("the state reports it").spec();
                let rule = exclusion.rule;
                let listed = spec.exclusions.contains(&rule);
                assert!(listed, "{code} {name}: {object} is excluded by {}, of {}", rule.name, rule.document);
                met.entry(name.to_owned()).or_default().insert(rule.name);
            }
        });
        let rules: usize = met.values().map(BTreeSet::len).sum();
        assert!(rules >= 10, "{code}: the sample meets {met:?}");
    }
}

#[test]
fn every_body_of_the_sample_is_taken_and_read_back_whole() {
    for view in views() {
        let code = view.state.code;
        let (text, year, place) = configured(&view, FEWER);
        let (config, _) = Config::read(&text, "rollcall.toml", &registry());
        let config = config.expect("it is good");
        let checker = Checker::new(&config.state, &config.years);
        let served = Served::start(&place, &view, year);
        let ods = Ods::connect(&served.url(), KEY, SECRET);
        let reading = read_snapshot(&place.tables()).expect("there are tables");
        let cx = Context { snapshot: &reading.snapshot, preferences: &config.preferences, years: &config.years };
        let owned = (view.state.seed)(&cx);
        // Of several objects with one natural key the newest one's body is sent.
        let mut bodies: Vec<(String, Bodies)> = Vec::new();
        verdicts(&view, FEWER, |name, object, verdict| {
            if bodies.last().is_none_or(|(last, _)| last != name) {
                bodies.push((name.to_owned(), Bodies::new()));
            }
            let Verdict::Report(body) = verdict else { return };
            let model = checker.model(name).expect("a resource has a model");
            let violations = checker.violations(model, &body);
            assert!(violations.is_empty(), "{code} {name} {object}: {violations:?}");
            assert_exact(&view, name, year, &body);
            let parts = NaturalKey::of(model, &body).expect("a body has its key");
            for (part, value) in model.identity.iter().zip(parts.values()) {
                assert_eq!(model.expected(part, value), None, "{code} {name}: a key that is sent can be asked for");
            }
            let (key, json) = (key(model, &body), body.to_json());
            let of_resource = &mut bodies.last_mut().expect("one was pushed").1;
            if of_resource.get(&key).is_none_or(|(known, _)| *known < object) {
                of_resource.insert(key, (object, json));
            }
        });
        let mut parked = Vec::new();
        for (name, of_resource) in &bodies {
            assert!(!of_resource.is_empty(), "{code}: the sample has no {name}");
            for (object, json) in of_resource.values() {
                match ods.post(name, json) {
                    (201, _) => {}
                    // The key does not see the student before the student school association is there.
                    (403, _) => parked.push((name, object, json)),
                    (status, answer) => panic!("{code} {name} {object}: {status} {answer}"),
                }
            }
        }
        for (name, object, json) in parked {
            let (status, answer) = ods.post(name, json);
            assert_eq!(status, 201, "{code} {name} {object}: {answer}");
        }
        for (name, of_resource) in &bodies {
            let model = checker.model(name).expect("a resource has a model");
            let read = ods.pages(name).into_iter().map(|record| {
                let body: Object<'static> = serde_json::from_value(record.clone()).expect("a record is an object");
                (key(model, &body), without_additions(record))
            });
            // A state may load records of a resource that its districts send too: its own courses beside theirs.
            let loaded: BTreeSet<String> =
                owned.iter().filter(|owned| owned.resource == *name).map(|owned| key(model, &owned.body)).collect();
            let read: BTreeMap<String, Value> = read.filter(|(key, _)| !loaded.contains(key)).collect();
            let sent: BTreeMap<String, Value> = of_resource
                .iter()
                .map(|(key, (_, json))| (key.clone(), without_additions(serde_json::from_slice(json).expect("JSON"))))
                .collect();
            assert!(sent == read, "{code} {name}: {} sent, {} read, or they differ", sent.len(), read.len());
        }
    }
}

fn key(model: &ResourceModel, body: &Object<'_>) -> String {
    NaturalKey::of(model, body).expect("a body has its key").to_string()
}

/// Every member that a rule writes is one of its element table's.
fn assert_exact(view: &StateView, resource: &str, year: i32, body: &Object<'_>) {
    let spec = view.resource(resource).expect("the state reports it").spec();
    let is_or_has = |element: &str, name: &str| {
        element.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let reported = |name: &str| spec.elements.iter().any(|e| is_or_has(e.name, name) && e.need != Need::NotReported);
    for (member, value) in body.iter() {
        if member == "_ext" {
            let keys = value.as_object().expect("_ext is an object");
            for (key, extension) in keys.iter() {
                assert_eq!(Some(key), view.state.extension_key, "{resource} in {year}");
                for (name, _) in extension.as_object().expect("an extension is an object").iter() {
                    assert!(reported(&format!("_ext.{key}.{name}")), "{resource} reports {name} and does not say so");
                }
            }
        } else {
            assert!(reported(member), "{} {resource} reports {member} and does not say so", view.state.code);
        }
    }
}
