//! Writing changes.

use rollcall_core::model::{KeyHash, NaturalKey};
use rollcall_core::sources::Fingerprint;
use rollcall_core::verdict::ObjectKey;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use crate::change::{Change, Details, Failure};
use crate::entry::{Outcome, Settled};

type Result<T> = rusqlite::Result<T>;

/// Writes changes in one transaction.
pub(super) fn changes(connection: &mut Connection, changes: &[Change]) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    transaction.prepare_cached("DELETE FROM meta WHERE name = 'settled'")?.execute([])?;
    let mut kept = Kept::look(&transaction)?;
    for change in changes {
        write(&transaction, change, kept)?;
        kept.errors |= matches!(change, Change::Failed(_));
        kept.gone |= matches!(change, Change::Gone { .. });
    }
    transaction.commit()
}

/// Whether there is anything to forget when a record is delivered: usually there is nothing, and asking once for a whole
/// transaction is cheaper than a search for each record.
#[derive(Clone, Copy)]
struct Kept {
    errors: bool,
    gone: bool,
}

impl Kept {
    fn look(tx: &Transaction<'_>) -> Result<Self> {
        let some = |query: &str| tx.prepare_cached(query)?.query_row([], |row| row.get(0));
        Ok(Self {
            errors: some("SELECT EXISTS (SELECT 1 FROM error)")?,
            gone: some("SELECT EXISTS (SELECT 1 FROM gone)")?,
        })
    }
}

