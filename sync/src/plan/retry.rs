//! A plan of failed records only: what is tried again without waiting for the next sync.

use std::collections::HashSet;

use rollcall_core::model::KeyHash;
use rollcall_core::verdict::ObjectKey;
use rollcall_ledger::{Change, ErrorEntry, Outcome};

use super::{Action, Phase, Plan, Reason, ResourcePlan, Sides, Step};

impl Plan {
    /// Leaves of a sync's plan the records of some errors, what waits for them (`all` is the whole error log), and what
    /// they themselves refer to and is still to be sent. `interrupted`: also the records whose last request was never
    /// answered for, which are in no error log.
    #[must_use]
    pub fn only_failed(
        mut self,
        sides: Sides<'_>,
        chosen: &[ErrorEntry],
        all: &[ErrorEntry],
        interrupted: bool,
    ) -> Self {
        let roots: HashSet<(&str, &str)> = chosen.iter().map(|e| (e.resource.as_str(), e.object.as_str())).collect();
        let waits = |entry: &&ErrorEntry| {
            let root = entry.root.as_ref().and_then(|root| Some((root.resource.as_str(), root.object.as_deref()?)));
            root.is_some_and(|root| roots.contains(&root))
        };
        let mut wanted: HashSet<(&str, ObjectKey)> = HashSet::new();
        let mut keys: HashSet<(&str, &str)> = HashSet::new();
        for entry in chosen.iter().chain(all.iter().filter(waits)) {
            wanted.extend(ObjectKey::parse(&entry.object).map(|object| (entry.resource.as_str(), object)));
            keys.insert((entry.resource.as_str(), entry.natural_key.as_str()));
        }
        let mut named: HashSet<KeyHash> = HashSet::new();
        for part in self.resources.iter_mut().rev() {
            let is_wanted = |object: &ObjectKey| wanted.contains(&(part.name, *object));
            let resource = part.resource;
            let is_named = |step: &Step| step.record(sides, resource).is_some_and(|key| named.contains(&key));
            let is_chosen = |step: &Step| step.objects().iter().any(is_wanted) || (!named.is_empty() && is_named(step));
            let gone: HashSet<ObjectKey> = part.steps.of(Phase::Deletes).flat_map(|step| step.objects()).collect();
            part.steps.retain(|step| {
                // The post of a delete/post is the next sync's: without its delete, the record would stand twice.
                let moved = step.action == Action::Create && step.reason == Reason::KeyChanged;
                let whole = !moved || !step.objects().iter().any(|object| gone.contains(object));
                whole && (is_chosen(step) || (interrupted && step.reason == Reason::Again))
            });
            part.held.retain(|held| is_wanted(&held.object));
            part.defects.retain(|defect| is_wanted(&defect.object));
            named.extend(part.steps.iter().flat_map(|step| step.references(sides, part)));
            // Under its old key a record that was never at the ODS is forgotten, when it goes out under another.
            part.changes.retain(|change| {
                let Change::Forget { key, .. } = change else { return false };
                let known = sides.ledger.and_then(|ledger| ledger.identity(part.name, *key).ok()?);
                known.is_some_and(|(key, _)| keys.contains(&(part.name, key.to_string().as_str())))
            });
            limit(part, chosen);
        }
        self
    }
}

/// Counts what is left, and nothing else; a chosen defect is forgotten, to be noted anew if it is still one.
fn limit(part: &mut ResourcePlan, chosen: &[ErrorEntry]) {
    part.partial = true;
    let defects = chosen.iter().filter(|entry| entry.outcome == Outcome::Defect && entry.resource == part.name);
    let objects = defects.filter_map(|entry| ObjectKey::parse(&entry.object));
    part.changes.extend(objects.map(|object| Change::ForgetDefect { resource: part.name, object }));
    let writes = part.steps.len() - part.count(Action::Delete);
    part.reported = (writes + part.held.len()) as u64;
    part.excluded.clear();
    part.omissions.clear();
    (part.unchanged, part.waiting, part.kept, part.withheld) = (0, 0, 0, 0);
}
