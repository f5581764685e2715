//! Making a plan, resource by resource in dependency order.

use std::collections::HashMap;
use std::panic::resume_unwind;
use std::thread;

use rollcall_core::config::Config;
use rollcall_core::context::Context;
use rollcall_core::model::{KeyHash, KeyMap, KeySet, ResourceModel};
use rollcall_core::resource::Resource;
use rollcall_core::sources::{Fingerprint, Mark};
use rollcall_core::verdict::ObjectKey;
use rollcall_ledger::{Ledger, State};

use super::ahead::send_ahead;
use super::asking::Question;
use super::candidates::{Candidates, collect};
use super::compare::compare;
use super::entries::Entries;
use super::hidden::Hidden;
use super::key_changes::KeyChanges;
use super::named::{Stays, keep_what_is_named};
use super::scope::{Rows, Scope};
use super::{Extract, Phase, Plan, PlanError, ResourcePlan, Upstream, in_order};
use crate::check::Checker;
use crate::naming::{VISIBLE_BY, asks_for_association};
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
        keep_what_is_named(&mut self.plan, self.stays, self.sides)?;
        send_ahead(&mut self.plan, self.sides)?;
        Ok(self.plan)
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
