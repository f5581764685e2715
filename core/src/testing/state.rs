//! A state, a resource and a model with nothing in them: a test that makes its own writes down what it is about.

use std::sync::OnceLock;

use crate::model::{Class, DataStandard, IdentityPart, Kind, Property, ResourceModel};
use crate::resource::ResourceSpec;
use crate::state::State;

/// A state of the data standard that reports nothing, whose extension has its code as key:
/// `State { reports: &[…], ..state("zz") }`.
pub const fn state(code: &'static str) -> State {
    State {
        code,
        name: "Nowhere",
        standard: DataStandard::ed_fi_4_0,
        years: 2025..=2027,
        profiles: &[],
        extension_key: Some(code),
        reports: &[],
        state_owned: &[],
        seed: |_| Vec::new(),
    }
}

/// A resource without elements, rules or preferences.
pub const fn spec(name: &'static str) -> ResourceSpec {
    ResourceSpec {
        name,
        document: "none",
        summary: "",
        elements: &[],
        triggers: &[],
        exclusions: &[],
        mappings: &[],
        options: &[],
        gathers: &[],
        shared: false,
    }
}

/// The model of a resource that has one member, a text, which is its natural key.
pub fn model(resource: &str, key: &str) -> ResourceModel {
    let member = Property { required: true, identity: true, ..Property::new(key, Kind::String) };
    ResourceModel {
        name: resource.to_owned(),
        entity: resource.to_owned(),
        base: None,
        key_update_allowed: false,
        identity: vec![IdentityPart { name: key.to_owned(), kind: Kind::String, paths: vec![key.to_owned()] }],
        authorization_subjects: Vec::new(),
        unified_keys: Vec::new(),
        class: Class { properties: vec![member], ..Class::default() },
        key_names: OnceLock::new(),
    }
}
