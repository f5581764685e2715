//! A state that adds resources whole: they are planned, sent, compared and deleted like the standard's own.
//!
//! The state is made for the test. It sends the standard's sessions, a plan of each session, and a review of each plan.
#![cfg(feature = "core-edfi")]

use std::sync::LazyLock;

use rollcall_core::config::Config;
use rollcall_core::context::Context;
use rollcall_core::extension::ExtensionResource;
use rollcall_core::model::{DataStandard, ResourceModel};
use rollcall_core::preferences::Preferences;
use rollcall_core::registry::Registry;
use rollcall_core::resource::{Element, Need, Resource, ResourceSpec};
use rollcall_core::sources::Sources;
use rollcall_core::state::{Plugin, Reported, STANDARD, State};
use rollcall_core::tables::TableName;
use rollcall_core::testing::{District, spec, state};
use rollcall_core::value::Object;
use rollcall_core::verdict::{ObjectKey, Verdict};
use rollcall_ledger::{ErrorFilter, Ledger as _, SqliteLedger};
use rollcall_sandbox::{ApiKey, Sandbox, SandboxConfig};
use rollcall_sync::apply::{Run, apply};
use rollcall_sync::check::Checker;
use rollcall_sync::deletion::{Deletion, Wanted};
use rollcall_sync::plan::{Extract, Plan, Resync, Sides};
use rollcall_sync::progress::Silent;
use rollcall_sync::summary::Summary;
use rollcall_transport::{Client, ClientConfig, Outcome, ResourcePath};
use secrecy::SecretString;

static PLUGIN: Plugin = Plugin { owner: "zz", resources: 2, namespaces: 0, extensions: 3, state: Some(&STATE) };

static STATE: State = State {
    reports: &[Reported::standard("sessions"), Reported::own("sessionPlans", "zz"), Reported::own("planReviews", "zz")],
    state_owned: &["schoolYearTypes", "localEducationAgencies", "schools"],
    seed: |cx| (REGISTRY.state(STANDARD).unwrap().state.seed)(cx),
    ..state("zz")
};

static PLANS_2025: ExtensionResource =
    ExtensionResource { segment: "zz", years: 2025..=2025, model: || session_plans(4) };
static PLANS_2026: ExtensionResource =
    ExtensionResource { segment: "zz", years: 2026..=2026, model: || session_plans(12) };
static REVIEWS: ExtensionResource = ExtensionResource { segment: "zz", years: 2025..=2026, model: plan_reviews };

rollcall_core::register! {
    plugin: PLUGIN,
    resources: [SessionPlans, PlanReviews],
    namespaces: [],
    extensions: [],
    extension_resources: [PLANS_2025, PLANS_2026, REVIEWS],
}

static REGISTRY: LazyLock<Registry> =
    LazyLock::new(|| Registry::build(&[rollcall::states::COMPILED_IN, &["zz"]].concat()).unwrap());

/// Their key: a number, and the session.
fn session_plans(longest_title: usize) -> ResourceModel {
    let text = format!(
        r#"{{"name": "sessionPlans", "entity": "SessionPlan", "authorizationSubjects": ["schoolId"],
        "identity": [{{"name": "planNumber", "type": "integer", "paths": ["planNumber"]}},
            {{"name": "schoolId", "type": "integer", "paths": ["sessionReference.schoolId"]}},
            {{"name": "schoolYear", "type": "integer", "paths": ["sessionReference.schoolYear"]}},
            {{"name": "sessionName", "type": "string", "paths": ["sessionReference.sessionName"]}}],
        "properties": [{{"name": "planNumber", "type": "integer", "required": true, "identity": true}},
            {{"name": "title", "type": "string", "maxLength": {longest_title}}}],
        "references": [{{"name": "sessionReference", "target": "sessions", "required": true, "identity": true,
            "properties": [{{"name": "schoolId", "type": "integer", "flattenedAs": "schoolId"}},
                {{"name": "schoolYear", "type": "integer", "flattenedAs": "schoolYear"}},
                {{"name": "sessionName", "type": "string", "flattenedAs": "sessionName"}}]}}]}}"#
    );
    serde_json::from_str(&text).unwrap()
}

/// Their key is the plan's.
fn plan_reviews() -> ResourceModel {
    let parts =
        [("planNumber", "integer"), ("schoolId", "integer"), ("schoolYear", "integer"), ("sessionName", "string")];
    let identity = parts.map(|(name, kind)| {
        serde_json::json!({"name": name, "type": kind, "paths": [format!("sessionPlanReference.{name}")]})
    });
    let members = parts.map(|(name, kind)| serde_json::json!({"name": name, "type": kind, "flattenedAs": name}));
    serde_json::from_value(serde_json::json!({
        "name": "planReviews", "entity": "PlanReview", "authorizationSubjects": ["schoolId"], "identity": identity,
        "properties": [{"name": "passed", "type": "boolean", "required": true}],
        "references": [{"name": "sessionPlanReference", "target": "sessionPlans", "required": true, "identity": true,
            "properties": members}],
    }))
    .unwrap()
}

