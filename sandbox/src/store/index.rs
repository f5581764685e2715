//! What records say about each other: who names whom, code values, hierarchies and associations of people.

use rollcall_core::model::KeyHash;
use rollcall_core::value::{Object, Value};

use super::tables::Tables;
use crate::catalog::{EDUCATION_ORGANIZATION, Resource, visit};
use crate::security::{SubjectValue, person_value, subject_values};

/// Who names a record.
#[derive(Debug, Default)]
pub(super) struct Dependents {
    /// Where it is named, and how often.
    pub(super) counts: Vec<(Site, u32)>,
    /// The records that name it, one entry for each place; kept only where a key can change.
    pub(super) records: Vec<Handle>,
}

/// A place in the bodies of a resource that names another record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Site {
    /// A reference, by its number in the catalog.
    Reference(u32),
    /// A descriptor value: resource and position among its descriptor sites.
    Descriptor(u16, u16),
}

/// Where a record is: its resource and its sequence number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Handle(u64);

const SEQUENCE_BITS: u32 = 48;

impl Handle {
    pub(super) fn new(resource: usize, sequence: u64) -> Self {
        Self((resource as u64) << SEQUENCE_BITS | sequence)
    }

    pub(super) fn resource(self) -> usize {
        usize::try_from(self.0 >> SEQUENCE_BITS).unwrap_or_default()
    }

    pub(super) fn sequence(self) -> u64 {
        self.0 & ((1 << SEQUENCE_BITS) - 1)
    }
}

impl Tables {
    /// Adds what a record says about others to the indexes.
    pub(super) fn index(&mut self, resource: &Resource, sequence: u64, body: &Object<'_>) {
        let handle = Handle::new(resource.index, sequence);
        let own = resource.key_of(body);
        for (site, candidates) in self.named(resource, body) {
            let there = candidates.iter().find(|(target, key)| candidates.len() == 1 || self.has_key(*target, *key));
            let Some(&(target, key)) = there.filter(|(_, key)| Some(*key) != own) else { continue };
            let tracked = self.catalog.resources[target].tracked;
            let dependents = self.dependents.entry(key).or_default();
            match dependents.counts.iter_mut().find(|(known, _)| *known == site) {
                Some((_, count)) => *count += 1,
                None => dependents.counts.push((site, 1)),
            }
            if tracked {
                dependents.records.push(handle);
            }
        }
        self.relate(resource, body, true);
    }

    /// Takes what a record says about others out of the indexes.
    pub(super) fn unindex(&mut self, resource: &Resource, sequence: u64, body: &Object<'_>) {
        let handle = Handle::new(resource.index, sequence);
        let own = resource.key_of(body);
        for (site, candidates) in self.named(resource, body) {
            for (_, key) in candidates.into_iter().filter(|(_, key)| Some(*key) != own) {
                let Some(dependents) = self.dependents.get_mut(&key) else { continue };
                let Some(at) = dependents.counts.iter().position(|(known, _)| *known == site) else { continue };
                dependents.counts[at].1 -= 1;
                if dependents.counts[at].1 == 0 {
                    dependents.counts.remove(at);
                }
                if let Some(at) = dependents.records.iter().position(|known| *known == handle) {
                    dependents.records.swap_remove(at);
                }
                if dependents.counts.is_empty() {
                    self.dependents.remove(&key);
                }
                break;
            }
        }
        self.relate(resource, body, false);
    }

    /// The keys that a body names, by place: one candidate, or one for each concrete resource of an abstract one.
    fn named(&self, resource: &Resource, body: &Object<'_>) -> Vec<(Site, Vec<(usize, KeyHash)>)> {
        let mut named = Vec::new();
        for site in &resource.references {
            visit(body, &site.path, &mut |reference| {
                let key = |&target: &usize| {
                    let model = &self.catalog.resources[target].model;
                    Some((target, KeyHash::of_reference(&site.reference, model, reference)?))
                };
                let candidates = site.targets.iter().filter_map(key).collect();
                named.push((Site::Reference(site.number), candidates));
            });
        }
        for (at, site) in resource.descriptors.iter().enumerate().filter(|(_, site)| site.entity.is_some()) {
            let number = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
            let place = Site::Descriptor(number(resource.index), number(at));
            visit(body, &site.path, &mut |object| {
                let value = object.get(&site.member).and_then(Value::as_text);
                if let Some((_, key)) = value.and_then(|value| self.descriptor_value(site.target, value)) {
                    named.push((place, vec![(site.target, *key)]));
                }
            });
        }
        named
    }

    /// Keeps code values, the hierarchy of education organizations and people's associations up to date.
    fn relate(&mut self, resource: &Resource, body: &Object<'_>, add: bool) {
        if resource.descriptor.is_some() {
            self.relate_descriptor(resource, body, add);
        } else if resource.model.base.as_deref() == Some(EDUCATION_ORGANIZATION) {
            let Some(id) = resource.model.identity.first().and_then(|part| body.at(&part.name)?.as_integer()) else {
                return;
            };
            if !add {
                return self.relations.remove_organization(id);
            }
            let above =
                |target: &usize| self.catalog.resources[*target].model.base.as_deref() == Some(EDUCATION_ORGANIZATION);
            let mut parents = Vec::new();
            for site in resource.references.iter().filter(|site| site.path.len() == 1 && site.targets.iter().all(above))
            {
                visit(body, &site.path, &mut |reference| {
                    parents.extend(reference.iter().filter_map(|(_, value)| value.as_integer()));
                });
            }
            self.relations.set_parents(id, parents);
        } else {
            self.relate_people(resource, body, add);
        }
    }

    fn relate_descriptor(&mut self, resource: &Resource, body: &Object<'_>, add: bool) {
        let text = |name: &str| body.get(name).and_then(Value::as_text).unwrap_or_default();
        let value = format!("{}#{}", text("namespace"), text("codeValue"));
        let values = &mut self.by_resource[resource.index].values;
        match resource.key_of(body).filter(|_| add) {
            Some(key) => values.insert(value.to_lowercase(), (value, key)),
            None => values.remove(&value.to_lowercase()),
        };
    }

    fn relate_people(&mut self, resource: &Resource, body: &Object<'_>, add: bool) {
        let catalog = self.catalog.clone();
        for &(person, ref paths) in &resource.makes_visible {
            let Some(unique_id) = paths.iter().find_map(|path| body.at(path)) else { continue };
            let person = person_value(&catalog.resources[person], unique_id.clone());
            let Some(SubjectValue::Person { key, .. }) = person else { continue };
            for subject in subject_values(&catalog, resource, body).into_iter().flatten() {
                if Some(subject) == person {
                    continue;
                }
                if add {
                    self.relations.link(key, subject);
                } else {
                    self.relations.unlink(key, subject);
                }
            }
        }
    }
}
