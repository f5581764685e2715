//! The tables, and how an older file becomes a newer one.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};

use super::journal::Journal;
use crate::error::LedgerError;

/// One migration for each version; a file of version n has had the first n.
const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE record (
        resource    TEXT NOT NULL,
        key_hash    BLOB NOT NULL,
        natural_key TEXT NOT NULL,
        ods_id      TEXT,
        state       TEXT NOT NULL,      -- delivered, sending, refused, unknown, held
        operation   TEXT,               -- post, put, delete; null when delivered
        source      BLOB,
        payload     BLOB,
        PRIMARY KEY (resource, key_hash)
    ) WITHOUT ROWID;
    CREATE TABLE object (
        resource   TEXT NOT NULL,
        object_key TEXT NOT NULL,
        key_hash   BLOB NOT NULL,
        PRIMARY KEY (resource, object_key)
    ) WITHOUT ROWID;
    CREATE INDEX object_by_record ON object (resource, key_hash);
    CREATE TABLE run (
        id       INTEGER PRIMARY KEY,
        command  TEXT NOT NULL,
        config   TEXT NOT NULL,
        started  TEXT NOT NULL,
        finished TEXT,
        outcome  TEXT,
        summary  TEXT
    );
    CREATE TABLE error (
        resource    TEXT NOT NULL,
        object_key  TEXT NOT NULL,
        natural_key TEXT NOT NULL,      -- empty for a defect without one
        operation   TEXT,
        outcome     TEXT NOT NULL,
        status      INTEGER,
        class       TEXT NOT NULL,
        message     TEXT NOT NULL,
        fix         TEXT NOT NULL,
        waits_for   TEXT,
        payload     BLOB,
        run         INTEGER NOT NULL,
        at          TEXT NOT NULL,
        tries       INTEGER NOT NULL,
        PRIMARY KEY (resource, object_key, natural_key)
    ) WITHOUT ROWID;
    CREATE INDEX error_by_record ON error (resource, natural_key);
",
    // What a run was limited to, as JSON.
    "ALTER TABLE run ADD COLUMN filters TEXT;",
    // What an error is about and comes from. For a held record: which one keeps it from the ODS.
    "
    ALTER TABLE error ADD COLUMN element TEXT;
    ALTER TABLE error ADD COLUMN causes TEXT;           -- a JSON list
    ALTER TABLE error ADD COLUMN urn TEXT;
    ALTER TABLE error ADD COLUMN correlation_id TEXT;
    ALTER TABLE error ADD COLUMN root_resource TEXT;
    ALTER TABLE error ADD COLUMN root_object TEXT;
    ALTER TABLE error ADD COLUMN root_key TEXT;
",
    // What was ours and is gone. A record also has the state pending now.
    "CREATE TABLE gone (
        resource TEXT NOT NULL,
        key_hash BLOB NOT NULL,
        PRIMARY KEY (resource, key_hash)
    ) WITHOUT ROWID;",
    // What a preference kept from reporting, and what its rule had read.
    "CREATE TABLE unreported (
        resource   TEXT NOT NULL,
        object_key TEXT NOT NULL,
        length     INTEGER NOT NULL,
        print      BLOB NOT NULL,
        PRIMARY KEY (resource, object_key)
    ) WITHOUT ROWID;",
    // A record has its objects with it, and the run that linked them: what two records name belongs to the later one. A
    // table of objects and its index would be two more pages at random places for each record that is sent. What a run
    // writes about single records goes to the journal first.
    "
    ALTER TABLE record ADD COLUMN objects TEXT;         -- Table:id Table:id-part, the newest first
    ALTER TABLE record ADD COLUMN linked INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE record ADD COLUMN before TEXT;          -- while it is sending: the state that it had
    UPDATE record SET objects = (
        SELECT group_concat(object_key, ' ') FROM object
        WHERE object.resource = record.resource AND object.key_hash = record.key_hash
    );
    DROP TABLE object;
    -- A number is never used twice: who folds sees whether somebody else was faster.
    CREATE TABLE journal (
        id       INTEGER PRIMARY KEY AUTOINCREMENT,
        resource TEXT NOT NULL,
        lines    BLOB NOT NULL
    );",
    // A key is kept as its values; what they are called, as most of them have it, stands once for each resource.
    "
    CREATE TABLE key_names (
        resource TEXT PRIMARY KEY,
        names    TEXT NOT NULL          -- a JSON list
    ) WITHOUT ROWID;
    CREATE TEMP VIEW named AS
        SELECT resource, natural_key FROM record
        UNION ALL SELECT resource, natural_key FROM error WHERE natural_key <> ''
        UNION ALL SELECT root_resource, root_key FROM error WHERE root_key IS NOT NULL;
    INSERT OR IGNORE INTO key_names
        SELECT resource, (SELECT json_group_array(value ->> 0) FROM json_each(natural_key)) AS names FROM named
        GROUP BY resource, names ORDER BY count(*) DESC;
    DROP VIEW named;
    UPDATE record SET natural_key = (SELECT json_group_array(value ->> 1) FROM json_each(natural_key))
        WHERE (SELECT json_group_array(value ->> 0) FROM json_each(natural_key))
            = (SELECT names FROM key_names WHERE key_names.resource = record.resource);
    UPDATE error SET natural_key = (SELECT json_group_array(value ->> 1) FROM json_each(natural_key))
        WHERE natural_key <> '' AND (SELECT json_group_array(value ->> 0) FROM json_each(natural_key))
            = (SELECT names FROM key_names WHERE key_names.resource = error.resource);
    UPDATE error SET root_key = (SELECT json_group_array(value ->> 1) FROM json_each(root_key))
        WHERE root_key IS NOT NULL AND (SELECT json_group_array(value ->> 0) FROM json_each(root_key))
            = (SELECT names FROM key_names WHERE key_names.resource = error.root_resource);",
];

