//! How steps become requests: a pipeline without a barrier.
//!
//! Steps of one dependency level go out together, whatever their resource. While requests are in flight, the bodies of the
//! next chunk are built and its intents written, so that the connections are never idle for want of the ledger. Only
//! between levels everything is waited for: what a record refers to is answered before the record goes.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::stream::{FuturesUnordered, StreamExt as _};
use rollcall_core::model::KeyHash;
use rollcall_core::resource::Resource;
use rollcall_ledger::{Change, LedgerError};
use rollcall_transport::{Outcome as Answer, ResourcePath, TransportErrorKind};
use tokio::sync::oneshot;
use tokio::time::MissedTickBehavior;

use super::writer::{Identity, gone};
use super::{Job, Prepared, delete, send};
use crate::check::Checker;
use crate::plan::{Action, Phase, Plan, Step, Steps, sent_after};

/// How many steps are prepared, and their intents written, at a time.
const CHUNK: usize = 256;

/// Longest wait of an outcome for others to be written with.
const FLUSH: Duration = Duration::from_millis(100);

/// The steps of one resource in a level.
pub(super) struct Lane<'s> {
    /// The resource's place in the plan.
    pub(super) at: usize,
    pub(super) name: &'static str,
    /// None for deletes.
    pub(super) resource: Option<&'static dyn Resource>,
    /// All steps of the resource; the lane has those of its phase.
    pub(super) steps: Option<&'s Steps>,
    pub(super) phase: Phase,
    /// Whether a record whose person is not yet visible is put aside for the end of the run instead of being refused.
    pub(super) park: bool,
}

impl<'s> Lane<'s> {
    /// Its steps, so many at a time.
    fn chunks(&self) -> impl Iterator<Item = Vec<Step>> + use<'s> {
        let phase = self.phase;
        let mut steps = self.steps.into_iter().flat_map(move |steps| steps.of(phase));
        std::iter::from_fn(move || {
            let chunk: Vec<Step> = steps.by_ref().take(CHUNK).collect();
            (!chunk.is_empty()).then_some(chunk)
        })
    }

    /// How many they are.
    fn len(&self) -> usize {
        self.steps.map_or(0, |steps| steps.len_of(self.phase))
    }
}

/// A step on its way.
struct Task {
    lane: usize,
    step: Step,
    prepared: Prepared,
}

/// The chunk that is being prepared.
enum Feed {
    Idle,
    /// Its records' identities are being read.
    Identities(usize, Vec<Step>, oneshot::Receiver<Vec<Identity>>),
    /// Its intents are being written.
    Intents(Vec<Task>, oneshot::Receiver<()>),
}

/// What the ledger answered to a feed.
enum Fed {
    Identities(usize, Vec<Step>, Vec<Identity>),
    Intents(Vec<Task>),
}

impl Feed {
    const fn is_idle(&self) -> bool {
        matches!(self, Self::Idle)
    }

    /// Waits for the ledger. Cancel safe: what was not answered stays.
    async fn next(&mut self) -> Result<Fed, LedgerError> {
        let fed = match self {
            Self::Idle => std::future::pending().await,
            Self::Identities(lane, steps, answer) => {
                let identities = answer.await.map_err(|_| gone())?;
                Fed::Identities(*lane, std::mem::take(steps), identities)
            }
            Self::Intents(tasks, answer) => {
                answer.await.map_err(|_| gone())?;
                Fed::Intents(std::mem::take(tasks))
            }
        };
        *self = Self::Idle;
        Ok(fed)
    }
}

/// The levels of a plan: resources that do not refer to each other, upstream before downstream.
pub(super) fn levels(plan: &Plan, checker: &Checker) -> Vec<Vec<usize>> {
    let mut levels: Vec<Vec<usize>> = Vec::new();
    for (at, part) in plan.resources.iter().enumerate() {
        let after = sent_after(part.name, checker);
        let last = levels.last_mut().filter(|level| level.iter().all(|at| !after.contains(&plan.resources[*at].name)));
        match last {
            Some(level) => level.push(at),
            None => levels.push(vec![at]),
        }
    }
    levels
}

