//! What one resource's rules report now.

use std::collections::{BTreeMap, HashMap, HashSet};

use rollcall_core::model::KeyHash;
use rollcall_core::resource::Resource;
use rollcall_core::sources::{Fingerprint, Omission};
use rollcall_core::verdict::{ObjectKey, Rule};

use super::asking::{Answer, KeptBack, Missing, Prints, Question, Report, Says, ask};
use super::keyed::{Keyed, KeyedList};
use super::{Defect, PAYLOAD_FIX};
use crate::naming::VISIBLE_BY;

/// The records that report, and what does not.
#[derive(Default)]
pub(super) struct Candidates {
    /// In the order in which the rules gave them.
    pub(super) records: KeyedList<Candidate>,
    /// Whether one of them may wait for an enrollment of its student to be mended.
    pub(super) any_hidden: bool,
    pub(super) excluded: BTreeMap<&'static str, (&'static Rule, u64)>,
    pub(super) defects: Vec<Defect>,
    /// What records leave out though the SIS has it, and how many do.
    pub(super) omissions: BTreeMap<Omission, u64>,
    /// Objects that would report if something were mended: what stood for them at the ODS stays.
    pub(super) defective: HashSet<ObjectKey>,
    /// Objects that a preference excludes: what stood for them waits for a resync.
    pub(super) excluded_by_preference: HashMap<ObjectKey, KeptBack>,
}

/// One record that reports. There are as many as there are records, so it is kept small.
pub(super) struct Candidate {
    pub(super) key: KeyHash,
    /// The newest object behind it, whose data it has.
    pub(super) object: ObjectKey,
    /// The other objects behind it.
    pub(super) others: Vec<ObjectKey>,
    /// Made where there is something to compare with.
    pub(super) prints: Option<Prints>,
    /// A reference that nothing at the ODS will answer.
    pub(super) missing: Option<Box<Missing>>,
    /// The payload check found something; the defects say what.
    pub(super) faulty: bool,
    /// Whether the resync's filters take the record in.
    pub(super) in_scope: bool,
    /// Whether only a changed preference lets its objects report.
    pub(super) released: bool,
}

/// Asks the rules about every object of a resource; about as many records are to be expected as the ledger has.
pub(super) fn collect(resource: &'static dyn Resource, question: &Question<'_>, expected: usize) -> Candidates {
    let mut candidates = Candidates { records: KeyedList::with_capacity(expected), ..Candidates::default() };
    let Some(model) = question.checker.model(resource.spec().name) else { return candidates };
    let first_of_key = model.identity.first().map_or("", |part| part.name.as_str());
    ask(resource, model, question, &mut |answer| candidates.take(answer, first_of_key));
    candidates
}

impl Candidates {
    /// The records in the order of the SIS's own ids: stable, and kind to the server's indexes.
    pub(super) fn in_order(records: KeyedList<Candidate>) -> Vec<Candidate> {
        let mut list = records.into_list();
        if !list.is_sorted_by_key(|candidate| candidate.object) {
            list.sort_unstable_by_key(|candidate| candidate.object);
        }
        list
    }

    fn take(&mut self, answer: Answer, first_of_key: &str) {
        let Answer { object, omissions, says } = answer;
        for omission in omissions {
            *self.omissions.entry(omission).or_default() += 1;
        }
        match says {
            Says::Report(report) => self.report(object, report),
            Says::NoKey => {
                self.defective.insert(object);
                self.defects.push(Defect {
                    object,
                    element: first_of_key.to_owned(),
                    message: "a part of the natural key has no value".to_owned(),
                    fix: "see the element table (rollcall describe) and fill the columns of the key".to_owned(),
                });
            }
            Says::Exclude(rule, kept_back) => {
                self.excluded.entry(rule.name).or_insert((rule, 0)).1 += 1;
                self.excluded_by_preference.extend(kept_back.map(|kept_back| (object, kept_back)));
            }
            Says::Defect(problem) => {
                self.defective.insert(object);
                self.defects.push(Defect {
                    object,
                    element: problem.element.to_owned(),
                    message: problem.message,
                    fix: problem.fix,
                });
            }
        }
    }

    fn report(&mut self, object: ObjectKey, report: Report) {
        let Report { key, prints, violations, missing, in_scope, mut released } = report;
        // docs/readings.md, several objects with one natural key: the newest object's data; the others are kept.
        let mut others = Vec::new();
        if let Some(known) = self.records.get_mut(&key) {
            // One that reports for another reason than a preference is enough.
            known.released &= released;
            released = known.released;
            if known.object > object {
                known.others.push(object);
                return;
            }
            others.append(&mut known.others);
            others.push(known.object);
        }
        let faulty = !violations.is_empty();
        for violation in violations {
            self.defects.push(Defect {
                object,
                element: violation.path,
                message: violation.kind.to_string(),
                fix: PAYLOAD_FIX.to_owned(),
            });
        }
        if faulty {
            self.defective.insert(object);
        }
        let candidate = Candidate { key, object, others, prints, missing, faulty, in_scope, released };
        self.any_hidden |= candidate.is_hidden();
        self.records.put(candidate);
    }
}

impl Keyed for Candidate {
    fn key(&self) -> KeyHash {
        self.key
    }
}

impl Candidate {
    /// The fingerprint of what it was built from.
    pub(super) fn source(&self) -> Option<Fingerprint> {
        self.prints.map(|prints| prints.source)
    }

    /// The fingerprint of its body.
    pub(super) fn payload(&self) -> Option<Fingerprint> {
        self.prints.map(|prints| prints.payload)
    }

    /// The fingerprint of what its body says; in a resync.
    pub(super) fn content(&self) -> Option<Fingerprint> {
        self.prints.and_then(|prints| prints.content)
    }

    /// Whether it waits for an enrollment of its student to be mended.
    pub(super) fn is_hidden(&self) -> bool {
        self.missing.as_ref().is_some_and(|missing| missing.resource == VISIBLE_BY)
    }

    /// The objects behind the record, the newest first.
    pub(super) fn objects(&self) -> impl Iterator<Item = ObjectKey> {
        std::iter::once(self.object).chain(self.others.iter().copied())
    }
}
