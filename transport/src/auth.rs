//! Tokens: one for all workers, fetched when needed and no oftener.

use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Body, Client, Method, Request};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;
use url::Url;
use zeroize::Zeroizing;

use crate::answer::Shape;
use crate::config::RetryPolicy;
use crate::endpoints::display_url;
use crate::error::{TransportError, TransportErrorKind};
use crate::http::{FIRST_CONTACT_TRIES, Fetched, fetch};
use crate::trouble::{busy, not_an_api};

const OPERATION: &str = "fetch a token";
/// What is shorter stands in a text by chance, and is no secret.
const SHORTEST_SECRET: usize = 6;
/// What a server grants that does not say: the ODS/API's default of 30 minutes.
const DEFAULT_EXPIRY: Duration = Duration::from_mins(30);

/// A session with an API: hands out the token to send, and another when the API refuses it.
#[async_trait]
pub trait TokenSource: Send + Sync + fmt::Debug {
    /// The current token when it needs no renewal; answers at once. The way almost every request takes.
    fn current(&self) -> Option<Token>;

    /// A token that is good now, fetched if need be.
    async fn token(&self) -> Result<Token, TransportError>;

    /// A token other than `stale`, which the API refused. However many callers hold the same stale token, one fetches.
    async fn renew(&self, stale: &Token) -> Result<Token, TransportError>;

    /// Tokens fetched so far.
    fn fetched(&self) -> u64;
}

/// A bearer token as the header to send it in. Cheap to clone; `Debug` does not show it.
#[derive(Clone)]
pub struct Token {
    header: HeaderValue,
    /// Tells tokens of one source apart, even if a server hands out the same text again.
    serial: u64,
    renew_at: Instant,
}

impl Token {
    /// A token that is to be renewed after 90 % of `expires_in`; `None` if `text` cannot stand in a header.
    pub fn new(text: &SecretString, serial: u64, expires_in: Duration) -> Option<Self> {
        let text = Zeroizing::new(format!("Bearer {}", text.expose_secret()));
        let mut header = HeaderValue::try_from(text.as_str()).ok()?;
        header.set_sensitive(true);
        // A server that grants less than a second would have us fetch a token for every request.
        let life = expires_in.max(Duration::from_secs(1)).mul_f64(0.9);
        let now = Instant::now();
        Some(Self { header, serial, renew_at: now.checked_add(life).unwrap_or(now + DEFAULT_EXPIRY) })
    }

    /// The `Authorization` header, marked sensitive.
    pub const fn header(&self) -> &HeaderValue {
        &self.header
    }

    /// A body in which the token does not stand: some proxies' error pages show the headers of the request.
    pub(crate) fn hidden_in<'b>(&self, body: &'b [u8]) -> Cow<'b, [u8]> {
        let text = self.header.as_bytes().strip_prefix(b"Bearer ").unwrap_or_default();
        let shows = |bytes: &[u8]| text.len() >= SHORTEST_SECRET && bytes.starts_with(text);
        let Some(first) = (0..body.len()).find(|at| shows(&body[*at..])) else { return Cow::Borrowed(body) };
        let (mut hidden, mut rest) = (body[..first].to_vec(), &body[first..]);
        while let Some((byte, behind)) = rest.split_first() {
            if shows(rest) {
                hidden.extend(b"(token)");
                rest = &rest[text.len()..];
            } else {
                hidden.push(*byte);
                rest = behind;
            }
        }
        Cow::Owned(hidden)
    }

    pub(crate) const fn serial(&self) -> u64 {
        self.serial
    }

    fn is_fresh(&self) -> bool {
        Instant::now() < self.renew_at
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("serial", &self.serial).finish_non_exhaustive()
    }
}

/// OAuth client credentials: one POST with the key and secret as Basic authentication.
pub struct ClientCredentials {
    http: Client,
    url: Url,
    key: SecretString,
    secret: SecretString,
    retry: RetryPolicy,
    current: RwLock<Option<Token>>,
    /// Held while a token is fetched. Holds the last failure, for those who waited for it.
    exchange: Mutex<Option<TransportError>>,
    /// How many fetches failed: tells a caller whether one failed while it waited.
    failures: AtomicU64,
    fetched: AtomicU64,
}

impl ClientCredentials {
    pub(crate) fn new(http: Client, url: Url, key: SecretString, secret: SecretString, retry: RetryPolicy) -> Self {
        Self {
            http,
            url,
            key,
            secret,
            retry,
            current: RwLock::new(None),
            exchange: Mutex::new(None),
            failures: AtomicU64::new(0),
            fetched: AtomicU64::new(0),
        }
    }

