//! One state of the registry, with everything that it uses.

use foldhash::{HashMap, HashSet};

use crate::descriptor::{self, DescriptorNamespace};
use crate::extension::{Extension, ExtensionResource, extended};
use crate::model::{Class, DataStandard};
use crate::preferences::{MappingSpec, OptionSpec};
use crate::resource::Resource;
use crate::state::{Profile, State};

/// A state with its resources, namespaces and extensions.
#[derive(Clone)]
pub struct StateView {
    /// The state.
    pub state: &'static State,
    /// The resources that its districts send, by name.
    pub resources: Vec<&'static dyn Resource>,
    /// Its own namespaces and the standard's, its own first.
    pub namespaces: Vec<&'static dyn DescriptorNamespace>,
    /// Its extensions, by resource.
    pub extensions: Vec<&'static dyn Extension>,
    /// The resources that it adds whole, by name.
    pub extension_resources: Vec<&'static ExtensionResource>,
}

impl StateView {
    /// The data standard of the state's server, with the resources that the state adds whole.
    pub fn standard(&self) -> &'static DataStandard {
        extended(self.state, &self.extension_resources)
    }

    /// A resource by name.
    pub fn resource(&self, name: &str) -> Option<&'static dyn Resource> {
        self.resources.iter().copied().find(|resource| resource.spec().name == name)
    }

    /// A connection profile by key.
    pub fn profile(&self, key: &str) -> Option<&'static Profile> {
        self.state.profiles.iter().find(|profile| profile.key == key)
    }

    /// The extensions of a resource in a school year: key under `_ext` and shape.
    pub fn extensions_of(&self, resource: &str, year: i32) -> Vec<(&'static str, Class)> {
        let of_year = |e: &&&'static dyn Extension| e.resource() == resource && e.years().contains(&year);
        self.extensions.iter().filter(of_year).map(|e| (e.key(), e.class())).collect()
    }

    /// The mappings that its resources use, by key.
    pub fn mappings(&self) -> Vec<&'static MappingSpec> {
        let mut specs: Vec<_> = self.resources.iter().flat_map(|r| r.spec().mappings.iter().copied()).collect();
        specs.sort_by_key(|spec| spec.key);
        specs.dedup_by_key(|spec| spec.key);
        specs
    }

    /// The options that its resources use, by key.
    pub fn options(&self) -> Vec<&'static OptionSpec> {
        let mut specs: Vec<_> = self.resources.iter().flat_map(|r| r.spec().options.iter().copied()).collect();
        specs.sort_by_key(|spec| spec.key);
        specs.dedup_by_key(|spec| spec.key);
        specs
    }

    /// The descriptor values that the state's server knows in some school years.
    pub fn descriptors(&self, years: &[i32]) -> DescriptorIndex {
        let mut index = DescriptorIndex::default();
        for namespace in &self.namespaces {
            let values = index.values.entry(namespace.descriptor()).or_default();
            let valid = |code: &&descriptor::CodeValue| years.iter().any(|year| code.years.contains(year));
            values
                .extend(namespace.codes().iter().filter(valid).map(|c| descriptor::uri(namespace.namespace(), c.code)));
        }
        index
    }
}

/// Known descriptor values, to look one up.
#[derive(Debug, Default)]
pub struct DescriptorIndex {
    values: HashMap<&'static str, HashSet<String>>,
}

impl DescriptorIndex {
    /// Whether a descriptor has a value (`uri://namespace#codeValue`).
    pub fn exists(&self, descriptor: &str, uri: &str) -> bool {
        self.values.get(descriptor).is_some_and(|values| values.contains(uri))
    }

    /// The values of a descriptor, sorted.
    pub fn values(&self, descriptor: &str) -> Vec<&str> {
        let mut values: Vec<&str> = self.values.get(descriptor).into_iter().flatten().map(String::as_str).collect();
        values.sort_unstable();
        values
    }
}
