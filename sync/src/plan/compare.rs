//! design: "What a sync decides". Each record that reports, and each that the ledger has, against the other side; in a
//! resync against the ODS too.

use std::collections::{BTreeSet, HashMap, HashSet};

use rollcall_core::config::KeyChanges as Chosen;
use rollcall_core::model::{KeyHash, KeyMap, KeySet, ResourceModel};
use rollcall_core::resource::Resource;
use rollcall_core::sources::Mark;
use rollcall_core::verdict::ObjectKey;
use rollcall_ledger::{Change, Entry, LedgerError, State};

use super::asking::{Missing, Prints};
use super::candidates::{Behind, Candidate, Candidates};
use super::entries::{Entries, Position};
use super::former::{Known, elsewhere, former_keys, same_objects};
use super::gone::{Fate, Other};
use super::key_changes::KeyChanges;
use super::planner::{Part, Resync, Sides, Stays};
use super::waiting::{Both, Waiting};
use super::{Action, Discovered, Held, Reason, ResourcePlan, Step};
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
        years_sent: sides.ledger.map_or(Ok(None), rollcall_ledger::Ledger::years)?,
        rekeyed: KeySet::default(),
        moved: KeySet::default(),
        renamed: others.iter().filter_map(|other| other.from).collect(),
        relies_on_changes: sides.extract.shows_what_changed(resource.spec()),
        relies_on_absence: sides.extract.shows_what_is_gone(),
    };
    if side.entries.is_empty() {
        side.plan.steps.reserve_exact(list.len());
    }
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
    side.others(others);
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
    /// The school years for which something can have been sent; none if nobody knows.
    pub(super) years_sent: Option<BTreeSet<i32>>,
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
        self.plan.waiting += keys.len() as u64;
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
            return true;
        }
        if self.waiting.stays_elsewhere(&candidate.object, &key) {
            if known {
                self.plan.waiting += 1;
                self.will_be_there(key);
            }
            return true;
        }
        let guests = self.waiting.guests(&key);
        let released = self.waiting.released(&key);
        let leaves =
            |behind: &Behind| self.waiting.stays_elsewhere(&behind.object, &key) || released.contains(&behind.object);
        candidate.change_others(leaves, guests);
        self.still_unreported.extend(released);
        false
    }

    /// The ledger has the record.
    fn known(&mut self, candidate: &mut Candidate, at: Position) {
        let (key, entry) = (candidate.key, &self.entries.entry(at).clone());
        if candidate.faulty || self.plan.off || !candidate.in_scope {
            if self.renamed.contains(&key) {
                return;
            }
            if candidate.in_scope && entry.has_ods_id && self.ods.is_some() && !self.is_stored(&key) {
                self.plan.discover(Discovered::Missing);
                self.plan.changes.push(Change::Gone { resource: self.plan.name, key });
                return;
            }
            // What the ODS holds stays as it is until the record can be sent again.
            self.plan.kept += u64::from(entry.has_ods_id && candidate.faulty);
            if entry.has_ods_id {
                self.will_be_there(key);
            }
            return;
        }
        let settled = entry.state == State::Delivered;
        // docs/readings.md, unreadable rows: an object that is behind the record no more may just not have been read.
        let relies_on_changes =
            self.relies_on_changes && (self.relies_on_absence || self.has_all_objects(candidate, at));
        // The objects of a record that is still to be sent are linked when its request is about to be.
        if settled && relies_on_changes && !same_objects(candidate, self.entries.objects_of(at)) {
            let objects = candidate.objects().collect();
            self.plan.changes.push(Change::Objects { resource: self.plan.name, key, objects });
        }
        let prints = candidate.prints(&self.prints).copied();
        let same_payload = entry.payload == prints.map(|prints| prints.payload);
        let same_source = entry.source == prints.map(|prints| prints.source);
        let reason = match (settled, same_payload, same_source) {
            (false, ..) => Reason::Again,
            (true, true, _) => Reason::Unlike,
            (true, false, true) => Reason::Preference,
            (true, false, false) => Reason::Changed,
        };
        let stored = self.ods.as_ref().map(|ods| ods.records.get(&key).map(|r| (r.id.clone(), r.content)));
        match stored {
            // A resync has read the ODS: it holds just this.
            Some(Some((id, content))) if prints.and_then(|prints| prints.content) == Some(content) => {
                self.is_there(candidate, entry, id, settled && same_payload && same_source);
            }
            Some(Some(_)) | None if settled && !relies_on_changes && !same_payload => {
                self.plan.withheld += 1;
                self.will_be_there(key);
            }
            Some(Some((id, _))) => {
                if reason == Reason::Unlike {
                    self.plan.discover(Discovered::Unlike);
                }
                if self.ids.get(&key) != Some(&id_hash(&id)) {
                    self.find(candidate, id, false);
                }
                self.write(candidate, Action::Update, reason);
            }
            // The ODS changes it back as it changed it: by its id.
            Some(None) if self.renamed.remove(&key) => {
                self.plan.discover(Discovered::Unlike);
                self.moved.insert(key);
                self.write(candidate, Action::Update, Reason::Unlike);
            }
            Some(None) if entry.has_ods_id => {
                self.plan.discover(Discovered::Missing);
                self.write(candidate, Action::Create, Reason::Missing);
            }
            Some(None) => self.write(candidate, Action::Create, Reason::Again),
            None if settled && same_payload => {
                self.plan.unchanged += 1;
                self.will_be_there(key);
                if let Some(source) = prints.map(|prints| prints.source).filter(|_| !same_source) {
                    self.plan.changes.push(Change::Source { resource: self.plan.name, key, source });
                }
            }
            // Only a preference can have changed the payload: it triggers nothing.
            None if settled && same_source && self.resync.is_none() => {
                self.plan.waiting += 1;
                self.will_be_there(key);
            }
            None => {
                let action = if entry.has_ods_id { Action::Update } else { Action::Create };
                self.write(candidate, action, reason);
            }
        }
    }

    /// Whether every object that was behind a record still is.
    fn has_all_objects(&self, candidate: &Candidate, at: Position) -> bool {
        self.entries.objects_of(at).iter().all(|then| candidate.objects().any(|now| now == *then))
    }

    /// The ODS holds what would be sent.
    fn is_there(&mut self, candidate: &Candidate, entry: &Entry, id: Box<str>, same: bool) {
        let key = candidate.key;
        self.plan.unchanged += 1;
        self.will_be_there(key);
        if !same || self.ids.get(&key) != Some(&id_hash(&id)) {
            self.find(candidate, id, true);
        }
        if entry.state != State::Delivered {
            self.plan.discover(Discovered::TakenOver);
        }
    }

    /// Notes in the ledger that the ODS has the record under this id; with `says`, that it holds what would be sent.
    fn find(&mut self, candidate: &Candidate, id: Box<str>, says: bool) {
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

    /// The ledger does not have the record, perhaps under another key.
    fn unknown(&mut self, candidate: &mut Candidate, key_changes: &mut KeyChanges) -> Result<(), LedgerError> {
        let key = candidate.key;
        let before = self.former.get(&candidate.object).and_then(|old| self.entries.get(old)).cloned();
        let stored = self.ods.as_ref().and_then(|ods| ods.records.get(&key)).map(|r| (r.id.clone(), r.content));
        let prints = candidate.prints(&self.prints).copied();
        let content = prints.and_then(|prints| prints.content);
        if candidate.in_scope
            && (candidate.faulty || (self.plan.off && before.is_none()))
            && let Some((id, at_ods)) = stored
        {
            // Nothing is sent, and what the ODS holds is ours all the same (the ledger was lost).
            self.plan.discover(Discovered::TakenOver);
            self.will_be_there(key);
            self.find(candidate, id, !candidate.faulty && content == Some(at_ods));
            return Ok(());
        }
        if candidate.faulty {
            return Ok(());
        }
        let outside = !candidate.in_scope && before.as_ref().is_none_or(|b| self.out_of_scope.contains(&b.key));
        if self.plan.off || outside {
            self.still_unreported.extend(candidate.objects());
            // A resync that does not find it at the ODS lets it leave the ledger.
            if let Some(before) = before
                && (self.ods.is_none() || self.out_of_scope.contains(&before.key) || self.is_stored(&before.key))
            {
                self.keep(before.key);
            }
            return Ok(());
        }
        // A changed mapping triggers nothing, also when it lets a record report for the first time.
        if candidate.is_released() && before.is_none() && self.resync.is_none() {
            self.plan.waiting += 1;
            self.still_unreported.extend(candidate.objects());
            return Ok(());
        }
        if let Some(before) = &before {
            let settled = before.state == State::Delivered;
            // Only a preference can have changed the key: it triggers nothing.
            if settled && before.source == prints.map(|prints| prints.source) && self.resync.is_none() {
                self.plan.waiting += 1;
                self.keep(before.key);
                return Ok(());
            }
            if settled && !self.relies_on_changes {
                self.plan.withheld += 1;
                self.keep(before.key);
                return Ok(());
            }
            self.rekeyed.insert(before.key);
        }
        if let Some((id, at_ods)) = stored {
            self.plan.discover(Discovered::TakenOver);
            if content == Some(at_ods) {
                self.plan.unchanged += 1;
                self.will_be_there(key);
                self.find(candidate, id, true);
                return Ok(());
            }
        } else if let Some(before) = &before
            && candidate.missing().is_none()
            && self.in_place(before, candidate, key_changes)?
        {
            key_changes.moved.insert(before.key, key);
            self.moved.insert(before.key);
            self.will_be_there(key);
            let others = candidate.others().collect();
            let step = Step::new(Action::Update, Reason::KeyChanged, candidate.object, key);
            let step = step.with(others, Some(before.key));
            self.plan.steps.push(step);
            return Ok(());
        }
        let reason = match before {
            Some(_) => Reason::KeyChanged,
            None if candidate.is_released() => Reason::Preference,
            None => Reason::New,
        };
        self.write(candidate, Action::Create, reason);
        Ok(())
    }

    /// Leaves an entry whose objects report under another key as it is.
    fn keep(&mut self, key: KeyHash) {
        self.kept.insert(key);
        self.will_be_there(key);
        self.stays.entries.push(key);
    }

    /// Whether a changed natural key is one PUT: the connection chooses so, the ODS can do it, and the record under its
    /// old key has no other object behind it.
    fn in_place(&self, before: &Entry, candidate: &Candidate, key_changes: &KeyChanges) -> Result<bool, LedgerError> {
        let free = before.has_ods_id && self.is_gone(&before.key) && !self.moved.contains(&before.key);
        if self.sides.config.connection.key_changes != Chosen::Update || !free || self.resource.spec().shared {
            return Ok(false);
        }
        let Some(ledger) = self.sides.ledger else { return Ok(false) };
        let old = ledger.identity(self.plan.name, before.key)?.map(|(key, _)| key);
        let new = natural_key(self.resource, self.sides.cx, self.model, candidate.object);
        let (Some(old), Some(new)) = (old, new) else { return Ok(false) };
        Ok(key_changes.in_place(self.sides.checker, self.model, &old, &new))
    }

    fn write(&mut self, candidate: &mut Candidate, action: Action, reason: Reason) {
        let Candidate { key, object, .. } = *candidate;
        if let Some(missing) = candidate.take_missing() {
            let Missing { member: reference, resource: upstream, key: upstream_key } = missing;
            self.plan.held.push(Held { object, key, reference, upstream, upstream_key });
            return;
        }
        self.will_be_there(key);
        let others = candidate.others().collect();
        self.plan.steps.push(Step::new(action, reason, object, key).with(others, None));
    }

    pub(super) fn is_gone(&self, key: &KeyHash) -> bool {
        self.gone.binary_search_by_key(key, |at| self.entries.entry(*at).key).is_ok()
    }

    pub(super) fn is_stored(&self, key: &KeyHash) -> bool {
        self.ods.as_ref().is_some_and(|ods| ods.records.contains_key(key))
    }
}
