//! `rollcall status`

use rollcall_core::registry::Registry;
use rollcall_ledger::{Ledger, ResourceStatus, Run, SqliteLedger};
use rollcall_sync::summary::Summary;
use serde::Serialize;

use super::summary;
use crate::args::Global;
use crate::exit::{Exit, Failure};
use crate::session::Session;
use crate::ui::{Table, Ui};

#[derive(Serialize)]
struct Report {
    resources: Vec<ResourceStatus>,
    last_run: Option<LastRun>,
}

#[derive(Serialize)]
struct LastRun {
    id: i64,
    command: String,
    started: String,
    finished: Option<String>,
    outcome: Option<String>,
    summary: Option<Summary>,
}

impl From<Run> for LastRun {
    fn from(run: Run) -> Self {
        let Run { id, command, started, finished, outcome, summary } = run;
        let summary = summary.and_then(|text| serde_json::from_str(&text).ok());
        Self { id, command, started, finished, outcome, summary }
    }
}

pub(crate) fn status(global: &Global, registry: &Registry, ui: &Ui) -> Result<Exit, Failure> {
    let session = Session::open(&global.config, registry)?;
    let Some(ledger) = SqliteLedger::open_to_read(&session.ledger(), &session.connection_name())? else {
        if ui.is_json() {
            ui.json(&Report { resources: Vec::new(), last_run: None })?;
        } else {
            ui.line("nothing was sent yet: this connection has no ledger");
        }
        return Ok(Exit::Done);
    };
    let report =
        Report { resources: ledger.status()?, last_run: ledger.runs(1)?.into_iter().next().map(LastRun::from) };
    let summary = report.last_run.as_ref().and_then(|run| run.summary.as_ref());
    let missing = report.resources.iter().any(|r| r.refused + r.held + r.unknown + r.defects > 0)
        || summary.is_some_and(|summary| !summary.is_complete());
    let exit = if missing { Exit::Incomplete } else { Exit::Done };
    if ui.is_json() {
        ui.json(&report)?;
        return Ok(exit);
    }
    let mut table = Table::new(&["resource", "#at the ODS", "#refused", "#held", "#unknown", "#defects"]);
    for line in &report.resources {
        let counts = [line.delivered, line.refused, line.held, line.unknown, line.defects];
        table.row(std::iter::once(line.resource.clone()).chain(counts.map(|count| count.to_string())));
    }
    ui.line(&table.to_string());
    if let Some(run) = &report.last_run {
        let ended = match (&run.finished, &run.outcome) {
            (Some(at), Some(outcome)) => format!("ended {at}: {outcome}"),
            _ => "has not ended, or was killed; the next sync goes on from there".to_owned(),
        };
        ui.line(&format!("last run: {} {}, started {}, {ended}", run.command, run.id, run.started));
        if let Some(last) = &run.summary {
            summary::done(last, ui);
        }
    }
    Ok(exit)
}