impl Job<'_, '_> {
    /// Carries out the steps of one level.
    pub(super) async fn carry(&mut self, action: Action, lanes: Vec<Lane<'_>>) -> Result<(), LedgerError> {
        let lanes: Vec<Lane<'_>> = lanes.into_iter().filter(|lane| lane.len() > 0).collect();
        if lanes.is_empty() || self.is_stopping() {
            return Ok(());
        }
        let run = self.run;
        let names: Vec<&str> = lanes.iter().map(|lane| lane.name).collect();
        run.progress.begin(&names.join(", "), action, lanes.iter().map(Lane::len).sum());
        let paths: Vec<ResourcePath> = lanes.iter().map(|lane| run.checker.path(lane.name)).collect();
        // Requests that wait before they are repeated hold no connection; the client sees to the number in flight.
        let places = 2 * run.config.connection.concurrency;
        let mut chunks = lanes.iter().enumerate().flat_map(|(lane, of)| of.chunks().map(move |steps| (lane, steps)));
        let mut ready: VecDeque<Task> = VecDeque::new();
        let mut requests = FuturesUnordered::new();
        let mut feed = Feed::Idle;
        let mut flush = tokio::time::interval(FLUSH);
        flush.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            if feed.is_idle()
                && ready.len() < CHUNK
                && !self.is_stopping()
                && let Some((lane, steps)) = chunks.next()
            {
                feed = self.feed(&lanes, lane, steps);
            }
            while requests.len() < places
                && let Some(task) = ready.pop_front()
            {
                if self.is_stopping() {
                    self.take_back(lanes[task.lane].name, &task.prepared);
                    continue;
                }
                let (stopping, path, lane) = (Arc::clone(&self.stopping), &paths[task.lane], &lanes[task.lane]);
                requests.push(async move {
                    if stopping.load(Ordering::Relaxed) {
                        return (task, None);
                    }
                    let answer = match lane.resource {
                        Some(_) => send::request(run.client, path, &task.prepared).await,
                        None => delete::request(run.client, path, run.checker.model(lane.name), &task.prepared).await,
                    };
                    match answer {
                        // Not sent: that the run was told to stop says nothing about the record.
                        Answer::Stop(error) if error.kind() == TransportErrorKind::Halted => return (task, None),
                        Answer::Stop(_) => stopping.store(true, Ordering::Relaxed),
                        _ => {}
                    }
                    (task, Some(answer))
                });
            }
            if requests.is_empty() && feed.is_idle() {
                break;
            }
            tokio::select! {
                // What is answered makes room; the feed is ahead anyway.
                biased;
                Some((task, answer)) = requests.next(), if !requests.is_empty() => {
                    run.progress.advance();
                    self.note(&lanes[task.lane], &task.step, &task.prepared, answer);
                }
                answer = feed.next(), if !feed.is_idle() => match answer? {
                    Fed::Identities(lane, steps, identities) => {
                        feed = self.intend(&lanes[lane], lane, steps, identities);
                    }
                    Fed::Intents(tasks) => ready.extend(tasks),
                },
                _ = flush.tick(), if !self.outcomes.is_empty() => self.write_outcomes(),
            }
        }
        self.write_outcomes();
        run.progress.end();
        Ok(())
    }

    /// Begins with a chunk: its intents, or first the identities that they need.
    fn feed(&mut self, lanes: &[Lane<'_>], lane: usize, steps: Vec<Step>) -> Feed {
        let of = &lanes[lane];
        let known = |step: &&Step| of.resource.is_none() || step.action == Action::Update;
        let key = |step: &Step| step.from.or(step.key).expect("only what is new has no key");
        let keys: Vec<KeyHash> = steps.iter().filter(known).map(key).collect();
        if keys.is_empty() {
            return self.intend(of, lane, steps, Vec::new());
        }
        Feed::Identities(lane, steps, self.writer.identities(of.name, keys))
    }

    /// Builds what a chunk sends and has its intents written; `identities` are of its updates or deletes, in order.
    fn intend(&mut self, of: &Lane<'_>, lane: usize, steps: Vec<Step>, identities: Vec<Identity>) -> Feed {
        // One transaction for what was answered and what goes next.
        let mut changes = std::mem::take(&mut self.outcomes);
        changes.reserve(steps.len());
        let prepared = match of.resource {
            Some(resource) => {
                let updates = steps.iter().filter(|step| step.action == Action::Update);
                let known: HashMap<KeyHash, _> = updates
                    .zip(identities)
                    .filter_map(|(step, found)| found.and_then(|(key, id)| Some((step.key?, (key, id?)))))
                    .collect();
                self.intend_sends(of.at, resource, steps, known, &mut changes)
            }
            None => self.intend_deletes(of.at, of.name, steps, identities, &mut changes),
        };
        let tasks = prepared.into_iter().map(|(step, prepared)| Task { lane, step, prepared });
        Feed::Intents(tasks.collect(), self.writer.write(changes))
    }

    fn write_outcomes(&mut self) {
        if !self.outcomes.is_empty() {
            self.writer.write_later(std::mem::take(&mut self.outcomes));
        }
    }

    /// Not sent, as the run stops, or not taken yet.
    pub(super) fn take_back(&mut self, resource: &'static str, prepared: &Prepared) {
        self.outcomes.push(Change::Unsent { resource, key: prepared.key });
    }

    fn note(&mut self, lane: &Lane<'_>, step: &Step, prepared: &Prepared, answer: Option<Answer>) {
        let Some(answer) = answer else { return self.take_back(lane.name, prepared) };
        if let Answer::Stop(error) = &answer
            && error.left_nothing()
        {
            // It ends the run, and says nothing about the record.
            self.stopped.get_or_insert_with(|| error.clone());
            return self.take_back(lane.name, prepared);
        }
        match lane.resource {
            Some(_) => self.note_sent(lane.at, lane.name, step, prepared, answer, lane.park),
            None => self.note_deleted(lane.at, lane.name, prepared, answer),
        }
    }
}
