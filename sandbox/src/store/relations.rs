//! Who belongs to whom: the hierarchy of education organizations, and which people which associations make visible.

use std::collections::HashMap;

use rollcall_core::model::KeyHash;

use crate::security::SubjectValue;

/// The relationships that authorization looks at, kept up with each change.
#[derive(Debug, Default)]
pub(crate) struct Relations {
    /// Education organization → those directly above it.
    parents: HashMap<i64, Vec<i64>>,
    /// Person → what the person is associated with, and by how many associations.
    links: HashMap<KeyHash, Vec<(SubjectValue, u32)>>,
    /// The same of associations that are there no more.
    former: HashMap<KeyHash, Vec<SubjectValue>>,
    /// How often any of it has changed.
    pub(super) version: u64,
}

/// Hierarchies are a few levels deep; a circle in the data must not hang the server.
const DEEPEST: usize = 16;

impl Relations {
    pub(super) fn set_parents(&mut self, id: i64, parents: Vec<i64>) {
        self.version += 1;
        self.parents.insert(id, parents);
    }

    pub(super) fn remove_organization(&mut self, id: i64) {
        self.version += 1;
        self.parents.remove(&id);
    }

    pub(super) fn link(&mut self, person: KeyHash, to: SubjectValue) {
        self.version += 1;
        let links = self.links.entry(person).or_default();
        match links.iter_mut().find(|(known, _)| *known == to) {
            Some((_, count)) => *count += 1,
            None => links.push((to, 1)),
        }
    }

    pub(super) fn unlink(&mut self, person: KeyHash, to: SubjectValue) {
        self.version += 1;
        let former = self.former.entry(person).or_default();
        if !former.contains(&to) {
            former.push(to);
        }
        let Some(links) = self.links.get_mut(&person) else { return };
        if let Some(at) = links.iter().position(|(known, _)| *known == to) {
            links[at].1 -= 1;
            if links[at].1 == 0 {
                links.swap_remove(at);
            }
        }
        if links.is_empty() {
            self.links.remove(&person);
        }
    }

    /// Whether an education organization is one of the claims or below one.
    pub(crate) fn is_within(&self, id: i64, claims: &[i64]) -> bool {
        self.climbs_to(id, claims, DEEPEST)
    }

    /// Whether an education organization is above one of the claims.
    pub(crate) fn is_above(&self, id: i64, claims: &[i64]) -> bool {
        claims.iter().any(|&claim| self.climbs_to(claim, &[id], DEEPEST))
    }

    /// An education organization and all above it, from below.
    pub(super) fn above(&self, id: i64) -> Vec<i64> {
        let mut found = vec![id];
        let mut at = 0;
        while let Some(id) = found.get(at) {
            let parents = self.parents.get(id).into_iter().flatten().copied();
            let new: Vec<i64> = parents.filter(|parent| !found.contains(parent)).collect();
            found.extend(new);
            at += 1;
        }
        found
    }

    /// Whether a person is associated with an education organization within the claims, directly or through another
    /// person who is.
    pub(crate) fn is_visible(&self, person: &SubjectValue, claims: &[i64]) -> bool {
        let SubjectValue::Person { key, .. } = person else { return false };
        self.links.get(key).into_iter().flatten().any(|(to, _)| match to {
            SubjectValue::EducationOrganization(id) => self.is_within(*id, claims),
            SubjectValue::Person { .. } => self.is_visible(to, claims),
        })
    }

    /// Whether a person is visible or was: deletes of a person's records stay visible when the association that made the
    /// person so is deleted too.
    pub(crate) fn was_visible(&self, person: &SubjectValue, claims: &[i64]) -> bool {
        let SubjectValue::Person { key, .. } = person else { return false };
        let current = self.links.get(key).into_iter().flatten().map(|(to, _)| to);
        current.chain(self.former.get(key).into_iter().flatten()).any(|to| match to {
            SubjectValue::EducationOrganization(id) => self.is_within(*id, claims),
            SubjectValue::Person { .. } => self.was_visible(to, claims),
        })
    }

    fn climbs_to(&self, id: i64, goals: &[i64], left: usize) -> bool {
        if goals.contains(&id) {
            return true;
        }
        let parents = self.parents.get(&id).filter(|_| left > 0);
        parents.into_iter().flatten().any(|&parent| self.climbs_to(parent, goals, left - 1))
    }
}
