//! What the pages look at, past authorization.

use chrono::{DateTime, Utc};

use super::index::Site;
use super::tables::{Record, Tables, time_of};
use crate::catalog::Resource;

impl Tables {
    /// How many records a resource has.
    pub(crate) fn total(&self, resource: &Resource) -> usize {
        self.by_resource[resource.index].records.len()
    }

    /// When a record of a resource was last written.
    pub(crate) fn changed_at(&self, resource: &Resource) -> Option<DateTime<Utc>> {
        let changed = self.by_resource[resource.index].changed;
        (changed > 0).then(|| time_of(changed))
    }

    /// A resource's records, the newest first, from before a sequence number.
    pub(crate) fn newest(&self, resource: &Resource, before: Option<u64>) -> impl Iterator<Item = (u64, &Record)> {
        let records = &self.by_resource[resource.index].records;
        records.range(..before.unwrap_or(u64::MAX)).rev().map(|(&sequence, record)| (sequence, record))
    }

    /// Who names a record: the resource, the place in its bodies, and how many times.
    pub(crate) fn named_by(&self, record: &Record) -> Vec<(&Resource, String, usize)> {
        let Some(dependents) = self.dependents.get(&record.key) else { return Vec::new() };
        let mut named: Vec<(&Resource, String, usize)> = dependents
            .counts
            .iter()
            .map(|&(site, count)| {
                let (resource, path) = self.holder(site);
                (resource, path, usize::try_from(count).unwrap_or(usize::MAX))
            })
            .collect();
        named.sort_by(|a, b| (a.0.name(), &a.1).cmp(&(b.0.name(), &b.1)));
        named
    }

    fn holder(&self, site: Site) -> (&Resource, String) {
        match site {
            Site::Reference(number) => {
                let (resource, site) = self.catalog.reference_site(number);
                (resource, site.path.join("."))
            }
            Site::Descriptor(resource, at) => {
                let resource = &self.catalog.resources[usize::from(resource)];
                let site = &resource.descriptors[usize::from(at)];
                let path = site.path.iter().map(String::as_str).chain([site.member.as_str()]);
                (resource, path.collect::<Vec<_>>().join("."))
            }
        }
    }
}
