//! Why a sandbox did not start.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// Other machines would reach it, and the configuration does not allow that.
    #[error("{address} is not a loopback address: other machines could connect")]
    NotLoopback {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The address could not be bound.
    #[error("could not listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The schema or the seed names what the data standard does not have.
    #[error("the data standard has no {kind} {name}")]
    UnknownName {
        /// `resource` or `descriptor`.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// The schema has two resources of one name.
    #[error("the schema has the resource {name} twice")]
    NameTwice {
        /// The name.
        name: String,
    },
    /// A record of the seed was refused.
    #[error("record {number} of {resource} in the seed was refused: {violation}")]
    Seed {
        /// The resource's name in URLs.
        resource: String,
        /// Position among the seed's records of this resource, from 1.
        number: usize,
        /// What the API would have answered.
        violation: String,
    },
    /// The file could not be created, read or written.
    #[error("could not use the sandbox file {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file is not a sandbox's, or could not be used as a database.
    #[error("could not use {} as a sandbox database: {reason}", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// The database's reason: a part of the text and none of the error's sources, which would say it again.
        reason: rusqlite::Error,
    },
    /// Another process has the file open.
    #[error("could not use the sandbox file {}: another process has it open", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// The file holds what this schema does not: another state's or version's sandbox.
    #[error("{} holds a record of {resource} that this schema cannot read", path.display())]
    Contents {
        /// The file.
        path: PathBuf,
        /// The resource named in the file.
        resource: String,
    },
    /// Lines to load could not be read.
    #[error("could not read the records of {resource}")]
    Lines {
        /// The resource's name in URLs.
        resource: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file could not be written any more.
    #[error("could not write to the sandbox file")]
    NotWritten,
}

impl SandboxError {
    /// What the user can do about it, in the words of `rollcall sandbox`.
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotLoopback { .. } => Some(
                "add --allow-non-loopback to serve other machines too: nothing but the key protects it; or listen on \
                 127.0.0.1",
            ),
            Self::Listen { .. } => Some("name another address with --listen; port 0 takes a free one"),
            Self::File { .. } => Some("--file names a file that the user who runs this may read and write"),
            Self::Database { .. } => Some("name the file of a sandbox with --file, or a new one"),
            Self::Busy { .. } => Some("stop the other sandbox, or name another file with --file"),
            Self::Contents { .. } => Some(
                "the file was made for another state or school year: name that one (--state, --school-year), or another \
                 file with --file",
            ),
            Self::UnknownName { .. }
            | Self::NameTwice { .. }
            | Self::Seed { .. }
            | Self::Lines { .. }
            | Self::NotWritten => None,
        }
    }
}
