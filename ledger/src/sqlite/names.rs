//! Natural keys as the ledger keeps them: a JSON list of their values. What the parts are called stands once for each
//! resource, since it is half of a key's text and the same for all of them.
//!
//! A key of other names than those (of another version of the data standard) is kept as a list of pairs, name and value.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use rollcall_core::model::{KeyNames, NaturalKey};
use rusqlite::{Connection, OptionalExtension as _};
use serde::Serializer as _;

use crate::change::Change;

type Result<T> = rusqlite::Result<T>;

/// The names that this program writes keys without, by resource.
#[derive(Default)]
pub(super) struct Names(HashMap<String, Option<Arc<KeyNames>>>);

impl Names {
    /// Notes what the parts of these changes' keys are called, before anything is written without it.
    pub(super) fn learn(&mut self, connection: &Connection, changes: &[Change]) -> Result<()> {
        for key in changes.iter().flat_map(keys) {
            if self.0.contains_key(key.resource()) {
                continue;
            }
            connection
                .prepare_cached("INSERT OR IGNORE INTO key_names (resource, names) VALUES (?1, ?2)")?
                .execute([key.resource(), &json(key.names().names().iter().map(String::as_str))])?;
            let noted = of(connection, key.resource())?.filter(|noted| noted == &**key.names());
            self.0.insert(key.resource().to_owned(), noted.map(|_| Arc::clone(key.names())));
        }
        Ok(())
    }

    /// A key's text.
    pub(super) fn text(&self, key: &NaturalKey) -> String {
        let noted = self.0.get(key.resource()).and_then(Option::as_ref);
        if noted.is_some_and(|noted| Arc::ptr_eq(noted, key.names()) || noted == key.names()) {
            return json(key.values());
        }
        serde_json::to_string(&key.to_query()).expect("pairs of texts always serialize")
    }
}

/// Reads keys back.
pub(super) struct KeyReader<'c> {
    connection: &'c Connection,
    names: RefCell<HashMap<String, Option<Arc<KeyNames>>>>,
}

impl<'c> KeyReader<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self { connection, names: RefCell::default() }
    }

    /// The key of a text; none when it is no key's.
    pub(super) fn key(&self, resource: &str, text: &str) -> Result<Option<NaturalKey>> {
        if text.starts_with("[[") {
            let pairs: Vec<(String, String)> = serde_json::from_str(text).unwrap_or_default();
            let (names, values): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
            let names = Arc::new(KeyNames::new(resource.to_owned(), names));
            return Ok(NaturalKey::from_values(&names, &values).filter(|_| !values.is_empty()));
        }
        let known = self.names.borrow().get(resource).cloned();
        let names = if let Some(names) = known {
            names
        } else {
            let names = of(self.connection, resource)?.map(Arc::new);
            self.names.borrow_mut().insert(resource.to_owned(), names.clone());
            names
        };
        let Some(names) = names else { return Ok(None) };
        let values: Option<Vec<String>> = serde_json::from_str(text).ok();
        Ok(values.and_then(|values| NaturalKey::from_values(&names, &values)))
    }
}

/// The names that stand for a resource.
fn of(connection: &Connection, resource: &str) -> Result<Option<KeyNames>> {
    let mut statement = connection.prepare_cached("SELECT names FROM key_names WHERE resource = ?1")?;
    let names: Option<String> = statement.query_row([resource], |row| row.get(0)).optional()?;
    let names = names.and_then(|names| serde_json::from_str(&names).ok());
    Ok(names.map(|names| KeyNames::new(resource.to_owned(), names)))
}

fn json<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut json = Vec::with_capacity(128);
    serde_json::Serializer::new(&mut json).collect_seq(texts).expect("texts always serialize");
    String::from_utf8(json).expect("JSON is UTF-8")
}

fn keys(change: &Change) -> impl Iterator<Item = &NaturalKey> {
    let (own, root) = match change {
        Change::Intend { natural_key, .. }
        | Change::Pending { natural_key, .. }
        | Change::Rekeyed { natural_key, .. }
        | Change::Found { natural_key, .. } => (Some(natural_key), None),
        Change::Failed(failure) => {
            let root = failure.details.root.as_deref().and_then(|root| root.natural_key.as_ref());
            (failure.natural_key.as_ref(), root)
        }
        _ => (None, None),
    };
    own.into_iter().chain(root)
}
