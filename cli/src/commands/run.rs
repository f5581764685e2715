//! What every command that writes to the ODS does: take the ledger, connect, plan, carry the plan out, note the run.

use std::pin::pin;

use rollcall_core::context::Context;
use rollcall_ledger::{ErrorFilter, Ledger, LedgerError, Settled, SqliteLedger};
use rollcall_source::Reading;
use rollcall_sync::apply::{Applied, Run, apply};
use rollcall_sync::check::Checker;
use rollcall_sync::deletion::{Deletion, Wanted};
use rollcall_sync::error_log::digest;
use rollcall_sync::plan::{Extract, Plan, Resync, Sides};
use rollcall_sync::summary::Summary;
use rollcall_transport::Client;

use super::delete::{refuse_unknown, unread};
use super::ending::{NOTHING_SENT, failure_line, outcome, outcome_unsent, print, told_to_stop};
use super::selection;
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
    let begun = Begun { session, reading, work, ui, cx, checker, stop, number };
    match begun.prepare_unless_stopped(&ledger).await {
        Ok(Ready::Planned(client, plan)) => begun.carry_out(&plan, &client, ledger).await,
        Ok(Ready::Settled(summary)) => {
            tracing::info!("nothing has changed since a sync that found nothing to send");
            begun.note(&mut ledger, outcome(&summary), &summary)?;
            Ok(summary)
        }
        Err(failure) => {
            let nothing = Summary { reason: Some(failure_line(&failure)), ..Summary::default() };
            begun.note(&mut ledger, outcome_unsent(&failure), &nothing)?;
            Err(failure)
        }
    }
}

/// A run that stands in the ledger, and has to be noted there however it ends.
struct Begun<'a> {
    session: &'a Session,
    reading: &'a Reading,
    work: &'a Work<'a>,
    ui: &'a Ui,
    cx: Context<'a>,
    checker: Checker,
    stop: Stop,
    /// In the ledger.
    number: i64,
}

/// What is to be carried out.
enum Ready {
    Planned(Client, Plan),
    /// Nothing: a plan from the same inputs came out with these counts and nothing to send, and the ledger is as it was.
    Settled(Summary),
}

