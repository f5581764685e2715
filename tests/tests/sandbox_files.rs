//! `rollcall sandbox load` and `dump`, and the file of keys, through the built program.
#![cfg(feature = "kansas")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use rollcall_tests::ods::Ods;
use rollcall_tests::place::Place;
use rollcall_tests::program::{Ended, command};
use rollcall_tests::tiny;

/// Runs a command of the sandbox for the tiny district.
fn sandbox(place: &Place, args: &[&str]) -> Ended {
    let mut command = command();
    command.arg("sandbox").args(args).args(["--state", "ks", "--tables"]).arg(place.tables());
    command.output().expect("the program starts").into()
}

/// The same without a district.
fn bare(args: &[&str]) -> Ended {
    command().arg("sandbox").args(args).args(["--state", "ks"]).output().expect("the program starts").into()
}

fn district() -> Place {
    let place = Place::new();
    for (table, text) in tiny::TABLES {
        place.write_table(table, text);
    }
    place
}

const STUDENTS: &str = "\
{\"studentUniqueId\":\"1\",\"firstName\":\"Tamsin\",\"lastSurname\":\"Quennell\",\"birthDate\":\"2010-02-03\"}\n\
\n\
{\"studentUniqueId\":\"2\",\"firstName\":\"Silas\",\"birthDate\":\"2010-03-04\"}\n\
{\"studentUniqueId\":\"3\",\"firstName\":\"Odessa\",\"lastSurname\":\"Yarrow\",\"birthDate\":\"2010-04-05\"}\n\
Rafe Fenwick\n";

/// A program of a type that is in no code list.
const PROGRAMS: &str = "\
{\"educationOrganizationReference\":{\"educationOrganizationId\":990},\"programName\":\"A\",\"programTypeDescriptor\":\"T\"}\n";

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn load_says_which_lines_it_refuses_and_dump_gives_back_the_rest() {
    let place = district();
    let folder = place.path().join("in");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("students.jsonl"), STUDENTS).unwrap();
    fs::write(folder.join("programs.jsonl"), PROGRAMS).unwrap();
    let (file, out) = (place.path().join("ods.db"), place.path().join("out"));
    let (file, out) = (file.to_str().unwrap(), out.to_str().unwrap());
    let loaded = sandbox(&place, &["load", "--file", file, folder.to_str().unwrap(), "--format", "json"]);
    let counts = loaded.expect(4).json();
    let students = counts.as_array().unwrap().iter().find(|entry| entry["resource"] == "students").unwrap();
    assert_eq!((&students["created"], &students["updated"]), (&2.into(), &0.into()));
    assert_eq!(students["refused"][0]["line"], 3);
    assert_eq!(students["refused"][0]["reason"], "Validation of 'Student' failed.\n\tLastSurname is required.");
    assert_eq!(students["refused"][1]["line"], 5);
    let programs = counts.as_array().unwrap().iter().find(|entry| entry["resource"] == "programs").unwrap();
    assert_eq!(programs["refused"][0]["reason"], "programTypeDescriptor is in no code list of ProgramTypeDescriptor");
    assert!(loaded.stderr.contains("students.jsonl:3: Validation of 'Student' failed."), "{}", loaded.stderr);
    for personal in ["Silas", "2010-03-04", "Rafe", "Fenwick"] {
        assert!(!loaded.stderr.contains(personal) && !loaded.stdout.contains(personal), "{personal}");
    }

    sandbox(&place, &["dump", "--file", file, out]).expect(0);
    let lines = read(&Path::new(out).join("students.jsonl"));
    assert_eq!(lines.lines().count(), 2);
    assert_eq!(lines.lines().next(), STUDENTS.lines().next());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(Path::new(out).join("students.jsonl")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // What was dumped loads into an empty sandbox, schools and code lists included, and dumps alike.
    let (again, twice) = (place.path().join("again.db"), place.path().join("twice"));
    let (again, twice) = (again.to_str().unwrap(), twice.to_str().unwrap());
    bare(&["load", "--file", again, out]).expect(0);
    bare(&["dump", "--file", again, twice]).expect(0);
    let mut names: Vec<_> = fs::read_dir(out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        let sorted = |folder: &str| {
            let text = read(&Path::new(folder).join(&name));
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(sorted(out), sorted(twice), "{}", name.display());
    }
}

#[test]
fn a_file_named_after_no_resource_is_an_error_with_the_nearest_name() {
    let place = district();
    let path = place.path().join("student.jsonl");
    fs::write(&path, STUDENTS).unwrap();
    let file = place.path().join("ods.db");
    let loaded = sandbox(&place, &["load", "--file", file.to_str().unwrap(), path.to_str().unwrap()]);
    assert!(loaded.expect(3).stderr.contains("did you mean students?"), "{}", loaded.stderr);
}

struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn keys_from_a_file_and_records_loaded_before_serving() {
    let place = district();
    let keys = place.path().join("keys.toml");
    fs::write(&keys, "[[key]]\nkey = \"state\"\nsecret = \"of the state\"\nclaim-set = \"full\"\n").unwrap();
    let students = place.path().join("students.jsonl");
    fs::write(&students, STUDENTS.lines().next().unwrap()).unwrap();
    let start = || {
        let mut command = command();
        command.args(["sandbox", "--state", "ks", "--listen", "127.0.0.1:0", "--tables"]).arg(place.tables());
        command.arg("--keys").arg(&keys).arg("--load").arg(&students);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&keys, fs::Permissions::from_mode(0o644)).unwrap();
        let refused: Ended = start().wait_with_output().unwrap().into();
        assert!(refused.expect(3).stderr.contains("can be read by others; chmod 600 it"), "{}", refused.stderr);
        fs::set_permissions(&keys, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let mut serving = Serving(start());
    let mut line = String::new();
    BufReader::new(serving.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ods = Ods::connect(line.trim(), "state", "of the state");
    assert_eq!(ods.pages("students")[0]["studentUniqueId"], "1");
}

#[test]
fn one_process_at_a_time_has_a_file() {
    let place = district();
    let file = place.path().join("ods.db");
    let served = rollcall_tests::program::SandboxProcess::start(&place.tables(), 2026, Some(&file), None);
    let students = place.path().join("students.jsonl");
    fs::write(&students, STUDENTS).unwrap();
    let args = ["load", "--file", file.to_str().unwrap(), students.to_str().unwrap()];
    let loaded = sandbox(&place, &args);
    assert!(loaded.expect(3).stderr.contains("another process has it open"), "{}", loaded.stderr);
    drop(served);
    sandbox(&place, &args).expect(4);
}

#[test]
fn what_does_not_go_says_which_option_to_look_at() {
    let place = district();
    let file = place.path().join("ods.db");
    let file = file.to_str().unwrap();
    let says = |ended: &Ended, code: i32, part: &str| {
        assert!(ended.expect(code).stderr.contains(part), "no {part} in {}", ended.stderr);
    };
    says(&bare(&["--listen", "0.0.0.0:0"]), 3, "--allow-non-loopback");
    says(&bare(&["--tables", "nofolder"]), 3, "--tables names the folder");
    let students = place.path().join("students.jsonl");
    fs::write(&students, STUDENTS).unwrap();
    sandbox(&place, &["load", "--file", file, students.to_str().unwrap()]).expect(4);
    let mut other = command();
    other.args(["sandbox", "dump", "--state", "wi", "--file", file, "out"]);
    says(&other.output().expect("the program starts").into(), 3, "the file was made for another state");
}
