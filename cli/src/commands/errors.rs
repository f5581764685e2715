//! `rollcall errors`

use rollcall_core::registry::Registry;
use rollcall_ledger::{ErrorEntry, SqliteLedger};
use rollcall_sync::error_log::{Cause, causes};

use super::run_record::RunRecord;
use super::selection;
use super::status::NO_LEDGER;
use crate::args::{self, ErrorSelection, Global};
use crate::exit::{Exit, Failure};
use crate::session::Session;
use crate::ui::Ui;

/// In a cell of CSV there are no lists.
const LIST: &str = " | ";

pub(crate) fn errors(args: &args::Errors, global: &Global, registry: &Registry, ui: &Ui) -> Result<Exit, Failure> {
    let session = Session::open(&global.config, registry)?;
    let ledger = SqliteLedger::open_to_read(&session.ledger(), &session.connection_name())?;
    selection::check(&args.selection, &session, ledger.as_ref())?;
    let entries = match &ledger {
        Some(ledger) => {
            let reading = if args.selection.needs_tables() { Some(session.read_tables()?) } else { None };
            let snapshot = reading.as_ref().map(|reading| &reading.snapshot);
            selection::selected(&args.selection, args.payloads, ledger, snapshot)?
        }
        None => Vec::new(),
    };
    let exit = if entries.is_empty() { Exit::Done } else { Exit::Incomplete };
    match (ui.is_json(), ui.is_csv(), args.causes) {
        (true, _, true) => ui.json(&causes(&entries, &|_| Vec::new()))?,
        (true, _, false) => ui.json(&entries)?,
        (_, true, true) => causes_as_csv(&causes(&entries, &|_| Vec::new()), ui)?,
        (_, true, false) => records_as_csv(&entries, ui)?,
        _ if entries.is_empty() => ui.line(&none(&args.selection, ledger.as_ref(), &session)?),
        _ if (args.list || args.payloads) && !args.causes => entries.iter().for_each(|entry| print(entry, ui)),
        _ => by_cause(&causes(&entries, &|_| Vec::new()), ui),
    }
    Ok(exit)
}

/// What it means that there are none: that nothing is amiss only after a run about everything that came to its end.
fn none(selection: &ErrorSelection, ledger: Option<&SqliteLedger>, session: &Session) -> Result<String, Failure> {
    let Some(ledger) = ledger else { return Ok(NO_LEDGER.to_owned()) };
    if !selection.is_all() {
        return Ok("no such errors".to_owned());
    }
    let why = match RunRecord::newest(ledger, session, 1)?.pop() {
        None => "nothing was sent yet".to_owned(),
        Some(run) if run.outcome == "complete" && run.is_about_everything() => {
            return Ok("no errors: every record that reports is at the ODS".to_owned());
        }
        Some(run) => format!("the last run ({} {}) {}", run.command, run.id, run.ending()),
    };
    Ok(format!("the error log is empty; {why}; `rollcall status` says what is at the ODS"))
}

/// One entry for each cause, with how many records it keeps from the ODS and one of them as an example.
fn by_cause(causes: &[Cause], ui: &Ui) {
    for cause in causes {
        let head = headline(cause);
        let status = cause.status.map(|status| format!(", status {status}")).unwrap_or_default();
        let about = cause.element.as_ref().filter(|element| **element != cause.class);
        let about = about.map(|element| format!(": {element}")).unwrap_or_default();
        let class = if cause.outcome == "held" { String::new() } else { format!(" ({}{status}{about})", cause.class) };
        ui.line(&format!("{head}{class}{}", waiting(cause)));
        ui.line(&format!("    says:    {}", indented(&cause.message)));
        let mut label = "because:";
        for text in &cause.causes {
            ui.line(&format!("    {label:8} {}", indented(text)));
            label = "";
        }
        ui.line(&format!("    to do:   {}", indented(&cause.fix)));
        if !cause.objects.is_empty() {
            let more = if cause.records > cause.objects.len() as u64 { ", …" } else { "" };
            ui.line(&format!("    such as: {}{more}", cause.objects.join(", ")));
        }
        ui.line("");
    }
    ui.line("each record: `rollcall errors --list`; what was sent: `rollcall errors --payloads`");
}

/// How many records of which resource ended how.
pub(super) fn headline(cause: &Cause) -> String {
    match cause.outcome.as_str() {
        "held" => format!("{}: {}", cause.resource, missing(cause.records)),
        outcome => format!("{}: {} {}", cause.resource, records(cause.records), verb(outcome, cause.records)),
    }
}

fn records(count: u64) -> String {
    if count == 1 { "1 record".to_owned() } else { format!("{count} records") }
}

fn missing(count: u64) -> String {
    match count {
        0 | 1 => "1 record that others refer to is not at the ODS".to_owned(),
        _ => format!("{count} records that others refer to are not at the ODS"),
    }
}

