//! Writing changes to their places.

use rollcall_core::model::KeyHash;
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::exceptions::Exceptions;
use super::failure::forget_error;
use super::journal::Journal;
use super::line::Line;
use super::names::Names;
use crate::change::Change;

type Result<T> = rusqlite::Result<T>;

/// Writes changes in one transaction: to the journal if each is about one record, else to their places.
pub(super) fn changes(
    connection: &Connection,
    journal: &mut Journal,
    names: &mut Names,
    changes: &[Change],
) -> Result<()> {
    names.learn(connection, changes)?;
    let lines: Option<Vec<_>> = changes
        .iter()
        .map(|change| {
            let (resource, line) = Line::of(change, names);
            line.key().map(|key| (resource, key, line))
        })
        .collect();
    if let Some(lines) = lines {
        return journal.append(connection, &lines);
    }
    journal.fold(connection)?;
    let tx = begin(connection)?;
    let mut exceptions = Exceptions::default();
    let mut places = Places::open(&tx, &mut exceptions)?;
    for change in changes {
        let (resource, line) = Line::of(change, names);
        places.write(resource, &line)?;
    }
    tx.commit()
}

/// A transaction that writes: from its first moment, so that it never has to give way to another half-way.
pub(super) fn begin(connection: &Connection) -> Result<Transaction<'_>> {
    let tx = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    tx.prepare_cached("DELETE FROM meta WHERE name = 'settled'")?.execute([])?;
    Ok(tx)
}

/// The tables behind the journal, in one transaction.
pub(super) struct Places<'t> {
    pub(super) tx: &'t Transaction<'t>,
    /// The newest run: what it links to a record is not another one's any more.
    pub(super) run: i64,
    pub(super) exceptions: &'t mut Exceptions,
}

impl<'t> Places<'t> {
    pub(super) fn open(tx: &'t Transaction<'t>, exceptions: &'t mut Exceptions) -> Result<Self> {
        let run = tx.prepare_cached("SELECT COALESCE(MAX(id), 0) FROM run")?.query_row([], |row| row.get(0))?;
        Ok(Self { tx, run, exceptions })
    }

