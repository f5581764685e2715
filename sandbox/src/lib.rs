//! An Ed-Fi-compatible API in one process, for demonstrations, tests and state teams.
//!
//! [`Sandbox::start`] serves discovery, OAuth, the resources and descriptors of a data standard with a state's
//! extensions, and the dependency order, over HTTP on a loopback address. It answers as the real ODS/API does: the same
//! order of checks, statuses and message texts, relationship-based authorization included. Nothing in it knows a
//! resource by itself: members, keys, references, code lists and authorization subjects are read from the
//! [data standard's model](rollcall_core::model) and the [`Schema`].
//!
//! Records are held in memory; with [`Storage::File`] each change is in an SQLite file before its answer is sent.
//!
//! ```no_run
//! # async fn run() -> Result<(), rollcall_sandbox::SandboxError> {
//! use rollcall_core::model::DataStandard;
//! use rollcall_sandbox::{ApiKey, Sandbox, SandboxConfig, Schema, Seed};
//!
//! let config = SandboxConfig { keys: vec![ApiKey::full("key", "secret")], ..SandboxConfig::default() };
//! let sandbox = Sandbox::start(config, Schema::from(DataStandard::ed_fi_4_0()), Seed::default()).await?;
//! tracing::info!(url = sandbox.url(), "serving");
//! sandbox.stop().await;
//! # Ok(())
//! # }
//! ```
#![warn(missing_docs)]

mod api;
mod bind;
mod catalog;
mod claims;
mod config;
mod connection;
mod error;
mod fault_text;
mod faults;
mod sandbox;
mod security;
mod seed;
mod store;
mod transfer;
mod ui;

pub use claims::Access;
pub use config::{
    ApiKey, ApiVersion, Database, DescriptorSeed, ExtensionResource, ResourceExtension, SandboxConfig, Schema, Seed,
    SeedRecord, Storage, UiAccess,
};
pub use error::SandboxError;
pub use fault_text::ParseFaultsError;
pub use faults::{Faults, Hit, Moment, Outage, What, Whom};
pub use sandbox::Sandbox;
pub use store::{LoggedRequest, Store};
pub use transfer::{Loaded, Refusal};
