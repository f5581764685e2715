//! The way to an Ed-Fi ODS/API: OAuth, the HTTP client, retry and pacing, dependency order, and what an answer means.
//!
//! This crate knows resources by their path and bodies as bytes; it knows no SIS table and no state.
//! A [`Client`] is connected once a run and cloned into every worker. Each write ends in one [`Outcome`]:
//! done, refused (final for this body), unknown (the retry budget is used up; it may have been committed), or stop
//! (the run cannot go on). [`decide`] is the one place that chooses between them.
//!
//! Bodies, query values and the texts a server answers with can be student data: the types that hold them have a
//! redacted `Debug`, no error repeats them, and no tracing field carries them.
#![warn(missing_docs)]

mod answer;
mod attempt;
mod auth;
mod blocked;
mod classify;
mod client;
mod config;
mod decision;
mod discovery;
mod endpoints;
mod error;
mod exchange;
mod fields;
mod halt;
mod http;
mod limit;
mod location;
mod meant;
mod order;
mod outage;
mod outcome;
mod pacing;
mod paging;
mod rate;
mod resource;
mod statistics;
mod tried;
mod trouble;
mod turn;

pub use answer::{Answer, Shape};
pub use auth::{ClientCredentials, Token, TokenSource};
pub use client::Client;
pub use config::{ClientConfig, RetryPolicy};
pub use decision::{Decision, Operation, Seen, Server, Tally, decide};
pub use discovery::{DataModel, Dependency, Discovery, Urls};
pub use error::{TransportError, TransportErrorKind};
pub use meant::Meant;
pub use order::{OrderError, dependency_order, disagreements};
pub use outcome::{Cause, Done, FieldError, Outcome, ReadError, RefusalClass, Refused, Unknown};
pub use paging::Pages;
pub use resource::{Page, ResourcePath, Stored};
pub use statistics::{Statistics, Traffic};