impl Begun<'_> {
    async fn prepare_unless_stopped(&self, ledger: &SqliteLedger) -> Result<Ready, Failure> {
        let ready = tokio::select! {
            biased;
            ready = self.prepare(ledger) => ready?,
            signal = self.stop.asked() => return Err(told_to_stop(signal, NOTHING_SENT)),
        };
        // Nobody listens while a plan is made.
        self.stop.signal().map_or(Ok(ready), |signal| Err(told_to_stop(signal, NOTHING_SENT)))
    }

    /// Connects and plans; an error means that nothing is sent.
    async fn prepare(&self, ledger: &SqliteLedger) -> Result<Ready, Failure> {
        let client = self.session.connect().await?;
        if let Some(summary) = self.settled(ledger)? {
            return Ok(Ready::Settled(summary));
        }
        let plan = self.plan(ledger, &client).await?;
        self.refuse_many_deletes(&plan)?;
        Ok(Ready::Planned(client, plan))
    }

    /// The counts of a plan from the same inputs that came out with nothing to send.
    fn settled(&self, ledger: &SqliteLedger) -> Result<Option<Summary>, Failure> {
        let Kind::Sync { inputs: Some(inputs), full: false } = &self.work.kind else { return Ok(None) };
        let settled = ledger.settled()?.filter(|settled| settled.inputs == *inputs);
        // Counts that cannot be read are counted anew.
        Ok(settled.and_then(|settled| serde_json::from_str(&settled.summary).ok()))
    }

    async fn plan(&self, ledger: &SqliteLedger, client: &Client) -> Result<Plan, Failure> {
        let extract = if self.work.allow_deletes { Extract::Whole } else { extract(self.reading) };
        let (config, cx, checker) = (&self.session.config, &self.cx, &self.checker);
        let sides = Sides { config, cx, checker, ledger: Some(ledger), extract: &extract };
        match self.work.kind {
            Kind::Sync { .. } => Ok(Plan::make(sides, None)?),
            Kind::Resync(resync) => Ok(Plan::with_ods(sides, resync, client).await?),
            Kind::Retry(selection) => {
                let chosen = selection::selected(selection, false, ledger, Some(&self.reading.snapshot))?;
                let all = ledger.errors(&ErrorFilter::default())?;
                Ok(Plan::make(sides, None)?.only_failed(sides, &chosen, &all, selection.is_all()))
            }
            Kind::Delete(wanted, delete_unknown) => {
                let deletion = Deletion::find(wanted, checker, Some(ledger), client).await?;
                unread(&deletion, self.ui);
                if !delete_unknown {
                    refuse_unknown(&deletion)?;
                }
                Ok(deletion.plan())
            }
        }
    }

    /// An extract that is not whole looks like a district that has shrunk.
    fn refuse_many_deletes(&self, plan: &Plan) -> Result<(), Failure> {
        let limit = self.session.config.delete_limit;
        if self.work.allow_deletes || !plan.exceeds(limit) {
            return Ok(());
        }
        let error = anyhow::anyhow!(
            "the plan deletes {} of {} records, more than the limit of {:.0} %; nothing was sent",
            plan.losses(),
            plan.delivered,
            limit * 100.0
        );
        let command = self.work.command;
        let look = match self.work.kind {
            Kind::Resync(_) => "rollcall resync --dry-run --steps",
            Kind::Sync { .. } | Kind::Retry(_) | Kind::Delete(..) => "rollcall plan --steps",
        };
        Err(Failure::new(Exit::DeleteLimit, error)
            .hint(format!("see what would go with `{look}`; is the extract of the SIS whole?"))
            .hint(format!("if it is right, run `rollcall {command} --allow-deletes`, or raise sync.delete-limit")))
    }

    /// Sends, and notes how that ended.
    async fn carry_out(&self, plan: &Plan, client: &Client, ledger: SqliteLedger) -> Result<Summary, Failure> {
        let (mut ledger, applied) = self.apply_until_stopped(plan, client, ledger).await;
        let Applied { mut summary, stopped } = applied?;
        summary.causes = digest(ledger.as_ref(), &self.reading.snapshot)?;
        if self.work.kind.is_about_the_tables() {
            summary.unread = left_out(self.reading);
        }
        let stopped = stopped.map(Failure::from).or_else(|| self.cut_short(client, &summary));
        summary.reason = stopped.as_ref().map(failure_line);
        let outcome = if stopped.is_some() { "stopped" } else { outcome(&summary) };
        let counts = self.note(ledger.as_mut(), outcome, &summary)?;
        if let Some(failure) = stopped {
            print(&summary, self.ui)?;
            return Err(failure.hint("what was delivered stands in the ledger; the next sync goes on from there"));
        }
        self.note_settled(plan, ledger.as_mut(), counts)?;
        Ok(summary)
    }

    /// Carries the plan out; told to stop, it waits for what is in flight.
    async fn apply_until_stopped(
        &self,
        plan: &Plan,
        client: &Client,
        ledger: SqliteLedger,
    ) -> (Box<dyn Ledger>, Result<Applied, LedgerError>) {
        let progress = self.ui.progress();
        let run = Run {
            config: &self.session.config,
            cx: self.cx,
            client,
            checker: &self.checker,
            progress: progress.as_ref(),
            now,
            number: self.number,
        };
        let mut applying = pin!(apply(plan, &run, Box::new(ledger)));
        tokio::select! {
            biased;
            ended = &mut applying => ended,
            signal = self.stop.asked() => {
                client.halt();
                let waiting = "waiting for what is in flight; a second time ends at once";
                self.ui.note(&format!("told to stop by {signal}: {waiting}"));
                applying.await
            }
        }
    }

    /// A run that a signal ended, unless it had nothing left to do.
    fn cut_short(&self, client: &Client, summary: &Summary) -> Option<Failure> {
        let is_short = client.is_halted() && summary.total(|part| part.not_sent + part.unknown) > 0;
        self.stop.signal().filter(|_| is_short).map(|signal| told_to_stop(signal, "before its end"))
    }

    /// Notes how the run ended; gives the counts as the ledger has them.
    fn note(&self, ledger: &mut dyn Ledger, outcome: &str, summary: &Summary) -> Result<String, Failure> {
        let counts = serde_json::to_string(summary)?;
        ledger.finish_run(self.number, &now(), outcome, &counts)?;
        Ok(counts)
    }

    /// Notes that a sync's plan came out with nothing to send: the next sync from the same inputs need not make it.
    fn note_settled(&self, plan: &Plan, ledger: &mut dyn Ledger, counts: String) -> Result<(), Failure> {
        let Some(inputs) = self.work.kind.inputs() else { return Ok(()) };
        // The inputs once more: the tables may have changed while they were read.
        let holds = || extract(self.reading) == Extract::Whole && self.session.inputs().as_ref() == Some(inputs);
        if plan.is_settled() && holds() {
            ledger.settle(&Settled { inputs: inputs.clone(), summary: counts })?;
        }
        Ok(())
    }
}
