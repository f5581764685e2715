//! Vocabulary and contracts of Rollcall: the SIS tables and the [`snapshot::Snapshot`] of them, the data standard's
//! [`model`], the traits [`resource::Resource`], [`descriptor::DescriptorNamespace`] and [`extension::Extension`] that
//! a state's crate implements, and the [`registry::Registry`] that finds them.
//!
//! This crate names no state, does no I/O and knows no time but what it is given: a rule is a pure function of a
//! [`context::Context`].
#![warn(missing_docs)]

pub mod config;
pub mod context;
pub mod descriptor;
pub mod extension;
pub mod finding;
pub mod model;
pub mod preferences;
pub mod registry;
pub mod resource;
pub mod snapshot;
pub mod sources;
pub mod state;
pub mod tables;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod value;
pub mod verdict;

/// What [`register!`] expands to; not for use by hand, so that a state crate cannot get another version.
#[doc(hidden)]
pub mod __private {
    pub use inventory::submit;
}
