//! `rollcall demo`: the main job on a district of its own, with nothing to set up.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use rollcall_core::context::Context;
use rollcall_core::preferences::{BOOLEAN, Preferences};
use rollcall_core::registry::{Registry, StateView};
use rollcall_core::snapshot::Snapshot;
use rollcall_core::state::STANDARD;
use rollcall_sandbox::{ApiKey, Sandbox, SandboxConfig, Storage};
use rollcall_source::read_snapshot;
use rollcall_source::sample::{SampleDistrict, SampleOptions};

use super::run::run;
use super::{sandbox, summary, sync};
use crate::args;
use crate::exit::{Exit, Failure};
use crate::seed;
use crate::session::Session;
use crate::ui::Ui;

/// The first line of a demo's configuration: only a folder that has it is made anew.
const MARK: &str = "# Made by `rollcall demo`.";

/// The key of the demo's own sandbox; it opens nothing else.
const SECRET: &str = "sandbox-secret";

pub(crate) async fn demo(args: &args::Demo, registry: &Registry, ui: &Ui) -> Result<Exit, Failure> {
    let started = Instant::now();
    // A program built with one state alone shows that one.
    let own = registry.states().find(|state| state.code != STANDARD).or(registry.states().next());
    let code = args.state.as_deref().or(own.map(|state| state.code)).unwrap_or(STANDARD);
    let state = registry.state(code).map_err(|unknown| Failure::new(Exit::Usage, unknown))?;
    let school_year = *state.state.years.end().min(&2026);
    prepare(&args.folder)?;
    let options = SampleOptions { seed: args.seed, school_year, students: args.students as usize };
    let mut district = SampleDistrict::generate(&options);
    let tables = args.folder.join("sis");
    district.write(&tables)?;
    ui.line(&format!("1. A sample district with {} students is in {}", args.students, tables.display()));

    let reading = read_snapshot(&tables)?;
    let sandbox = serve(&args.folder, &state, school_year, &reading.snapshot).await?;
    let config = args.folder.join("rollcall.toml");
    write_private(&config, &sample_configuration(&state, school_year, sandbox.url(), &reading.snapshot))?;
    write_private(&args.folder.join("secret"), SECRET)?;
    write_private(&args.folder.join("key"), "sandbox-key")?;
    let session = Session::open(&config, registry)?;
    ui.line(&format!("2. A sandbox of the {} server runs at {}", state.state.name, sandbox.url()));

    ui.line("3. The first sync sends everything that reports:\n");
    let reading = session.read_tables()?;
    ui.findings(&reading.findings);
    summary::done(&run(&session, &reading, &sync::work(false), ui).await?, ui);

    let changes = district.advance();
    district.write(&tables)?;
    ui.line("4. A week goes by in the SIS:");
    for change in changes {
        ui.line(&format!("   - {change}"));
    }
    ui.line("\n5. The second sync sends what that changed, and nothing else:\n");
    let reading = session.read_tables()?;
    summary::done(&run(&session, &reading, &sync::work(true), ui).await?, ui);

    let third = run(&session, &reading, &sync::work(true), ui).await?;
    let writes = third.total(|part| part.posted + part.put + part.deleted);
    ui.line(&format!("6. A third sync with nothing new delivers {writes} records."));
    let held: usize = session.config.state.resources.iter().map(|r| sandbox.store().count(r.spec().name)).sum();
    ui.line(&format!(
        "\nThe sandbox now holds {held} records of this district. All in {:.1} s.",
        started.elapsed().as_secs_f64()
    ));
    let address = sandbox.url().to_string();
    sandbox.stop().await;
    ui.line(&farewell(&config, &args.folder, &address));
    Ok(Exit::Done)
}

async fn serve(folder: &Path, state: &StateView, school_year: i32, snapshot: &Snapshot) -> Result<Sandbox, Failure> {
    let (preferences, years) = (Preferences::new(), [school_year]);
    let cx = Context { snapshot, preferences: &preferences, years: &years };
    let seed = seed::seed(state, &cx);
    let ids = seed::education_organization_ids(&seed);
    let config = SandboxConfig {
        storage: Storage::File(folder.join("sandbox.db")),
        keys: vec![ApiKey::sis_vendor("sandbox-key", SECRET, ids)],
        ..SandboxConfig::default()
    };
    Sandbox::start(config, seed::schema(state, &years), seed).await.map_err(sandbox::failed)
}

/// Makes the folder, or makes an earlier demo's anew; any other folder is left alone.
fn prepare(folder: &Path) -> Result<(), Failure> {
    let config = folder.join("rollcall.toml");
    if folder.exists() {
        let mine = fs::read_to_string(&config).is_ok_and(|text| text.starts_with(MARK));
        if !mine && fs::read_dir(folder)?.next().is_some() {
            let error = anyhow::anyhow!("the folder {} is not empty and was not made by a demo", folder.display());
            return Err(Failure::new(Exit::Usage, error).hint("name another one with --folder"));
        }
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    Ok(())
}

fn write_private(path: &Path, text: &str) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())?;
    Ok(())
}