struct SessionPlans;
struct PlanReviews;

const NUMBER: Element = Element {
    name: "planNumber",
    kind: "integer",
    need: Need::M,
    key: true,
    columns: &["Term.termID"],
    rule: "The term's id.",
};

static PLANS: ResourceSpec = ResourceSpec { elements: &[NUMBER], ..spec("sessionPlans") };

static PLAN_REVIEWS: ResourceSpec = ResourceSpec { name: "planReviews", ..PLANS };

impl Resource for SessionPlans {
    fn spec(&self) -> &'static ResourceSpec {
        &PLANS
    }

    fn objects(&self, cx: &Context<'_>, visit: &mut dyn FnMut(ObjectKey)) {
        cx.snapshot.terms.iter().for_each(|term| visit(ObjectKey::new(TableName::Term, term.term_id)));
    }

    fn verdict<'a>(&self, cx: &Context<'a>, object: ObjectKey, sources: &mut Sources) -> Verdict<'a> {
        let sessions = REGISTRY.state("zz").unwrap().resource("sessions").unwrap();
        match sessions.verdict(cx, object, sources) {
            Verdict::Report(session) => {
                let term = cx.snapshot.terms.get(object.id()).unwrap();
                let reference = Object::new()
                    .with("schoolId", session.at("schoolReference.schoolId").unwrap().clone())
                    .with("schoolYear", session.at("schoolYearTypeReference.schoolYear").unwrap().clone())
                    .with("sessionName", session.get("sessionName").unwrap().clone());
                let plan = Object::new().with("planNumber", sources.read("Term.termID", term.term_id));
                let title = sources.read("Term.name", term.name.as_deref()).unwrap_or_default();
                Verdict::Report(plan.with("title", title).with("sessionReference", reference))
            }
            other => other,
        }
    }
}

impl Resource for PlanReviews {
    fn spec(&self) -> &'static ResourceSpec {
        &PLAN_REVIEWS
    }

    fn objects(&self, cx: &Context<'_>, visit: &mut dyn FnMut(ObjectKey)) {
        SessionPlans.objects(cx, visit);
    }

    fn verdict<'a>(&self, cx: &Context<'a>, object: ObjectKey, sources: &mut Sources) -> Verdict<'a> {
        match SessionPlans.verdict(cx, object, sources) {
            Verdict::Report(plan) => {
                let mut reference = plan.get("sessionReference").unwrap().as_object().unwrap().clone();
                reference.push("planNumber", plan.get("planNumber").unwrap().clone());
                Verdict::Report(Object::new().with("passed", true).with("sessionPlanReference", reference))
            }
            other => other,
        }
    }
}

/// A district of that state, with its ledger and the state's server.
struct Office {
    district: District,
    sandbox: Sandbox,
    folder: tempfile::TempDir,
}

impl Office {
    async fn open() -> Self {
        let state = REGISTRY.state("zz").unwrap();
        let district = District::small();
        let (snapshot, preferences) = (district.snapshot(), Preferences::new());
        let cx = Context { snapshot: &snapshot, preferences: &preferences, years: &[2026] };
        let seed = rollcall::seed::seed(&state, &cx);
        let config = SandboxConfig { keys: vec![ApiKey::full("key", "s")], ..SandboxConfig::default() };
        let sandbox = Sandbox::start(config, rollcall::seed::schema(&state, &[2026]), seed).await.unwrap();
        Self { district, sandbox, folder: tempfile::tempdir().unwrap() }
    }

    async fn client(&self) -> Client {
        let secret = |text: &str| SecretString::from(text.to_owned());
        Client::connect(ClientConfig::new(self.sandbox.url().parse().unwrap(), secret("key"), secret("s")))
            .await
            .unwrap()
    }

    fn ledger(&self) -> SqliteLedger {
        SqliteLedger::open(&self.folder.path().join("ledger.db"), "the sandbox").unwrap()
    }

    async fn sync(&self) -> Summary {
        self.run(None, None).await
    }

    async fn run(&self, resync: Option<&Resync>, delete: Option<&Wanted>) -> Summary {
        let terms = "\n[mappings.term-type]\n\"Fall\" = \"Fall Semester\"\n\"Spring\" = \"Spring Semester\"\n";
        let text =
            format!("state = \"zz\"\nschool-years = [2026]\n\n[connection]\nurl = \"http://127.0.0.1\"\n{terms}");
        let (config, findings) = Config::read(&text, "rollcall.toml", &REGISTRY);
        let config = config.unwrap_or_else(|| panic!("{findings:?}"));
        let snapshot = self.district.snapshot();
        let cx = Context { snapshot: &snapshot, preferences: &config.preferences, years: &config.years };
        let checker = Checker::new(&config.state, &config.years);
        let (client, mut ledger) = (self.client().await, self.ledger());
        let extract = Extract::Whole;
        let sides = Sides { config: &config, cx: &cx, checker: &checker, ledger: Some(&ledger), extract: &extract };
        let plan = match (resync, delete) {
            (_, Some(wanted)) => Deletion::find(wanted, &checker, Some(&ledger), &client).await.unwrap().plan(),
            (Some(resync), None) => Plan::with_ods(sides, resync, &client).await.unwrap(),
            (None, None) => Plan::make(sides, None).unwrap(),
        };
        let now = || "2025-11-01T00:00:00Z".to_owned();
        let number = ledger.begin_run("sync", None, "", &config.years, &now()).unwrap();
        self.sandbox.store().clear_requests();
        let (config, client, checker) = (&config, &client, &checker);
        let run = Run { config, cx, client, checker, progress: &Silent, now, number };
        apply(&plan, &run, Box::new(ledger)).await.1.unwrap().summary
    }

