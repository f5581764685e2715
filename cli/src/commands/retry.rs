//! `rollcall retry`

use rollcall_core::registry::Registry;
use rollcall_ledger::{Ledger as _, SqliteLedger};
use serde_json::{Map, Value};

use super::ending::report;
use super::run::{Kind, Work, run};
use super::status::NO_LEDGER;
use super::{selection, sync};
use crate::args::{self, ErrorSelection, Global};
use crate::exit::{Exit, Failure};
use crate::session::Session;
use crate::ui::Ui;

pub(crate) async fn retry(args: &args::Retry, global: &Global, registry: &Registry, ui: &Ui) -> Result<Exit, Failure> {
    let session = Session::open(&global.config, registry)?;
    let ledger = SqliteLedger::open_to_read(&session.ledger(), &session.connection_name())?;
    selection::check(&args.selection, &session, ledger.as_ref())?;
    let reading = sync::read(&session, ui)?;
    let chosen = match &ledger {
        Some(ledger) => {
            let interrupted = ledger.status()?.iter().any(|resource| resource.unknown > 0);
            (args.selection.is_all() && interrupted)
                || !selection::selected(&args.selection, false, ledger, Some(&reading.snapshot))?.is_empty()
        }
        None => false,
    };
    if !chosen {
        // With a format for programs, an empty summary would look like a run.
        let why = if ledger.is_some() { "the error log has no such records" } else { NO_LEDGER };
        ui.note(&format!("nothing to retry: {why}"));
        return Ok(Exit::Done);
    }
    let kind = Kind::Retry(&args.selection);
    let filters = filters(&args.selection).map(|filters| filters.to_string());
    let work = Work { command: "retry", filters, allow_deletes: false, kind };
    let summary = run(&session, &reading, &work, ui).await?;
    report(&summary, ui)
}

/// The selection as the history keeps it; none for everything.
fn filters(selection: &ErrorSelection) -> Option<Value> {
    let ErrorSelection { resource, school, person, object, outcome, class, run } = selection;
    let mut filters = Map::new();
    let mut list = |name: &str, values: &[String]| {
        if !values.is_empty() {
            filters.insert(name.to_owned(), values.into());
        }
    };
    list("resources", resource.as_slice());
    list("schools", school);
    list("persons", person);
    list("objects", object.as_slice());
    list("classes", class.as_slice());
    if let Some(outcome) = outcome {
        filters.insert("outcome".to_owned(), rollcall_ledger::Outcome::from(*outcome).as_str().into());
    }
    if let Some(run) = run {
        filters.insert("run".to_owned(), (*run).into());
    }
    if filters.is_empty() { None } else { Some(filters.into()) }
}
