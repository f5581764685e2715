//! What a sync would do: the difference between what the rules report and what the ODS holds, as far as we know.

mod ahead;
mod asking;
mod candidates;
mod compare;
mod entries;
mod former;
mod gone;
mod hidden;
mod key_changes;
mod keyed;
mod known;
mod named;
mod planner;
mod references;
mod resource_plan;
mod retry;
mod scope;
mod side;
mod step;
mod steps;
mod unknown;
mod waiting;
mod years;

use std::collections::BTreeSet;

use rollcall_core::config::Config;
use rollcall_core::model::{KeyHash, KeySet};
use rollcall_core::resource::{Resource, ResourceSpec};
use rollcall_core::tables::TableName;
use rollcall_ledger::LedgerError;
use rollcall_transport::{Client, OrderError, ReadError, dependency_order};
use thiserror::Error;

use crate::check::Checker;
use crate::naming::{VISIBLE_BY, asks_for_association};
use crate::ods::OdsSide;

pub(crate) use planner::Planner;
pub use planner::{Resync, Sides};
pub use resource_plan::{Defect, Discovered, Held, ResourcePlan};
pub use scope::Scope;
pub use step::{Action, Phase, Reason, Step};
pub use steps::Steps;

/// What to do about a body that the payload check does not let through.
pub(crate) const PAYLOAD_FIX: &str = "correct the SIS columns or the mapping that this element comes from";

/// A plan: one part for each resource, in dependency order.
pub struct Plan {
    /// The parts, upstream before downstream.
    pub resources: Vec<ResourcePlan>,
    /// Records at the ODS by the ledger, before the plan.
    pub delivered: usize,
}

/// Whether the tables hold the whole SIS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extract {
    /// Every row was read.
    Whole,
    /// Rows of these tables, or the tables whole, could not be read. What is missing may be unreadable rather than gone:
    /// until the tables are mended nothing is deleted for being gone, and nothing is changed that gathers its data from
    /// rows of such a table.
    Partial(BTreeSet<TableName>),
}

impl Extract {
    /// Whether records that were delivered may be deleted because nothing reports them.
    fn shows_what_is_gone(&self) -> bool {
        *self == Self::Whole
    }

    /// Whether what a resource's rules report of a record that was delivered can be relied on.
    fn shows_what_changed(&self, spec: &ResourceSpec) -> bool {
        match self {
            Self::Whole => true,
            Self::Partial(tables) => !spec.gathers.iter().any(|table| tables.contains(table)),
        }
    }
}

/// A plan that cannot be made.
#[derive(Debug, Error)]
pub enum PlanError {
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The ODS could not be read.
    #[error("cannot read {resource} from the ODS")]
    Read {
        /// The resource.
        resource: &'static str,
        /// Why.
        source: ReadError,
    },
    /// The resources refer to each other in a circle.
    #[error("the state's resources have no order: {0}")]
    Order(#[from] OrderError),
}

impl Plan {
    /// Compares what the rules report with what the ledger says that the ODS holds. With `resync`, what only a preference
    /// changed is planned too; the ODS itself is not asked ([`Plan::with_ods`] does that).
    pub fn make(sides: Sides<'_>, resync: Option<&Resync>) -> Result<Self, PlanError> {
        let mut planner = Planner::new(sides, resync)?;
        loop {
            while let Some(part) = planner.next()? {
                planner.take(part)?;
            }
            let Some(again) = planner.again()? else { return planner.finish() };
            planner = again;
        }
    }

    /// A resync's plan: compares the SIS, the ledger and the ODS itself, which is read resource by resource.
    pub async fn with_ods(sides: Sides<'_>, resync: &Resync, client: &Client) -> Result<Self, PlanError> {
        let mut planner = Planner::new(sides, Some(resync))?;
        loop {
            while let Some(mut part) = planner.next()? {
                let spec = part.resource().spec();
                if let Some(model) = sides.checker.model(spec.name).filter(|model| resync.scope.takes(model)) {
                    let members = asking::compared(spec);
                    let (queries, known) = (resync.scope.queries(), |key: &KeyHash| part.knows(key));
                    let path = sides.checker.path(spec.name);
                    let read = OdsSide::read(client, (&path, model), &queries, members.as_deref(), &known).await;
                    part.ods = Some(read.map_err(|source| PlanError::Read { resource: spec.name, source })?);
                }
                planner.take(part)?;
            }
            let Some(again) = planner.again()? else { return planner.finish() };
            planner = again;
        }
    }

    /// The number of steps of an action.
    pub fn count(&self, action: Action) -> usize {
        self.resources.iter().map(|part| part.count(action)).sum()
    }

    /// Deletes without a post in their place.
    pub fn losses(&self) -> usize {
        let gone =
            |step: &Step| step.action == Action::Delete && !matches!(step.reason, Reason::KeyChanged | Reason::Again);
        self.resources.iter().flat_map(|part| &part.steps).filter(gone).count()
    }

    /// Whether the plan deletes more than the limit allows. Ten deletes are always allowed: in a small district a
    /// share says nothing.
    pub fn exceeds(&self, limit: f64) -> bool {
        let losses = self.losses();
        losses > 10 && losses as f64 > limit * self.delivered as f64
    }

    /// Whether there is nothing to send and nothing to change in the identity mapping. The same tables, configuration and
    /// program give the same plan again, with the same to mend, as long as nothing is written into the ledger.
    pub fn is_settled(&self) -> bool {
        let idle = |part: &ResourcePlan| part.steps.is_empty() && part.changes.is_empty();
        self.resources.iter().all(|part| idle(part) && part.withheld == 0 && !part.partial)
    }

    /// Whether nothing has to be sent.
    pub fn is_empty(&self) -> bool {
        self.resources.iter().all(|part| part.steps.is_empty())
    }
}

/// The records that will be at the ODS when the resources before are done.
struct Upstream {
    keys: KeySet,
    /// The resources that this connection sends, and whose keys are therefore all in `keys`. A reference to another
    /// one (state-owned, or toggled off) is taken on trust: the ODS has the last word.
    sent: foldhash::HashSet<&'static str>,
}

impl Upstream {
    /// Whether a record of a resource that this connection sends will not be there.
    fn lacks(&self, resource: &str, key: &KeyHash) -> bool {
        self.sent.contains(resource) && !self.keys.contains(key)
    }
}

/// The state's resources, upstream before downstream, ties by name.
pub fn in_order(config: &Config, checker: &Checker) -> Result<Vec<&'static dyn Resource>, OrderError> {
    let upstream: Vec<(&str, Vec<&str>)> =
        config.state.resources.iter().map(|r| (r.spec().name, sent_after(r.spec().name, checker))).collect();
    let levels = dependency_order(upstream.iter().map(|(name, upstream)| (*name, upstream.as_slice())))?;
    Ok(levels.into_iter().flatten().filter_map(|name| config.state.resource(name)).collect())
}

/// The resources to send before one: those that it refers to, and, where the ODS asks whether a student is the
/// district's, the association that makes the student so.
pub(crate) fn sent_after<'a>(resource: &str, checker: &'a Checker) -> Vec<&'a str> {
    let mut names = checker.upstream(resource);
    if asks_for_association(checker, resource) {
        names.push(VISIBLE_BY);
    }
    names
}
