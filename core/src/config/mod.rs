//! The configuration file, `rollcall.toml`.
//!
//! Everything that can be wrong with it is found in one reading and reported together. Secrets never stand in it:
//! only where to find them.

mod mappings;

mod reader;

use std::path::PathBuf;

use crate::finding::{Finding, Severity, nearest};
use crate::preferences::Preferences;
use crate::registry::{Registry, StateView};
use reader::Section;

pub use mappings::unmapped;

/// A configuration that can be used.
#[derive(Debug)]
pub struct Config {
    /// The state and everything it brings.
    pub state: StateView,
    /// The school years in scope, by end year.
    pub years: Vec<i32>,
    /// The connection profile, where the state has several.
    pub profile: Option<&'static crate::state::Profile>,
    /// The ODS/API.
    pub connection: Connection,
    /// The SIS tables.
    pub source: Source,
    /// The ledger's file.
    pub ledger: PathBuf,
    /// The largest share (0–1) of a connection's records that one sync may delete.
    pub delete_limit: f64,
    /// Mappings, options and toggles.
    pub preferences: Preferences,
}

/// Where the SIS tables are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Their folder.
    pub folder: PathBuf,
    /// How their text is written.
    pub encoding: Encoding,
}

/// How the text of a table without a byte order mark is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// UTF-8.
    #[default]
    Utf8,
    /// Windows-1252, of which ISO 8859-1 is a part: what databases and spreadsheets on Windows often write.
    Windows1252,
}

impl Encoding {
    /// `utf-8` or `windows-1252`.
    pub const ALL: [(&'static str, Self); 2] = [("utf-8", Self::Utf8), ("windows-1252", Self::Windows1252)];
}

/// How to reach the ODS/API.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The address of the discovery document.
    pub url: String,
    /// The address that gives tokens, when it is not the discovery document's.
    pub oauth_url: Option<String>,
    /// The data address, when it is not the discovery document's.
    pub data_url: Option<String>,
    /// A route segment after the data address, for year-specific servers.
    pub route: Option<String>,
    /// Where the client key is.
    pub key: SecretPlace,
    /// Where the client secret is.
    pub secret: SecretPlace,
    /// Most requests in flight. How many there are below it follows from what the ODS/API bears.
    pub concurrency: usize,
    /// Most requests begun in a second.
    pub requests_per_second: Option<u32>,
    /// Longest wait for one answer, in seconds.
    pub timeout_seconds: u64,
    /// How long a sync waits for an ODS/API that is away, in minutes.
    pub outage_minutes: u64,
    /// Certificates (PEM) to trust besides the system's.
    pub ca_file: Option<PathBuf>,
    /// Whether plain http is allowed off loopback.
    pub allow_http: bool,
    /// What a changed natural key comes to.
    pub key_changes: KeyChanges,
}

/// What a sync does when the SIS changes a record's natural key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyChanges {
    /// Deletes the record and every downstream record, and posts them again: what the source documents say.
    DeletePost,
    /// Updates the record in place where the ODS/API lets a PUT change the key, and cascades; elsewhere delete/post.
    Update,
}

impl KeyChanges {
    /// `delete-post` or `update`.
    pub const ALL: [(&'static str, Self); 2] = [("delete-post", Self::DeletePost), ("update", Self::Update)];
}

/// Where a secret is to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretPlace {
    /// In an environment variable of this name.
    Env(String),
    /// In a file that only its owner may read.
    File(PathBuf),
}

impl std::fmt::Debug for StateView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StateView({})", self.state.code)
    }
}

