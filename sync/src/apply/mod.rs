//! Carrying out a plan.
//!
//! Deletes go first, downstream before upstream, but for what lets the key at the records to delete; then creates and
//! updates, upstream before downstream. Intent is in the
//! ledger before a request is sent and its outcome after, so a run that is killed anywhere goes on with the next one.

mod delete;
mod failure;
mod pipeline;
mod send;
mod writer;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use rollcall_core::config::Config;
use rollcall_core::context::Context;
use rollcall_core::model::{KeyHash, NaturalKey};
use rollcall_core::sources::Fingerprint;
use rollcall_core::verdict::ObjectKey;
use rollcall_ledger::{Change, Ledger, LedgerError, Operation};
use rollcall_transport::{Client, Outcome as Answer, RefusalClass, TransportError};

use crate::advice::Absentees;
use crate::check::Checker;
use crate::plan::{Action, Phase, Plan, Reason, ResourcePlan, Step, Steps};
use crate::progress::Progress;
use crate::summary::{ResourceSummary, Summary, Traffic};
use failure::Blocker;
use pipeline::Lane;
use writer::Writer;

/// What a plan is carried out with.
pub struct Run<'a> {
    /// The configuration that the plan was made with.
    pub config: &'a Config,
    /// The context that the plan was made with: bodies are built again from it when they are sent.
    pub cx: Context<'a>,
    /// The ODS. When it is halted, the run comes to its end: what was not begun is taken back.
    pub client: &'a Client,
    /// The payload check that the plan was made with.
    pub checker: &'a Checker,
    /// Is told how far the run is.
    pub progress: &'a dyn Progress,
    /// The time, ISO 8601 UTC.
    pub now: fn() -> String,
    /// The run's number in the ledger.
    pub number: i64,
}

/// How carrying out a plan ended.
pub struct Applied {
    /// What was done.
    pub summary: Summary,
    /// Why it stopped before its end, if it did by itself.
    pub stopped: Option<TransportError>,
}

/// Carries out a plan. Gives the ledger back with what was done; an error means that the ledger itself failed, and then
/// nothing more was sent.
pub async fn apply(
    plan: &Plan,
    run: &Run<'_>,
    ledger: Box<dyn Ledger>,
) -> (Box<dyn Ledger>, Result<Applied, LedgerError>) {
    let writer = Writer::start(ledger);
    let mut job = Job {
        run,
        writer: &writer,
        summary: Summary::of(plan),
        failed: HashMap::new(),
        unseen: HashMap::new(),
        hidden: HashSet::new(),
        named: HashMap::new(),
        seen: HashMap::new(),
        parked: Vec::new(),
        outcomes: Vec::new(),
        stopped: None,
        stopping: Arc::new(AtomicBool::new(false)),
        absentees: Mutex::default(),
    };
    let result = job.carry_out(plan).await;
    let Job { mut summary, stopped, .. } = job;
    let statistics = run.client.statistics();
    summary.requests = statistics.posts + statistics.puts + statistics.deletes;
    summary.retries = statistics.retries;
    let traffic = run.client.traffic();
    for part in &mut summary.resources {
        part.traffic = traffic.get(&part.resource).copied().map(Traffic::from);
    }
    let (ledger, written) = writer.finish();
    // What the ledger itself says comes first: the rest only noticed that it had failed.
    (ledger, written.and(result).map(|()| Applied { summary, stopped }))
}

/// A plan that is being carried out.
struct Job<'a, 'r> {
    run: &'a Run<'r>,
    writer: &'a Writer,
    summary: Summary,
    /// Records that are not at the ODS though the plan wanted them there, with what has to be mended: what refers to them
    /// is held.
    failed: HashMap<KeyHash, Blocker>,
    /// Students of whom an association is among those.
    unseen: HashMap<KeyHash, Blocker>,
    /// Of these, the students whose records the ODS has refused for it: no other association makes them visible.
    hidden: HashSet<KeyHash>,
    /// Records that one which could not be deleted names: they cannot be deleted either.
    named: HashMap<KeyHash, Blocker>,
    /// Students of such records: what makes them visible has to stay.
    seen: HashMap<KeyHash, Blocker>,
    /// Steps to try once more at the end: the person was not yet visible to the key.
    parked: Vec<(usize, Step)>,
    /// Outcomes to be written with the next intents, or soon.
    outcomes: Vec<Change>,
    stopped: Option<TransportError>,
    /// Set as soon as the run has to stop, so that no further request is begun.
    stopping: Arc<AtomicBool>,
    /// What was found out about records that others refer to and that are not there.
    absentees: Mutex<Absentees>,
}

