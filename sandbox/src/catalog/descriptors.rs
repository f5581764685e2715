//! Descriptors as resources: the standard gives their names, their shape is the same for all.

use std::sync::OnceLock;

use rollcall_core::model::{Class, IdentityPart, Kind, Property, ResourceModel};
use rollcall_core::value::Object;

use crate::config::Schema;

/// The model of a descriptor's resource.
pub(super) fn model(descriptor: &str, resource: &str) -> ResourceModel {
    let part = |name: &str| IdentityPart { name: name.to_owned(), kind: Kind::String, paths: vec![name.to_owned()] };
    ResourceModel {
        name: resource.to_owned(),
        entity: descriptor.to_owned(),
        base: None,
        key_update_allowed: false,
        identity: vec![part("codeValue"), part("namespace")],
        authorization_subjects: Vec::new(),
        unified_keys: Vec::new(),
        class: Class {
            properties: vec![
                text("codeValue", 50, true, true),
                text("namespace", 255, true, true),
                text("description", 1024, false, false),
                date("effectiveBeginDate"),
                date("effectiveEndDate"),
                text("shortDescription", 75, true, false),
            ],
            ..Class::default()
        },
        key_names: OnceLock::new(),
    }
}

/// The descriptors that only a schema's extensions use, each with the URL segment of its extension.
pub(super) fn of_extensions(schema: &Schema) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let extensions = schema.extensions.iter().map(|extension| (&extension.key, &extension.class));
    let whole = schema.resources.iter().map(|resource| (&resource.segment, &resource.model.class));
    for (key, class) in extensions.chain(whole) {
        collect(class, &mut |descriptor| {
            let known = schema.standard.descriptors.contains_key(descriptor)
                || found.iter().any(|(known, _): &(String, String)| known == descriptor);
            if !known {
                found.push((descriptor.to_owned(), key.clone()));
            }
        });
    }
    found
}

fn collect(class: &Class, add: &mut dyn FnMut(&str)) {
    let references = class.references.iter().flat_map(|reference| &reference.properties);
    for property in class.properties.iter().chain(references).filter(|property| property.kind == Kind::Descriptor) {
        add(&name_of(property));
    }
    class.objects.iter().for_each(|object| collect(&object.class, add));
    class.collections.iter().for_each(|collection| collect(&collection.class, add));
}

/// The descriptor of a member: the one it says, or the one of its own name.
pub(super) fn name_of(property: &Property) -> String {
    property.descriptor.clone().unwrap_or_else(|| crate::api::names::pascal(&property.name))
}

/// A body that holds a descriptor's key alone.
pub(super) fn key_body(code_value: String, namespace: String) -> Object<'static> {
    Object::new().with("codeValue", code_value).with("namespace", namespace)
}

fn text(name: &str, max_length: usize, required: bool, identity: bool) -> Property {
    Property { max_length: Some(max_length), required, identity, ..Property::new(name, Kind::String) }
}

fn date(name: &str) -> Property {
    Property::new(name, Kind::Date)
}
