//! A district office: tables that change, a configuration, a ledger, and the state's sandbox.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rollcall_core::config::Config;
use rollcall_core::context::Context;
use rollcall_core::model::{NaturalKey, ResourceModel, content};
use rollcall_core::preferences::Preferences;
use rollcall_core::registry::Registry;
use rollcall_core::sources::Sources;
use rollcall_core::tables::TableName;
use rollcall_core::testing::District;
use rollcall_core::value::Object;
use rollcall_core::verdict::ObjectKey;
use rollcall_ledger::{ErrorEntry, ErrorFilter, Ledger as _, LedgerError, SqliteLedger, State};
use rollcall_sandbox::{ApiKey, Sandbox, SandboxConfig};
use rollcall_sync::apply::{Run, apply};
use rollcall_sync::check::Checker;
use rollcall_sync::deletion::{Deletion, Wanted};
use rollcall_sync::plan::{Action, Extract, Plan, Resync, Sides};
use rollcall_sync::progress::Silent;
use rollcall_sync::summary::Summary;
use rollcall_tests::ods::resource_of;
use rollcall_tests::small;
use rollcall_transport::{Client, ClientConfig, RetryPolicy};
use secrecy::SecretString;

use crate::mortal::Mortal;

/// Everything that a sync needs, on this machine.
pub(crate) struct Office {
    district: District,
    pub(crate) config: String,
    registry: Registry,
    pub(crate) sandbox: Sandbox,
    folder: tempfile::TempDir,
    /// A table that is said to be partly unreadable.
    pub(crate) damaged: Option<TableName>,
}

/// What a run is to do, and what happens to it.
#[derive(Default)]
struct Work<'a> {
    kind: Kind<'a>,
    keep_to_limit: bool,
    killed_after: Option<u64>,
}

