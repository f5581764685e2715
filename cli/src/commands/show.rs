//! `rollcall show`

use rollcall_core::registry::Registry;
use rollcall_ledger::SqliteLedger;
use rollcall_sync::summary::{Summary, Traffic};

use super::run_record::RunRecord;
use super::{errors, summary};
use crate::args::{self, Global};
use crate::exit::{Exit, Failure};
use crate::session::Session;
use crate::ui::{Table, Ui};

pub(crate) fn show(args: &args::Show, global: &Global, registry: &Registry, ui: &Ui) -> Result<Exit, Failure> {
    let session = Session::open(&global.config, registry)?;
    let run = find(args.run, &session)?;
    if ui.is_json() {
        ui.json(&run)?;
        return Ok(Exit::Done);
    }
    ui.line(&format!("run {}: {}", run.id, run.command));
    ui.line(&format!("  of:            {}", run.limited_to()));
    ui.line(&format!("  started:       {}", run.started));
    ui.line(&format!("  outcome:       {}", run.ending()));
    ui.line(&format!("  took:          {}", run.took()));
    let changed = if run.configuration_is_present { "the present one" } else { "changed since" };
    ui.line(&format!("  configuration: {} ({changed})", run.configuration));
    if let Some(counts) = run.summary.as_ref().filter(|counts| !counts.resources.is_empty()) {
        ui.line(&format!("  requests:      {}, {} of them repeats", counts.requests, counts.retries));
        ui.line("");
        summary::done(counts, ui);
        traffic(counts, ui);
        for cause in &counts.causes {
            ui.line(&format!("{} ({}){}", errors::headline(cause), cause.class, errors::waiting(cause)));
        }
    }
    Ok(Exit::Done)
}

/// The requests, and how long their answers took.
fn traffic(summary: &Summary, ui: &Ui) {
    let parts: Vec<(&str, Traffic)> =
        summary.resources.iter().filter_map(|part| Some((part.resource.as_str(), part.traffic?))).collect();
    if parts.is_empty() {
        return;
    }
    let mut table = Table::new(&[
        "resource",
        "#requests",
        "#repeats",
        "#KiB sent",
        "#mean",
        "#median",
        "#90 %",
        "#99 %",
        "#longest",
    ]);
    for (resource, of) in parts {
        let times = [of.mean_ms, of.median_ms, of.p90_ms, of.p99_ms, of.max_ms].map(|ms| format!("{ms:.1} ms"));
        let counts = [of.requests, of.retries, of.bytes_sent.div_ceil(1024)].map(|count| count.to_string());
        table.row(std::iter::once(resource.to_owned()).chain(counts).chain(times));
    }
    ui.line(&table.to_string());
}

/// The run that is asked for; without a number, the last.
pub(super) fn find(asked: Option<i64>, session: &Session) -> Result<RunRecord, Failure> {
    let ledger = SqliteLedger::open_to_read(&session.ledger(), &session.connection_name())?;
    let found = match (&ledger, asked) {
        (None, _) => None,
        (Some(ledger), Some(id)) => RunRecord::by_id(ledger, session, id)?,
        (Some(ledger), None) => RunRecord::newest(ledger, session, 1)?.pop(),
    };
    found.ok_or_else(|| {
        let error = match asked {
            Some(id) => anyhow::anyhow!("there is no run {id}"),
            None => anyhow::anyhow!("there are no runs yet"),
        };
        Failure::new(Exit::Usage, error).hint("`rollcall history` lists the runs")
    })
}
