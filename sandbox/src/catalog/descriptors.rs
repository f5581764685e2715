//! Descriptors as resources: the standard gives their names, their shape is the same for all.

use rollcall_core::model::{Class, IdentityPart, Kind, Property, ResourceModel};
use rollcall_core::value::Object;

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
    }
}

/// A body that holds a descriptor's key alone.
pub(super) fn key_body(code_value: String, namespace: String) -> Object<'static> {
    Object::new().with("codeValue", code_value).with("namespace", namespace)
}

fn text(name: &str, max_length: usize, required: bool, identity: bool) -> Property {
    Property { max_length: Some(max_length), required, identity, ..plain(name, Kind::String) }
}

fn date(name: &str) -> Property {
    plain(name, Kind::Date)
}

fn plain(name: &str, kind: Kind) -> Property {
    Property {
        name: name.to_owned(),
        kind,
        descriptor: None,
        format: None,
        max_length: None,
        min_length: None,
        minimum: None,
        maximum: None,
        precision: None,
        scale: None,
        required: false,
        identity: false,
        flattened_as: None,
        unified_with_parent: false,
    }
}
