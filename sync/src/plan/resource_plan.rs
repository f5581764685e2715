//! One resource's part of a plan: its requests, and what becomes of everything else.

use std::collections::{BTreeMap, HashSet};

use rollcall_core::model::KeyHash;
use rollcall_core::resource::Resource;
use rollcall_core::sources::Omission;
use rollcall_core::verdict::{ObjectKey, Rule};
use rollcall_ledger::Change;

use super::{Action, Steps};

/// What happens with one resource.
pub struct ResourcePlan {
    /// Its name.
    pub name: &'static str,
    /// Its rules; none for a resource that the state does not report, of which records can only be deleted.
    pub resource: Option<&'static dyn Resource>,
    /// Whether it is toggled off: then nothing is sent and nothing deleted.
    pub off: bool,
    /// Requests, writes and deletes.
    pub steps: Steps,
    /// Ledger changes that need no request.
    pub changes: Vec<Change>,
    /// Records that are not sent since something has to be mended.
    pub defects: Vec<Defect>,
    /// Records that are not sent since a record that they refer to will not be at the ODS.
    pub held: Vec<Held>,
    /// How many objects each rule excludes.
    pub excluded: BTreeMap<&'static str, (&'static Rule, u64)>,
    /// What records leave out though the SIS has it, and how many do.
    pub omissions: BTreeMap<Omission, u64>,
    /// Records that report. Objects with a defect are beside them.
    pub reported: u64,
    /// Records that the ODS holds as they are.
    pub unchanged: u64,
    /// Records that a changed preference would change: they wait for a resync.
    pub waiting: u64,
    /// Records that stay at the ODS though nothing reports them: shared between districts, or defective now.
    pub kept: u64,
    /// Deletes and updates that are withheld, since rows of the tables could not be read.
    pub withheld: u64,
    /// What a resync found at the ODS that the ledger did not say.
    pub discovered: BTreeMap<Discovered, u64>,
    /// Whether it is about some records only: then what the error log has of others stays.
    pub partial: bool,
}

impl ResourcePlan {
    pub(super) fn new(resource: &'static dyn Resource) -> Self {
        Self { resource: Some(resource), ..Self::named(resource.spec().name) }
    }

    /// Nothing to do with a resource.
    pub(crate) fn named(name: &'static str) -> Self {
        Self {
            name,
            resource: None,
            off: false,
            steps: Steps::default(),
            changes: Vec::new(),
            defects: Vec::new(),
            held: Vec::new(),
            excluded: BTreeMap::new(),
            omissions: BTreeMap::new(),
            reported: 0,
            unchanged: 0,
            waiting: 0,
            kept: 0,
            withheld: 0,
            discovered: BTreeMap::new(),
            partial: false,
        }
    }

    pub(super) fn discover(&mut self, what: Discovered) {
        *self.discovered.entry(what).or_default() += 1;
    }

    /// Objects with a defect; one may have several.
    pub fn defective_objects(&self) -> usize {
        self.defects.iter().map(|defect| defect.object).collect::<HashSet<_>>().len()
    }

    /// The number of steps of an action.
    pub fn count(&self, action: Action) -> usize {
        self.steps.count(action)
    }
}

/// What a resync can find at the ODS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Discovered {
    /// The ledger has a record and the ODS does not: it was deleted there, or a backup was restored.
    Missing,
    /// The ODS holds something else than what was delivered: somebody changed it.
    Unlike,
    /// The ODS has a record that reports, and the ledger did not know: it is taken over.
    TakenOver,
    /// The ODS has a record again that this connection had deleted.
    LeftOver,
    /// The ODS has a record that neither the SIS nor the ledger knows. Unless told otherwise it is left alone.
    Unknown,
}

impl Discovered {
    /// In words, after a count: `3 missing at the ODS`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing at the ODS",
            Self::Unlike => "changed at the ODS by somebody else",
            Self::TakenOver => "at the ODS though the ledger did not have them",
            Self::LeftOver => "at the ODS again though they were deleted",
            Self::Unknown => "at the ODS that neither the SIS nor the ledger knows",
        }
    }
}

/// A record that cannot be sent until something is mended.
#[derive(Debug, Clone)]
pub struct Defect {
    /// The SIS object.
    pub object: ObjectKey,
    /// The element.
    pub element: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub fix: String,
}

/// A record that waits for another.
#[derive(Debug, Clone)]
pub struct Held {
    /// The SIS object.
    pub object: ObjectKey,
    /// The record.
    pub key: KeyHash,
    /// The member that refers to what is missing (`sectionReference`).
    pub reference: String,
    /// The resource that it names.
    pub upstream: &'static str,
    /// The record that it names.
    pub upstream_key: KeyHash,
}
