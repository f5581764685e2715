//! Which query parameters a resource knows.

use std::collections::HashMap;

use rollcall_core::model::{Class, DataStandard, Property};

use super::Resource;

/// What one query parameter compares with.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    /// Dotted paths in the body; the first that is there counts.
    pub(crate) paths: Vec<String>,
    /// The type of the value.
    pub(crate) property: Property,
    /// A member that the resource inherits and that is no part of its key: version 6 ignores it as a parameter.
    pub(crate) inherited: bool,
}

/// The parameters of a resource by their names in lower case: the plain members of its root and of its root's references.
pub(super) fn filters(resource: &Resource, standard: &DataStandard) -> HashMap<String, Filter> {
    let mut filters = HashMap::new();
    let inherited = |property: &Property| is_inherited(resource, property, standard);
    add(&resource.model.class, "", &inherited, &mut filters);
    for part in &resource.model.identity {
        let Some(property) = part.paths.first().and_then(|path| resource.model.class.property_at(path)) else {
            continue;
        };
        let filter =
            Filter { paths: part.paths.clone(), property: property.clone(), inherited: resource.descriptor.is_some() };
        filters.insert(part.name.to_ascii_lowercase(), filter);
    }
    filters
}

fn add(class: &Class, prefix: &str, inherited: &dyn Fn(&Property) -> bool, filters: &mut HashMap<String, Filter>) {
    let mut insert = |property: &Property, path: String| {
        let filter = filters.entry(property.query_name().to_ascii_lowercase()).or_insert_with(|| Filter {
            paths: Vec::new(),
            property: property.clone(),
            inherited: inherited(property),
        });
        filter.paths.push(path);
    };
    for property in &class.properties {
        insert(property, format!("{prefix}{}", property.name));
    }
    for reference in &class.references {
        for property in &reference.properties {
            insert(property, format!("{prefix}{}.{}", reference.name, property.name));
        }
    }
    for object in &class.objects {
        add(&object.class, &format!("{prefix}{}.", object.name), inherited, filters);
    }
}

/// A plain member that all concrete resources of one abstract resource share is the abstract one's; a descriptor's
/// members are those of the abstract descriptor.
fn is_inherited(resource: &Resource, property: &Property, standard: &DataStandard) -> bool {
    if resource.descriptor.is_some() {
        return true;
    }
    let Some(base) = resource.model.base.as_deref() else { return false };
    !property.identity && standard.concrete(base).iter().all(|other| other.class.property(&property.name).is_some())
}