    fn stored(&self) -> Option<Token> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Fetches a token unless another caller did, or failed to, while this one waited. `good` says whether a stored token will do.
    async fn exchange(&self, good: impl Fn(&Token) -> bool) -> Result<Token, TransportError> {
        let failures_before = self.failures.load(Ordering::Acquire);
        let mut last_failure = self.exchange.lock().await;
        if let Some(token) = self.stored().filter(&good) {
            return Ok(token);
        }
        if let Some(error) = last_failure.as_ref() {
            let failed_meanwhile = self.failures.load(Ordering::Acquire) != failures_before;
            // A key that was refused stays refused; asking again can lock the client out.
            if failed_meanwhile || error.kind() == TransportErrorKind::Credentials {
                return Err(error.clone());
            }
        }
        match self.fetch().await {
            Ok(token) => {
                *last_failure = None;
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
                Ok(token)
            }
            Err(error) => {
                *last_failure = Some(error.clone());
                self.failures.fetch_add(1, Ordering::Release);
                Err(error)
            }
        }
    }

    async fn fetch(&self) -> Result<Token, TransportError> {
        let request = self.request()?;
        let first = self.fetched.load(Ordering::Relaxed) == 0;
        let unreachable_tries = if first { FIRST_CONTACT_TRIES } else { self.retry.tries };
        let fetched = fetch(&self.http, &request, OPERATION, &self.retry, unreachable_tries).await?;
        if fetched.status != 200 {
            return Err(self.refusal(&request, &fetched));
        }
        let serial = self.fetched.load(Ordering::Relaxed) + 1;
        let token = parse_token(&fetched.body, serial).ok_or_else(|| not_an_api(&request, OPERATION, &fetched))?;
        self.fetched.store(serial, Ordering::Relaxed);
        tracing::debug!(tokens = serial, "token fetched");
        Ok(token)
    }

    fn request(&self) -> Result<Request, TransportError> {
        let pair = Zeroizing::new(format!("{}:{}", self.key.expose_secret(), self.secret.expose_secret()));
        let text = Zeroizing::new(format!("Basic {}", *Zeroizing::new(BASE64_STANDARD.encode(&*pair))));
        // The header itself lives as long as the request.
        let mut basic = HeaderValue::try_from(text.as_str()).map_err(|_| {
            TransportError::new(TransportErrorKind::Configuration, OPERATION, "the key or secret cannot be sent")
        })?;
        basic.set_sensitive(true);
        let mut request = Request::new(Method::POST, self.url.clone());
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, basic);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        *request.body_mut() = Some(Body::from("grant_type=client_credentials"));
        Ok(request)
    }

    /// The error for a token endpoint's no.
    fn refusal(&self, request: &Request, fetched: &Fetched) -> TransportError {
        let answer = fetched.answer();
        let status = fetched.status;
        let address = display_url(&self.url);
        let code = oauth_error(&fetched.body);
        let error = |kind, message| TransportError::new(kind, OPERATION, message);
        if answer.urn_has("too-many-tokens") {
            return error(TransportErrorKind::Unavailable, format!("{address} has given out its limit of tokens"))
                .with_hint(
                    "other programs use the same key: wait until their tokens expire, or ask for a key of its own",
                );
        }
        match status {
            400 | 401 | 403 if !matches!(answer.shape, Shape::WebPage | Shape::Text) => {
                let code = code.map_or_else(String::new, |code| format!(", {code}"));
                let message = format!("{address} refused the key or secret (status {status}{code})");
                error(TransportErrorKind::Credentials, message).with_hint(
                    "check the key and the secret (the variables ROLLCALL_KEY and ROLLCALL_SECRET, or what [connection] \
                     names), and that the key is for this address and school year",
                )
            }
            408 | 429 | 500..=599 => busy(&address, OPERATION, fetched, &self.retry),
            _ => not_an_api(request, OPERATION, fetched),
        }
    }
}

#[async_trait]
impl TokenSource for ClientCredentials {
    fn current(&self) -> Option<Token> {
        self.stored().filter(Token::is_fresh)
    }

    async fn token(&self) -> Result<Token, TransportError> {
        match self.current() {
            Some(token) => Ok(token),
            None => self.exchange(Token::is_fresh).await,
        }
    }

    async fn renew(&self, stale: &Token) -> Result<Token, TransportError> {
        self.exchange(|token| token.serial != stale.serial && token.is_fresh()).await
    }

    fn fetched(&self) -> u64 {
        self.fetched.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCredentials").field("url", &display_url(&self.url)).finish_non_exhaustive()
    }
}

/// What a token endpoint grants. Read straight into a secret, so that no other copy of the token is made.
#[derive(Deserialize)]
struct Grant {
    access_token: SecretString,
    #[serde(default)]
    expires_in: Value,
}

fn parse_token(body: &[u8], serial: u64) -> Option<Token> {
    let grant: Grant = serde_json::from_slice(body).ok()?;
    if grant.access_token.expose_secret().is_empty() {
        return None;
    }
    let expires_in = match &grant.expires_in {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    };
    Token::new(&grant.access_token, serial, expires_in.map_or(DEFAULT_EXPIRY, Duration::from_secs))
}

/// The OAuth error code (`invalid_client`), if it looks like one: only then is it safe to show.
fn oauth_error(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let code = value.get("error")?.as_str()?;
    let plain = code.len() <= 40 && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    plain.then(|| code.to_owned())
}
