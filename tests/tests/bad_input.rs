//! Bad input: what the program then says, word for word, and with which code it ends.
//!
//! The words stand in `tests/snapshots/`; `INSTA_UPDATE=always cargo test -p rollcall-tests --test bad_input` writes them
//! anew, to be read before they are committed.
#![cfg(feature = "kansas")]

use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use rollcall_tests::place::Place;
use rollcall_tests::program::{Ended, SandboxProcess};
use rollcall_tests::says::Says;
use rollcall_tests::tiny;

/// An address at which nothing has to answer.
const NOWHERE: &str = "http://127.0.0.1:1";

/// The snapshots that show the table of tables that `check` prints; in the others it says nothing new.
const WITH_TABLES: [&str; 3] = ["good_check", "missing_table", "missing_column"];

/// What a command says, and how it ends.
fn told(name: &str, command: &str, ended: &Ended) -> String {
    let code = ended.code.expect("no signal ended it");
    let mut text = format!("$ rollcall {command}\nexit code {code}\n");
    let without_tables = command.starts_with("check") && !WITH_TABLES.contains(&name);
    for (stream, output) in [("stdout", &ended.stdout), ("stderr", &ended.stderr)] {
        let mut lines: Vec<&str> = output.lines().map(str::trim_end).collect();
        lines.retain(|line| !without_tables || !line.starts_with(['┌', '│', '╞', '└']));
        if !lines.is_empty() {
            write!(text, "--- {stream}\n{}\n", lines.join("\n")).expect("a text takes any text");
        }
    }
    text
}

/// Runs a command and holds its words against the snapshot.
fn snapshot(name: &str, place: &Place, command: &str) {
    let args: Vec<&str> = command.split(' ').collect();
    snapshot_of(name, place, command, &place.run(&args));
}

