//! Records in a file, failures on purpose, and the log of requests.

mod common;

use std::time::Duration;

use common::{Api, SCHOOL, enrollment, section_association, session, student};
use rollcall_sandbox::{Faults, Hit, Moment, Sandbox, SandboxConfig, Storage, What, Whom};

#[tokio::test]
async fn a_file_keeps_records_across_restarts() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sandbox.db");
    let on_file = |config: &mut SandboxConfig| config.storage = Storage::File(path.clone());
    let api = Api::with(on_file).await;
    let association = api.section_association("1").await;
    let gone = api.create("students", &student("2")).await;
    api.delete("students", &gone).await.expect(204);
    let session_id = api.create("sessions", &session("S1")).await;
    let before = api.get(&format!("studentSectionAssociations/{association}")).await.expect(200).json();
    let counts = api.sandbox.store().counts();
    api.sandbox.stop().await;
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }

    let api = Api::with(on_file).await;
    assert_eq!(api.sandbox.store().counts(), counts);
    let after = api.get(&format!("studentSectionAssociations/{association}")).await.expect(200).json();
    assert_eq!(after, before);
    api.delete("sessions", &session_id).await.expect(409);
    let answer = api.post("studentSectionAssociations", &section_association("1")).await.expect(200);
    assert_eq!(answer.id(), association);
    api.get(&format!("students/{gone}")).await.expect(404);
    let mut vendor = api;
    vendor.act_as("sis", "sis-secret").await;
    vendor.post("students", &student("1")).await.expect(200);
}

/// Where [`serve_until_killed`] keeps its records and says where it serves.
const DIRECTORY: &str = "ROLLCALL_SANDBOX_TEST_DIRECTORY";

/// Not a test: the process that [`an_answered_write_survives_a_kill`] starts and kills.
#[tokio::test]
#[ignore = "runs as a child of an_answered_write_survives_a_kill"]
async fn serve_until_killed() {
    let Some(directory) = std::env::var_os(DIRECTORY).map(std::path::PathBuf::from) else { return };
    let api = Api::with(|config| config.storage = Storage::File(directory.join("sandbox.db"))).await;
    let said = directory.join("said");
    std::fs::write(&said, format!("{} {}", api.sandbox.url(), api.token)).unwrap();
    std::fs::rename(said, directory.join("ready")).unwrap();
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn an_answered_write_survives_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "serve_until_killed", "--ignored"])
        .env(DIRECTORY, directory.path())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let ready = directory.path().join("ready");
    while !ready.exists() {
        assert!(child.try_wait().unwrap().is_none(), "the child has ended");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let said = std::fs::read_to_string(ready).unwrap();
    let (url, token) = said.split_once(' ').unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for number in 0..50 {
        let request = client.post(format!("{url}/data/v3/ed-fi/students")).bearer_auth(token);
        let response = request.json(&student(&number.to_string())).send().await.unwrap();
        assert_eq!(response.status(), 201);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let api = Api::with(|config| config.storage = Storage::File(directory.path().join("sandbox.db"))).await;
    assert_eq!(api.sandbox.store().count("students"), 50);
}

#[tokio::test]
async fn refuses_a_file_that_is_not_its_own() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("other.db");
    std::fs::write(&path, "a letter, not a database, and long enough to be told from one").unwrap();
    let config = SandboxConfig { storage: Storage::File(path), ..SandboxConfig::default() };
    let error = Sandbox::start(config, common::schema(), common::seed()).await.unwrap_err();
    assert!(error.to_string().contains("as a sandbox database"), "{error}");
}

#[tokio::test]
async fn a_bad_seed_names_the_resource_and_the_rule() {
    let mut seed = common::seed();
    let body = common::object(&enrollment("nobody", SCHOOL));
    seed.records.push(rollcall_sandbox::SeedRecord { resource: "studentSchoolAssociations".to_owned(), body });
    let error = Sandbox::start(SandboxConfig::default(), common::schema(), seed).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "record 1 of studentSchoolAssociations in the seed was refused: Validation of 'StudentSchoolAssociation' \
         failed.\n\tStudent reference could not be resolved."
    );
}

