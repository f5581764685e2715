//! Making a plan, resource by resource in dependency order.

use std::collections::{HashMap, HashSet};
use std::panic::resume_unwind;
use std::thread;

use rollcall_core::config::Config;
use rollcall_core::context::Context;
use rollcall_core::model::{KeyHash, KeyMap, KeySet, NaturalKey, ResourceModel};
use rollcall_core::resource::Resource;
use rollcall_core::sources::{Fingerprint, Mark};
use rollcall_core::verdict::ObjectKey;
use rollcall_ledger::{Ledger, LedgerError, State};

use super::ahead::send_ahead;
use super::asking::Question;
use super::candidates::{Candidates, collect};
use super::compare::compare;
use super::entries::Entries;
use super::hidden::Hidden;
use super::key_changes::KeyChanges;
use super::scope::{Rows, Scope};
use super::{Action, Extract, Phase, Plan, PlanError, ResourcePlan, Upstream, in_order};
use crate::check::Checker;
use crate::naming::{VISIBLE_BY, asks_for_association, names, natural_key, student};
use crate::ods::{OdsSide, id_hash};

/// What a plan is made from.
#[derive(Clone, Copy)]
pub struct Sides<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// The SIS and the preferences.
    pub cx: &'a Context<'a>,
    /// The payload check.
    pub checker: &'a Checker,
    /// What the ODS holds by our knowledge; none when the connection has sent nothing yet.
    pub ledger: Option<&'a dyn Ledger>,
    /// Whether the tables hold the whole SIS.
    pub extract: &'a Extract,
}

/// A plan that is more than a sync: it sends what only a preference changed, and mends what the ODS holds otherwise.
#[derive(Debug, Clone, Default)]
pub struct Resync {
    /// Which records to look at.
    pub scope: Scope,
    /// Whether records at the ODS that neither the SIS nor the ledger knows are deleted, though nothing says that this
    /// connection has sent them.
    pub delete_unknown: bool,
}

/// A plan in the making.
pub(crate) struct Planner<'a> {
    sides: Sides<'a>,
    resync: Option<&'a Resync>,
    ordered: Vec<&'static dyn Resource>,
    at: usize,
    plan: Plan,
    upstream: Upstream,
    /// The students whose records wait for an enrollment; known once the associations are planned.
    hidden: Option<Hidden>,
    key_changes: KeyChanges,
    /// Whether a change in place would carry along, at the ODS, a record that stays where it is.
    carries_along: bool,
    /// By resource: what stays at the ODS though nothing reports it.
    stays: Vec<Stays>,
}

/// Records that stay at the ODS though nothing reports them: what they name has to stay too.
#[derive(Default)]
pub(super) struct Stays {
    /// In the ledger.
    pub(super) entries: Vec<KeyHash>,
    /// The records that others, which the ledger does not know, name.
    pub(super) named: Vec<KeyHash>,
    /// What those name that report all the same, and that no rule reports.
    pub(super) stand_on: Vec<KeyHash>,
}

/// One resource with what the rules and the ledger say of it.
pub(crate) struct Part {
    pub(super) resource: &'static dyn Resource,
    pub(super) model: Option<&'static ResourceModel>,
    pub(super) off: bool,
    pub(super) candidates: Candidates,
    pub(super) entries: Entries,
    /// Objects that a preference kept from reporting when the last run looked.
    pub(super) unreported: HashMap<ObjectKey, Mark>,
    /// For a resync: whether its filters leave out records of the resource.
    pub(super) limited: bool,
    /// For a resync: the entries that its filters leave out.
    pub(super) out_of_scope: KeySet,
    /// For a resync: the ODS's ids.
    pub(super) ids: KeyMap<Fingerprint>,
    /// Whether a resource refers to this one.
    pub(super) is_upstream: bool,
    /// What the ODS itself holds, where it was read.
    pub(crate) ods: Option<OdsSide>,
}

impl<'a> Planner<'a> {
    pub(crate) fn new(sides: Sides<'a>, resync: Option<&'a Resync>) -> Result<Self, PlanError> {
        let ordered = in_order(sides.config, sides.checker)?;
        Ok(Self {
            sides,
            resync,
            stays: Vec::with_capacity(ordered.len()),
            ordered,
            at: 0,
            plan: Plan { resources: Vec::new(), delivered: 0 },
            upstream: Upstream { keys: KeySet::default(), sent: foldhash::HashSet::default() },
            hidden: None,
            key_changes: KeyChanges::default(),
            carries_along: false,
        })
    }

