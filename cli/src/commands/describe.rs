//! `rollcall describe`: a state's resource as its document describes it, from the same data that the rules use.

use std::fmt::Write as _;

use rollcall_core::descriptor::CodeValue;
use rollcall_core::model::Class;
use rollcall_core::preferences::{MappingSpec, OptionSpec};
use rollcall_core::registry::{Registry, StateView};
use rollcall_core::resource::{Resource, ResourceSpec};
use rollcall_sync::advice;
use rollcall_sync::check::Checker;
use rollcall_transport::RefusalClass;
use serde::Serialize;

use super::explain::resource;
use crate::args;
use crate::exit::{Exit, Failure};
use crate::ui::Ui;

/// The URL segment of the standard's own resources.
const CORE: &str = "ed-fi";

/// Everything there is to say of one resource.
#[derive(Serialize)]
struct Description {
    state: &'static str,
    school_year: i32,
    /// The URL segment before its name.
    segment: &'static str,
    #[serde(flatten)]
    spec: &'static ResourceSpec,
    /// The resources that it refers to, and whether the state loads them.
    upstream: Vec<Upstream>,
    /// The state's resources that refer to it.
    downstream: Vec<&'static str>,
    /// The code lists of its descriptors.
    descriptors: Vec<CodeList>,
    /// What the ODS may answer, and what to do.
    errors: Vec<ErrorRow>,
}

#[derive(Serialize)]
struct Upstream {
    resource: String,
    state_owned: bool,
}

#[derive(Serialize)]
struct CodeList {
    descriptor: &'static str,
    namespace: &'static str,
    codes: Vec<&'static CodeValue>,
}

#[derive(Serialize)]
struct ErrorRow {
    class: &'static str,
    message: &'static str,
    fix: String,
}

pub(crate) fn describe(args: &args::Describe, registry: &Registry, ui: &Ui) -> Result<Exit, Failure> {
    let state = registry.state(&args.state).map_err(|unknown| {
        let near = unknown.nearest.map(|near| format!("did you mean {near}?")).unwrap_or_default();
        Failure::new(Exit::Usage, unknown).hint(near)
    })?;
    let year = args.school_year.unwrap_or(*state.state.years.end());
    state.state.check_year(year)?;
    let resources = match &args.resource {
        Some(name) => vec![resource(&state, name)?],
        None => state.resources.clone(),
    };
    let checker = Checker::new(&state, &[year]);
    let descriptions: Vec<Description> =
        resources.into_iter().map(|resource| description(resource, &state, &checker, year)).collect();
    if ui.is_json() {
        ui.json(&descriptions)?;
    } else {
        ui.line(markdown_page(&state, &descriptions).trim_end());
    }
    Ok(Exit::Done)
}

/// The page of a state in the docs, for the latest school year that its crate knows.
pub fn state_page(state: &StateView) -> String {
    let year = *state.state.years.end();
    let checker = Checker::new(state, &[year]);
    let resources = state.resources.iter();
    let descriptions: Vec<Description> = resources.map(|r| description(*r, state, &checker, year)).collect();
    markdown_page(state, &descriptions)
}

fn description(resource: &'static dyn Resource, state: &StateView, checker: &Checker, year: i32) -> Description {
    let spec = resource.spec();
    let upstream = checker
        .upstream(spec.name)
        .into_iter()
        .filter(|name| state.resource(name).is_some() || state.state.state_owned.contains(name));
    let downstream = state.resources.iter().map(|other| other.spec().name);
    let mut names = Vec::new();
    if let Some(model) = checker.model(spec.name) {
        descriptors_of(&model.class, &mut names);
    }
    for (_, class) in state.extensions_of(spec.name, year) {
        descriptors_of(&class, &mut names);
    }
    let reports: Vec<&str> = spec.mappings.iter().map(|mapping| mapping.descriptor).collect();
    let namespaces = state.namespaces.iter().filter(|namespace| {
        // The standard knows many descriptors that this resource never reports.
        names.iter().any(|name| name == namespace.descriptor())
            && (reports.contains(&namespace.descriptor())
                || is_extension(state, spec.name, year, namespace.descriptor())
                || spec.elements.iter().any(|e| e.kind == "descriptor" && mentions(e.name, namespace.descriptor())))
    });
    Description {
        state: state.state.name,
        school_year: year,
        segment: state.standard().segment(spec.name),
        spec,
        upstream: upstream
            .map(|name| Upstream { resource: name.to_owned(), state_owned: state.state.state_owned.contains(&name) })
            .collect(),
        downstream: downstream.filter(|name| checker.upstream(name).contains(&spec.name)).collect(),
        descriptors: namespaces
            .map(|namespace| CodeList {
                descriptor: namespace.descriptor(),
                namespace: namespace.namespace(),
                codes: namespace.codes().iter().filter(|code| code.years.contains(&year)).collect(),
            })
            .collect(),
        errors: RefusalClass::ALL
            .iter()
            .map(|class| ErrorRow {
                class: class.as_str(),
                message: advice::says(*class),
                fix: advice::fixes(*class, spec.name).join("; "),
            })
            .collect(),
    }
}

