//! What a command works with: the configuration, the tables, the secrets, the ODS, the ledger.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rollcall_core::config::{Config, SecretPlace, Source};
use rollcall_core::context::Context;
use rollcall_core::finding::{Finding, Severity};
use rollcall_core::registry::Registry;
use rollcall_core::sources::Fingerprint;
use rollcall_core::tables::TableName;
use rollcall_source::{Reading, fingerprint, read_snapshot_in};
use rollcall_sync::plan::Extract;
use rollcall_transport::{Client, ClientConfig};
use secrecy::SecretString;
use url::Url;
use zeroize::Zeroizing;

use crate::exit::{Exit, Failure};

/// The configuration and where it stands.
pub(crate) struct Session {
    pub(crate) config: Config,
    pub(crate) file: PathBuf,
    /// Which version of the configuration it is.
    fingerprint: Fingerprint,
    /// Warnings about it.
    pub(crate) findings: Vec<Finding>,
}

impl Session {
    /// Reads the configuration file; its errors are reported together.
    pub(crate) fn open(file: &Path, registry: &Registry) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(file).map_err(|error| {
            Failure::new(Exit::Input, anyhow::anyhow!("cannot read the configuration {}: {error}", file.display()))
                .hint("name it with --config, or see docs/configuration.md; `rollcall demo` writes one to start from")
        })?;
        let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
        let (config, findings) = Config::read(&text, &name, registry);
        let Some(config) = config else {
            let count = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
            let errors = if count == 1 { "1 error".to_owned() } else { format!("{count} errors") };
            let error = anyhow::anyhow!("the configuration {} has {errors}", file.display());
            return Err(Failure::new(Exit::Input, error).findings(findings));
        };
        Ok(Self { config, file: file.to_owned(), fingerprint: Fingerprint::of(text.as_bytes()), findings })
    }

    /// Which version of the configuration a run has.
    pub(crate) fn fingerprint(&self) -> String {
        hexadecimal(self.fingerprint)
    }

    /// What a plan is made from besides the ledger: the tables, the configuration and the program itself. None when one
    /// of them cannot be read; then nothing can be said to be the same.
    pub(crate) fn inputs(&self) -> Option<String> {
        let tables = fingerprint(&self.tables().folder).ok()?;
        let program = Fingerprint::of(&std::fs::read(std::env::current_exe().ok()?).ok()?);
        let (configuration, program) = (self.fingerprint(), hexadecimal(program));
        Some(format!("tables {tables}, configuration {configuration}, program {program}"))
    }

    /// A path of the configuration, which is relative to the configuration's folder.
    pub(crate) fn path(&self, path: &Path) -> PathBuf {
        self.file.parent().unwrap_or(Path::new("")).join(path)
    }

    /// Where the SIS tables are.
    pub(crate) fn tables(&self) -> Source {
        let Source { folder, encoding } = &self.config.source;
        Source { folder: self.path(folder), encoding: *encoding }
    }

    /// Reads the SIS tables.
    pub(crate) fn read_tables(&self) -> Result<Reading, Failure> {
        let Source { folder, encoding } = self.tables();
        Ok(read_snapshot_in(&folder, encoding)?)
    }

    /// What rules see.
    pub(crate) fn context<'a>(&'a self, reading: &'a Reading) -> Context<'a> {
        Context { snapshot: &reading.snapshot, preferences: &self.config.preferences, years: &self.config.years }
    }

    /// Connects to the ODS.
    pub(crate) async fn connect(&self) -> Result<Client, Failure> {
        Ok(Client::connect(self.client_config()?).await?)
    }

    /// The ledger's file.
    pub(crate) fn ledger(&self) -> PathBuf {
        self.path(&self.config.ledger)
    }

    /// Which ODS the ledger belongs to. The key is not part of it: keys are renewed, the records stay.
    pub(crate) fn connection_name(&self) -> String {
        let connection = &self.config.connection;
        let data = connection.data_url.as_deref().unwrap_or(&connection.url);
        let route = connection.route.as_deref().map(|route| format!(" route {route}")).unwrap_or_default();
        format!("{} for state {}{route}", data.trim_end_matches('/'), self.config.state.state.code)
    }

    /// Checks the connection's settings, as far as that goes without asking anybody and without the key.
    pub(crate) fn check_connection(&self) -> Result<(), Failure> {
        Ok(self.settings(SecretString::default(), SecretString::default())?.check()?)
    }

    fn client_config(&self) -> Result<ClientConfig, Failure> {
        let connection = &self.config.connection;
        let key = self.secret(&connection.key, "key")?;
        let secret = self.secret(&connection.secret, "secret")?;
        self.settings(key, secret)
    }

    fn settings(&self, key: SecretString, secret: SecretString) -> Result<ClientConfig, Failure> {
        let connection = &self.config.connection;
        let url = |key: &str, text: &str| {
            Url::parse(text).map_err(|error| {
                Failure::new(Exit::Input, anyhow::anyhow!("connection.{key} is not an address: {error}"))
                    .hint("write it with https:// in front")
            })
        };
        let mut client = ClientConfig::new(url("url", &connection.url)?, key, secret);
        client.oauth_url = connection.oauth_url.as_deref().map(|text| url("oauth-url", text)).transpose()?;
        client.data_url = connection.data_url.as_deref().map(|text| url("data-url", text)).transpose()?;
        client.route.clone_from(&connection.route);
        client.concurrency = connection.concurrency;
        client.requests_per_second = connection.requests_per_second;
        client.request_timeout = Duration::from_secs(connection.timeout_seconds);
        client.retry.outage = Duration::from_secs(60 * connection.outage_minutes);
        client.ca_certificates = connection.ca_file.as_deref().map(|file| self.certificates(file)).transpose()?;
        client.allow_http = connection.allow_http;
        Ok(client)
    }

    fn certificates(&self, file: &Path) -> Result<Vec<u8>, Failure> {
        let path = self.path(file);
        std::fs::read(&path).map_err(|error| {
            Failure::new(Exit::Input, anyhow::anyhow!("cannot read the certificates {}: {error}", path.display()))
                .hint("connection.ca-file names a PEM file with the certificate of the authority behind the API")
        })
    }

    fn secret(&self, place: &SecretPlace, name: &str) -> Result<SecretString, Failure> {
        // Wiped when dropped, like the secret itself; nothing can wipe the environment.
        let text = Zeroizing::new(match place {
            SecretPlace::Env(variable) => std::env::var(variable).map_err(|_| {
                Failure::new(Exit::Input, anyhow::anyhow!("the environment variable {variable} is not set"))
                    .hint(format!("put the client {name} into {variable}, or name a file in connection.{name}-file"))
            })?,
            SecretPlace::File(path) => {
                let path = self.path(path);
                let cannot = |reason: String| {
                    Failure::new(Exit::Input, anyhow::anyhow!("the secret file {} {reason}", path.display()))
                        .hint(format!("connection.{name}-file names a file with the client {name} alone, mode 0600"))
                };
                refuse_open_file(&path).map_err(cannot)?;
                std::fs::read_to_string(&path).map_err(|error| cannot(format!("cannot be read: {error}")))?
            }
        });
        Ok(SecretString::from(text.trim()))
    }
}

