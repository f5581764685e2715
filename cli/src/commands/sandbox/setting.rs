//! Which server a sandbox stands for, and what it starts with.

use std::collections::BTreeSet;

use rollcall_core::config::{Encoding, Source};
use rollcall_core::context::Context;
use rollcall_core::preferences::Preferences;
use rollcall_core::registry::{Registry, StateView};
use rollcall_core::snapshot::Snapshot;
use rollcall_sandbox::{Schema, Seed};
use rollcall_source::{SourceError, read_snapshot_in};

use crate::args::{Global, SandboxServer};
use crate::exit::{Exit, Failure};
use crate::seed;
use crate::session::Session;
use crate::ui::Ui;

/// The school year of a sandbox whose state is named and whose year is not.
const USUAL_YEAR: i32 = 2026;

/// A state's server with a district's surroundings.
pub(super) struct Setting {
    pub(super) state: StateView,
    pub(super) schema: Schema,
    pub(super) seed: Seed,
    /// The tables that the seed is from.
    pub(super) tables: Option<Source>,
}

impl Setting {
    /// The state, the school years and the tables: as asked for, else as the configuration has them.
    pub(super) fn read(args: &SandboxServer, global: &Global, registry: &Registry, ui: &Ui) -> Result<Self, Failure> {
        let (state, years, tables) = chosen(args, global, registry)?;
        let snapshot = match &tables {
            Some(Source { folder, encoding }) => {
                let reading = read_snapshot_in(folder, *encoding).map_err(|error| unreadable(error, args))?;
                ui.findings(&reading.findings);
                reading.snapshot
            }
            None => Snapshot::empty(),
        };
        let preferences = Preferences::new();
        let cx = Context { snapshot: &snapshot, preferences: &preferences, years: &years };
        let seed = seed::seed(&state, &cx);
        Ok(Self { schema: seed::schema(&state, &years), state, seed, tables })
    }

    /// Where the state's and the standard's code lists stand: `uri://ed-fi.org`, …
    pub(super) fn namespace_prefixes(&self) -> Vec<String> {
        let authority = |namespace: &str| {
            let rest = namespace.strip_prefix("uri://")?;
            Some(format!("uri://{}", rest.split('/').next()?))
        };
        let prefixes: BTreeSet<String> =
            self.seed.descriptors.iter().filter_map(|descriptor| authority(&descriptor.namespace)).collect();
        prefixes.into_iter().chain(["uri://ed-fi.org".to_owned()]).collect::<BTreeSet<String>>().into_iter().collect()
    }
}

/// Tables that cannot be read. The library's hint is about the configuration's folder; here the command line may name one.
fn unreadable(error: SourceError, args: &SandboxServer) -> Failure {
    match error {
        SourceError::NotFound { .. } if args.tables.is_some() => Failure::new(Exit::Input, error)
            .hint("--tables names the folder with the SIS tables; a relative path is taken from the current folder"),
        error => error.into(),
    }
}

fn chosen(
    args: &SandboxServer,
    global: &Global,
    registry: &Registry,
) -> Result<(StateView, Vec<i32>, Option<Source>), Failure> {
    let told = args.tables.clone();
    if let Some(code) = &args.state {
        let state = registry.state(code).map_err(|unknown| {
            let near = unknown.nearest.map(|near| format!("did you mean {near}?")).unwrap_or_default();
            Failure::new(Exit::Usage, unknown).hint(near)
        })?;
        let year = args.school_year.unwrap_or_else(|| USUAL_YEAR.min(*state.state.years.end()));
        state.state.check_year(year)?;
        return Ok((state, vec![year], told.map(|folder| Source { folder, encoding: Encoding::default() })));
    }
    let session = Session::open(&global.config, registry)
        .map_err(|failure| failure.hint("or name the state: rollcall sandbox --state ks --tables FOLDER"))?;
    let Source { folder, encoding } = session.tables();
    let tables = Source { folder: told.unwrap_or(folder), encoding };
    Ok((session.config.state, session.config.years, Some(tables)))
}
