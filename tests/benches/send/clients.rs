//! The two clients, each in a process of its own; and what each says of its run.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::http::header::RETRY_AFTER;
use reqwest::StatusCode;
use rollcall_core::config::Config;
use rollcall_core::context::Context;
use rollcall_core::registry::Registry;
use rollcall_core::sources::Sources;
use rollcall_ledger::{Ledger as _, SqliteLedger};
use rollcall_source::read_snapshot;
use rollcall_sync::apply::{Run, apply};
use rollcall_sync::check::Checker;
use rollcall_sync::plan::{Action, Extract, Plan, Sides};
use rollcall_sync::progress::Progress;
use rollcall_tests::sample;
use rollcall_transport::{Client, ClientConfig};
use secrecy::SecretString;

use crate::{RESOURCE, runtime};

/// What a client did, as it says on stdout.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Figures {
    /// Records that the server took.
    pub(crate) records: usize,
    pub(crate) seconds: f64,
    /// CPU time of all threads from the first request on, in seconds.
    pub(crate) cpu: f64,
    /// Requests that the server did not serve.
    pub(crate) refused: usize,
    /// MiB before the first request, and at the tenths of the run.
    pub(crate) memory: [usize; 11],
    /// MiB at the highest.
    pub(crate) peak: usize,
}

impl Figures {
    pub(crate) fn rate(&self) -> f64 {
        self.records as f64 / self.seconds
    }

    pub(crate) fn micros(&self) -> f64 {
        self.cpu * 1e6 / self.records as f64
    }

    /// Starts a client and reads what it says.
    pub(crate) fn of(args: &[&str]) -> Self {
        let output = Command::new(std::env::current_exe().expect("it knows its path")).args(args).output();
        let output = output.expect("it starts");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        let words: Vec<&str> = said.split_whitespace().collect();
        let number = |at: usize| words[at].parse().expect("a number");
        let count = |at: usize| words[at].parse().expect("a count");
        let memory = std::array::from_fn(|tenth| count(5 + tenth));
        Self { records: count(0), seconds: number(1), cpu: number(2), refused: count(3), peak: count(4), memory }
    }

    fn say(&self) {
        let Self { records, seconds, cpu, refused, peak, memory } = self;
        print!("{records} {seconds} {cpu} {refused} {peak}");
        for tenth in memory {
            print!(" {tenth}");
        }
        println!();
    }
}

/// What is measured of a run from its first request on.
struct Meter {
    total: usize,
    done: AtomicUsize,
    memory: Mutex<[usize; 11]>,
    start: Instant,
    cpu: Duration,
}

impl Meter {
    fn start(total: usize) -> Self {
        let memory = [status("VmRSS"); 11];
        Self { total, done: AtomicUsize::new(0), memory: Mutex::new(memory), start: Instant::now(), cpu: cpu() }
    }

    /// One more record is done.
    fn count(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let tenth = 10 * done / self.total;
        if tenth > 10 * (done - 1) / self.total {
            self.memory.lock().expect("nobody panics")[tenth] = status("VmRSS");
        }
    }

    fn stop(&self, refused: usize) {
        Figures {
            records: self.done.load(Ordering::Relaxed),
            seconds: self.start.elapsed().as_secs_f64(),
            cpu: cpu().saturating_sub(self.cpu).as_secs_f64(),
            refused,
            memory: *self.memory.lock().expect("nobody panics"),
            peak: status("VmHWM"),
        }
        .say();
    }
}

impl Progress for Meter {
    fn begin(&self, _: &str, _: Action, _: usize) {}

    fn advance(&self) {
        self.count();
    }

    fn end(&self) {}
}

/// CPU time of this process so far, all threads, in its own words; none where there is no /proc.
fn cpu() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<u64> =
        stat.rsplit(") ").next().unwrap_or_default().split(' ').map(|f| f.parse().unwrap_or(0)).collect();
    // Clock ticks are hundredths of a second on Linux.
    Duration::from_millis(10 * (fields.get(11).unwrap_or(&0) + fields.get(12).unwrap_or(&0)))
}

/// A line of this process' status, in MiB.
fn status(name: &str) -> usize {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    let kib: usize = line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or_default();
    kib / 1024
}

