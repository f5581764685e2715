//! The connection to one ODS/API.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use bytes::Bytes;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use reqwest::{Method, Request};
use url::Url;

use crate::auth::{ClientCredentials, TokenSource};
use crate::config::{ClientConfig, RetryPolicy};
use crate::decision::Operation;
use crate::discovery::{Dependency, Discovery};
use crate::endpoints::{self, Endpoints, display_url};
use crate::error::{TransportError, TransportErrorKind};
use crate::exchange::{Call, Exchange};
use crate::halt::Halt;
use crate::http::{FIRST_CONTACT_TRIES, Fetched, build, fetch};
use crate::outage::Gate;
use crate::outcome::{Outcome, ReadError, RefusalClass};
use crate::pacing::Pacer;
use crate::resource::{Page, ResourcePath, Stored};
use crate::statistics::{ByResource, Counters, Statistics, Traffic};
use crate::tried::{Answered, Rows, into_outcome};
use crate::trouble::{busy, not_an_api};

/// A connected client. Cheap to clone; clones share connections, token, pace and counts.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    discovery: Discovery,
    endpoints: Endpoints,
    exchange: Exchange,
    /// The collection's address of every resource used so far.
    collections: RwLock<HashMap<ResourcePath, Url>>,
}

impl Client {
    /// Reads the discovery document and fetches a first token with the settings' key and secret, so that a wrong address or
    /// secret shows before the first record does.
    pub async fn connect(config: ClientConfig) -> Result<Self, TransportError> {
        let http = prepare(&config)?;
        let (discovery, endpoints) = discover(&http, &config).await?;
        let (key, secret, retry) = (config.key.clone(), config.secret.clone(), config.retry.clone());
        let session = ClientCredentials::new(http.clone(), endpoints.oauth.clone(), key, secret, retry);
        session.token().await?;
        Ok(Self::assemble(config, http, discovery, endpoints, Box::new(session)))
    }

    /// As [`Client::connect`], with tokens from elsewhere: for an API that stands behind a gateway with its own sign-on.
    /// The settings' key and secret are not used.
    pub async fn connect_with(config: ClientConfig, session: Box<dyn TokenSource>) -> Result<Self, TransportError> {
        let http = prepare(&config)?;
        let (discovery, endpoints) = discover(&http, &config).await?;
        session.token().await?;
        Ok(Self::assemble(config, http, discovery, endpoints, session))
    }

    /// What the API said about itself.
    pub fn discovery(&self) -> &Discovery {
        &self.inner.discovery
    }

    /// The data URL in use, without a trailing slash: overrides and the school-year route are applied.
    pub fn data_url(&self) -> &Url {
        &self.inner.endpoints.data
    }

    /// The ODS's own dependency list, unsorted as it came.
    pub async fn dependencies(&self) -> Result<Vec<Dependency>, TransportError> {
        const OPERATION: &str = "read the dependency list";
        let exchange = &self.inner.exchange;
        let request = get(self.inner.endpoints.dependencies.clone());
        let fetched = fetch(&exchange.http, &request, OPERATION, &exchange.retry, exchange.retry.tries).await?;
        document(&request, OPERATION, &fetched, &exchange.retry)
    }

    /// Inserts, or replaces the item of the same natural key. Safe to repeat.
    pub async fn post(&self, resource: &ResourcePath, body: Bytes) -> Outcome {
        into_outcome(self.send(Operation::Post, resource, &self.collection(resource), Some(&body)).await, None)
    }

    /// Replaces the item of this id.
    pub async fn put(&self, resource: &ResourcePath, id: &str, body: Bytes) -> Outcome {
        into_outcome(self.send(Operation::Put, resource, &self.item(resource, id), Some(&body)).await, Some(id))
    }

    /// Deletes the item of this id. An item that is not there is `Refused` with [`crate::RefusalClass::NotFound`]; after a
    /// lost answer that is what a delete which worked looks like.
    pub async fn delete(&self, resource: &ResourcePath, id: &str) -> Outcome {
        into_outcome(self.send(Operation::Delete, resource, &self.item(resource, id), None).await, Some(id))
    }