/// A step with what is sent.
struct Prepared {
    object: ObjectKey,
    /// The record as the ledger has it: what the outcome is noted of.
    natural_key: NaturalKey,
    key: KeyHash,
    /// The record as it will be, when the request changes its natural key.
    rekeyed: Option<NaturalKey>,
    ods_id: Option<String>,
    operation: Operation,
    body: Bytes,
    source: Fingerprint,
    payload: Fingerprint,
}

impl Prepared {
    /// The record as it will be.
    fn next_key(&self) -> KeyHash {
        self.rekeyed.as_ref().map_or(self.key, NaturalKey::hash)
    }
}

impl Job<'_, '_> {
    async fn carry_out(&mut self, plan: &Plan) -> Result<(), LedgerError> {
        self.note_what_is_not_sent(plan).await?;
        let levels = pipeline::levels(plan, self.run.checker);
        let lanes = |level: &Vec<usize>, phase| level.iter().map(|at| lane(plan, *at, phase)).collect();
        for level in &levels {
            self.carry(Action::Create, lanes(level, Phase::Ahead)).await?;
        }
        for level in levels.iter().rev() {
            self.carry(Action::Delete, lanes(level, Phase::Deletes)).await?;
        }
        for level in &levels {
            self.carry(Action::Create, lanes(level, Phase::Writes)).await?;
        }
        // A student that another district created is ours to update only when the association is there.
        for (at, step) in std::mem::take(&mut self.parked) {
            let (phase, steps) = (step.phase(), Steps::from_iter([step]));
            let lane = Lane { steps: Some(&steps), park: false, ..lane(plan, at, phase) };
            self.carry(Action::Create, vec![lane]).await?;
        }
        Ok(())
    }

    /// Defects, held records and the changes that need no request.
    async fn note_what_is_not_sent(&mut self, plan: &Plan) -> Result<(), LedgerError> {
        for (at, part) in plan.resources.iter().enumerate() {
            let resource = part.name;
            let mut changes = Vec::new();
            // A plan of single records, or of a resource that is off, does not know all of its defects.
            if !part.partial && !part.off {
                changes.push(Change::ForgetDefects { resource });
            }
            changes.extend(part.changes.iter().cloned());
            changes.extend(part.defects.chunk_by(|a, b| a.object == b.object).map(|all| self.defect(resource, all)));
            for held in &part.held {
                let prepared = part.resource.and_then(|resource| self.prepare(resource, held.object, None));
                let Some(prepared) = prepared else { continue };
                let blocker = self.failed.get(&held.upstream_key).cloned();
                let blocker = blocker.unwrap_or_else(|| self.absent(held));
                changes.push(self.held(resource, &prepared, (&held.reference, held.upstream), &blocker));
                self.fail(held.key, &prepared.natural_key, blocker);
                self.resource_summary(at).school(&prepared.natural_key).held += 1;
            }
            changes.extend(self.pending(part));
            self.writer.write(changes).await.map_err(|_| writer::gone())?;
        }
        Ok(())
    }

    /// Posts that come after a delete of the same record under another key: whatever happens to the run in between, the
    /// ledger says that they are still to be sent.
    fn pending(&self, part: &ResourcePlan) -> Vec<Change> {
        let posts = part.steps.iter().filter(|s| s.action == Action::Create && s.reason == Reason::KeyChanged);
        posts
            .filter_map(|step| self.prepare(part.resource?, step.object, None))
            .map(|prepared| Change::Pending { resource: part.name, natural_key: prepared.natural_key })
            .collect()
    }

    fn resource_summary(&mut self, at: usize) -> &mut ResourceSummary {
        &mut self.summary.resources[at]
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed) || self.run.client.is_halted()
    }
}

/// What a plan does with a resource in a phase.
fn lane(plan: &Plan, at: usize, phase: Phase) -> Lane<'_> {
    let part = &plan.resources[at];
    let deletes = phase == Phase::Deletes;
    let resource = part.resource.filter(|_| !deletes);
    // Without rules nothing can be built.
    let steps = (deletes || resource.is_some()).then_some(&part.steps);
    Lane { at, name: part.name, resource, steps, phase, park: true }
}

/// Whether a refusal means that the ODS does not connect the person with this key yet.
fn is_not_yet_visible(answer: &Answer) -> bool {
    matches!(answer, Answer::Refused(refused) if refused.class == RefusalClass::NotYetVisible)
}
