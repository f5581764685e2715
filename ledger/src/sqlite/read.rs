//! Reading.

use std::collections::{BTreeSet, HashMap, HashSet};

use rollcall_core::model::{KeyHash, NaturalKey};
use rollcall_core::sources::{Fingerprint, Mark};
use rollcall_core::verdict::ObjectKey;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::line;
use super::names::KeyReader;
use crate::entry::{
    Entry, ErrorEntry, ErrorFilter, ErrorRoot, Operation, Outcome, ResourceStatus, Run, Settled, State,
};

type Result<T> = rusqlite::Result<T>;

pub(super) fn entries(connection: &Connection, resource: &str) -> Result<Vec<Entry>> {
    let mut statement = connection.prepare_cached(
        "SELECT key_hash, ods_id IS NOT NULL, state, operation, source, payload FROM record WHERE resource = ?1",
    )?;
    let rows = statement.query_map([resource], |row| {
        Ok(Entry {
            key: KeyHash(row.get(0)?),
            has_ods_id: row.get(1)?,
            state: state(row.get_ref(2)?.as_str()?, row.get_ref(3)?.as_str_or_null()?),
            source: row.get::<_, Option<[u8; 16]>>(4)?.map(Fingerprint),
            payload: row.get::<_, Option<[u8; 16]>>(5)?.map(Fingerprint),
        })
    })?;
    rows.collect()
}

/// A state that this program does not know counts as a failed try: it is tried again.
fn state(state: &str, operation: Option<&str>) -> State {
    let operation = operation.and_then(|o| o.parse().ok()).unwrap_or(Operation::Post);
    match state {
        "delivered" => State::Delivered,
        "pending" => State::Pending,
        "sending" => State::Sending(operation),
        other => State::Failed(operation, other.parse().unwrap_or(Outcome::Unknown)),
    }
}

pub(super) fn objects(connection: &Connection, resource: &str) -> Result<Vec<(ObjectKey, KeyHash)>> {
    let mut statement = connection.prepare_cached(
        "SELECT key_hash, objects, linked, ods_id IS NOT NULL OR state <> 'held' FROM record
             WHERE resource = ?1 AND objects IS NOT NULL",
    )?;
    let mut rows = statement.query([resource])?;
    let mut all: Vec<(ObjectKey, (bool, i64), KeyHash)> = Vec::new();
    while let Some(row) = rows.next()? {
        let (key, linked) = (KeyHash(row.get(0)?), (row.get(3)?, row.get(2)?));
        all.extend(line::objects(row.get_ref(1)?.as_str()?).map(|object| (object, linked, key)));
    }
    // An object stands behind one record: the one that it was linked to last, but not one that was held and never sent if
    // there is another (its old natural key, under which it stays until then).
    let place = |object: &ObjectKey| (object.id(), object.part());
    all.sort_unstable_by(|(a, since_a, _), (b, since_b, _)| {
        place(a).cmp(&place(b)).then_with(|| a.table().cmp(&b.table())).then(since_b.cmp(since_a))
    });
    all.dedup_by_key(|(object, ..)| *object);
    Ok(all.into_iter().map(|(object, _, key)| (object, key)).collect())
}

