//! The ledger: what a connection's ODS holds because of us.
//!
//! It keeps the identity mapping (object key ↔ natural key ↔ ODS id, many objects to one record), the fingerprints of
//! each record's source and payload as last delivered, the intent before and the outcome after each request, the error
//! log with the payload that was sent, and the runs. [`SqliteLedger`] keeps it in one SQLite file; another store is
//! another implementation of [`Ledger`].
//!
//! The ledger knows no SIS table and no state. Natural keys and payloads are student data: the file is created with
//! mode 0600, and no `Debug` here shows them.
#![warn(missing_docs)]

mod change;
mod entry;
mod error;
mod sqlite;

pub use change::{Change, Details, Failure, Root};
pub use entry::{Entry, ErrorEntry, ErrorFilter, ErrorRoot, Operation, Outcome, ResourceStatus, Run, Settled, State};
pub use error::LedgerError;
pub use sqlite::SqliteLedger;

use std::collections::{BTreeSet, HashMap, HashSet};

use rollcall_core::model::{KeyHash, NaturalKey};
use rollcall_core::sources::Mark;
use rollcall_core::verdict::ObjectKey;

/// Where the identity mapping, the fingerprints, the error log and the runs are kept.
pub trait Ledger: Send {
    /// Every entry of a resource, in no order.
    fn entries(&self, resource: &str) -> Result<Vec<Entry>, LedgerError>;

    /// Which objects stand behind which entry of a resource, in no order.
    fn objects(&self, resource: &str) -> Result<Vec<(ObjectKey, KeyHash)>, LedgerError>;

    /// The natural key and, where known, the ODS id of an entry.
    fn identity(&self, resource: &str, key: KeyHash) -> Result<Option<(NaturalKey, Option<String>)>, LedgerError>;

    /// Every entry's natural key, in no order.
    fn natural_keys(&self, resource: &str) -> Result<Vec<(KeyHash, NaturalKey)>, LedgerError>;

    /// The ODS's id of every entry that has one, in no order.
    fn ods_ids(&self, resource: &str) -> Result<Vec<(KeyHash, String)>, LedgerError>;

    /// The records of a resource that were ours and are gone: those that this connection has deleted, or has found gone.
    fn gone(&self, resource: &str) -> Result<HashSet<KeyHash>, LedgerError>;

    /// Whether a plan from these inputs came out with nothing to send, and nothing was written since. A store that cannot
    /// tell has none.
    fn settled(&self) -> Result<Option<Settled>, LedgerError> {
        Ok(None)
    }

    /// Notes that a plan came out with nothing to send.
    fn settle(&mut self, _settled: &Settled) -> Result<(), LedgerError> {
        Ok(())
    }

    /// The objects of a resource that a preference kept from reporting, each with what its rule had read.
    fn unreported(&self, resource: &str) -> Result<HashMap<ObjectKey, Mark>, LedgerError>;

    /// Writes changes in one transaction.
    fn write(&mut self, changes: &[Change]) -> Result<(), LedgerError>;

    /// Does a little of the work that writing has put off; whether there is more. For a moment when nobody waits: nothing
    /// that is read differs before and after, and who never calls it loses nothing.
    fn tidy(&mut self) -> Result<bool, LedgerError> {
        Ok(false)
    }

    /// Opens a run and gives its number. `filters` is what it is limited to, as JSON: none when it is about everything.
    /// `config` is a fingerprint of the configuration, and `years` the school years that it has.
    fn begin_run(
        &mut self,
        command: &str,
        filters: Option<&str>,
        config: &str,
        years: &[i32],
        at: &str,
    ) -> Result<i64, LedgerError>;

    /// The school years of all runs so far: what was sent was sent for one of them. None where runs were noted before their
    /// years were.
    fn years(&self) -> Result<Option<BTreeSet<i32>>, LedgerError> {
        Ok(None)
    }

    /// Closes a run with its outcome in a word and its counts as JSON.
    fn finish_run(&mut self, run: i64, at: &str, outcome: &str, summary: &str) -> Result<(), LedgerError>;

    /// The runs, newest first.
    fn runs(&self, limit: usize) -> Result<Vec<Run>, LedgerError>;

    /// One run.
    fn run(&self, id: i64) -> Result<Option<Run>, LedgerError>;

    /// The error log, by resource and object.
    fn errors(&self, filter: &ErrorFilter) -> Result<Vec<ErrorEntry>, LedgerError>;

    /// How many entries of each resource are in which state.
    fn status(&self) -> Result<Vec<ResourceStatus>, LedgerError>;
}
