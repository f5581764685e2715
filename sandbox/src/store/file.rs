//! Records in an SQLite file.
//!
//! One thread writes. It takes all changes that wait, writes them in one transaction and then tells their requests, so
//! that concurrent writes share a commit. What is committed is with the operating system and survives the process.

use std::fs::OpenOptions;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use rusqlite::{Connection, params};
use tokio::sync::oneshot;

use super::tables::{Record, Tables};
use crate::catalog::Resource;
use crate::error::SandboxError;

/// One change of a record.
pub(super) enum Change {
    Put {
        resource: usize,
        sequence: u64,
        id: u128,
        ticks: i64,
        change: u64,
        body: Box<str>,
    },
    Delete {
        sequence: u64,
    },
    /// A delete or a change of a natural key, for change queries.
    Past {
        resource: usize,
        change: u64,
        id: u128,
        old: Box<str>,
        new: Option<Box<str>>,
        authorization: Box<str>,
    },
}

struct Entry {
    changes: Vec<Change>,
    done: oneshot::Sender<bool>,
}

/// The file's writer.
pub(super) struct Journal {
    sender: Option<Sender<Entry>>,
    thread: Option<JoinHandle<()>>,
}

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS records (
        sequence INTEGER PRIMARY KEY,
        resource TEXT NOT NULL,
        id BLOB NOT NULL,
        ticks INTEGER NOT NULL,
        body TEXT NOT NULL,
        change INTEGER NOT NULL
    );
    CREATE TABLE IF NOT EXISTS past (
        change INTEGER PRIMARY KEY,
        resource TEXT NOT NULL,
        id BLOB NOT NULL,
        old TEXT NOT NULL,
        new TEXT,
        authorization TEXT NOT NULL
    );
";
const PUT: &str =
    "INSERT OR REPLACE INTO records (sequence, resource, id, ticks, body, change) VALUES (?, ?, ?, ?, ?, ?)";
const PAST: &str = "INSERT INTO past (change, resource, id, old, new, authorization) VALUES (?, ?, ?, ?, ?, ?)";
/// The change of a record of the first version's tables is its creation.
const FROM_1: &str = "
    BEGIN;
    ALTER TABLE records ADD COLUMN change INTEGER NOT NULL DEFAULT 0;
    UPDATE records SET change = sequence;
    PRAGMA user_version = 2;
    COMMIT;
";
const DELETE: &str = "DELETE FROM records WHERE sequence = ?";
/// `application_id` of a sandbox's file ("RCSB"), and the version of its tables.
const APPLICATION: i32 = 0x5243_5342;
const VERSION: i32 = 2;

impl Journal {
    /// Opens or creates a file, and reads its records into the tables.
    pub(super) fn open(path: &Path, tables: &mut Tables) -> Result<Self, SandboxError> {
        create_private(path).map_err(|source| SandboxError::File { path: path.to_owned(), source })?;
        let database = |reason: rusqlite::Error| match reason.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseBusy) => SandboxError::Busy { path: path.to_owned() },
            _ => SandboxError::Database { path: path.to_owned(), reason },
        };
        let connection = connect(path).map_err(database)?;
        load(&connection, path, tables)?;
        let names: Vec<String> = tables.catalog().resources.iter().map(|resource| resource.name().to_owned()).collect();
        let (sender, receiver) = channel();
        let thread = std::thread::Builder::new().name("sandbox-file".to_owned()).spawn(move || {
            write_all(connection, &names, &receiver);
        });
        let thread = thread.map_err(|source| SandboxError::File { path: path.to_owned(), source })?;
        Ok(Self { sender: Some(sender), thread: Some(thread) })
    }

    /// Hands changes over; the answer comes when they are committed, `false` when they could not be.
    pub(super) fn append(&self, changes: Vec<Change>) -> oneshot::Receiver<bool> {
        let (done, receiver) = oneshot::channel();
        if let Some(sender) = &self.sender
            && let Err(lost) = sender.send(Entry { changes, done })
            && lost.0.done.send(false).is_err()
        {
            tracing::debug!("nobody waits for a change that was not written");
        }
        receiver
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the writer of the sandbox file has failed");
        }
    }
}

fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    // An earlier process that is just ending lets go of it within moments.
    connection.busy_timeout(std::time::Duration::from_secs(2))?;
    // One process at a time: records are held in memory, and a second one would not see what the first changes.
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version: i32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let is_empty: bool =
        connection.query_row("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| row.get(0))?;
    if !is_empty && (application != APPLICATION || !(1..=VERSION).contains(&version)) {
        let text = "the file is another program's or another version's".to_owned();
        return Err(rusqlite::Error::ToSqlConversionFailure(text.into()));
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    if !is_empty && version == 1 {
        connection.execute_batch(FROM_1)?;
    }
    connection.pragma_update(None, "application_id", APPLICATION)?;
    connection.pragma_update(None, "user_version", VERSION)?;
    connection.execute_batch(TABLES)?;
    Ok(connection)
}

fn load(connection: &Connection, path: &Path, tables: &mut Tables) -> Result<(), SandboxError> {
    // Code values and education organizations first, so that every use of one finds it. They are few; all else is read
    // and indexed in one go.
    let first = |resource: &Resource| resource.descriptor.is_some() || resource.model.base.is_some();
    for (resource, sequence) in load_records(connection, path, tables, &first, false)? {
        let catalog = tables.catalog.clone();
        let Some(object) = tables.by_resource[resource].records.get(&sequence).map(Record::object) else { continue };
        tables.index(&catalog.resources[resource], sequence, &object);
    }
    load_records(connection, path, tables, &|resource| !first(resource), true)?;
    load_past(connection, path, tables)
}

/// Reads the records of some resources; gives those that are still to be indexed.
fn load_records(
    connection: &Connection,
    path: &Path,
    tables: &mut Tables,
    wanted: &dyn Fn(&Resource) -> bool,
    index: bool,
) -> Result<Vec<(usize, u64)>, SandboxError> {
    let database = |reason| SandboxError::Database { path: path.to_owned(), reason };
    let mut statement = connection
        .prepare("SELECT resource, sequence, id, ticks, body, change FROM records ORDER BY sequence")
        .map_err(database)?;
    let mut rows = statement.query([]).map_err(database)?;
    let catalog = tables.catalog.clone();
    let mut loaded = Vec::new();
    while let Some(row) = rows.next().map_err(database)? {
        let name: String = row.get(0).map_err(database)?;
        let contents = || SandboxError::Contents { path: path.to_owned(), resource: name.clone() };
        let resource = catalog.by_name(&name).ok_or_else(contents)?;
        if !wanted(resource) {
            continue;
        }
        let sequence: i64 = row.get(1).map_err(database)?;
        let id: [u8; 16] = row.get(2).map_err(database)?;
        let ticks: i64 = row.get(3).map_err(database)?;
        let body: String = row.get(4).map_err(database)?;
        let change: i64 = row.get(5).map_err(database)?;
        let change = u64::try_from(change).map_err(|_| contents())?;
        let object = serde_json::from_str(&body).map_err(|_| contents())?;
        let key = resource.key_of(&object).ok_or_else(contents)?;
        let sequence = u64::try_from(sequence).map_err(|_| contents())?;
        let subjects = tables.subjects_of(resource, &object);
        let record = Record { id: u128::from_be_bytes(id), key, ticks, change, body: body.into_boxed_str(), subjects };
        tables.place(resource, sequence, record);
        if index {
            tables.index(resource, sequence, &object);
        } else {
            loaded.push((resource.index, sequence));
        }
    }
    Ok(loaded)
}

fn load_past(connection: &Connection, path: &Path, tables: &mut Tables) -> Result<(), SandboxError> {
    let database = |reason| SandboxError::Database { path: path.to_owned(), reason };
    let mut statement = connection
        .prepare("SELECT resource, id, change, old, new, authorization FROM past ORDER BY change")
        .map_err(database)?;
    let mut rows = statement.query([]).map_err(database)?;
    let catalog = tables.catalog.clone();
    while let Some(row) = rows.next().map_err(database)? {
        let name: String = row.get(0).map_err(database)?;
        let contents = || SandboxError::Contents { path: path.to_owned(), resource: name.clone() };
        let resource = catalog.by_name(&name).ok_or_else(contents)?;
        let id: [u8; 16] = row.get(1).map_err(database)?;
        let change: i64 = row.get(2).map_err(database)?;
        let (old, new): (String, Option<String>) = (row.get(3).map_err(database)?, row.get(4).map_err(database)?);
        let authorization: String = row.get(5).map_err(database)?;
        let stamp = (u128::from_be_bytes(id), u64::try_from(change).map_err(|_| contents())?);
        tables.recall(resource, stamp, (&old, new.as_deref(), &authorization)).ok_or_else(contents)?;
    }
    Ok(())
}

fn write_all(mut connection: Connection, names: &[String], receiver: &Receiver<Entry>) {
    while let Ok(first) = receiver.recv() {
        let entries: Vec<Entry> = std::iter::once(first).chain(receiver.try_iter().take(1000)).collect();
        let written = match write(&mut connection, names, &entries) {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(%error, "could not write to the sandbox file");
                false
            }
        };
        for entry in entries {
            if entry.done.send(written).is_err() {
                tracing::debug!("nobody waits for a change any more");
            }
        }
    }
}

fn write(connection: &mut Connection, names: &[String], entries: &[Entry]) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    for change in entries.iter().flat_map(|entry| &entry.changes) {
        match change {
            Change::Past { resource, change, id, old, new, authorization } => {
                transaction.prepare_cached(PAST)?.execute(params![
                    change.cast_signed(),
                    names[*resource],
                    id.to_be_bytes(),
                    old,
                    new,
                    authorization
                ])?;
            }
            Change::Put { resource, sequence, id, ticks, change, body } => {
                transaction.prepare_cached(PUT)?.execute(params![
                    sequence.cast_signed(),
                    names[*resource],
                    id.to_be_bytes(),
                    ticks,
                    body,
                    change.cast_signed()
                ])?;
            }
            Change::Delete { sequence } => {
                transaction.prepare_cached(DELETE)?.execute(params![sequence.cast_signed()])?;
            }
        }
    }
    transaction.commit()
}
