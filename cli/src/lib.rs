//! The command line of Rollcall: the only crate that names state crates, reads the environment, or prints.

pub mod args;
mod commands;
pub mod exit;
pub mod seed;
mod session;
pub mod states;
mod stop;
mod ui;

use std::process::ExitCode;

use clap::Parser as _;
use rollcall_core::registry::{Registry, RegistryError};
use tokio::runtime::Builder;

use args::{Cli, Command};
use exit::{Exit, Failure};
use ui::Ui;

/// The registry of the states compiled in.
pub fn registry() -> Result<Registry, RegistryError> {
    Registry::build(states::COMPILED_IN)
}

pub use commands::demo::sample_configuration;
pub use commands::describe::state_page;

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let ui = Ui::new(&cli.global);
    match run(&cli, &ui).and_then(|exit| ui.finish().map(|()| exit)) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            ui.failure(&failure);
            failure.exit.into()
        }
    }
}

fn run(cli: &Cli, ui: &Ui) -> Result<Exit, Failure> {
    if let Command::Completions { shell } = cli.command {
        return Ok(commands::completions(shell, ui));
    }
    session::check_clock()?;
    let registry = registry().map_err(|error| Failure::new(Exit::Internal, error))?;
    // A server answers on every processor; who only sends is faster on one (docs/performance.md, "Sending").
    let serves = matches!(cli.command, Command::Demo(_) | Command::Sandbox(_));
    let mut runtime = if serves { Builder::new_multi_thread() } else { Builder::new_current_thread() };
    let runtime = runtime.enable_all().build()?;
    runtime.block_on(async {
        match &cli.command {
            Command::Demo(args) => commands::demo(args, &registry, ui).await,
            Command::Check(args) => commands::check(args, &cli.global, &registry, ui).await,
            Command::Plan(args) => commands::plan(args, &cli.global, &registry, ui),
            Command::Resync(args) => commands::resync(args, &cli.global, &registry, ui).await,
            Command::Delete(args) => commands::delete(args, &cli.global, &registry, ui).await,
            Command::Sync(args) => commands::sync(args, &cli.global, &registry, ui).await,
            Command::Status => commands::status(&cli.global, &registry, ui),
            Command::Errors(args) => commands::errors(args, &cli.global, &registry, ui),
            Command::Retry(args) => commands::retry(args, &cli.global, &registry, ui).await,
            Command::Report(args) => commands::report(args, &cli.global, &registry, ui),
            Command::History(args) => commands::history(args, &cli.global, &registry, ui),
            Command::Show(args) => commands::show(args, &cli.global, &registry, ui),
            Command::Explain(args) => commands::explain(args, &cli.global, &registry, ui),
            Command::Describe(args) => commands::describe(args, &registry, ui),
            Command::States => commands::states(&registry, ui),
            Command::NewState(args) => commands::new_state(args, &registry, ui),
            Command::Sandbox(args) => commands::sandbox(args, &cli.global, &registry, ui).await,
            Command::Completions { shell } => Ok(commands::completions(*shell, ui)),
        }
    })
}
