//! Starting, seeding and stopping a sandbox.

use std::collections::{BTreeMap, HashMap};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rollcall_core::value::Object;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::api::problem::Problem;
use crate::api::validation::findings;
use crate::api::{App, Documents, Tokens, router};
use crate::bind::bind;
use crate::catalog::{Catalog, Resource, dependencies};
use crate::config::{ApiKey, ApiVersion, DescriptorSeed, SandboxConfig, Schema, Seed, Storage};
use crate::connection::{Line, Lines};
use crate::error::SandboxError;
use crate::faults::{FaultState, Faults};
use crate::store::{Incoming, Store, Tables};

/// A running sandbox. Dropping it ends the server without waiting for requests in flight; [`Sandbox::stop`] waits.
pub struct Sandbox {
    app: Arc<App>,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
}

/// How long [`Sandbox::stop`] waits for requests in flight.
const PATIENCE: Duration = Duration::from_secs(5);

impl Sandbox {
    /// Opens the storage, writes the seed, binds the address and serves in a task of the current runtime.
    pub async fn start(config: SandboxConfig, schema: Schema, seed: Seed) -> Result<Self, SandboxError> {
        let address = config.listen;
        if !address.ip().is_loopback() && !config.allow_non_loopback {
            return Err(SandboxError::NotLoopback { address });
        }
        let catalog = Arc::new(Catalog::new(schema)?);
        let file = match &config.storage {
            Storage::Memory => None,
            Storage::File(path) => Some(Path::new(path)),
        };
        let store = Store::open(catalog.clone(), file)?;
        write_seed(&catalog, &store, seed).await?;
        let listen = |source| SandboxError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let url = format!("http://{}", reachable(listener.local_addr().map_err(listen)?));
        let app = Arc::new(App {
            documents: Documents::new(catalog.clone(), config.api_version),
            catalog,
            store,
            keys: config.keys,
            tokens: Tokens::new(config.token_lifetime),
            version: config.api_version,
            faults: FaultState::new(config.faults),
            url,
        });
        let (stop, stopped) = oneshot::channel::<()>();
        let service = router(app.clone()).into_make_service_with_connect_info::<Line>();
        let server = tokio::spawn(async move {
            // Asked to stop, or the sandbox was dropped: the same.
            let served = axum::serve(Lines(listener), service).with_graceful_shutdown(async {
                drop(stopped.await);
            });
            if let Err(error) = served.await {
                tracing::error!(%error, "the sandbox has stopped serving");
            }
        });
        Ok(Self { app, stop: Some(stop), server })
    }

    /// Where it serves: `http://127.0.0.1:PORT`, without a trailing slash.
    pub fn url(&self) -> &str {
        &self.app.url
    }

    /// Its records and the requests that it has answered.
    pub fn store(&self) -> &Store {
        &self.app.store
    }

    /// Replaces the failures to produce; counting of writes starts again.
    pub fn set_faults(&self, faults: Faults) {
        self.app.faults.set(faults);
    }

    /// Ends all tokens; their next request is answered 401.
    pub fn expire_tokens(&self) {
        self.app.tokens.expire();
    }

    /// Takes no more connections, answers what is in flight and ends.
    pub async fn stop(mut self) {
        self.stop = None;
        if tokio::time::timeout(PATIENCE, &mut self.server).await.is_err() {
            tracing::warn!("requests were still in flight when the sandbox stopped");
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox").field("url", &self.app.url).finish_non_exhaustive()
    }
}

/// The address under which this machine reaches a listener.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        ip if !ip.is_unspecified() => address,
        ip if ip.is_ipv4() => SocketAddr::from((Ipv4Addr::LOCALHOST, address.port())),
        _ => SocketAddr::from((Ipv6Addr::LOCALHOST, address.port())),
    }
}

/// Writes the seed in the dependency order of its resources.
async fn write_seed(catalog: &Catalog, store: &Store, seed: Seed) -> Result<(), SandboxError> {
    let mut records = Vec::with_capacity(seed.descriptors.len() + seed.records.len());
    for descriptor in seed.descriptors {
        let Some(resource) = catalog.descriptor(&descriptor.descriptor) else {
            return Err(SandboxError::UnknownName { kind: "descriptor", name: descriptor.descriptor });
        };
        records.push((resource.name().to_owned(), descriptor_body(descriptor)));
    }
    records.extend(seed.records.into_iter().map(|record| (record.resource, record.body)));
    let mut layers: HashMap<usize, u32> = HashMap::new();
    for entry in dependencies(catalog) {
        let layer = layers.entry(entry.resource).or_insert(entry.order);
        *layer = entry.order.min(*layer);
    }
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut ordered = Vec::with_capacity(records.len());
    for (name, body) in records {
        let Some(resource) = catalog.by_name(&name) else {
            return Err(SandboxError::UnknownName { kind: "resource", name });
        };
        let number = numbers.entry(name).or_default();
        *number += 1;
        ordered.push((layers.get(&resource.index).copied().unwrap_or(0), resource, *number, body));
    }
    ordered.sort_by_key(|(layer, ..)| *layer);
    let written = store.write(|tables| Ok(post_all(tables, ordered))).await;
    written.unwrap_or_else(|problem| Err(refusal("seed", 0, &problem)))
}

/// A record of the seed on its way: layer, resource, position among those of the resource, body.
type Seeded<'c> = (u32, &'c Resource, usize, Object<'static>);

fn post_all(tables: &mut Tables, records: Vec<Seeded<'_>>) -> Result<(), SandboxError> {
    let (key, version) = (ApiKey::full("", ""), ApiVersion::V6);
    for (_, resource, number, body) in records {
        let refused = |problem| refusal(resource.name(), number, &problem);
        let body = bind(resource, body, version).map_err(refused)?;
        let findings = findings(resource, &body, version);
        let incoming = Incoming { resource, body, findings, key: &key, version, if_match: None };
        tables.post(incoming).map_err(refused)?;
    }
    Ok(())
}

fn refusal(resource: &str, number: usize, problem: &Problem) -> SandboxError {
    SandboxError::Seed { resource: resource.to_owned(), number, violation: problem.text() }
}

fn descriptor_body(seed: DescriptorSeed) -> Object<'static> {
    Object::new()
        .with("codeValue", seed.code_value)
        .with("namespace", seed.namespace)
        .with("shortDescription", seed.short_description)
        .with_some("description", Some(seed.description).filter(|text| !text.is_empty()))
}
