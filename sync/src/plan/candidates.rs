//! What one resource's rules report now.

use std::collections::{BTreeMap, HashMap, HashSet};

use rollcall_core::model::{KeyHash, KeyMap};
use rollcall_core::resource::Resource;
use rollcall_core::sources::{Fingerprint, Omission};
use rollcall_core::verdict::{ObjectKey, Rule};

use super::asking::{Answer, KeptBack, Missing, Question, Report, Says, ask};
use super::{Defect, PAYLOAD_FIX};
use crate::naming::VISIBLE_BY;

/// The records that report, and what does not.
#[derive(Default)]
pub(super) struct Candidates {
    pub(super) records: Records,
    pub(super) excluded: BTreeMap<&'static str, (&'static Rule, u64)>,
    pub(super) defects: Vec<Defect>,
    /// What records leave out though the SIS has it, and how many do.
    pub(super) omissions: BTreeMap<Omission, u64>,
    /// Objects that would report if something were mended: what stood for them at the ODS stays.
    pub(super) defective: HashSet<ObjectKey>,
    /// Objects that a preference excludes: what stood for them waits for a resync.
    pub(super) excluded_by_preference: HashMap<ObjectKey, KeptBack>,
}

/// Records in the order in which the rules gave them, each key once.
#[derive(Default)]
pub(super) struct Records {
    list: Vec<Candidate>,
    at: KeyMap<u32>,
}

/// One record that reports. There are as many as there are records, so it is kept small.
pub(super) struct Candidate {
    pub(super) key: KeyHash,
    /// The newest object behind it, whose data it has.
    pub(super) object: ObjectKey,
    /// The other objects behind it.
    pub(super) others: Vec<ObjectKey>,
    pub(super) source: Fingerprint,
    pub(super) payload: Fingerprint,
    /// A reference that nothing at the ODS will answer.
    pub(super) missing: Option<Box<Missing>>,
    /// The payload check found something; the defects say what.
    pub(super) faulty: bool,
    /// What the body says, for a resync to compare with what the ODS gives back.
    pub(super) content: Option<Fingerprint>,
    /// Whether the resync's filters take the record in.
    pub(super) in_scope: bool,
    /// Whether only a changed preference lets its objects report.
    pub(super) released: bool,
}

/// Asks the rules about every object of a resource.
pub(super) fn collect(resource: &'static dyn Resource, question: &Question<'_>) -> Candidates {
    let mut candidates = Candidates::default();
    let Some(model) = question.checker.model(resource.spec().name) else { return candidates };
    let first_of_key = model.identity.first().map_or("", |part| part.name.as_str());
    ask(resource, model, question, &mut |answer| candidates.take(answer, first_of_key));
    candidates
}

impl Candidates {
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
        let Report { key, source, payload, violations, missing, content, in_scope, mut released } = report;
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
        self.records.put(Candidate {
            key,
            object,
            others,
            source,
            payload,
            missing,
            faulty,
            content,
            in_scope,
            released,
        });
    }
}

impl Records {
    fn get_mut(&mut self, key: &KeyHash) -> Option<&mut Candidate> {
        self.at.get(key).map(|at| &mut self.list[*at as usize])
    }

    /// Adds a record, in the place of the one with the same key if there is one.
    fn put(&mut self, candidate: Candidate) {
        let end = u32::try_from(self.list.len()).expect("a resource has fewer than 2^32 records");
        let at = *self.at.entry(candidate.key).or_insert(end);
        match self.list.get_mut(at as usize) {
            Some(known) => *known = candidate,
            None => self.list.push(candidate),
        }
    }

    pub(super) fn contains(&self, key: &KeyHash) -> bool {
        self.at.contains_key(key)
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, Candidate> {
        self.list.iter()
    }

    /// Takes the records out, in the order of the SIS's own ids: stable, and kind to the server's indexes. Which keys
    /// there are stays known.
    pub(super) fn take_in_order(&mut self) -> Vec<Candidate> {
        let mut list = std::mem::take(&mut self.list);
        if !list.is_sorted_by_key(|candidate| candidate.object) {
            list.sort_unstable_by_key(|candidate| candidate.object);
        }
        list
    }
}

impl Candidate {
    /// Whether it waits for an enrollment of its student to be mended.
    pub(super) fn is_hidden(&self) -> bool {
        self.missing.as_ref().is_some_and(|missing| missing.resource == VISIBLE_BY)
    }

    /// The objects behind the record, the newest first.
    pub(super) fn objects(&self) -> impl Iterator<Item = ObjectKey> {
        std::iter::once(self.object).chain(self.others.iter().copied())
    }
}