#[derive(Default)]
enum Kind<'a> {
    #[default]
    Sync,
    Resync(&'a Resync),
    /// Of everything in the error log, and of what was interrupted.
    Retry,
    Delete(&'a Wanted),
}

impl Office {
    /// An office whose state's server knows the schools and courses of a district.
    pub(crate) async fn open(district: District) -> Self {
        let registry = rollcall::registry().unwrap();
        let state = registry.state("ks").unwrap();
        let (snapshot, preferences) = (district.snapshot(), Preferences::new());
        let cx = Context { snapshot: &snapshot, preferences: &preferences, years: &[2026] };
        let seed = rollcall::seed::seed(&state, &cx);
        let ids = rollcall::seed::education_organization_ids(&seed);
        let keys = vec![ApiKey::sis_vendor("district", "s", ids), ApiKey::full("state", "s")];
        let config = SandboxConfig { keys, ..SandboxConfig::default() };
        let sandbox = Sandbox::start(config, rollcall::seed::schema(&state, &[2026]), seed).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        Self { district, config: small::kansas(), registry, sandbox, folder, damaged: None }
    }

    /// Changes the SIS.
    pub(crate) fn change(&mut self, change: impl FnOnce(District) -> District) {
        self.district = change(std::mem::take(&mut self.district));
    }

    /// Changes the configuration.
    pub(crate) fn configure(&mut self, change: impl FnOnce(String) -> String) {
        self.config = change(std::mem::take(&mut self.config));
    }

    /// Syncs; the plan must keep to the delete limit.
    pub(crate) async fn sync(&mut self) -> Summary {
        self.finished(&Work { keep_to_limit: true, ..Work::default() }).await
    }

    /// Syncs, however much is deleted.
    pub(crate) async fn sync_with_deletes(&mut self) -> Summary {
        self.finished(&Work::default()).await
    }

    /// Resyncs: compares the ODS too.
    pub(crate) async fn resync(&mut self, resync: &Resync) -> Summary {
        self.finished(&Work { kind: Kind::Resync(resync), ..Work::default() }).await
    }

    /// Tries again what failed.
    pub(crate) async fn retry(&mut self) -> Summary {
        self.finished(&Work { kind: Kind::Retry, ..Work::default() }).await
    }

    /// Deletes records at the ODS with their dependents.
    pub(crate) async fn delete(&mut self, wanted: &Wanted) -> Summary {
        self.finished(&Work { kind: Kind::Delete(wanted), ..Work::default() }).await
    }

    /// A sync, or a resync, that is killed when the ODS has taken so many writes. Near its end it may be quicker.
    pub(crate) async fn killed_after(&mut self, writes: u64, resync: Option<&Resync>) {
        let kind = resync.map_or(Kind::Sync, Kind::Resync);
        self.carry_out(&Work { kind, killed_after: Some(writes), ..Work::default() }).await;
    }

    async fn finished(&mut self, work: &Work<'_>) -> Summary {
        self.carry_out(work).await.expect("nothing kills it")
    }

    async fn carry_out(&mut self, work: &Work<'_>) -> Option<Summary> {
        let (config, findings) = Config::read(&self.config, "rollcall.toml", &self.registry);
        let config = config.unwrap_or_else(|| panic!("{findings:?}"));
        let snapshot = self.district.snapshot();
        let cx = Context { snapshot: &snapshot, preferences: &config.preferences, years: &config.years };
        let checker = Checker::new(&config.state, &config.years);
        let client = self.client("district").await;
        let mut ledger = self.open_ledger().await;
        let extract = match self.damaged {
            Some(table) => Extract::Partial([table].into()),
            None => Extract::Whole,
        };
        let sides = Sides { config: &config, cx: &cx, checker: &checker, ledger: Some(&ledger), extract: &extract };
        let plan = match work.kind {
            Kind::Sync => Plan::make(sides, None).unwrap(),
            Kind::Resync(resync) => Plan::with_ods(sides, resync, &client).await.unwrap(),
            Kind::Retry => {
                let all = ledger.errors(&ErrorFilter::default()).unwrap();
                Plan::make(sides, None).unwrap().only_failed(sides, &all, &all, true)
            }
            Kind::Delete(wanted) => Deletion::find(wanted, &checker, Some(&ledger), &client).await.unwrap().plan(),
        };
        assert!(!work.keep_to_limit || !plan.exceeds(1.0));
        let number = ledger.begin_run("sync", None, "", &config.years, "2025-11-01T00:00:00Z").unwrap();
        self.sandbox.store().clear_requests();
        let run = Run {
            config: &config,
            cx,
            client: &client,
            checker: &checker,
            progress: &Silent,
            now: || "2025-11-01T00:00:00Z".to_owned(),
            number,
        };
        let dead = Arc::new(AtomicBool::new(false));
        let ledger = Box::new(Mortal { ledger, dead: Arc::clone(&dead) });
        tokio::select! {
            (_, applied) = apply(&plan, &run, ledger) => Some(applied.unwrap().summary),
            () = self.writes_reach(work.killed_after) => {
                dead.store(true, Ordering::SeqCst);
                None
            }
        }
    }

    /// Waits until the ODS has taken so many writes since the run began; for ever, when nothing is to happen then.
    async fn writes_reach(&self, writes: Option<u64>) {
        let Some(writes) = writes else { return std::future::pending().await };
        loop {
            let taken = self.sandbox.store().requests_by_method();
            let taken: u64 = ["POST", "PUT", "DELETE"].iter().filter_map(|method| taken.get(*method)).sum();
            if taken >= writes {
                return;
            }
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
    }

    /// The ledger, as soon as the thread of a killed run has let go of it.
    async fn open_ledger(&self) -> SqliteLedger {
        loop {
            match SqliteLedger::open(&self.ledger(), "the sandbox") {
                Err(LedgerError::Busy { .. }) => tokio::time::sleep(Duration::from_millis(1)).await,
                ledger => return ledger.unwrap(),
            }
        }
    }

    /// The steps of a resync's plan by the ledger alone: request, resource, reason.
    pub(crate) fn planned(&self, resync: &Resync) -> Vec<(&'static str, &'static str, &'static str)> {
        let (config, _) = Config::read(&self.config, "rollcall.toml", &self.registry);
        let (config, snapshot) = (config.unwrap(), self.district.snapshot());
        let cx = Context { snapshot: &snapshot, preferences: &config.preferences, years: &config.years };
        let checker = Checker::new(&config.state, &config.years);
        let ledger = SqliteLedger::open_to_read(&self.ledger(), "the sandbox").unwrap().unwrap();
        let (ledger, extract) = (Some(&ledger as _), Extract::Whole);
        let sides = Sides { config: &config, cx: &cx, checker: &checker, ledger, extract: &extract };
        let plan = Plan::make(sides, Some(resync)).unwrap();
        let method = |action| match action {
            Action::Create => "POST",
            Action::Update => "PUT",
            Action::Delete => "DELETE",
        };
        let steps = plan.resources.iter().flat_map(|part| part.steps.iter().map(move |step| (part.name, step)));
        steps.map(|(name, step)| (method(step.action), name, step.reason.as_str())).collect()
    }

    /// What the ledger lists, delivered or not: resource and natural key.
    pub(crate) fn accounted_for(&self) -> Vec<(String, String)> {
        let ledger = SqliteLedger::open_to_read(&self.ledger(), "the sandbox").unwrap().unwrap();
        let keys = ["sessions", "courseOfferings", "sections", "studentSectionAssociations"].into_iter();
        let keys = keys.flat_map(|of| ledger.natural_keys(of).unwrap().into_iter().map(move |(_, key)| (of, key)));
        keys.map(|(of, key)| (of.to_owned(), key.to_string())).collect()
    }

    /// How many records of a resource the ledger has.
    pub(crate) fn entries(&self, resource: &str) -> usize {
        let ledger = SqliteLedger::open_to_read(&self.ledger(), "the sandbox").unwrap().unwrap();
        ledger.entries(resource).unwrap().len()
    }

    /// Somebody deletes the ledger's file.
    pub(crate) fn lose_the_ledger(&self) {
        for end in ["", "-wal", "-shm"] {
            let mut file = self.ledger().into_os_string();
            file.push(end);
            match std::fs::remove_file(file) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                done => done.unwrap(),
            }
        }
    }

    async fn client(&self, key: &str) -> Client {
        let secret = |text: &str| SecretString::from(text.to_owned());
        let mut config = ClientConfig::new(self.sandbox.url().parse().unwrap(), secret(key), secret("s"));
        let delay = std::time::Duration::from_millis(1);
        config.retry =
            RetryPolicy { tries: 2, repeat_tries: 2, first_delay: delay, max_delay: delay, ..RetryPolicy::default() };
        Client::connect(config).await.unwrap()
    }

    fn ledger(&self) -> PathBuf {
        self.folder.path().join("ledger.db")
    }

    /// The error log.
    pub(crate) fn errors(&self) -> Vec<ErrorEntry> {
        let ledger = SqliteLedger::open_to_read(&self.ledger(), "the sandbox").unwrap().unwrap();
        ledger.errors(&ErrorFilter::default()).unwrap()
    }

    /// How many records the ODS holds.
    pub(crate) fn count(&self, resource: &str) -> usize {
        self.sandbox.store().count(resource)
    }

    /// The records that the ODS holds.
    pub(crate) fn all(&self, resource: &str) -> Vec<Object<'static>> {
        self.sandbox.store().records(resource).into_iter().map(|(_, body)| body).collect()
    }

    /// The one record with some values at some paths.
    pub(crate) fn find(&self, resource: &str, values: &[(&str, &str)]) -> Object<'static> {
        let matches = |body: &Object<'_>| {
            values.iter().all(|(path, value)| body.at(path).is_some_and(|v| v.key_text() == *value))
        };
        let mut found: Vec<_> = self.all(resource).into_iter().filter(matches).collect();
        assert_eq!(found.len(), 1, "{resource} {values:?}");
        found.remove(0)
    }

    /// The requests of the last sync that wrote, in order: method and resource.
    pub(crate) fn writes(&self) -> Vec<(String, String)> {
        let requests = self.sandbox.store().requests().into_iter();
        let writes = requests.filter(|request| request.method != "GET");
        writes.filter_map(|r| Some((r.method.clone(), resource_of(&r.path)?.to_owned()))).collect()
    }

    /// Deletes the n-th of the records that nothing names, by hand; false when there is none.
    pub(crate) async fn delete_a_leaf(&self, at: usize) -> bool {
        let records = self.sandbox.store().records("studentSectionAssociations");
        let Some((id, _)) = records.get(at % records.len().max(1)) else { return false };
        let path = rollcall_transport::ResourcePath::ed_fi("studentSectionAssociations");
        let answer = self.client("state").await.delete(&path, id).await;
        // A request of a run that was just killed may still be on its way, and be quicker.
        let gone = matches!(&answer, rollcall_transport::Outcome::Refused(refused) if refused.status == 404);
        assert!(gone || matches!(answer, rollcall_transport::Outcome::Done(_)), "{answer:?}");
        true
    }

    /// Changes the title of the n-th course offering by hand; false when there is none.
    pub(crate) async fn change_an_offering(&self, at: usize) -> bool {
        let offerings = self.all("courseOfferings");
        let Some(offering) = offerings.get(at % offerings.len().max(1)) else { return false };
        let mut offering = offering.clone();
        offering.remove("localCourseTitle");
        offering.push("localCourseTitle", "edited by hand");
        self.post_as_state("courseOfferings", &String::from_utf8(offering.to_json()).unwrap()).await;
        true
    }

    /// Checks that no request of the last run went against the records that refer to each other.
    pub(crate) fn refers_rightly(&self) {
        for request in self.sandbox.store().requests() {
            assert!(!matches!(request.status, 400 | 409), "{} {}: {}", request.method, request.path, request.status);
        }
    }

    /// Checks that the ledger and the ODS have the same records, under the same ids.
    pub(crate) fn agrees_with_the_ledger(&self) {
        let ledger = SqliteLedger::open_to_read(&self.ledger(), "the sandbox").unwrap().unwrap();
        let (config, _) = Config::read(&self.config, "rollcall.toml", &self.registry);
        let config = config.unwrap();
        for resource in self.resources() {
            let model = self.model(resource);
            let stored = self.sandbox.store().records(resource).into_iter();
            let stored = stored.map(|(id, body)| (NaturalKey::of(model, &body).unwrap().hash(), id));
            let mut stored: BTreeMap<_, _> = stored.collect();
            let mut known: BTreeMap<_, _> = ledger.ods_ids(resource).unwrap().into_iter().collect();
            // What a killed run left open of a resource that is off now stays open until it is on again.
            for entry in ledger.entries(resource).unwrap().iter().filter(|entry| entry.state != State::Delivered) {
                known.remove(&entry.key);
                stored.remove(&entry.key);
            }
            if resource == "students" {
                // Students stay at the ODS when they are ours no more.
                stored.retain(|key, _| known.contains_key(key));
            }
            // What a key change cascaded to while its resource is off, the ledger learns when it is on again.
            if !config.preferences.is_on(resource) {
                let ids = |of: &BTreeMap<_, String>| of.values().cloned().collect::<BTreeSet<_>>();
                assert_eq!(ids(&stored), ids(&known), "{resource}");
                continue;
            }
            assert!(stored == known, "{resource}: {} at the ODS, {} in the ledger", stored.len(), known.len());
        }
    }

    /// Checks that the ODS holds what a fresh full load of the SIS would leave there, by the rules alone.
    pub(crate) fn holds_a_full_load(&self) {
        let (config, _) = Config::read(&self.config, "rollcall.toml", &self.registry);
        let (config, snapshot) = (config.unwrap(), self.district.snapshot());
        let cx = Context { snapshot: &snapshot, preferences: &config.preferences, years: &config.years };
        for resource in &config.state.resources {
            let name = resource.spec().name;
            let model = self.model(name);
            let mut expected = BTreeMap::new();
            // Objects come in the order of their ids: of several behind one record the newest object's data stands.
            resource.objects(&cx, &mut |object| {
                if let Some(body) = resource.verdict(&cx, object, &mut Sources::new()).report() {
                    let body = body.into_owned();
                    let key = NaturalKey::of(model, &body).unwrap().to_string();
                    expected.entry(key).or_insert_with(BTreeMap::new).insert(object, content(&body, None));
                }
            });
            let newest = |objects: BTreeMap<ObjectKey, _>| objects.into_values().next_back().unwrap();
            let expected: BTreeMap<_, _> = expected.into_iter().map(|(key, objects)| (key, newest(objects))).collect();
            let stored = self.all(name).into_iter();
            let stored = stored.map(|body| (NaturalKey::of(model, &body).unwrap().to_string(), content(&body, None)));
            let mut stored: BTreeMap<_, _> = stored.collect();
            if name == "students" {
                stored.retain(|key, _| expected.contains_key(key));
            }
            let keys = |of: &BTreeMap<String, _>| of.keys().cloned().collect::<Vec<_>>();
            assert_eq!(keys(&stored), keys(&expected), "{name}");
            assert!(stored == expected, "{name}: another content");
        }
    }

    fn resources(&self) -> Vec<&'static str> {
        self.registry.state("ks").unwrap().resources.iter().map(|resource| resource.spec().name).collect()
    }

    /// A resource's model, of what Kansas adds whole too.
    fn model(&self, resource: &str) -> &'static ResourceModel {
        self.registry.state("ks").unwrap().standard().resource(resource).unwrap()
    }

    /// The state opens one more school of the district.
    pub(crate) async fn add_school(&self, id: i64) {
        let school = self.all("schools").remove(0);
        let mut body = school.clone();
        *body.get_mut("schoolId").unwrap() = id.into();
        self.post_as_state("schools", &String::from_utf8(body.to_json()).unwrap()).await;
    }

    /// The state, or another district, writes a record.
    pub(crate) async fn post_as_state(&self, resource: &'static str, body: &str) {
        let path = rollcall_transport::ResourcePath::ed_fi(resource);
        let answer = self.client("state").await.post(&path, body.as_bytes().to_vec().into()).await;
        assert!(matches!(answer, rollcall_transport::Outcome::Done(_)), "{answer:?}");
    }

    /// Somebody deletes a record by hand.
    pub(crate) async fn delete_as_state(&self, resource: &'static str, values: &[(&str, &str)]) {
        let wanted = self.find(resource, values);
        let model = self.model(resource);
        let records = self.sandbox.store().records(resource);
        let key = NaturalKey::of(model, &wanted);
        let (id, _) = records.iter().find(|(_, body)| NaturalKey::of(model, body) == key).unwrap();
        let path = rollcall_transport::ResourcePath::ed_fi(resource);
        let answer = self.client("state").await.delete(&path, id).await;
        assert!(matches!(answer, rollcall_transport::Outcome::Done(_)), "{answer:?}");
    }
}
