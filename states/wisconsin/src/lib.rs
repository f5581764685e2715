//! Wisconsin: only what Wisconsin changes.
#![warn(missing_docs)]

pub mod state;
