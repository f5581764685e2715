//! The workspace keeps its own rules (ARCHITECTURE.md, invariants).

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rollcall_core::tables::TABLES;
use rollcall_tests::workspace::{files, root, shown, sources, state_folders};

/// Crates whose sources are looked at, by folder.
const CRATES: [&str; 9] = ["core", "states", "source", "ledger", "transport", "sync", "sandbox", "cli", "tests"];

/// The file that every state may have and the standard has not: what a state adds under `_ext`.
const EXTENSIONS: &str = "extensions";

/// Files that only one state has: rules that no other document has, and resources that the state adds whole.
const OF_ITS_OWN: [(&str, &str); 4] = [
    ("kansas", "section_educators"),
    ("wisconsin", "attempt_status"),
    ("wisconsin", "eligibility"),
    ("wisconsin", "stays"),
];

/// Longest source file, in lines.
const LONGEST: usize = 800;

fn manifest(folder: &str) -> toml::Table {
    let path = root().join(folder).join("Cargo.toml");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.parse().expect("a manifest is TOML")
}

/// Whether a word stands in a text by itself.
fn has_word(text: &str, word: &str) -> bool {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(word)
        .any(|(at, _)| !part(text[..at].chars().next_back()) && !part(text[at + word.len()..].chars().next()))
}

/// The lines of a source that are no comments.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line));
    lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

#[test]
fn every_state_folder_is_wired_up() {
    let members = manifest("")["workspace"]["members"].as_array().expect("members").clone();
    assert!(members.iter().any(|member| member.as_str() == Some("states/*")), "every folder of states/ is a member");
    let cli = manifest("cli");
    let features = cli["features"].as_table().expect("features");
    let tests = manifest("tests")["features"].as_table().expect("features").clone();
    // A state is off until it is in both lists.
    assert_eq!(tests["default"], features["default"], "the default features of tests and cli");
    let dependencies = manifest("")["workspace"]["dependencies"].as_table().expect("dependencies").clone();
    let wiring = fs::read_to_string(root().join("cli/src/states.rs")).expect("cli names the states");
    let folders = state_folders();
    assert!(folders.contains(&"kansas".to_owned()) && folders.contains(&"core-edfi".to_owned()));
    for folder in folders {
        let package = manifest(&format!("states/{folder}"))["package"]["name"].as_str().expect("a name").to_owned();
        assert_eq!(package, format!("rollcall-{folder}"), "the package in states/{folder}");
        let feature = features.get(&folder).unwrap_or_else(|| panic!("cli has no feature {folder}"));
        let needs: Vec<&str> = feature.as_array().expect("a list").iter().filter_map(|f| f.as_str()).collect();
        assert!(needs.contains(&format!("dep:{package}").as_str()), "feature {folder} of cli: {needs:?}");
        assert!(dependencies.contains_key(&package), "Cargo.toml has no dependency {package}");
        let of_tests = tests
            .get(&folder)
            .and_then(|feature| feature.as_array())
            .is_some_and(|needs| needs.iter().any(|need| need.as_str() == Some(&format!("rollcall/{folder}"))));
        assert!(of_tests, "tests/Cargo.toml has no feature {folder}");
        let line = format!("\"{folder}\": {} registers", package.replace('-', "_"));
        assert!(wiring.contains(&line), "cli/src/states.rs has no line {line} …");
    }
}

/// What a state is known by: its folder's name, and the hosts of its descriptor namespaces.
fn names_of_states() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for folder in state_folders().into_iter().filter(|folder| folder != "core-edfi") {
        names.extend([" ", "-", "_"].map(|between| folder.replace('-', between)));
        for (_, text) in sources(&[&format!("states/{folder}/src")]) {
            let hosts = text.split("uri://").skip(1).filter_map(|rest| rest.split_once('/')).map(|(host, _)| host);
            names.extend(hosts.filter(|host| host.contains('.') && *host != "ed-fi.org").map(str::to_owned));
        }
    }
    names
}

#[test]
fn core_names_no_state() {
    let names = names_of_states();
    for known in ["kansas", "ksde.org", "wisconsin", "dpi.wi.gov", "minnesota", "education.mn.gov"] {
        assert!(names.contains(known), "{known} is not among {names:?}");
    }
    for (path, text) in sources(&["core/src"]) {
        let lower = text.to_lowercase();
        for name in &names {
            // A comment may cite a source document by its file's name.
            let used = lower.lines().find(|line| line.contains(name) && !line.trim_start().starts_with("//"));
            assert_eq!(used, None, "{} names {name}", shown(&path));
        }
    }
}

#[test]
fn only_the_command_line_names_state_crates() {
    let crates: Vec<String> =
        state_folders().into_iter().map(|folder| format!("rollcall_{}", folder.replace('-', "_"))).collect();
    for (path, text) in
        sources(&["core/src", "source/src", "ledger/src", "transport/src", "sync/src", "sandbox/src", "cli/src"])
    {
        if path.ends_with("cli/src/states.rs") {
            continue;
        }
        for name in &crates {
            let used = code(&text).find(|(_, line)| has_word(line, name));
            assert_eq!(used, None, "{} names {name}", shown(&path));
        }
    }
}

