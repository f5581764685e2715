//! What a run writes into the ledger.

use std::fmt;
use std::sync::Arc;

use rollcall_core::model::{KeyHash, NaturalKey};
use rollcall_core::sources::{Fingerprint, Mark};
use rollcall_core::verdict::ObjectKey;

use crate::entry::{Operation, Outcome};

/// One change.
#[derive(Debug, Clone)]
pub enum Change {
    /// A request is about to be sent. A new entry gets its natural key and objects.
    Intend {
        /// The resource.
        resource: &'static str,
        /// The record.
        natural_key: NaturalKey,
        /// The request.
        operation: Operation,
        /// The objects behind the record, the newest first.
        objects: Vec<ObjectKey>,
    },
    /// The ODS holds the payload.
    Delivered {
        /// The resource.
        resource: &'static str,
        /// The record.
        key: KeyHash,
        /// The ODS's id, when the answer had one.
        ods_id: Option<String>,
        /// Fingerprint of the source.
        source: Fingerprint,
        /// Fingerprint of the payload.
        payload: Fingerprint,
    },
    /// A request that was intended was not begun, as the run stops, or surely changed nothing: the record stands where it
    /// stood before, and a new one is pending.
    Unsent {
        /// The resource.
        resource: &'static str,
        /// The record.
        key: KeyHash,
    },
    /// The record will be posted once what stands in its way is deleted: it is accounted for from now on. The objects
    /// stay with the record that they stand behind until the request is about to be sent.
    Pending {
        /// The resource.
        resource: &'static str,
        /// The record.
        natural_key: NaturalKey,
    },
    /// The record is not at the ODS any more: its entry goes, with its objects and its error. That it was ours is
    /// remembered: should the ODS have it again (a restored backup), a resync may delete it.
    Gone {
        /// The resource.
        resource: &'static str,
        /// The record.
        key: KeyHash,
    },
    /// The entry goes without a request: the record was never at the ODS, or is not ours any more.
    Forget {
        /// The resource.
        resource: &'static str,
        /// The record.
        key: KeyHash,
    },
    /// The ODS has changed the record's natural key in place: its entry goes on under the new one.
    Rekeyed {
        /// The resource.
        resource: &'static str,
        /// The record as it was.
        from: KeyHash,
        /// The record as it is.
        natural_key: NaturalKey,
        /// The ODS's id, when the answer had one.
        ods_id: Option<String>,
        /// Fingerprint of the source.
        source: Fingerprint,
        /// Fingerprint of the payload.
        payload: Fingerprint,
        /// The objects behind the record, the newest first.
        objects: Vec<ObjectKey>,
    },
    /// A resync found the record at the ODS. A new entry gets its natural key; an entry that is there its id.
    Found {
        /// The resource.
        resource: &'static str,
        /// The record.
        natural_key: NaturalKey,
        /// The ODS's id.
        ods_id: String,
        /// Fingerprints of the source and of the payload, when the ODS holds just that.
        says: Option<(Fingerprint, Fingerprint)>,
        /// The objects behind the record, the newest first.
        objects: Vec<ObjectKey>,
    },
    /// A preference keeps objects from reporting, or does so no more.
    Unreported {
        /// The resource.
        resource: &'static str,
        /// Each with what its rule had read; none where no preference is behind it any more.
        objects: Vec<(ObjectKey, Option<Mark>)>,
    },
    /// The last try failed.
    Failed(Box<Failure>),
    /// The source changed, the payload did not.
    Source {
        /// The resource.
        resource: &'static str,
        /// The record.
        key: KeyHash,
        /// Fingerprint of the source.
        source: Fingerprint,
    },
    /// The objects behind a record, the newest first, take the place of those that the ledger has.
    Objects {
        /// The resource.
        resource: &'static str,
        /// The record.
        key: KeyHash,
        /// The objects.
        objects: Vec<ObjectKey>,
    },
    /// The defect of an object is about to be written anew, if it is still one.
    ForgetDefect {
        /// The resource.
        resource: &'static str,
        /// The SIS object.
        object: ObjectKey,
    },
    /// The defects of a resource are about to be written anew.
    ForgetDefects {
        /// The resource.
        resource: &'static str,
    },
}

/// A try that failed, or a record that could not be tried.
#[derive(Clone)]
pub struct Failure {
    /// The run.
    pub run: i64,
    /// When, ISO 8601 UTC.
    pub at: String,
    /// The resource.
    pub resource: &'static str,
    /// The SIS object.
    pub object: ObjectKey,
    /// The record; none for a defect that has no natural key.
    pub natural_key: Option<NaturalKey>,
    /// What was tried; none for a defect.
    pub operation: Option<Operation>,
    /// How it ended.
    pub outcome: Outcome,
    /// The HTTP status, when the ODS answered.
    pub status: Option<u16>,
    /// The class of the refusal, or the element of a defect.
    pub class: String,
    /// The ODS's words, or ours.
    pub message: String,
    /// What to do.
    pub fix: String,
    /// For a held record: the record that it waits for.
    pub waits_for: Option<String>,
    /// The payload that was sent.
    pub payload: Option<Vec<u8>>,
    /// What else is known of it.
    pub details: Details,
}

/// What is known of a failure beyond what was tried and what the ODS said.
#[derive(Clone, Default)]
pub struct Details {
    /// The element that it is about.
    pub element: Option<String>,
    /// Its likely causes, the likeliest first.
    pub causes: Vec<String>,
    /// The problem details' `type`.
    pub urn: Option<String>,
    /// The server's name for the request.
    pub correlation_id: Option<String>,
    /// For a held record: the record at the beginning of the chain, which has to be mended.
    pub root: Option<Arc<Root>>,
}

/// The record that keeps others from the ODS.
#[derive(Clone, PartialEq, Eq)]
pub struct Root {
    /// Its resource.
    pub resource: String,
    /// Its natural key.
    pub natural_key: Option<NaturalKey>,
    /// The SIS object behind it, when there is one.
    pub object: Option<ObjectKey>,
}

impl fmt::Debug for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Details").field("element", &self.element).field("urn", &self.urn).finish_non_exhaustive()
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Root({} {:?})", self.resource, self.object)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Failure({} {} {})", self.resource, self.outcome.as_str(), self.class)
    }
}
