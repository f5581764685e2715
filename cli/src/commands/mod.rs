//! One file a command.

mod check;
mod completions;
pub(crate) mod demo;
pub(crate) mod describe;
mod errors;
mod explain;
mod history;
mod new_state;
mod plan;
mod resync;
mod retry;
mod run;
mod run_record;
mod sandbox;
mod show;
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
pub(crate) use history::history;
pub(crate) use new_state::new_state;
pub(crate) use plan::plan;
pub(crate) use resync::resync;
pub(crate) use retry::retry;
pub(crate) use sandbox::sandbox;
pub(crate) use show::show;
pub(crate) use states::states;
pub(crate) use status::status;
pub(crate) use sync::sync;
