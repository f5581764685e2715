//! What can go wrong with the ledger's file.

use std::path::PathBuf;

use thiserror::Error;

/// A ledger that can't be used, or a read or write that failed.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// The file can't be created or opened.
    #[error("cannot open the ledger {path}: {reason}")]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Another run holds the ledger.
    #[error("another run is using the ledger {path}{}", .holder.as_deref().map(|h| format!(" ({h})")).unwrap_or_default())]
    Busy {
        /// The file.
        path: PathBuf,
        /// Who runs, as far as it said so.
        holder: Option<String>,
    },
    /// The ledger was written by a newer program.
    #[error("the ledger {path} has version {found}; this program knows versions up to {known}")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version known.
        known: i64,
    },
    /// The ledger belongs to another connection.
    #[error("the ledger {path} belongs to {found}, and the configuration names {wanted}")]
    OtherConnection {
        /// The file.
        path: PathBuf,
        /// The connection that it was made for.
        found: String,
        /// The connection of the configuration.
        wanted: String,
    },
    /// Something has to be written before the file can be read, by somebody who may.
    #[error("the ledger {path} cannot be read by who may not write it: {why}")]
    NeedsWriting {
        /// The file.
        path: PathBuf,
        /// What has to be written.
        why: &'static str,
    },
    /// A run has begun to write a file that was taken not to change.
    #[error("the ledger {path} was written to while it was read")]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The file is no ledger, or not one that can be read any more.
    #[error("the ledger {path} is damaged: {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// SQLite's words. Like any reason here, a part of this error's text and none of its sources: SQLite's error has
        /// sources of its own, which say the same again.
        reason: rusqlite::Error,
    },
    /// SQLite failed.
    #[error("the ledger failed to {operation}: {reason}")]
    Sqlite {
        /// What was tried.
        operation: &'static str,
        /// SQLite's words.
        reason: rusqlite::Error,
    },
}

/// What to do about a ledger that cannot be read any more.
const DAMAGED: &str = "move the ledger's file away (and -wal and -shm beside it), then run `rollcall resync`: it makes a new \
                       ledger from what the ODS holds";

/// Whether SQLite says that the file itself is at fault, or it holds what no ledger has written.
pub(crate) fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => matches!(failure.code, DatabaseCorrupt | NotADatabase),
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::Utf8Error(..) => true,
        _ => false,
    }
}

impl LedgerError {
    /// What to do.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Open { .. } => "check ledger.file in the configuration, the folder's permissions and the free space",
            Self::Busy { .. } => "wait for the other run to end, then start again; no two runs write one ODS at once",
            Self::Newer { .. } => "use the newer rollcall that wrote it",
            Self::OtherConnection { .. } => {
                "give each connection a ledger of its own (ledger.file); a ledger of another ODS would plan wrong deletes"
            }
            Self::NeedsWriting { .. } => {
                "wait for a run that is going on to end; else let somebody who may write the file and its folder run `rollcall \
                 status` once: after that it can be read"
            }
            Self::Changed { .. } => "a run has begun: ask again when it has ended",
            Self::Damaged { .. } => DAMAGED,
            Self::Sqlite { reason, .. } if is_damage(reason) => DAMAGED,
            Self::Sqlite { .. } => {
                "check the free space on the disk; what was written before stands, and the next sync goes on from there"
            }
        }
    }

    pub(crate) fn sqlite(operation: &'static str) -> impl FnOnce(rusqlite::Error) -> Self {
        move |reason| Self::Sqlite { operation, reason }
    }
}
