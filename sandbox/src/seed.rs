//! What a sandbox starts with.

use std::collections::{BTreeMap, HashMap};

use rollcall_core::value::Object;

use crate::api::problem::Problem;
use crate::api::validation::findings;
use crate::bind::bind;
use crate::catalog::{Catalog, Resource, dependencies};
use crate::config::{ApiKey, ApiVersion, DescriptorSeed, Seed};
use crate::error::SandboxError;
use crate::store::{Incoming, Receipt, Store, Tables};

/// Writes the seed in the dependency order of its resources.
pub(crate) async fn write_seed(catalog: &Catalog, store: &Store, seed: Seed) -> Result<(), SandboxError> {
    let mut records = Vec::with_capacity(seed.descriptors.len() + seed.records.len());
    for descriptor in seed.descriptors {
        let Some(resource) = catalog.descriptor(&descriptor.descriptor) else {
            return Err(SandboxError::UnknownName { kind: "descriptor", name: descriptor.descriptor });
        };
        records.push((resource.name().to_owned(), descriptor_body(descriptor)));
    }
    records.extend(seed.records.into_iter().map(|record| (record.resource, record.body)));
    let layers = layers(catalog);
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut ordered = Vec::with_capacity(records.len());
    for (name, body) in records {
        let Some(resource) = catalog.by_name(&name) else {
            return Err(SandboxError::UnknownName { kind: "resource", name });
        };
        let number = numbers.entry(name).or_default();
        *number += 1;
        ordered.push((layers.get(&resource.index).copied().unwrap_or(0), resource, *number, body));
    }
    ordered.sort_by_key(|(layer, ..)| *layer);
    let written = store.write(|tables| Ok(post_all(tables, ordered))).await;
    written.unwrap_or_else(|problem| Err(refusal("seed", 0, &problem)))
}

/// A record of the seed on its way: layer, resource, position among those of the resource, body.
type Seeded<'c> = (u32, &'c Resource, usize, Object<'static>);

fn post_all(tables: &mut Tables, records: Vec<Seeded<'_>>) -> Result<(), SandboxError> {
    for (_, resource, number, body) in records {
        post_freely(tables, resource, body).map_err(|problem| refusal(resource.name(), number, &problem))?;
    }
    Ok(())
}

/// Posts a record with all checks but authorization.
pub(crate) fn post_freely(tables: &mut Tables, resource: &Resource, body: Object<'static>) -> Result<Receipt, Problem> {
    let (key, version) = (ApiKey::full("", ""), ApiVersion::V6);
    let body = bind(resource, body, version, false)?;
    let findings = findings(resource, &body, version);
    tables.post(Incoming { resource, body, findings, key: &key, version, if_match: None })
}

fn refusal(resource: &str, number: usize, problem: &Problem) -> SandboxError {
    SandboxError::Seed { resource: resource.to_owned(), number, violation: problem.text() }
}

fn descriptor_body(seed: DescriptorSeed) -> Object<'static> {
    Object::new()
        .with("codeValue", seed.code_value)
        .with("namespace", seed.namespace)
        .with("shortDescription", seed.short_description)
        .with_some("description", Some(seed.description).filter(|text| !text.is_empty()))
}

/// Resource → the first layer in which it is sent; those that are in none come before all others.
pub(crate) fn layers(catalog: &Catalog) -> HashMap<usize, u32> {
    let mut layers: HashMap<usize, u32> = HashMap::new();
    for entry in dependencies(catalog) {
        let layer = layers.entry(entry.resource).or_insert(entry.order);
        *layer = entry.order.min(*layer);
    }
    layers
}
