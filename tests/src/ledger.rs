//! What a ledger's file says, read past the program.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

/// A ledger's contents without what differs from run to run: the ODS's ids, the runs and their times.
#[derive(Debug, PartialEq, Eq)]
pub struct LedgerContents {
    /// `record`: resource, natural key, state, operation, fingerprints, whether the ODS's id is known.
    pub records: BTreeSet<Vec<String>>,
    /// Resource, object key, the record's key: an object belongs to the record that it was linked to last.
    pub objects: BTreeSet<Vec<String>>,
    /// `error`: resource, object, natural key, outcome, class, message.
    pub errors: BTreeSet<Vec<String>>,
}

impl LedgerContents {
    /// Reads a ledger that no run holds.
    pub fn read(path: &Path) -> Self {
        let records = "SELECT resource, natural_key, hex(key_hash), state, COALESCE(operation, ''), hex(source),
            hex(payload), ods_id IS NOT NULL FROM record";
        let errors = "SELECT resource, object_key, natural_key, outcome, class, message, fix FROM error";
        Self { records: rows(path, records), objects: objects(path), errors: rows(path, errors) }
    }
}

fn objects(path: &Path) -> BTreeSet<Vec<String>> {
    let linked = rows(path, "SELECT resource, linked, objects, hex(key_hash) FROM record WHERE objects IS NOT NULL");
    let mut all: BTreeMap<(String, String), (i64, String)> = BTreeMap::new();
    for row in linked {
        let [resource, linked, objects, key] = row.try_into().expect("four columns");
        let linked: i64 = linked.parse().expect("a run's number");
        for object in objects.split(' ') {
            let known = all.entry((resource.clone(), object.to_owned())).or_insert_with(|| (linked, key.clone()));
            if known.0 < linked {
                *known = (linked, key.clone());
            }
        }
    }
    all.into_iter().map(|((resource, object), (_, key))| vec![resource, object, key]).collect()
}

/// The ODS's ids that a ledger has for a resource.
pub fn ods_ids(path: &Path, resource: &str) -> BTreeSet<String> {
    let all = rows(path, "SELECT resource, ods_id FROM record WHERE ods_id IS NOT NULL");
    all.into_iter().filter(|row| row[0] == resource).map(|mut row| row.remove(1)).collect()
}

/// Rows as texts. Rows that are equal count once, so queries name a primary key.
fn rows(path: &Path, query: &str) -> BTreeSet<Vec<String>> {
    // Not read-only: a killed run leaves a write-ahead log to go through.
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).expect("there is a ledger");
    let mut statement = connection.prepare(query).expect("the ledger has this table");
    let columns = statement.column_count();
    let cells = |row: &rusqlite::Row<'_>| (0..columns).map(|at| Ok(text(row.get_ref(at)?))).collect();
    let rows = statement.query_map([], cells).expect("the table can be read");
    rows.collect::<Result<_, _>>().expect("the table can be read")
}

fn text(value: rusqlite::types::ValueRef<'_>) -> String {
    use rusqlite::types::ValueRef::{Blob, Integer, Null, Real, Text};
    match value {
        Null => String::new(),
        Integer(number) => number.to_string(),
        Real(number) => number.to_string(),
        Text(bytes) | Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
    }
}
