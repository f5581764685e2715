//! `rollcall sandbox`

use std::path::PathBuf;

use rollcall_core::context::Context;
use rollcall_core::preferences::Preferences;
use rollcall_core::registry::{Registry, StateView};
use rollcall_core::snapshot::{Snapshot, Tables};
use rollcall_sandbox::{ApiKey, SandboxConfig, Storage};
use rollcall_source::read_snapshot;

use crate::args::{self, Global};
use crate::exit::{Exit, Failure};
use crate::seed;
use crate::session::Session;
use crate::ui::Ui;

pub(crate) async fn sandbox(
    args: &args::Sandbox,
    global: &Global,
    registry: &Registry,
    ui: &Ui,
) -> Result<Exit, Failure> {
    let (state, years, tables) = setting(args, global, registry)?;
    let snapshot = match &tables {
        Some(folder) => {
            let reading = read_snapshot(folder)?;
            ui.findings(&reading.findings);
            reading.snapshot
        }
        None => Snapshot::new(Tables::default(), &mut Vec::new()),
    };
    let preferences = Preferences::new();
    let cx = Context { snapshot: &snapshot, preferences: &preferences, years: &years };
    let seed = seed::seed(&state, &cx);
    let ids = seed::education_organization_ids(&seed);
    let config = SandboxConfig {
        listen: args.listen,
        storage: args.file.clone().map_or(Storage::Memory, Storage::File),
        keys: vec![ApiKey::sis_vendor(args.key.clone(), args.secret.clone(), ids)],
        allow_non_loopback: args.allow_non_loopback,
        ..SandboxConfig::default()
    };
    let sandbox = rollcall_sandbox::Sandbox::start(config, seed::schema(&state, &years), seed).await.map_err(failed)?;
    // The address is what a script waits for; the key is a sandbox's, not a secret of anybody.
    ui.line(sandbox.url());
    ui.note(&format!("{} sandbox at {}; stop it with Ctrl-C", state.state.name, sandbox.url()));
    if tables.is_none() {
        ui.note("no tables given: it has code lists and no schools; name them with --tables");
    }
    tokio::signal::ctrl_c().await?;
    sandbox.stop().await;
    Ok(Exit::Done)
}

pub(super) fn failed(error: rollcall_sandbox::SandboxError) -> Failure {
    Failure::new(Exit::Input, error)
}

/// The state, the school years and the tables: as asked for, else as the configuration has them.
fn setting(
    args: &args::Sandbox,
    global: &Global,
    registry: &Registry,
) -> Result<(StateView, Vec<i32>, Option<PathBuf>), Failure> {
    if let Some(code) = &args.state {
        let state = registry.state(code).map_err(|unknown| {
            let near = unknown.nearest.map(|near| format!("did you mean {near}?")).unwrap_or_default();
            Failure::new(Exit::Usage, unknown).hint(near)
        })?;
        return Ok((state, vec![args.school_year], args.tables.clone()));
    }
    let session = Session::open(&global.config, registry)
        .map_err(|failure| failure.hint("or name the state: rollcall sandbox --state ks --tables FOLDER"))?;
    let tables = args.tables.clone().unwrap_or_else(|| session.path(&session.config.source));
    Ok((session.config.state, session.config.years, Some(tables)))
}