impl Config {
    /// Reads the text of a configuration file. `file` is its name, for findings. The config is there unless a finding
    /// is an error; warnings and notes come with it.
    pub fn read(text: &str, file: &str, registry: &Registry) -> (Option<Self>, Vec<Finding>) {
        let mut findings = Vec::new();
        let config = match text.parse::<toml::Table>() {
            Ok(table) => Self::from_table(&table, file, registry, &mut findings),
            Err(error) => {
                // Only the position and the parser's words: the line itself may hold anything.
                let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].lines().count().max(1));
                findings.push(Finding::error(
                    format!("{file} line {line}"),
                    format!("not valid TOML: {}", error.message()),
                    "correct the line; texts stand in double quotes",
                ));
                None
            }
        };
        let usable = !findings.iter().any(|finding| finding.severity == Severity::Error);
        (config.filter(|_| usable), findings)
    }

    fn from_table(table: &toml::Table, file: &str, registry: &Registry, findings: &mut Vec<Finding>) -> Option<Self> {
        let mut top = Section::new(table, file, "", findings);
        let state = top.required_text("state").and_then(|code| match registry.state(&code) {
            Ok(view) => Some(view),
            Err(unknown) => {
                let hint = unknown.nearest.map(|n| format!("did you mean \"{n}\"? ")).unwrap_or_default();
                let fix = format!("{hint}it has: {}", unknown.available);
                top.error("state", format!("no state \"{code}\" is compiled into this program"), fix);
                None
            }
        });
        let years = years(&mut top, state.as_ref());
        let profile = state.as_ref().and_then(|state| profile(&mut top, state));
        let connection = connection(&mut top);
        let mut source = Source { folder: "sis".into(), encoding: Encoding::default() };
        if let Some(mut section) = top.table("source") {
            source.folder = section.text("folder").map_or(source.folder, PathBuf::from);
            source.encoding = section.one_of("encoding", &Encoding::ALL).unwrap_or_default();
            section.finish();
        }
        let ledger = top.table("ledger").map_or_else(
            || "rollcall.db".into(),
            |section| {
                let mut section = section;
                let path = section.text("file").unwrap_or_else(|| "rollcall.db".into());
                section.finish();
                path
            },
        );
        let delete_limit = top.table("sync").map_or(DELETE_LIMIT, |section| {
            let mut section = section;
            let limit = section.share("delete-limit").unwrap_or(DELETE_LIMIT);
            section.finish();
            limit
        });
        let mut preferences = Preferences::new();
        if let Some(state) = &state {
            mappings::toggles(&mut top, state, &mut preferences);
            mappings::options(&mut top, state, &mut preferences);
            mappings::mappings(&mut top, state, &years, &mut preferences);
            for silent in profile.into_iter().flat_map(|profile| profile.silent) {
                preferences.toggle_off(*silent);
            }
            top.finish();
        }
        Some(Self {
            state: state?,
            years,
            profile,
            connection: connection?,
            source,
            ledger: ledger.into(),
            delete_limit,
            preferences,
        })
    }
}

/// Most requests in flight unless told. Enough for any server that one district should use so much of; a server that bears
/// less shows it, and gets less.
const CONCURRENCY: usize = 64;

/// One sync may delete a tenth of what a connection holds; more than that is more often a broken extract than a real
/// change.
const DELETE_LIMIT: f64 = 0.1;

fn years(top: &mut Section<'_, '_>, state: Option<&StateView>) -> Vec<i32> {
    let years: Vec<i32> = top.required_integers("school-years");
    for year in &years {
        let Some(state) = state else { break };
        if let Err(unknown) = state.state.check_year(*year) {
            top.error("school-years", unknown.to_string(), unknown.hint());
        }
    }
    years
}

fn profile(top: &mut Section<'_, '_>, state: &StateView) -> Option<&'static crate::state::Profile> {
    let key = top.text("profile");
    let keys: Vec<&'static str> = state.state.profiles.iter().map(|p| p.key).collect();
    match key {
        None => state.state.profiles.first(),
        Some(key) => {
            let found = state.profile(&key);
            if found.is_none() {
                let fix = match (keys.is_empty(), nearest(&key, keys.iter().copied())) {
                    (true, _) => format!("{} has no profiles; remove the key", state.state.name),
                    (false, Some(near)) => format!("did you mean \"{near}\"?"),
                    (false, None) => format!("use one of: {}", keys.join(", ")),
                };
                top.error("profile", format!("no profile \"{key}\""), fix);
            }
            found
        }
    }
}

fn connection(top: &mut Section<'_, '_>) -> Option<Connection> {
    let mut section = top.required_table("connection")?;
    let url = section.required_text("url");
    let connection = Connection {
        url: url.clone().unwrap_or_default(),
        oauth_url: section.text("oauth-url"),
        data_url: section.text("data-url"),
        route: section.text("route"),
        key: section.secret("key", "ROLLCALL_KEY"),
        secret: section.secret("secret", "ROLLCALL_SECRET"),
        concurrency: section.count("concurrency", 1..=256).unwrap_or(CONCURRENCY),
        requests_per_second: section.count("requests-per-second", 1..=10_000).and_then(|n| n.try_into().ok()),
        timeout_seconds: u64::try_from(section.count("timeout-seconds", 1..=3600).unwrap_or(60)).unwrap_or(60),
        outage_minutes: u64::try_from(section.count("outage-minutes", 0..=1440).unwrap_or(10)).unwrap_or(10),
        ca_file: section.text("ca-file").map(PathBuf::from),
        allow_http: section.flag("allow-http").unwrap_or(false),
        key_changes: section.one_of("key-changes", &KeyChanges::ALL).unwrap_or(KeyChanges::DeletePost),
    };
    section.finish();
    url.map(|_| connection)
}
