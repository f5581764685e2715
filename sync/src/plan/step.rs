//! One request of a plan: what to do, and why.

use rollcall_core::model::KeyHash;
use rollcall_core::resource::Resource;
use rollcall_core::sources::Sources;
use rollcall_core::verdict::{ObjectKey, Verdict};
use serde::{Deserialize, Serialize};

use super::ResourcePlan;
use super::planner::Sides;
use crate::naming::natural_key;

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What to do.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// The object whose data is sent; for a delete, one of those that stood behind the record.
    pub object: ObjectKey,
    /// The record. None for one that is new: its natural key follows from its object's data.
    pub key: Option<KeyHash>,
    /// The other objects behind the record.
    pub others: Vec<ObjectKey>,
    /// The record as the ODS has it, when the request changes its natural key in place.
    pub from: Option<KeyHash>,
    /// Whether it goes before the deletes.
    pub(super) ahead: bool,
}

impl Step {
    /// A request about a record with one object behind it.
    pub(crate) const fn new(action: Action, reason: Reason, object: ObjectKey, key: Option<KeyHash>) -> Self {
        Self { action, reason, object, key, others: Vec::new(), from: None, ahead: false }
    }

    /// When it goes.
    pub const fn phase(&self) -> Phase {
        match self.action {
            Action::Delete => Phase::Deletes,
            Action::Create | Action::Update if self.ahead => Phase::Ahead,
            Action::Create | Action::Update => Phase::Writes,
        }
    }

    /// The record's key, also of one that is new.
    pub(super) fn record(&self, sides: Sides<'_>, resource: Option<&'static dyn Resource>) -> Option<KeyHash> {
        self.key.or_else(|| {
            let model = sides.checker.model(resource?.spec().name)?;
            natural_key(resource?, sides.cx, model, self.object).map(|key| key.hash())
        })
    }

    /// The records that the record to be written refers to; `part` is of its resource.
    pub(super) fn references(&self, sides: Sides<'_>, part: &ResourcePlan) -> Vec<KeyHash> {
        let mut keys = Vec::new();
        let verdict = part
            .resource
            .filter(|_| self.action != Action::Delete)
            .map(|resource| resource.verdict(sides.cx, self.object, &mut Sources::ignored()));
        if let Some((body, model)) = verdict.and_then(Verdict::report).zip(sides.checker.model(part.name)) {
            sides.checker.references(model, &body, &mut |_, _, key| keys.push(key));
        }
        keys
    }

    /// The objects behind the record, the newest first.
    pub fn objects(&self) -> Vec<ObjectKey> {
        std::iter::once(self.object).chain(self.others.iter().copied()).collect()
    }
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// POST.
    Create,
    /// PUT.
    Update,
    /// DELETE.
    Delete,
}

/// When a step goes: the phases of a run, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Before the deletes: what lets the key at records that are to be deleted.
    Ahead,
    /// Deletes, downstream before upstream.
    Deletes,
    /// Creates and updates, upstream before downstream.
    Writes,
}

/// Why a step is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    /// The record is new.
    New,
    /// The SIS changed it.
    Changed,
    /// The SIS changed its natural key: delete/post.
    KeyChanged,
    /// Nothing reports it any more.
    Gone,
    /// The last try failed, or was interrupted.
    Again,
    /// Only a preference changed it: a resync sends it.
    Preference,
    /// A resync did not find it at the ODS.
    Missing,
    /// A resync found something else at the ODS than what was delivered.
    Unlike,
    /// A resync found it at the ODS again though it was deleted.
    LeftOver,
    /// A resync found it at the ODS, and neither the SIS nor the ledger knows it.
    Unknown,
    /// Somebody asked for it to be deleted.
    Asked,
}

impl Reason {
    /// Why, in words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::KeyChanged => "natural key changed",
            Self::Gone => "no longer reports",
            Self::Again => "the last try failed or was interrupted",
            Self::Preference => "a preference changed it",
            Self::Missing => "missing at the ODS",
            Self::Unlike => "changed at the ODS",
            Self::LeftOver => "at the ODS again though it was deleted",
            Self::Unknown => "unknown to the SIS and the ledger",
            Self::Asked => "asked for",
        }
    }
}
