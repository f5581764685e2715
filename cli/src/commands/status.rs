//! `rollcall status`

use rollcall_core::registry::Registry;
use rollcall_ledger::{Ledger, ResourceStatus, SqliteLedger};
use serde::Serialize;

use super::run_record::RunRecord;
use super::summary;
use crate::args::Global;
use crate::exit::{Exit, Failure};
use crate::session::Session;
use crate::ui::{Table, Ui};

/// What there is to say where no ledger is.
pub(super) const NO_LEDGER: &str = "nothing was sent yet: this connection has no ledger";

#[derive(Serialize)]
struct Report {
    resources: Vec<ResourceStatus>,
    last_run: Option<RunRecord>,
}

pub(crate) fn status(global: &Global, registry: &Registry, ui: &Ui) -> Result<Exit, Failure> {
    let session = Session::open(&global.config, registry)?;
    let Some(ledger) = SqliteLedger::open_to_read(&session.ledger(), &session.connection_name())? else {
        if ui.is_json() {
            ui.json(&Report { resources: Vec::new(), last_run: None })?;
        } else {
            ui.line(NO_LEDGER);
        }
        return Ok(Exit::Done);
    };
    let report = Report { resources: ledger.status()?, last_run: RunRecord::newest(&ledger, &session, 1)?.pop() };
    let summary = report.last_run.as_ref().and_then(|run| run.summary.as_ref());
    let missing = report.resources.iter().any(|r| r.refused + r.held + r.pending + r.unknown + r.defects > 0)
        || summary.is_some_and(|summary| !summary.is_complete());
    let exit = if missing { Exit::Incomplete } else { Exit::Done };
    if ui.is_json() {
        ui.json(&report)?;
        return Ok(exit);
    }
    let mut table = Table::new(&["resource", "#at the ODS", "#refused", "#held", "#pending", "#unknown", "#defects"]);
    for line in &report.resources {
        let counts = [line.delivered, line.refused, line.held, line.pending, line.unknown, line.defects];
        table.row(std::iter::once(line.resource.clone()).chain(counts.map(|count| count.to_string())));
    }
    ui.line(&table.to_string());
    if let Some(run) = &report.last_run {
        ui.line(&format!("last run: {} {}, started {}, {}", run.command, run.id, run.started, run.ending()));
        if let Some(last) = run.summary.as_ref().filter(|summary| !summary.resources.is_empty()) {
            summary::done(last, ui);
            summary::withheld(last.total(|part| part.withheld), ui);
            summary::unread(last.unread, ui);
        }
    }
    Ok(exit)
}
