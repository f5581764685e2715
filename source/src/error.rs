//! Why a source can't be read or written at all.

use std::io;
use std::path::{Path, PathBuf};

/// An error that ends the reading or writing of a source, as opposed to a finding about one file or row.
///
/// Displays as one line, a lower-case fragment without the hint. Holds paths and the system's own words only.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// Nothing is there.
    #[error("{} does not exist", path.display())]
    NotFound {
        /// The path that was given.
        path: PathBuf,
    },
    /// Something is there, but not a folder.
    #[error("{} is not a folder", path.display())]
    NotAFolder {
        /// The path that was given.
        path: PathBuf,
    },
    /// A folder without a single table.
    #[error("{} holds no file of a SIS table", path.display())]
    NoTables {
        /// The path that was given.
        path: PathBuf,
    },
    /// The folder can't be listed.
    #[error("can't read {}", path.display())]
    Read {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file can't be written.
    #[error("can't write {}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl SourceError {
    /// What the user can do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "check source.folder; a relative path is taken from the configuration's folder",
            Self::NotAFolder { .. } => "name the folder that holds the tables, not one of its files",
            Self::NoTables { .. } => "the folder needs one file a table: District.csv, School.csv, Calendar.csv …",
            Self::Read { .. } => "check that the user who runs this may read the folder",
            Self::Write { .. } => "check that the user who runs this may write there, and that the disk is not full",
        }
    }

    pub(crate) fn read(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound => Self::NotFound { path },
            io::ErrorKind::NotADirectory => Self::NotAFolder { path },
            _ => Self::Read { path, source },
        }
    }

    pub(crate) fn write(path: &Path, source: io::Error) -> Self {
        Self::Write { path: path.to_owned(), source }
    }
}
