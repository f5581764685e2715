//! A folder of CSV files, one a table.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rollcall_core::config::Encoding;
use rollcall_core::finding::{Finding, nearest};
use rollcall_core::snapshot::{Loaded, Snapshot};
use rollcall_core::tables::{Row, TABLES, TableSpec};

use crate::SourceError;
use crate::ahead::read_ahead;
use crate::header::required;
use crate::table_file::TableFile;
use crate::trouble::shown;

/// So many unread files are named in one note.
const NAMED: usize = 10;

/// A folder with a file `{Table}.csv` for each table of the SIS.
///
/// UTF-8 with or without byte order mark, UTF-16 with one, or the encoding that is told; columns separated by commas,
/// semicolons, tabs or bars and in any order; quoted where needed; LF or CRLF; file and column names in any case.
#[derive(Debug)]
pub struct CsvFolder {
    path: PathBuf,
    encoding: Encoding,
    /// For each table its files: one, unless their names differ in case only.
    files: BTreeMap<&'static str, Vec<String>>,
    unread: Vec<String>,
}

/// What was read of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSummary {
    /// The table.
    pub table: &'static str,
    /// Whether the folder has a file of it.
    pub file_present: bool,
    /// Whether its rows could be read: false for a required table without a file and for a file that is ambiguous,
    /// empty, unreadable or lacks a required column. The table is then empty, which does not mean that the SIS has
    /// no rows.
    pub usable: bool,
    /// Rows that were read.
    pub rows: usize,
    /// Rows that could not be read, each with a finding.
    pub left_out: usize,
    /// Columns of the file that the table doesn't have.
    pub extra_columns: Vec<String>,
}

/// A folder, read and checked.
#[derive(Debug)]
pub struct Reading {
    /// The tables.
    pub snapshot: Snapshot,
    /// What is wrong with them, in the order of the tables: first what can't be read, then what doesn't fit together.
    pub findings: Vec<Finding>,
    /// What was read of each table, in the order of [`TABLES`].
    pub tables: Vec<TableSummary>,
}

/// One table, read.
pub(crate) struct ReadTable<R> {
    pub(crate) loaded: Loaded<R>,
    pub(crate) summary: TableSummary,
    /// What is wrong with its file.
    pub(crate) findings: Vec<Finding>,
}

/// Reads a folder of CSV files in UTF-8. Errors only if there is no folder or no table in it; all else is a finding.
pub fn read_snapshot(path: &Path) -> Result<Reading, SourceError> {
    read_snapshot_in(path, Encoding::default())
}

/// The same of files that are in an encoding unless they begin with a byte order mark.
pub fn read_snapshot_in(path: &Path, encoding: Encoding) -> Result<Reading, SourceError> {
    let folder = CsvFolder { encoding, ..CsvFolder::open(path)? };
    let mut findings: Vec<Finding> = folder.unread_files().into_iter().collect();
    let (snapshot, tables) = read_ahead(&folder, |ahead| Snapshot::read(ahead, &mut findings));
    Ok(Reading { snapshot, findings, tables })
}

/// The fingerprint of a folder's tables: of their files' names and bytes. Two folders with the same are read alike.
pub fn fingerprint(path: &Path) -> Result<String, SourceError> {
    let folder = CsvFolder::open(path)?;
    let mut hasher = blake3::Hasher::new();
    for name in folder.files.values().flatten() {
        let file = path.join(name);
        let failed = |source| SourceError::read(&file, source);
        let mut reader = fs::File::open(&file).map_err(failed)?;
        let length = reader.metadata().map_err(failed)?.len();
        hasher.update(&(name.len() as u64).to_le_bytes()).update(name.as_bytes()).update(&length.to_le_bytes());
        hasher.update_reader(&mut reader).map_err(failed)?;
    }
    Ok(hasher.finalize().to_hex().to_string())
}

impl CsvFolder {
    /// Lists a folder; reads none of its files yet.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SourceError> {
        let path = path.as_ref();
        let entries = fs::read_dir(path).map_err(|source| SourceError::read(path, source))?;
        let mut folder =
            Self { path: path.to_owned(), encoding: Encoding::default(), files: BTreeMap::new(), unread: Vec::new() };
        for entry in entries {
            let entry = entry.map_err(|source| SourceError::read(path, source))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            match table_of(&name) {
                Some(spec) if entry.path().is_file() => folder.files.entry(spec.name).or_default().push(name),
                _ if name.starts_with('.') => {}
                _ => folder.unread.push(name),
            }
        }
        if folder.files.is_empty() {
            return Err(SourceError::NoTables { path: path.to_owned() });
        }
        folder.files.values_mut().for_each(|names| names.sort_unstable());
        folder.unread.sort_unstable();
        Ok(folder)
    }

    /// A note that names the files that belong to no table, if there are any. Hidden files are passed over.
    pub fn unread_files(&self) -> Option<Finding> {
        if self.unread.is_empty() {
            return None;
        }
        let mut names: Vec<String> = self.unread.iter().take(NAMED).map(|name| shown(name)).collect();
        if self.unread.len() > NAMED {
            names.push(format!("and {} more", self.unread.len() - NAMED));
        }
        let absent = TABLES.iter().map(|table| table.as_str()).filter(|name| !self.files.contains_key(name));
        let meant = absent.into_iter().find_map(|table| {
            let stems = self.unread.iter().filter_map(|name| name.strip_suffix(".csv"));
            nearest(table, stems).map(|stem| format!("if {}.csv is the table {table}, rename it", shown(stem)))
        });
        let message = format!("files not read: {}", names.join(", "));
        Some(Finding::note(shown_path(&self.path), message, meant.unwrap_or_default()))
    }

    /// Reads one table whole, as far as its files let it be read.
    pub(crate) fn read<R: Row>(&self) -> ReadTable<R> {
        let spec = R::SPEC;
        let files = self.files.get(spec.name).map_or(&[][..], Vec::as_slice);
        let mut summary = TableSummary {
            table: spec.name,
            file_present: !files.is_empty(),
            usable: false,
            rows: 0,
            left_out: 0,
            extra_columns: Vec::new(),
        };
        let (mut loaded, mut findings) = (Loaded::default(), Vec::new());
        match files {
            [] if spec.optional => summary.usable = true,
            [] => findings.push(Finding::error(
                format!("{}.csv", spec.name),
                "missing table",
                format!("export it with the columns {}", required(&spec)),
            )),
            [name] => {
                let (path, shown) = (self.path.join(name), format!("{}.csv", spec.name));
                let file = TableFile::read(&path, &shown, self.encoding, &mut findings);
                summary.usable = file.usable;
                summary.rows = file.loaded.rows.len();
                summary.left_out = file.left_out;
                summary.extra_columns = file.extra_columns;
                loaded = file.loaded;
            }
            [first, second, ..] => findings.push(Finding::error(
                format!("{}.csv", spec.name),
                format!("two files hold this table: {} and {}", shown(first), shown(second)),
                "remove or rename one of them",
            )),
        }
        ReadTable { loaded, summary, findings }
    }
}

/// The table whose file has this name, in any case.
fn table_of(file_name: &str) -> Option<&'static TableSpec> {
    let (stem, extension) = file_name.rsplit_once('.')?;
    let is_csv = extension.eq_ignore_ascii_case("csv");
    TABLES.iter().map(|table| table.spec()).find(|spec| is_csv && spec.name.eq_ignore_ascii_case(stem))
}

/// The folder as a place: its last name.
fn shown_path(path: &Path) -> String {
    path.file_name().map_or_else(|| "folder".to_owned(), |name| shown(&name.to_string_lossy()))
}
