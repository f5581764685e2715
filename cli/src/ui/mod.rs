//! What people see: data on stdout, everything else on stderr.

mod progress;
mod table;

use std::io::{IsTerminal as _, Write as _};

use rollcall_core::finding::{Finding, Severity};
use rollcall_sync::progress::{Progress, Silent};

use crate::args::{Format, Global};
use crate::exit::Failure;

pub(crate) use table::Table;

/// Where output goes, and in which form.
pub(crate) struct Ui {
    format: Format,
    progress: bool,
}

#[expect(clippy::unused_self, reason = "printing goes through a Ui, so that nothing prints without one")]
impl Ui {
    pub(crate) fn new(global: &Global) -> Self {
        start_log(global.verbose);
        Self { format: global.format, progress: !global.no_progress }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// A line of data.
    pub(crate) fn line(&self, text: &str) {
        // A reader that closed the pipe has seen enough.
        writeln!(anstream::stdout().lock(), "{}", clean(text)).ok();
    }

    /// A document of data.
    pub(crate) fn json(&self, value: &impl serde::Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(value)?;
        writeln!(anstream::stdout().lock(), "{text}").ok();
        Ok(())
    }

    /// A line about what is going on.
    pub(crate) fn note(&self, text: &str) {
        writeln!(anstream::stderr().lock(), "{}", clean(text)).ok();
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

/// Text from servers and tables may hold control characters, which a terminal would obey.
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c }).collect()
}

fn start_log(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => "rollcall=debug,rollcall_transport=debug,rollcall_sync=debug",
        _ => "rollcall=trace,rollcall_transport=trace,rollcall_sync=trace,rollcall_sandbox=debug",
    };
    let filter = tracing_subscriber::EnvFilter::new(level);
    // A second start in one process (tests) keeps the first.
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init().ok();
}