pub(super) fn identity(
    connection: &Connection,
    resource: &str,
    key: KeyHash,
) -> Result<Option<(NaturalKey, Option<String>)>> {
    let mut statement =
        connection.prepare_cached("SELECT natural_key, ods_id FROM record WHERE resource = ?1 AND key_hash = ?2")?;
    let found: Option<(String, Option<String>)> =
        statement.query_row(params![resource, key.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((text, id)) = found else { return Ok(None) };
    Ok(KeyReader::new(connection).key(resource, &text)?.map(|key| (key, id)))
}

const RUN: &str = "SELECT id, command, filters, config, started, finished, outcome, summary FROM run";

pub(super) fn natural_keys(connection: &Connection, resource: &str) -> Result<Vec<(KeyHash, NaturalKey)>> {
    let mut statement = connection.prepare_cached("SELECT key_hash, natural_key FROM record WHERE resource = ?1")?;
    let reader = KeyReader::new(connection);
    let rows = statement.query_map([resource], |row| {
        let key = reader.key(resource, row.get_ref(1)?.as_str()?)?;
        Ok((KeyHash(row.get(0)?), key))
    })?;
    rows.filter_map(|row| row.map(|(hash, key)| key.map(|key| (hash, key))).transpose()).collect()
}

pub(super) fn ods_ids(connection: &Connection, resource: &str) -> Result<Vec<(KeyHash, String)>> {
    let mut statement =
        connection.prepare_cached("SELECT key_hash, ods_id FROM record WHERE resource = ?1 AND ods_id IS NOT NULL")?;
    statement.query_map([resource], |row| Ok((KeyHash(row.get(0)?), row.get(1)?)))?.collect()
}

pub(super) fn unreported(connection: &Connection, resource: &str) -> Result<HashMap<ObjectKey, Mark>> {
    let mut statement =
        connection.prepare_cached("SELECT object_key, length, print FROM unreported WHERE resource = ?1")?;
    let rows = statement.query_map([resource], |row| {
        let mark = Mark { length: row.get(1)?, print: Fingerprint(row.get(2)?) };
        Ok((ObjectKey::parse(row.get_ref(0)?.as_str()?), mark))
    })?;
    rows.filter_map(|row| row.map(|(object, mark)| object.map(|object| (object, mark))).transpose()).collect()
}

pub(super) fn gone(connection: &Connection, resource: &str) -> Result<HashSet<KeyHash>> {
    let mut statement = connection.prepare_cached("SELECT key_hash FROM gone WHERE resource = ?1")?;
    statement.query_map([resource], |row| row.get(0).map(KeyHash))?.collect()
}

pub(super) fn settled(connection: &Connection) -> Result<Option<Settled>> {
    let mut statement = connection.prepare_cached("SELECT value FROM meta WHERE name = 'settled'")?;
    let text: Option<String> = statement.query_row([], |row| row.get(0)).optional()?;
    // What another version of the program wrote settles nothing.
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

pub(super) fn years(connection: &Connection) -> Result<Option<BTreeSet<i32>>> {
    let mut statement = connection.prepare_cached("SELECT value FROM meta WHERE name = 'years'")?;
    let text: Option<String> = statement.query_row([], |row| row.get(0)).optional()?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

pub(super) fn runs(connection: &Connection, limit: usize) -> Result<Vec<Run>> {
    let mut statement = connection.prepare_cached(&format!("{RUN} ORDER BY id DESC LIMIT ?1"))?;
    let rows = statement.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], read_run)?;
    rows.collect()
}

pub(super) fn run(connection: &Connection, id: i64) -> Result<Option<Run>> {
    connection.prepare_cached(&format!("{RUN} WHERE id = ?1"))?.query_row([id], read_run).optional()
}

fn read_run(row: &Row<'_>) -> Result<Run> {
    Ok(Run {
        id: row.get(0)?,
        command: row.get(1)?,
        filters: row.get(2)?,
        config: row.get(3)?,
        started: row.get(4)?,
        finished: row.get(5)?,
        outcome: row.get(6)?,
        summary: row.get(7)?,
    })
}

pub(super) fn errors(connection: &Connection, filter: &ErrorFilter) -> Result<Vec<ErrorEntry>> {
    // One object is looked up by the key; everything else is a walk through the table.
    let of = match (&filter.resource, &filter.object) {
        (Some(_), Some(_)) => "resource = ?1 AND object_key = ?5",
        _ => "(?1 IS NULL OR resource = ?1) AND (?5 IS NULL OR object_key = ?5)",
    };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT resource, object_key, natural_key, operation, outcome, status, class, message, fix, waits_for,
            CASE WHEN ?3 THEN payload END, run, at, tries, element, causes, urn, correlation_id,
            root_resource, root_object, root_key
         FROM error WHERE {of} AND (?2 IS NULL OR outcome = ?2) AND (?4 IS NULL OR run = ?4)
         ORDER BY resource, object_key"
    ))?;
    let outcome = filter.outcome.map(Outcome::as_str);
    let ErrorFilter { resource, payloads, run, object, .. } = filter;
    let reader = KeyReader::new(connection);
    let rows = statement.query_map(params![resource, outcome, payloads, run, object], |row| error(row, &reader))?;
    rows.collect()
}

fn error(row: &Row<'_>, reader: &KeyReader<'_>) -> Result<ErrorEntry> {
    let resource: String = row.get(0)?;
    let shown = |resource: &str, key: &str| -> Result<Option<String>> {
        Ok(reader.key(resource, key)?.map(|key| key.to_string()))
    };
    let natural_key = shown(&resource, row.get_ref(2)?.as_str()?)?.unwrap_or_default();
    let payload: Option<Vec<u8>> = row.get(10)?;
    let causes = row.get_ref(15)?.as_str_or_null()?.and_then(|causes| serde_json::from_str(causes).ok());
    let root = match row.get::<_, Option<String>>(18)? {
        Some(resource) => {
            let natural_key =
                row.get_ref(20)?.as_str_or_null()?.map(|key| shown(&resource, key)).transpose()?.flatten();
            Some(ErrorRoot { object: row.get(19)?, natural_key: natural_key.unwrap_or_default(), resource })
        }
        None => None,
    };
    Ok(ErrorEntry {
        object: row.get(1)?,
        natural_key,
        operation: row.get_ref(3)?.as_str_or_null()?.and_then(|o| o.parse().ok()),
        outcome: row.get_ref(4)?.as_str()?.parse().unwrap_or(Outcome::Unknown),
        status: row.get(5)?,
        class: row.get(6)?,
        message: row.get(7)?,
        fix: row.get(8)?,
        waits_for: row.get(9)?,
        payload: payload.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        run: row.get(11)?,
        at: row.get(12)?,
        tries: row.get(13)?,
        element: row.get(14)?,
        causes: causes.unwrap_or_default(),
        urn: row.get(16)?,
        correlation_id: row.get(17)?,
        root,
        resource,
    })
}

pub(super) fn status(connection: &Connection) -> Result<Vec<ResourceStatus>> {
    let mut statement = connection.prepare_cached(
        "SELECT resource, state, COUNT(*) FROM record GROUP BY resource, state
         UNION ALL
         SELECT resource, 'defect', COUNT(*) FROM error WHERE outcome = 'defect' GROUP BY resource
         ORDER BY 1",
    )?;
    let mut rows = statement.query([])?;
    let mut all: Vec<ResourceStatus> = Vec::new();
    while let Some(row) = rows.next()? {
        let resource: String = row.get(0)?;
        let count: u64 = row.get::<_, i64>(2)?.try_into().unwrap_or_default();
        if all.last().is_none_or(|last| last.resource != resource) {
            all.push(ResourceStatus { resource, ..ResourceStatus::default() });
        }
        let Some(last) = all.last_mut() else { continue };
        match row.get_ref(1)?.as_str()? {
            "delivered" => last.delivered += count,
            "refused" => last.refused += count,
            "held" => last.held += count,
            "pending" => last.pending += count,
            "defect" => last.defects += count,
            _ => last.unknown += count,
        }
    }
    Ok(all)
}
