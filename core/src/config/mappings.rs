//! Resource Preferences in the configuration: toggles, options and mappings, held against what the state declares.

use std::collections::BTreeMap;

use super::reader::Section;
use crate::descriptor;
use crate::finding::{Finding, nearest};
use crate::preferences::{BOOLEAN, MappedCode, MappingSpec, OptionSpec, OptionValues, Preferences, Unmapped};
use crate::registry::StateView;
use crate::snapshot::Snapshot;

pub(super) fn toggles(top: &mut Section<'_, '_>, state: &StateView, preferences: &mut Preferences) {
    let Some(mut section) = top.table("resources") else { return };
    for resource in &state.resources {
        let name = resource.spec().name;
        if section.flag(name) == Some(false) {
            preferences.toggle_off(name);
        }
    }
    section.finish();
}

pub(super) fn options(top: &mut Section<'_, '_>, state: &StateView, preferences: &mut Preferences) {
    let Some(mut section) = top.table("options") else { return };
    for option in state.options() {
        let Some(value) = section.text(option.key) else { continue };
        match check_option(option, &value) {
            Ok(()) => preferences.set_option(option, value),
            Err(fix) => section.error(option.key, format!("\"{value}\" is not possible"), fix),
        }
    }
    section.finish();
}

pub(super) fn mappings(top: &mut Section<'_, '_>, state: &StateView, years: &[i32], preferences: &mut Preferences) {
    let Some(mut section) = top.table("mappings") else { return };
    // Without a year of the state every code would be wrong, and only the years are.
    let all: Vec<i32> = state.state.years.clone().collect();
    let years = if years.iter().any(|year| all.contains(year)) { years } else { &all };
    for spec in state.mappings() {
        let Some(mut entries) = section.table(spec.key) else { continue };
        for local in entries.keys() {
            if let Some(code) = entry(&mut entries, &local, spec, state, years) {
                preferences.map(spec.key, local.trim(), code);
            }
        }
    }
    section.finish();
}

/// Codes of the SIS that a mapping lacks, and codes of a mapping that the SIS lacks.
pub fn unmapped(snapshot: &Snapshot, state: &StateView, preferences: &Preferences) -> Vec<Finding> {
    let mut findings = Vec::new();
    for spec in state.mappings() {
        let mut used: BTreeMap<String, usize> = BTreeMap::new();
        (spec.codes)(snapshot, &mut |code| *used.entry(code.to_owned()).or_default() += 1);
        let unmapped: Vec<(&String, &usize)> =
            used.iter().filter(|(code, _)| preferences.mapped(spec, code).is_none()).collect();
        if spec.unmapped == Unmapped::NotChosen {
            findings.extend(not_chosen(spec, &unmapped));
        }
        for (code, count) in unmapped.into_iter().filter(|_| spec.unmapped != Unmapped::NotChosen) {
            let mapped: Vec<&str> = preferences.entries(spec).map(|(local, _)| local).collect();
            // Short codes are all near each other.
            let near = nearest(code, mapped).filter(|_| code.len() > 3);
            let near = near.map(|n| format!(" (near \"{n}\", which is mapped)")).unwrap_or_default();
            let rows = if *count == 1 { "1 row".to_owned() } else { format!("{count} rows") };
            findings.push(Finding::warning(
                format!("mappings.{}", spec.key),
                format!("{} \"{code}\" ({rows}) is not mapped{near}", spec.column),
                format!("add \"{code}\" = {}; until then {}", targets(spec, state), spec.unmapped.as_str()),
            ));
        }
        let mut idle: Vec<&str> =
            preferences.entries(spec).map(|(local, _)| local).filter(|local| !used.contains_key(*local)).collect();
        idle.sort_unstable();
        for local in idle {
            findings.push(Finding::note(
                format!("mappings.{}", spec.key),
                format!("no {} is \"{local}\"", spec.column),
                "correct the local code, or leave it for later",
            ));
        }
    }
    findings
}

/// Codes of a mapping that chooses what reports: those that it does not choose are worth a look, and nothing more.
fn not_chosen(spec: &MappingSpec, unmapped: &[(&String, &usize)]) -> Option<Finding> {
    const SHOWN: usize = 12;
    let shown: Vec<String> = unmapped.iter().take(SHOWN).map(|(code, _)| format!("\"{code}\"")).collect();
    let more = if unmapped.len() > SHOWN { " …" } else { "" };
    (!unmapped.is_empty()).then(|| {
        Finding::note(
            format!("mappings.{}", spec.key),
            format!("{} that are not mapped do not report: {}{more}", spec.column, shown.join(", ")),
            "map those of them that have to report",
        )
    })
}

