//! The few records of which the ledger has more to say than an entry.

use rollcall_core::model::{KeyHash, KeySet};
use rusqlite::{Result, Transaction};

use super::names::KeyReader;

/// Records that have an error, and records that were deleted, once they were asked for: usually there are few, and a search
/// for each record that is delivered would cost more.
#[derive(Default)]
pub(super) struct Exceptions {
    pub(super) errors: Option<KeySet>,
    pub(super) gone: Option<KeySet>,
}

impl Exceptions {
    pub(super) fn errors(&mut self, tx: &Transaction<'_>) -> Result<&mut KeySet> {
        if self.errors.is_none() {
            let mut statement = tx.prepare_cached("SELECT resource, natural_key FROM error WHERE natural_key <> ''")?;
            let mut rows = statement.query([])?;
            let (mut keys, reader) = (KeySet::default(), KeyReader::new(tx));
            while let Some(row) = rows.next()? {
                let key = reader.key(row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?)?;
                keys.extend(key.map(|key| key.hash()));
            }
            self.errors = Some(keys);
        }
        Ok(self.errors.get_or_insert_default())
    }

    pub(super) fn gone(&mut self, tx: &Transaction<'_>) -> Result<&mut KeySet> {
        if self.gone.is_none() {
            let mut statement = tx.prepare_cached("SELECT key_hash FROM gone")?;
            let keys = statement.query_map([], |row| row.get(0).map(KeyHash))?.collect::<Result<_>>()?;
            self.gone = Some(keys);
        }
        Ok(self.gone.get_or_insert_default())
    }
}