/// A configuration for the sample district: the codes that it uses, mapped to the state's codes of the same meaning.
pub fn sample_configuration(state: &StateView, school_year: i32, url: &str, snapshot: &Snapshot) -> String {
    let mut text = format!(
        "{MARK}\n# docs/configuration.md describes every key.\n\nstate = \"{}\"\nschool-years = [{school_year}]\n\n\
         [connection]\nurl = \"{url}\"\nkey-file = \"key\"\nsecret-file = \"secret\"\n\n\
         [source]\nfolder = \"sis\"\n\n[ledger]\nfile = \"rollcall.db\"\n",
        state.state.code
    );
    let options = state.options();
    let chosen: Vec<_> = SAMPLE_OPTIONS.iter().filter(|(key, _)| options.iter().any(|o| o.key == *key)).collect();
    if !chosen.is_empty() {
        text.push_str("\n[options]\n");
        for (key, value) in chosen {
            // Writing to a String cannot fail.
            writeln!(text, "{key} = \"{value}\"").unwrap_or_default();
        }
    }
    for mapping in state.mappings() {
        let mut locals = BTreeSet::new();
        (mapping.codes)(snapshot, &mut |local| {
            locals.insert(local.to_owned());
        });
        let entries = locals.iter().filter_map(|local| Some((local, equivalent(state, mapping.descriptor, local)?)));
        let entries: Vec<String> = entries.map(|(local, code)| format!("\"{local}\" = \"{code}\"\n")).collect();
        // Writing to a String cannot fail.
        write!(
            text,
            "\n# {}: {} to {}\n[mappings.{}]\n{}",
            mapping.label,
            mapping.column,
            mapping.descriptor,
            mapping.key,
            entries.concat()
        )
        .unwrap_or_default();
    }
    text
}

/// The state's code with the meaning of a local one: a code of the same text, else one that the sample's codes are
/// known to mean.
fn equivalent(state: &StateView, descriptor: &str, local: &str) -> Option<&'static str> {
    let namespaces = state.namespaces.iter().filter(|namespace| namespace.descriptor() == descriptor);
    let mut codes: Vec<&'static str> = namespaces.flat_map(|n| n.codes().iter().map(|code| code.code)).collect();
    if descriptor == BOOLEAN {
        codes.extend(["true", "false"]);
    }
    let meant = MEANINGS.iter().filter(|(of, ..)| *of == local).flat_map(|(_, meant)| meant.iter());
    meant.chain([&local]).find_map(|meant| codes.iter().copied().find(|code| code == meant))
}

/// What the sample district has decided where a state lets it, and where the state's default would leave records to be
/// mended.
const SAMPLE_OPTIONS: &[(&str, &str)] = &[("attempt-status-default", "S")];

/// What the sample's codes mean, in the codes of one state or another.
const MEANINGS: &[(&str, &[&str])] = &[
    ("KG", &["Kindergarten"]),
    ("01", &["First grade"]),
    ("02", &["Second grade"]),
    ("03", &["Third grade"]),
    ("04", &["Fourth grade"]),
    ("05", &["Fifth grade"]),
    ("06", &["Sixth grade"]),
    ("07", &["Seventh grade"]),
    ("08", &["Eighth grade"]),
    ("09", &["Ninth grade"]),
    ("10", &["Tenth grade"]),
    ("11", &["Eleventh grade"]),
    ("12", &["Twelfth grade"]),
    ("Fall Semester", &["S1", "First Semester"]),
    ("Spring Semester", &["S2", "Second Semester"]),
    ("Summer Semester", &["SM"]),
    ("First Quarter", &["Q1"]),
    ("Second Quarter", &["Q2"]),
    ("Third Quarter", &["Q3"]),
    ("Fourth Quarter", &["Q4"]),
    ("Year Round", &["YR", "A"]),
    ("Full Year", &["YR", "A", "Year Round"]),
    ("D", &["Dist"]),
    ("G", &["F2F"]),
    ("M", &["F2F"]),
    ("S", &["F2F"]),
    ("V", &["Dist"]),
    ("Health Science", &["Career and Technical Education"]),
    ("Manufacturing", &["Career and Technical Education"]),
    ("Agriculture", &["Career and Technical Education", "Agriculture, Food and Natural Resources"]),
    ("Information Technology", &["Career and Technical Education"]),
    ("Transportation", &["Career and Technical Education", "Transportation, Distribution and Logistics"]),
    ("Participant", &["false"]),
    ("Concentrator", &["false"]),
    ("Completer", &["true"]),
    ("passed", &["Passed"]),
    ("not-passed", &["Not Passed"]),
    ("not-attempted", &["Did Not Take"]),
];

/// What to look at next. The program is named as it was started: after `cargo run` it is on nobody's path.
fn farewell(config: &Path, folder: &Path, address: &str) -> String {
    let program = std::env::args().next().unwrap_or_else(|| "rollcall".to_owned());
    let config = config.display();
    let listen = address.trim_start_matches("http://").trim_end_matches('/');
    format!(
        "\nEverything is left in {} for you to look at. Defects among the counts, if any, are planted, for `errors` to\n\
         explain. Next:\n\n\
         \x20 {program} status --config {config}\n\
         \x20     what is at the ODS, and what does not report, by which rule\n\
         \x20 {program} errors --config {config}\n\
         \x20     what is not at the ODS, why, and what to do\n\
         \x20 {program} plan --config {config}\n\
         \x20     what a sync would do, after you edit {}\n\
         \x20 {program} explain studentSectionAssociations Roster:100001 --config {config}\n\
         \x20     why a record says what it says\n\
         \x20 {program} sandbox --config {config} --file {} --listen {listen}\n\
         \x20     serve the sandbox again, for another sync",
        folder.display(),
        folder.join("sis").display(),
        folder.join("sandbox.db").display(),
    )
}