/// What a code may be mapped to, as it is written.
fn targets(spec: &MappingSpec, state: &StateView) -> String {
    const SHOWN: usize = 12;
    if spec.descriptor == BOOLEAN {
        return "true or false".to_owned();
    }
    let namespaces = state.namespaces.iter().filter(|namespace| namespace.descriptor() == spec.descriptor);
    let mut codes: Vec<String> =
        namespaces.flat_map(|namespace| namespace.codes().iter().map(|code| format!("\"{}\"", code.code))).collect();
    let more = codes.len() > SHOWN;
    codes.truncate(SHOWN);
    format!("one of {}{}", codes.join(", "), if more { " …" } else { "" })
}

fn check_option(option: &OptionSpec, value: &str) -> Result<(), String> {
    match option.values {
        OptionValues::OneOf(values) if values.contains(&value) => Ok(()),
        OptionValues::OneOf(values) => Err(match nearest(value, values.iter().copied()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("use one of: {}", values.join(", ")),
        }),
        OptionValues::Template(fields) => {
            let mut rest = value;
            while let Some((_, after)) = rest.split_once('{') {
                let Some((field, after)) = after.split_once('}') else { return Err("close the brace".to_owned()) };
                if !fields.contains(&field) {
                    return Err(match nearest(field, fields.iter().copied()) {
                        Some(near) => format!("no field {{{field}}}; did you mean {{{near}}}?"),
                        None => format!("no field {{{field}}}; fields: {}", fields.join(", ")),
                    });
                }
                rest = after;
            }
            Ok(())
        }
    }
}

/// `"Fall" = "S1"`, or `"Fall" = { code = "S1", session-name = "Fall 2025" }`; for a boolean, `"Completer" = true`.
fn entry(
    entries: &mut Section<'_, '_>,
    local: &str,
    spec: &MappingSpec,
    state: &StateView,
    years: &[i32],
) -> Option<MappedCode> {
    let (code, name) = match (entries.value(local)?, spec.name) {
        (toml::Value::String(code), _) => (code.clone(), None),
        (toml::Value::Boolean(value), _) if spec.descriptor == BOOLEAN => (value.to_string(), None),
        (toml::Value::Table(_), Some(key)) => {
            let mut table = entries.table(local)?;
            let code = table.required_text("code");
            let name = table.text(key);
            table.finish();
            (code?, name)
        }
        (_, name) => {
            let shape = match name {
                Some(key) => format!("a text or {{ code = \"…\", {key} = \"…\" }}"),
                None if spec.descriptor == BOOLEAN => "true or false".to_owned(),
                None => "a text".to_owned(),
            };
            entries.error(local, format!("must be {shape}"), "correct the value");
            return None;
        }
    };
    match resolve(&code, spec, state, years) {
        Ok(mapped) => Some(MappedCode { name, ..mapped }),
        Err(fix) => {
            entries.error(local, format!("\"{code}\" is not a {} of {}", spec.descriptor, state.state.name), fix);
            None
        }
    }
}

/// A bare code means the first namespace that has it, the state's own before the standard's; a whole URI means itself.
fn resolve(code: &str, spec: &MappingSpec, state: &StateView, years: &[i32]) -> Result<MappedCode, String> {
    if spec.descriptor == BOOLEAN {
        return match code {
            "true" | "false" => Ok(MappedCode { uri: code.to_owned(), code: code.to_owned(), name: None }),
            _ => Err("use true or false".to_owned()),
        };
    }
    let namespaces = state.namespaces.iter().filter(|n| n.descriptor() == spec.descriptor);
    let mut known = Vec::new();
    for namespace in namespaces {
        for value in namespace.codes().iter().filter(|v| years.iter().any(|year| v.years.contains(year))) {
            let uri = descriptor::uri(namespace.namespace(), value.code);
            if value.code == code || uri == code {
                return Ok(MappedCode { uri, code: value.code.to_owned(), name: None });
            }
            known.push(value.code);
        }
    }
    Err(match nearest(code, known.iter().copied()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("use one of: {}", known.join(", ")),
    })
}
