//! design: "What a sync decides". Each record that reports, and each that the ledger has, against the other side; in a
//! resync against the ODS too.

use std::collections::HashSet;

use rollcall_core::model::KeySet;
use rollcall_core::verdict::ObjectKey;
use rollcall_ledger::LedgerError;

use super::ResourcePlan;
use super::candidates::{Candidate, Candidates};
use super::former::{Known, elsewhere, former_keys};
use super::gone::Other;
use super::key_changes::KeyChanges;
use super::named::Stays;
use super::planner::{Part, Resync, Sides};
use super::side::Side;
use super::waiting::{Both, Waiting};
use super::years::Years;

/// One resource's plan and what downstream resources have to know of it.
pub(super) struct Compared {
    pub(super) plan: ResourcePlan,
    /// Keys that will be at the ODS after the plan.
    pub(super) at_ods: KeySet,
    pub(super) stays: Stays,
    /// Objects that would report if something were mended.
    pub(super) defective: HashSet<ObjectKey>,
}

/// Plans one resource.
pub(super) fn compare(
    part: Part,
    sides: Sides<'_>,
    resync: Option<&Resync>,
    key_changes: &mut KeyChanges,
) -> Result<Compared, LedgerError> {
    let Part {
        resource,
        model,
        off,
        candidates,
        entries,
        unreported,
        limited,
        out_of_scope,
        ids,
        mut ods,
        is_upstream,
    } = part;
    let Candidates { records, prints, any_hidden, excluded, defects, omissions, mut defective, excluded_by_preference } =
        candidates;
    let mut plan = ResourcePlan {
        off,
        excluded,
        omissions,
        reported: records.iter().filter(|candidate| candidate.in_scope && !candidate.faulty).count() as u64,
        partial: limited,
        ..ResourcePlan::new(resource)
    };
    if !off {
        plan.defects = defects;
    }
    let Some(model) = model else {
        return Ok(Compared { plan, at_ods: KeySet::default(), stays: Stays::default(), defective });
    };
    let mut list = Candidates::in_order(records);
    if any_hidden {
        // A record that waits for an enrollment to be mended stays at the ODS as it is, under its old key too.
        defective.extend(list.iter().filter(|candidate| candidate.is_hidden()).flat_map(Candidate::objects));
    }
    let looked_up = if entries.is_empty() { &[] } else { list.as_slice() };
    let known: Vec<Option<Known>> = looked_up.iter().map(|candidate| Known::of(candidate, &entries)).collect();
    let mut gone = entries.others(known.iter().flatten().map(|known| known.at));
    gone.sort_unstable_by_key(|at| entries.entry(*at).key);
    let waiting = if resync.is_some() {
        Waiting::default()
    } else {
        let known = list.iter().zip(&known).filter_map(|(candidate, known)| Some((candidate, (*known)?)));
        let changed: Vec<_> =
            known.filter(|(_, known)| !known.same_objects).map(|(candidate, known)| (candidate, known.at)).collect();
        let both = Both { list: &list, prints: &prints, entries: &entries, kept_back: &excluded_by_preference };
        Waiting::of(both, &changed, &gone)
    };
    let elsewhere = elsewhere(&list, &gone, &entries);
    let former = former_keys(&list, &known, &entries);
    let others = ods.as_mut().map(|ods| Other::all_of(ods, &ids)).unwrap_or_default();
    let mut side = Side {
        sides,
        resource,
        resync,
        model,
        plan,
        prints,
        entries,
        former,
        gone,
        waiting,
        still_unreported: Vec::new(),
        defective,
        out_of_scope,
        ids,
        ods,
        is_upstream,
        at_ods: KeySet::default(),
        stays: Stays::default(),
        kept: KeySet::default(),
        years: Years::new(resource, sides.cx, sides.ledger.map_or(Ok(None), rollcall_ledger::Ledger::years)?),
        rekeyed: KeySet::default(),
        moved: KeySet::default(),
        renamed: others.iter().filter_map(|other| other.from).collect(),
        relies_on_changes: sides.extract.shows_what_changed(resource.spec()),
        relies_on_absence: sides.extract.shows_what_is_gone(),
    };
    side.wait();
    let mut known = known.into_iter();
    for candidate in &mut list {
        let known = known.next().flatten();
        if side.waits(candidate, known.is_some()) {
            continue;
        }
        match known {
            Some(known) => side.known(candidate, known.at),
            None => side.unknown(candidate, key_changes)?,
        }
    }
    side.plan.waiting += side.waiting.untold();
    side.others(others);
    side.all_gone(&elsewhere, &excluded_by_preference)?;
    if !off && sides.ledger.is_some() {
        side.note_unreported(&unreported, &excluded_by_preference);
    }
    Ok(Compared { plan: side.plan, at_ods: side.at_ods, stays: side.stays, defective: side.defective })
}
