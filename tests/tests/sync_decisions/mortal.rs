//! A ledger whose process dies: from one moment on nothing reaches the file any more.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rollcall_core::model::{KeyHash, NaturalKey};
use rollcall_core::sources::Mark;
use rollcall_core::verdict::ObjectKey;
use rollcall_ledger::{Change, Entry, ErrorEntry, ErrorFilter, Ledger, LedgerError, ResourceStatus, Run, SqliteLedger};

/// The real ledger until `dead` is set; then every write fails, and with it the thread that writes.
pub(crate) struct Mortal {
    pub(crate) ledger: SqliteLedger,
    pub(crate) dead: Arc<AtomicBool>,
}

impl Ledger for Mortal {
    fn entries(&self, resource: &str) -> Result<Vec<Entry>, LedgerError> {
        self.ledger.entries(resource)
    }

    fn objects(&self, resource: &str) -> Result<Vec<(ObjectKey, KeyHash)>, LedgerError> {
        self.ledger.objects(resource)
    }

    fn identity(&self, resource: &str, key: KeyHash) -> Result<Option<(NaturalKey, Option<String>)>, LedgerError> {
        self.ledger.identity(resource, key)
    }

    fn natural_keys(&self, resource: &str) -> Result<Vec<(KeyHash, NaturalKey)>, LedgerError> {
        self.ledger.natural_keys(resource)
    }

    fn ods_ids(&self, resource: &str) -> Result<Vec<(KeyHash, String)>, LedgerError> {
        self.ledger.ods_ids(resource)
    }

    fn gone(&self, resource: &str) -> Result<HashSet<KeyHash>, LedgerError> {
        self.ledger.gone(resource)
    }

    fn unreported(&self, resource: &str) -> Result<HashMap<ObjectKey, Mark>, LedgerError> {
        self.ledger.unreported(resource)
    }

    fn write(&mut self, changes: &[Change]) -> Result<(), LedgerError> {
        if self.dead.load(Ordering::SeqCst) {
            return Err(LedgerError::Open { path: PathBuf::new(), reason: "the process is dead".to_owned() });
        }
        self.ledger.write(changes)
    }

    fn tidy(&mut self) -> Result<bool, LedgerError> {
        if self.dead.load(Ordering::SeqCst) { Ok(false) } else { self.ledger.tidy() }
    }

    fn begin_run(
        &mut self,
        command: &str,
        filters: Option<&str>,
        config: &str,
        years: &[i32],
        at: &str,
    ) -> Result<i64, LedgerError> {
        self.ledger.begin_run(command, filters, config, years, at)
    }

    fn years(&self) -> Result<Option<BTreeSet<i32>>, LedgerError> {
        self.ledger.years()
    }

    fn finish_run(&mut self, run: i64, at: &str, outcome: &str, summary: &str) -> Result<(), LedgerError> {
        self.ledger.finish_run(run, at, outcome, summary)
    }

    fn runs(&self, limit: usize) -> Result<Vec<Run>, LedgerError> {
        self.ledger.runs(limit)
    }

    fn run(&self, id: i64) -> Result<Option<Run>, LedgerError> {
        self.ledger.run(id)
    }

    fn errors(&self, filter: &ErrorFilter) -> Result<Vec<ErrorEntry>, LedgerError> {
        self.ledger.errors(filter)
    }

    fn status(&self) -> Result<Vec<ResourceStatus>, LedgerError> {
        self.ledger.status()
    }
}
