//! The command line.

mod sandbox;
mod selection;

use std::path::PathBuf;

use clap::builder::FalseyValueParser;
use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};

pub use sandbox::{
    ApiVersion, Database, Sandbox, SandboxCommand, SandboxDump, SandboxLoad, SandboxServe, SandboxServer, UiAccess,
};
pub use selection::{ErrorOutcome, ErrorSelection, Filter};

const AFTER_HELP: &str = "\
Exit codes: 0 done, 1 internal error, 2 usage, 3 configuration or tables have errors, 4 some records are not at the ODS,
5 the ODS cannot be reached or refuses the key, 6 the plan deletes more than the limit, 7 the ledger cannot be used,
8 told to stop before the end.

Start with `rollcall demo`: a sample district, an Ed-Fi sandbox and a sync, with nothing to set up.";

/// Keeps a state's Ed-Fi API in step with a school district's student information system.
#[derive(Debug, Parser)]
#[command(name = "rollcall", version, about, after_help = AFTER_HELP, max_term_width = 110)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
}

/// Options of every command.
#[derive(Debug, Args)]
pub struct Global {
    /// The configuration file; paths in it are relative to its folder
    #[arg(long, short, global = true, env = "ROLLCALL_CONFIG", default_value = "rollcall.toml", value_name = "FILE")]
    pub config: PathBuf,
    /// How to print data
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Show no progress
    #[arg(long, global = true, env = "ROLLCALL_NO_PROGRESS", value_parser = FalseyValueParser::new())]
    pub no_progress: bool,
    /// Log requests to stderr, without bodies (twice: more)
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// How the log is written
    #[arg(long, global = true, env = "ROLLCALL_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// What is logged, in the place of --verbose: `rollcall_transport=debug`
    #[arg(long, global = true, env = "ROLLCALL_LOG", value_name = "FILTER", hide = true)]
    pub log: Option<String>,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// A line of text for each event.
    Text,
    /// A line of JSON for each event.
    Json,
}

/// How data is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For documents (`describe`; elsewhere the same as text).
    Markdown,
    /// For spreadsheets (`errors`; elsewhere the same as text).
    Csv,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a sample district, run a sandbox, sync, change the SIS, sync again
    Demo(Demo),
    /// Check the configuration, the tables, the mappings and the connection
    Check(Check),
    /// Show what a sync would do
    Plan(Plan),
    /// Bring the ODS into step with the SIS
    Sync(Sync),
    /// Compare the SIS, the ledger and the ODS itself, and mend what differs: preference changes, lost or edited records
    Resync(Resync),
    /// Delete records at the ODS with everything that refers to them; shows them first, and deletes with --yes
    Delete(Delete),
    /// Show what is at the ODS and what is not, by the ledger
    Status,
    /// List the records that are not at the ODS, why, and what to do
    Errors(Errors),
    /// Send the records again that the error log has, and nothing else
    Retry(Retry),
    /// List the runs, the newest first
    History(History),
    /// Show all about one run
    Show(Show),
    /// Write a page about a run, to be opened in a browser and passed on
    Report(Report),
    /// Say why one record reports as it does, or does not
    Explain(Explain),
    /// Show a state's resource as its document describes it: elements, rules, triggers, code lists
    Describe(Describe),
    /// List the states compiled in and what they report
    States,
    /// Serve an Ed-Fi API on this machine, load records into it, or dump them
    Sandbox(Box<Sandbox>),
    /// Write the crate of one more state into Rollcall's workspace (for developers)
    NewState(NewState),
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// `demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// The state; without it, the first of `rollcall states` that is not the plain standard
    #[arg(long)]
    pub state: Option<String>,
    /// Where to put the district, the configuration, the ledger and the sandbox's records
    #[arg(long, default_value = "rollcall-demo", value_name = "FOLDER")]
    pub folder: PathBuf,
    /// How many students
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(50..=100_000))]
    pub students: u32,
    /// Another number makes another district
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// `check`
#[derive(Debug, Args)]
pub struct Check {
    /// Do not connect to the ODS
    #[arg(long)]
    pub offline: bool,
}