    /// The same once more without changes in place, when one of them would carry along what stays.
    pub(crate) fn again(&self) -> Result<Option<Self>, PlanError> {
        if !self.carries_along {
            return Ok(None);
        }
        let mut again = Self::new(self.sides, self.resync)?;
        again.key_changes.none_in_place = true;
        Ok(Some(again))
    }

    /// Asks the rules and the ledger about the next resource; none when there is no more.
    pub(crate) fn next(&mut self) -> Result<Option<Part>, PlanError> {
        let Some(resource) = self.ordered.get(self.at).copied() else { return Ok(None) };
        let Sides { config, cx, checker, ledger, .. } = self.sides;
        let name = resource.spec().name;
        let entries = ledger.map_or(Ok(Vec::new()), |ledger| ledger.entries(name))?;
        self.plan.delivered += entries.iter().filter(|entry| entry.state == State::Delivered).count();
        let off = !config.preferences.is_on(name);
        let downstream = &self.ordered[self.at + 1..];
        let mut part = Part {
            resource,
            model: checker.model(name),
            off,
            candidates: Candidates::default(),
            entries: Entries::new(entries),
            unreported: HashMap::new(),
            limited: false,
            out_of_scope: KeySet::default(),
            ids: KeyMap::default(),
            is_upstream: name == VISIBLE_BY
                || downstream.iter().any(|r| checker.upstream(r.spec().name).contains(&name)),
            ods: None,
        };
        // design: "entry, resource toggled off: nothing; a delete waits for a resync".
        if off && self.resync.is_none() {
            return Ok(Some(part));
        }
        let scope = self.resync.map(|resync| &resync.scope);
        part.unreported = ledger.map_or(Ok(HashMap::new()), |ledger| ledger.unreported(name))?;
        let (upstream, unreported) = (&self.upstream, &part.unreported);
        let hidden = self.hidden.as_ref().filter(|_| asks_for_association(checker, name));
        let compares = scope.is_some() || !part.entries.is_empty() || !unreported.is_empty();
        let rows = Rows::of(scope, name, cx.snapshot);
        part.limited = !rows.are_all();
        let question = Question { cx, checker, upstream, hidden, resync: scope, rows, unreported, compares };
        let objects = thread::scope(|threads| {
            // The ledger is read further while the rules are asked.
            let asked = threads.spawn(|| collect(resource, &question));
            let objects = ledger.map_or(Ok(Vec::new()), |ledger| ledger.objects(name));
            part.candidates = asked.join().unwrap_or_else(|panic| resume_unwind(panic));
            objects
        });
        part.entries.link(objects?);
        if let (Some(scope), Some(ledger)) = (scope, ledger) {
            if !scope.is_all() {
                let keys = ledger.natural_keys(name)?.into_iter();
                part.out_of_scope = keys.filter(|(_, key)| !scope.contains(key)).map(|(hash, _)| hash).collect();
            }
            part.ids = ledger.ods_ids(name)?.into_iter().map(|(key, id)| (key, id_hash(&id))).collect();
        }
        Ok(Some(part))
    }

    /// Plans a resource.
    pub(crate) fn take(&mut self, part: Part) -> Result<(), PlanError> {
        let name = part.resource.spec().name;
        if part.off && self.resync.is_none() {
            let entries = part.entries.iter().filter(|entry| entry.has_ods_id).map(|entry| entry.key).collect();
            self.stays.push(Stays { entries, ..Stays::default() });
            self.plan.resources.push(ResourcePlan { off: true, ..ResourcePlan::new(part.resource) });
            self.at += 1;
            return Ok(());
        }
        let off = part.off;
        let compared = compare(part, self.sides, self.resync, &mut self.key_changes)?;
        if name == VISIBLE_BY && !off {
            self.hidden = Hidden::after(&compared, self.sides)?;
        }
        self.carries_along |= compared.stays.stand_on.iter().any(|key| self.key_changes.moved.contains_key(key));
        self.upstream.keys.extend(compared.at_ods);
        // A reference to a resource that is off is taken on trust.
        if !off {
            self.upstream.sent.insert(name);
        }
        self.key_changes.deleted.extend(compared.plan.steps.of(Phase::Deletes).filter_map(|step| step.key));
        self.plan.resources.push(compared.plan);
        self.stays.push(compared.stays);
        self.at += 1;
        Ok(())
    }

    /// The plan, when every resource was planned.
    pub(crate) fn finish(mut self) -> Result<Plan, PlanError> {
        if let Some(hidden) = &self.hidden {
            let students = self.plan.resources.iter_mut().filter(|part| part.name == "students");
            students.for_each(|part| hidden.hold_students(self.sides.cx, part));
        }
        self.keep_what_is_named()?;
        send_ahead(&mut self.plan, self.sides)?;
        Ok(self.plan)
    }

