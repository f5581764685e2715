//! Who may read a ledger and not write it: what the commands that only look then say.
#![cfg(all(unix, feature = "kansas"))]

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

use rollcall_tests::place::Place;
use rollcall_tests::program::{Ended, SandboxProcess};
use rollcall_tests::tiny;

/// `nobody` nearly everywhere; any user who owns nothing here will do.
const NOBODY: u32 = 65_534;

/// A district whose folder nobody may write, and everybody read.
struct ReadOnly {
    place: Place,
    /// Permissions do not bind root: then the program runs as somebody else, from where that one reaches it.
    program: Option<PathBuf>,
}

impl ReadOnly {
    fn of(place: Place) -> Self {
        let root = fs::metadata(place.path()).expect("the folder is there").uid() == 0;
        let program = root.then(|| {
            let (from, to) = (place.command(&[]).get_program().to_owned(), place.path().join("rollcall"));
            fs::hard_link(&from, &to).or_else(|_| fs::copy(&from, &to).map(drop)).expect("there is room for it");
            to
        });
        let read_only = Self { place, program };
        read_only.permit(0o555, 0o444);
        read_only
    }

    fn permit(&self, folder: u32, ledger: u32) {
        for (path, mode) in [(self.place.ledger(), ledger), (self.place.path().to_owned(), folder)] {
            fs::set_permissions(path, Permissions::from_mode(mode)).expect("it is ours");
        }
    }

    /// Runs a command as who may not write.
    fn run(&self, args: &[&str]) -> Ended {
        let mut command = self.place.command(args);
        if let Some(program) = &self.program {
            let mut other = Command::new(program);
            other.args(command.get_args()).uid(NOBODY).gid(NOBODY);
            for (name, value) in command.get_envs() {
                match value {
                    Some(value) => other.env(name, value),
                    None => other.env_remove(name),
                };
            }
            command = other;
        }
        command.output().expect("the program starts").into()
    }

    fn files(&self) -> Vec<String> {
        let files = fs::read_dir(self.place.path()).expect("it is ours");
        let mut names: Vec<String> =
            files.map(|file| file.expect("it is ours").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        // So that the folder can be removed.
        self.permit(0o755, 0o600);
    }
}

/// The tiny district after a sync that had something to refuse.
fn synced() -> Place {
    let place = tiny::place("http://127.0.0.1:9");
    let sandbox = SandboxProcess::start(&place.tables(), 2026, None, None);
    place.configure(&tiny::kansas(&sandbox.url));
    place.edit_table("Person", |text| text.replace("Quennell", &"Q".repeat(80)));
    place.run(&["sync", "--no-progress"]).expect(4);
    place
}

#[test]
fn the_commands_that_only_look_need_no_right_to_write() {
    let place = synced();
    let looks: &[&[&str]] = &[
        &["status"],
        &["status", "--format", "json"],
        &["errors", "--list"],
        &["history", "--format", "json"],
        &["show", "1"],
        &["explain", "students", "Person:901"],
        &["plan", "--format", "json"],
        &["check", "--offline"],
    ];
    let owners: Vec<Ended> = looks.iter().map(|look| place.run(look)).collect();
    let read_only = ReadOnly::of(place);
    let before = read_only.files();
    for (look, owner) in looks.iter().zip(owners) {
        let ended = read_only.run(look);
        assert_eq!(ended.code, owner.code, "{look:?}: {}", ended.stderr);
        assert_eq!((ended.stdout, ended.stderr), (owner.stdout, owner.stderr), "{look:?}");
    }
    let page = tempfile::tempdir().expect("there is room for a folder");
    fs::set_permissions(page.path(), Permissions::from_mode(0o777)).expect("it is ours");
    let page = page.path().join("page.html");
    read_only.run(&["report", "--output", page.to_str().expect("it is a text")]).expect(0);
    assert!(fs::read_to_string(page).expect("it was written").contains("rollcall report"));
    assert_eq!(read_only.files(), before, "nothing is made beside the ledger: its owner could not write it any more");
}

/// The file may be written, and the folder beside it, where SQLite keeps its own files, not.
#[test]
fn a_folder_alone_that_may_not_be_written() {
    let read_only = ReadOnly::of(synced());
    read_only.permit(0o555, 0o666);
    read_only.run(&["status"]).expect(4);
    let refused = read_only.run(&["sync"]);
    let error = refused.expect(7).error();
    assert!(error.starts_with("cannot open the ledger ") && error.contains(".lock: Permission denied"), "{error}");
}

#[test]
fn what_has_to_be_brought_to_its_place_first_is_said() {
    let place = synced();
    let journal = "INSERT INTO journal (resource, lines) VALUES ('students', x'')";
    rusqlite::Connection::open(place.ledger()).and_then(|ledger| ledger.execute(journal, [])).expect("it is a ledger");
    let read_only = ReadOnly::of(place);
    let refused = read_only.run(&["status"]);
    refused.expect(7);
    for part in ["journal", "may not write it", "let somebody who may write", "rollcall status"] {
        assert!(refused.stderr.contains(part), "no \"{part}\" in {}", refused.stderr);
    }
    read_only.permit(0o755, 0o600);
    read_only.place.run(&["status"]).expect(4);
    read_only.permit(0o555, 0o444);
    read_only.run(&["status"]).expect(4);
}

/// What cannot be looked for may be there: it is not "no ledger yet".
#[test]
fn a_ledger_that_cannot_be_read() {
    let read_only = ReadOnly::of(synced());
    read_only.permit(0o555, 0o000);
    let refused = read_only.run(&["status"]);
    assert!(refused.expect(7).stderr.contains("cannot open the ledger"), "{}", refused.stderr);
}