/// reqwest and nothing else: so many workers, each sending the next body as soon as its last was taken. What the server
/// asks to send later is sent again then, or at once if it does not say when. Ends after `seconds`, done or not.
pub(crate) fn plain(address: &str, bodies: &Path, total: usize, connections: usize, seconds: u64) {
    let lines = BufReader::with_capacity(1 << 16, fs::File::open(bodies).expect("the bodies are there"));
    let lines = Arc::new(Mutex::new(lines));
    let meter = Arc::new(Meter::start(total));
    let refused = Arc::new(AtomicUsize::new(0));
    let late = Arc::new(AtomicBool::new(false));
    runtime().block_on(async {
        let client = reqwest::Client::builder().pool_max_idle_per_host(connections).tcp_nodelay(true).no_proxy();
        let client = client.build().expect("a client needs nothing");
        let url = format!("{address}/data/v3/ed-fi/{RESOURCE}");
        let workers = (0..connections).map(|_| {
            let (lines, meter, client, url) = (Arc::clone(&lines), Arc::clone(&meter), client.clone(), url.clone());
            let (refused, late) = (Arc::clone(&refused), Arc::clone(&late));
            tokio::spawn(async move {
                while let Some(body) = next(&lines) {
                    while let Some(wait) = post(&client, &url, &body).await {
                        refused.fetch_add(1, Ordering::Relaxed);
                        tokio::time::sleep(wait).await;
                        if late.load(Ordering::Relaxed) {
                            return;
                        }
                    }
                    meter.count();
                    if late.load(Ordering::Relaxed) {
                        return;
                    }
                }
            })
        });
        let workers: Vec<_> = workers.collect();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            late.store(true, Ordering::Relaxed);
        });
        for worker in workers {
            worker.await.expect("it ends");
        }
    });
    meter.stop(refused.load(Ordering::Relaxed));
}

/// The next body; none at the end.
fn next(lines: &Mutex<BufReader<fs::File>>) -> Option<Bytes> {
    let mut line = Vec::with_capacity(1024);
    lines.lock().expect("nobody panics").read_until(b'\n', &mut line).expect("the bodies can be read");
    if line.pop().is_some() { Some(line.into()) } else { None }
}

/// Sends a body; none when the server took it, else how long to wait before it is sent again.
async fn post(client: &reqwest::Client, url: &str, body: &Bytes) -> Option<Duration> {
    let request = client.post(url).header("authorization", "Bearer t");
    let request = request.header("content-type", "application/json").header("accept", "application/json");
    let response = request.body(body.clone()).send().await.expect("the server answers");
    let status = response.status();
    let wait = response.headers().get(RETRY_AFTER).and_then(|wait| wait.to_str().ok()?.parse().ok());
    response.bytes().await.expect("the answer ends");
    if status == StatusCode::TOO_MANY_REQUESTS {
        return Some(Duration::from_secs(wait.unwrap_or_default()));
    }
    assert_eq!(status, 201);
    None
}

/// Sends what a first sync of the resource sends, the way a sync does.
pub(crate) fn ours(address: &str, tables: &Path) {
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
    let number =
        ledger.begin_run("sync", None, "", &config.years, "2026-03-01T00:00:00Z").expect("the ledger can be written");
    runtime().block_on(async {
        let secret = || SecretString::from("s");
        let mut settings = ClientConfig::new(address.parse().expect("an address"), secret(), secret());
        settings.concurrency = config.connection.concurrency;
        let client = Client::connect(settings).await.expect("the server answers");
        let meter = Meter::start(plan.resources.iter().map(|part| part.steps.len()).sum());
        let run = Run {
            config: &config,
            cx,
            client: &client,
            checker: &checker,
            progress: &meter,
            now: || "2026-03-01T00:00:00Z".to_owned(),
            number,
        };
        let (mut ledger, applied) = apply(&plan, &run, Box::new(ledger)).await;
        ledger.finish_run(number, "2026-03-01T01:00:00Z", "done", "{}").expect("the ledger can be written");
        let summary = applied.expect("the ledger can be written").summary;
        meter.stop(usize::try_from(summary.retries).expect("it fits"));
        let posted = summary.total(|part| part.posted);
        assert_eq!(usize::try_from(posted).expect("it fits"), meter.total, "every record is at the server");
    });
}

/// The sample's configuration with one resource on.
fn configuration(address: &str, registry: &Registry) -> Config {
    let state = registry.state("ks").expect("Kansas is compiled in");
    let others = state.resources.iter().map(|resource| resource.spec().name).filter(|name| *name != RESOURCE);
    let toggles: Vec<String> = others.map(|name| format!("{name} = false\n")).collect();
    let text = format!("{}\n[resources]\n{}", sample::kansas(address), toggles.concat());
    let (config, findings) = Config::read(&text, "rollcall.toml", registry);
    config.unwrap_or_else(|| panic!("{findings:?}"))
}

/// The bodies as lines; how many.
pub(crate) fn write_bodies(tables: &Path, file: &Path) -> usize {
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
