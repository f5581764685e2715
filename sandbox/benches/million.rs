//! What a sandbox costs with a million records: memory, the time of a POST, a query and a page at the start and at the end.
//!
//! `cargo bench -p rollcall-sandbox --bench million -- 1000000 [FILE]`
//!
//! Server and client share this process and its cores. The figures of docs/performance.md are from here.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use reqwest::{Client, RequestBuilder};
use rollcall_core::model::DataStandard;
use rollcall_core::value::Object;
use rollcall_sandbox::{ApiKey, ApiVersion, Sandbox, SandboxConfig, Schema, Seed, SeedRecord, Storage};

/// Requests at the same time, and POSTs of one measurement.
const CONNECTIONS: usize = 64;
const POSTS: usize = 20_000;
/// Each student has so many section associations.
const SECTIONS: usize = 50;

#[tokio::main]
async fn main() {
    // Cargo adds `--bench`.
    let mut args = std::env::args().skip(1).filter(|arg| !arg.starts_with("--"));
    let records: usize = args.next().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let file = args.next().map(PathBuf::from);
    if let Some(file) = &file {
        assert!(!file.exists(), "{} is there already", file.display());
    }
    let storage = file.clone().map_or(Storage::Memory, Storage::File);
    let (sandbox, _) = started("start", storage.clone()).await;
    let api = Api::of(&sandbox).await;
    let students = records / SECTIONS + POSTS / SECTIONS;
    load(&sandbox, "students", (0..students).map(student)).await;
    load(&sandbox, "studentSchoolAssociations", (0..students).map(enrollment)).await;
    load(&sandbox, "sections", (0..SECTIONS).map(section)).await;
    say(&format!("with {} records: {}", total(&sandbox), memory()));

    api.measure("with no section associations", 0..POSTS).await;
    let before = Instant::now();
    load(&sandbox, "studentSectionAssociations", (POSTS..records).map(association)).await;
    let seconds = before.elapsed().as_secs_f64();
    say(&format!("loaded {} in {seconds:.1} s: {:.0} a second", records - POSTS, (records - POSTS) as f64 / seconds));
    say(&format!("with {} records: {}", total(&sandbox), memory()));
    api.measure("with all of them", records..records + POSTS).await;
    api.read(records).await;
    let count = total(&sandbox);
    sandbox.stop().await;
    if file.is_some() {
        let (sandbox, took) = started("start again with the file", storage).await;
        assert_eq!(total(&sandbox), count);
        say(&format!("start again with the file: {:.1} s", took.as_secs_f64()));
    }
}

fn say(line: &str) {
    // Whoever closed the pipe has seen enough.
    writeln!(std::io::stdout(), "{line}").ok();
}

async fn started(what: &str, storage: Storage) -> (Sandbox, Duration) {
    let config = SandboxConfig {
        keys: vec![ApiKey::sis_vendor("key", "secret", [1])],
        api_version: ApiVersion::V7,
        storage,
        ..SandboxConfig::default()
    };
    let before = Instant::now();
    let sandbox = Sandbox::start(config, Schema::from(DataStandard::ed_fi_4_0()), seed()).await;
    (sandbox.unwrap_or_else(|error| panic!("{what}: {error}")), before.elapsed())
}

async fn load(sandbox: &Sandbox, resource: &str, lines: impl Iterator<Item = String>) {
    let text: String = lines.fold(String::new(), |mut text, line| {
        text.push_str(&line);
        text.push('\n');
        text
    });
    let loaded = sandbox.store().load(resource, text.as_bytes()).await.expect("it is a resource");
    assert_eq!(loaded.refused, [], "{resource}");
}

fn total(sandbox: &Sandbox) -> usize {
    sandbox.store().counts().values().sum()
}

/// A client with a token.
struct Api {
    client: Client,
    data: String,
    token: String,
}

