//! design: "What a sync decides". Each record that reports, and each that the ledger has, against the other side; in a
//! resync against the ODS too.

use std::collections::{HashMap, HashSet};

use rollcall_core::model::{KeyHash, KeyMap, KeySet, ResourceModel};
use rollcall_core::resource::Resource;
use rollcall_core::sources::Mark;
use rollcall_core::verdict::ObjectKey;
use rollcall_ledger::{Change, LedgerError};

use super::asking::{Missing, Prints};
use super::candidates::{Behind, Candidate, Candidates};
use super::entries::{Entries, Position};
use super::former::{Known, elsewhere, former_keys};
use super::gone::{Fate, Other};
use super::key_changes::KeyChanges;
use super::planner::{Part, Resync, Sides, Stays};
use super::waiting::{Both, Waiting};
use super::years::Years;
use super::{Action, Held, Reason, ResourcePlan, Step};
use crate::naming::natural_key;
use crate::ods::{OdsSide, id_hash};

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
    let ours: HashMap<_, _> = ids.iter().map(|(key, id)| (*id, *key)).collect();
    let others = ods.as_mut().map(|ods| std::mem::take(&mut ods.others)).unwrap_or_default().into_iter();
    let others: Vec<Other> = others
        .map(|(natural_key, ods_id)| {
            let from = ours.get(&id_hash(&ods_id)).copied();
            let from = from.filter(|from| ods.as_ref().is_some_and(|ods| !ods.records.contains_key(from)));
            Other { natural_key, ods_id, from }
        })
        .collect();
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
    let limited = resync.is_some_and(|resync| !resync.scope.is_all());
    let held = side.plan.held.iter().filter(|_| limited).map(|held| held.object);
    let held: HashSet<ObjectKey> = held.collect();
    for at in std::mem::take(&mut side.gone) {
        let (entry, behind) = (side.entries.entry(at).clone(), side.entries.objects_of(at).to_vec());
        let moved: Vec<bool> = behind.iter().filter_map(|object| elsewhere.get(object)).copied().collect();
        let fate = Fate {
            moved: !moved.is_empty(),
            mends: behind.iter().any(|object| side.defective.contains(object)),
            waits: behind
                .iter()
                .filter_map(|object| excluded_by_preference.get(object))
                .any(|kept_back| kept_back.explains(entry.source)),
        };
        if side.out_of_scope.contains(&entry.key) && !moved.contains(&true) {
            side.stay(&entry);
            continue;
        }
        // What a record names under its next key may just not have been asked for.
        let there = entry.has_ods_id && (side.ods.is_none() || side.is_stored(&entry.key));
        if there && behind.iter().any(|object| held.contains(object)) {
            side.plan.kept += 1;
            side.stay(&entry);
            continue;
        }
        side.gone(&entry, &behind, fate)?;
    }
    let mut now: HashMap<ObjectKey, Mark> =
        excluded_by_preference.into_iter().map(|(object, kept_back)| (object, kept_back.mark)).collect();
    now.extend(side.still_unreported.iter().filter_map(|object| Some((*object, *unreported.get(object)?))));
    if !off && sides.ledger.is_some() {
        let gone = unreported.keys().filter(|object| !now.contains_key(object)).map(|object| (*object, None));
        let mut objects: Vec<(ObjectKey, Option<Mark>)> = gone.collect();
        let new = now.into_iter().filter(|(object, mark)| unreported.get(object) != Some(mark));
        objects.extend(new.map(|(object, mark)| (object, Some(mark))));
        if !objects.is_empty() {
            objects.sort_unstable_by_key(|(object, _)| *object);
            side.plan.changes.push(Change::Unreported { resource: side.plan.name, objects });
        }
    }
    Ok(Compared { plan: side.plan, at_ods: side.at_ods, stays: side.stays, defective: side.defective })
}

