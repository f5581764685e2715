//! What an ODS holds of one resource, as far as a resync has to know it.

use std::collections::HashMap;

use rollcall_core::model::{KeyHash, NaturalKey, ResourceModel, content};
use rollcall_core::sources::Fingerprint;
use rollcall_core::value::Object;
use rollcall_transport::{Client, ReadError, ResourcePath, Stored};

/// The records of one resource at the ODS: a fixed few bytes for each that the SIS or the ledger knows, and the whole
/// natural key of every other.
#[derive(Default)]
pub(crate) struct OdsSide {
    pub(crate) records: HashMap<KeyHash, OdsRecord>,
    /// Records that neither the SIS nor the ledger knows, in the ODS's order.
    pub(crate) others: Vec<(NaturalKey, String)>,
}

/// One record at the ODS.
pub(crate) struct OdsRecord {
    pub(crate) id: Box<str>,
    pub(crate) content: Fingerprint,
}

impl OdsSide {
    /// Reads a resource page by page, as far as the queries reach. `known` says which records the SIS or the ledger
    /// knows; `members` which members count when bodies are compared.
    pub(crate) async fn read(
        client: &Client,
        (path, model): (&ResourcePath, &ResourceModel),
        queries: &[Vec<(String, String)>],
        members: Option<&[&str]>,
        known: &dyn Fn(&KeyHash) -> bool,
    ) -> Result<Self, ReadError> {
        let mut side = Self::default();
        for query in queries {
            let mut pages = client.pages(path, query);
            while let Some(rows) = pages.next().await? {
                for row in rows {
                    side.add(model, row, members, known);
                }
            }
        }
        Ok(side)
    }

    fn add(&mut self, model: &ResourceModel, row: Stored, members: Option<&[&str]>, known: &dyn Fn(&KeyHash) -> bool) {
        let Ok(body) = serde_json::from_value::<Object<'static>>(row.body) else { return };
        let Some(key) = KeyHash::of(model, &body) else { return };
        if known(&key) {
            let record = OdsRecord { id: row.id.into(), content: content(&body, members) };
            self.records.insert(key, record);
        } else if let Some(natural_key) = NaturalKey::of(model, &body) {
            self.others.push((natural_key, row.id));
        }
    }
}

/// An ODS id in a form that is the same however a server spells it.
pub(crate) fn id_hash(id: &str) -> Fingerprint {
    let plain: String = id.chars().filter(|c| *c != '-').map(|c| c.to_ascii_lowercase()).collect();
    Fingerprint::of(plain.as_bytes())
}
