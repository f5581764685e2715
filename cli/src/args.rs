//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::FalseyValueParser;
use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};

const AFTER_HELP: &str = "\
Exit codes: 0 done, 1 internal error, 2 usage, 3 configuration or tables have errors, 4 some records are not at the ODS,
5 the ODS cannot be reached or refuses the key, 6 the plan deletes more than the limit, 7 the ledger cannot be used.

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

/// Which records a resync looks at; without any of these, all.
#[derive(Debug, Args)]
pub struct Filter {
    /// Of these resources only (more than once for several)
    #[arg(long, value_name = "NAME")]
    pub resource: Vec<String>,
    /// Of these schools only, by the ODS's school id; leaves out resources without a school in their natural key
    #[arg(long, value_name = "ID")]
    pub school: Vec<String>,
    /// Of these students only, by the ODS's student id or as Person:ID; leaves out resources without a student in their
    /// natural key
    #[arg(long, value_name = "ID")]
    pub person: Vec<String>,
    /// One record of the resource: an object key (Roster:100001) or parts of its natural key
    /// (schoolId=1&sessionName=S1)
    #[arg(long, value_name = "KEY", requires = "resource")]
    pub key: Option<String>,
}

/// `sync`
#[derive(Debug, Args)]
pub struct Sync {
    /// Delete even if it is more than sync.delete-limit, or if rows of the tables could not be read
    #[arg(long)]
    pub allow_deletes: bool,
    /// Compare every record, even if nothing has changed since a sync that found nothing to do
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

/// Which errors of the error log; all that is said has to be true of them.
#[derive(Debug, Args)]
pub struct ErrorSelection {
    /// Of this resource only
    #[arg(long, value_name = "NAME")]
    pub resource: Option<String>,
    /// Of this school only, by its number or name; may be repeated
    #[arg(long, value_name = "SCHOOL")]
    pub school: Vec<String>,
    /// Of this student only, by the state's, Ed-Fi's or the district's id, or as Person:ID; may be repeated
    #[arg(long, value_name = "ID")]
    pub person: Vec<String>,
    /// Of this SIS object (Roster:100001), and of what waits for its record
    #[arg(long, value_name = "OBJECT")]
    pub object: Option<String>,
    /// That ended so
    #[arg(long, value_enum, value_name = "OUTCOME")]
    pub outcome: Option<ErrorOutcome>,
    /// Of this class only (docs/errors.md)
    #[arg(long, value_name = "CLASS")]
    pub class: Option<String>,
    /// Whose last try was in this run
    #[arg(long, value_name = "RUN")]
    pub run: Option<i64>,
}

impl ErrorSelection {
    /// Whether the SIS tables say which errors are meant.
    pub fn needs_tables(&self) -> bool {
        !self.school.is_empty() || !self.person.is_empty()
    }

    /// Whether nothing is left out.
    pub fn is_all(&self) -> bool {
        let Self { resource, school, person, object, outcome, class, run } = self;
        let texts = [resource, object, class];
        school.is_empty()
            && person.is_empty()
            && outcome.is_none()
            && run.is_none()
            && texts.iter().all(|t| t.is_none())
    }
}

/// `retry`
#[derive(Debug, Args)]
pub struct Retry {
    /// Which errors; without any of these, all
    #[command(flatten)]
    pub selection: ErrorSelection,
}

/// How a record's last try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ErrorOutcome {
    /// The ODS said no.
    Refused,
    /// Nobody knows whether the ODS has it.
    Unknown,
    /// It waits for another record.
    Held,
    /// Something has to be mended before it can be sent.
    Defect,
}

impl From<ErrorOutcome> for rollcall_ledger::Outcome {
    fn from(outcome: ErrorOutcome) -> Self {
        match outcome {
            ErrorOutcome::Refused => Self::Refused,
            ErrorOutcome::Unknown => Self::Unknown,
            ErrorOutcome::Held => Self::Held,
            ErrorOutcome::Defect => Self::Defect,
        }
    }
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

/// `sandbox`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Sandbox {
    /// Something else than serving.
    #[command(subcommand)]
    pub command: Option<SandboxCommand>,
    /// How to serve.
    #[command(flatten)]
    pub serve: SandboxServe,
}

/// What can be done with a sandbox besides serving it.
#[derive(Debug, Subcommand)]
pub enum SandboxCommand {
    /// Put records from JSONL files into a sandbox's file, with the checks of the API
    Load(SandboxLoad),
    /// Write the records of a sandbox's file as JSONL files
    Dump(SandboxDump),
}