    /// Takes back deletes of records on which one that stays stands: the ODS would refuse them, or hide the other from us.
    fn keep_what_is_named(&mut self) -> Result<(), LedgerError> {
        let Sides { cx, checker, ledger, .. } = self.sides;
        let deletes: Vec<bool> = self.plan.resources.iter().map(|part| part.count(Action::Delete) > 0).collect();
        let mut named: HashSet<KeyHash> = HashSet::new();
        for at in (0..self.plan.resources.len()).rev() {
            let part = &mut self.plan.resources[at];
            let mut stays = std::mem::take(&mut self.stays[at]);
            if deletes[at] && !named.is_empty() {
                let mut students: HashMap<KeyHash, KeyHash> = HashMap::new();
                if part.name == VISIBLE_BY {
                    let keys: Vec<KeyHash> = part.steps.of(Phase::Deletes).filter_map(|step| step.key).collect();
                    let named_by = natural_keys(ledger, part.name, &keys)?.into_iter();
                    students = named_by.filter_map(|key| Some((key.hash(), student(checker, &key)?))).collect();
                    if students.values().any(|student| named.contains(student)) {
                        let mut seen = seen_otherwise(ledger, checker, &keys.into_iter().collect())?;
                        // One that takes its place shows the student again.
                        let posted = part.steps.iter().filter(|step| step.action == Action::Create);
                        let (resource, model) = (part.resource, checker.model(VISIBLE_BY));
                        let posted = posted.filter_map(|step| natural_key(resource?, cx, model?, step.object));
                        seen.extend(posted.filter_map(|key| student(checker, &key)));
                        students.retain(|_, student| !seen.contains(student));
                    }
                }
                let before = part.steps.len();
                part.steps.retain(|step| {
                    let Some(key) = step.key.filter(|_| step.action == Action::Delete) else { return true };
                    let seen_by = students.get(&key);
                    let stay = named.contains(&key) || seen_by.is_some_and(|student| named.contains(student));
                    if stay {
                        stays.entries.push(key);
                    }
                    !stay
                });
                part.kept += (before - part.steps.len()) as u64;
            }
            if deletes[..at].contains(&true) {
                let keys = natural_keys(ledger, part.name, &stays.entries)?;
                named.extend(keys.iter().flat_map(|key| names(checker, key)).map(|(_, key)| key));
                named.extend(stays.named);
            }
        }
        Ok(())
    }
}

impl Part {
    /// Whether the SIS or the ledger knows a record.
    pub(crate) fn knows(&self, key: &KeyHash) -> bool {
        self.candidates.records.contains(key) || self.entries.contains(key)
    }

    /// The resource.
    pub(crate) fn resource(&self) -> &'static dyn Resource {
        self.resource
    }
}

/// The students who have an association at the ODS that is not deleted: of another school, or of a school year that is not
/// configured any more.
pub(super) fn seen_otherwise(
    ledger: Option<&dyn Ledger>,
    checker: &Checker,
    going: &HashSet<KeyHash>,
) -> Result<HashSet<KeyHash>, LedgerError> {
    let Some(ledger) = ledger else { return Ok(HashSet::new()) };
    let at_ods = ledger.ods_ids(VISIBLE_BY)?.into_iter().map(|(key, _)| key);
    let stay: HashSet<KeyHash> = at_ods.filter(|key| !going.contains(key)).collect();
    let keys = ledger.natural_keys(VISIBLE_BY)?.into_iter().filter(|(hash, _)| stay.contains(hash));
    Ok(keys.filter_map(|(_, key)| student(checker, &key)).collect())
}

/// The natural keys of some entries: one by one for a few, else all of the resource in one reading.
pub(super) fn natural_keys(
    ledger: Option<&dyn Ledger>,
    resource: &str,
    keys: &[KeyHash],
) -> Result<Vec<NaturalKey>, LedgerError> {
    const FEW: usize = 1_000;
    let Some(ledger) = ledger.filter(|_| !keys.is_empty()) else { return Ok(Vec::new()) };
    if keys.len() <= FEW {
        let found: Result<Vec<_>, _> = keys.iter().map(|key| ledger.identity(resource, *key)).collect();
        return Ok(found?.into_iter().flatten().map(|(key, _)| key).collect());
    }
    let wanted: HashSet<&KeyHash> = keys.iter().collect();
    let all = ledger.natural_keys(resource)?.into_iter();
    Ok(all.filter(|(hash, _)| wanted.contains(hash)).map(|(_, key)| key).collect())
}