fn snapshot_of(name: &str, place: &Place, command: &str, ended: &Ended) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let folder = place.path().display().to_string();
    // Paths and ports differ from run to run; a path may be cut into lines.
    settings.add_filter(&folder.replace('.', r"\."), "[FOLDER]");
    settings.add_filter(r"127\.0\.0\.1:\d+", "127.0.0.1:[PORT]");
    settings.add_filter(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "[TIME]");
    settings.add_filter(r"in \d+\.\d s", "in [SECONDS] s");
    settings.add_filter(r#""configuration": "[0-9a-f]{32}""#, r#""configuration": "[FINGERPRINT]""#);
    settings.add_filter(r#""seconds": \d+"#, r#""seconds": [SECONDS]"#);
    settings.bind(|| insta::assert_snapshot!(name, told(name, command, ended)));
}

/// A sandbox process for the tiny district, and the district set up for it.
fn served() -> (Place, SandboxProcess) {
    let place = tiny::place(NOWHERE);
    let sandbox = SandboxProcess::start(&place.tables(), 2026, None, None);
    place.configure(&tiny::kansas(&sandbox.url));
    (place, sandbox)
}

#[test]
fn the_tiny_district_itself_is_good() {
    let (place, _sandbox) = served();
    snapshot("good_check", &place, "check");
    snapshot("good_sync", &place, "sync --no-progress");
    snapshot("good_errors", &place, "errors");
}

/// The note goes with the first sync, and comes back when the ledger is lost.
#[test]
fn a_ledger_that_knows_nothing() {
    let (place, _sandbox) = served();
    let noted = || {
        let report = place.run(&["check", "--format", "json"]).expect(0).json();
        let findings = report["findings"].as_array().expect("findings are a list").clone();
        findings.iter().filter(|finding| finding["fix"].to_string().contains("rollcall resync")).count()
    };
    assert_eq!(noted(), 1);
    place.run(&["sync", "--no-progress"]).expect(0);
    assert_eq!(noted(), 0);
    fs::remove_file(place.ledger()).expect("the file is ours");
    assert_eq!(noted(), 1);
    place.run(&["resync", "--no-progress"]).expect(0);
    assert_eq!(noted(), 0);
}

#[test]
fn missing_table() {
    let place = tiny::place(NOWHERE);
    fs::remove_file(place.tables().join("Roster.csv")).expect("the folder is ours");
    snapshot("missing_table", &place, "check --offline");
    snapshot("missing_table_plan", &place, "plan");
}

#[test]
fn misnamed_table() {
    let place = tiny::place(NOWHERE);
    fs::rename(place.tables().join("Roster.csv"), place.tables().join("Rosters.csv")).expect("the folder is ours");
    snapshot("misnamed_table", &place, "check --offline");
}

#[test]
fn no_tables() {
    let place = tiny::place(NOWHERE);
    place.configure(&(tiny::kansas(NOWHERE) + "\n[source]\nfolder = \"sis-extract\"\n"));
    snapshot("no_folder_of_tables", &place, "check --offline");
    fs::create_dir(place.path().join("sis-extract")).expect("the folder is ours");
    snapshot("no_tables", &place, "check --offline");
}

#[test]
fn missing_column() {
    let place = tiny::place(NOWHERE);
    place.edit_table("Roster", |text| text.replacen("startDate", "start_date", 1));
    place.edit_table("Course", |text| text.replacen(",active,", ",status,", 1));
    snapshot("missing_column", &place, "check --offline");
}

#[test]
fn bad_date() {
    let place = tiny::place(NOWHERE);
    place.edit_table("Roster", |text| text.replace("2025-09-02", "09/02/2025"));
    place.edit_table("Person", |text| text.replace("2010-02-03", "3. Feb 2010"));
    snapshot("bad_date", &place, "check --offline");
    snapshot("bad_date_plan", &place, "plan");
}

#[test]
fn dangling_id() {
    let place = tiny::place(NOWHERE);
    place.edit_table("Roster", |text| text.replace("3002,902,71,", "3002,902,77,").replace("3003,903,", "3003,993,"));
    snapshot("dangling_id", &place, "check --offline");
}

/// A section that is placed in a term of another school: the row stands, and nothing of it is at the ODS in that term.
#[test]
fn placement_in_another_school() {
    let place = tiny::place(NOWHERE);
    for (table, row) in [
        ("School", "2,1,Creek School,990002,0\n"),
        ("Calendar", "12,2,2026,25-26,2025-08-14,2026-05-21,0\n"),
        ("ScheduleStructure", "22,12,Main\n"),
        ("TermSchedule", "32,22,Semesters\n"),
    ] {
        place.edit_table(table, |text| text + row);
    }
    place.edit_table("Term", |text| text.replace("42,31,S2", "42,32,S2"));
    let sandbox = SandboxProcess::start(&place.tables(), 2026, None, None);
    place.configure(&tiny::kansas(&sandbox.url));
    snapshot("placement_in_another_school", &place, "check --offline");
    place.run(&["sync", "--no-progress"]).expect(4);
    snapshot("placement_in_another_school_errors", &place, "errors");
}

#[test]
fn duplicate_id() {
    let place = tiny::place(NOWHERE);
    place.edit_table("Roster", |text| text + "3001,906,71,51,,\n");
    place.edit_table("Person", |text| text + "901,4000000909,4000000909,80909,Una,,Sorrel,2010-08-09,0\n");
    snapshot("duplicate_id", &place, "check --offline");
}

#[test]
fn unmapped_term_type() {
    let place = tiny::place(NOWHERE);
    place.configure(&tiny::kansas(NOWHERE).replace("Spring = \"S2\"", "Sprng = \"S2\""));
    snapshot("unmapped_term_type", &place, "check --offline");
    snapshot("unmapped_term_type_plan", &place, "plan");
}

#[test]
fn unknown_keys() {
    let place = tiny::place(NOWHERE);
    let config = tiny::kansas(NOWHERE)
        .replace("[connection]\n", "[connection]\nconcurency = 4\n")
        .replace("[mappings.term-type]", "[mappings.term-types]");
    place.configure(&(config + "\n[resource]\nsections = false\n\n[sync]\ncolour = \"green\"\n"));
    snapshot("unknown_keys", &place, "check --offline");
}

/// Where defects come from, by cause and without student data: what `plan` says before a sync puts it into the error log.
#[test]
fn defects_of_a_plan() {
    let place = tiny::place(NOWHERE);
    place.edit_table("Person", |text| text.replace(",2010-04-05,", ",,").replace(",2010-05-06,", ",,"));
    place.edit_table("Person", |text| text.replace("Zielke", &"Zielke".repeat(20)));
    snapshot("defects_plan", &place, "plan");
    let planned = place.run(&["plan", "--format", "json"]).expect(0).json();
    let defects = planned["defects"].as_array().expect("a plan has its defects");
    assert_eq!(defects.len(), 2, "{defects:#?}");
    assert_eq!((&defects[0]["element"], &defects[0]["records"]), (&"birthDate".into(), &2.into()));
    assert_eq!(defects[0]["objects"], serde_json::json!(["Person:903", "Person:904"]));
    assert!(!planned.to_string().contains("Zielke"));
    place.run(&["explain", "students", "Person:903"]).expect(0);
}

#[test]
fn impossible_values_are_told_together() {
    let place = tiny::place(NOWHERE);
    let config = tiny::kansas(NOWHERE)
        .replace("[2026]", "[1926]")
        .replace("[connection]\n", "[connection]\nsecret = \"do-not-show-this\"\nconcurrency = 0\n")
        .replace("Spring = \"S2\"", "Spring = \"S9\"");
    let more = "\n[source]\nencoding = \"latin1\"\n\n[sync]\ndelete-limit = 10\n\n[options]\nstudent-id = \"edfi-id\"\n\
                section-identifier = \"{section.nummer}\"\n\n[resources]\nsections = \"no\"\n";
    place.configure(&(config + more));
    snapshot("impossible_values", &place, "sync");
}

#[test]
fn no_usable_configuration() {
    let place = tiny::place(NOWHERE);
    place.configure("state = \"ka\"\nschool-years = [2026]\n");
    snapshot("unknown_state", &place, "check --offline");
    place.configure("state = ks\n");
    snapshot("not_toml", &place, "check --offline");
    fs::remove_file(place.path().join("rollcall.toml")).expect("the folder is ours");
    snapshot("no_configuration", &place, "check --offline");
}

#[test]
fn wrong_secret() {
    let (place, _sandbox) = served();
    let ended: Ended =
        place.command(&["check"]).env("ROLLCALL_SECRET", "not-the-secret").output().expect("the program starts").into();
    snapshot_of("wrong_secret", &place, "check", &ended);
    assert!(!ended.stderr.contains("not-the-secret"));
}

#[test]
fn no_secret() {
    let place = tiny::place(NOWHERE);
    let ended: Ended =
        place.command(&["sync"]).env_remove("ROLLCALL_SECRET").output().expect("the program starts").into();
    snapshot_of("no_secret", &place, "sync", &ended);
    place.configure(&tiny::kansas(NOWHERE).replace("[connection]\n", "[connection]\nsecret-file = \"secret\"\n"));
    snapshot("no_secret_file", &place, "sync");
}

#[cfg(unix)]
#[test]
fn a_secret_that_others_may_read() {
    let place = tiny::place(NOWHERE);
    place.configure(&tiny::kansas(NOWHERE).replace("[connection]\n", "[connection]\nsecret-file = \"secret\"\n"));
    let secret = place.path().join("secret");
    fs::write(&secret, "a-secret-in-the-open").expect("the folder is ours");
    fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o644)).expect("the file is ours");
    snapshot("open_secret_file", &place, "sync");
}

