//! design: "What a sync decides". Each record that reports, and each that the ledger has, against the other side.

use std::collections::{HashMap, HashSet};

use rollcall_core::model::KeyHash;
use rollcall_core::resource::Resource;
use rollcall_core::verdict::ObjectKey;
use rollcall_ledger::{Change, Entry, Operation, Outcome, State};

use super::candidates::{Candidate, Candidates};
use super::{Action, Extract, Held, Reason, ResourcePlan, Step};

/// Plans one resource. `upstream`, where downstream resources ask, gets the keys that will be at the ODS.
pub(super) fn compare(
    resource: &'static dyn Resource,
    candidates: Candidates,
    entries: Vec<Entry>,
    objects: Vec<(ObjectKey, KeyHash)>,
    upstream: Option<&mut HashSet<KeyHash>>,
    extract: &Extract,
) -> ResourcePlan {
    let Candidates { records, excluded, defects, omissions, defective, excluded_by_preference } = candidates;
    let entries: HashMap<KeyHash, Entry> = entries.into_iter().map(|entry| (entry.key, entry)).collect();
    let mut holders: HashMap<KeyHash, Vec<ObjectKey>> = HashMap::new();
    let mut of_object: HashMap<ObjectKey, KeyHash> = HashMap::with_capacity(objects.len());
    for (object, key) in objects {
        holders.entry(key).or_default().push(object);
        of_object.insert(object, key);
    }
    let mut side = Side {
        plan: ResourcePlan {
            excluded,
            defects,
            omissions,
            reported: records.len() as u64,
            ..ResourcePlan::new(resource)
        },
        at_ods: HashSet::new(),
        kept: HashSet::new(),
        rekeyed: HashSet::new(),
        relies_on_changes: extract.shows_what_changed(resource.spec()),
        relies_on_absence: extract.shows_what_is_gone(),
    };
    let mut sorted: Vec<(KeyHash, Candidate)> = records.into_iter().collect();
    // The order of the SIS's own ids: stable, and kind to the server's indexes.
    sorted.sort_unstable_by_key(|(_, candidate)| candidate.object);
    let current: HashSet<KeyHash> = sorted.iter().map(|(key, _)| *key).collect();
    let of_current: HashMap<ObjectKey, KeyHash> = sorted
        .iter()
        .filter(|(_, c)| !c.faulty)
        .flat_map(|(key, c)| std::iter::once(c.object).chain(c.others.iter().copied()).map(|o| (o, *key)))
        .collect();
    for (key, candidate) in sorted {
        match entries.get(&key) {
            Some(entry) => side.known(key, candidate, entry, holders.get(&key)),
            None => side.unknown(key, candidate, &entries, &of_object),
        }
    }
    let mut gone: Vec<&Entry> = entries.values().filter(|entry| !current.contains(&entry.key)).collect();
    gone.sort_unstable_by_key(|entry| entry.key);
    for entry in gone {
        let behind = holders.get(&entry.key).map(Vec::as_slice).unwrap_or_default();
        let moved = behind.iter().any(|object| of_current.contains_key(object));
        let mends = behind.iter().any(|object| defective.contains(object));
        let waits = behind.iter().any(|object| excluded_by_preference.contains(object));
        side.gone(entry, behind, moved, mends, waits);
    }
    if let Some(upstream) = upstream {
        upstream.extend(side.at_ods);
    }
    side.plan
}

struct Side {
    plan: ResourcePlan,
    /// Keys that will be at the ODS after the plan.
    at_ods: HashSet<KeyHash>,
    /// Entries that stay though their objects report under another key now: a preference changed the key.
    kept: HashSet<KeyHash>,
    /// Entries whose objects report under another key now: the SIS changed the key.
    rekeyed: HashSet<KeyHash>,
    /// Whether what changed can be relied on, or rows that could not be read may be behind it.
    relies_on_changes: bool,
    /// The same of what is gone.
    relies_on_absence: bool,
}

