//! The workspace's own files.

use std::fs;
use std::path::{Path, PathBuf};

/// The workspace's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package is in the workspace")
}

/// The files below a folder of the workspace that are not hidden and not built, sorted.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for entry in entries.map(|entry| entry.expect("the folder can be listed")) {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if path == root().join("target") || name == ".git" {
                continue;
            }
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// The Rust files below some folders of the workspace, with their text.
pub fn sources(folders: &[&str]) -> Vec<(PathBuf, String)> {
    let all = folders.iter().flat_map(|folder| files(&root().join(folder)));
    let rust = all.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    rust.map(|path| (path.clone(), fs::read_to_string(&path).expect("a source file is text"))).collect()
}

/// A path as the repository has it.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// The folders of the state crates, by name.
pub fn state_folders() -> Vec<String> {
    let entries = fs::read_dir(root().join("states")).expect("the workspace has states");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("it can be listed").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