    /// Writes what happened to one record, in the order of time.
    pub(super) fn write_all(&mut self, resource: &str, lines: &[Line<'_>]) -> Result<()> {
        if let [Line::Intend { key, natural_key, objects, .. }, Line::Delivered { ods_id, source, payload, .. }] = lines
        {
            self.tx
                .prepare_cached(
                    "INSERT INTO record (resource, key_hash, natural_key, ods_id, state, source, payload, objects, linked)
                     VALUES (?1, ?2, ?3, ?4, 'delivered', ?5, ?6, ?7, ?8)
                     ON CONFLICT (resource, key_hash) DO UPDATE SET state = 'delivered', operation = NULL,
                        ods_id = COALESCE(?4, ods_id), source = ?5, payload = ?6,
                        objects = COALESCE(?7, objects), linked = IIF(?7 IS NULL, linked, ?8)",
                )?
                .execute(params![resource, key, natural_key, ods_id, source, payload, some(objects), self.run])?;
            return self.is_there(resource, *key);
        }
        lines.iter().try_for_each(|line| self.write(resource, line))
    }

    pub(super) fn write(&mut self, resource: &str, line: &Line<'_>) -> Result<()> {
        let tx = self.tx;
        match line {
            Line::Intend { key, natural_key, operation, objects } => {
                tx.prepare_cached(
                    "INSERT INTO record (resource, key_hash, natural_key, state, operation, objects, linked)
                     VALUES (?1, ?2, ?3, 'sending', ?4, ?5, ?6)
                     ON CONFLICT (resource, key_hash) DO UPDATE SET before = state, state = 'sending', operation = ?4,
                        objects = COALESCE(?5, objects), linked = IIF(?5 IS NULL, linked, ?6)",
                )?
                .execute(params![
                    resource,
                    key,
                    natural_key,
                    operation.as_str(),
                    some(objects),
                    self.run
                ])?;
                Ok(())
            }
            Line::Delivered { key, ods_id, source, payload } => {
                tx.prepare_cached(
                    "UPDATE record SET state = 'delivered', operation = NULL, ods_id = COALESCE(?3, ods_id),
                        source = ?4, payload = ?5
                     WHERE resource = ?1 AND key_hash = ?2",
                )?
                .execute(params![resource, key, ods_id, source, payload])?;
                self.is_there(resource, *key)
            }
            Line::Unsent { key } => {
                tx.prepare_cached(
                    "UPDATE record SET state = COALESCE(before, 'pending'),
                        operation = CASE COALESCE(before, 'pending')
                            WHEN 'pending' THEN 'post' WHEN 'delivered' THEN NULL ELSE operation END
                     WHERE resource = ?1 AND key_hash = ?2 AND state = 'sending'",
                )?
                .execute(params![resource, key])?;
                Ok(())
            }
            Line::Pending { key, natural_key } => {
                tx.prepare_cached(
                    "INSERT INTO record (resource, key_hash, natural_key, state, operation)
                     VALUES (?1, ?2, ?3, 'pending', 'post') ON CONFLICT (resource, key_hash) DO NOTHING",
                )?
                .execute(params![resource, key, natural_key])?;
                Ok(())
            }
            Line::Gone { key } => {
                tx.prepare_cached("INSERT INTO gone (resource, key_hash) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
                    .execute(params![resource, key])?;
                if let Some(gone) = &mut self.exceptions.gone {
                    gone.insert(KeyHash(*key));
                }
                forget(tx, resource, *key)
            }
            Line::Forget { key } => forget(tx, resource, *key),
            Line::Rekeyed { from, key, natural_key, ods_id, source, payload, objects } => {
                let mut known = tx.prepare_cached("SELECT ods_id FROM record WHERE resource = ?1 AND key_hash = ?2")?;
                let known: Option<Option<String>> =
                    known.query_row(params![resource, from], |row| row.get(0)).optional()?;
                let ods_id = ods_id.as_deref().map(str::to_owned).or(known.flatten());
                forget(tx, resource, *from)?;
                self.found(resource, *key, natural_key, ods_id.as_deref(), objects)?;
                says(tx, resource, *key, source, payload)
            }
            Line::Found { key, natural_key, ods_id, says: what, objects } => {
                self.found(resource, *key, natural_key, Some(ods_id), objects)?;
                let Some((source, payload)) = what else { return Ok(()) };
                says(tx, resource, *key, source, payload)?;
                forget_error(tx, resource, natural_key)
            }
            Line::Failed(failed) => self.fail(resource, failed),
            Line::Source { key, source } => {
                tx.prepare_cached("UPDATE record SET source = ?3 WHERE resource = ?1 AND key_hash = ?2")?
                    .execute(params![resource, key, source])?;
                Ok(())
            }
            Line::Objects { key, objects } => {
                tx.prepare_cached("UPDATE record SET objects = ?3, linked = ?4 WHERE resource = ?1 AND key_hash = ?2")?
                    .execute(params![resource, key, some(objects), self.run])?;
                Ok(())
            }
            Line::ForgetDefect { object } => {
                let of_object = "DELETE FROM error WHERE resource = ?1 AND object_key = ?2 AND outcome = 'defect'";
                tx.prepare_cached(of_object)?.execute(params![resource, object])?;
                Ok(())
            }
            Line::Unreported(objects) => {
                let mut keep = tx.prepare_cached(
                    "INSERT OR REPLACE INTO unreported (resource, object_key, length, print) VALUES (?1, ?2, ?3, ?4)",
                )?;
                let mut forget = tx.prepare_cached("DELETE FROM unreported WHERE resource = ?1 AND object_key = ?2")?;
                for (object, mark) in objects {
                    match mark {
                        Some((length, print)) => keep.execute(params![resource, object, length, print])?,
                        None => forget.execute(params![resource, object])?,
                    };
                }
                Ok(())
            }
            Line::ForgetDefects => {
                tx.prepare_cached("DELETE FROM error WHERE resource = ?1 AND outcome = 'defect'")?
                    .execute(params![resource])?;
                Ok(())
            }
        }
    }

    /// A record was delivered: it is not gone, and its error is no more.
    fn is_there(&mut self, resource: &str, key: [u8; 16]) -> Result<()> {
        if self.exceptions.gone(self.tx)?.remove(&KeyHash(key)) {
            self.tx
                .prepare_cached("DELETE FROM gone WHERE resource = ?1 AND key_hash = ?2")?
                .execute(params![resource, key])?;
        }
        if self.exceptions.errors(self.tx)?.remove(&KeyHash(key)) {
            self.tx
                .prepare_cached(
                    "DELETE FROM error WHERE resource = ?1 AND natural_key =
                        (SELECT natural_key FROM record WHERE resource = ?1 AND key_hash = ?2)",
                )?
                .execute(params![resource, key])?;
        }
        Ok(())
    }

    /// The ODS has a record under this id; a new entry says nothing of what it holds there.
    fn found(
        &self,
        resource: &str,
        key: [u8; 16],
        natural_key: &str,
        ods_id: Option<&str>,
        objects: &str,
    ) -> Result<()> {
        self.tx
            .prepare_cached(
                "INSERT INTO record (resource, key_hash, natural_key, ods_id, state, objects, linked)
                 VALUES (?1, ?2, ?3, ?4, 'delivered', ?5, ?6)
                 ON CONFLICT (resource, key_hash) DO UPDATE SET ods_id = COALESCE(?4, ods_id),
                    objects = COALESCE(?5, objects), linked = IIF(?5 IS NULL, linked, ?6)",
            )?
            .execute(params![resource, key, natural_key, ods_id, some(objects), self.run])?;
        Ok(())
    }
}

/// A text, or nothing: no objects leave those that are linked already.
fn some(objects: &str) -> Option<&str> {
    Some(objects).filter(|objects| !objects.is_empty())
}

/// Takes an entry out, with its objects and its error.
fn forget(tx: &Transaction<'_>, resource: &str, key: [u8; 16]) -> Result<()> {
    let natural_key: Option<String> = {
        let mut statement =
            tx.prepare_cached("DELETE FROM record WHERE resource = ?1 AND key_hash = ?2 RETURNING natural_key")?;
        let mut rows = statement.query(params![resource, key])?;
        let natural_key = rows.next()?.map(|row| row.get(0)).transpose()?;
        // A RETURNING statement deletes row by row: read it to the end.
        while rows.next()?.is_some() {}
        natural_key
    };
    natural_key.map_or(Ok(()), |natural_key| forget_error(tx, resource, &natural_key))
}

/// The ODS holds the payload of these fingerprints.
fn says(tx: &Transaction<'_>, resource: &str, key: [u8; 16], source: &[u8; 16], payload: &[u8; 16]) -> Result<()> {
    tx.prepare_cached(
        "UPDATE record SET state = 'delivered', operation = NULL, source = ?3, payload = ?4
         WHERE resource = ?1 AND key_hash = ?2",
    )?
    .execute(params![resource, key, source, payload])?;
    Ok(())
}
