//! Writing what failed, and taking it out of the error log when it is settled.

use rollcall_core::model::KeyHash;
use rusqlite::{Result, Transaction, params};

use super::line::FailedLine;
use super::write::Places;
use crate::entry::{Operation, Outcome};

impl Places<'_> {
    /// Writes a try that failed: the record's entry and the error log's.
    pub(super) fn fail(&mut self, resource: &str, failed: &FailedLine<'_>) -> Result<()> {
        if let (Some((key, natural_key)), Some(operation)) = (&failed.natural_key, failed.operation) {
            // A record that was never sent (held) gets an entry too: the next sync tries it again.
            let object = (failed.outcome == Outcome::Held && !failed.object.is_empty()).then_some(&failed.object);
            self.tx
                .prepare_cached(
                    "INSERT INTO record (resource, key_hash, natural_key, state, operation, objects, linked)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                     ON CONFLICT (resource, key_hash) DO UPDATE SET state = ?4, operation = ?5,
                        objects = CASE
                            WHEN ?6 IS NULL OR instr(' ' || objects || ' ', ' ' || ?6 || ' ') > 0 THEN objects
                            ELSE ?6 || COALESCE(' ' || objects, '') END,
                        linked = IIF(?6 IS NULL, linked, ?7)",
                )?
                .execute(params![
                    resource,
                    key,
                    natural_key,
                    failed.outcome.as_str(),
                    operation.as_str(),
                    object,
                    self.run
                ])?;
        }
        if let (Some(errors), Some((key, _))) = (&mut self.exceptions.errors, &failed.natural_key) {
            errors.insert(KeyHash(*key));
        }
        if failed.operation.is_some()
            && let Some((_, natural_key)) = &failed.natural_key
        {
            // A record has one entry, whichever of its objects is the newest now.
            self.tx
                .prepare_cached(
                    "UPDATE OR REPLACE error SET object_key = ?3
                     WHERE resource = ?1 AND natural_key = ?2 AND object_key <> ?3 AND outcome <> 'defect'",
                )?
                .execute(params![resource, natural_key, failed.object])?;
        }
        // The same try told twice, since a fold did not come to its end, is one try.
        self.tx
            .prepare_cached(
                "INSERT INTO error (resource, object_key, natural_key, operation, outcome, status, class, message, fix,
                    waits_for, payload, run, at, tries, element, causes, urn, correlation_id, root_resource, root_object,
                    root_key)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 1, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
                 ON CONFLICT (resource, object_key, natural_key) DO UPDATE SET operation = ?4, outcome = ?5, status = ?6,
                    class = ?7, message = ?8, fix = ?9, waits_for = ?10, payload = ?11, at = ?13,
                    tries = IIF(run = ?12, tries, tries + 1), run = ?12,
                    element = ?14, causes = ?15, urn = ?16, correlation_id = ?17, root_resource = ?18, root_object = ?19,
                    root_key = ?20",
            )?
            .execute(params![
                resource,
                failed.object,
                failed.natural_key.as_ref().map(|(_, text)| text.as_ref()).unwrap_or_default(),
                failed.operation.map(Operation::as_str),
                failed.outcome.as_str(),
                failed.status,
                failed.class,
                failed.message,
                failed.fix,
                failed.waits_for,
                failed.payload,
                failed.run,
                failed.at,
                failed.element,
                failed.causes,
                failed.urn,
                failed.correlation_id,
                failed.root_resource,
                failed.root_object,
                failed.root_key,
            ])?;
        Ok(())
    }
}

/// Takes a record's entries out of the error log.
pub(super) fn forget_error(tx: &Transaction<'_>, resource: &str, natural_key: &str) -> Result<()> {
    tx.prepare_cached("DELETE FROM error WHERE resource = ?1 AND natural_key = ?2")?
        .execute(params![resource, natural_key])?;
    Ok(())
}