fn write(tx: &Transaction<'_>, change: &Change, kept: Kept) -> Result<()> {
    match change {
        Change::Intend { resource, natural_key, operation, objects } => {
            let key = natural_key.hash();
            tx.prepare_cached(
                "INSERT INTO record (resource, key_hash, natural_key, state, operation)
                 VALUES (?1, ?2, ?3, 'sending', ?4)
                 ON CONFLICT (resource, key_hash) DO UPDATE SET state = 'sending', operation = ?4",
            )?
            .execute(params![resource, key.0, natural_key.to_text(), operation.as_str()])?;
            link(tx, resource, key, objects)
        }
        Change::Delivered { resource, key, ods_id, source, payload } => {
            tx.prepare_cached(
                "UPDATE record SET state = 'delivered', operation = NULL, ods_id = COALESCE(?3, ods_id),
                    source = ?4, payload = ?5
                 WHERE resource = ?1 AND key_hash = ?2",
            )?
            .execute(params![resource, key.0, ods_id, source.0, payload.0])?;
            if kept.gone {
                tx.prepare_cached("DELETE FROM gone WHERE resource = ?1 AND key_hash = ?2")?
                    .execute(params![resource, key.0])?;
            }
            if kept.errors {
                tx.prepare_cached(
                    "DELETE FROM error WHERE resource = ?1 AND natural_key =
                        (SELECT natural_key FROM record WHERE resource = ?1 AND key_hash = ?2)",
                )?
                .execute(params![resource, key.0])?;
            }
            Ok(())
        }
        Change::Pending { resource, natural_key } => {
            tx.prepare_cached(
                "INSERT INTO record (resource, key_hash, natural_key, state, operation)
                 VALUES (?1, ?2, ?3, 'pending', 'post') ON CONFLICT (resource, key_hash) DO NOTHING",
            )?
            .execute(params![resource, natural_key.hash().0, natural_key.to_text()])?;
            Ok(())
        }
        Change::Gone { resource, key } => {
            tx.prepare_cached("INSERT INTO gone (resource, key_hash) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
                .execute(params![resource, key.0])?;
            forget(tx, resource, *key)
        }
        Change::Forget { resource, key } => forget(tx, resource, *key),
        Change::Rekeyed { resource, from, natural_key, ods_id, source, payload, objects } => {
            let key = natural_key.hash();
            let mut known = tx.prepare_cached("SELECT ods_id FROM record WHERE resource = ?1 AND key_hash = ?2")?;
            let known: Option<Option<String>> =
                known.query_row(params![resource, from.0], |row| row.get(0)).optional()?;
            let ods_id = ods_id.clone().or(known.flatten());
            forget(tx, resource, *from)?;
            found(tx, resource, natural_key, ods_id.as_deref())?;
            says(tx, resource, key, *source, *payload)?;
            link(tx, resource, key, objects)
        }
        Change::Found { resource, natural_key, ods_id, says: what, objects } => {
            let key = natural_key.hash();
            found(tx, resource, natural_key, Some(ods_id))?;
            link(tx, resource, key, objects)?;
            let Some((source, payload)) = what else { return Ok(()) };
            says(tx, resource, key, *source, *payload)?;
            forget_error(tx, resource, &natural_key.to_text())
        }
        Change::Failed(failure) => fail(tx, failure),
        Change::Source { resource, key, source } => {
            tx.prepare_cached("UPDATE record SET source = ?3 WHERE resource = ?1 AND key_hash = ?2")?
                .execute(params![resource, key.0, source.0])?;
            Ok(())
        }
        Change::Objects { resource, key, objects } => {
            tx.prepare_cached("DELETE FROM object WHERE resource = ?1 AND key_hash = ?2")?
                .execute(params![resource, key.0])?;
            link(tx, resource, *key, objects)
        }
        Change::ForgetDefect { resource, object } => {
            let of_object = "DELETE FROM error WHERE resource = ?1 AND object_key = ?2 AND outcome = 'defect'";
            tx.prepare_cached(of_object)?.execute(params![resource, object.to_string()])?;
            Ok(())
        }
        Change::Unreported { resource, objects } => {
            tx.prepare_cached("DELETE FROM unreported WHERE resource = ?1")?.execute(params![resource])?;
            let mut statement = tx.prepare_cached(
                "INSERT INTO unreported (resource, object_key, length, print) VALUES (?1, ?2, ?3, ?4)",
            )?;
            for (object, mark) in objects {
                statement.execute(params![resource, object.to_string(), mark.length, mark.print.0])?;
            }
            Ok(())
        }
        Change::ForgetDefects { resource } => {
            tx.prepare_cached("DELETE FROM error WHERE resource = ?1 AND outcome = 'defect'")?
                .execute(params![resource])?;
            Ok(())
        }
    }
}

/// Takes an entry out, with its objects and its error.
fn forget(tx: &Transaction<'_>, resource: &str, key: KeyHash) -> Result<()> {
    let natural_key: Option<String> = {
        let mut statement =
            tx.prepare_cached("DELETE FROM record WHERE resource = ?1 AND key_hash = ?2 RETURNING natural_key")?;
        let mut rows = statement.query(params![resource, key.0])?;
        let natural_key = rows.next()?.map(|row| row.get(0)).transpose()?;
        // A RETURNING statement deletes row by row: read it to the end.
        while rows.next()?.is_some() {}
        natural_key
    };
    tx.prepare_cached("DELETE FROM object WHERE resource = ?1 AND key_hash = ?2")?.execute(params![resource, key.0])?;
    natural_key.map_or(Ok(()), |natural_key| forget_error(tx, resource, &natural_key))
}

/// The ODS has a record under this id; a new entry says nothing of what it holds there.
fn found(tx: &Transaction<'_>, resource: &str, natural_key: &NaturalKey, ods_id: Option<&str>) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO record (resource, key_hash, natural_key, ods_id, state) VALUES (?1, ?2, ?3, ?4, 'delivered')
         ON CONFLICT (resource, key_hash) DO UPDATE SET ods_id = COALESCE(?4, ods_id)",
    )?
    .execute(params![resource, natural_key.hash().0, natural_key.to_text(), ods_id])?;
    Ok(())
}

