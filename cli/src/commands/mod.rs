//! One file a command.

mod check;
mod completions;
mod demo;
pub(crate) mod describe;
mod errors;
mod explain;
mod plan;
mod sandbox;
mod states;
mod status;
mod summary;
mod sync;

pub(crate) use check::check;
pub(crate) use completions::completions;
pub(crate) use demo::demo;
pub(crate) use describe::describe;
pub(crate) use errors::errors;
pub(crate) use explain::explain;
pub(crate) use plan::plan;
pub(crate) use sandbox::sandbox;
pub(crate) use states::states;
pub(crate) use status::status;
pub(crate) use sync::sync;
