//! Replacing a record, and, when its key changes, what refers to it.

use rollcall_core::model::KeyHash;
use rollcall_core::value::Object;

use super::index::Handle;
use super::tables::{Record, Tables};
use super::write::json;
use crate::catalog::{Resource, Role, set_at, visit_mut};

impl Tables {
    /// Replaces a record's body. When that changes its key, the records that name it follow, and so do those whose keys
    /// change thereby; their own times of change stay, as with a cascade of the servers' databases, and they have changed
    /// for change queries. A person's followers have not: the servers' databases name people by a surrogate.
    pub(super) fn replace(&mut self, resource: &Resource, sequence: u64, ticks: i64, body: &Object<'static>) {
        let change = self.next_change();
        self.replace_as_of(resource, sequence, (ticks, change), body, true);
    }

    fn replace_as_of(
        &mut self,
        resource: &Resource,
        sequence: u64,
        (ticks, change): (i64, u64),
        body: &Object<'static>,
        key_changes: bool,
    ) {
        let Some(stored) = self.by_resource[resource.index].records.get(&sequence) else { return };
        let (id, old_key, old_body) = (stored.id, stored.key, stored.object());
        let Some(key) = resource.key_of(body) else { return };
        let mut followers: Vec<Handle> = Vec::new();
        if key != old_key {
            followers = self.dependents.get(&old_key).map(|dependents| dependents.records.clone()).unwrap_or_default();
            followers.sort_unstable();
            followers.dedup();
            let table = &mut self.by_resource[resource.index];
            if table.by_key.get(&old_key) == Some(&sequence) {
                table.by_key.remove(&old_key);
            }
            if key_changes {
                self.remember(resource, (id, old_key, change), &old_body, Some(body));
            }
        }
        self.unindex(resource, sequence, &old_body);
        let subjects = self.subjects_of(resource, body);
        self.store(resource, sequence, Record { id, key, ticks, change, body: json(body), subjects });
        self.index(resource, sequence, body);
        let catalog = self.catalog.clone();
        for follower in followers {
            let referrer = &catalog.resources[follower.resource()];
            let record = self.by_resource[referrer.index].records.get(&follower.sequence());
            let Some((ticks, known, mut body_of_follower)) = record.map(|r| (r.ticks, r.change, r.object())) else {
                continue;
            };
            follow(referrer, &mut body_of_follower, (resource, old_key), body);
            let key_changes = key_changes && !matches!(resource.role, Role::Person(_));
            let change = if key_changes { self.next_change() } else { known };
            self.replace_as_of(referrer, follower.sequence(), (ticks, change), &body_of_follower, key_changes);
        }
    }
}

/// Rewrites the references of a body that name the old key.
fn follow(
    referrer: &Resource,
    body: &mut Object<'static>,
    (target, old_key): (&Resource, KeyHash),
    new: &Object<'static>,
) {
    for site in referrer.references.iter().filter(|site| site.targets.contains(&target.index)) {
        visit_mut(body, &site.path, &mut |reference| {
            if KeyHash::of_reference(&site.reference, &target.model, reference) != Some(old_key) {
                return;
            }
            for part in &target.model.identity {
                let value = part.paths.iter().find_map(|path| new.at(path));
                if let (Some(value), Some(member)) = (value, reference.get_mut(&part.name)) {
                    *member = value.clone();
                }
            }
        });
    }
    unify(referrer, body, new, target);
}

/// One column behind several references: all of them show its new value.
fn unify(referrer: &Resource, body: &mut Object<'static>, new: &Object<'static>, target: &Resource) {
    let parts = referrer.model.identity.iter().map(|part| &part.paths);
    let shared: Vec<&Vec<String>> =
        parts.chain(referrer.model.unified_keys.iter().map(|key| &key.paths)).filter(|paths| paths.len() > 1).collect();
    for paths in shared {
        let from_target = |path: &&String| {
            let (head, member) = path.split_once('.').unwrap_or(("", path));
            let site = referrer.references.iter().find(|site| site.path.len() == 1 && site.path[0] == head);
            let part = target.model.identity.iter().find(|part| part.name == member);
            let value = part.and_then(|part| part.paths.iter().find_map(|path| new.at(path)));
            site.is_some_and(|site| site.targets.contains(&target.index)) && value.is_some() && body.at(path) == value
        };
        let Some(value) = paths.iter().find(from_target).and_then(|path| body.at(path)).cloned() else { continue };
        for path in paths.iter().filter(|path| body.at(path).is_some()).collect::<Vec<_>>() {
            set_at(body, path, &value);
        }
    }
    for site in &referrer.unified {
        let Some(root) = site.root_paths.iter().find_map(|path| body.at(path)).cloned() else { continue };
        visit_mut(body, &site.path, &mut |reference| {
            if let Some(member) = reference.get_mut(&site.member) {
                *member = root.clone();
            }
        });
    }
}