#[tokio::test]
async fn statuses_on_purpose() {
    let api = Api::full().await;
    let what = What::Status { status: 429, retry_after: Some(3) };
    api.sandbox.set_faults(Hit { what, whom: Whom::Every(2), times: Some(1) }.into());
    api.post("students", &student("1")).await.expect(201);
    assert_eq!(api.post("students", &student("2")).await.expect(429).header("retry-after"), "3");
    api.post("students", &student("3")).await.expect(201);
    api.post("students", &student("4")).await.expect(201);
    assert_eq!(api.sandbox.store().count("students"), 3);
}

#[tokio::test]
async fn resets_on_purpose() {
    let api = Api::full().await;
    for (moment, kept) in [(Moment::BeforeCommit, 0), (Moment::AfterCommit, 1)] {
        api.sandbox.set_faults(Hit { what: What::Reset(moment), whom: Whom::Every(1), times: Some(1) }.into());
        let request = api.request(reqwest::Method::POST, "students").json(&student("1"));
        assert!(request.send().await.is_err(), "{moment:?}");
        assert_eq!(api.sandbox.store().count("students"), kept, "{moment:?}");
    }
    assert_eq!(api.sandbox.store().requests().last().unwrap().status, 0);
    api.post("students", &student("1")).await.expect(200);
}

#[tokio::test]
async fn latency_and_short_tokens_on_purpose() {
    let api = Api::full().await;
    let latency = Duration::from_millis(60);
    api.sandbox.set_faults(Faults { latency, token_requests: Some(2), ..Faults::default() });
    let start = std::time::Instant::now();
    api.get("students").await.expect(200);
    assert!(start.elapsed() >= latency);
    api.get("students").await.expect(200);
    api.get("students").await.expect(401);
    api.sandbox.set_faults(Faults::default());
    let mut api = api;
    api.act_as("full", "full-secret").await;
    api.get("students").await.expect(200);
    api.sandbox.expire_tokens();
    api.get("students").await.expect(401);
}

#[tokio::test]
async fn the_log_counts_requests_without_their_queries() {
    let api = Api::full().await;
    api.sandbox.store().clear_requests();
    api.get("students?studentUniqueId=1").await;
    api.post("studentSchoolAssociations", &enrollment("1", SCHOOL)).await;
    let requests = api.sandbox.store().requests();
    let seen: Vec<_> = requests.iter().map(|r| (r.method.as_str(), r.path.as_str(), r.status)).collect();
    assert_eq!(
        seen,
        [("GET", "/data/v3/ed-fi/students", 200), ("POST", "/data/v3/ed-fi/studentSchoolAssociations", 400)]
    );
    assert_eq!(api.sandbox.store().requests_by_method()["GET"], 1);
}

#[tokio::test]
async fn a_file_of_the_first_version_is_brought_up_to_date() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sandbox.db");
    let on_file = |config: &mut SandboxConfig| config.storage = Storage::File(path.clone());
    let api = Api::with(on_file).await;
    let association = api.section_association("1").await;
    let counts = api.sandbox.store().counts();
    api.sandbox.stop().await;
    // As that version made it: no change versions, and nothing of the past.
    let back = "ALTER TABLE records DROP COLUMN change; DROP TABLE past; PRAGMA user_version = 1;";
    rusqlite::Connection::open(&path).unwrap().execute_batch(back).unwrap();

    let api = Api::with(on_file).await;
    assert_eq!(api.sandbox.store().counts(), counts);
    api.delete("studentSectionAssociations", &association).await.expect(204);
    let deletes = api.get("studentSectionAssociations/deletes").await.expect(200).json();
    assert_eq!(deletes[0]["id"], association.as_str());
    let found = api.get("sections?minChangeVersion=1").await.expect(200).json();
    assert_eq!(found.as_array().unwrap().len(), 1);
}
