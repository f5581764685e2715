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
    /// The fingerprints of the records, in the same order; none where there is nothing to compare with.
    pub(super) prints: Vec<Prints>,
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
    /// Its place in the order in which the rules gave the records.
    at: u32,
    /// The payload check found something; the defects say what.
    pub(super) faulty: bool,
    /// Whether the resync's filters take the record in.
    pub(super) in_scope: bool,
    /// Whether only a changed preference lets its newest object report.
    released: bool,
    rest: Option<Box<Rest>>,
}

/// An object behind a record.
#[derive(Clone, Copy)]
pub(super) struct Behind {
    pub(super) object: ObjectKey,
    /// The fingerprint of what its own record would be built from.
    pub(super) source: Option<Fingerprint>,
    /// Whether only a changed preference lets it report.
    pub(super) released: bool,
}

/// What few records have.
#[derive(Default)]
struct Rest {
    /// The other objects behind the record.
    others: Vec<Behind>,
    /// A reference that nothing at the ODS will answer.
    missing: Option<Missing>,
}

/// Asks the rules about every object of a resource.
pub(super) fn collect(resource: &'static dyn Resource, question: &Question<'_>) -> Candidates {
    let mut candidates = Candidates::default();
    let Some(model) = question.checker.model(resource.spec().name) else { return candidates };
    // Room for all at once: a list that has to grow is in memory twice.
    let mut objects = 0;
    resource.objects(question.cx, &mut |_| objects += 1);
    candidates.records = KeyedList::with_capacity(objects);
    candidates.prints.reserve_exact(if question.compares { objects } else { 0 });
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
        let Answer { object, in_scope, omissions, says } = answer;
        for omission in omissions {
            *self.omissions.entry(omission).or_default() += 1;
        }
        match says {
            Says::Report(report) => self.report(object, report),
            Says::NoKey => {
                self.defective.insert(object);
                self.defects.extend(in_scope.then(|| Defect {
                    object,
                    element: first_of_key.to_owned(),
                    message: "a part of the natural key has no value".to_owned(),
                    fix: "see the element table (rollcall describe) and fill the columns of the key".to_owned(),
                }));
            }
            Says::Exclude(rule, kept_back) => {
                if in_scope {
                    self.excluded.entry(rule.name).or_insert((rule, 0)).1 += 1;
                }
                self.excluded_by_preference.extend(kept_back.map(|kept_back| (object, kept_back)));
            }
            Says::Defect(problem) => {
                self.defective.insert(object);
                self.defects.extend(in_scope.then(|| Defect {
                    object,
                    element: problem.element.to_owned(),
                    message: problem.message,
                    fix: problem.fix,
                }));
            }
        }
    }

    fn report(&mut self, object: ObjectKey, report: Report) {
        let Report { key, prints, violations, missing, in_scope, released } = report;
        // docs/readings.md, several objects with one natural key: the newest object's data; the others are kept.
        let (mut others, mut at) = (Vec::new(), self.records.len());
        if let Some(known) = self.records.get_mut(&key) {
            if known.object > object {
                let source = prints.map(|prints| prints.source);
                known.rest.get_or_insert_default().others.push(Behind { object, source, released });
                return;
            }
            at = known.at as usize;
            others = known.rest.take().map(|rest| rest.others).unwrap_or_default();
            let source = self.prints.get(at).map(|prints| prints.source);
            others.push(Behind { object: known.object, source, released: known.released });
        }
        let faulty = !violations.is_empty();
        for violation in violations.into_iter().filter(|_| in_scope) {
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
        match (prints, self.prints.get_mut(at)) {
            (Some(prints), Some(known)) => *known = prints,
            (prints, _) => self.prints.extend(prints),
        }
        let at = u32::try_from(at).expect("a resource has fewer than 2^32 records");
        let rest = (!others.is_empty() || missing.is_some()).then(|| Box::new(Rest { others, missing }));
        let candidate = Candidate { key, object, at, faulty, in_scope, released, rest };
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
    /// Its fingerprints among those of all records.
    pub(super) fn prints<'p>(&self, prints: &'p [Prints]) -> Option<&'p Prints> {
        prints.get(self.at as usize)
    }

    /// The other objects behind it.
    pub(super) fn others(&self) -> impl Iterator<Item = ObjectKey> {
        self.rest.iter().flat_map(|rest| &rest.others).map(|other| other.object)
    }

    /// Every object behind it, the newest first.
    pub(super) fn behind(&self, prints: &[Prints]) -> impl Iterator<Item = Behind> {
        let source = self.prints(prints).map(|prints| prints.source);
        let newest = Behind { object: self.object, source, released: self.released };
        std::iter::once(newest).chain(self.rest.iter().flat_map(|rest| &rest.others).copied())
    }

    /// Whether only a changed preference lets it report: one object that reports for another reason is enough.
    pub(super) fn is_released(&self) -> bool {
        self.released && self.rest.iter().flat_map(|rest| &rest.others).all(|other| other.released)
    }

    /// Takes other objects from behind it, and puts some there.
    pub(super) fn change_others(&mut self, leave: impl Fn(&Behind) -> bool, come: Vec<ObjectKey>) {
        if let Some(rest) = &mut self.rest {
            rest.others.retain(|other| !leave(other));
        }
        if !come.is_empty() {
            let come = come.into_iter().map(|object| Behind { object, source: None, released: false });
            self.rest.get_or_insert_default().others.extend(come);
        }
    }

    /// A reference that nothing at the ODS will answer.
    pub(super) fn missing(&self) -> Option<&Missing> {
        self.rest.as_ref()?.missing.as_ref()
    }

    pub(super) fn take_missing(&mut self) -> Option<Missing> {
        self.rest.as_mut()?.missing.take()
    }

    /// Whether it waits for an enrollment of its student to be mended.
    pub(super) fn is_hidden(&self) -> bool {
        self.missing().is_some_and(|missing| missing.resource == VISIBLE_BY)
    }

    /// The objects behind the record, the newest first.
    pub(super) fn objects(&self) -> impl Iterator<Item = ObjectKey> {
        std::iter::once(self.object).chain(self.others())
    }
}