/// The ODS holds the payload of these fingerprints.
fn says(tx: &Transaction<'_>, resource: &str, key: KeyHash, source: Fingerprint, payload: Fingerprint) -> Result<()> {
    tx.prepare_cached(
        "UPDATE record SET state = 'delivered', operation = NULL, source = ?3, payload = ?4
         WHERE resource = ?1 AND key_hash = ?2",
    )?
    .execute(params![resource, key.0, source.0, payload.0])?;
    Ok(())
}

fn link(tx: &Transaction<'_>, resource: &str, key: KeyHash, objects: &[ObjectKey]) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO object (resource, object_key, key_hash) VALUES (?1, ?2, ?3)
         ON CONFLICT (resource, object_key) DO UPDATE SET key_hash = ?3",
    )?;
    for object in objects {
        statement.execute(params![resource, object.to_string(), key.0])?;
    }
    Ok(())
}

fn fail(tx: &Transaction<'_>, failure: &Failure) -> Result<()> {
    let natural_key = failure.natural_key.as_ref().map(NaturalKey::to_text).unwrap_or_default();
    if let (Some(key), Some(operation)) = (&failure.natural_key, failure.operation) {
        // A record that was never sent (held) gets an entry too: the next sync tries it again.
        let hash = key.hash();
        tx.prepare_cached(
            "INSERT INTO record (resource, key_hash, natural_key, state, operation) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (resource, key_hash) DO UPDATE SET state = ?4, operation = ?5",
        )?
        .execute(params![
            failure.resource,
            hash.0,
            natural_key,
            failure.outcome.as_str(),
            operation.as_str()
        ])?;
        if failure.outcome == Outcome::Held {
            link(tx, failure.resource, hash, &[failure.object])?;
        }
    }
    let Details { element, causes, urn, correlation_id, root } = &failure.details;
    let causes = (!causes.is_empty()).then(|| serde_json::to_string(causes).unwrap_or_default());
    tx.prepare_cached(
        "INSERT INTO error (resource, object_key, natural_key, operation, outcome, status, class, message, fix,
            waits_for, payload, run, at, tries, element, causes, urn, correlation_id, root_resource, root_object, root_key)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 1, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
         ON CONFLICT (resource, object_key, natural_key) DO UPDATE SET operation = ?4, outcome = ?5, status = ?6,
            class = ?7, message = ?8, fix = ?9, waits_for = ?10, payload = ?11, run = ?12, at = ?13, tries = tries + 1,
            element = ?14, causes = ?15, urn = ?16, correlation_id = ?17, root_resource = ?18, root_object = ?19,
            root_key = ?20",
    )?
    .execute(params![
        failure.resource,
        failure.object.to_string(),
        natural_key,
        failure.operation.map(crate::entry::Operation::as_str),
        failure.outcome.as_str(),
        failure.status,
        failure.class,
        failure.message,
        failure.fix,
        failure.waits_for,
        failure.payload,
        failure.run,
        failure.at,
        element,
        causes,
        urn,
        correlation_id,
        root.as_ref().map(|root| root.resource.as_str()),
        root.as_ref().and_then(|root| root.object).map(|object| object.to_string()),
        root.as_ref().and_then(|root| root.natural_key.as_ref()).map(NaturalKey::to_text),
    ])?;
    Ok(())
}

fn forget_error(tx: &Transaction<'_>, resource: &str, natural_key: &str) -> Result<()> {
    tx.prepare_cached("DELETE FROM error WHERE resource = ?1 AND natural_key = ?2")?
        .execute(params![resource, natural_key])?;
    Ok(())
}

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
    at: &str,
) -> Result<i64> {
    connection.execute(
        "INSERT INTO run (command, filters, config, started) VALUES (?1, ?2, ?3, ?4)",
        params![command, filters, config, at],
    )?;
    Ok(connection.last_insert_rowid())
}

pub(super) fn finish_run(connection: &Connection, run: i64, at: &str, outcome: &str, summary: &str) -> Result<()> {
    connection.execute(
        "UPDATE run SET finished = ?2, outcome = ?3, summary = ?4 WHERE id = ?1",
        params![run, at, outcome, summary],
    )?;
    Ok(())
}
