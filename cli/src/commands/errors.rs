//! `rollcall errors`

use std::collections::BTreeMap;

use rollcall_core::registry::Registry;
use rollcall_ledger::{ErrorEntry, ErrorFilter, Ledger, SqliteLedger};

use crate::args::{self, Global};
use crate::exit::{Exit, Failure};
use crate::session::Session;
use crate::ui::Ui;

pub(crate) fn errors(args: &args::Errors, global: &Global, registry: &Registry, ui: &Ui) -> Result<Exit, Failure> {
    let session = Session::open(&global.config, registry)?;
    if let Some(name) = &args.resource
        && session.config.state.resource(name).is_none()
    {
        let names: Vec<&str> = session.config.state.resources.iter().map(|r| r.spec().name).collect();
        let error = anyhow::anyhow!("{} reports no resource \"{name}\"", session.config.state.state.name);
        return Err(Failure::new(Exit::Usage, error).hint(format!("it reports: {}", names.join(", "))));
    }
    let filter = ErrorFilter { resource: args.resource.clone(), outcome: None, payloads: args.payloads };
    let entries = match SqliteLedger::open_to_read(&session.ledger(), &session.connection_name())? {
        Some(ledger) => ledger.errors(&filter)?,
        None => Vec::new(),
    };
    let exit = if entries.is_empty() { Exit::Done } else { Exit::Incomplete };
    if ui.is_json() {
        ui.json(&entries)?;
    } else if entries.is_empty() {
        ui.line("no errors: every record that reports is at the ODS");
    } else if args.list || args.payloads {
        for entry in &entries {
            print(entry, ui);
        }
    } else {
        by_cause(&entries, ui);
    }
    Ok(exit)
}

/// One entry for each cause, with how many records it keeps from the ODS and one of them as an example.
fn by_cause(entries: &[ErrorEntry], ui: &Ui) {
    let mut causes: BTreeMap<(&str, &str, &str, String), (usize, &ErrorEntry)> = BTreeMap::new();
    for entry in entries {
        let message = without_values(&entry.message);
        let cause = (entry.resource.as_str(), entry.outcome.as_str(), entry.class.as_str(), message);
        causes.entry(cause).or_insert((0, entry)).0 += 1;
    }
    for ((resource, outcome, class, _), (count, example)) in causes {
        let records = if count == 1 { "1 record".to_owned() } else { format!("{count} records") };
        let status = example.status.map(|status| format!(", status {status}")).unwrap_or_default();
        ui.line(&format!("{resource}: {records} {} ({class}{status})", verb(outcome, count)));
        ui.line(&format!("    says:    {}", example.message));
        ui.line(&format!("    to do:   {}", example.fix));
        ui.line(&format!("    example: {}\n", example.object));
    }
    ui.line("each record: `rollcall errors --list`; what was sent: `rollcall errors --payloads`");
}

fn verb(outcome: &str, count: usize) -> String {
    let (is, has) = if count == 1 { ("is", "has a defect") } else { ("are", "have a defect") };
    match outcome {
        "defect" => has.to_owned(),
        "unknown" => format!("{is} in an unknown state"),
        outcome => format!("{is} {outcome}"),
    }
}

/// Messages of one cause differ by ids and values only.
fn without_values(message: &str) -> String {
    let mut quoted = false;
    message
        .chars()
        .filter(|c| {
            if matches!(c, '\'' | '"') {
                quoted = !quoted;
            }
            !quoted && !c.is_ascii_digit()
        })
        .collect()
}

fn print(entry: &ErrorEntry, ui: &Ui) {
    let status = entry.status.map(|status| format!(", status {status}")).unwrap_or_default();
    ui.line(&format!("{} {}: {} ({}{status})", entry.resource, entry.object, entry.outcome.as_str(), entry.class));
    ui.line(&format!("    says:   {}", entry.message));
    ui.line(&format!("    to do:  {}", entry.fix));
    if let Some(waits_for) = &entry.waits_for {
        ui.line(&format!("    waits for: {waits_for}"));
    }
    if let Some(payload) = entry.payload.as_deref().filter(|payload| !payload.is_empty()) {
        ui.line(&format!("    sent:   {payload}"));
    }
    let tries = if entry.tries == 1 { "once".to_owned() } else { format!("{} times", entry.tries) };
    ui.line(&format!("    run {}, {}, tried {tries}\n", entry.run, entry.at));
}
