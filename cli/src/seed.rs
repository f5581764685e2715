//! What a sandbox starts with: the state's extensions, code lists and the records that the state loads itself.

use rollcall_core::context::Context;
use rollcall_core::registry::StateView;
use rollcall_sandbox::{DescriptorSeed, ExtensionResource, ResourceExtension, Schema, Seed, SeedRecord};

/// The schema of a state's server in the latest of some school years.
pub fn schema(state: &StateView, years: &[i32]) -> Schema {
    let year = years.iter().max().copied().unwrap_or_default();
    let of_year = state.extensions.iter().filter(|extension| extension.years().contains(&year));
    let extensions = of_year.map(|extension| ResourceExtension {
        resource: extension.resource().to_owned(),
        key: extension.key().to_owned(),
        class: extension.class(),
    });
    let whole = state.extension_resources.iter().filter(|resource| resource.years.contains(&year));
    let resources =
        whole.map(|resource| ExtensionResource { segment: resource.segment.to_owned(), model: (resource.model)() });
    // What it adds whole stands beside its standard.
    Schema { standard: (state.state.standard)(), extensions: extensions.collect(), resources: resources.collect() }
}

/// Code lists, and the state-owned records that the district's tables imply.
pub fn seed(state: &StateView, cx: &Context<'_>) -> Seed {
    let descriptors = state.namespaces.iter().flat_map(|namespace| {
        namespace.codes().iter().map(|code| DescriptorSeed {
            descriptor: namespace.descriptor().to_owned(),
            namespace: namespace.namespace().to_owned(),
            code_value: code.code.to_owned(),
            short_description: code.short_description.to_owned(),
            description: code.description.to_owned(),
        })
    });
    let records = (state.state.seed)(cx).into_iter();
    Seed {
        descriptors: descriptors.collect(),
        records: records.map(|owned| SeedRecord { resource: owned.resource.to_owned(), body: owned.body }).collect(),
    }
}

/// The ids of the district's education organizations, which a key for it may act for.
pub fn education_organization_ids(seed: &Seed) -> Vec<i64> {
    let districts = seed.records.iter().filter(|record| record.resource == "localEducationAgencies");
    districts.filter_map(|record| record.body.get("localEducationAgencyId")?.as_integer()).collect()
}
