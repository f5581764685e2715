//! A run that is told to stop ends in order: it begins no request, waits for what is in flight, notes everything and says how
//! it ended. The next run goes on from there.
#![cfg(all(feature = "kansas", unix))]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rollcall_tests::ledger::LedgerContents;
use rollcall_tests::ods::Ods;
use rollcall_tests::place::Place;
use rollcall_tests::program::{self, Ended};
use rollcall_tests::served::{STATE, Served};
use rollcall_tests::{sample, tiny};
use serde_json::Value;

const STUDENTS: usize = 60;

fn served() -> (Place, Served) {
    let place = sample::place(&sample::district(STUDENTS));
    let registry = rollcall::registry().expect("the registry is whole");
    let kansas = registry.state("ks").expect("Kansas is compiled in");
    let served = Served::start(&place, &kansas, sample::SCHOOL_YEAR);
    place.configure(&sample::kansas(&served.url()));
    (place, served)
}

/// The same with no signal passed over, whatever the tests were started with: `nohup`, a shell's background.
fn heeding(command: Command) -> Command {
    if cfg!(not(target_os = "linux")) {
        return command;
    }
    let mut env = Command::new("env");
    env.arg("--default-signal=HUP,INT,TERM").arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => env.env(name, value),
            None => env.env_remove(name),
        };
    }
    env
}

fn start(mut command: Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
}

fn send(signal: &str, to: &Child) {
    let kill = format!("kill -{signal} {}", to.id());
    let sent = Command::new("sh").args(["-c", &kill]).stderr(Stdio::null()).status().expect("a shell starts");
    assert!(sent.success(), "{kill}");
}