impl Api {
    async fn of(sandbox: &Sandbox) -> Self {
        let client =
            Client::builder().no_proxy().pool_max_idle_per_host(CONNECTIONS).build().expect("it needs nothing");
        let form = [("grant_type", "client_credentials")];
        let asked = client.post(format!("{}/oauth/token", sandbox.url())).basic_auth("key", Some("secret")).form(&form);
        let text = text(asked).await.1;
        let token = serde_json::from_str::<Object<'static>>(&text).expect("it is JSON");
        let token = token.get("access_token").and_then(|value| value.as_text()).expect("it has a token").to_owned();
        Self { client, data: format!("{}/data/v3/ed-fi", sandbox.url()), token }
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}/{path}", self.data)).bearer_auth(&self.token)
    }

    /// POSTs section associations over all connections.
    async fn measure(&self, what: &str, numbers: std::ops::Range<usize>) {
        let before = Instant::now();
        let mut workers = tokio::task::JoinSet::new();
        for worker in 0..CONNECTIONS {
            let mine = numbers.clone().skip(worker).step_by(CONNECTIONS).map(association);
            let mine: Vec<String> = mine.collect();
            let (client, url) = (self.client.clone(), format!("{}/studentSectionAssociations", self.data));
            let token = self.token.clone();
            workers.spawn(async move {
                let mut times = Vec::with_capacity(mine.len());
                for body in mine {
                    let started = Instant::now();
                    let request = client.post(&url).bearer_auth(&token).header("content-type", "application/json");
                    let (status, text) = text(request.body(body)).await;
                    assert_eq!(status, 201, "{text}");
                    times.push(started.elapsed());
                }
                times
            });
        }
        let mut times: Vec<Duration> = workers.join_all().await.into_iter().flatten().collect();
        let rate = times.len() as f64 / before.elapsed().as_secs_f64();
        times.sort_unstable();
        let p99 = times[times.len() * 99 / 100].as_secs_f64() * 1000.0;
        say(&format!("{what}: {rate:.0} POSTs a second over {CONNECTIONS} connections, p99 {p99:.1} ms"));
    }

    /// Times of reads at the start and at the end.
    async fn read(&self, records: usize) {
        let resource = "studentSectionAssociations";
        let mut pages = Vec::new();
        for (what, offset) in [("first", 0), ("last", records - 500)] {
            pages.push((
                format!("{what} page by offset, the first time"),
                format!("{resource}?offset={offset}&limit=500"),
            ));
        }
        let key =
            "localCourseCode=C-7&schoolId=11&schoolYear=2026&sectionIdentifier=7&sessionName=S1&beginDate=2025-08-14";
        pages.push(("one by its key".to_owned(), format!("{resource}?{key}&studentUniqueId=9000")));
        pages.push(("those of one student".to_owned(), format!("{resource}?studentUniqueId=9000")));
        pages.push(("those of one day, by looking at all".to_owned(), format!("{resource}?endDate=2026-01-01")));
        pages.push(("number of all".to_owned(), format!("{resource}?limit=0&totalCount=true")));
        pages.push(("number of all, again".to_owned(), format!("{resource}?limit=0&totalCount=true")));
        for (what, path) in pages {
            let before = Instant::now();
            let (status, _) = text(self.get(&path)).await;
            assert_eq!(status, 200);
            say(&format!("{what}: {:.1} ms", before.elapsed().as_secs_f64() * 1000.0));
        }
        let mut times = Vec::new();
        for page in 0..records / 500 {
            let before = Instant::now();
            text(self.get(&format!("{resource}?offset={}&limit=500", page * 500))).await;
            times.push(before.elapsed());
        }
        print_ends("page by offset, one after the other", &times);
        let (mut path, mut times) = (resource.to_owned(), Vec::new());
        loop {
            let before = Instant::now();
            let response = self.get(&path).send().await.expect("it serves");
            let next =
                response.headers().get("next-page-token").and_then(|value| value.to_str().ok()).map(str::to_owned);
            response.bytes().await.expect("it answers");
            times.push(before.elapsed());
            match next {
                Some(token) => path = format!("{resource}?pageToken={token}&pageSize=500"),
                None => break,
            }
        }
        print_ends("page by token", &times);
    }
}

fn print_ends(what: &str, times: &[Duration]) {
    let mean = |times: &[Duration]| times.iter().sum::<Duration>().as_secs_f64() * 1000.0 / times.len().max(1) as f64;
    let tenth = (times.len() / 10).max(1);
    let (first, last) = (mean(&times[..tenth]), mean(&times[times.len() - tenth..]));
    say(&format!("{what}: {first:.2} ms in the first tenth, {last:.2} ms in the last"));
}

async fn text(request: RequestBuilder) -> (u16, String) {
    let response = request.send().await.expect("it serves");
    (response.status().as_u16(), response.text().await.expect("it answers"))
}

/// The memory of this process, as the system counts it.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut found = String::new();
    for name in ["VmRSS:", "VmHWM:"] {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("unknown").trim();
        write!(found, "{name} {line} ").expect("a text takes it");
    }
    found
}

