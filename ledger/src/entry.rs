//! What the ledger gives back.

use std::fmt;
use std::str::FromStr;

use rollcall_core::model::KeyHash;
use rollcall_core::sources::Fingerprint;
use serde::{Deserialize, Serialize};

/// A request that writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// Create, or update by natural key.
    Post,
    /// Update by ODS id.
    Put,
    /// Delete by ODS id.
    Delete,
}

/// How the last try for a record ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The ODS said no.
    Refused,
    /// Nobody knows whether the ODS has it: no answer, or no usable one, until the retries were used up.
    Unknown,
    /// Not sent, because a record that it refers to is not at the ODS.
    Held,
    /// Not sent, because the record cannot be built or would not be taken: something has to be mended first.
    Defect,
}

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The ODS holds the payload of the entry's fingerprint.
    Delivered,
    /// To be posted, and not tried yet: the run ended before.
    Pending,
    /// A request was about to be sent and its outcome was never written: the program was killed.
    Sending(Operation),
    /// The last request, or the try to send one, ended otherwise.
    Failed(Operation, Outcome),
}

/// One record in the identity mapping.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its natural key's hash.
    pub key: KeyHash,
    /// Whether the ODS's id is known: the record was there after some request.
    pub has_ods_id: bool,
    /// Where it stands.
    pub state: State,
    /// The source of the payload last delivered.
    pub source: Option<Fingerprint>,
    /// The payload last delivered.
    pub payload: Option<Fingerprint>,
}

/// One entry of the error log: the last try for a record, when it failed.
#[derive(Clone, Serialize)]
pub struct ErrorEntry {
    /// The resource.
    pub resource: String,
    /// The SIS object.
    pub object: String,
    /// The natural key as `name=value&…`; empty for a defect that has none.
    pub natural_key: String,
    /// What was tried; none for a defect.
    pub operation: Option<Operation>,
    /// How it ended.
    pub outcome: Outcome,
    /// The HTTP status, when the ODS answered.
    pub status: Option<u16>,
    /// The class of the refusal (`required`, `reference` …), or the element of a defect.
    pub class: String,
    /// The ODS's words, or ours.
    pub message: String,
    /// What to do.
    pub fix: String,
    /// For a held record: the record that it waits for (`resource natural key`).
    pub waits_for: Option<String>,
    /// The payload that was sent, as JSON.
    pub payload: Option<String>,
    /// The run of the last try.
    pub run: i64,
    /// When, ISO 8601 UTC.
    pub at: String,
    /// How many runs tried in vain.
    pub tries: i64,
    /// The element that it is about, when that is known.
    pub element: Option<String>,
    /// Its likely causes, the likeliest first.
    pub causes: Vec<String>,
    /// The problem details' `type`, from servers that send one.
    pub urn: Option<String>,
    /// The server's name for the request, to quote to its operators.
    pub correlation_id: Option<String>,
    /// For a held record: the record at the beginning of the chain, which has to be mended.
    pub root: Option<ErrorRoot>,
}

/// The record that keeps others from the ODS.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ErrorRoot {
    /// Its resource.
    pub resource: String,
    /// The SIS object behind it, when there is one.
    pub object: Option<String>,
    /// The natural key as `name=value&…`; empty when it is not known.
    pub natural_key: String,
}

impl fmt::Debug for ErrorRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ErrorRoot({} {:?})", self.resource, self.object)
    }
}

impl fmt::Debug for ErrorEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ErrorEntry({} {:?} {})", self.resource, self.outcome, self.class)
    }
}

/// Which errors to give.
#[derive(Debug, Clone, Default)]
pub struct ErrorFilter {
    /// Of this resource only.
    pub resource: Option<String>,
    /// With this outcome only.
    pub outcome: Option<Outcome>,
    /// Of this run only.
    pub run: Option<i64>,
    /// Of this SIS object only (`Roster:100001-511`).
    pub object: Option<String>,
    /// Whether to read the payloads too.
    pub payloads: bool,
}

/// How many records of a resource are in which state.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ResourceStatus {
    /// The resource.
    pub resource: String,
    /// At the ODS, as far as we know.
    pub delivered: u64,
    /// Refused by the ODS.
    pub refused: u64,
    /// Waiting for another record.
    pub held: u64,
    /// To be posted in the place of a record whose natural key changed, and not tried yet.
    pub pending: u64,
    /// Not known: no answer, or the program was killed between a request and its outcome.
    pub unknown: u64,
    /// To be mended before anything can be sent.
    pub defects: u64,
}

/// That a plan came out with nothing to send. It holds for the ledger as it is: the first change takes it away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// A fingerprint of all that the plan was made from besides the ledger.
    pub inputs: String,
    /// The run's counts, as JSON.
    pub summary: String,
}

/// One run.
#[derive(Debug, Clone, Serialize)]
pub struct Run {
    /// Its number.
    pub id: i64,
    /// `sync`
    pub command: String,
    /// What it was limited to, as JSON; none when it was about everything.
    pub filters: Option<String>,
    /// A fingerprint of the configuration that it had.
    pub config: String,
    /// When it began, ISO 8601 UTC.
    pub started: String,
    /// When it ended; none while it runs, or when it was killed.
    pub finished: Option<String>,
    /// How it ended, in a word.
    pub outcome: Option<String>,
    /// Its counts, as JSON.
    pub summary: Option<String>,
}

impl Operation {
    /// `post`, `put` or `delete`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Post => "post",
            Self::Put => "put",
            Self::Delete => "delete",
        }
    }
}

impl Outcome {
    /// `refused`, `unknown`, `held` or `defect`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Unknown => "unknown",
            Self::Held => "held",
            Self::Defect => "defect",
        }
    }
}

impl FromStr for Operation {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Post, Self::Put, Self::Delete].into_iter().find(|o| o.as_str() == text).ok_or(())
    }
}

impl FromStr for Outcome {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let all = [Self::Refused, Self::Unknown, Self::Held, Self::Defect];
        all.into_iter().find(|o| o.as_str() == text).ok_or(())
    }
}
