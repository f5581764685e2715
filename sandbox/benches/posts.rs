//! How many POSTs a second a sandbox takes, and how long each waits: 64 connections, records in memory, a SIS vendor's key
//! with relationship-based authorization, and bodies that refer to others.
//!
//! `cargo bench -p rollcall-sandbox --bench posts` (after `--`: number of students, connections). Client and server share
//! the machine's cores, each in a runtime of its own. The client writes HTTP/1.1 by hand, so that what is measured is the
//! server and not a client library. On a busy machine the rate says little; the processor time of a POST, client's and
//! server's together, still does.

#[path = "../tests/common/mod.rs"]
mod common;

use std::io::Write as _;
use std::time::{Duration, Instant};

use common::{SCHOOL, descriptor, schema, seed};
use rollcall_sandbox::{ApiKey, Sandbox, SandboxConfig};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

/// Rosters of one student: so many sections does each take.
const SECTIONS: usize = 8;

fn main() {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let students = numbers.first().copied().unwrap_or(5_000);
    let connections = numbers.get(1).copied().unwrap_or(64);
    let server = runtime();
    let client = runtime();
    let config = SandboxConfig {
        keys: vec![ApiKey::sis_vendor("sis", "sis-secret", [common::DISTRICT])],
        ..SandboxConfig::default()
    };
    let sandbox = server.block_on(Sandbox::start(config, schema(), seed())).expect("the sandbox starts");
    let address = sandbox.url().trim_start_matches("http://").to_owned();
    let token = client.block_on(token(&address));
    let mut out = std::io::stdout();
    let mut line = |text: &str| writeln!(out, "{text}").expect("the output takes lines");
    line(&format!("{students} students, {connections} connections; POSTs a second, and how long they took in ms"));
    line("resource                       requests     rate      p50      p90      p99      max   CPU us each");
    let load = Load { address, token, connections };
    for (resource, bodies) in phases(students) {
        let count = bodies.len();
        let (started, busy) = (Instant::now(), processor_time());
        let mut times = client.block_on(load.send(resource, bodies));
        let rate = count as f64 / started.elapsed().as_secs_f64();
        let busy = processor_time().zip(busy).map(|(after, before)| (after - before) * 1e6 / count as f64);
        assert_eq!(sandbox.store().count(resource), count, "every {resource} is there");
        if count < 1_000 {
            continue;
        }
        times.sort_unstable();
        let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1000.0;
        line(&format!(
            "{resource:<30} {count:>8} {rate:>8.0} {:>8.2} {:>8.2} {:>8.2} {:>8.2} {:>13}",
            at(50),
            at(90),
            at(99),
            at(100),
            busy.map_or("unknown".to_owned(), |busy| format!("{busy:.0}"))
        ));
    }
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime starts")
}

/// The seconds of processor time that this process has used, where the system tells as Linux does.
fn processor_time() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Behind the program's name in brackets: user and system time are the 12th and 13th, in hundredths.
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / 100.0)
}

/// What is sent, in dependency order.
fn phases(students: usize) -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let id = |number: usize| format!("S{number:07}");
    let section = |number: usize| {
        json!({"sectionIdentifier": number.to_string(), "courseOfferingReference":
            {"localCourseCode": "ALG-1", "schoolId": SCHOOL, "schoolYear": 2026, "sessionName": "S1"}})
    };
    let roster = |student: usize, section: usize| {
        json!({"beginDate": "2025-08-14", "endDate": "2025-12-19", "homeroomIndicator": section == 0,
            "studentReference": {"studentUniqueId": id(student)},
            "sectionReference": {"localCourseCode": "ALG-1", "schoolId": SCHOOL, "schoolYear": 2026,
                "sectionIdentifier": section.to_string(), "sessionName": "S1"},
            "_ext": {"xx": {"statusDescriptor": descriptor("SectionStatusDescriptor", "Enrolled")}}})
    };
    let all = |records: Vec<Value>| records.iter().map(|record| record.to_string().into_bytes()).collect();
    vec![
        ("sessions", all(vec![common::session("S1")])),
        ("courseOfferings", all(vec![common::course_offering()])),
        ("sections", all((0..SECTIONS).map(section).collect())),
        ("students", all((0..students).map(|number| common::student(&id(number))).collect())),
        ("studentSchoolAssociations", all((0..students).map(|n| common::enrollment(&id(n), SCHOOL)).collect())),
        (
            "studentSectionAssociations",
            all((0..SECTIONS).flat_map(|section| (0..students).map(move |student| roster(student, section))).collect()),
        ),
    ]
}

struct Load {
    address: String,
    token: String,
    connections: usize,
}

impl Load {
    /// Sends bodies over all connections at once; how long each answer took.
    async fn send(&self, resource: &str, bodies: Vec<Vec<u8>>) -> Vec<Duration> {
        let mut shares: Vec<Vec<Vec<u8>>> = (0..self.connections).map(|_| Vec::new()).collect();
        for (at, body) in bodies.into_iter().enumerate() {
            let head = format!(
                "POST /data/v3/ed-fi/{resource} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                self.address,
                self.token,
                body.len()
            );
            shares[at % self.connections].push([head.as_bytes(), &body].concat());
        }
        let tasks: Vec<_> = shares
            .into_iter()
            .map(|share| {
                let address = self.address.clone();
                tokio::spawn(async move {
                    let mut stream = TcpStream::connect(&address).await.expect("the sandbox takes connections");
                    stream.set_nodelay(true).expect("a socket");
                    let mut times = Vec::with_capacity(share.len());
                    for request in share {
                        let started = Instant::now();
                        stream.write_all(&request).await.expect("the request is taken");
                        let answer = answer(&mut stream).await;
                        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
                        times.push(started.elapsed());
                    }
                    times
                })
            })
            .collect();
        let mut times = Vec::new();
        for task in tasks {
            times.extend(task.await.expect("the client goes on"));
        }
        times
    }
}

/// An answer's head and body.
async fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::with_capacity(512);
    loop {
        stream.read_buf(&mut bytes).await.expect("there is an answer");
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let lower = head.to_ascii_lowercase();
            let length = lower.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.and_then(|length| length.parse().ok()).unwrap_or(0) {
                return text.into_owned();
            }
        }
    }
}

async fn token(address: &str) -> String {
    let form = "grant_type=client_credentials&client_id=sis&client_secret=sis-secret";
    let request = format!(
        "POST /oauth/token HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n{form}",
        form.len()
    );
    let mut stream = TcpStream::connect(address).await.expect("the sandbox takes connections");
    stream.write_all(request.as_bytes()).await.expect("the request is taken");
    let answer = answer(&mut stream).await;
    let body: Value = serde_json::from_str(answer.rsplit("\r\n\r\n").next().unwrap_or_default()).expect("a token");
    body["access_token"].as_str().expect("a token").to_owned()
}
