//! The ledger in one SQLite file.

mod exceptions;
mod failure;
mod journal;
#[cfg(test)]
mod journal_tests;
mod line;
mod names;
mod read;
mod read_only;
#[cfg(test)]
mod read_only_tests;
mod runs;
mod schema;
mod write;

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rollcall_core::model::{KeyHash, NaturalKey};
use rollcall_core::sources::Mark;
use rollcall_core::verdict::ObjectKey;
use rusqlite::Connection;

use crate::Ledger;
use crate::change::Change;
use crate::entry::{Entry, ErrorEntry, ErrorFilter, ResourceStatus, Run, Settled};
use crate::error::{LedgerError, is_damage};
use journal::Journal;
use names::Names;
use read_only::Still;

/// A ledger in a SQLite file, created with mode 0600. While it is open for writing, a lock file beside it keeps other
/// runs away.
pub struct SqliteLedger {
    connection: Connection,
    journal: RefCell<Journal>,
    names: Names,
    /// Of a file that may not be written, and is taken not to change.
    still: Option<Still>,
    /// Held until the ledger is dropped.
    _lock: Option<File>,
}

impl SqliteLedger {
    /// Opens a ledger for a run, creating it if need be. `connection` says which ODS it belongs to
    /// (`https://… as district key`); a ledger that belongs to another is refused.
    pub fn open(path: &Path, connection: &str) -> Result<Self, LedgerError> {
        let lock = lock(path)?;
        Self::open_with(open_file(path)?, path, connection, Some(lock))
    }

    /// Opens a connection's ledger to look at; a run may be writing it meanwhile. Who may not write it can look at one in
    /// which nothing has to be brought to its place. None when there is no ledger yet.
    pub fn open_to_read(path: &Path, connection: &str) -> Result<Option<Self>, LedgerError> {
        let failed = |error: std::io::Error| LedgerError::Open { path: path.to_owned(), reason: error.to_string() };
        // What cannot be looked for may be there.
        if !path.try_exists().map_err(failed)? {
            return Ok(None);
        }
        match open_file(path) {
            Ok(database) => Self::open_with(database, path, connection, None).map(Some),
            Err(cannot_write @ LedgerError::Open { .. }) => match Self::open_read_only(path, connection) {
                Err(LedgerError::Open { .. }) => Err(cannot_write),
                opened => opened.map(Some),
            },
            Err(other) => Err(other),
        }
    }

    fn open_with(database: Connection, path: &Path, connection: &str, lock: Option<File>) -> Result<Self, LedgerError> {
        schema::prepare(&database, path)?;
        schema::bind(&database, path, connection)?;
        let journal = Journal::load(&database).map_err(LedgerError::sqlite("read its journal"))?;
        let ledger = Self::of(database, journal, None, lock);
        ledger.places()?;
        Ok(ledger)
    }

    fn open_read_only(path: &Path, connection: &str) -> Result<Self, LedgerError> {
        let (database, still) = read_only::open(path, connection)?;
        Ok(Self::of(database, Journal::default(), still, None))
    }

    fn of(connection: Connection, journal: Journal, still: Option<Still>, lock: Option<File>) -> Self {
        Self { connection, journal: RefCell::new(journal), names: Names::default(), still, _lock: lock }
    }

    /// Reads from the tables, with all that this program wrote in its place.
    fn read<T>(
        &self,
        what: &'static str,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, LedgerError> {
        self.read_from(self.places()?, what, read)
    }

    fn read_from<T>(
        &self,
        connection: &Connection,
        what: &'static str,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, LedgerError> {
        let found = read(connection);
        // First: what changes while it is read looks damaged.
        self.still.as_ref().map_or(Ok(()), Still::check)?;
        found.map_err(LedgerError::sqlite(what))
    }

    /// The tables, with all that this program wrote in its place.
    fn places(&self) -> Result<&Connection, LedgerError> {
        let mut journal = self.journal.borrow_mut();
        if !journal.is_empty() {
            journal.fold(&self.connection).map_err(LedgerError::sqlite("bring its journal to its place"))?;
        }
        Ok(&self.connection)
    }

    /// Whether a run holds the ledger now.
    pub fn is_in_use(path: &Path) -> bool {
        // A shared lock, so that two who look do not take each other for a run.
        match File::open(beside(path, ".lock")) {
            Ok(lock) => matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)),
            // Who may not look at it sees whether anybody has the ledger open.
            Err(error) => error.kind() == ErrorKind::PermissionDenied && beside(path, "-wal").exists(),
        }
    }
}

impl Ledger for SqliteLedger {
    fn entries(&self, resource: &str) -> Result<Vec<Entry>, LedgerError> {
        self.read("read its entries", |tables| read::entries(tables, resource))
    }

    fn objects(&self, resource: &str) -> Result<Vec<(ObjectKey, KeyHash)>, LedgerError> {
        self.read("read its objects", |tables| read::objects(tables, resource))
    }

    fn identity(&self, resource: &str, key: KeyHash) -> Result<Option<(NaturalKey, Option<String>)>, LedgerError> {
        let waits = self.journal.borrow().names(key);
        let connection = if waits { self.places()? } else { &self.connection };
        self.read_from(connection, "read an identity", |tables| read::identity(tables, resource, key))
    }

    fn natural_keys(&self, resource: &str) -> Result<Vec<(KeyHash, NaturalKey)>, LedgerError> {
        self.read("read its natural keys", |tables| read::natural_keys(tables, resource))
    }

    fn ods_ids(&self, resource: &str) -> Result<Vec<(KeyHash, String)>, LedgerError> {
        self.read("read the ODS's ids", |tables| read::ods_ids(tables, resource))
    }

