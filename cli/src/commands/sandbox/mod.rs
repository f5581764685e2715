//! `rollcall sandbox`: serving; `load` and `dump` have their own files.

mod dump;
mod keys;
mod load;
mod setting;

use std::time::Duration;

use rollcall_core::registry::Registry;
use rollcall_sandbox::{ApiKey, ApiVersion, Database, SandboxConfig, Storage, UiAccess};

use self::setting::Setting;
use crate::args::{self, Global, SandboxCommand};
use crate::exit::{Exit, Failure};
use crate::seed;
use crate::stop::Stop;
use crate::ui::Ui;

pub(crate) async fn sandbox(
    args: &args::Sandbox,
    global: &Global,
    registry: &Registry,
    ui: &Ui,
) -> Result<Exit, Failure> {
    match &args.command {
        None => serve(&args.serve, global, registry, ui).await,
        Some(SandboxCommand::Load(args)) => load::load(args, global, registry, ui).await,
        Some(SandboxCommand::Dump(args)) => dump::dump(args, global, registry, ui).await,
    }
}

async fn serve(args: &args::SandboxServe, global: &Global, registry: &Registry, ui: &Ui) -> Result<Exit, Failure> {
    let setting = Setting::read(&args.server, global, registry, ui)?;
    let keys = if let Some(file) = &args.keys {
        keys::read(file)?
    } else {
        let ids = seed::education_organization_ids(&setting.seed);
        let mut key = ApiKey::sis_vendor(args.key.clone(), args.secret.clone(), ids);
        key.namespace_prefixes = setting.namespace_prefixes();
        vec![key]
    };
    let config = SandboxConfig {
        listen: args.listen,
        storage: args.file.clone().map_or(Storage::Memory, Storage::File),
        keys,
        token_lifetime: Duration::from_secs(args.token_lifetime),
        api_version: match args.api_version {
            args::ApiVersion::V6 => ApiVersion::V6,
            args::ApiVersion::V7 => ApiVersion::V7,
        },
        database: match args.database {
            args::Database::SqlServer => Database::SqlServer,
            args::Database::PostgreSql => Database::PostgreSql,
        },
        strict: args.strict,
        allow_non_loopback: args.allow_non_loopback,
        ui: match args.ui {
            args::UiAccess::Loopback => UiAccess::Loopback,
            args::UiAccess::Everyone => UiAccess::Everyone,
            args::UiAccess::Off => UiAccess::Off,
        },
        faults: args.faults.clone().unwrap_or_default(),
    };
    let files = load::files(&args.load)?;
    let Setting { state, schema, seed, tables, .. } = setting;
    let sandbox = rollcall_sandbox::Sandbox::start(config, schema, seed).await.map_err(failed)?;
    if !files.is_empty() {
        load::put_in(sandbox.store(), &files, ui).await?;
    }
    let stop = Stop::listen()?;
    // The address is what a script waits for; the key is a sandbox's, not a secret of anybody.
    ui.line(sandbox.url());
    ui.note(&format!("{} sandbox at {}; stop it with Ctrl-C", state.state.name, sandbox.url()));
    if args.ui != args::UiAccess::Off {
        ui.note(&format!("look at its records and requests at {}/ui", sandbox.url()));
    }
    if args.faults.is_some() {
        ui.note("it fails on purpose, as --faults says");
    }
    if tables.is_none() && files.is_empty() {
        ui.note("no tables given: it has code lists and no schools; name them with --tables");
    }
    stop.asked().await;
    sandbox.stop().await;
    Ok(Exit::Done)
}

pub(super) fn failed(error: rollcall_sandbox::SandboxError) -> Failure {
    let hint = error.hint().unwrap_or_default();
    Failure::new(Exit::Input, error).hint(hint)
}