    /// Queries by natural key, or by any parameters. Checks nothing: servers pass over parameters they do not know, so the
    /// caller must compare the rows with what it asked for. One page as long as the server gives unasked.
    pub async fn find(&self, resource: &ResourcePath, query: &[(String, String)]) -> Result<Vec<Stored>, ReadError> {
        let mut url = self.collection(resource);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(self.query(resource, url).await?.1)
    }

    /// Reads the item of this id; none when there is none.
    pub async fn read(&self, resource: &ResourcePath, id: &str) -> Result<Option<Stored>, ReadError> {
        let url = self.item(resource, id);
        match self.send(Operation::Read, resource, &url, None).await {
            Ok(Answered { rows: Rows::One(item), .. }) => match Stored::from_row(item) {
                Some(item) => Ok(Some(item)),
                None => Err(not_an_item(resource, &display_url(&url), "JSON that is no record with an id")),
            },
            // Any of them could be taken for the one that was asked for.
            Ok(Answered { rows: Rows::List(_), .. }) => Err(not_an_item(resource, &display_url(&url), "a list")),
            Ok(Answered { rows: Rows::None, .. }) => Ok(None),
            Err(ReadError::Refused(refused)) if refused.class == RefusalClass::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads `limit` items from `offset` on. A limit above what the server allows (usually 500) is refused.
    pub async fn page(&self, resource: &ResourcePath, offset: u64, limit: u32) -> Result<Page, ReadError> {
        let mut url = self.collection(resource);
        url.set_query(Some(&format!("offset={offset}&limit={limit}&totalCount=true")));
        let (headers, rows) = self.query(resource, url).await?;
        Ok(Page { rows, total: total_count(&headers) })
    }

    /// Has all clones come to an end: no further try is begun, also none that repeats another. A request in flight gets its
    /// answer; what waits is [`Outcome::Stop`] with [`TransportErrorKind::Halted`], or [`Outcome::Unknown`] when a try before
    /// may have been carried out.
    pub fn halt(&self) {
        self.inner.exchange.halt.ask();
    }

    /// Whether it was told to come to an end.
    pub fn is_halted(&self) -> bool {
        self.inner.exchange.halt.is_asked()
    }

    /// What was sent so far, by all clones.
    pub fn statistics(&self) -> Statistics {
        let exchange = &self.inner.exchange;
        exchange.counters.snapshot(exchange.session.fetched(), exchange.pacer.limit())
    }

    /// What was sent of each resource so far, by its name, and how long the answers took.
    pub fn traffic(&self) -> BTreeMap<String, Traffic> {
        self.inner.exchange.by_resource.snapshot()
    }

    fn assemble(
        config: ClientConfig,
        http: reqwest::Client,
        discovery: Discovery,
        endpoints: Endpoints,
        session: Box<dyn TokenSource>,
    ) -> Self {
        tracing::debug!(version = %discovery.version, "connected");
        let exchange = Exchange {
            http,
            session,
            pacer: Pacer::new(config.concurrency, config.requests_per_second),
            gate: Gate::new(config.retry.clone()),
            halt: Halt::default(),
            retry: config.retry,
            probe: config.base_url,
            trouble: Mutex::default(),
            counters: Counters::default(),
            good_token: AtomicU64::new(0),
            begun: AtomicU64::new(0),
            by_resource: ByResource::default(),
        };
        Self { inner: Arc::new(Inner { discovery, endpoints, exchange, collections: RwLock::default() }) }
    }

    pub(crate) fn send<'a>(
        &'a self,
        operation: Operation,
        resource: &'a ResourcePath,
        url: &'a Url,
        body: Option<&'a Bytes>,
    ) -> impl Future<Output = Result<Answered, ReadError>> + use<'a> {
        self.inner.exchange.send(Call { operation, resource, url, body })
    }

