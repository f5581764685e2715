//! `rollcall sync`

use rollcall_core::config::unmapped;
use rollcall_core::finding::Severity;
use rollcall_core::registry::Registry;
use rollcall_source::Reading;

use super::ending::report;
use super::run::{Kind, Work, run};
use crate::args::{self, Global};
use crate::exit::{Exit, Failure};
use crate::session::Session;
use crate::ui::Ui;

pub(crate) async fn sync(args: &args::Sync, global: &Global, registry: &Registry, ui: &Ui) -> Result<Exit, Failure> {
    let session = Session::open(&global.config, registry)?;
    // Before the tables are read: what changes while they are read is not what was planned.
    let inputs = session.inputs();
    let reading = read(&session, ui)?;
    let kind = Kind::Sync { inputs, full: args.full };
    let work = Work { kind, ..work(args.allow_deletes) };
    let summary = run(&session, &reading, &work, ui).await?;
    report(&summary, ui)
}

/// A sync as work to do.
pub(super) fn work(allow_deletes: bool) -> Work<'static> {
    Work { command: "sync", filters: None, allow_deletes, kind: Kind::Sync { inputs: None, full: false } }
}

/// Reads the tables, and says what is wrong with them.
pub(super) fn read(session: &Session, ui: &Ui) -> Result<Reading, Failure> {
    let reading = session.read_tables()?;
    ui.findings(&reading.findings);
    let unmapped = unmapped(&reading.snapshot, &session.config.state, &session.config.preferences);
    let unmapped = unmapped.iter().filter(|finding| finding.severity == Severity::Warning).count();
    if unmapped > 0 {
        let codes =
            if unmapped == 1 { "1 code of the SIS is".to_owned() } else { format!("{unmapped} codes of the SIS are") };
        ui.note(&format!("{codes} not mapped; `rollcall check` names them"));
    }
    Ok(reading)
}