    /// The writes of the last run, in order: method and place.
    fn writes(&self) -> Vec<(String, String)> {
        let requests = self.sandbox.store().requests().into_iter().filter(|request| request.method != "GET");
        let place = |path: &str| {
            path.split('/').skip_while(|part| *part != "ed-fi" && *part != "zz").take(2).collect::<Vec<_>>().join("/")
        };
        requests
            .map(|request| (request.method.clone(), place(&request.path)))
            .filter(|(_, place)| !place.is_empty())
            .collect()
    }

    fn records(&self, resource: &str) -> Vec<Object<'static>> {
        self.sandbox.store().records(resource).into_iter().map(|(_, body)| body).collect()
    }
}

fn writes(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(method, place)| ((*method).to_owned(), (*place).to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_state_adds_whole_is_sent_once_changed_and_deleted() {
    let mut office = Office::open().await;
    let first = office.sync().await;
    assert!(first.is_complete());
    let post = |place| [("POST", place); 2];
    let order = [post("ed-fi/sessions"), post("zz/sessionPlans"), post("zz/planReviews")].concat();
    assert_eq!(office.writes(), writes(&order), "upstream before downstream, each under its segment");
    let titles: Vec<_> =
        office.records("sessionPlans").iter().map(|plan| plan.get("title").unwrap().key_text().into_owned()).collect();
    assert_eq!(titles.len(), 2, "{titles:?}");
    assert!(office.records("planReviews").iter().all(|review| review.at("sessionPlanReference.planNumber").is_some()));

    assert_eq!(office.sync().await.requests, 0);

    let term = office.district.snapshot().terms.iter().next().unwrap().term_id;
    office.district = std::mem::take(&mut office.district).set(&format!("Term:{term}.name"), "Another");
    office.sync().await;
    assert_eq!(office.writes(), writes(&[("PUT", "zz/sessionPlans")]));

    let spring =
        Wanted::Keys("sessions".to_owned(), vec![vec![("sessionName".to_owned(), "Spring Semester".to_owned())]]);
    let deleted = office.run(None, Some(&spring)).await;
    let expected = ["zz/planReviews", "zz/sessionPlans", "ed-fi/sessions"].map(|place| ("DELETE", place));
    assert_eq!(office.writes(), writes(&expected), "dependents are found, and go first");
    assert!(deleted.is_complete());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_state_adds_whole_is_compared_by_a_resync() {
    let office = Office::open().await;
    office.sync().await;
    let path = ResourcePath::new("zz", "sessionPlans");
    let mut edited = office.records("sessionPlans").remove(0);
    edited.remove("title");
    let answer = office.client().await.post(&path, edited.to_json().into()).await;
    assert!(matches!(answer, Outcome::Done(_)), "{answer:?}");
    let resynced = office.run(Some(&Resync::default()), None).await;
    assert_eq!(office.writes(), writes(&[("PUT", "zz/sessionPlans")]));
    assert!(resynced.is_complete());
    assert!(office.records("sessionPlans").iter().all(|plan| plan.get("title").is_some()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_state_adds_whole_is_checked_by_its_shape_in_the_school_year() {
    let mut office = Office::open().await;
    let term = office.district.snapshot().terms.iter().next().unwrap().term_id;
    office.district = std::mem::take(&mut office.district).set(&format!("Term:{term}.name"), "ThirteenChars");
    let summary = office.sync().await;
    assert!(!summary.is_complete());
    let errors = office.ledger().errors(&ErrorFilter::default()).unwrap();
    let plans: Vec<_> = errors.iter().filter(|error| error.resource == "sessionPlans").collect();
    assert_eq!(plans.len(), 1);
    assert_eq!(plans[0].class, "title");
    assert_eq!(office.records("sessionPlans").len(), 1, "the other is sent");
    assert_eq!(office.records("planReviews").len(), 1, "a review waits for its plan");
}

#[test]
fn only_the_state_has_what_it_adds_whole() {
    let standard = REGISTRY.state("zz").unwrap().standard();
    assert_eq!((standard.segment("sessionPlans"), standard.segment("sessions")), ("zz", "ed-fi"));
    let model = standard.resource("sessionPlans").unwrap();
    assert_eq!(model.class.properties[1].max_length, Some(12), "the latest shape");
    for other in [REGISTRY.state(STANDARD).unwrap().standard(), DataStandard::ed_fi_4_0()] {
        assert!(other.resource("sessionPlans").is_none());
    }
}
