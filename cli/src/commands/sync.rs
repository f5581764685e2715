//! `rollcall sync`

use rollcall_core::config::unmapped;
use rollcall_core::context::Context;
use rollcall_core::finding::Severity;
use rollcall_core::registry::Registry;
use rollcall_ledger::{Ledger, SqliteLedger};
use rollcall_source::Reading;
use rollcall_sync::apply::{Run, apply};
use rollcall_sync::check::Checker;
use rollcall_sync::plan::{Extract, Plan};
use rollcall_sync::summary::Summary;
use rollcall_transport::Client;

use super::summary;
use crate::args::{self, Global};
use crate::exit::{Exit, Failure};
use crate::session::{Session, extract, now};
use crate::ui::Ui;

pub(crate) async fn sync(args: &args::Sync, global: &Global, registry: &Registry, ui: &Ui) -> Result<Exit, Failure> {
    let session = Session::open(&global.config, registry)?;
    let reading = session.read_tables()?;
    ui.findings(&reading.findings);
    let unmapped = unmapped(&reading.snapshot, &session.config.state, &session.config.preferences);
    let unmapped = unmapped.iter().filter(|finding| finding.severity == Severity::Warning).count();
    if unmapped > 0 {
        ui.note(&format!("{unmapped} codes of the SIS are not mapped; `rollcall check` names them"));
    }
    let summary = run(&session, &reading, args.allow_deletes, ui).await?;
    if ui.is_json() {
        ui.json(&summary)?;
    } else {
        summary::done(&summary, ui);
    }
    if summary.is_complete() {
        return Ok(Exit::Done);
    }
    summary::withheld(summary.total(|part| part.withheld), ui);
    if summary.is_delivered() {
        return Ok(Exit::Incomplete);
    }
    ui.note("some records are not at the ODS; `rollcall errors` says which, why, and what to do");
    Ok(Exit::Incomplete)
}

/// Plans, executes the plan, and notes the run in the ledger.
pub(super) async fn run(
    session: &Session,
    reading: &Reading,
    allow_deletes: bool,
    ui: &Ui,
) -> Result<Summary, Failure> {
    let cx = session.context(reading);
    let checker = Checker::new(&session.config.state, &session.config.years);
    // The ledger first: when another run holds it, the ODS is left alone.
    let mut ledger = SqliteLedger::open(&session.ledger(), &session.connection_name())?;
    let number = ledger.begin_run("sync", None, &session.fingerprint()?, &now())?;
    let ready = prepare(session, reading, &cx, &checker, &ledger, allow_deletes).await;
    let (client, plan) = match ready {
        Ok(ready) => ready,
        Err(failure) => {
            let outcome = if failure.exit == Exit::DeleteLimit { "delete-limit" } else { "failed" };
            ledger.finish_run(number, &now(), outcome, &serde_json::to_string(&Summary::default())?)?;
            return Err(failure);
        }
    };
    let progress = ui.progress();
    let run = Run {
        config: &session.config,
        cx,
        client: &client,
        checker: &checker,
        progress: progress.as_ref(),
        now,
        number,
    };
    let (mut ledger, applied) = apply(&plan, &run, Box::new(ledger)).await;
    let applied = applied?;
    let outcome = match (&applied.stopped, applied.summary.is_complete()) {
        (Some(_), _) => "stopped",
        (None, true) => "complete",
        (None, false) => "incomplete",
    };
    ledger.finish_run(number, &now(), outcome, &serde_json::to_string(&applied.summary)?)?;
    match applied.stopped {
        Some(error) => {
            summary::done(&applied.summary, ui);
            Err(Failure::from(error).hint("what was delivered stands in the ledger; the next sync goes on from there"))
        }
        None => Ok(applied.summary),
    }
}

/// Connects and plans; an error means that nothing is sent.
async fn prepare(
    session: &Session,
    reading: &Reading,
    cx: &Context<'_>,
    checker: &Checker,
    ledger: &SqliteLedger,
    allow_deletes: bool,
) -> Result<(Client, Plan), Failure> {
    let client = session.connect().await?;
    let extract = if allow_deletes { Extract::Whole } else { extract(reading) };
    let plan = Plan::make(&session.config, cx, Some(ledger), checker, &extract)?;
    if plan.exceeds(session.config.delete_limit) && !allow_deletes {
        let error = anyhow::anyhow!(
            "the plan deletes {} of {} records, more than the limit of {:.0} %; nothing was sent",
            plan.losses(),
            plan.delivered,
            session.config.delete_limit * 100.0
        );
        return Err(Failure::new(Exit::DeleteLimit, error)
            .hint("see what would go with `rollcall plan --steps`; is the extract of the SIS whole?")
            .hint("if it is right, run `rollcall sync --allow-deletes`, or raise sync.delete-limit"));
    }
    Ok((client, plan))
}
