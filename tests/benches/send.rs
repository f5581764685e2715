//! How fast records are sent, beside a plain client that sends the same bodies: docs/performance.md says how to read it.
//!
//! `cargo bench -p rollcall-tests --bench send -- [RECORDS] [LATENCY_MS …]` starts itself once more as the server, so that
//! its work is not counted, and runs both clients against it, each in a process of its own, three times in turn.
#![allow(clippy::print_stdout, reason = "a benchmark's output is its figures")]

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Method, Uri, header};
use axum::response::Response;
use rollcall_core::config::Config;
use rollcall_core::context::Context;
use rollcall_core::sources::Sources;
use rollcall_ledger::{Ledger as _, SqliteLedger};
use rollcall_source::read_snapshot;
use rollcall_source::sample::{SampleDistrict, SampleOptions};
use rollcall_sync::apply::{Run, apply};
use rollcall_sync::check::Checker;
use rollcall_sync::plan::{Extract, Plan, Sides};
use rollcall_sync::progress::Silent;
use rollcall_tests::sample;
use rollcall_transport::{Client, ClientConfig};
use secrecy::SecretString;

/// The program's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RESOURCE: &str = "studentSectionAssociations";
/// Rosters that report of each student of the sample, a little less than it has.
const PER_STUDENT: usize = 14;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let text = |at: usize| args.get(at).map(String::as_str).unwrap_or_default();
    let number = |at: usize| text(at).parse::<u32>().expect("a number");
    match text(0) {
        "serve" => serve(Duration::from_millis(number(1).into())),
        "plain" => plain(text(1), Path::new(text(2)), number(3) as usize),
        "ours" => ours(text(1), Path::new(text(2))),
        _ => {
            let records = if args.is_empty() { 200_000 } else { number(0) as usize };
            let latencies: Vec<u32> =
                if args.len() < 2 { vec![0, 20, 50] } else { (1..args.len()).map(number).collect() };
            compare(records, &latencies);
        }
    }
}

/// Makes the district and its bodies, and runs the clients.
fn compare(records: usize, latencies: &[u32]) {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let students = records / PER_STUDENT + 50;
    let district = SampleDistrict::generate(&SampleOptions { students, ..SampleOptions::default() });
    district.write(folder.path()).expect("the folder is ours");
    drop(district);
    let bodies = folder.path().join("bodies.jsonl");
    let count = write_bodies(folder.path(), &bodies);
    println!("{count} {RESOURCE}");
    for latency in latencies {
        let server = Server::start(*latency);
        println!("\nlatency {latency} ms               records/s    µs CPU/record    peak MiB");
        for round in 0..3 {
            // With latency, the plain client at the bound that ours has unless told.
            let connections = if *latency == 0 { "32" } else { "64" };
            for (name, args) in [
                (
                    format!("plain, {connections} connections"),
                    vec!["plain", &server.address, text(&bodies), connections],
                ),
                ("rollcall, ledger on".to_owned(), vec!["ours", &server.address, text(folder.path())]),
            ] {
                let output = Command::new(std::env::current_exe().expect("it knows its path")).args(args).output();
                let output = output.expect("it starts");
                let said = String::from_utf8_lossy(&output.stdout).into_owned();
                assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
                println!("{}. {name:25} {}", round + 1, said.trim());
            }
        }
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

/// What stands on stdout of a client: rate, CPU, memory.
fn report(count: usize, took: Duration, cpu: Duration) {
    let (rate, each) = (count as f64 / took.as_secs_f64(), cpu.as_secs_f64() * 1e6 / count as f64);
    println!("{rate:9.0} {each:16.1} {:11.0}", status("VmHWM") as f64 / 1024.0);
}

/// CPU time of this process so far, all threads, in its own words; none where there is no /proc.
fn cpu() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<u64> =
        stat.rsplit(") ").next().unwrap_or_default().split(' ').map(|f| f.parse().unwrap_or(0)).collect();
    // Clock ticks are hundredths of a second on Linux.
    Duration::from_millis(10 * (fields.get(11).unwrap_or(&0) + fields.get(12).unwrap_or(&0)))
}

/// A line of this process' status, in KiB.
fn status(name: &str) -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// The server in a process of its own.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(latency: u32) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("it knows its path"));
        let mut child =
            command.args(["serve", &latency.to_string()]).stdout(Stdio::piped()).spawn().expect("it starts");
        let mut address = String::new();
        BufReader::new(child.stdout.take().expect("it is piped")).read_line(&mut address).expect("it says where");
        Self { child, address: address.trim().to_owned() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts")
}

/// Discovery, OAuth, and 201 to every POST after the latency. Stores nothing.
fn serve(latency: Duration) {
    runtime().block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("there is a port");
        let origin = format!("http://{}", listener.local_addr().expect("it is bound"));
        println!("{origin}");
        std::io::stdout().flush().expect("the other side reads");
        let state = Arc::new((origin, latency, AtomicUsize::new(0)));
        let router = Router::new().fallback(answer).with_state(state);
        let listener = axum::serve::ListenerExt::tap_io(listener, |io| io.set_nodelay(true).unwrap_or_default());
        axum::serve(listener, router).await.expect("it serves");
    });
}

type Stub = Arc<(String, Duration, AtomicUsize)>;