impl Side {
    /// The ledger has the record.
    fn known(&mut self, key: KeyHash, candidate: Candidate, entry: &Entry, holders: Option<&Vec<ObjectKey>>) {
        if candidate.faulty {
            // What the ODS holds stays as it is until the record can be sent again.
            self.plan.kept += u64::from(entry.has_ods_id);
            if entry.has_ods_id {
                self.at_ods.insert(key);
            }
            return;
        }
        let same_holders = holders.is_some_and(|holders| {
            let mut now: Vec<ObjectKey> = candidate.others.clone();
            now.push(candidate.object);
            now.sort_unstable();
            let mut then = holders.clone();
            then.sort_unstable();
            now == then
        });
        if !same_holders {
            let objects = std::iter::once(candidate.object).chain(candidate.others.iter().copied()).collect();
            self.plan.changes.push(Change::Objects { resource: self.plan.name(), key, objects });
        }
        let settled = entry.state == State::Delivered;
        let same_payload = entry.payload == Some(candidate.payload);
        let same_source = entry.source == Some(candidate.source);
        if settled && same_payload {
            self.plan.unchanged += 1;
            self.at_ods.insert(key);
            if !same_source {
                let source = candidate.source;
                self.plan.changes.push(Change::Source { resource: self.plan.name(), key, source });
            }
        } else if settled && same_source {
            // Only a preference can have changed the payload: it triggers nothing.
            self.plan.waiting += 1;
            self.at_ods.insert(key);
        } else if settled && !self.relies_on_changes {
            self.plan.withheld += 1;
            self.at_ods.insert(key);
        } else {
            let action = if entry.has_ods_id { Action::Update } else { Action::Create };
            let reason = if settled { Reason::Changed } else { Reason::Again };
            self.write(key, candidate, action, reason);
        }
    }

    /// The ledger does not have the record, perhaps under another key.
    fn unknown(
        &mut self,
        key: KeyHash,
        candidate: Candidate,
        entries: &HashMap<KeyHash, Entry>,
        of_object: &HashMap<ObjectKey, KeyHash>,
    ) {
        let before = of_object.get(&candidate.object).and_then(|old| entries.get(old));
        if candidate.faulty {
            return;
        }
        if let Some(before) = before {
            if before.state == State::Delivered && before.source == Some(candidate.source) {
                // Only a preference can have changed the key: it triggers nothing.
                self.plan.waiting += 1;
                self.kept.insert(before.key);
                self.at_ods.insert(before.key);
                return;
            }
            if before.state == State::Delivered && !self.relies_on_changes {
                self.plan.withheld += 1;
                self.kept.insert(before.key);
                self.at_ods.insert(before.key);
                return;
            }
            self.rekeyed.insert(before.key);
        }
        let reason = if before.is_some() { Reason::KeyChanged } else { Reason::New };
        self.write(key, candidate, Action::Create, reason);
    }

    fn write(&mut self, key: KeyHash, candidate: Candidate, action: Action, reason: Reason) {
        let Candidate { object, others, missing, .. } = candidate;
        if let Some((reference, upstream)) = missing {
            self.plan.held.push(Held { object, key, reference, upstream });
            return;
        }
        self.at_ods.insert(key);
        self.plan.steps.push(Step { action, reason, object, others, key });
    }

    /// The ledger has a record that nothing reports under this key.
    fn gone(&mut self, entry: &Entry, behind: &[ObjectKey], moved: bool, mends: bool, waits: bool) {
        if self.kept.contains(&entry.key) {
            return;
        }
        let never_sent = !entry.has_ods_id
            && matches!(entry.state, State::Failed(_, Outcome::Refused | Outcome::Held | Outcome::Defect));
        let shared = self.plan.resource.spec().shared;
        if never_sent || (moved && shared) {
            // A shared record stays at the ODS for the other districts; under its old key it is ours no more.
            self.plan.changes.push(Change::Gone { resource: self.plan.name(), key: entry.key });
            return;
        }
        if !moved && (mends || shared) {
            self.plan.kept += 1;
            self.at_ods.insert(entry.key);
            return;
        }
        if !moved && waits {
            self.plan.waiting += 1;
            self.at_ods.insert(entry.key);
            return;
        }
        if !moved && !self.relies_on_absence {
            self.plan.withheld += 1;
            self.at_ods.insert(entry.key);
            return;
        }
        let again = matches!(entry.state, State::Sending(Operation::Delete) | State::Failed(Operation::Delete, _));
        let reason = match (self.rekeyed.contains(&entry.key) || moved, again) {
            (true, _) => Reason::KeyChanged,
            (false, true) => Reason::Again,
            (false, false) => Reason::Gone,
        };
        let object = behind.iter().max().copied().unwrap_or(ObjectKey::new("", 0));
        self.plan.steps.push(Step { action: Action::Delete, reason, object, others: Vec::new(), key: entry.key });
    }
}
