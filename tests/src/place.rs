//! A folder with a configuration, the SIS tables and a ledger, as a district has one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program::{self, Ended, KEY, SECRET};

/// A district's folder: `rollcall.toml`, `sis/` and, after a sync, `rollcall.db`. Removed when it is dropped.
pub struct Place {
    folder: tempfile::TempDir,
}

impl Default for Place {
    fn default() -> Self {
        Self::new()
    }
}

impl Place {
    /// An empty one.
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("rollcall-test-").tempdir().expect("there is room for a folder");
        fs::create_dir(folder.path().join("sis")).expect("the folder is ours");
        Self { folder }
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The folder of the SIS tables.
    pub fn tables(&self) -> PathBuf {
        self.folder.path().join("sis")
    }

    /// The ledger's file.
    pub fn ledger(&self) -> PathBuf {
        self.folder.path().join("rollcall.db")
    }

    /// Writes `rollcall.toml`.
    pub fn configure(&self, text: &str) {
        fs::write(self.folder.path().join("rollcall.toml"), text).expect("the folder is ours");
    }

    /// Writes a table.
    pub fn write_table(&self, table: &str, text: &str) {
        fs::write(self.tables().join(format!("{table}.csv")), text).expect("the folder is ours");
    }

    /// Changes a table's text.
    pub fn edit_table(&self, table: &str, change: impl FnOnce(String) -> String) {
        let path = self.tables().join(format!("{table}.csv"));
        let text = fs::read_to_string(&path).expect("the table is there");
        let changed = change(text.clone());
        assert_ne!(changed, text, "the edit of {table} changed nothing");
        fs::write(&path, changed).expect("the folder is ours");
    }

    /// A command with this folder's configuration and the secrets of a sandbox process.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = program::command();
        command.args(args).arg("--config").arg(self.folder.path().join("rollcall.toml"));
        command.env("ROLLCALL_KEY", KEY).env("ROLLCALL_SECRET", SECRET);
        command
    }

    /// Runs the program with this folder's configuration.
    pub fn run(&self, args: &[&str]) -> Ended {
        self.command(args).output().expect("the program starts").into()
    }
}
