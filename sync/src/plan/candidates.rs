//! What one resource's rules report now.

use std::collections::{BTreeMap, HashMap, HashSet};

use rollcall_core::context::Context;
use rollcall_core::model::{KeyHash, NaturalKey, ResourceModel, content};
use rollcall_core::resource::{Resource, ResourceSpec};
use rollcall_core::sources::{Fingerprint, Omission, Sources};
use rollcall_core::value::Object;
use rollcall_core::verdict::{DecidedBy, ObjectKey, Rule, Verdict};

use super::scope::Scope;
use super::{Defect, PAYLOAD_FIX, Upstream};
use crate::check::Checker;

/// The records that report, and what does not.
#[derive(Default)]
pub(super) struct Candidates {
    pub(super) records: HashMap<KeyHash, Candidate>,
    pub(super) excluded: BTreeMap<&'static str, (&'static Rule, u64)>,
    pub(super) defects: Vec<Defect>,
    /// What records leave out though the SIS has it, and how many do.
    pub(super) omissions: BTreeMap<Omission, u64>,
    /// Objects that would report if something were mended: what stood for them at the ODS stays.
    pub(super) defective: HashSet<ObjectKey>,
    /// Objects that a preference excludes: what stood for them waits for a resync.
    pub(super) excluded_by_preference: HashSet<ObjectKey>,
}

/// One record that reports.
pub(super) struct Candidate {
    /// The newest object behind it, whose data it has.
    pub(super) object: ObjectKey,
    /// The other objects behind it.
    pub(super) others: Vec<ObjectKey>,
    pub(super) source: Fingerprint,
    pub(super) payload: Fingerprint,
    /// A reference that nothing at the ODS will answer: member, resource and record.
    pub(super) missing: Option<(String, &'static str, KeyHash)>,
    /// The payload check found something; the defects say what.
    pub(super) faulty: bool,
    /// What the body says, for a resync to compare with what the ODS gives back.
    pub(super) content: Option<Fingerprint>,
    /// Whether the resync's filters take the record in.
    pub(super) in_scope: bool,
}

/// What the rules are asked with.
pub(super) struct Question<'a> {
    pub(super) cx: &'a Context<'a>,
    pub(super) checker: &'a Checker,
    pub(super) upstream: &'a Upstream,
    /// The filters of a resync; none for a sync.
    pub(super) resync: Option<&'a Scope>,
}

/// Asks the rules about every object of a resource.
pub(super) fn collect(resource: &'static dyn Resource, question: &Question<'_>) -> Candidates {
    let cx = question.cx;
    let mut candidates = Candidates::default();
    let Some(model) = question.checker.model(resource.spec().name) else { return candidates };
    let mut sources = Sources::new();
    resource.objects(cx, &mut |object| {
        sources.clear();
        let verdict = resource.verdict(cx, object, &mut sources);
        for omission in sources.omissions() {
            *candidates.omissions.entry(omission.clone()).or_default() += 1;
        }
        match verdict {
            Verdict::Report(body) => {
                candidates.report(object, &body, sources.fingerprint(), model, resource.spec(), question);
            }
            Verdict::Exclude(exclusion) => {
                let rule = exclusion.rule;
                candidates.excluded.entry(rule.name).or_insert((rule, 0)).1 += 1;
                if rule.decided_by == DecidedBy::Preference {
                    candidates.excluded_by_preference.insert(object);
                }
            }
            Verdict::Defect(problem) => {
                candidates.defective.insert(object);
                candidates.defects.push(Defect {
                    object,
                    element: problem.element.to_owned(),
                    message: problem.message,
                    fix: problem.fix,
                });
            }
        }
    });
    candidates
}

impl Candidates {
    fn report(
        &mut self,
        object: ObjectKey,
        body: &Object<'_>,
        source: Fingerprint,
        model: &'static ResourceModel,
        spec: &ResourceSpec,
        question: &Question<'_>,
    ) {
        let Question { checker, upstream, .. } = question;
        let Some(key) = KeyHash::of(model, body) else {
            self.defective.insert(object);
            self.defects.push(Defect {
                object,
                element: model.identity.first().map(|part| part.name.clone()).unwrap_or_default(),
                message: "a part of the natural key has no value".to_owned(),
                fix: "see the element table (rollcall describe) and fill the columns of the key".to_owned(),
            });
            return;
        };
        // docs/readings.md, several objects with one natural key: the newest object's data; the others are kept.
        let mut others = Vec::new();
        if let Some(known) = self.records.get_mut(&key) {
            if known.object > object {
                known.others.push(object);
                return;
            }
            others.append(&mut known.others);
            others.push(known.object);
        }
        let violations = checker.violations(model, body);
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
        let mut missing = None;
        checker.references(model, body, &mut |member, target, key| {
            if missing.is_none() && upstream.sent.contains(target) && !upstream.keys.contains(&key) {
                missing = Some((member.to_owned(), target, key));
            }
        });
        let payload = Fingerprint::of(&body.to_json());
        let content = question.resync.map(|_| content(body, compared(spec).as_deref()));
        let limited = question.resync.filter(|scope| !scope.is_all());
        let in_scope = limited.is_none_or(|scope| NaturalKey::of(model, body).is_some_and(|key| scope.contains(&key)));
        let candidate = Candidate { object, others, source, payload, missing, faulty, content, in_scope };
        self.records.insert(key, candidate);
    }
}

/// The members of a record that count when it is compared with the ODS's: of a record that several districts write, those
/// that this one writes; of others all.
pub(crate) fn compared(spec: &ResourceSpec) -> Option<Vec<&'static str>> {
    let names = spec.elements.iter().map(|element| element.name.split('.').next().unwrap_or(element.name));
    spec.shared.then(|| names.collect())
}