/// Names of columns that are words of no other trade: ids and flags of the SIS.
#[test]
fn transport_and_ledger_know_no_sis_table() {
    let columns: BTreeSet<&str> = TABLES
        .iter()
        .flat_map(|table| table.spec().columns.iter().map(|column| column.name))
        .filter(|name| name.ends_with("ID") || name.chars().filter(|c| c.is_uppercase()).count() >= 2)
        .collect();
    assert!(columns.contains("rosterID") && columns.contains("sectionID") && columns.contains("collegeCareerType"));
    for (path, text) in sources(&["transport/src", "ledger/src"]) {
        for (number, line) in code(&text) {
            for column in &columns {
                assert!(!has_word(line, column), "{} line {number} names {column}", shown(&path));
            }
            for table in TABLES {
                let cited = format!("\"{}.", table.as_str());
                assert!(!line.contains(&cited), "{} line {number} cites {}", shown(&path), table.as_str());
            }
            for module in ["rollcall_core::tables", "rollcall_core::snapshot", "rollcall_core::state"] {
                assert!(!line.contains(module), "{} line {number} uses {module}", shown(&path));
            }
        }
    }
}

#[test]
fn state_crates_stand_on_core_alone() {
    for folder in state_folders() {
        let manifest = manifest(&format!("states/{folder}"));
        let dependencies = manifest["dependencies"].as_table().expect("a state stands on core");
        let known = ["rollcall-core", "rollcall-core-edfi", "chrono"];
        let others: Vec<&String> = dependencies.keys().filter(|name| !known.contains(&name.as_str())).collect();
        assert!(others.is_empty(), "states/{folder} depends on {others:?}");
        assert!(!manifest.contains_key("build-dependencies"), "states/{folder}");
        for (path, text) in sources(&[&format!("states/{folder}/src")]) {
            for word in ["std::fs", "std::net", "std::env", "std::process", "std::time", "Utc::now", "Local::now"] {
                let used = code(&text).find(|(_, line)| line.contains(word));
                assert_eq!(used, None, "{}: a rule is a pure function of a snapshot", shown(&path));
            }
        }
    }
}

/// A file's name below a folder, or that of the module's folder that it stands in, without `.rs`.
fn module(path: &Path, below: &Path) -> String {
    let path = path.strip_prefix(below).expect("it was found there");
    let first = path.components().next().expect("a file has a name").as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn a_states_files_are_called_as_the_standards() {
    let names = |folder: &str| -> BTreeSet<String> {
        let files = sources(&[&format!("states/{folder}/src")]);
        files.iter().map(|(path, _)| module(path, &root().join(format!("states/{folder}/src")))).collect()
    };
    let standard = names("core-edfi");
    assert!(standard.contains("student_section_associations") && standard.contains("lib"));
    for folder in state_folders() {
        let mut others = names(&folder);
        others.retain(|name| {
            let own = name == EXTENSIONS || OF_ITS_OWN.contains(&(folder.as_str(), name.as_str()));
            !standard.contains(name) && !own
        });
        assert!(others.is_empty(), "states/{folder}/src has {others:?}, which core-edfi has not");
    }
}

#[test]
fn no_source_file_is_too_long() {
    for (path, text) in sources(&CRATES) {
        let lines = text.lines().count();
        assert!(lines <= LONGEST, "{} has {lines} lines", shown(&path));
    }
}

#[test]
fn only_the_command_line_prints() {
    for (path, text) in sources(&CRATES) {
        // What benchmarks and examples print is their purpose.
        let for_people =
            path.components().any(|part| ["benches", "examples"].iter().any(|name| part.as_os_str() == *name));
        if for_people || path.starts_with(root().join("cli/src")) {
            continue;
        }
        for (number, line) in code(&text) {
            for name in ["println", "eprintln", "print", "eprint", "dbg"] {
                let call = format!("{name}!");
                let prints = line.match_indices(&call).any(|(at, _)| {
                    !line[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '"')
                });
                assert!(!prints, "{} line {number} prints", shown(&path));
            }
        }
    }
}

#[test]
fn no_path_of_one_machine() {
    // Written in two parts, so that this file is not found.
    let paths = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/Us", "ers/"), concat!("C:\\", "Users")];
    for path in files(root()) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for found in paths {
            let line = text.lines().position(|line| line.contains(found));
            assert_eq!(line, None, "{} names {found}", shown(&path));
        }
    }
}

#[test]
fn every_package_takes_the_workspaces_settings() {
    let folders = CRATES.iter().filter(|folder| **folder != "states").map(|folder| (*folder).to_owned());
    for folder in folders.chain(state_folders().into_iter().map(|folder| format!("states/{folder}"))) {
        let manifest = manifest(&folder);
        for key in ["version", "edition", "rust-version", "license", "publish"] {
            let value = manifest["package"].get(key);
            let shared = value.and_then(|value| value.get("workspace")).and_then(toml::Value::as_bool);
            assert_eq!(shared, Some(true), "{folder}/Cargo.toml, package.{key}");
        }
        assert_eq!(manifest["lints"]["workspace"].as_bool(), Some(true), "{folder}/Cargo.toml, lints");
    }
}
