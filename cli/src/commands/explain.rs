//! `rollcall explain`

use rollcall_core::registry::{Registry, StateView};
use rollcall_core::resource::Resource;
use rollcall_sync::check::Checker;
use rollcall_sync::explain::{Asked, Decision, Explanation, explain as ask};

use super::known;
use crate::args::{self, Global};
use crate::exit::{Exit, Failure};
use crate::session::Session;
use crate::ui::Ui;

/// More than this is not read by anybody; a longer natural key finds fewer.
const LIMIT: usize = 20;

pub(crate) fn explain(args: &args::Explain, global: &Global, registry: &Registry, ui: &Ui) -> Result<Exit, Failure> {
    let session = Session::open(&global.config, registry)?;
    let resource = resource(&session.config.state, &args.resource)?;
    let asked = Asked::parse(&args.key).ok_or_else(|| {
        // What was typed may be a student's id: it is not repeated.
        Failure::new(Exit::Usage, anyhow::anyhow!("what is asked for is neither an object key nor a natural key"))
            .hint("an object key is Table:id (Roster:100001), a natural key name=value&name=value")
    })?;
    if let Asked::Key(parts) = &asked {
        known::key_parts(known::model(&session, &args.resource)?, parts)?;
    }
    let reading = session.read_tables()?;
    let cx = session.context(&reading);
    let checker = Checker::new(&session.config.state, &session.config.years);
    // One more than is shown tells whether there are more.
    let mut explanations = ask(resource, &cx, &checker, &asked, LIMIT + 1);
    if explanations.is_empty() {
        let (what, hint) = match &asked {
            Asked::Object(object) => (
                format!("has nothing behind {object}"),
                "is the row in the tables, readable (`rollcall check`), of an active trial and a configured year?",
            ),
            Asked::Key(_) => (
                "reports no record of this natural key".to_owned(),
                "what is excluded or defective has no natural key: name the row of the SIS instead (Section:2042)",
            ),
        };
        let error = anyhow::anyhow!("{} {what} in the configured years", args.resource);
        return Err(Failure::new(Exit::Input, error).hint(hint));
    }
    let more = explanations.len() > LIMIT;
    explanations.truncate(LIMIT);
    if ui.is_json() {
        ui.json(&explanations)?;
    } else {
        for explanation in &explanations {
            print(explanation, ui)?;
        }
    }
    if more {
        ui.note(&format!(
            "there are more than these {LIMIT}: give more parts of the natural key, or the row of the SIS"
        ));
    }
    Ok(Exit::Done)
}

/// A resource of a state by name, or an error that names those it has.
pub(super) fn resource(state: &StateView, name: &str) -> Result<&'static dyn Resource, Failure> {
    state.resource(name).ok_or_else(|| {
        let names: Vec<&str> = state.resources.iter().map(|resource| resource.spec().name).collect();
        let error = anyhow::anyhow!("{} reports no resource \"{name}\"", state.state.name);
        let near = rollcall_core::finding::nearest(name, names.iter().copied());
        Failure::new(Exit::Usage, error)
            .hint(near.map(|near| format!("did you mean {near}?")).unwrap_or_default())
            .hint(format!("it reports: {}", names.join(", ")))
    })
}

fn print(explanation: &Explanation, ui: &Ui) -> Result<(), Failure> {
    match &explanation.decision {
        Decision::Reported { natural_key, elements, payload } => {
            ui.line(&format!("{}: reported", explanation.object));
            ui.line(&format!("  natural key: {natural_key}"));
            for element in elements {
                let Some(value) = &element.value else { continue };
                ui.line(&format!("  {} = {}", element.element, serde_json::to_string(value)?));
                ui.line(&format!("      rule: {}", element.rule));
                if !element.from.is_empty() {
                    let from = element.from.iter().map(|read| format!("{} = {}", read.column, or_null(&read.value)));
                    ui.line(&format!("      from: {}", from.collect::<Vec<_>>().join(", ")));
                }
            }
            let silent: Vec<&str> = elements.iter().filter(|e| e.value.is_none()).map(|e| e.element).collect();
            if !silent.is_empty() {
                ui.line(&format!("  does not report: {}", silent.join(", ")));
            }
            ui.line(&format!("  payload: {}\n", serde_json::to_string(payload)?));
        }
        Decision::Excluded { rule, document, text, because, value } => {
            ui.line(&format!("{}: excluded by {rule}", explanation.object));
            ui.line(&format!("  rule:     {text} ({document})"));
            if let Some(because) = because {
                ui.line(&format!("  because:  {because}"));
            }
            if let Some(value) = value {
                ui.line(&format!("  decided:  {} = {}\n", value.column, or_null(&value.value)));
            }
        }
        Decision::Defective { problems } => {
            ui.line(&format!("{}: defective", explanation.object));
            for problem in problems {
                ui.line(&format!("  {}: {}", problem.element, problem.message));
                ui.line(&format!("      to do: {}\n", problem.fix));
            }
        }
    }
    for omission in &explanation.omissions {
        ui.line(&format!("  left out: {omission}"));
    }
    Ok(())
}

fn or_null(value: &str) -> &str {
    if value.is_empty() { "null" } else { value }
}
