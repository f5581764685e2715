//! Access tokens.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The tokens that are good.
pub(crate) struct Tokens {
    lifetime: Duration,
    tokens: Mutex<HashMap<String, Token>>,
}

struct Token {
    /// Index of the API key.
    key: usize,
    expires: Instant,
    requests: u64,
}

impl Tokens {
    pub(crate) fn new(lifetime: Duration) -> Self {
        Self { lifetime, tokens: Mutex::new(HashMap::new()) }
    }

    pub(super) fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// A new token for an API key; none when it has `most` good ones already.
    pub(super) fn issue(&self, key: usize, most: Option<usize>) -> Option<String> {
        let token = uuid::Uuid::new_v4().simple().to_string();
        let now = Instant::now();
        let mut tokens = self.lock();
        tokens.retain(|_, token| token.expires > now);
        if most.is_some_and(|most| tokens.values().filter(|token| token.key == key).count() >= most) {
            return None;
        }
        tokens.insert(token.clone(), Token { key, expires: now + self.lifetime, requests: 0 });
        Some(token)
    }

    /// The API key of a good token, without counting a request.
    pub(super) fn owner(&self, token: &str) -> Option<usize> {
        self.lock().get(token).filter(|token| token.expires > Instant::now()).map(|token| token.key)
    }

    /// The API key of a good token, for a request; the token ends after `most` requests.
    pub(super) fn take(&self, token: &str, most: Option<u64>) -> Option<usize> {
        let mut tokens = self.lock();
        let entry = tokens.get_mut(token)?;
        entry.requests += 1;
        if entry.expires <= Instant::now() || most.is_some_and(|most| entry.requests > most) {
            tokens.remove(token);
            return None;
        }
        Some(entry.key)
    }

    /// Ends all tokens.
    pub(crate) fn expire(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Token>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
