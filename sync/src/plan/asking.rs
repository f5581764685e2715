//! Asking the rules about objects, many at a time.
//!
//! A verdict is a pure function of the snapshot, so the objects of a resource are asked about in batches on every
//! processor. The answers come back in the order of the objects, whoever gave them.

use std::collections::{HashMap, VecDeque};
use std::panic::resume_unwind;
use std::thread::{self, ScopedJoinHandle, available_parallelism};

use rollcall_core::context::Context;
use rollcall_core::model::{KeyHash, NaturalKey, ResourceModel, Violation, content};
use rollcall_core::resource::{Resource, ResourceSpec};
use rollcall_core::sources::{Fingerprint, Mark, Omission, Sources};
use rollcall_core::value::Object;
use rollcall_core::verdict::{DecidedBy, ObjectKey, Problem, Rule, Verdict};

use super::Upstream;
use super::hidden::Hidden;
use super::references::Remembered;
use super::scope::{Rows, Scope};
use crate::check::Checker;

/// What the rules are asked with.
pub(super) struct Question<'a> {
    pub(super) cx: &'a Context<'a>,
    pub(super) checker: &'a Checker,
    pub(super) upstream: &'a Upstream,
    /// The students whose records the ODS will not take, where it asks whether they are the district's.
    pub(super) hidden: Option<&'a Hidden>,
    /// The filters of a resync; none for a sync.
    pub(super) resync: Option<&'a Scope>,
    /// The same for objects that have no record.
    pub(super) rows: Rows,
    /// Objects that a preference kept from reporting when the last run looked.
    pub(super) unreported: &'a HashMap<ObjectKey, Mark>,
    /// Whether the ledger or the ODS has something to compare with: only then fingerprints are made.
    pub(super) compares: bool,
}

/// What the rules say of one object.
pub(super) struct Answer {
    pub(super) object: ObjectKey,
    /// Whether the resync's filters take it in.
    pub(super) in_scope: bool,
    /// What the record leaves out though the SIS has it.
    pub(super) omissions: Vec<Omission>,
    pub(super) says: Says,
}

pub(super) enum Says {
    /// A record reports.
    Report(Report),
    /// A record would report, but a part of its natural key has no value.
    NoKey,
    /// A rule says so; where a preference has a part in it, with what was read.
    Exclude(&'static Rule, Option<KeptBack>),
    Defect(Problem),
}

/// What a plan has to know of a record: its body is built again when it is sent.
pub(super) struct Report {
    pub(super) key: KeyHash,
    pub(super) prints: Option<Prints>,
    /// What the payload check found.
    pub(super) violations: Vec<Violation>,
    /// A reference that nothing at the ODS will answer.
    pub(super) missing: Option<Missing>,
    /// Whether the resync's filters take the record in.
    pub(super) in_scope: bool,
    /// Whether only a changed preference lets the object report.
    pub(super) released: bool,
}

/// The fingerprints of a record.
#[derive(Clone, Copy)]
pub(super) struct Prints {
    pub(super) source: Fingerprint,
    pub(super) payload: Fingerprint,
    /// Of what the body says, for a resync to compare with what the ODS gives back.
    pub(super) content: Option<Fingerprint>,
}

/// What was read for an object that a preference keeps from reporting.
#[derive(Clone, Copy)]
pub(super) struct KeptBack {
    pub(super) mark: Mark,
    /// Where SIS data decides too: what the object's record would be built from.
    source: Option<Fingerprint>,
}

impl KeptBack {
    /// What was read when a rule said no; none where no preference has a part in it.
    fn by(rule: &Rule, sources: &Sources) -> Option<Self> {
        match rule.decided_by {
            DecidedBy::Sis => None,
            DecidedBy::Preference => Some(Self { mark: sources.mark(), source: None }),
            DecidedBy::Both => Some(Self { mark: sources.mark(), source: Some(sources.fingerprint()) }),
        }
    }

