//! `rollcall check`

use rollcall_core::config::unmapped;
use rollcall_core::finding::{Finding, Severity};
use rollcall_core::registry::Registry;
use rollcall_core::tables::TableName;
use rollcall_ledger::{Ledger as _, SqliteLedger};
use rollcall_source::TableSummary;
use rollcall_sync::check::Checker;
use rollcall_transport::disagreements;
use serde::Serialize;

use crate::args::{Check, Global};
use crate::exit::{Exit, Failure};
use crate::session::Session;
use crate::ui::{Table, Ui};

#[derive(Serialize)]
struct Report {
    state: &'static str,
    school_years: Vec<i32>,
    findings: Vec<Finding>,
    tables: Vec<TableLine>,
    /// What the ODS says of itself; none when it was not asked.
    ods: Option<Ods>,
}

#[derive(Serialize)]
struct TableLine {
    table: String,
    rows: u64,
    present: bool,
    columns_not_read: Vec<String>,
}

#[derive(Serialize)]
struct Ods {
    version: String,
    data_models: Vec<String>,
}

/// Checks everything that can be wrong before a sync, and reports it together.
pub(crate) async fn check(args: &Check, global: &Global, registry: &Registry, ui: &Ui) -> Result<Exit, Failure> {
    let session = Session::open(&global.config, registry)?;
    let reading = session.read_tables()?;
    let mut findings = session.findings.clone();
    findings.extend(reading.findings.iter().cloned());
    findings.extend(unmapped(&reading.snapshot, &session.config.state, &session.config.preferences));
    findings.extend(no_calendar(&session, &reading));
    // A connection that fails is one more thing to report, not a reason to keep the others back.
    let asked = if args.offline {
        session.check_connection().map(|()| None)
    } else {
        ask(&session, &mut findings).await.map(Some)
    };
    let (ods, mut failure) = match asked {
        Ok(ods) => (ods, None),
        Err(failure) => (None, Some(failure)),
    };
    let errors = findings.iter().any(|finding| finding.severity == Severity::Error);
    // A first sync is near only when nothing else has to be mended.
    if !errors {
        match nothing_known(&session) {
            Ok(note) => findings.extend(note),
            Err(of_the_ledger) => failure = failure.or(Some(of_the_ledger)),
        }
    }
    if ui.is_json() {
        ui.json(&Report {
            state: session.config.state.state.code,
            school_years: session.config.years.clone(),
            findings,
            tables: reading.tables.iter().map(table_line).collect(),
            ods,
        })?;
    } else {
        let mut table = Table::new(&["table", "#rows", "file"]);
        for summary in &reading.tables {
            table.row([summary.table.to_string(), summary.rows.to_string(), file(summary).to_owned()]);
        }
        ui.line(&table.to_string());
        for (inactive, rows) in &reading.snapshot.inactive {
            ui.line(&format!("{inactive}: {rows} rows of inactive trials are left out"));
        }
        if let Some(ods) = &ods {
            ui.line(&format!("ODS: version {}, {}", ods.version, ods.data_models.join(", ")));
        }
        ui.findings(&findings);
        if failure.is_none() {
            ui.line(&verdict(&findings));
        }
    }
    if let Some(failure) = failure {
        return Err(failure);
    }
    Ok(if errors { Exit::Input } else { Exit::Done })
}

/// What there is to say of a table's file.
fn file(summary: &TableSummary) -> &'static str {
    let optional = TableName::parse(summary.table).is_some_and(|table| table.spec().optional);
    match (summary.file_present, summary.usable, optional) {
        (false, _, true) => "optional, not there",
        (false, _, false) => "missing",
        (true, false, _) => "cannot be used",
        (true, true, _) => "",
    }
}

fn verdict(findings: &[Finding]) -> String {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let number = |count: usize, what: &str| if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") };
    match (count(Severity::Error), count(Severity::Warning)) {
        (0, 0) => "check: ready to sync".to_owned(),
        (0, warnings) => format!("check: ready to sync, with {}", number(warnings, "warning")),
        (errors, _) => format!("check: {}", number(errors, "error")),
    }
}

fn table_line(summary: &TableSummary) -> TableLine {
    TableLine {
        table: summary.table.to_string(),
        rows: summary.rows as u64,
        present: summary.file_present,
        columns_not_read: summary.extra_columns.clone(),
    }
}

fn no_calendar(session: &Session, reading: &rollcall_source::Reading) -> Option<Finding> {
    let calendars = &reading.snapshot.calendars;
    let years = &session.config.years;
    if calendars.iter().any(|calendar| years.contains(&calendar.end_year)) {
        return None;
    }
    let mut known: Vec<String> = calendars.iter().map(|calendar| calendar.end_year.to_string()).collect();
    known.sort();
    known.dedup();
    Some(Finding::error(
        "school-years",
        "no calendar of the tables ends in a configured school year",
        format!("Calendar.endYear has: {}", if known.is_empty() { "nothing".to_owned() } else { known.join(", ") }),
    ))
}

/// A sync takes the ODS to hold what the ledger says. One that knows nothing meets records that it does not expect.
fn nothing_known(session: &Session) -> Result<Option<Finding>, Failure> {
    let ledger = SqliteLedger::open_to_read(&session.ledger(), &session.connection_name())?;
    let known = ledger.map_or(Ok(Vec::new()), |ledger| ledger.status())?;
    Ok(known.is_empty().then(|| {
        Finding::note(
            format!("the ledger {}", session.config.ledger.display()),
            "no record is in it yet, so a sync takes the ODS to hold nothing of this district",
            "if the ODS holds records of it already (the ledger was lost, or another program sent them), run `rollcall \
             resync` before the first `rollcall sync`",
        )
    }))
}

async fn ask(session: &Session, findings: &mut Vec<Finding>) -> Result<Ods, Failure> {
    let client = session.connect().await?;
    let checker = Checker::new(&session.config.state, &session.config.years);
    let dependencies = client.dependencies().await?;
    let names: Vec<&str> = session.config.state.resources.iter().map(|r| r.spec().name).collect();
    let upstream: Vec<(&str, Vec<&str>)> = names.iter().map(|name| (*name, checker.upstream(name))).collect();
    let ours = upstream.iter().map(|(name, upstream)| (*name, upstream.as_slice()));
    for disagreement in disagreements(ours, &dependencies) {
        let fix = "report it with the ODS's version; the order by references is used";
        findings.push(Finding::warning("the ODS's /dependencies", disagreement, fix));
    }
    let discovery = client.discovery();
    let models = discovery.data_models.iter().map(|model| format!("{} {}", model.name, model.version));
    Ok(Ods { version: discovery.version.clone(), data_models: models.collect() })
}
