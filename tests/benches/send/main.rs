//! How fast records are sent, beside a plain client that sends the same bodies: docs/performance.md says how to read it.
//!
//! `cargo bench -p rollcall-tests --bench send -- [RECORDS] [SERVER …]` starts itself once more as the server, so that
//! its work is not counted, and runs both clients against it, each in a process of its own, three times in turn. A server is
//! a latency in milliseconds, or one that throttles ([`server::Kind`]): then the plain client is tried with several numbers of
//! connections, once each, and the best of them counts.
#![expect(clippy::print_stdout, reason = "a benchmark's output is its figures")]

mod clients;
mod server;

use std::path::Path;

use rollcall_source::sample::{SampleDistrict, SampleOptions};

use clients::Figures;
use server::{Kind, Server};

/// The program's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RESOURCE: &str = "studentSectionAssociations";
/// Rosters that report of each student of the sample, a little less than it has.
const PER_STUDENT: usize = 14;
/// Numbers of connections that the plain client is tried with, those first that may be the best: what takes longer than
/// [`PATIENCE`] times the best so far is broken off.
const FIXED: [&str; 6] = ["16", "32", "8", "64", "4", "1"];
const PATIENCE: f64 = 1.2;
const ROUNDS: usize = 3;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let text = |at: usize| args.get(at).map(String::as_str).unwrap_or_default();
    let number = |at: usize| text(at).parse::<u32>().expect("a number");
    let kind = |text: &str| text.parse::<Kind>().unwrap_or_else(|error| panic!("{error}"));
    match text(0) {
        "serve" => server::serve(kind(text(1))),
        "plain" => {
            clients::plain(text(1), Path::new(text(2)), number(3) as usize, number(4) as usize, number(5).into());
        }
        "ours" => clients::ours(text(1), Path::new(text(2))),
        _ => {
            let records = if args.is_empty() { 200_000 } else { number(0) as usize };
            let kinds: Vec<Kind> = match args.get(1..) {
                None | Some([]) => ["0", "20", "50"].map(kind).to_vec(),
                Some(kinds) => kinds.iter().map(|text| kind(text)).collect(),
            };
            compare(records, &kinds);
        }
    }
}

/// Makes the district and its bodies, and runs the clients.
fn compare(records: usize, kinds: &[Kind]) {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let students = records / PER_STUDENT + 50;
    let district = SampleDistrict::generate(&SampleOptions { students, ..SampleOptions::default() });
    district.write(folder.path()).expect("the folder is ours");
    drop(district);
    let file = folder.path().join("bodies.jsonl");
    let total = clients::write_bodies(folder.path(), &file).to_string();
    println!("{total} {RESOURCE}");
    for kind in kinds {
        let server = Server::start(*kind);
        let path = |path| Path::to_str(path).expect("temporary folders have plain names");
        let plain = |connections: &str, seconds: f64| {
            let seconds = format!("{:.0}", seconds.ceil());
            Figures::of(&["plain", &server.address, path(&file), &total, connections, &seconds])
        };
        let ours = || Figures::of(&["ours", &server.address, path(folder.path())]);
        println!("\nserver: {kind}");
        if kind.throttles() {
            against_fixed(plain, ours);
        } else {
            // With latency, the plain client at the bound that ours has unless told.
            let connections = if kind.has_latency() { "64" } else { "32" };
            in_turn(connections, || plain(connections, 1e6), ours);
        }
    }
}

/// Both clients in turn.
fn in_turn(connections: &str, plain: impl Fn() -> Figures, ours: impl Fn() -> Figures) {
    println!(
        "                           records/s   µs CPU/record   peak MiB   MiB before the first request, at each tenth"
    );
    let show = |name: &str, figures: Figures| {
        let memory = figures.memory.map(|mib| mib.to_string()).join(" ");
        println!("{name:25} {:11.0} {:15.1} {:10}   {memory}", figures.rate(), figures.micros(), figures.peak);
        figures
    };
    for _ in 0..ROUNDS {
        let plain = show(&format!("plain, {connections} connections"), plain());
        let ours = show("rollcall, ledger on", ours());
        println!("{:.2} of the rate, {:.2} times the CPU", ours.rate() / plain.rate(), ours.micros() / plain.micros());
    }
}

/// The plain client at each fixed number of connections, then ours, told nothing, several times.
fn against_fixed(plain: impl Fn(&str, f64) -> Figures, ours: impl Fn() -> Figures) {
    println!("                            seconds   records/s   not served");
    let show = |name: &str, figures: Figures, end: &str| {
        let Figures { seconds, refused, .. } = figures;
        println!("{name:25} {seconds:9.1} {:11.0} {refused:12}{end}", figures.rate());
    };
    let mut best: Option<Figures> = None;
    for connections in FIXED {
        let figures = plain(connections, best.map_or(1e6, |best| PATIENCE * best.seconds));
        let whole = best.is_none_or(|best| figures.records == best.records);
        show(&format!("plain, {connections} connections"), figures, if whole { "" } else { "   broken off" });
        best = Some(best.filter(|best| !whole || best.seconds <= figures.seconds).unwrap_or(figures));
    }
    for _ in 0..ROUNDS {
        let figures = ours();
        let ratio = figures.rate() / best.map_or(f64::NAN, |best| best.rate());
        show("rollcall, ledger on", figures, &format!("   {ratio:.2} of the best fixed"));
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts")
}