#[test]
fn unreachable_server() {
    let port =
        TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port is free").port();
    let place = tiny::place(&format!("http://127.0.0.1:{port}"));
    snapshot("unreachable_server", &place, "sync");
}

#[test]
fn plain_http_to_another_machine() {
    let place = tiny::place("http://ods.example.org/");
    snapshot("plain_http", &place, "sync");
}

/// Between this machine and an https address a proxy opens a tunnel, or says why not.
#[test]
fn a_proxy_that_wants_a_login() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let proxy = format!("http://{}", listener.local_addr().expect("it is bound"));
    // Ends with the test's process.
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.expect("a client connects");
            let mut request = [0; 4096];
            if connection.read(&mut request).is_ok() {
                let head = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\n";
                // A client that went away has its answer.
                write!(connection, "{head}Connection: close\r\nContent-Length: 0\r\n\r\n").ok();
            }
        }
    });
    let place = tiny::place("https://ods.example.org/");
    let ended: Ended = place.command(&["sync"]).env("HTTPS_PROXY", proxy).output().expect("the program starts").into();
    snapshot_of("proxy_login", &place, "sync", &ended);
}

/// A key and secret that follow whatever a server names are anybody's.
#[test]
fn a_discovery_document_that_names_another_host() {
    let server = Says::start(|_| None);
    server.name("https://ods-internal.example.org:8443");
    let place = tiny::place(&server.url());
    snapshot("another_host", &place, "sync");
    for command in [&["check"][..], &["resync"], &["resync", "--dry-run"], &["delete", "sections", "sessionName=S1"]] {
        let ended = place.run(command);
        ended.expect(3);
        assert!(ended.stderr.contains("connection.oauth-url"), "{command:?}: {}", ended.stderr);
    }
    assert_eq!((server.tokens(), server.asked().len()), (0, 0), "nothing was asked with the key or a token");
    // The addresses that only the proxy knows otherwise.
    let url = server.url();
    let named = format!("oauth-url = \"{url}/oauth/token\"\ndata-url = \"{url}/data/v3\"\n[mappings.term-type]");
    place.configure(&tiny::kansas(&url).replacen("[mappings.term-type]", &named, 1));
    place.run(&["check"]).expect(0);
    place.run(&["sync"]).expect(0);
    assert!(server.tokens() > 0 && !server.asked().is_empty());
}

