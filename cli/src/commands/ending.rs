//! How a run ended: for the person, and in the words that the history keeps.

use rollcall_sync::summary::Summary;

use super::summary;
use crate::exit::{Exit, Failure};
use crate::ui::Ui;

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

/// Prints what a run did.
pub(super) fn print(summary: &Summary, ui: &Ui) -> Result<(), Failure> {
    if ui.is_json() {
        ui.json(summary)
    } else {
        summary::done(summary, ui);
        Ok(())
    }
}

/// How a run that came to its end ended, in a word.
pub(super) fn outcome(summary: &Summary) -> &'static str {
    if summary.is_complete() { "complete" } else { "incomplete" }
}

/// How a run ended that has sent nothing, in a word.
pub(super) fn outcome_unsent(failure: &Failure) -> &'static str {
    match failure.exit {
        Exit::DeleteLimit => "delete-limit",
        Exit::Stopped => "stopped",
        _ => "failed",
    }
}

/// When a run was told to stop that had not begun to send.
pub(super) const NOTHING_SENT: &str = "before anything was sent";

/// The error of a run that a signal ends.
pub(super) fn told_to_stop(signal: &str, when: &str) -> Failure {
    Failure::new(Exit::Stopped, anyhow::anyhow!("told to stop by {signal} {when}"))
}

/// An error as the history keeps it: what the command prints of it, in one line.
pub(super) fn failure_line(failure: &Failure) -> String {
    failure.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}