/// Waits until the ODS has answered so many writes.
fn wait_for(served: &Served, writes: u64) {
    while served.writes() < writes {
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn ended(child: Child) -> Ended {
    child.wait_with_output().expect("it ends").into()
}

fn last_run(place: &Place) -> Value {
    place.run(&["show", "--format", "json"]).expect(0).json()
}

fn count(summary: &Value, name: &str) -> u64 {
    let parts = summary["resources"].as_array().expect("a summary has resources");
    parts.iter().map(|part| part[name].as_u64().expect("a count is a number")).sum()
}

/// What an undisturbed sync leaves, by its exit code, the ODS and the ledger.
fn undisturbed() -> (Option<i32>, BTreeMap<String, Vec<String>>, LedgerContents) {
    let (place, served) = served();
    let code = place.run(&["sync", "--no-progress"]).code;
    (code, served.contents(), LedgerContents::read(&place.ledger()))
}

#[test]
fn a_sync_that_is_told_to_stop_ends_in_order_and_the_next_one_goes_on() {
    let (code, contents, ledger) = undisturbed();
    for (signal, name) in [("TERM", "SIGTERM"), ("HUP", "SIGHUP"), ("INT", "Ctrl-C")] {
        let (place, served) = served();
        served.fail("latency=20ms");
        let sync = start(heeding(place.command(&["sync", "--no-progress", "--format", "json"])));
        wait_for(&served, 60);
        send(signal, &sync);
        let at_once = served.writes();
        let ended = ended(sync);
        ended.expect(8);
        assert!(served.writes() <= at_once + 64, "it went on sending");

        let reason = format!("told to stop by {name} before its end");
        assert!(ended.stderr.contains(&format!("told to stop by {name}: waiting for what is in flight")));
        assert!(ended.stderr.contains(&format!("error: {reason}\n")), "{}", ended.stderr);
        assert!(ended.stderr.contains("the next sync goes on from there"), "{}", ended.stderr);
        let summary = ended.json();
        assert!(count(&summary, "posted") >= 50 && count(&summary, "not_sent") > 200, "{summary:#}");
        assert_eq!((count(&summary, "unknown"), count(&summary, "refused")), (0, 0), "{summary:#}");
        assert_eq!(summary["reason"], reason.as_str());
        let run = last_run(&place);
        assert_eq!((&run["outcome"], &run["reason"]), (&"stopped".into(), &reason.as_str().into()));
        assert_eq!(count(&run["summary"], "posted"), count(&summary, "posted"));
        // Nothing is left of which nobody knows whether the ODS has it.
        let states = LedgerContents::read(&place.ledger()).records;
        let open: Vec<_> = states.iter().filter(|record| record[3] == "sending" || record[3] == "unknown").collect();
        assert!(open.is_empty(), "{signal}: {open:?}");

        served.fail("");
        assert_eq!(place.run(&["sync", "--no-progress"]).code, code);
        assert!(served.contents() == contents, "{signal}: the ODS is not as after an undisturbed sync");
        let left = LedgerContents::read(&place.ledger());
        assert_eq!((left.records, left.objects), (ledger.records.clone(), ledger.objects.clone()), "{signal}");
    }
}

/// A server that takes the connection and says nothing keeps a run where it has sent nothing.
#[test]
fn a_run_that_has_not_begun_to_send_ends_at_once() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let place = tiny::place(&format!("http://{}", silent.local_addr().expect("it is bound")));
    let sync = start(heeding(place.command(&["sync", "--no-progress"])));
    let connection = silent.accept().expect("the program connects");
    send("TERM", &sync);
    let ended = ended(sync);
    assert!(ended.expect(8).stderr.contains("error: told to stop by SIGTERM before anything was sent"));
    let run = last_run(&place);
    assert_eq!((&run["outcome"], &run["finished"].is_string()), (&"stopped".into(), &true));
    assert_eq!(run["reason"], "told to stop by SIGTERM before anything was sent");
    drop(connection);
}

#[test]
fn a_second_signal_waits_for_nothing() {
    let (place, served) = served();
    let sync = start(heeding(place.command(&["sync", "--no-progress"])));
    wait_for(&served, 30);
    served.fail("hang:every=1");
    let begun = Instant::now();
    let mut sync = sync;
    while sync.try_wait().expect("it is our child").is_none() {
        send("INT", &sync);
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(begun.elapsed() < Duration::from_secs(50), "it waited for an answer");
    let ended = ended(sync);
    assert!(ended.expect(8).stderr.contains("a second time ends at once"), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
    assert_eq!(last_run(&place)["outcome"], "killed");
}

/// `timeout` and a terminal that is closed send what they send twice.
#[test]
fn a_signal_that_comes_twice_is_one() {
    let (place, served) = served();
    // What is in flight takes longer than to send both.
    served.fail("latency=400ms");
    let sync = start(heeding(place.command(&["sync", "--no-progress"])));
    wait_for(&served, 4);
    send("TERM", &sync);
    send("TERM", &sync);
    assert!(ended(sync).expect(8).stdout.contains("not sent"));
    assert_eq!(last_run(&place)["outcome"], "stopped");
}

#[cfg(target_os = "linux")]
#[test]
fn who_is_to_outlive_the_terminal_does() {
    let (place, served) = served();
    served.fail("latency=20ms");
    let program = place.command(&["sync", "--no-progress"]);
    // What `nohup` does.
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' HUP; exec \"$@\"", "sh"]).arg(program.get_program()).args(program.get_args());
    shell.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let sync = start(shell);
    wait_for(&served, 60);
    send("HUP", &sync);
    let ended = ended(sync);
    assert!(matches!(ended.code, Some(0 | 4)), "{:?}\n{}", ended.code, ended.stderr);
    assert_eq!(count(&last_run(&place)["summary"], "not_sent"), 0);
}

#[test]
fn a_sandbox_that_is_told_to_stop_ends_well() {
    for signal in ["TERM", "INT", "HUP"] {
        let mut command = program::command();
        command.args(["sandbox", "--state", "ks", "--listen", "127.0.0.1:0"]);
        let mut sandbox = start(heeding(command));
        let stdout = sandbox.stdout.take().expect("stdout is piped");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("the sandbox writes its address");
        assert!(line.starts_with("http://"), "{line}");
        send(signal, &sandbox);
        ended(sandbox).expect(0);
    }
}

/// Of each student the state in which the ledger has the record; what it does not have is not told.
fn students(place: &Place) -> Vec<String> {
    let records = LedgerContents::read(&place.ledger()).records.into_iter();
    records.filter(|record| record[0] == "students").map(|record| record[3].clone()).collect()
}

fn tiny_served() -> (Place, Served) {
    let place = tiny::place("http://127.0.0.1:1");
    let registry = rollcall::registry().expect("the registry is whole");
    let served = Served::start(&place, &registry.state("ks").expect("Kansas is compiled in"), 2026);
    place.configure(&tiny::kansas(&served.url()).replace("[connection]\n", "[connection]\noutage-minutes = 0\n"));
    (place, served)
}

/// A run that a server stops which turns every request away unread: nobody has to wonder what became of them.
#[test]
fn what_was_turned_away_unread_is_pending_when_a_run_stops() {
    let (place, served) = tiny_served();
    served.fail("429:retry-after=3600");
    let stopped = place.run(&["sync", "--no-progress", "--format", "json"]);
    let summary = stopped.expect(5).json();
    assert_eq!((count(&summary, "unknown"), count(&summary, "refused")), (0, 0), "{summary:#}");
    assert!(count(&summary, "not_sent") > 20, "{summary:#}");
    assert_eq!(students(&place), ["pending"; 6]);
    assert!(place.run(&["errors", "--format", "json"]).expect(0).json().as_array().is_some_and(Vec::is_empty));
    served.fail("");
    place.run(&["sync", "--no-progress"]).expect(0);
    assert_eq!(students(&place), ["delivered"; 6]);
}

/// One whom another district created is put aside until the association is there; the run does not come so far.
#[test]
fn who_waits_for_an_association_is_pending_when_a_run_stops() {
    let (place, served) = tiny_served();
    let state = Ods::connect(&served.url(), STATE.0, STATE.1);
    let student = r#"{"studentUniqueId":"4000000901","birthDate":"2010-02-03","firstName":"Old","lastSurname":"Name"}"#;
    assert_eq!(state.post("students", student.as_bytes()).0, 201);
    served.fail("outage:after=12:for=600s");
    let stopped = place.run(&["sync", "--no-progress"]);
    assert_eq!(stopped.expect(5).stderr.matches("error: ").count(), 1, "{}", stopped.stderr);
    let mut states = students(&place);
    states.sort();
    assert_eq!(states, ["delivered", "delivered", "delivered", "delivered", "delivered", "pending"]);
}
