//! Where a resource's body refers to other records.

use std::collections::HashMap;

use rollcall_core::model::{Class, Kind, Property, Reference};
use rollcall_core::value::{Object, Value};

use super::{Catalog, Filter, Resource};
use crate::error::SandboxError;

/// One place in the bodies of a resource where another record is named.
#[derive(Debug, Clone)]
pub(crate) struct ReferenceSite {
    /// Position among all sites of the catalog.
    pub(crate) number: u32,
    /// Members from the root to the reference, through objects and collections.
    pub(crate) path: Vec<String>,
    pub(crate) reference: Reference,
    /// The resources it may name; several for an abstract one.
    pub(crate) targets: Vec<usize>,
    /// Name of the class that holds it.
    pub(crate) entity: String,
    /// Whether a record can be without it.
    pub(crate) optional: bool,
}

/// One place in the bodies of a resource that holds a descriptor value.
#[derive(Debug, Clone)]
pub(crate) struct DescriptorSite {
    /// Members from the root to the object that holds the value.
    pub(crate) path: Vec<String>,
    pub(crate) member: String,
    pub(crate) descriptor: String,
    /// The descriptor's resource.
    pub(crate) target: usize,
    /// Name of the class that holds it; a member of a reference counts to its reference and has none.
    pub(crate) entity: Option<String>,
    pub(crate) optional: bool,
}

/// A member of a nested reference that must equal a value of the body's root.
#[derive(Debug, Clone)]
pub(crate) struct UnifiedSite {
    /// Members from the root to the reference.
    pub(crate) path: Vec<String>,
    /// Name of the class that holds the reference.
    pub(crate) entity: String,
    pub(crate) member: String,
    /// Flattened name.
    pub(crate) name: String,
    /// Dotted paths that carry the root's value.
    pub(crate) root_paths: Vec<String>,
}

/// Calls `f` for each object at a path from the root, through collections.
pub(crate) fn visit<'b, 'v>(body: &'b Object<'v>, path: &[String], f: &mut dyn FnMut(&'b Object<'v>)) {
    let Some((head, rest)) = path.split_first() else { return f(body) };
    match body.get(head) {
        Some(Value::Object(object)) => visit(object, rest, f),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_object).for_each(|item| visit(item, rest, f)),
        _ => {}
    }
}

/// As [`visit`], to change the objects.
pub(crate) fn visit_mut(body: &mut Object<'static>, path: &[String], f: &mut dyn FnMut(&mut Object<'static>)) {
    let Some((head, rest)) = path.split_first() else { return f(body) };
    match body.get_mut(head) {
        Some(Value::Object(object)) => visit_mut(object, rest, f),
        Some(Value::Array(items)) => {
            for item in items {
                if let Value::Object(item) = item {
                    visit_mut(item, rest, f);
                }
            }
        }
        _ => {}
    }
}

/// The sites of one resource while they are collected.
#[derive(Default)]
pub(super) struct Sites {
    pub(super) references: Vec<ReferenceSite>,
    pub(super) descriptors: Vec<DescriptorSite>,
}

impl Sites {
    pub(super) fn collect(&mut self, resource: &Resource, catalog: &Catalog) -> Result<(), SandboxError> {
        let entity = resource.model.entity.as_str();
        self.class(&resource.model.class, &[], entity, false, catalog)?;
        for (key, class) in &resource.extensions {
            let path = ["_ext".to_owned(), key.clone()];
            self.class(class, &path, &format!("{entity}Extension"), false, catalog)?;
        }
        Ok(())
    }

    /// Members of nested references that repeat a value of the root.
    pub(super) fn unified(&self, resource: &str, filters: &HashMap<String, Filter>) -> Vec<UnifiedSite> {
        let mut unified = Vec::new();
        for site in self.references.iter().filter(|site| site.path.len() > 1) {
            for property in site.reference.properties.iter().filter(|p| p.unified_with_parent) {
                let Some(root) = filters.get(&property.query_name().to_ascii_lowercase()) else {
                    tracing::debug!(
                        resource,
                        member = property.name,
                        "a unified member has no counterpart in the root"
                    );
                    continue;
                };
                unified.push(UnifiedSite {
                    path: site.path.clone(),
                    entity: site.entity.clone(),
                    member: property.name.clone(),
                    name: property.query_name().to_owned(),
                    root_paths: root.paths.clone(),
                });
            }
        }
        unified
    }

    fn class(
        &mut self,
        class: &Class,
        path: &[String],
        entity: &str,
        optional: bool,
        catalog: &Catalog,
    ) -> Result<(), SandboxError> {
        for property in &class.properties {
            self.descriptor(property, path, Some(entity), optional || !property.required, catalog)?;
        }
        for reference in &class.references {
            let inner = join(path, &reference.name);
            let optional = optional || !reference.required;
            for property in &reference.properties {
                self.descriptor(property, &inner, None, optional, catalog)?;
            }
            let targets: Vec<usize> = match catalog.standard.abstract_resources.get(&reference.target) {
                Some(concrete) => {
                    concrete.iter().filter_map(|name| catalog.by_name(name)).map(|target| target.index).collect()
                }
                None => catalog.by_name(&reference.target).map(|target| target.index).into_iter().collect(),
            };
            if targets.is_empty() {
                return Err(SandboxError::UnknownName { kind: "resource", name: reference.target.clone() });
            }
            let (reference, entity) = (reference.clone(), entity.to_owned());
            self.references.push(ReferenceSite { number: 0, path: inner, reference, targets, entity, optional });
        }
        for object in &class.objects {
            let optional = optional || !object.required;
            self.class(&object.class, &join(path, &object.name), &object.entity, optional, catalog)?;
        }
        for collection in &class.collections {
            let optional = optional || !collection.required;
            self.class(&collection.class, &join(path, &collection.name), &collection.entity, optional, catalog)?;
        }
        Ok(())
    }

    fn descriptor(
        &mut self,
        property: &Property,
        path: &[String],
        entity: Option<&str>,
        optional: bool,
        catalog: &Catalog,
    ) -> Result<(), SandboxError> {
        if property.kind != Kind::Descriptor {
            return Ok(());
        }
        let descriptor = super::descriptors::name_of(property);
        let Some(target) = catalog.descriptor(&descriptor).map(|resource| resource.index) else {
            return Err(SandboxError::UnknownName { kind: "descriptor", name: descriptor });
        };
        let entity = entity.map(str::to_owned);
        let member = property.name.clone();
        self.descriptors.push(DescriptorSite { path: path.to_vec(), member, descriptor, target, entity, optional });
        Ok(())
    }
}

fn join(path: &[String], member: &str) -> Vec<String> {
    let mut joined = path.to_vec();
    joined.push(member.to_owned());
    joined
}
