//! `rollcall states`

use rollcall_core::registry::Registry;
use serde::Serialize;

use crate::exit::{Exit, Failure};
use crate::ui::{Table, Ui};

#[derive(Serialize)]
struct StateLine {
    code: &'static str,
    name: &'static str,
    data_standard: &'static str,
    first_school_year: i32,
    last_school_year: i32,
    profiles: Vec<&'static str>,
    resources: Vec<ResourceLine>,
}

#[derive(Serialize)]
struct ResourceLine {
    resource: &'static str,
    version: &'static str,
    document: &'static str,
}

pub(crate) fn states(registry: &Registry, ui: &Ui) -> Result<Exit, Failure> {
    let mut lines = Vec::new();
    for state in registry.states() {
        let view = registry.state(state.code).map_err(|error| Failure::new(Exit::Internal, error))?;
        let resources = view.resources.iter().map(|resource| {
            let spec = resource.spec();
            let owner = state.reports.iter().find(|r| r.resource == spec.name).map_or("", |r| r.owner);
            ResourceLine { resource: spec.name, version: owner, document: spec.document }
        });
        lines.push(StateLine {
            code: state.code,
            name: state.name,
            data_standard: &view.standard().version,
            first_school_year: *state.years.start(),
            last_school_year: *state.years.end(),
            profiles: state.profiles.iter().map(|profile| profile.key).collect(),
            resources: resources.collect(),
        });
    }
    if ui.is_json() {
        ui.json(&lines)?;
        return Ok(Exit::Done);
    }
    for line in lines {
        ui.line(&format!(
            "{} ({}): Data Standard {}, school years {} to {}",
            line.name, line.code, line.data_standard, line.first_school_year, line.last_school_year
        ));
        let mut table = Table::new(&["resource", "version", "document"]);
        for resource in &line.resources {
            table.row([resource.resource, resource.version, resource.document].map(str::to_owned));
        }
        ui.line(&format!("{table}\n"));
    }
    Ok(Exit::Done)
}