fn descriptors_of(class: &Class, names: &mut Vec<String>) {
    names.extend(class.properties.iter().filter_map(|property| property.descriptor.clone()));
    class.references.iter().for_each(|r| names.extend(r.properties.iter().filter_map(|p| p.descriptor.clone())));
    class.objects.iter().for_each(|object| descriptors_of(&object.class, names));
    class.collections.iter().for_each(|collection| descriptors_of(&collection.class, names));
}

fn is_extension(state: &StateView, resource: &str, year: i32, descriptor: &str) -> bool {
    let mut names = Vec::new();
    state.extensions_of(resource, year).iter().for_each(|(_, class)| descriptors_of(class, &mut names));
    names.iter().any(|name| name == descriptor)
}

/// `_ext.ks.courseStatusDescriptor` is of `CourseStatusDescriptor`.
fn mentions(element: &str, descriptor: &str) -> bool {
    element.rsplit('.').next().is_some_and(|name| name.eq_ignore_ascii_case(descriptor))
}

fn markdown_page(state: &StateView, descriptions: &[Description]) -> String {
    let mut page = format!("# {} (`{}`)\n", state.state.name, state.state.code);
    for description in descriptions {
        // Writing to a String cannot fail.
        markdown(&mut page, description).unwrap_or_default();
    }
    page
}

fn markdown(page: &mut String, of: &Description) -> std::fmt::Result {
    let spec = of.spec;
    writeln!(
        page,
        "\n## {}\n\n{}\n\nAfter: {}. School year {}.",
        spec.name, spec.summary, spec.document, of.school_year
    )?;
    if of.segment != CORE {
        writeln!(page, "\nThe state adds it whole, at `/{}/{}`.", of.segment, spec.name)?;
    }
    writeln!(page, "\n### Triggers\n\n| action | when |\n|---|---|")?;
    for trigger in spec.triggers {
        writeln!(page, "| {} | {} |", trigger.action, cell(trigger.when))?;
    }
    writeln!(page, "\n### What does not report\n\n| rule | says | document | decided by |\n|---|---|---|---|")?;
    for rule in spec.exclusions {
        let by = match rule.decided_by {
            rollcall_core::verdict::DecidedBy::Sis => "SIS data",
            rollcall_core::verdict::DecidedBy::Preference => "a preference",
            rollcall_core::verdict::DecidedBy::Both => "SIS data and a preference",
        };
        writeln!(page, "| {} | {} | {} | {by} |", rule.name, cell(rule.text), rule.document)?;
    }
    writeln!(
        page,
        "\n### Elements\n\n| element | type | M/C/O | key | SIS columns | place | rule |\n|---|---|---|---|---|---|---|"
    )?;
    for element in spec.elements {
        let place = if of.segment != CORE || element.name.starts_with("_ext.") { "extension" } else { "core" };
        writeln!(
            page,
            "| {} | {} | {} | {} | {} | {place} | {} |",
            element.name,
            element.kind,
            element.need.letter(),
            if element.key { "yes" } else { "" },
            element.columns.join(", "),
            cell(element.rule)
        )?;
    }
    let upstream = of
        .upstream
        .iter()
        .map(|up| if up.state_owned { format!("{} (loaded by the state)", up.resource) } else { up.resource.clone() });
    writeln!(page, "\nUpstream: {}.\n", or_nothing(&upstream.collect::<Vec<_>>()))?;
    writeln!(page, "Downstream: {}.", or_nothing(&of.downstream))?;
    preferences(page, spec.mappings, spec.options)?;
    for descriptor in &of.descriptors {
        writeln!(page, "\n### {}\n\nNamespace: `{}`\n", descriptor.descriptor, descriptor.namespace)?;
        writeln!(page, "| code value | short description | description |\n|---|---|---|")?;
        for code in &descriptor.codes {
            let (short, long) = (cell(code.short_description), cell(code.description));
            writeln!(page, "| {} | {short} | {long} |", cell(code.code))?;
        }
    }
    writeln!(page, "\n### Errors\n\n| class | the ODS says | what to do |\n|---|---|---|")?;
    for error in &of.errors {
        writeln!(page, "| {} | {} | {} |", error.class, cell(error.message), cell(&error.fix))?;
    }
    Ok(())
}

fn preferences(page: &mut String, mappings: &[&MappingSpec], options: &[&OptionSpec]) -> std::fmt::Result {
    if !mappings.is_empty() {
        writeln!(page, "\n### Mappings\n\n| key | label | SIS column | to |\n|---|---|---|---|")?;
        for mapping in mappings {
            let key = format!("mappings.{}", mapping.key);
            writeln!(page, "| {key} | {} | {} | {} |", mapping.label, mapping.column, mapping.descriptor)?;
        }
    }
    if !options.is_empty() {
        writeln!(page, "\n### Options\n\n| key | decides | default |\n|---|---|---|")?;
        for option in options {
            writeln!(page, "| options.{} | {} | `{}` |", option.key, cell(option.summary), option.default)?;
        }
    }
    Ok(())
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn or_nothing(names: &[impl AsRef<str>]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ") }
}