fn hexadecimal(fingerprint: Fingerprint) -> String {
    format!("{:032x}", u128::from_be_bytes(fingerprint.0))
}

/// How many findings leave rows out.
pub(crate) fn left_out(reading: &Reading) -> u64 {
    reading.findings.iter().filter(|finding| finding.severity == Severity::Error).count() as u64
}

/// Whether the tables hold the whole SIS: an error finding is a row or a table that was left out.
pub(crate) fn extract(reading: &Reading) -> Extract {
    let errors = reading.findings.iter().filter(|finding| finding.severity == Severity::Error);
    let damaged: BTreeSet<TableName> = errors.filter_map(Finding::table).collect();
    if damaged.is_empty() { Extract::Whole } else { Extract::Partial(damaged) }
}

/// A secret that others may read is no secret.
#[cfg(unix)]
pub(crate) fn refuse_open_file(path: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = std::fs::metadata(path).map_err(|error| format!("cannot be read: {error}"))?;
    let open_to_others = metadata.permissions().mode() % 0o100 != 0;
    if open_to_others { Err("can be read by others; chmod 600 it".into()) } else { Ok(()) }
}

#[cfg(not(unix))]
pub(crate) fn refuse_open_file(_: &Path) -> Result<(), String> {
    Ok(())
}

/// Refuses a clock that tells a time which cannot be: neither dates nor certificates can be made of it.
pub(crate) fn check_clock() -> Result<(), Failure> {
    let wrong = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => {
            let date =
                i64::try_from(since.as_secs()).ok().and_then(|seconds| chrono::DateTime::from_timestamp(seconds, 0));
            date.is_none().then_some("that no calendar has")
        }
        Err(_) => Some("before 1970"),
    };
    wrong.map_or(Ok(()), |wrong| {
        let error = anyhow::anyhow!("the system's clock tells a time {wrong}");
        Err(Failure::new(Exit::Internal, error).hint("set the system's date and time, and start again"))
    })
}

/// The time, ISO 8601 UTC.
pub(crate) fn now() -> String {
    chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
