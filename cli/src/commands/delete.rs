//! `rollcall delete`

use rollcall_core::registry::Registry;
use rollcall_ledger::SqliteLedger;
use rollcall_sync::check::Checker;
use rollcall_sync::deletion::{Deletion, Found, Wanted};
use serde::Serialize;

use super::ending::report;
use super::known;
use super::resync::{keys, student};
use super::run::{Kind, Work, run};
use crate::args::{self, Global};
use crate::exit::{Exit, Failure};
use crate::session::Session;
use crate::ui::{Table, Ui};

#[derive(Serialize)]
struct Line<'a> {
    resource: &'a str,
    natural_key: String,
    ods_id: &'a str,
    /// Whether this connection has sent it.
    ours: bool,
    /// Whether it was asked for, or only names one that was.
    asked_for: bool,
}

pub(crate) async fn delete(
    args: &args::Delete,
    global: &Global,
    registry: &Registry,
    ui: &Ui,
) -> Result<Exit, Failure> {
    let session = Session::open(&global.config, registry)?;
    let reading = session.read_tables()?;
    let wanted = wanted(args, &session, &session.context(&reading))?;
    if args.yes {
        let filters = Some(filters(args).to_string());
        let kind = Kind::Delete(&wanted, args.delete_unknown);
        let summary =
            run(&session, &reading, &Work { command: "delete", filters, allow_deletes: true, kind }, ui).await?;
        return report(&summary, ui);
    }
    let checker = Checker::new(&session.config.state, &session.config.years);
    let client = session.connect().await?;
    let ledger = SqliteLedger::open_to_read(&session.ledger(), &session.connection_name())?;
    let ledger = ledger.as_ref().map(|ledger| ledger as _);
    let deletion = Deletion::find(&wanted, &checker, ledger, &client).await?;
    preview(&deletion, args, ui)
}

/// What is to be deleted, in the words of the search.
fn wanted(args: &args::Delete, session: &Session, cx: &rollcall_core::context::Context<'_>) -> Result<Wanted, Failure> {
    let usage = |text: &str| Failure::new(Exit::Usage, anyhow::anyhow!("{text}"));
    match (&args.resource, &args.key, &args.id, &args.person) {
        (None, None, None, Some(person)) => Ok(Wanted::Person(student(person, session, cx)?)),
        (Some(resource), None, Some(id), None) => {
            known::model(session, resource)?;
            if !is_ods_id(id) {
                return Err(usage("--id is not an id of the ODS").hint(
                    "an id has 32 hexadecimal digits, with or without dashes; by natural key or SIS row: \
                     `rollcall delete RESOURCE KEY`",
                ));
            }
            Ok(Wanted::Id(resource.clone(), id.clone()))
        }
        (Some(resource), Some(key), None, None) => {
            Ok(Wanted::Keys(resource.clone(), keys(resource, key, session, cx)?))
        }
        (Some(_), None, None, None) => Err(usage("name one record of the resource: a KEY, or --id").hint(
            "a resource as a whole: turn it off under [resources] and leave what it holds, or delete school by school",
        )),
        _ => Err(usage("name a resource and a KEY, or a resource and --id, or --person alone")),
    }
}

/// Whether a text is an id as the ODS/API gives them: 32 hexadecimal digits, with or without dashes.
fn is_ods_id(text: &str) -> bool {
    let digits: Vec<char> = text.chars().filter(|c| *c != '-').collect();
    digits.len() == 32 && digits.iter().all(char::is_ascii_hexdigit)
}

fn filters(args: &args::Delete) -> serde_json::Value {
    let given = [("resource", &args.resource), ("key", &args.key), ("id", &args.id), ("person", &args.person)];
    given
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), serde_json::Value::String(value.clone()?))))
        .collect()
}

fn preview(deletion: &Deletion, args: &args::Delete, ui: &Ui) -> Result<Exit, Failure> {
    unread(deletion, ui);
    if ui.is_json() {
        ui.json(&deletion.records.iter().map(line).collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    if deletion.records.is_empty() {
        ui.line("nothing at the ODS matches; nothing would be deleted");
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&["request", "resource", "natural key", "because", "sent by"]);
    for record in &deletion.records {
        let because = if record.asked { "asked for" } else { "refers to one of these" };
        let sender = if record.ours { "this connection" } else { "unknown" };
        let cells = ["DELETE", record.resource, &record.natural_key.to_string(), because, sender];
        table.row(cells.map(str::to_owned));
    }
    ui.line(&table.to_string());
    if deletion.unknown() > 0 && !args.delete_unknown {
        ui.note(&too_many_unknown(deletion));
        ui.note("to delete them too, add --delete-unknown");
    }
    ui.note("nothing was deleted yet: add --yes. What the SIS still reports, the next sync sends again");
    Ok(Exit::Done)
}

fn line(record: &Found) -> Line<'_> {
    Line {
        resource: record.resource,
        natural_key: record.natural_key.to_string(),
        ods_id: &record.ods_id,
        ours: record.ours,
        asked_for: record.asked,
    }
}

/// Refuses a deletion of records that others may have sent.
pub(super) fn refuse_unknown(deletion: &Deletion) -> Result<(), Failure> {
    if deletion.unknown() == 0 {
        return Ok(());
    }
    let error = anyhow::anyhow!("{}; nothing was deleted", too_many_unknown(deletion));
    Err(Failure::new(Exit::DeleteLimit, error)
        .hint("another connection or another vendor may need them; to delete them too, add --delete-unknown"))
}

/// Why a deletion does not start: others may have sent some of the records.
fn too_many_unknown(deletion: &Deletion) -> String {
    let (unknown, all) = (deletion.unknown(), deletion.records.len());
    format!("{unknown} of {all} records were not sent by this connection, as far as its ledger knows")
}

/// Says where dependents may stand that cannot be seen.
pub(super) fn unread(deletion: &Deletion, ui: &Ui) {
    if !deletion.unread.is_empty() {
        ui.note(&format!(
            "the key may not read {}: a record there that refers to one of these makes the ODS refuse its delete",
            deletion.unread.join(", ")
        ));
    }
}
