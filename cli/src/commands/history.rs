//! `rollcall history`

use rollcall_core::registry::Registry;
use rollcall_ledger::SqliteLedger;
use rollcall_sync::summary::Summary;

use super::run_record::RunRecord;
use crate::args::{self, Global};
use crate::exit::{Exit, Failure};
use crate::session::Session;
use crate::ui::{Table, Ui};

pub(crate) fn history(args: &args::History, global: &Global, registry: &Registry, ui: &Ui) -> Result<Exit, Failure> {
    let session = Session::open(&global.config, registry)?;
    let runs = match SqliteLedger::open_to_read(&session.ledger(), &session.connection_name())? {
        Some(ledger) => RunRecord::newest(&ledger, &session, args.limit as usize)?,
        None => Vec::new(),
    };
    if ui.is_json() {
        ui.json(&runs)?;
        return Ok(Exit::Done);
    }
    if runs.is_empty() {
        ui.line("no runs yet");
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&[
        "#run",
        "command",
        "of",
        "started",
        "#took",
        "#posted",
        "#put",
        "#deleted",
        "#not at the ODS",
        "outcome",
    ]);
    for run in &runs {
        let counts = run.summary.as_ref().map_or([const { String::new() }; 4], counts);
        let [posted, put, deleted, missing] = counts;
        table.row([
            run.id.to_string(),
            run.command.clone(),
            run.limited_to(),
            run.started.clone(),
            run.took(),
            posted,
            put,
            deleted,
            missing,
            run.outcome.clone(),
        ]);
    }
    ui.line(&table.to_string());
    for run in &runs {
        if let Some(reason) = &run.reason {
            ui.line(&format!("run {} {}: {reason}", run.id, run.outcome));
        }
    }
    ui.line("all about one: `rollcall show RUN`");
    Ok(Exit::Done)
}

fn counts(summary: &Summary) -> [String; 4] {
    [
        summary.total(|part| part.posted),
        summary.total(|part| part.put),
        summary.total(|part| part.deleted),
        summary.total(|part| part.refused + part.unknown + part.held + part.defects + part.not_sent),
    ]
    .map(|count| count.to_string())
}
