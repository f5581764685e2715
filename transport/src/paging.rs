//! Reading a whole resource, page by page.
//!
//! Servers from 7.3 on hand out a token with each page, so that a page costs the same wherever it stands; older ones
//! count from the start (`offset`), and may pass over or repeat an item when others write meanwhile.

use std::collections::HashSet;

use reqwest::header::HeaderMap;
use url::Url;

use crate::client::{Client, total_count};
use crate::endpoints::display_url;
use crate::error::{TransportError, TransportErrorKind};
use crate::outcome::{ReadError, RefusalClass};
use crate::resource::{ResourcePath, Stored};

/// Items to ask for at a time; the first is what servers allow unless their state has lowered it.
const LIMITS: [u32; 3] = [500, 100, 25];

/// The first version that pages by token.
const TOKENS_SINCE: (u64, u64) = (7, 3);

/// The pages of a query, in order.
#[derive(Debug)]
pub struct Pages<'c> {
    client: &'c Client,
    resource: ResourcePath,
    collection: Url,
    next: Option<Place>,
    /// Which of [`LIMITS`] the server takes.
    limit: usize,
    read: Read,
}

/// What the pages so far held, as far as it tells whether a server goes on for ever.
#[derive(Debug, Default)]
struct Read {
    rows: u64,
    /// The most that the server said there are.
    total: Option<u64>,
    tokens: HashSet<String>,
    /// The ids of the page before.
    ids: HashSet<String>,
}

impl Read {
    /// Notes a page that is not empty; what is wrong with it, if it leads nowhere.
    fn note(&mut self, headers: &HeaderMap, rows: &[Stored]) -> Result<(), &'static str> {
        let before = std::mem::replace(&mut self.ids, rows.iter().map(|row| row.id.clone()).collect());
        // One or two may come again when others write meanwhile, and be all of a last page.
        if !before.is_empty() && rows.len() >= before.len() && self.ids.is_subset(&before) {
            return Err("answers with the same page again and again");
        }
        self.rows += rows.len() as u64;
        self.total = self.total.max(total_count(headers));
        if self.total.is_some_and(|total| self.rows > total) {
            return Err("answers with more records than it says there are");
        }
        match next_token(headers) {
            Some(token) if !self.tokens.insert(token.to_owned()) => Err("gives the same page token twice"),
            _ => Ok(()),
        }
    }
}

fn next_token(headers: &HeaderMap) -> Option<&str> {
    headers.get("next-page-token")?.to_str().ok()
}

#[derive(Debug)]
enum Place {
    /// The first page of a server that pages by token.
    First,
    Token(String),
    Offset(u64),
}

impl Client {
    /// The pages of a query. Servers pass over parameters that they do not know, so the caller must compare the rows
    /// with what it asked for.
    pub fn pages(&self, resource: &ResourcePath, query: &[(String, String)]) -> Pages<'_> {
        let mut collection = self.collection(resource);
        if !query.is_empty() {
            collection.query_pairs_mut().extend_pairs(query);
        }
        let tokens = version(&self.discovery().version).is_some_and(|version| version >= TOKENS_SINCE);
        let next = Some(if tokens { Place::First } else { Place::Offset(0) });
        Pages { client: self, resource: resource.clone(), collection, next, limit: 0, read: Read::default() }
    }
}

impl Pages<'_> {
    /// The next page; none after the last. A server whose pages lead nowhere is an error.
    pub async fn next(&mut self) -> Result<Option<Vec<Stored>>, ReadError> {
        loop {
            let Some(place) = &self.next else { return Ok(None) };
            let limit = LIMITS[self.limit];
            let mut url = self.collection.clone();
            match place {
                Place::First => {}
                Place::Token(token) => {
                    url.query_pairs_mut().append_pair("pageToken", token).append_pair("pageSize", &limit.to_string());
                }
                Place::Offset(offset) => {
                    let (offset, limit) = (offset.to_string(), limit.to_string());
                    url.query_pairs_mut().append_pair("offset", &offset).append_pair("limit", &limit);
                }
            }
            let (headers, rows) = match self.client.query(&self.resource, url).await {
                // ods-behaviour 11: "a state may lower it: on 400 fall back to 100/25".
                Err(ReadError::Refused(refused))
                    if refused.status == 400
                        && refused.class == RefusalClass::Other
                        && self.limit + 1 < LIMITS.len() =>
                {
                    self.limit += 1;
                    continue;
                }
                answered => answered?,
            };
            if rows.is_empty() {
                self.next = None;
                return Ok(None);
            }
            self.next = match place {
                Place::Offset(offset) => Some(Place::Offset(offset + rows.len() as u64)),
                Place::First | Place::Token(_) => next_token(&headers).map(|token| Place::Token(token.to_owned())),
            };
            self.read.note(&headers, &rows).map_err(|what| self.endless(what))?;
            return Ok(Some(rows));
        }
    }

    fn endless(&self, what: &str) -> ReadError {
        let message = format!("{} {what}", display_url(&self.collection));
        let error = TransportError::new(TransportErrorKind::NotAnApi, format!("GET {}", self.resource), message);
        ReadError::Stop(error.with_hint(
            "the pages of a query have to come to an end: try again, and check connection.url and any proxy or cache",
        ))
    }
}

/// Major and minor version: `7.3` of `7.3.1`.
fn version(text: &str) -> Option<(u64, u64)> {
    let mut parts = text.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next().flatten().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        assert_eq!(version("7.3"), Some((7, 3)));
        assert_eq!(version("7.10.2"), Some((7, 10)));
        assert!(version("7.10").unwrap() > TOKENS_SINCE);
        assert_eq!(version("6"), Some((6, 0)));
        assert_eq!(version("v6"), None);
    }
}
