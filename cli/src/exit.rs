//! Exit codes, and errors on their way to the terminal.

use std::fmt;
use std::process::ExitCode;

use rollcall_core::finding::Finding;
use rollcall_core::state::UnknownYear;
use rollcall_ledger::LedgerError;
use rollcall_source::SourceError;
use rollcall_sync::deletion::DeletionError;
use rollcall_sync::plan::PlanError;
use rollcall_transport::{ReadError, TransportError, TransportErrorKind};

/// How the program ends. Documented in docs/exit-codes.md; scripts may rely on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Everything that reports is at the ODS, or the command did what it should.
    Done = 0,
    /// Something that should not happen.
    Internal = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The configuration or the tables have errors.
    Input = 3,
    /// The run ended, and some records are not at the ODS: `rollcall errors` lists them.
    Incomplete = 4,
    /// The ODS cannot be reached, refuses the key, or went away.
    Ods = 5,
    /// The plan deletes more than the limit; nothing was sent.
    DeleteLimit = 6,
    /// The ledger is in use, belongs to another connection, is damaged, cannot be written, or has to be before it can be read.
    Ledger = 7,
    /// The program was told to stop before its end.
    Stopped = 8,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// An error with the code that it ends the program with and what to do about it.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What went wrong.
    pub error: anyhow::Error,
    /// What to do.
    pub hints: Vec<String>,
    /// The findings behind it, each a line of its own.
    pub findings: Vec<Finding>,
}

impl Failure {
    /// An error with a code.
    pub fn new(exit: Exit, error: impl Into<anyhow::Error>) -> Self {
        Self { exit, error: error.into(), hints: Vec::new(), findings: Vec::new() }
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        let hint = hint.into();
        if !hint.is_empty() {
            self.hints.push(hint);
        }
        self
    }

    /// Adds the findings behind it.
    #[must_use]
    pub fn findings(mut self, findings: Vec<Finding>) -> Self {
        self.findings = findings;
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(Exit::Internal, error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::new(Exit::Internal, error)
    }
}

impl From<UnknownYear> for Failure {
    fn from(error: UnknownYear) -> Self {
        let hint = error.hint();
        Self::new(Exit::Usage, error).hint(hint)
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        let hint = error.hint().to_owned();
        Self::new(Exit::Input, error).hint(hint)
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        let hint = error.hint();
        Self::new(Exit::Ledger, error).hint(hint)
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Ledger(error) => error.into(),
            PlanError::Read { source: ReadError::Stop(error), .. } => error.into(),
            PlanError::Read { .. } => Self::new(Exit::Ods, error)
                .hint("a resync has to read what the ODS holds: does the key's claim set let it read this resource?")
                .hint("leave the resource out (--resource), or plan by the ledger alone: `rollcall plan --resync`"),
            PlanError::Order(_) => Self::new(Exit::Internal, error),
        }
    }
}

impl From<DeletionError> for Failure {
    fn from(error: DeletionError) -> Self {
        match error {
            DeletionError::Ledger(error) => error.into(),
            DeletionError::Read { resource, source } => match *source {
                ReadError::Stop(error) => error.into(),
                source => Self::new(Exit::Ods, DeletionError::Read { resource, source: Box::new(source) })
                    .hint("see whether the key may read this resource"),
            },
            DeletionError::NoResource(_) => Self::new(Exit::Usage, error)
                .hint("resources are named as in the API's addresses: studentSectionAssociations"),
        }
    }
}

impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Self {
        let exit = match error.kind() {
            TransportErrorKind::Configuration => Exit::Input,
            TransportErrorKind::Halted => Exit::Stopped,
            _ => Exit::Ods,
        };
        let hint = error.hint().unwrap_or_default().to_owned();
        Self::new(exit, error).hint(hint)
    }
}
