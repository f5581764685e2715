//! Hashes of natural keys, read from a body by the model.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hash, Hasher};

use super::class::{Class, Reference};
use super::standard::{DataStandard, ResourceModel};
use crate::sources::Fingerprint;
use crate::value::{Object, Value};

/// A 128-bit hash of a natural key, by which plans look up records and references.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyHash(pub [u8; 16]);

/// A map by natural key.
pub type KeyMap<V> = HashMap<KeyHash, V, BuildHasherDefault<KeyHasher>>;

/// A set of natural keys.
pub type KeySet = HashSet<KeyHash, BuildHasherDefault<KeyHasher>>;

/// Takes a [`KeyHash`] as it is: hashing a hash again is most of the time that a map of a million records takes.
#[derive(Debug, Default)]
pub struct KeyHasher(u64);

impl Hash for KeyHash {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.bits());
    }
}

impl KeyHash {
    /// Its first 64 bits: for tables that are told the hash of what they hold.
    pub fn bits(&self) -> u64 {
        u64::from_ne_bytes(self.0.first_chunk().copied().unwrap_or_default())
    }
}

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 ^= hash;
    }
}

impl KeyHash {
    /// The hash of the natural key in a body, without building the key.
    pub fn of(model: &ResourceModel, body: &Object<'_>) -> Option<Self> {
        let mut bytes = start(&model.name);
        for part in &model.identity {
            let value = part.paths.iter().find_map(|path| body.at(path)).filter(|v| **v != Value::Null)?;
            feed_value(&mut bytes, value);
        }
        Some(finish(&bytes))
    }

    /// The hash of the key that one reference names, as a record of the concrete resource `target`; none when a member
    /// is missing.
    pub fn of_reference(reference: &Reference, target: &ResourceModel, value: &Object<'_>) -> Option<Self> {
        hash_reference(reference, target, value)
    }

    /// The hashes of the keys that a body's references name, anywhere in it, each with the reference's member name
    /// and the resource named. A reference to an abstract resource gives one entry for each concrete one.
    pub fn references<'m, 'c>(
        standard: &'m DataStandard,
        class: &'c Class,
        body: &Object<'_>,
        visit: &mut dyn FnMut(&'c Reference, &'m ResourceModel, Self),
    ) {
        for reference in &class.references {
            let Some(Value::Object(value)) = body.get(&reference.name) else { continue };
            if let Some(target) = standard.resource(&reference.target) {
                if let Some(hash) = hash_reference(reference, target, value) {
                    visit(reference, target, hash);
                }
                continue;
            }
            for target in standard.concrete(&reference.target) {
                if let Some(hash) = hash_reference(reference, target, value) {
                    visit(reference, target, hash);
                }
            }
        }
        Self::nested_references(standard, class, body, visit);
    }

    /// Of these, the ones that are not members of the body itself, but of what is embedded in it.
    pub fn nested_references<'m, 'c>(
        standard: &'m DataStandard,
        class: &'c Class,
        body: &Object<'_>,
        visit: &mut dyn FnMut(&'c Reference, &'m ResourceModel, Self),
    ) {
        for embedded in &class.objects {
            if let Some(Value::Object(value)) = body.get(&embedded.name) {
                Self::references(standard, &embedded.class, value, visit);
            }
        }
        for collection in &class.collections {
            let items = body.get(&collection.name).and_then(Value::as_array).unwrap_or_default();
            for item in items.iter().filter_map(Value::as_object) {
                Self::references(standard, &collection.class, item, visit);
            }
        }
    }
}

/// A reference's members stand for the target's key parts: by name, or, for an abstract target (one part), in order.
pub(super) fn hash_reference(reference: &Reference, target: &ResourceModel, value: &Object<'_>) -> Option<KeyHash> {
    let mut bytes = start(&target.name);
    for part in &target.identity {
        let member = reference.properties.iter().find(|p| p.name == part.name);
        let member = if target.identity.len() == 1 { member.or(reference.properties.first()) } else { member };
        feed_value(&mut bytes, value.get(&member?.name).filter(|v| **v != Value::Null)?);
    }
    Some(finish(&bytes))
}

pub(super) fn hash_parts<'a>(resource: &str, parts: impl Iterator<Item = &'a str>) -> KeyHash {
    let mut bytes = start(resource);
    parts.for_each(|part| feed(&mut bytes, part));
    finish(&bytes)
}

/// The bytes to hash, with room for most keys. Small and hashed in one go: BLAKE3's streaming state is some 2 KiB.
fn start(resource: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(192);
    feed(&mut bytes, resource);
    bytes
}

fn feed_value(bytes: &mut Vec<u8>, value: &Value<'_>) {
    match value {
        Value::Text(text) => feed(bytes, text),
        value => {
            value.push_key_text(bytes);
            bytes.push(0);
        }
    }
}

/// Descriptor values are the same whatever their case (servers look them up so, and give back the case that they have
/// stored); other texts are not.
fn feed(bytes: &mut Vec<u8>, part: &str) {
    if part.starts_with("uri://") {
        bytes.extend_from_slice(part.to_lowercase().as_bytes());
    } else {
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes.push(0);
}

fn finish(bytes: &[u8]) -> KeyHash {
    KeyHash(Fingerprint::of(bytes).0)
}