/// A resource's plan in the making: what the rules, the ledger and the ODS say of it.
pub(super) struct Side<'a> {
    pub(super) sides: Sides<'a>,
    pub(super) resource: &'static dyn Resource,
    /// Set for a resync.
    pub(super) resync: Option<&'a Resync>,
    pub(super) model: &'static ResourceModel,
    pub(super) plan: ResourcePlan,
    /// The fingerprints of the candidates, where there is something to compare with.
    pub(super) prints: Vec<Prints>,
    pub(super) entries: Entries,
    /// Keys that objects had before.
    pub(super) former: HashMap<ObjectKey, KeyHash>,
    /// Entries that nothing reports under their key, by key.
    pub(super) gone: Vec<Position>,
    /// What only a changed preference would move.
    pub(super) waiting: Waiting,
    /// Objects that a preference kept from reporting, and whose records wait or are not asked for.
    pub(super) still_unreported: Vec<ObjectKey>,
    /// Objects that would report if something were mended.
    pub(super) defective: HashSet<ObjectKey>,
    pub(super) out_of_scope: KeySet,
    pub(super) ids: KeyMap<rollcall_core::sources::Fingerprint>,
    pub(super) ods: Option<OdsSide>,
    /// Whether a resource refers to this one: only then it matters what will be at the ODS.
    pub(super) is_upstream: bool,
    pub(super) at_ods: KeySet,
    pub(super) stays: Stays,
    /// Entries that stay though their objects report under another key now: a preference changed the key.
    pub(super) kept: KeySet,
    /// To which school year a record belongs that nothing reports.
    pub(super) years: Years<'a>,
    /// Entries whose objects report under another key now: the SIS changed the key.
    pub(super) rekeyed: KeySet,
    /// Entries whose record is updated in place: it gets another key, or the ledger's back.
    pub(super) moved: KeySet,
    /// Entries that the ODS has under another key: the ODS changed it in place, and the outcome was lost.
    pub(super) renamed: KeySet,
    /// Whether what changed can be relied on, or rows that could not be read may be behind it.
    pub(super) relies_on_changes: bool,
    /// The same of what is gone.
    pub(super) relies_on_absence: bool,
}

impl Side<'_> {
    /// Leaves as they are the records whose objects only a preference moves.
    fn wait(&mut self) {
        let mut keys: Vec<KeyHash> = self.waiting.entries.iter().copied().collect();
        keys.sort_unstable();
        for key in keys {
            self.keep(key);
        }
    }

    /// Whether a record waits with the objects that stay where they were; else they are not counted to it.
    fn waits(&mut self, candidate: &mut Candidate, known: bool) -> bool {
        if self.waiting.is_empty() {
            return false;
        }
        let key = candidate.key;
        if self.waiting.entries.contains(&key) {
            let released = candidate.behind(&self.prints).filter(|behind| behind.released);
            self.still_unreported.extend(released.map(|behind| behind.object));
            self.tell(candidate, key);
            return true;
        }
        if let Some(home) = self.waiting.home_elsewhere(&candidate.object, &key) {
            // One that the ledger does not have is the other under its next key.
            self.tell(candidate, if known { key } else { home });
            if known {
                self.will_be_there(key);
            }
            return true;
        }
        let guests = self.waiting.guests(&key);
        let released = self.waiting.released(&key);
        let leaves = |behind: &Behind| {
            self.waiting.home_elsewhere(&behind.object, &key).is_some() || released.contains(&behind.object)
        };
        candidate.change_others(leaves, guests);
        self.still_unreported.extend(released);
        false
    }

    /// Counts a record that waits, and with it the entry that stays in its place.
    fn tell(&mut self, candidate: &Candidate, entry: KeyHash) {
        if !candidate.faulty {
            self.plan.waiting += 1;
            self.waiting.told.insert(entry);
        }
    }

    /// Notes in the ledger that the ODS has the record under this id; with `says`, that it holds what would be sent.
    pub(super) fn find(&mut self, candidate: &Candidate, id: Box<str>, says: bool) {
        let key = natural_key(self.resource, self.sides.cx, self.model, candidate.object);
        let Some(natural_key) = key else { return };
        self.plan.changes.push(Change::Found {
            resource: self.plan.name,
            natural_key,
            ods_id: id.into(),
            says: candidate.prints(&self.prints).filter(|_| says).map(|prints| (prints.source, prints.payload)),
            objects: if says { candidate.objects().collect() } else { Vec::new() },
        });
    }

    pub(super) fn will_be_there(&mut self, key: KeyHash) {
        if self.is_upstream {
            self.at_ods.insert(key);
        }
    }

    /// Leaves an entry whose objects report under another key as it is.
    pub(super) fn keep(&mut self, key: KeyHash) {
        self.kept.insert(key);
        self.will_be_there(key);
        self.stays.entries.push(key);
    }

    pub(super) fn write(&mut self, candidate: &mut Candidate, action: Action, reason: Reason) {
        let Candidate { key, object, .. } = *candidate;
        if let Some(missing) = candidate.take_missing() {
            let Missing { member: reference, resource: upstream, key: upstream_key } = missing;
            self.plan.held.push(Held { object, key, reference, upstream, upstream_key });
            return;
        }
        self.will_be_there(key);
        let key = (reason != Reason::New).then_some(key);
        let others = candidate.others().collect();
        self.plan.steps.push(&Step { others, ..Step::new(action, reason, object, key) });
    }

    pub(super) fn is_gone(&self, key: &KeyHash) -> bool {
        self.gone.binary_search_by_key(key, |at| self.entries.entry(*at).key).is_ok()
    }

    pub(super) fn is_stored(&self, key: &KeyHash) -> bool {
        self.ods.as_ref().is_some_and(|ods| ods.records.contains_key(key))
    }
}
