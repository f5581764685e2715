//! Bad days: the real program against a real sandbox process that fails on purpose. Each time no record is lost, none is
//! at the ODS twice, every one is accounted for, the exit code says how it ended, and no log names a student.
#![cfg(feature = "kansas")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::process::{Child, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use rollcall_tests::compare::Records;
use rollcall_tests::ledger::LedgerContents;
use rollcall_tests::ods::Ods;
use rollcall_tests::place::Place;
use rollcall_tests::privacy::{found, secrets};
use rollcall_tests::program::{Ended, KEY, SECRET, SandboxProcess};
use rollcall_tests::sample::{self, SCHOOL_YEAR};
use serde_json::Value;

const STUDENTS: usize = 60;

/// A district, a sandbox on a file, and what both wrote.
struct Bed {
    place: Place,
    sandbox: Option<SandboxProcess>,
    address: String,
}

impl Bed {
    fn new(faults: &str) -> Self {
        let place = sample::place(&sample::district(STUDENTS));
        let mut bed = Self { place, sandbox: None, address: "127.0.0.1:0".to_owned() };
        bed.serve(faults);
        bed.configure("");
        bed
    }

    /// Serves, at the same address and on the same file as before.
    fn serve(&mut self, faults: &str) {
        self.sandbox = None;
        let log = File::options().create(true).append(true).open(self.log()).expect("the folder is ours");
        let file = self.place.path().join("ods.db");
        let more = ["--listen", self.address.as_str(), "--faults", faults];
        let sandbox = SandboxProcess::start_with(&self.place.tables(), SCHOOL_YEAR, Some(&file), Some(log), &more);
        self.address = sandbox.address();
        self.sandbox = Some(sandbox);
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn log(&self) -> std::path::PathBuf {
        self.place.path().join("sandbox.log")
    }

    /// The sample's configuration with more keys of the connection.
    fn configure(&self, connection: &str) {
        let text = sample::kansas(&self.url()).replacen("[connection]\n", &format!("[connection]\n{connection}"), 1);
        self.place.configure(&text);
    }

    /// A sync at its most talkative; nothing of a student and no secret may be in what it says.
    fn sync(&self) -> Ended {
        let ended = self.place.run(&["sync", "--no-progress", "-vv", "--format", "json"]);
        self.assert_private(&ended.stderr);
        ended
    }

    fn start_sync(&self) -> Child {
        let mut command = self.place.command(&["sync", "--no-progress", "-vv", "--format", "json"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
    }

    fn assert_private(&self, stderr: &str) {
        let secrets = secrets(&self.place);
        assert!(stderr.contains(" resource=ed-fi/"), "stderr tells of no request:\n{stderr}");
        assert_eq!(found(stderr, &secrets), [""; 0], "stderr of the sync");
        let log = fs::read_to_string(self.log()).expect("the sandbox logs");
        assert_eq!(found(&log, &secrets), [""; 0], "the log of the sandbox");
    }

    /// What is at the ODS, as a server without faults shows it; no natural key may be there twice.
    fn records(&self) -> BTreeMap<&'static str, Records> {
        let ods = Ods::connect(&self.url(), KEY, SECRET);
        let resources = rollcall_tests::document::RESOURCES.iter().copied();
        resources.map(|resource| (resource, ods.records(resource))).collect()
    }

    /// Waits until the ledger has so many records that were delivered, or the sync has ended.
    fn wait_for(&self, delivered: u64, sync: &mut Child) {
        // `status` brings what the sync has written so far to its place, under its feet.
        let count = || {
            let status = self.place.run(&["status", "--format", "json"]).json();
            let resources = status["resources"].as_array().cloned().unwrap_or_default();
            resources.iter().filter_map(|resource| resource["delivered"].as_u64()).sum::<u64>()
        };
        // There is no ledger at first.
        while count() < delivered && sync.try_wait().expect("it is our child").is_none() {
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Every record that reports is in `status` as delivered, refused, held or unknown, or was not sent.
    fn assert_accounted_for(&self, summary: &Value) -> Counts {
        let status = self.place.run(&["status", "--format", "json"]).json();
        let mut all = Counts::default();
        for part in summary["resources"].as_array().expect("a summary has resources") {
            let name = part["resource"].as_str().expect("it has a name");
            let count = |of: &Value, count: &str| of[count].as_u64().unwrap_or_default();
            let resources = status["resources"].as_array().expect("the status has resources");
            let line = resources.iter().find(|line| line["resource"] == name).cloned().unwrap_or_default();
            let counts = Counts {
                reported: count(part, "reported"),
                delivered: count(&line, "delivered"),
                refused: count(&line, "refused"),
                held: count(&line, "held"),
                unknown: count(&line, "unknown"),
                not_sent: count(part, "not_sent"),
            };
            let settled = counts.delivered + counts.refused + counts.held + counts.unknown;
            let defects = count(part, "defects");
            assert!(
                settled <= counts.reported && counts.reported <= settled + defects + counts.not_sent,
                "{name}: {counts:?} {defects} defects\n{part}\n{line}"
            );
            all.reported += counts.reported;
            all.delivered += counts.delivered;
            all.refused += counts.refused;
            all.held += counts.held;
            all.unknown += counts.unknown;
            all.not_sent += counts.not_sent;
        }
        all
    }
}

#[derive(Debug, Default)]
struct Counts {
    reported: u64,
    delivered: u64,
    refused: u64,
    held: u64,
    unknown: u64,
    not_sent: u64,
}

/// What an undisturbed sync leaves.
struct Undisturbed {
    records: BTreeMap<&'static str, Records>,
    ledger: LedgerContents,
    code: Option<i32>,
}

fn undisturbed() -> &'static Undisturbed {
    static ONCE: OnceLock<Undisturbed> = OnceLock::new();
    ONCE.get_or_init(|| {
        let bed = Bed::new("");
        let ended = bed.sync();
        let counts = bed.assert_accounted_for(&ended.json());
        assert!(counts.delivered > 500, "{counts:?}");
        Undisturbed { records: bed.records(), ledger: LedgerContents::read(&bed.place.ledger()), code: ended.code }
    })
}

fn assert_same(bed: &Bed, when: &str) {
    let undisturbed = undisturbed();
    let records = bed.records();
    for (resource, expected) in &undisturbed.records {
        let stored = &records[resource];
        let (ours, theirs): (BTreeSet<_>, BTreeSet<_>) = (stored.keys().collect(), expected.keys().collect());
        let (more, less) = (ours.difference(&theirs).next(), theirs.difference(&ours).next());
        assert!(stored == expected, "{when}: {resource}: too many {more:?}, missing {less:?}");
    }
    let ledger = LedgerContents::read(&bed.place.ledger());
    assert_eq!(ledger.records, undisturbed.ledger.records, "{when}: the ledger's records");
    assert_eq!(ledger.objects, undisturbed.ledger.objects, "{when}: the ledger's objects");
}

/// A fault that one sync gets over by itself. What is final when it comes three times for one record (a 500, a page) is
/// given to chosen records once: by counting writes it could meet one record again and again.
fn gets_over(faults: &str, connection: &str) {
    let mut bed = Bed::new(faults);
    bed.configure(connection);
    let ended = bed.sync();
    assert_eq!(ended.code, undisturbed().code, "{faults}\n{}\n{}", ended.stdout, ended.stderr);
    let counts = bed.assert_accounted_for(&ended.json());
    assert_eq!(counts.refused + counts.held + counts.unknown + counts.not_sent, 0, "{faults}: {counts:?}");
    bed.serve("");
    assert_same(&bed, faults);
}

/// A fault that leaves something undone and says so; the first sync without it does the rest.
fn says_so(faults: &str, connection: &str, code: i32, check: impl Fn(&Counts)) {
    let mut bed = Bed::new(faults);
    bed.configure(connection);
    let ended = bed.sync();
    ended.expect(code);
    check(&bed.assert_accounted_for(&ended.json()));
    bed.serve("");
    let again = bed.sync();
    assert_eq!(again.code, undisturbed().code, "{faults}\n{}", again.stderr);
    assert_same(&bed, faults);
}

#[test]
fn connections_reset_before_the_write() {
    gets_over("reset-before:every=23", "");
}

#[test]
fn connections_reset_after_the_write() {
    gets_over("reset-after:every=17", "");
}

#[test]
fn throttled_with_a_word_on_when_to_come_back() {
    gets_over("429:every=60:times=6:retry-after=1", "");
}

#[test]
fn throttled_without_a_word() {
    gets_over("429:every=4", "");
}

#[test]
fn a_500_once_for_some_records() {
    gets_over("500:one-in=25:times=1", "");
}

#[test]
fn a_500_for_ever_for_some_records_refuses_them_and_holds_what_refers_to_them() {
    says_so("500:one-in=12", "", 4, |counts| {
        assert!(counts.refused > 20 && counts.held > 20 && counts.unknown + counts.not_sent == 0, "{counts:?}");
    });
}

#[test]
fn slow_answers() {
    gets_over("latency=30ms", "");
}

#[test]
fn tokens_that_end_in_the_middle() {
    gets_over("token-requests=60", "");
}

#[test]
fn answers_that_break_off() {
    gets_over("cut:every=7", "");
}

#[test]
fn a_proxy_that_answers_with_pages() {
    gets_over("html:one-in=29:times=1, html-503:every=31, html-502:every=37", "");
}

#[test]
fn answers_that_never_come() {
    gets_over("hang:every=150:times=3", "timeout-seconds = 2\n");
}

#[test]
fn answers_that_never_come_for_some_records_are_unknown() {
    says_so("hang:one-in=1200", "timeout-seconds = 1\n", 4, |counts| {
        assert!(counts.unknown > 0 && counts.refused + counts.not_sent == 0, "{counts:?}");
    });
}

#[test]
fn some_records_that_are_told_to_wait_for_an_hour_are_left_to_the_next_sync() {
    says_so("429:one-in=600:retry-after=3600", "", 4, |counts| {
        assert!(counts.unknown > 0 && counts.refused + counts.not_sent == 0, "{counts:?}");
    });
}

#[test]
fn a_quota_that_is_used_up_stops_the_sync_and_the_next_one_goes_on() {
    says_so("429:every=1:retry-after=3600", "", 5, |counts| {
        // What is in flight at once, and little more.
        assert!((1..=72).contains(&counts.unknown) && counts.not_sent > 1_000, "{counts:?}");
    });
}

#[test]
fn everything_at_once() {
    gets_over(
        "latency=2ms, reset-before:every=41, reset-after:every=43, 429:every=37, 503:every=53, 500:one-in=29:times=1, \
         html:one-in=31:times=1, token-requests=150",
        "",
    );
}

#[test]
fn a_server_that_resets_everything_for_a_while() {
    gets_over("outage:after=150:for=3s", "");
}

#[test]
fn a_server_that_is_killed_and_started_again() {
    let mut bed = Bed::new("latency=40ms");
    let mut running = bed.start_sync();
    bed.wait_for(150, &mut running);
    // Killed, as a power cut does it; the tokens that it gave are gone with it.
    bed.serve("latency=3ms");
    let ended = Ended::from(running.wait_with_output().expect("it ends"));
    bed.assert_private(&ended.stderr);
    assert_eq!(ended.code, undisturbed().code, "{}", ended.stderr);
    let counts = bed.assert_accounted_for(&ended.json());
    assert_eq!(counts.refused + counts.held + counts.unknown + counts.not_sent, 0, "{counts:?}");
    assert_same(&bed, "killed and started again");
}

#[test]
fn a_server_that_stays_away_stops_the_sync_and_the_next_one_goes_on() {
    let mut bed = Bed::new("latency=40ms");
    bed.configure("outage-minutes = 0\n");
    let mut running = bed.start_sync();
    bed.wait_for(150, &mut running);
    bed.sandbox = None;
    let ended = Ended::from(running.wait_with_output().expect("it ends"));
    ended.expect(5);
    bed.assert_private(&ended.stderr);
    assert!(ended.stderr.contains("connection.outage-minutes"), "{}", ended.stderr);
    let status = bed.place.run(&["status", "--format", "json"]);
    let last = &status.expect(4).json()["last_run"];
    let reason = last["reason"].as_str().expect("a run keeps why it stopped");
    assert!(ended.stderr.contains(&format!("error: {reason}\n")), "{reason}\n{}", ended.stderr);
    let counts = bed.assert_accounted_for(&last["summary"]);
    assert!(counts.delivered >= 100 && counts.not_sent > 100 && counts.refused + counts.held == 0, "{counts:?}");
    bed.serve("");
    let again = bed.sync();
    assert_eq!(again.code, undisturbed().code, "{}", again.stderr);
    assert_same(&bed, "gone and back");
}