    /// Sends a query. Its answer is a list of items; anything else would be taken for an ODS that holds something else.
    pub(crate) async fn query(&self, resource: &ResourcePath, url: Url) -> Result<(HeaderMap, Vec<Stored>), ReadError> {
        let address = display_url(&url);
        let answered = self.send(Operation::Read, resource, &url, None).await?;
        match answered.rows {
            Rows::List(rows) => match rows.into_iter().map(Stored::from_row).collect() {
                Some(rows) => Ok((answered.headers, rows)),
                None => Err(not_a_list(resource, &address, "a list of something else than records with ids")),
            },
            Rows::One(_) | Rows::None => Err(not_a_list(resource, &address, "JSON that is no list")),
        }
    }

    pub(crate) fn collection(&self, resource: &ResourcePath) -> Url {
        let collections = &self.inner.collections;
        if let Some(url) = collections.read().unwrap_or_else(PoisonError::into_inner).get(resource) {
            return url.clone();
        }
        let mut url = self.inner.endpoints.data.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.extend([&*resource.schema, &*resource.name]);
        }
        collections.write().unwrap_or_else(PoisonError::into_inner).insert(resource.clone(), url.clone());
        url
    }

    fn item(&self, resource: &ResourcePath, id: &str) -> Url {
        let mut url = self.collection(resource);
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.push(id);
        }
        url
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("data_url", &display_url(self.data_url()))
            .field("version", &self.discovery().version)
            .field("statistics", &self.statistics())
            .finish_non_exhaustive()
    }
}

fn prepare(config: &ClientConfig) -> Result<reqwest::Client, TransportError> {
    endpoints::check(config)?;
    build(config)
}

async fn discover(http: &reqwest::Client, config: &ClientConfig) -> Result<(Discovery, Endpoints), TransportError> {
    const OPERATION: &str = "read the discovery document";
    let request = get(config.base_url.clone());
    let fetched = fetch(http, &request, OPERATION, &config.retry, FIRST_CONTACT_TRIES).await?;
    let discovery: Discovery = document(&request, OPERATION, &fetched, &config.retry)?;
    let endpoints = endpoints::resolve(config, &discovery)?;
    Ok((discovery, endpoints))
}

/// How many items there are in all, when the server says so.
pub(crate) fn total_count(headers: &HeaderMap) -> Option<u64> {
    headers.get("total-count")?.to_str().ok()?.trim().parse().ok()
}

/// The error of a query that no Ed-Fi API answered.
fn not_a_list(resource: &ResourcePath, address: &str, what: &str) -> ReadError {
    let message = format!("{address} answers a query with {what}");
    let error = TransportError::new(TransportErrorKind::NotAnApi, format!("GET {resource}"), message);
    ReadError::Stop(
        error.with_hint("check connection.url and any proxy: an Ed-Fi API answers a query with a list of records"),
    )
}

/// The error of a read by id that no Ed-Fi API answered.
fn not_an_item(resource: &ResourcePath, address: &str, what: &str) -> ReadError {
    let message = format!("{address} answers the read of one record with {what}");
    let error = TransportError::new(TransportErrorKind::NotAnApi, format!("GET {resource}"), message);
    ReadError::Stop(error.with_hint(
        "check the id, connection.url and any proxy: an Ed-Fi API answers a read by id with that record alone",
    ))
}

fn get(url: Url) -> Request {
    let mut request = Request::new(Method::GET, url);
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    request
}

/// An anonymous JSON document out of its answer.
fn document<T: serde::de::DeserializeOwned>(
    request: &Request,
    operation: &'static str,
    fetched: &Fetched,
    policy: &RetryPolicy,
) -> Result<T, TransportError> {
    match fetched.status {
        200 => serde_json::from_slice(&fetched.body).map_err(|_| not_an_api(request, operation, fetched)),
        408 | 429 | 500..=599 => Err(busy(&display_url(request.url()), operation, fetched, policy)),
        _ => Err(not_an_api(request, operation, fetched)),
    }
}