fn seed() -> Seed {
    let descriptor = |name: &str, code: &str| rollcall_sandbox::DescriptorSeed {
        descriptor: name.to_owned(),
        namespace: format!("uri://ed-fi.org/{name}"),
        code_value: code.to_owned(),
        short_description: code.to_owned(),
        description: String::new(),
    };
    let category =
        r#"[{"educationOrganizationCategoryDescriptor":"uri://ed-fi.org/EducationOrganizationCategoryDescriptor#S"}]"#;
    let level = "uri://ed-fi.org/GradeLevelDescriptor#G";
    let records = [
        (
            "localEducationAgencies",
            format!(
                r#"{{"localEducationAgencyId":1,"nameOfInstitution":"D","categories":{category},"localEducationAgencyCategoryDescriptor":"uri://ed-fi.org/LocalEducationAgencyCategoryDescriptor#I"}}"#
            ),
        ),
        (
            "schools",
            format!(
                r#"{{"schoolId":11,"nameOfInstitution":"S","educationOrganizationCategories":{category},"gradeLevels":[{{"gradeLevelDescriptor":"{level}"}}],"localEducationAgencyReference":{{"localEducationAgencyId":1}}}}"#
            ),
        ),
        ("schoolYearTypes", r#"{"schoolYear":2026,"schoolYearDescription":"2026","currentSchoolYear":true}"#.to_owned()),
        (
            "sessions",
            r#"{"sessionName":"S1","schoolReference":{"schoolId":11},"schoolYearTypeReference":{"schoolYear":2026},"beginDate":"2025-08-14","endDate":"2025-12-20","totalInstructionalDays":80,"termDescriptor":"uri://ed-fi.org/TermDescriptor#F"}"#.to_owned(),
        ),
        (
            "courses",
            r#"{"courseCode":"C","courseTitle":"C","numberOfParts":1,"educationOrganizationReference":{"educationOrganizationId":1},"identificationCodes":[{"identificationCode":"C","courseIdentificationSystemDescriptor":"uri://ed-fi.org/CourseIdentificationSystemDescriptor#S"}]}"#.to_owned(),
        ),
    ];
    let offerings = (0..SECTIONS).map(|number| {
        let body = format!(
            r#"{{"localCourseCode":"C-{number}","schoolReference":{{"schoolId":11}},"sessionReference":{{"schoolId":11,"schoolYear":2026,"sessionName":"S1"}},"courseReference":{{"courseCode":"C","educationOrganizationId":1}}}}"#
        );
        ("courseOfferings", body)
    });
    let records = records.into_iter().chain(offerings).map(|(resource, body)| SeedRecord {
        resource: resource.to_owned(),
        body: serde_json::from_str(&body).expect("it is JSON"),
    });
    Seed {
        descriptors: vec![
            descriptor("EducationOrganizationCategoryDescriptor", "S"),
            descriptor("LocalEducationAgencyCategoryDescriptor", "I"),
            descriptor("GradeLevelDescriptor", "G"),
            descriptor("TermDescriptor", "F"),
            descriptor("CourseIdentificationSystemDescriptor", "S"),
        ],
        records: records.collect(),
    }
}

fn student(number: usize) -> String {
    format!(r#"{{"studentUniqueId":"{number}","firstName":"F","lastSurname":"L","birthDate":"2010-01-01"}}"#)
}

fn enrollment(number: usize) -> String {
    format!(
        r#"{{"entryDate":"2025-08-14","studentReference":{{"studentUniqueId":"{number}"}},"schoolReference":{{"schoolId":11}},"entryGradeLevelDescriptor":"uri://ed-fi.org/GradeLevelDescriptor#G"}}"#
    )
}

fn section(number: usize) -> String {
    format!(
        r#"{{"sectionIdentifier":"{number}","courseOfferingReference":{{"localCourseCode":"C-{number}","schoolId":11,"schoolYear":2026,"sessionName":"S1"}}}}"#
    )
}

fn association(number: usize) -> String {
    let (student, section) = (number / SECTIONS, number % SECTIONS);
    format!(
        r#"{{"beginDate":"2025-08-14","endDate":"2025-12-20","studentReference":{{"studentUniqueId":"{student}"}},"sectionReference":{{"localCourseCode":"C-{section}","schoolId":11,"schoolYear":2026,"sectionIdentifier":"{section}","sessionName":"S1"}}}}"#
    )
}
