//! The data standard's model: resources, their members, types, lengths, keys and references, as data.
//!
//! The facts of Data Standard 4.0 stand in `core/data/ed-fi-4.0.json`, one resource a line. A state's extension adds
//! classes of its own ([`crate::extension::Extension`]). Nothing in the program has code for one resource's shape: the
//! payload check, the sandbox, natural keys and references are all read from here.

mod check;
mod class;
mod content;
mod key;
mod key_hash;
mod standard;
mod violation;

pub use check::{Surroundings, check};
pub use class::{Class, Collection, EmbeddedObject, Kind, Property, Reference};
pub use content::content;
pub use key::{KeyNames, NaturalKey};
pub use key_hash::{KeyHash, KeyHasher, KeyMap, KeySet};
pub use standard::{DataStandard, IdentityPart, ResourceModel, UnifiedKey};
pub use violation::{Violation, ViolationKind};
