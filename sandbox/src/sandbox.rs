//! Starting and stopping a sandbox.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::api::{App, Documents, Tokens, router};
use crate::config::{SandboxConfig, Schema, Seed};
use crate::connection::{Line, Lines};
use crate::error::SandboxError;
use crate::faults::{FaultState, Faults};
use crate::store::Store;

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
        let store = Store::open(&config.storage, schema, seed).await?;
        let listen = |source| SandboxError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let url = format!("http://{}", reachable(listener.local_addr().map_err(listen)?));
        let app = Arc::new(App {
            documents: Documents::new(store.catalog(), config.api_version),
            ui: config.ui,
            catalog: store.catalog(),
            store,
            keys: config.keys,
            tokens: Tokens::new(config.token_lifetime),
            version: config.api_version,
            database: config.database,
            strict: config.strict,
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
