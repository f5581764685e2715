//! A ledger that may be looked at and not written: somebody else's, a backup, one on a disk that is mounted read-only.
//!
//! Nothing is made beside the file: a -wal or -shm of another user would keep its owner's next run from writing. So SQLite
//! is told to make none, and that what has none does not change; whether that was true is looked at after each reading.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rusqlite::{Connection, OpenFlags};

use super::{beside, journal::Journal, schema};
use crate::error::LedgerError;

/// Why a ledger cannot be read as it stands.
const LOG: &str = "what was written last stands in -wal beside it, and has to be brought into the file first";
const VERSION: &str = "an earlier rollcall wrote it, and it has to be brought up to date first";
const JOURNAL: &str = "a run that was killed, or that is not at its end, has left changes in its journal, which have to be brought to their \
     place first";

/// A file that SQLite takes to be read by nobody but readers.
pub(super) struct Still {
    path: PathBuf,
    stamp: Stamp,
}

impl Still {
    /// An error when somebody has written meanwhile: what was read may be half of the one and half of the other.
    pub(super) fn check(&self) -> Result<(), LedgerError> {
        let same = Stamp::of(&self.path).is_ok_and(|now| now == self.stamp);
        if same { Ok(()) } else { Err(LedgerError::Changed { path: self.path.clone() }) }
    }
}

/// By what a file shows that it was written to.
#[derive(PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// The length of the -wal beside it: whoever writes, writes there first.
    log: u64,
}

impl Stamp {
    fn of(path: &Path) -> std::io::Result<Self> {
        let file = std::fs::metadata(path)?;
        let log = std::fs::metadata(beside(path, "-wal")).map_or(0, |log| log.len());
        Ok(Self { length: file.len(), modified: file.modified().ok(), log })
    }
}

/// Opens a ledger that needs nothing done before it can be read. The connection's ledger, and how to see whether it still is
/// as it was.
pub(super) fn open(path: &Path, connection: &str) -> Result<(Connection, Option<Still>), LedgerError> {
    let failed = |reason: String| LedgerError::Open { path: path.to_owned(), reason };
    let needs_writing = |why| LedgerError::NeedsWriting { path: path.to_owned(), why };
    let stamp = Stamp::of(path).map_err(|error| failed(error.to_string()))?;
    let still = (stamp.log == 0).then(|| Still { path: path.to_owned(), stamp });
    if still.is_none() && !beside(path, "-shm").exists() {
        return Err(needs_writing(LOG));
    }
    let option = if still.is_some() { "immutable=1" } else { "readonly_shm=1" };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let database = Connection::open_with_flags(uri(path, option), flags).map_err(|error| failed(error.to_string()))?;
    let settings = "PRAGMA busy_timeout = 10000; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384;";
    database.execute_batch(settings).map_err(|error| failed(error.to_string()))?;
    database.set_prepared_statement_cache_capacity(64);
    if !schema::is_newest(&database, path)? {
        return Err(needs_writing(VERSION));
    }
    schema::is_bound(&database, path, connection)?;
    let journal = Journal::load(&database).map_err(LedgerError::sqlite("read its journal"))?;
    if !journal.is_empty() {
        return Err(needs_writing(JOURNAL));
    }
    Ok((database, still))
}

/// SQLite's name for a file, with an option about it.
fn uri(path: &Path, option: &str) -> String {
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-~".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            write!(uri, "%{byte:02X}").expect("a text takes any text");
        }
    }
    uri + "?mode=ro&" + option
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_path_whatever_stands_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("50% of? #a&b=c é.db");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE x (y)").unwrap();
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let opened = Connection::open_with_flags(uri(&path, "immutable=1"), flags).unwrap();
        assert_eq!(opened.query_row("SELECT COUNT(*) FROM x", [], |row| row.get::<_, i64>(0)), Ok(0));
    }
}
