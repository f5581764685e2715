//! A ledger that may not be written: what can be read of it, and what is said of one that has to be written first.

use std::fs;
use std::path::{Path, PathBuf};

use rollcall_core::model::{DataStandard, NaturalKey};
use rollcall_core::value::Object;
use rusqlite::Connection;

use super::{SqliteLedger, beside, schema};
use crate::change::Change;
use crate::entry::Operation;
use crate::{Ledger as _, LedgerError};

const RESOURCE: &str = "students";

struct File {
    folder: tempfile::TempDir,
    path: PathBuf,
}

impl File {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rollcall.db");
        Self { folder, path }
    }

    fn open(&self) -> SqliteLedger {
        SqliteLedger::open(&self.path, "here").unwrap()
    }

    fn look(&self) -> Result<SqliteLedger, LedgerError> {
        look(&self.path)
    }

    fn files(&self) -> Vec<String> {
        let files = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> =
            files.map(|file| file.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

/// As who may not write it. The tests may: what is asked for is the way that a ledger is opened then.
fn look(path: &Path) -> Result<SqliteLedger, LedgerError> {
    SqliteLedger::open_read_only(path, "here")
}

fn intend(id: i64) -> Change {
    let mut body = Object::new();
    body.push("studentUniqueId", id.to_string());
    let natural_key = NaturalKey::of(DataStandard::ed_fi_4_0().resource(RESOURCE).unwrap(), &body).unwrap();
    Change::Intend { resource: RESOURCE, natural_key, operation: Operation::Post, objects: Vec::new() }
}

/// A ledger with so many records, and nothing in its journal.
fn with_records(count: i64) -> File {
    let file = File::new();
    let mut ledger = file.open();
    ledger.write(&(1..=count).map(intend).collect::<Vec<_>>()).unwrap();
    assert_eq!(i64::try_from(ledger.entries(RESOURCE).unwrap().len()), Ok(count), "who reads folds");
    drop(ledger);
    file
}

/// Why a ledger has to be written first, and that the hint says who does it.
fn why(opened: Result<SqliteLedger, LedgerError>) -> &'static str {
    let error = opened.err().unwrap();
    assert!(error.hint().contains("rollcall status"), "{error}");
    let LedgerError::NeedsWriting { why, .. } = error else { panic!("{error}") };
    why
}

#[test]
fn a_ledger_is_read_and_nothing_is_made_beside_it() {
    let file = with_records(3);
    let before = file.files();
    let ledger = file.look().unwrap();
    assert_eq!(ledger.entries(RESOURCE).unwrap().len(), 3);
    assert_eq!(ledger.status().unwrap()[0].pending + ledger.status().unwrap()[0].unknown, 3);
    assert_eq!(file.files(), before);
    drop(ledger);
    assert_eq!(file.files(), before);
    let other = SqliteLedger::open_read_only(&file.path, "elsewhere").err().unwrap();
    assert!(matches!(other, LedgerError::OtherConnection { .. }), "{other}");
}

#[test]
fn a_ledger_is_read_while_a_run_has_it_open() {
    let file = with_records(3);
    let mut ledger = file.open();
    ledger.write(&[intend(4)]).unwrap();
    ledger.status().unwrap();
    assert!(fs::metadata(beside(&file.path, "-wal")).unwrap().len() > 0, "the run's log is there");
    let before = file.files();
    let looking = file.look().unwrap();
    assert_eq!(looking.entries(RESOURCE).unwrap().len(), 4, "what stands in the log is read too");
    ledger.write(&[intend(5)]).unwrap();
    ledger.status().unwrap();
    assert_eq!(looking.entries(RESOURCE).unwrap().len(), 5);
    assert_eq!(file.files(), before);
}

#[test]
fn a_run_that_begins_meanwhile_is_noticed() {
    let file = with_records(3);
    let looking = file.look().unwrap();
    assert_eq!(looking.entries(RESOURCE).unwrap().len(), 3);
    let mut ledger = file.open();
    ledger.write(&[intend(4)]).unwrap();
    drop(ledger);
    let error = looking.entries(RESOURCE).err().unwrap();
    assert!(matches!(error, LedgerError::Changed { .. }), "{error}");
}

#[test]
fn what_has_to_be_written_first_is_said() {
    let file = with_records(1);
    let mut ledger = file.open();
    ledger.write(&[intend(2)]).unwrap();
    // A copy without -shm, as of a machine that has lost its power.
    let copy = file.folder.path().join("copy.db");
    for end in ["", "-wal"] {
        fs::copy(beside(&file.path, end), beside(&copy, end)).unwrap();
    }
    assert!(why(look(&copy)).contains("-wal"));
    assert!(why(file.look()).contains("journal"), "a run is writing");
    drop(ledger);
    assert!(why(file.look()).contains("journal"), "a run was killed");
    SqliteLedger::open_to_read(&file.path, "here").unwrap();
    assert_eq!(file.look().unwrap().entries(RESOURCE).unwrap().len(), 2, "somebody who may write it has looked");

    let older = file.folder.path().join("older.db");
    schema::prepare_up_to(&Connection::open(&older).unwrap(), 6);
    assert!(why(look(&older)).contains("earlier rollcall"));
    let newer = file.folder.path().join("newer.db");
    Connection::open(&newer).unwrap().execute_batch("PRAGMA user_version = 900").unwrap();
    assert!(matches!(look(&newer), Err(LedgerError::Newer { found: 900, .. })));
}

#[test]
fn a_ledger_that_holds_nothing_belongs_to_a_corrected_address() {
    let file = with_records(0);
    let ledger = SqliteLedger::open_read_only(&file.path, "elsewhere").unwrap();
    assert!(ledger.status().unwrap().is_empty());
}
