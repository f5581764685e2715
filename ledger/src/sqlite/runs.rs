//! Runs, and that nothing is left to do.

use std::collections::BTreeSet;

use rusqlite::{Connection, Result, Transaction, TransactionBehavior, params};

use super::read;
use crate::entry::Settled;

pub(super) fn settle(connection: &Connection, settled: &Settled) -> Result<()> {
    let text = serde_json::to_string(settled).unwrap_or_default();
    connection.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('settled', ?1)", [text])?;
    Ok(())
}

pub(super) fn begin_run(
    connection: &Connection,
    command: &str,
    filters: Option<&str>,
    config: &str,
    years: &[i32],
    at: &str,
) -> Result<i64> {
    let tx = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    let is_first: bool = tx.query_row("SELECT NOT EXISTS (SELECT 1 FROM run)", [], |row| row.get(0))?;
    // Runs before the first one that noted its years could have been of any.
    if let Some(mut known) = read::years(&tx)?.or_else(|| is_first.then(BTreeSet::new)) {
        known.extend(years);
        let text = serde_json::to_string(&known).unwrap_or_default();
        tx.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('years', ?1)", [text])?;
    }
    tx.execute(
        "INSERT INTO run (command, filters, config, started) VALUES (?1, ?2, ?3, ?4)",
        params![command, filters, config, at],
    )?;
    let run = tx.last_insert_rowid();
    tx.commit()?;
    Ok(run)
}

pub(super) fn finish_run(connection: &Connection, run: i64, at: &str, outcome: &str, summary: &str) -> Result<()> {
    connection.execute(
        "UPDATE run SET finished = ?2, outcome = ?3, summary = ?4 WHERE id = ?1",
        params![run, at, outcome, summary],
    )?;
    Ok(())
}
