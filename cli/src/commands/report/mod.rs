//! `rollcall report`: one page about a run, to be opened in a browser, printed and passed on.

mod page;
mod tables;

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use askama::Template as _;
use rollcall_core::registry::Registry;
use rollcall_ledger::{ErrorFilter, Ledger as _, SqliteLedger};
use rollcall_sync::summary::Summary;

use super::run_record::RunRecord;
use super::show;
use crate::args::{self, Global};
use crate::exit::{Exit, Failure};
use crate::session::Session;
use crate::ui::{Ui, for_terminal};
use page::{Page, Sources};

/// What the page says of where it comes from (cli/templates/report.html).
const GENERATOR: &str = "<meta name=\"generator\" content=\"rollcall report\">";

pub(crate) fn report(args: &args::Report, global: &Global, registry: &Registry, ui: &Ui) -> Result<Exit, Failure> {
    let session = Session::open(&global.config, registry)?;
    let mut run = show::find(args.run, &session)?;
    if args.run.is_none() && counts(&run).is_none() {
        run = last_with_counts(run, &session, ui)?;
    }
    let Some(summary) = counts(&run) else {
        let error = anyhow::anyhow!("run {} has nothing to report: it {}", run.id, run.ending());
        return Err(Failure::new(Exit::Usage, error).hint("`rollcall history` lists the runs"));
    };
    // Without students only the schools' names are taken from the tables: the page does without them too.
    let reading = if args.with_students { Some(session.read_tables()?) } else { session.read_tables().ok() };
    let snapshot = reading.as_ref().map(|reading| &reading.snapshot);
    let records = if args.with_students {
        let ledger = SqliteLedger::open_to_read(&session.ledger(), &session.connection_name())?;
        Some(ledger.map_or(Ok(Vec::new()), |ledger| ledger.errors(&ErrorFilter::default()))?)
    } else {
        None
    };
    let sources = Sources { session: &session, run: &run, summary, snapshot, records: records.as_deref() };
    let page = Page::of(&sources);
    let html = page.render().map_err(|error| Failure::new(Exit::Internal, error))?;
    // Who prints the file on a terminal is told nothing to obey either.
    let html = for_terminal(&html);
    let path = args.output.clone().unwrap_or_else(|| PathBuf::from(format!("rollcall-run-{}.html", run.id)));
    refuse_other_file(&path)?;
    write_private(&path, &html).map_err(|error| {
        Failure::new(Exit::Usage, anyhow::anyhow!("cannot write {}: {error}", path.display()))
            .hint("name another file with --output")
    })?;
    if ui.is_json() {
        ui.json(&serde_json::json!({ "run": run.id, "file": path }))?;
    } else {
        ui.line(&path.display().to_string());
    }
    Ok(Exit::Done)
}

/// Only a page of an earlier report makes room for a page: not the ledger, not a table, not a device.
fn refuse_other_file(path: &Path) -> Result<(), Failure> {
    let is_page = match fs::symlink_metadata(path) {
        Err(_) => true,
        Ok(found) => found.is_file() && begins_like_a_page(path),
    };
    if is_page {
        return Ok(());
    }
    let error = anyhow::anyhow!("{} is there already, and is no page of `rollcall report`", path.display());
    Err(Failure::new(Exit::Usage, error).hint("name another file with --output, or remove this one first"))
}

fn begins_like_a_page(path: &Path) -> bool {
    let mut begin = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(1_024).read_to_end(&mut begin));
    read.is_ok() && String::from_utf8_lossy(&begin).contains(GENERATOR)
}

/// What a run did; none when it failed before it could do anything, or has no end.
fn counts(run: &RunRecord) -> Option<&Summary> {
    run.summary.as_ref().filter(|summary| !summary.resources.is_empty())
}

/// In the place of the last run the newest one before it that has something to report, if there is one.
fn last_with_counts(last: RunRecord, session: &Session, ui: &Ui) -> Result<RunRecord, Failure> {
    let Some(ledger) = SqliteLedger::open_to_read(&session.ledger(), &session.connection_name())? else {
        return Ok(last);
    };
    for id in (1..last.id).rev() {
        if let Some(run) = RunRecord::by_id(&ledger, session, id)?.filter(|run| counts(run).is_some()) {
            ui.note(&format!("run {} has nothing to report: it {}; this is run {id}", last.id, last.ending()));
            return Ok(run);
        }
    }
    Ok(last)
}

/// Writes a file that only its owner may read, in the place of one of the same name.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut beside = path.to_owned();
    beside.as_mut_os_string().push(format!(".{}.part", std::process::id()));
    let written = options.open(&beside).and_then(|mut file| file.write_all(text.as_bytes()));
    written.and_then(|()| fs::rename(&beside, path)).inspect_err(|_| {
        // What is left of it is of no use; that it cannot be removed is not the error.
        fs::remove_file(&beside).ok();
    })
}