#[test]
fn a_server_that_answers_html() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let place = tiny::place(&format!("http://{}", listener.local_addr().expect("it is bound")));
    // Ends with the test's process.
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.expect("a client connects");
            let mut request = [0; 4096];
            if connection.read(&mut request).is_ok() {
                let page = "<!DOCTYPE html><html><body><h1>Welcome to the district's portal</h1></body></html>";
                let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n";
                // A client that went away has its answer.
                write!(connection, "{head}Content-Length: {}\r\n\r\n{page}", page.len()).ok();
            }
        }
    });
    snapshot("html_server", &place, "sync");
}

#[test]
fn the_delete_limit() {
    let (place, _sandbox) = served();
    let synced = place.run(&["sync", "--format", "json", "--no-progress"]).expect(0).json();
    place.edit_table("Roster", |text| text.lines().next().expect("a header").to_owned() + "\n");
    snapshot("delete_limit_plan", &place, "plan");
    snapshot("delete_limit", &place, "sync --no-progress");
    // The limit stopped everything; the word for it lets everything through.
    let deleted = place.run(&["sync", "--allow-deletes", "--format", "json", "--no-progress"]).expect(0).json();
    let count = |summary: &serde_json::Value, name: &str| {
        let parts = summary["resources"].as_array().expect("a summary has resources");
        parts.iter().find(|part| part["resource"] == "studentSectionAssociations").expect("Kansas reports it")[name]
            .clone()
    };
    assert_eq!(count(&deleted, "deleted"), count(&synced, "posted"));
}

/// A row that cannot be read is not a row that is gone.
#[test]
fn rows_that_cannot_be_read_delete_nothing() {
    let (place, _sandbox) = served();
    place.run(&["sync", "--no-progress"]).expect(0);
    place.edit_table("Roster", |text| text.replace("2025-09-02", "soon"));
    snapshot("unreadable_row_plan", &place, "plan --steps");
    snapshot("unreadable_row_sync", &place, "sync --no-progress");
    snapshot("unreadable_row_status", &place, "status --format json");
    place.edit_table("Roster", |text| text.replace("soon", "2025-09-02"));
    let summary = place.run(&["sync", "--format", "json", "--no-progress"]).expect(0).json();
    assert_eq!(summary["requests"], 0, "nothing was lost, so nothing has to be sent again");
}

/// A row that cannot be read must not change what was built with it before: here, the term's end decides that the
/// student exited before the course was completed.
#[test]
fn rows_that_cannot_be_read_change_nothing() {
    let (place, _sandbox) = served();
    place.edit_table("Roster", |text| text.replace("3006,906,71,51,,", "3006,906,71,51,,2025-12-19"));
    place.run(&["sync", "--no-progress"]).expect(0);
    place.edit_table("Term", |text| text.replace("2026-05-21", "21 May 2026"));
    let summary = place.run(&["sync", "--format", "json", "--no-progress"]).expect(4).json();
    assert_eq!(summary["requests"], 0, "{summary:#}");
}

/// What another ODS holds says nothing about this one.
#[test]
fn looking_at_the_ledger_of_another_connection() {
    let (place, _sandbox) = served();
    place.run(&["sync", "--no-progress"]).expect(0);
    place.configure(&tiny::kansas("https://ods.example.org/v6"));
    for command in [&["plan"][..], &["status"], &["errors"], &["check", "--offline"]] {
        place.run(command).expect(7);
    }
}

/// Withheld deletes are no errors: the error log has nothing to say of them.
#[test]
fn withheld_deletes_do_not_point_to_the_error_log() {
    let (place, _sandbox) = served();
    place.run(&["sync", "--no-progress"]).expect(0);
    place.edit_table("Roster", |text| text.replace("2025-09-02", "soon"));
    let ended = place.run(&["sync", "--no-progress"]);
    let errors = place.run(&["errors"]);
    assert!(errors.stdout.starts_with("the error log is empty; the last run (sync 2) ended"), "{}", errors.stdout);
    assert!(!ended.stderr.contains("rollcall errors"), "{}", ended.stderr);
}

#[test]
fn the_ledger_of_another_connection() {
    let (place, sandbox) = served();
    place.run(&["sync", "--no-progress"]).expect(0);
    place.configure(&tiny::kansas("https://ods.example.org/v6"));
    snapshot("ledger_of_another_connection", &place, "sync");
    snapshot("ledger_of_another_connection_plan", &place, "plan");
    drop(sandbox);
}

#[test]
fn a_ledger_in_use() {
    let (place, _sandbox) = served();
    let held =
        fs::OpenOptions::new().create(true).truncate(true).write(true).open(place.path().join("rollcall.db.lock"));
    let mut held = held.expect("the folder is ours");
    held.lock().expect("nobody else has it");
    held.write_all(b"process 4711, started 2026-02-02 08:00:00 UTC").expect("the file is ours");
    snapshot("ledger_in_use", &place, "sync");
}
