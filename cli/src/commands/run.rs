//! What every command that writes to the ODS does: take the ledger, connect, plan, carry the plan out, note the run.

use std::pin::pin;

use rollcall_core::context::Context;
use rollcall_ledger::{ErrorFilter, Ledger, Settled, SqliteLedger};
use rollcall_source::Reading;
use rollcall_sync::apply::{Run, apply};
use rollcall_sync::check::Checker;
use rollcall_sync::deletion::{Deletion, Wanted};
use rollcall_sync::error_log::digest;
use rollcall_sync::plan::{Extract, Plan, Resync, Sides};
use rollcall_sync::summary::Summary;
use rollcall_transport::Client;

use super::delete::{too_many_unknown, unread};
use super::{selection, summary};
use crate::args::ErrorSelection;
use crate::exit::{Exit, Failure};
use crate::session::{Session, extract, left_out, now};
use crate::stop::Stop;
use crate::ui::Ui;

/// What to do.
pub(super) struct Work<'a> {
    /// The command, for the history.
    pub(super) command: &'static str,
    /// What it is limited to, as JSON.
    pub(super) filters: Option<String>,
    /// Whether the limit on deletes is lifted, and deletes go out though rows could not be read.
    pub(super) allow_deletes: bool,
    pub(super) kind: Kind<'a>,
}