    /// Whether a record that was built from this source has only a preference against it now.
    pub(super) fn explains(&self, source: Option<Fingerprint>) -> bool {
        self.source.is_none() || self.source == source
    }
}

/// A reference to a record that will not be at the ODS.
pub(super) struct Missing {
    /// The member that refers.
    pub(super) member: String,
    /// The resource that it names; `VISIBLE_BY` where the student's association is what is missing.
    pub(super) resource: &'static str,
    /// The record that it names; for `VISIBLE_BY` the student.
    pub(super) key: KeyHash,
}

/// So many objects are asked about by one thread in one go.
const BATCH: usize = 4_096;

/// Asks the rules about every object of a resource, and hands the answers on in the order of the objects.
pub(super) fn ask<'a>(
    resource: &'static dyn Resource,
    model: &'static ResourceModel,
    question: &Question<'a>,
    take: &mut dyn FnMut(Answer),
) {
    // One batch more than can be worked on, so that no thread waits while answers are taken.
    let most = available_parallelism().map_or(1, usize::from) + 1;
    thread::scope(|scope| {
        let mut batch = Vec::new();
        let mut running: VecDeque<ScopedJoinHandle<'_, (Vec<Answer>, Remembered<'a>)>> = VecDeque::new();
        let mut idle = Vec::new();
        let mut join = |thread: ScopedJoinHandle<'_, (Vec<Answer>, Remembered<'a>)>| {
            let (answers, remembered) = thread.join().unwrap_or_else(|panic| resume_unwind(panic));
            answers.into_iter().for_each(&mut *take);
            remembered
        };
        resource.objects(question.cx, &mut |object| {
            batch.push(object);
            if batch.len() < BATCH {
                return;
            }
            if running.len() == most {
                idle.extend(running.pop_front().map(&mut join));
            }
            let objects = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
            let remembered = idle.pop().unwrap_or_else(Remembered::new);
            running.push_back(scope.spawn(move || answers(resource, model, question, objects, remembered)));
        });
        idle.extend(running.drain(..).map(&mut join));
        let (answers, _) = answers(resource, model, question, batch, idle.pop().unwrap_or_else(Remembered::new));
        answers.into_iter().for_each(take);
    });
}

fn answers<'a>(
    resource: &'static dyn Resource,
    model: &'static ResourceModel,
    question: &Question<'a>,
    objects: Vec<ObjectKey>,
    mut remembered: Remembered<'a>,
) -> (Vec<Answer>, Remembered<'a>) {
    let (mut sources, mut json) = (if question.compares { Sources::new() } else { Sources::ignored() }, Vec::new());
    let mut answer = |object| {
        sources.clear();
        let says = match resource.verdict(question.cx, object, &mut sources) {
            Verdict::Report(body) => match KeyHash::of(model, &body) {
                Some(key) => {
                    let prints = question.compares.then(|| {
                        body.write_json(&mut json);
                        let members = compared(resource.spec());
                        let content = question.resync.map(|_| content(&body, members.as_deref()));
                        Prints { source: sources.fingerprint(), payload: Fingerprint::of(&json), content }
                    });
                    let mut report = report((object, key), &body, prints, model, question, &mut remembered);
                    report.released = question.unreported.get(&object).is_some_and(|mark| sources.begins_with(mark));
                    Says::Report(report)
                }
                None => Says::NoKey,
            },
            Verdict::Exclude(exclusion) => {
                let rule = exclusion.rule;
                let again = (!question.compares && rule.decided_by != DecidedBy::Sis).then(|| {
                    // What was read is noted for the next plan.
                    let mut sources = Sources::new();
                    resource.verdict(question.cx, object, &mut sources);
                    sources
                });
                Says::Exclude(rule, KeptBack::by(rule, again.as_ref().unwrap_or(&sources)))
            }
            Verdict::Defect(problem) => Says::Defect(problem),
        };
        // What does not report leaves nothing out.
        let (in_scope, omitted) = match &says {
            Says::Report(report) => (report.in_scope, sources.omissions()),
            Says::NoKey | Says::Exclude(..) | Says::Defect(_) => {
                (question.rows.contain(question.cx.snapshot, object), &[][..])
            }
        };
        Answer { object, in_scope, omissions: if in_scope { omitted.to_vec() } else { Vec::new() }, says }
    };
    let answers = objects.into_iter().map(&mut answer).collect();
    (answers, remembered)
}

fn report<'a>(
    (object, key): (ObjectKey, KeyHash),
    body: &Object<'a>,
    prints: Option<Prints>,
    model: &'static ResourceModel,
    question: &Question<'a>,
    remembered: &mut Remembered<'a>,
) -> Report {
    let limited = question.resync.filter(|scope| !scope.is_all());
    Report {
        key,
        prints,
        violations: question.checker.violations(model, body),
        in_scope: limited.is_none_or(|scope| NaturalKey::of(model, body).is_some_and(|key| scope.contains(&key))),
        released: false,
        missing: remembered.missing(question, model, object, body),
    }
}

/// The members of a record that count when it is compared with the ODS's: of a record that several districts write, those
/// that this one writes; of others all.
pub(crate) fn compared(spec: &ResourceSpec) -> Option<Vec<&'static str>> {
    let names = spec.elements.iter().map(|element| element.name.split('.').next().unwrap_or(element.name));
    spec.shared.then(|| names.collect())
}