/// Which server a sandbox stands for.
#[derive(Debug, Args)]
pub struct SandboxServer {
    /// The state; without it, the configuration's
    #[arg(long)]
    pub state: Option<String>,
    /// A folder of SIS tables whose schools, district and courses the sandbox starts with; without it and without
    /// --state, the configuration's
    #[arg(long, value_name = "FOLDER")]
    pub tables: Option<PathBuf>,
    /// With --state: the school year, by the year in which it ends; without it, 2026
    #[arg(long, value_name = "YEAR", requires = "state")]
    pub school_year: Option<i32>,
}

/// `sandbox` without a command: serve.
#[derive(Debug, Args)]
pub struct SandboxServe {
    /// Which server it stands for.
    #[command(flatten)]
    pub server: SandboxServer,
    /// Keep the records in this file; without it, in memory
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Put the records of these JSONL files (or folders of them) in before serving, as `sandbox load` does
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub load: Vec<PathBuf>,
    /// Where to listen
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Allow other machines to connect: the sandbox has no protection but its keys
    #[arg(long)]
    pub allow_non_loopback: bool,
    /// Who may see the pages at /ui, which need no key
    #[arg(long, value_enum, default_value_t = UiAccess::Loopback, value_name = "WHO")]
    pub ui: UiAccess,
    /// The client key that it takes, a SIS vendor's for the district
    #[arg(long, env = "ROLLCALL_KEY", default_value = "sandbox-key", hide_env_values = true)]
    pub key: String,
    /// The client secret that it takes
    #[arg(long, env = "ROLLCALL_SECRET", default_value = "sandbox-secret", hide_env_values = true)]
    pub secret: String,
    /// The keys that it takes instead, with their secrets and claim sets: a TOML file of mode 0600
    #[arg(long, value_name = "FILE")]
    pub keys: Option<PathBuf>,
    /// Which version of the ODS/API answers: 6 says {"message": …}, 7 says problem details
    #[arg(long, value_enum, default_value_t = ApiVersion::V6, value_name = "VERSION")]
    pub api_version: ApiVersion,
    /// Which database stands behind version 6: its messages about references and keys differ
    #[arg(long, value_enum, default_value_t = Database::SqlServer)]
    pub database: Database,
    /// Refuse members and extensions that the model does not have; real servers drop them without a word
    #[arg(long)]
    pub strict: bool,
    /// How long a token is good for
    #[arg(long, default_value_t = 1800, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub token_lifetime: u64,
    /// Fail on purpose, to try a client: faults separated by commas, such as
    /// "latency=20ms, 429:every=50:retry-after=1, reset-after:one-in=100:times=1"; docs/commands.md lists them
    #[arg(long, value_name = "FAULTS")]
    pub faults: Option<rollcall_sandbox::Faults>,
}

/// `sandbox load`
#[derive(Debug, Args)]
pub struct SandboxLoad {
    /// Which server it stands for.
    #[command(flatten)]
    pub server: SandboxServer,
    /// The sandbox's file; made when it is not there
    #[arg(long, value_name = "FILE")]
    pub file: PathBuf,
    /// JSONL files named after their resource (students.jsonl), or folders of them
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

/// `sandbox dump`
#[derive(Debug, Args)]
pub struct SandboxDump {
    /// Which server it stands for.
    #[command(flatten)]
    pub server: SandboxServer,
    /// The sandbox's file
    #[arg(long, value_name = "FILE")]
    pub file: PathBuf,
    /// Of this resource only (may be repeated)
    #[arg(long, value_name = "NAME")]
    pub resource: Vec<String>,
    /// Where to write a file for each resource
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
}

/// Who may see a sandbox's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum UiAccess {
    /// A browser on this machine.
    Loopback,
    /// Everybody who reaches the sandbox.
    Everyone,
    /// Nobody.
    Off,
}

/// Whose answers a sandbox gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ApiVersion {
    /// 6.2.
    #[value(name = "6")]
    V6,
    /// 7.3.
    #[value(name = "7")]
    V7,
}

/// Whose words a sandbox of version 6 uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Database {
    /// Microsoft's.
    #[value(name = "sqlserver")]
    SqlServer,
    /// PostgreSQL.
    #[value(name = "postgresql")]
    PostgreSql,
}
