//! The arguments of `rollcall sandbox`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

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
