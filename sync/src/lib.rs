//! Keeps an ODS in step with a snapshot of the SIS: plan, then apply what was planned.
//!
//! This is the only crate that knows the rules, the ledger and the transport at once. [`plan::Plan`] compares what the
//! rules report now with what the ledger says the ODS holds; [`apply::apply`] carries it out and accounts for every
//! record.
#![warn(missing_docs)]

pub mod advice;
pub mod apply;
pub mod check;
pub mod deletion;
pub mod error_log;
pub mod explain;
mod naming;
mod ods;
pub mod plan;
pub mod progress;
pub mod summary;
