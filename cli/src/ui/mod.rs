//! What people see: data on stdout, everything else on stderr.

mod escape;
mod progress;
mod table;

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::OnceLock;

use rollcall_core::finding::{Finding, Severity};
use rollcall_sync::progress::{Progress, Silent};
use tracing_subscriber::EnvFilter;

use crate::args::{Format, Global, LogFormat};
use crate::exit::{Exit, Failure};

pub(crate) use escape::for_terminal;
use escape::{Stderr, json_for_terminal};
pub(crate) use table::Table;

/// Where output goes, and in which form.
pub(crate) struct Ui {
    format: Format,
    progress: bool,
    /// The first failure to write data.
    failed: OnceLock<io::Error>,
}

#[expect(clippy::unused_self, reason = "printing goes through a Ui, so that nothing prints without one")]
impl Ui {
    pub(crate) fn new(global: &Global) -> Self {
        start_log(global);
        Self { format: global.format, progress: !global.no_progress, failed: OnceLock::new() }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    pub(crate) fn is_csv(&self) -> bool {
        self.format == Format::Csv
    }

    /// A line of data.
    pub(crate) fn line(&self, text: &str) {
        self.write(format!("{}\n", for_terminal(text)).as_bytes());
    }

    /// A document of data.
    pub(crate) fn json(&self, value: &impl serde::Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(value)?;
        self.write(format!("{}\n", json_for_terminal(&text)).as_bytes());
        Ok(())
    }

    /// A table of data for a spreadsheet.
    pub(crate) fn csv(&self, header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Result<(), Failure> {
        let failed = |error: csv::Error| Failure::new(Exit::Internal, error);
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(header).map_err(failed)?;
        for row in rows {
            writer.write_record(row.iter().map(|cell| plain_cell(cell))).map_err(failed)?;
        }
        let text = writer.into_inner().map_err(|error| Failure::from(error.into_error()))?;
        self.write(&text);
        Ok(())
    }

    fn write(&self, data: &[u8]) {
        if let Err(error) = anstream::stdout().lock().write_all(data) {
            self.failed.set(error).ok();
        }
    }

    /// Whether all data was written. A reader that closed the pipe has seen enough; a full disk has not.
    pub(crate) fn finish(&self) -> Result<(), Failure> {
        let flushed = io::stdout().flush();
        let failed = self.failed.get().or_else(|| flushed.as_ref().err());
        match failed.filter(|error| error.kind() != io::ErrorKind::BrokenPipe) {
            None => Ok(()),
            Some(error) => Err(Failure::new(Exit::Internal, anyhow::anyhow!("cannot write the output: {error}"))
                .hint("what the command did is done; only its output is cut short")),
        }
    }

    /// A line about what is going on.
    pub(crate) fn note(&self, text: &str) {
        writeln!(anstream::stderr().lock(), "{}", for_terminal(text)).ok();
    }

    /// Findings, the gravest first.
    pub(crate) fn findings(&self, findings: &[Finding]) {
        let mut sorted: Vec<&Finding> = findings.iter().collect();
        sorted.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        for finding in sorted {
            let severity = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "note",
            };
            self.note(&format!("{severity}: {finding}"));
        }
    }

    /// An error that ends the program.
    pub(crate) fn failure(&self, failure: &Failure) {
        self.findings(&failure.findings);
        self.note(&format!("error: {failure}"));
        if !failure.hints.is_empty() {
            self.note("");
        }
        for hint in &failure.hints {
            self.note(&format!("hint: {hint}"));
        }
    }

    /// What shows how far a run is: bars on a terminal, lines elsewhere.
    pub(crate) fn progress(&self) -> Box<dyn Progress> {
        match (self.progress, std::io::stderr().is_terminal()) {
            (false, _) => Box::new(Silent),
            (true, true) => Box::new(progress::Bars::new()),
            (true, false) => Box::new(progress::Lines::new()),
        }
    }
}

/// A cell that a spreadsheet takes for text: what begins like a formula is quoted, and control characters do not stand.
fn plain_cell(text: &str) -> String {
    let text = for_terminal(text);
    if text.starts_with(['=', '+', '-', '@', '\t']) { format!("'{text}") } else { text.into_owned() }
}

/// What `--verbose` lets through: requests without their bodies. Without it, what a run waits for, and a ledger that is empty.
const VERBOSE: [&str; 3] = [
    "rollcall_transport=warn,rollcall_ledger=warn",
    "rollcall=debug,rollcall_transport=debug,rollcall_sync=debug",
    "rollcall=trace,rollcall_transport=trace,rollcall_sync=trace,rollcall_sandbox=debug",
];

/// Starts the log on stderr. `ROLLCALL_LOG` says more exactly than `--verbose` what is logged.
fn start_log(global: &Global) {
    let verbose = VERBOSE[usize::from(global.verbose).min(VERBOSE.len() - 1)];
    let filter = global.log.as_deref().unwrap_or(verbose);
    if filter == "off" {
        return;
    }
    // Of what a filter says, the parts that cannot be read are left out.
    let json = global.log_format == LogFormat::Json;
    let log = tracing_subscriber::fmt().with_env_filter(EnvFilter::new(filter)).with_ansi(false);
    let log = log.with_writer(move || Stderr { json });
    // A second start in one process (tests) keeps the first.
    match global.log_format {
        LogFormat::Text => log.try_init().ok(),
        LogFormat::Json => log.json().flatten_event(true).try_init().ok(),
    };
}