async fn answer(State(stub): State<Stub>, method: Method, uri: Uri, _: Bytes) -> Response {
    let (origin, latency, count) = &*stub;
    let json = |text: String| {
        let response = Response::builder().header(header::CONTENT_TYPE, "application/json");
        response.body(Body::from(text)).expect("it is a response")
    };
    match (method, uri.path()) {
        (Method::GET, "/") => json(format!(
            r#"{{"version":"6.2","urls":{{"oauth":"{origin}/oauth/token","dataManagementApi":"{origin}/data/v3/"}}}}"#
        )),
        (Method::POST, "/oauth/token") => json(r#"{"access_token":"t","expires_in":1800}"#.to_owned()),
        (_, path) => {
            if !latency.is_zero() {
                tokio::time::sleep(*latency).await;
            }
            let location = format!("{origin}{path}/{:032x}", count.fetch_add(1, Ordering::Relaxed));
            let response = Response::builder().status(201).header(header::LOCATION, location);
            response.header(header::ETAG, "\"5250000000000000000\"").body(Body::empty()).expect("it is a response")
        }
    }
}

/// reqwest and nothing else: so many workers, each sending the next body as soon as its last was answered.
fn plain(address: &str, bodies: &Path, connections: usize) {
    let text = fs::read_to_string(bodies).expect("the bodies are there");
    let bodies: Arc<Vec<String>> = Arc::new(text.lines().map(str::to_owned).collect());
    drop(text);
    let (count, next) = (bodies.len(), Arc::new(AtomicUsize::new(0)));
    let (start, cpu_before) = (Instant::now(), cpu());
    runtime().block_on(async {
        let client = reqwest::Client::builder().pool_max_idle_per_host(connections).tcp_nodelay(true).no_proxy();
        let client = client.build().expect("a client needs nothing");
        let url = format!("{address}/data/v3/ed-fi/{RESOURCE}");
        let workers = (0..connections).map(|_| {
            let (bodies, next, client, url) = (Arc::clone(&bodies), Arc::clone(&next), client.clone(), url.clone());
            tokio::spawn(async move {
                while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let request = client.post(&url).header("authorization", "Bearer t");
                    let request =
                        request.header("content-type", "application/json").header("accept", "application/json");
                    let response = request.body(body.clone()).send().await.expect("the server answers");
                    assert_eq!(response.status(), 201);
                    response.bytes().await.expect("the answer ends");
                }
            })
        });
        for worker in workers.collect::<Vec<_>>() {
            worker.await.expect("it ends");
        }
    });
    report(count, start.elapsed(), cpu().saturating_sub(cpu_before));
}

/// Sends what a first sync of the resource sends, the way a sync does.
fn ours(address: &str, tables: &Path) {
    let registry = rollcall::registry().expect("the registry is whole");
    let config = configuration(address, &registry);
    let reading = read_snapshot(tables).expect("there are tables");
    let cx = Context { snapshot: &reading.snapshot, preferences: &config.preferences, years: &config.years };
    let checker = Checker::new(&config.state, &config.years);
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let mut ledger = SqliteLedger::open(&folder.path().join("rollcall.db"), "the stub").expect("the folder is ours");
    let (whole, sides) = (Extract::Whole, |ledger| (ledger, &cx, &checker));
    let (known, cx_of, checker_of) = sides(Some(&ledger as _));
    let sides = Sides { config: &config, cx: cx_of, checker: checker_of, ledger: known, extract: &whole };
    let plan = Plan::make(sides, None).expect("the ledger can be read");
    let number = ledger.begin_run("sync", None, "", "2026-03-01T00:00:00Z").expect("the ledger can be written");
    runtime().block_on(async {
        let secret = || SecretString::from("s");
        let mut settings = ClientConfig::new(address.parse().expect("an address"), secret(), secret());
        settings.concurrency = config.connection.concurrency;
        let client = Client::connect(settings).await.expect("the server answers");
        let run = Run {
            config: &config,
            cx,
            client: &client,
            checker: &checker,
            progress: &Silent,
            now: || "2026-03-01T00:00:00Z".to_owned(),
            number,
        };
        let (start, cpu_before) = (Instant::now(), cpu());
        let (mut ledger, applied) = apply(&plan, &run, Box::new(ledger)).await;
        ledger.finish_run(number, "2026-03-01T01:00:00Z", "done", "{}").expect("the ledger can be written");
        let (took, cpu) = (start.elapsed(), cpu().saturating_sub(cpu_before));
        let posted = applied.expect("the ledger can be written").summary.total(|part| part.posted);
        report(usize::try_from(posted).expect("it fits"), took, cpu);
    });
}

/// The sample's configuration with one resource on.
fn configuration(address: &str, registry: &rollcall_core::registry::Registry) -> Config {
    let state = registry.state("ks").expect("Kansas is compiled in");
    let others = state.resources.iter().map(|resource| resource.spec().name).filter(|name| *name != RESOURCE);
    let toggles: Vec<String> = others.map(|name| format!("{name} = false\n")).collect();
    let text = format!("{}\n[resources]\n{}", sample::kansas(address), toggles.concat());
    let (config, findings) = Config::read(&text, "rollcall.toml", registry);
    config.unwrap_or_else(|| panic!("{findings:?}"))
}

/// The bodies as lines; how many.
fn write_bodies(tables: &Path, file: &Path) -> usize {
    let registry = rollcall::registry().expect("the registry is whole");
    let config = configuration("http://127.0.0.1", &registry);
    let reading = read_snapshot(tables).expect("there are tables");
    let cx = Context { snapshot: &reading.snapshot, preferences: &config.preferences, years: &config.years };
    let resource = config.state.resource(RESOURCE).expect("the state has it");
    let mut lines = std::io::BufWriter::new(fs::File::create(file).expect("the folder is ours"));
    let mut count = 0;
    resource.objects(&cx, &mut |object| {
        if let Some(body) = resource.verdict(&cx, object, &mut Sources::new()).report() {
            lines.write_all(&body.to_json()).and_then(|()| lines.write_all(b"\n")).expect("there is room");
            count += 1;
        }
    });
    lines.flush().expect("there is room");
    count
}
