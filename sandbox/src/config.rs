//! What a sandbox serves, to whom, and where it keeps it.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use rollcall_core::model::{Class, DataStandard, ResourceModel};
use rollcall_core::value::Object;

use crate::claims::Access;
use crate::faults::Faults;

/// How a sandbox listens, stores, authenticates and answers.
#[derive(Debug, Clone)]
pub struct SandboxConfig {
    /// Address to bind; port 0 takes a free one. Default: `127.0.0.1:0`.
    pub listen: SocketAddr,
    /// Where records are kept. Default: in memory.
    pub storage: Storage,
    /// Who may ask for a token. Default: nobody.
    pub keys: Vec<ApiKey>,
    /// How long a token is good for. Default: 1,800 s, as the servers ship.
    pub token_lifetime: Duration,
    /// Whose error bodies and key-change rules to follow. Default: version 6.
    pub api_version: ApiVersion,
    /// Whose messages about references and keys version 6 gives. Default: SQL Server.
    pub database: Database,
    /// Whether members and extensions that the model does not have are refused; real servers drop them without a word.
    /// Default: no.
    pub strict: bool,
    /// Failures to produce on purpose. Default: none.
    pub faults: Faults,
    /// Whether `listen` may be an address that other machines reach. Default: no.
    pub allow_non_loopback: bool,
    /// Who may see the pages at `/ui`. Default: this machine.
    pub ui: UiAccess,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            storage: Storage::Memory,
            keys: Vec::new(),
            token_lifetime: Duration::from_mins(30),
            api_version: ApiVersion::V6,
            database: Database::SqlServer,
            strict: false,
            faults: Faults::default(),
            allow_non_loopback: false,
            ui: UiAccess::Loopback,
        }
    }
}

/// Who may see the pages at `/ui`, which need no key and show every record and request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UiAccess {
    /// A browser on this machine that calls the server by one of this machine's own names.
    Loopback,
    /// Everybody who reaches the server.
    Everyone,
    /// Nobody.
    Off,
}

/// What the API knows: a data standard and the extensions of one state.
#[derive(Debug, Clone)]
pub struct Schema {
    /// The data standard.
    pub standard: &'static DataStandard,
    /// What a state adds to its resources.
    pub extensions: Vec<ResourceExtension>,
    /// The resources that a state adds whole.
    pub resources: Vec<ExtensionResource>,
}

impl From<&'static DataStandard> for Schema {
    /// The standard alone, without extensions.
    fn from(standard: &'static DataStandard) -> Self {
        Self { standard, extensions: Vec::new(), resources: Vec::new() }
    }
}

/// What a state adds to one resource, under `_ext.{key}` of its body.
#[derive(Debug, Clone)]
pub struct ResourceExtension {
    /// The resource's name in URLs.
    pub resource: String,
    /// The member of `_ext`, in camel case.
    pub key: String,
    /// The members.
    pub class: Class,
}

/// A resource that a state adds whole, at `/{segment}/{name}`.
#[derive(Debug, Clone)]
pub struct ExtensionResource {
    /// The URL segment before its name.
    pub segment: String,
    /// Its name, natural key and members.
    pub model: ResourceModel,
}

/// Records that exist before the first request. They are written without authorization, but a missing member, an unknown
/// descriptor value or an unresolved reference is an error. Records may come in any order of resources.
#[derive(Debug, Clone, Default)]
pub struct Seed {
    /// Code values.
    pub descriptors: Vec<DescriptorSeed>,
    /// Records of all other resources (school years, education organizations, …).
    pub records: Vec<SeedRecord>,
}

/// One code value of a descriptor.
#[derive(Debug, Clone)]
pub struct DescriptorSeed {
    /// Which descriptor: `GradeLevelDescriptor`.
    pub descriptor: String,
    /// `uri://…/GradeLevelDescriptor`.
    pub namespace: String,
    /// The code value, what stands behind `#`.
    pub code_value: String,
    /// Short description.
    pub short_description: String,
    /// Description; empty for none.
    pub description: String,
}

/// One record.
#[derive(Debug, Clone)]
pub struct SeedRecord {
    /// The resource's name in URLs.
    pub resource: String,
    /// Its body.
    pub body: Object<'static>,
}

/// One API client. `Debug` does not show the secret.
#[derive(Clone)]
pub struct ApiKey {
    /// The key (OAuth client id).
    pub key: String,
    /// The secret.
    pub secret: String,
    /// The education organizations that the client acts for; those below them are included.
    pub education_organization_ids: Vec<i64>,
    /// Namespaces whose records (assessments, learning standards, …) the client may use.
    pub namespace_prefixes: Vec<String>,
    /// What it may do.
    pub access: Access,
}

impl ApiKey {
    /// A client that may read and write everything.
    pub fn full(key: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            secret: secret.into(),
            education_organization_ids: Vec::new(),
            namespace_prefixes: Vec::new(),
            access: Access::Full,
        }
    }

    /// A student information system's client for some education organizations.
    pub fn sis_vendor(key: impl Into<String>, secret: impl Into<String>, ids: impl Into<Vec<i64>>) -> Self {
        Self {
            education_organization_ids: ids.into(),
            namespace_prefixes: vec!["uri://ed-fi.org".to_owned()],
            access: Access::SisVendor,
            ..Self::full(key, secret)
        }
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKey")
            .field("key", &self.key)
            .field("secret", &"<redacted>")
            .field("education_organization_ids", &self.education_organization_ids)
            .field("namespace_prefixes", &self.namespace_prefixes)
            .field("access", &self.access)
            .finish()
    }
}

/// Where records are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Storage {
    /// In the process; gone when it ends.
    Memory,
    /// In an SQLite file, made for its owner only. An answered write survives the end of the process, however it came.
    File(PathBuf),
}

/// Which version of the ODS/API answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiVersion {
    /// 6.2: errors are `{"message": …}`.
    V6,
    /// 7.3: errors are problem details; cursor paging and partitions.
    V7,
}

/// Which database stands behind a server of version 6: its messages about references and keys differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// Microsoft SQL Server: an unresolved reference names the resource that is missing.
    SqlServer,
    /// PostgreSQL: an unresolved reference names the resource that was to be written.
    PostgreSql,
}
