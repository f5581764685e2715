//! Vocabulary and contracts of Rollcall.
#![warn(missing_docs)]

pub mod model;
pub mod value;
