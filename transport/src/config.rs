//! What a [`crate::Client`] is told: where the API is, who asks, and how patiently.

use std::fmt;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use secrecy::SecretString;
use url::Url;

use crate::endpoints;
use crate::endpoints::display_url;
use crate::error::TransportError;

/// Connection settings. Build with [`ClientConfig::new`] and change the fields that differ from the defaults.
///
/// `Debug` shows neither key nor secret, nor what a URL might carry beside origin and path.
#[derive(Clone)]
pub struct ClientConfig {
    /// The address of the discovery document, the API's root. Must not hold user information.
    pub base_url: Url,
    /// Overrides `urls.oauth` of the discovery document, which may name no other host than `base_url`'s.
    pub oauth_url: Option<Url>,
    /// Overrides `urls.dataManagementApi` of the discovery document, which may name no other host either.
    pub data_url: Option<Url>,
    /// School-year segment (`2026`) for a year-specific ODS: takes the place of the year at the end of the data URL,
    /// or is appended when there is none.
    pub route: Option<String>,
    /// The client key.
    pub key: SecretString,
    /// The client secret.
    pub secret: SecretString,
    /// Upper bound of requests in flight; at least 1. How many there are below it is found out during the run.
    /// Default [`ClientConfig::CONCURRENCY`].
    pub concurrency: usize,
    /// Most requests begun in a second, when the state says so. Default: no limit.
    pub requests_per_second: Option<u32>,
    /// Limit of one request from connecting to the last byte of the answer. Default 60 s.
    pub request_timeout: Duration,
    /// Limit of opening one connection, TLS included. Default 10 s.
    pub connect_timeout: Duration,
    /// When and how often a request is repeated.
    pub retry: RetryPolicy,
    /// Certificates (PEM) to trust besides the system's: of an API behind an authority of the state's or district's own.
    pub ca_certificates: Option<Vec<u8>>,
    /// Allows plain `http` to a host that is not this machine. Default `false`: the secret and student data would
    /// cross the network readable.
    pub allow_http: bool,
}

impl ClientConfig {
    /// The upper bound of requests in flight unless told.
    pub const CONCURRENCY: usize = 64;

    /// Settings for the API at `base_url`, everything else at its default.
    pub fn new(base_url: Url, key: SecretString, secret: SecretString) -> Self {
        Self {
            base_url,
            oauth_url: None,
            data_url: None,
            route: None,
            key,
            secret,
            concurrency: Self::CONCURRENCY,
            requests_per_second: None,
            request_timeout: Duration::from_mins(1),
            connect_timeout: Duration::from_secs(10),
            retry: RetryPolicy::default(),
            ca_certificates: None,
            allow_http: false,
        }
    }

    /// Checks the addresses, as far as that goes without asking anybody. [`Client::connect`](crate::Client::connect) does so
    /// too.
    pub fn check(&self) -> Result<(), TransportError> {
        endpoints::check(self)
    }
}

impl fmt::Debug for ClientConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientConfig")
            .field("base_url", &display_url(&self.base_url))
            .field("oauth_url", &self.oauth_url.as_ref().map(display_url))
            .field("data_url", &self.data_url.as_ref().map(display_url))
            .field("route", &self.route)
            .field("concurrency", &self.concurrency)
            .field("requests_per_second", &self.requests_per_second)
            .field("request_timeout", &self.request_timeout)
            .field("connect_timeout", &self.connect_timeout)
            .field("retry", &self.retry)
            .field("allow_http", &self.allow_http)
            .finish_non_exhaustive()
    }
}

/// One retry budget for a request: how many tries, and the waits between them. Tries that say nothing about the record
/// (the server was away, or asked to come back later) cost nothing of it; `outage` limits those.
#[derive(Debug, Clone, PartialEq)]
pub struct RetryPolicy {
    /// Tries in all, the first included; a repeat after a token renewal is not counted. Default 6.
    pub tries: u32,
    /// Tries for an answer that is probably final for this body: a 500, or a 409 key conflict. Default 3.
    pub repeat_tries: u32,
    /// Wait before the second try. Default 0.5 s.
    pub first_delay: Duration,
    /// Growth from one wait to the next. Default 2.
    pub factor: f32,
    /// Longest wait of the schedule (jitter not counted). Default 30 s.
    pub max_delay: Duration,
    /// Adds up to one more of the wait at random, so that workers that failed together do not return together.
    /// Default `true`.
    pub jitter: bool,
    /// Longest `Retry-After` that is waited for, as far as `outage` allows. One is never cut short, as that would ask before
    /// the server wants it: a longer one ends the run. Default 24 h, so that `outage` decides.
    pub max_retry_after: Duration,
    /// Longest time that a server may be away, or may let nothing through, before the run stops. Default 10 min.
    pub outage: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            tries: 6,
            repeat_tries: 3,
            first_delay: Duration::from_millis(500),
            factor: 2.0,
            max_delay: Duration::from_secs(30),
            jitter: true,
            max_retry_after: Duration::from_hours(24),
            outage: Duration::from_mins(10),
        }
    }
}

impl RetryPolicy {
    /// Whether to wait as long as a server asks, after nothing has gone through for `troubled` already.
    pub(crate) fn may_wait(&self, wait: Duration, troubled: Duration) -> bool {
        wait <= self.max_retry_after && troubled.saturating_add(wait) <= self.outage
    }

    /// The waits, one for each repeat; endless, since the number of tries is [`crate::decide`]'s matter.
    pub(crate) fn delays(&self) -> ExponentialBackoff {
        let schedule = ExponentialBuilder::new()
            .with_min_delay(self.first_delay)
            .with_factor(self.factor.max(1.0))
            .with_max_delay(self.max_delay.max(self.first_delay))
            .without_max_times();
        if self.jitter { schedule.with_jitter().build() } else { schedule.build() }
    }
}
