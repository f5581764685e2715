//! The `rollcall` program: the real one, from the workspace's target folder.
//!
//! A package's tests are given the path of its own programs only, and `rollcall` is another package's. So it is built
//! here, once in a test run, with the states that the tests are built with.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

/// The key that a sandbox process takes.
pub const KEY: &str = "the-key-of-the-tests";
/// The secret that a sandbox process takes.
pub const SECRET: &str = "the-secret-of-the-tests";

/// Variables of the outside that would change what the program does.
const OUTSIDE: &[&str] = &[
    "ROLLCALL_CONFIG",
    "ROLLCALL_KEY",
    "ROLLCALL_SECRET",
    "ROLLCALL_NO_PROGRESS",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "COLUMNS",
    "RUST_LOG",
    "ROLLCALL_LOG",
    "ROLLCALL_LOG_FORMAT",
];

/// A command that runs the program.
pub fn command() -> Command {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    let mut command = Command::new(PATH.get_or_init(find));
    for name in OUTSIDE {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// How a run of the program ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// Everything on stdout.
    pub stdout: String,
    /// Everything on stderr.
    pub stderr: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes UTF-8");
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

impl Ended {
    /// Checks the exit code; shows stderr when it is another.
    pub fn expect(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// The error that ended it, in which nothing stands twice: neither what a cause says nor what one of SQLite says again
    /// with its number.
    #[track_caller]
    pub fn error(&self) -> &str {
        let line = self.stderr.lines().find_map(|line| line.strip_prefix("error: "));
        let line = line.unwrap_or_else(|| panic!("no error:\n{}", self.stderr));
        let mut parts: Vec<&str> = line.split(": ").collect();
        let count = parts.len();
        parts.sort_unstable();
        parts.dedup();
        assert!(parts.len() == count && !line.contains("rror code"), "said twice: {line}");
        line
    }

    /// Stdout as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("not JSON ({error}):\n{}", self.stdout))
    }
}

/// A `rollcall sandbox` process. Ended when it is dropped.
pub struct SandboxProcess {
    child: Child,
    /// Where it serves.
    pub url: String,
}

impl SandboxProcess {
    /// Starts a Kansas sandbox with [`KEY`] and [`SECRET`] on a free port and waits for the line with its address.
    /// Its stderr goes to `log`, or nowhere.
    pub fn start(tables: &Path, school_year: i32, file: Option<&Path>, log: Option<File>) -> Self {
        Self::start_with(tables, school_year, file, log, &[])
    }

    /// As [`SandboxProcess::start`], with more options. `--listen` among them takes the place of the free port.
    pub fn start_with(tables: &Path, school_year: i32, file: Option<&Path>, log: Option<File>, more: &[&str]) -> Self {
        let mut command = command();
        command.args(["sandbox", "-vv", "--state", "ks", "--key", KEY, "--secret", SECRET]);
        command.arg("--school-year").arg(school_year.to_string()).arg("--tables").arg(tables).args(more);
        if !more.contains(&"--listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        if let Some(file) = file {
            command.arg("--file").arg(file);
        }
        command.stdout(Stdio::piped()).stderr(log.map_or_else(Stdio::null, Stdio::from));
        let mut child = command.spawn().expect("the program starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("stdout is piped");
        BufReader::new(stdout).read_line(&mut line).expect("the sandbox writes its address");
        assert!(line.starts_with("http://"), "the sandbox did not start: {line:?}");
        Self { child, url: line.trim().to_owned() }
    }

    /// Host and port, for `--listen` of another that takes its place.
    pub fn address(&self) -> String {
        self.url.trim_start_matches("http://").to_owned()
    }
}

impl Drop for SandboxProcess {
    fn drop(&mut self) {
        // It may have ended by itself, which is for the test to notice.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The program's path, after bringing it up to date.
fn find() -> PathBuf {
    if let Some(path) = std::env::var_os("ROLLCALL_TEST_PROGRAM") {
        return path.into();
    }
    let own = std::env::current_exe().expect("a test knows its own path");
    // target/{profile}/deps/{test}
    let folder = own.ancestors().nth(2).expect("tests stand in target/{profile}/deps");
    let path = folder.join(format!("rollcall{}", std::env::consts::EXE_SUFFIX));
    build(folder);
    assert!(path.exists(), "no {}; name the program in ROLLCALL_TEST_PROGRAM", path.display());
    path
}

/// Builds the program unless this test run already has: cargo-nextest starts a process for each test and gives all of
/// them one run id.
fn build(folder: &Path) {
    let run = std::env::var("NEXTEST_RUN_ID").unwrap_or_else(|_| format!("process {}", std::process::id()));
    let mut options = OpenOptions::new();
    let marker = folder.join(".rollcall-tests-built");
    let mut marker = options.read(true).write(true).create(true).truncate(false).open(marker).expect("target is ours");
    marker.lock().expect("a file in target can be locked");
    let mut built_for = String::new();
    marker.read_to_string(&mut built_for).expect("the marker is text");
    if built_for == run {
        return;
    }
    let profile = folder.file_name().expect("a profile's folder has a name").to_string_lossy().into_owned();
    let profile = if profile == "debug" { "dev".to_owned() } else { profile };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(crate::workspace::root()).args(["build", "--package", "rollcall", "--bin", "rollcall"]);
    // With the default ones it is the program that a plain `cargo build` makes.
    if !cfg!(feature = "default") {
        command.arg("--no-default-features");
    }
    command.args(["--features", &rollcall::states::FEATURES.join(",")]);
    let output = command.args(["--profile", &profile]).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    marker.set_len(0).and_then(|()| marker.rewind()).expect("the marker is ours");
    marker.write_all(run.as_bytes()).expect("the marker is ours");
}