/// The version that brought the journal: what is in it is folded before the tables change again.
const JOURNAL: i64 = 6;

/// Brings a file to the newest version.
pub(super) fn prepare(connection: &Connection, path: &Path) -> Result<(), LedgerError> {
    let (found, known) = known_version(connection, path)?;
    if (JOURNAL..known).contains(&found) {
        let mut journal = Journal::load(connection).map_err(LedgerError::sqlite("read its journal"))?;
        journal.fold(connection).map_err(LedgerError::sqlite("bring its journal to its place"))?;
    }
    if found < known { migrate(connection).map_err(LedgerError::sqlite("migrate")) } else { Ok(()) }
}

/// Whether a file is of the newest version.
pub(super) fn is_newest(connection: &Connection, path: &Path) -> Result<bool, LedgerError> {
    known_version(connection, path).map(|(found, known)| found == known)
}

/// The file's version, and the newest one; refuses a file that is newer.
fn known_version(connection: &Connection, path: &Path) -> Result<(i64, i64), LedgerError> {
    let found = version(connection).map_err(LedgerError::sqlite("read its version"))?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if found > known { Err(LedgerError::Newer { path: path.to_owned(), found, known }) } else { Ok((found, known)) }
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

fn migrate(connection: &Connection) -> rusqlite::Result<()> {
    let tx = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    // Read once more: another program may have come first.
    let found = version(&tx)?;
    for (version, migration) in (1..).zip(MIGRATIONS).skip(usize::try_from(found).unwrap_or_default()) {
        tx.execute_batch(&format!("{migration} PRAGMA user_version = {version};"))?;
    }
    tx.commit()
}

/// Notes which connection a ledger belongs to that holds nothing yet, and refuses one that belongs to another.
pub(super) fn bind(connection: &Connection, path: &Path, wanted: &str) -> Result<(), LedgerError> {
    if !is_bound(connection, path, wanted)? {
        let note =
            "INSERT INTO meta (name, value) VALUES ('connection', ?1) ON CONFLICT (name) DO UPDATE SET value = ?1";
        connection.execute(note, [wanted]).map_err(LedgerError::sqlite("note its connection"))?;
    }
    Ok(())
}

/// Whether it is noted that a ledger belongs to this connection; refuses one that belongs to another.
pub(super) fn is_bound(connection: &Connection, path: &Path, wanted: &str) -> Result<bool, LedgerError> {
    let noted: Option<String> = connection
        .query_row("SELECT value FROM meta WHERE name = 'connection'", [], |row| row.get(0))
        .optional()
        .map_err(LedgerError::sqlite("read its connection"))?;
    let Some(found) = noted else { return Ok(false) };
    // Where nothing was sent, the address was mistyped, or is another now.
    if found != wanted && !is_empty(connection).map_err(LedgerError::sqlite("read its records"))? {
        return Err(LedgerError::OtherConnection { path: path.to_owned(), found, wanted: wanted.to_owned() });
    }
    Ok(found == wanted)
}

/// Whether nothing was ever sent, nor is about to be.
fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    let something =
        "SELECT EXISTS (SELECT 1 FROM record) OR EXISTS (SELECT 1 FROM gone) OR EXISTS (SELECT 1 FROM journal)";
    connection.query_row(something, [], |row| row.get::<_, bool>(0)).map(|something| !something)
}

/// Makes a file of an older version.
#[cfg(test)]
pub(super) fn prepare_up_to(connection: &Connection, version: usize) {
    for migration in &MIGRATIONS[..version] {
        connection.execute_batch(migration).unwrap();
    }
    connection.execute_batch(&format!("PRAGMA user_version = {version};")).unwrap();
}
