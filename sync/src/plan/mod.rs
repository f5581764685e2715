//! What a sync would do: the difference between what the rules report and what the ODS holds, as far as we know.

mod candidates;
mod compare;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use rollcall_core::config::Config;
use rollcall_core::context::Context;
use rollcall_core::model::KeyHash;
use rollcall_core::resource::{Resource, ResourceSpec};
use rollcall_core::sources::Omission;
use rollcall_core::verdict::{ObjectKey, Rule};
use rollcall_ledger::{Change, Ledger, LedgerError};
use rollcall_transport::{OrderError, dependency_order};
use thiserror::Error;

use crate::check::Checker;

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
    Partial(BTreeSet<String>),
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
            Self::Partial(tables) => !spec.gathers.iter().any(|table| tables.contains(*table)),
        }
    }
}

/// What happens with one resource.
pub struct ResourcePlan {
    /// The resource.
    pub resource: &'static dyn Resource,
    /// Whether it is toggled off: then nothing is sent and nothing deleted.
    pub off: bool,
    /// Requests, writes and deletes.
    pub steps: Vec<Step>,
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
    /// Records that report.
    pub reported: u64,
    /// Records that the ODS holds as they are.
    pub unchanged: u64,
    /// Records that a changed preference would change: they wait for a resync.
    pub waiting: u64,
    /// Records that stay at the ODS though nothing reports them: shared between districts, or defective now.
    pub kept: u64,
    /// Deletes and updates that are withheld, since rows of the tables could not be read.
    pub withheld: u64,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Step {
    /// What to do.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// The object whose data is sent; for a delete, one of those that stood behind the record.
    pub object: ObjectKey,
    /// The other objects behind the record.
    pub others: Vec<ObjectKey>,
    /// The record.
    pub key: KeyHash,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// POST.
    Create,
    /// PUT.
    Update,
    /// DELETE.
    Delete,
}

/// Why a step is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
}

/// A plan that cannot be made.
#[derive(Debug, Error)]
pub enum PlanError {
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The resources refer to each other in a circle.
    #[error("the state's resources have no order: {0}")]
    Order(#[from] OrderError),
}

impl Plan {
    /// Compares what the rules report with the ledger; none when the connection has sent nothing yet.
    pub fn make(
        config: &Config,
        cx: &Context<'_>,
        ledger: Option<&dyn Ledger>,
        checker: &Checker,
        extract: &Extract,
    ) -> Result<Self, PlanError> {
        let mut plan = Self { resources: Vec::new(), delivered: 0 };
        let mut upstream = Upstream { keys: HashSet::new(), sent: HashSet::new() };
        let ordered = in_order(config, checker)?;
        for (at, resource) in ordered.iter().enumerate() {
            let name = resource.spec().name;
            let off = !config.preferences.is_on(name);
            let entries = ledger.map_or(Ok(Vec::new()), |ledger| ledger.entries(name))?;
            plan.delivered += entries.iter().filter(|e| e.state == rollcall_ledger::State::Delivered).count();
            if off {
                plan.resources.push(ResourcePlan::toggled_off(*resource));
                continue;
            }
            let objects = ledger.map_or(Ok(Vec::new()), |ledger| ledger.objects(name))?;
            let candidates = candidates::collect(*resource, cx, checker, &upstream);
            let referred = ordered[at + 1..].iter().any(|r| checker.upstream(r.spec().name).contains(&name));
            let keys = referred.then_some(&mut upstream.keys);
            plan.resources.push(compare::compare(*resource, candidates, entries, objects, keys, extract));
            upstream.sent.insert(name);
        }
        Ok(plan)
    }

    /// The number of steps of an action.
    pub fn count(&self, action: Action) -> usize {
        self.resources.iter().flat_map(|part| &part.steps).filter(|step| step.action == action).count()
    }

    /// Deletes without a post in their place.
    pub fn losses(&self) -> usize {
        let gone = |step: &&Step| step.action == Action::Delete && step.reason != Reason::KeyChanged;
        self.resources.iter().flat_map(|part| &part.steps).filter(gone).count()
    }

    /// Whether the plan deletes more than the limit allows. Ten deletes are always allowed: in a small district a
    /// share says nothing.
    pub fn exceeds(&self, limit: f64) -> bool {
        let losses = self.losses();
        losses > 10 && losses as f64 > limit * self.delivered as f64
    }

    /// Whether nothing has to be sent.
    pub fn is_empty(&self) -> bool {
        self.resources.iter().all(|part| part.steps.is_empty())
    }
}

impl ResourcePlan {
    fn toggled_off(resource: &'static dyn Resource) -> Self {
        Self { off: true, ..Self::new(resource) }
    }

    fn new(resource: &'static dyn Resource) -> Self {
        Self {
            resource,
            off: false,
            steps: Vec::new(),
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
        }
    }

    /// The resource's name.
    pub fn name(&self) -> &'static str {
        self.resource.spec().name
    }

    /// Objects with a defect; one may have several.
    pub fn defective_objects(&self) -> usize {
        self.defects.iter().map(|defect| defect.object).collect::<HashSet<_>>().len()
    }

    /// The number of steps of an action.
    pub fn count(&self, action: Action) -> usize {
        self.steps.iter().filter(|step| step.action == action).count()
    }
}

/// The records that will be at the ODS when the resources before are done.
struct Upstream {
    keys: HashSet<KeyHash>,
    /// The resources that this connection sends, and whose keys are therefore all in `keys`. A reference to another
    /// one (state-owned, or toggled off) is taken on trust: the ODS has the last word.
    sent: HashSet<&'static str>,
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
fn sent_after<'a>(resource: &str, checker: &'a Checker) -> Vec<&'a str> {
    const VISIBLE_BY: &str = "studentSchoolAssociations";
    let mut names = checker.upstream(resource);
    let asks = checker
        .model(resource)
        .is_some_and(|model| model.authorization_subjects.iter().any(|subject| subject == "studentUniqueId"));
    if asks && resource != VISIBLE_BY && resource != "students" {
        names.push(VISIBLE_BY);
    }
    names
}