/// What waits for it, after a semicolon.
pub(super) fn waiting(cause: &Cause) -> String {
    if cause.waiting.is_empty() {
        return String::new();
    }
    let by_resource: Vec<String> = cause.waiting.iter().map(|(name, count)| format!("{count} {name}")).collect();
    let verb = if cause.waiting.values().sum::<u64>() == 1 { "waits" } else { "wait" };
    let for_what = if cause.records > 1 { "them" } else { "it" };
    format!("; {} {verb} for {for_what}", by_resource.join(", "))
}

fn verb(outcome: &str, count: u64) -> String {
    let (is, has) = if count == 1 { ("is", "has a defect") } else { ("are", "have a defect") };
    match outcome {
        "defect" => has.to_owned(),
        "unknown" => format!("{is} in an unknown state"),
        outcome => format!("{is} {outcome}"),
    }
}

/// The lines of a text, each below the first.
fn indented(text: &str) -> String {
    text.trim_end().lines().map(str::trim_end).collect::<Vec<_>>().join("\n             ")
}

fn print(entry: &ErrorEntry, ui: &Ui) {
    let status = entry.status.map(|status| format!(", status {status}")).unwrap_or_default();
    // Behind a record that only the ODS has stands no SIS object.
    let record = if entry.object.is_empty() { &entry.natural_key } else { &entry.object };
    ui.line(&format!("{} {record}: {} ({}{status})", entry.resource, entry.outcome.as_str(), entry.class));
    ui.line(&format!("    says:    {}", indented(&entry.message)));
    let mut label = "because:";
    for text in &entry.causes {
        ui.line(&format!("    {label:8} {}", indented(text)));
        label = "";
    }
    ui.line(&format!("    to do:   {}", indented(&entry.fix)));
    if let Some(waits_for) = &entry.waits_for {
        let root = entry
            .root
            .as_ref()
            .map(|root| format!("{} {}", root.resource, root.object.as_deref().unwrap_or(root.natural_key.as_str())));
        ui.line(&format!("    waits for: {}", root.as_ref().unwrap_or(waits_for)));
    }
    if let Some(id) = &entry.correlation_id {
        ui.line(&format!("    request: {id} (the server's name for it)"));
    }
    if let Some(payload) = entry.payload.as_deref().filter(|payload| !payload.is_empty()) {
        ui.line(&format!("    sent:    {payload}"));
    }
    let tries = if entry.tries == 1 { "once".to_owned() } else { format!("{} times", entry.tries) };
    ui.line(&format!("    run {}, {}, tried {tries}\n", entry.run, entry.at));
}

fn records_as_csv(entries: &[ErrorEntry], ui: &Ui) -> Result<(), Failure> {
    let header = [
        "resource",
        "object",
        "natural_key",
        "operation",
        "outcome",
        "status",
        "class",
        "element",
        "message",
        "causes",
        "fix",
        "waits_for",
        "root_resource",
        "root_object",
        "run",
        "at",
        "tries",
        "correlation_id",
        "payload",
    ];
    let row = |entry: &ErrorEntry| {
        let root = |part: fn(&rollcall_ledger::ErrorRoot) -> Option<String>| entry.root.as_ref().and_then(part);
        let or_empty = Option::unwrap_or_default;
        vec![
            entry.resource.clone(),
            entry.object.clone(),
            entry.natural_key.clone(),
            entry.operation.map(|operation| operation.as_str().to_owned()).unwrap_or_default(),
            entry.outcome.as_str().to_owned(),
            entry.status.map(|status| status.to_string()).unwrap_or_default(),
            entry.class.clone(),
            or_empty(entry.element.clone()),
            entry.message.clone(),
            entry.causes.join(LIST),
            entry.fix.lines().collect::<Vec<_>>().join(LIST),
            or_empty(entry.waits_for.clone()),
            or_empty(root(|root| Some(root.resource.clone()))),
            or_empty(root(|root| root.object.clone())),
            entry.run.to_string(),
            entry.at.clone(),
            entry.tries.to_string(),
            or_empty(entry.correlation_id.clone()),
            or_empty(entry.payload.clone()),
        ]
    };
    ui.csv(&header, entries.iter().map(row))
}

fn causes_as_csv(causes: &[Cause], ui: &Ui) -> Result<(), Failure> {
    let header = [
        "resource", "outcome", "class", "status", "element", "records", "waiting", "objects", "message", "causes",
        "fix",
    ];
    let row = |cause: &Cause| {
        let waiting = cause.waiting.iter().map(|(name, count)| format!("{count} {name}"));
        vec![
            cause.resource.clone(),
            cause.outcome.clone(),
            cause.class.clone(),
            cause.status.map(|status| status.to_string()).unwrap_or_default(),
            cause.element.clone().unwrap_or_default(),
            cause.records.to_string(),
            waiting.collect::<Vec<_>>().join(LIST),
            cause.objects.join(LIST),
            cause.message.clone(),
            cause.causes.join(LIST),
            cause.fix.lines().collect::<Vec<_>>().join(LIST),
        ]
    };
    ui.csv(&header, causes.iter().map(row))
}
