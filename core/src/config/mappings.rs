//! Resource Preferences in the configuration: toggles, options and mappings, held against what the state declares.

use super::reader::Section;
use crate::descriptor;
use crate::finding::{Finding, nearest};
use crate::preferences::{BOOLEAN, MappedCode, MappingSpec, OptionSpec, OptionValues, Preferences};
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

/// Codes of the SIS that a mapping lacks, one finding a mapping: nothing that hangs on them reports.
pub fn unmapped(snapshot: &Snapshot, state: &StateView, preferences: &Preferences) -> Vec<Finding> {
    let mut findings = Vec::new();
    for spec in state.mappings() {
        let mut missing: Vec<(String, usize)> = Vec::new();
        (spec.codes)(snapshot, &mut |code| {
            if preferences.mapped(spec, code).is_none() {
                match missing.iter_mut().find(|(known, _)| known == code) {
                    Some((_, count)) => *count += 1,
                    None => missing.push((code.to_owned(), 1)),
                }
            }
        });
        missing.sort();
        for (code, count) in missing {
            let mapped: Vec<&str> = preferences.entries(spec).map(|(local, _)| local).collect();
            let near = nearest(&code, mapped).map(|n| format!(" (near \"{n}\", which is mapped)")).unwrap_or_default();
            findings.push(Finding::warning(
                format!("mappings.{}", spec.key),
                format!("{} \"{code}\" ({count} rows) is not mapped{near}", spec.column),
                match spec.descriptor {
                    BOOLEAN => format!("add \"{code}\" = true or false; until then it does not report"),
                    descriptor => format!("add \"{code}\" = \"<{descriptor} code>\"; until then it does not report"),
                },
            ));
        }
    }
    findings
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
    let (code, session_name) = match entries.value(local)? {
        toml::Value::String(code) => (code.clone(), None),
        toml::Value::Boolean(value) if spec.descriptor == BOOLEAN => (value.to_string(), None),
        toml::Value::Table(_) if spec.names_session => {
            let mut table = entries.table(local)?;
            let code = table.required_text("code");
            let name = table.text(spec.name_key());
            table.finish();
            (code?, name)
        }
        _ => {
            let shape = match (spec.names_session, spec.descriptor == BOOLEAN) {
                (true, _) => format!("a text or {{ code = \"…\", {} = \"…\" }}", spec.name_key()),
                (false, true) => "true or false".to_owned(),
                (false, false) => "a text".to_owned(),
            };
            entries.error(local, format!("must be {shape}"), "correct the value");
            return None;
        }
    };
    match resolve(&code, spec, state, years) {
        Ok(mut mapped) => {
            mapped.session_name = session_name;
            Some(mapped)
        }
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
            "true" | "false" => Ok(MappedCode { uri: code.to_owned(), code: code.to_owned(), session_name: None }),
            _ => Err("use true or false".to_owned()),
        };
    }
    let namespaces = state.namespaces.iter().filter(|n| n.descriptor() == spec.descriptor);
    let mut known = Vec::new();
    for namespace in namespaces {
        for value in namespace.codes().iter().filter(|v| years.iter().any(|year| v.years.contains(year))) {
            let uri = descriptor::uri(namespace.namespace(), value.code);
            if value.code == code || uri == code {
                return Ok(MappedCode { uri, code: value.code.to_owned(), session_name: None });
            }
            known.push(value.code);
        }
    }
    Err(match nearest(code, known.iter().copied()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("use one of: {}", known.join(", ")),
    })
}