/// `plan`
#[derive(Debug, Args)]
// A sync is about everything: only a resync can be limited.
#[command(group = ArgGroup::new("limits").args(["resource", "school", "person", "key"]).multiple(true).requires("resync"))]
pub struct Plan {
    /// List each request
    #[arg(long)]
    pub steps: bool,
    /// Plan what a resync would send by the ledger: what only a preference changed too. The ODS itself is not read:
    /// `rollcall resync --dry-run` does
    #[arg(long)]
    pub resync: bool,
    /// Which records
    #[command(flatten, next_help_heading = "With --resync, which records")]
    pub filter: Filter,
}

/// `resync`
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Resync {
    /// Which records
    #[command(flatten)]
    pub filter: Filter,
    /// Show the plan and send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// With --dry-run: list each request
    #[arg(long, requires = "dry_run")]
    pub steps: bool,
    /// Delete even if it is more than sync.delete-limit, or if rows of the tables could not be read
    #[arg(long)]
    pub allow_deletes: bool,
    /// Delete records of the configured years at the ODS that neither the SIS nor the ledger knows, though somebody else
    /// may have sent them
    #[arg(long)]
    pub delete_unknown: bool,
}

/// `delete`
#[derive(Debug, Args)]
pub struct Delete {
    /// The resource
    pub resource: Option<String>,
    /// An object key (Roster:100001), or parts of a natural key (schoolId=1&sessionName=S1)
    pub key: Option<String>,
    /// The one record with this ODS id
    #[arg(long, value_name = "ID", conflicts_with = "key")]
    pub id: Option<String>,
    /// Everything that names a student, by the ODS's student id or as Person:ID; the student itself stays
    #[arg(long, value_name = "ID", conflicts_with_all = ["resource", "key", "id"])]
    pub person: Option<String>,
    /// Delete, instead of showing what would be
    #[arg(long)]
    pub yes: bool,
    /// Delete records too that this connection has not sent, as far as its ledger knows
    #[arg(long)]
    pub delete_unknown: bool,
}

/// `sync`
#[derive(Debug, Args)]
pub struct Sync {
    /// Delete even if it is more than sync.delete-limit, or if rows of the tables could not be read
    #[arg(long)]
    pub allow_deletes: bool,
    /// Compare every record, even if nothing has changed since a sync that found nothing to send
    #[arg(long)]
    pub full: bool,
}

/// `errors`
#[derive(Debug, Args)]
pub struct Errors {
    /// Which errors
    #[command(flatten)]
    pub selection: ErrorSelection,
    /// List each record instead of each cause
    #[arg(long, conflicts_with = "causes")]
    pub list: bool,
    /// List each cause with JSON and CSV too, where each record is the default
    #[arg(long)]
    pub causes: bool,
    /// Show the payloads that were sent (student data)
    #[arg(long)]
    pub payloads: bool,
}

/// `retry`
#[derive(Debug, Args)]
pub struct Retry {
    /// Which errors; without any of these, all
    #[command(flatten)]
    pub selection: ErrorSelection,
}

/// `history`
#[derive(Debug, Args)]
pub struct History {
    /// At most so many
    #[arg(long, default_value_t = 20, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
}

/// `show`
#[derive(Debug, Args)]
pub struct Show {
    /// The run's number in `rollcall history`; without it, the last
    pub run: Option<i64>,
}

/// `report`
#[derive(Debug, Args)]
pub struct Report {
    /// The run's number in `rollcall history`; without it, the last that has something to report
    pub run: Option<i64>,
    /// Where to write it; without this, rollcall-run-RUN.html
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Name the students whose records are not at the ODS
    #[arg(long)]
    pub with_students: bool,
}

/// `explain`
#[derive(Debug, Args)]
pub struct Explain {
    /// The resource
    pub resource: String,
    /// An object key (Roster:100001), or parts of a natural key (schoolId=1&sessionName=S1)
    pub key: String,
}

/// `describe`
#[derive(Debug, Args)]
pub struct Describe {
    /// The state's code
    pub state: String,
    /// The resource; without it, all that the state reports
    pub resource: Option<String>,
    /// The school year, by the year in which it ends; without it, the latest that the state's crate knows
    #[arg(long, value_name = "YEAR")]
    pub school_year: Option<i32>,
}

/// `new-state`
#[derive(Debug, Args)]
pub struct NewState {
    /// The state's two letters: mn
    pub code: String,
    /// The state's name: "Minnesota"
    #[arg(long)]
    pub name: String,
    /// Rollcall's workspace
    #[arg(long, default_value = ".", value_name = "FOLDER")]
    pub workspace: PathBuf,
}