    fn gone(&self, resource: &str) -> Result<HashSet<KeyHash>, LedgerError> {
        self.read("read what was deleted", |tables| read::gone(tables, resource))
    }

    fn settled(&self) -> Result<Option<Settled>, LedgerError> {
        self.read("read whether it is settled", read::settled)
    }

    fn settle(&mut self, settled: &Settled) -> Result<(), LedgerError> {
        runs::settle(self.places()?, settled).map_err(LedgerError::sqlite("note that it is settled"))
    }

    fn unreported(&self, resource: &str) -> Result<HashMap<ObjectKey, Mark>, LedgerError> {
        self.read("read what a preference kept back", |tables| read::unreported(tables, resource))
    }

    fn write(&mut self, changes: &[Change]) -> Result<(), LedgerError> {
        if changes.is_empty() {
            return Ok(());
        }
        write::changes(&self.connection, self.journal.get_mut(), &mut self.names, changes)
            .map_err(LedgerError::sqlite("write"))
    }

    fn tidy(&mut self) -> Result<bool, LedgerError> {
        let step = self.journal.get_mut().step(&self.connection);
        step.map_err(LedgerError::sqlite("bring its journal to its place"))
    }

    fn begin_run(
        &mut self,
        command: &str,
        filters: Option<&str>,
        config: &str,
        years: &[i32],
        at: &str,
    ) -> Result<i64, LedgerError> {
        runs::begin_run(self.places()?, command, filters, config, years, at).map_err(LedgerError::sqlite("begin a run"))
    }

    fn years(&self) -> Result<Option<BTreeSet<i32>>, LedgerError> {
        self.read("read its school years", read::years)
    }

    fn finish_run(&mut self, run: i64, at: &str, outcome: &str, summary: &str) -> Result<(), LedgerError> {
        runs::finish_run(self.places()?, run, at, outcome, summary).map_err(LedgerError::sqlite("finish a run"))
    }

    fn runs(&self, limit: usize) -> Result<Vec<Run>, LedgerError> {
        self.read("read its runs", |tables| read::runs(tables, limit))
    }

    fn run(&self, id: i64) -> Result<Option<Run>, LedgerError> {
        self.read("read a run", |tables| read::run(tables, id))
    }

    fn errors(&self, filter: &ErrorFilter) -> Result<Vec<ErrorEntry>, LedgerError> {
        self.read("read the error log", |tables| read::errors(tables, filter))
    }

    fn status(&self) -> Result<Vec<ResourceStatus>, LedgerError> {
        self.read("read its status", read::status)
    }
}

fn open_file(path: &Path) -> Result<Connection, LedgerError> {
    let failed = |reason: String| LedgerError::Open { path: path.to_owned(), reason };
    // A ledger that was lost to a full disk looks like this, and one whose making was killed at once.
    if std::fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() == 0) {
        tracing::warn!(
            ledger = %path.display(),
            "the ledger is empty and begins anew: what the ODS/API holds is not known to it; where there are records of \
             this connection already, `rollcall resync` takes them over"
        );
    }
    // SQLite gives its -wal and -shm files the mode of the database, so the file is made here first.
    private(path).map_err(|error| failed(error.to_string()))?;
    let connection = Connection::open(path).map_err(|error| failed(error.to_string()))?;
    connection
        .execute_batch(
            "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
             PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON;
             -- Folding goes through the places in their order: a larger cache than 8 MiB is passed through, and gains nothing.
             PRAGMA cache_size = -8192;
             -- Pages are changed again and again: a longer log (64 MiB) moves each of them into the file less often.
             PRAGMA wal_autocheckpoint = 16384; PRAGMA journal_size_limit = 67108864;",
        )
        .map_err(|error| {
            if is_damage(&error) {
                return LedgerError::Damaged { path: path.to_owned(), reason: error };
            }
            failed(error.to_string())
        })?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Opens a file that only its owner may read, and makes it so: it may be a copy that was put back.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = file.metadata()?.permissions().mode();
        if mode & 0o077 != 0 {
            // Where the file is somebody else's this fails, and the file is as private as they keep it.
            file.set_permissions(std::fs::Permissions::from_mode(mode & !0o077)).ok();
        }
    }
    Ok(file)
}

/// The file beside a ledger whose name ends so.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut beside: PathBuf = path.to_owned();
    beside.as_mut_os_string().push(end);
    beside
}

/// Whether the lock could be had. Who only asks whether a run holds it ([`SqliteLedger::is_in_use`]) has it for some
/// microseconds, and must not turn a run away.
fn take(file: &File) -> bool {
    const TRIES: usize = 5;
    (0..TRIES).any(|at| {
        if at > 0 {
            std::thread::sleep(Duration::from_millis(10));
        }
        file.try_lock().is_ok()
    })
}

/// Takes the lock file beside the ledger and writes into it who runs.
fn lock(path: &Path) -> Result<File, LedgerError> {
    let beside = beside(path, ".lock");
    let failed = |error: std::io::Error| LedgerError::Open { path: beside.clone(), reason: error.to_string() };
    let mut file = private(&beside).map_err(failed)?;
    if !take(&file) {
        let mut holder = String::new();
        // Who holds it is a help, not a need.
        let known = file.read_to_string(&mut holder).is_ok() && !holder.trim().is_empty();
        return Err(LedgerError::Busy { path: path.to_owned(), holder: known.then(|| holder.trim().to_owned()) });
    }
    let who = format!("process {}, started {}", std::process::id(), chrono::Utc::now().format("%Y-%m-%d %H:%M:%S UTC"));
    file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(who.as_bytes())).map_err(failed)?;
    Ok(file)
}
