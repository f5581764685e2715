//! A sandbox in the test's own process: real HTTP, and a look at its records and requests from outside of HTTP.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rollcall_core::context::Context;
use rollcall_core::preferences::Preferences;
use rollcall_core::registry::StateView;
use rollcall_sandbox::{ApiKey, Sandbox, SandboxConfig, Storage, Store};
use rollcall_source::read_snapshot;
use tokio::runtime::Runtime;

use crate::place::Place;
use crate::program::{KEY, SECRET};

/// The key and secret of the state's own client, which may do everything.
pub const STATE: (&str, &str) = ("the-key-of-the-state", "the-secret-of-the-state");

/// A sandbox that serves until it is dropped.
pub struct Served {
    sandbox: Option<Sandbox>,
    runtime: Runtime,
}

impl Served {
    /// Serves a state's sandbox, seeded from a district's tables, to a key for that district.
    pub fn start(place: &Place, state: &StateView, school_year: i32) -> Self {
        Self::of_years(place, state, &[school_year])
    }

    /// The same for several school years, and to the key of [`STATE`] as well.
    pub fn of_years(place: &Place, state: &StateView, years: &[i32]) -> Self {
        Self::with(place, state, years, SandboxConfig::default())
    }

    /// The same with its records in a file, and at the address of one that served before.
    pub fn on_file(
        place: &Place,
        state: &StateView,
        school_year: i32,
        file: &Path,
        before: Option<SocketAddr>,
    ) -> Self {
        let default = SandboxConfig::default();
        let listen = before.unwrap_or(default.listen);
        Self::with(
            place,
            state,
            &[school_year],
            SandboxConfig { storage: Storage::File(file.into()), listen, ..default },
        )
    }

    fn with(place: &Place, state: &StateView, years: &[i32], config: SandboxConfig) -> Self {
        let reading = read_snapshot(&place.tables()).expect("there are tables");
        let preferences = Preferences::new();
        let cx = Context { snapshot: &reading.snapshot, preferences: &preferences, years };
        let seed = rollcall::seed::seed(state, &cx);
        let ids = rollcall::seed::education_organization_ids(&seed);
        let keys = vec![ApiKey::sis_vendor(KEY, SECRET, ids), ApiKey::full(STATE.0, STATE.1)];
        let config = SandboxConfig { keys, ..config };
        let schema = rollcall::seed::schema(state, years);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime starts");
        let sandbox = runtime.block_on(Sandbox::start(config, schema, seed)).expect("the sandbox starts");
        Self { sandbox: Some(sandbox), runtime }
    }

    fn sandbox(&self) -> &Sandbox {
        self.sandbox.as_ref().expect("it serves until it is dropped")
    }

    /// Where it serves.
    pub fn url(&self) -> String {
        self.sandbox().url().to_owned()
    }

    /// The same without scheme and path.
    pub fn address(&self) -> SocketAddr {
        let url = self.url();
        let address = url.trim_start_matches("http://").trim_end_matches('/');
        address.parse().expect("it serves on a loopback address")
    }

    /// Has it fail on purpose, as `--faults` of `rollcall sandbox` says.
    pub fn fail(&self, faults: &str) {
        self.sandbox().set_faults(faults.parse().expect("it is a list of faults"));
    }

    /// Its records and the requests that it has answered.
    pub fn store(&self) -> &Store {
        self.sandbox().store()
    }

    /// How many writes it has answered.
    pub fn writes(&self) -> u64 {
        let counts = self.store().requests_by_method();
        let data = ["PUT", "DELETE"].iter().filter_map(|method| counts.get(*method)).sum::<u64>();
        // A token is a POST too.
        data + counts.get("POST").copied().unwrap_or_default()
    }

    /// Starts a run of the program in a place and kills it when so many more writes were answered. Near its end it may be
    /// quicker; whether the kill came first.
    #[cfg(unix)]
    pub fn kill_after(&self, writes: u64, place: &Place, args: &[&str]) -> bool {
        const SIGKILL: i32 = 9;
        let until = self.writes() + writes;
        let mut command = place.command(&[args, &["--no-progress"]].concat());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
        while self.writes() < until && child.try_wait().expect("it is our child").is_none() {
            std::thread::sleep(Duration::from_micros(200));
        }
        // It may have ended by itself.
        child.kill().ok();
        let ended = child.wait().expect("it is our child");
        std::os::unix::process::ExitStatusExt::signal(&ended) == Some(SIGKILL)
    }

    /// Every record, without ids: by resource, the sorted bodies.
    pub fn contents(&self) -> BTreeMap<String, Vec<String>> {
        let resources = self.store().counts().into_keys();
        let bodies = resources.map(|resource| {
            let records = self.store().records(&resource).into_iter();
            let mut bodies: Vec<String> =
                records.map(|(_, body)| String::from_utf8(body.to_json()).expect("JSON is UTF-8")).collect();
            bodies.sort();
            (resource, bodies)
        });
        bodies.collect()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(sandbox) = self.sandbox.take() {
            self.runtime.block_on(sandbox.stop());
        }
    }
}