/// How to plan.
pub(super) enum Kind<'a> {
    /// The SIS against the ledger.
    Sync {
        /// What it plans from besides the ledger, as it was before the tables were read.
        inputs: Option<String>,
        /// Whether to plan even if a plan from the same inputs came out with nothing to send.
        full: bool,
    },
    /// The SIS against the ledger and the ODS.
    Resync(&'a Resync),
    /// Of a sync, the records of some errors.
    Retry(&'a ErrorSelection),
    /// What somebody names at the ODS, with everything that refers to it; and whether records go too that this connection
    /// has not sent.
    Delete(&'a Wanted, bool),
}

impl Kind<'_> {
    /// Whether it brings to the ODS what the tables say, and not just records that somebody chose.
    const fn is_about_the_tables(&self) -> bool {
        matches!(self, Self::Sync { .. } | Self::Resync(_))
    }

    /// For a sync, what it plans from besides the ledger.
    const fn inputs(&self) -> Option<&String> {
        match self {
            Self::Sync { inputs, .. } => inputs.as_ref(),
            Self::Resync(_) | Self::Retry(_) | Self::Delete(..) => None,
        }
    }
}

/// Plans, carries the plan out, and notes the run in the ledger.
pub(super) async fn run(session: &Session, reading: &Reading, work: &Work<'_>, ui: &Ui) -> Result<Summary, Failure> {
    let cx = session.context(reading);
    let checker = Checker::new(&session.config.state, &session.config.years);
    // What is no address must not become the ledger's.
    session.check_connection()?;
    let stop = Stop::listen()?;
    // The ledger first: when another run holds it, the ODS is left alone.
    let mut ledger = SqliteLedger::open(&session.ledger(), &session.connection_name())?;
    let (filters, years) = (work.filters.as_deref(), &session.config.years);
    let number = ledger.begin_run(work.command, filters, &session.fingerprint(), years, &now())?;
    let ready = tokio::select! {
        biased;
        ready = prepare(session, reading, &cx, &checker, &ledger, work, ui) => ready,
        signal = stop.asked() => Err(told_to_stop(signal, NOTHING_SENT)),
    };
    // Nobody listens while a plan is made.
    let ready = ready.and_then(|ready| stop.signal().map_or(Ok(ready), |by| Err(told_to_stop(by, NOTHING_SENT))));
    let (client, plan) = match ready {
        Ok(Ready::Planned(client, plan)) => (client, plan),
        Ok(Ready::Settled(summary)) => {
            tracing::info!("nothing has changed since a sync that found nothing to send");
            ledger.finish_run(number, &now(), outcome(&summary), &serde_json::to_string(&summary)?)?;
            return Ok(summary);
        }
        Err(failure) => {
            let outcome = match failure.exit {
                Exit::DeleteLimit => "delete-limit",
                Exit::Stopped => "stopped",
                _ => "failed",
            };
            let nothing = Summary { reason: Some(one_line(&failure)), ..Summary::default() };
            ledger.finish_run(number, &now(), outcome, &serde_json::to_string(&nothing)?)?;
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
    let mut applying = pin!(apply(&plan, &run, Box::new(ledger)));
    let (mut ledger, applied) = tokio::select! {
        biased;
        ended = &mut applying => ended,
        signal = stop.asked() => {
            client.halt();
            ui.note(&format!("told to stop by {signal}: waiting for what is in flight; a second time ends at once"));
            applying.await
        }
    };
    let mut applied = applied?;
    applied.summary.causes = digest(ledger.as_ref(), &reading.snapshot)?;
    if work.kind.is_about_the_tables() {
        applied.summary.unread = left_out(reading);
    }
    // A run that had nothing left to do has come to its end.
    let cut_short = client.is_halted() && applied.summary.total(|part| part.not_sent + part.unknown) > 0;
    let told = stop.signal().filter(|_| cut_short).map(|signal| told_to_stop(signal, "before its end"));
    let stopped = applied.stopped.map(Failure::from).or(told);
    let outcome = if stopped.is_some() { "stopped" } else { outcome(&applied.summary) };
    applied.summary.reason = stopped.as_ref().map(one_line);
    let counts = serde_json::to_string(&applied.summary)?;
    ledger.finish_run(number, &now(), outcome, &counts)?;
    if plan.is_settled() && stopped.is_none() && extract(reading) == Extract::Whole {
        // The inputs once more: the tables may have changed while they were read.
        if let Some(inputs) = work.kind.inputs().filter(|inputs| session.inputs().as_ref() == Some(inputs)) {
            ledger.settle(&Settled { inputs: inputs.clone(), summary: counts })?;
        }
    }
    match stopped {
        Some(failure) => {
            print(&applied.summary, ui)?;
            Err(failure.hint("what was delivered stands in the ledger; the next sync goes on from there"))
        }
        None => Ok(applied.summary),
    }
}

/// How a run that came to its end ended, in a word.
fn outcome(summary: &Summary) -> &'static str {
    if summary.is_complete() { "complete" } else { "incomplete" }
}

/// Prints what a run did, and says how it ended.
pub(super) fn report(summary: &Summary, ui: &Ui) -> Result<Exit, Failure> {
    print(summary, ui)?;
    let waiting = summary.total(|part| part.waiting);
    if waiting > 0 {
        ui.note(&format!(
            "{waiting} records wait for a resync, since a preference changed them or keeps them back: `rollcall plan --resync \
             --steps` lists them, `rollcall resync` sends them"
        ));
    }
    if summary.is_complete() {
        return Ok(Exit::Done);
    }
    summary::withheld(summary.total(|part| part.withheld), ui);
    summary::unread(summary.unread, ui);
    if !summary.is_delivered() {
        ui.note("some records are not at the ODS; `rollcall errors` says which, why, and what to do");
    }
    Ok(Exit::Incomplete)
}

/// When a run was told to stop that had not begun to send.
const NOTHING_SENT: &str = "before anything was sent";

/// The error of a run that a signal ends.
fn told_to_stop(signal: &str, when: &str) -> Failure {
    Failure::new(Exit::Stopped, anyhow::anyhow!("told to stop by {signal} {when}"))
}

/// An error as the history keeps it: what the command prints of it, in one line.
fn one_line(error: &impl ToString) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn print(summary: &Summary, ui: &Ui) -> Result<(), Failure> {
    if ui.is_json() {
        ui.json(summary)
    } else {
        summary::done(summary, ui);
        Ok(())
    }
}

/// What is to be carried out.
enum Ready {
    Planned(Client, Plan),
    /// Nothing: a plan from the same inputs came out with these counts and nothing to send, and the ledger is as it was.
    Settled(Summary),
}

/// The counts of a plan from the same inputs that came out with nothing to send.
fn settled(ledger: &SqliteLedger, kind: &Kind<'_>) -> Result<Option<Summary>, Failure> {
    let Kind::Sync { inputs: Some(inputs), full: false } = kind else { return Ok(None) };
    let settled = ledger.settled()?.filter(|settled| settled.inputs == *inputs);
    // Counts that cannot be read are counted anew.
    Ok(settled.and_then(|settled| serde_json::from_str(&settled.summary).ok()))
}

/// Connects and plans; an error means that nothing is sent.
async fn prepare(
    session: &Session,
    reading: &Reading,
    cx: &Context<'_>,
    checker: &Checker,
    ledger: &SqliteLedger,
    work: &Work<'_>,
    ui: &Ui,
) -> Result<Ready, Failure> {
    let client = session.connect().await?;
    if let Some(summary) = settled(ledger, &work.kind)? {
        return Ok(Ready::Settled(summary));
    }
    let extract = if work.allow_deletes { Extract::Whole } else { extract(reading) };
    let sides = Sides { config: &session.config, cx, checker, ledger: Some(ledger), extract: &extract };
    let plan = match work.kind {
        Kind::Sync { .. } => Plan::make(sides, None)?,
        Kind::Resync(resync) => Plan::with_ods(sides, resync, &client).await?,
        Kind::Retry(selection) => {
            let chosen = selection::selected(selection, false, ledger, Some(&reading.snapshot))?;
            let all = ledger.errors(&ErrorFilter::default())?;
            Plan::make(sides, None)?.only_failed(sides, &chosen, &all, selection.is_all())
        }
        Kind::Delete(wanted, delete_unknown) => {
            let deletion = Deletion::find(wanted, checker, Some(ledger), &client).await?;
            unread(&deletion, ui);
            if deletion.unknown() > 0 && !delete_unknown {
                let error = anyhow::anyhow!("{}; nothing was deleted", too_many_unknown(&deletion));
                return Err(Failure::new(Exit::DeleteLimit, error).hint(
                    "another connection or another vendor may need them; to delete them too, add --delete-unknown",
                ));
            }
            deletion.plan()
        }
    };
    if plan.exceeds(session.config.delete_limit) && !work.allow_deletes {
        let error = anyhow::anyhow!(
            "the plan deletes {} of {} records, more than the limit of {:.0} %; nothing was sent",
            plan.losses(),
            plan.delivered,
            session.config.delete_limit * 100.0
        );
        let command = work.command;
        let look = match work.kind {
            Kind::Resync(_) => "rollcall resync --dry-run --steps",
            Kind::Sync { .. } | Kind::Retry(_) | Kind::Delete(..) => "rollcall plan --steps",
        };
        return Err(Failure::new(Exit::DeleteLimit, error)
            .hint(format!("see what would go with `{look}`; is the extract of the SIS whole?"))
            .hint(format!("if it is right, run `rollcall {command} --allow-deletes`, or raise sync.delete-limit")));
    }
    Ok(Ready::Planned(client, plan))
}
