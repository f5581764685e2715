//! The payload check before anything is sent, and the references of a body.

use std::collections::HashMap;

use rollcall_core::model::{Class, DataStandard, KeyHash, ResourceModel, Surroundings, Violation, check};
use rollcall_core::registry::{DescriptorIndex, StateView};
use rollcall_core::value::{Object, Value};

/// Holds bodies against the data standard, the state's extension and the known code lists.
pub struct Checker {
    standard: &'static DataStandard,
    descriptors: DescriptorIndex,
    /// By resource: key under `_ext` and shape.
    extensions: HashMap<&'static str, Vec<(&'static str, Class)>>,
}

impl Checker {
    /// A checker for a state and some school years. Of several years with different shapes of an extension, the latest
    /// year's holds.
    pub fn new(state: &StateView, years: &[i32]) -> Self {
        let latest = years.iter().max().copied().unwrap_or_default();
        let extensions = state.resources.iter().map(|resource| {
            let name = resource.spec().name;
            (name, state.extensions_of(name, latest))
        });
        Self { standard: state.standard(), descriptors: state.descriptors(years), extensions: extensions.collect() }
    }

    /// The model of a resource. Every resource of a state is in its data standard (the registry's tests see to it).
    pub fn model(&self, resource: &str) -> Option<&'static ResourceModel> {
        self.standard.resource(resource)
    }

    /// What is wrong with a body; empty means that it may be sent.
    pub fn violations(&self, model: &ResourceModel, body: &Object<'_>) -> Vec<Violation> {
        let extensions: Vec<(&str, &Class)> =
            self.extensions_of(&model.name).iter().map(|(key, class)| (*key, class)).collect();
        let exists = |descriptor: &str, uri: &str| self.descriptors.exists(descriptor, uri);
        check(model, body, &Surroundings { extensions: &extensions, descriptor_exists: &exists })
    }

    /// Visits the records that a body refers to, in its extension too: `(member, resource, key)`.
    pub fn references(
        &self,
        model: &'static ResourceModel,
        body: &Object<'_>,
        visit: &mut dyn FnMut(&str, &'static str, KeyHash),
    ) {
        let mut visit = |member: &str, target: &ResourceModel, key: KeyHash| {
            // The standard's own copy of the name lives as long as the program.
            if let Some(target) = self.standard.resource(&target.name) {
                visit(member, &target.name, key);
            }
        };
        KeyHash::references(self.standard, &model.class, body, &mut |reference, target, key| {
            visit(&reference.name, target, key);
        });
        for (name, class) in self.extensions_of(&model.name) {
            if let Some(Value::Object(extension)) = body.at(&format!("_ext.{name}")) {
                KeyHash::references(self.standard, class, extension, &mut |reference, target, key| {
                    visit(&reference.name, target, key);
                });
            }
        }
    }

    /// The resources that a resource refers to, in its extension too; sorted, each once.
    pub fn upstream(&self, resource: &str) -> Vec<&str> {
        let mut names = self.model(resource).map(ResourceModel::upstream).unwrap_or_default();
        for (_, class) in self.extensions_of(resource) {
            collect(class, &mut names);
        }
        let mut concrete: Vec<&str> = names
            .into_iter()
            .flat_map(|name| self.standard.concrete(name).into_iter().map(|model| model.name.as_str()))
            .collect();
        concrete.sort_unstable();
        concrete.dedup();
        concrete
    }

    fn extensions_of(&self, resource: &str) -> &[(&'static str, Class)] {
        self.extensions.get(resource).map(Vec::as_slice).unwrap_or_default()
    }
}

fn collect<'a>(class: &'a Class, names: &mut Vec<&'a str>) {
    names.extend(class.references.iter().map(|reference| reference.target.as_str()));
    class.objects.iter().for_each(|object| collect(&object.class, names));
    class.collections.iter().for_each(|collection| collect(&collection.class, names));
}
