//! A resource's place below the data URL, and items read from it.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::location::is_id;

/// The path of a resource below the data URL: `ed-fi/students`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourcePath {
    /// The schema's URL segment: `ed-fi`, or an extension's.
    pub schema: Cow<'static, str>,
    /// The camel-case plural name: `students`.
    pub name: Cow<'static, str>,
}

impl ResourcePath {
    /// A path known at compile time.
    pub const fn new(schema: &'static str, name: &'static str) -> Self {
        Self { schema: Cow::Borrowed(schema), name: Cow::Borrowed(name) }
    }

    /// A resource of the data standard itself.
    pub const fn ed_fi(name: &'static str) -> Self {
        Self::new("ed-fi", name)
    }
}

impl fmt::Display for ResourcePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.schema, self.name)
    }
}

/// A text is not `schema/name`, with or without a leading slash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a resource path has the form schema/name, as in ed-fi/students")]
pub struct ParseResourcePathError;

impl FromStr for ResourcePath {
    type Err = ParseResourcePathError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim_start_matches('/').split_once('/') {
            Some((schema, name)) if !schema.is_empty() && !name.is_empty() && !name.contains('/') => {
                Ok(Self { schema: Cow::Owned(schema.to_owned()), name: Cow::Owned(name.to_owned()) })
            }
            _ => Err(ParseResourcePathError),
        }
    }
}

/// An item as the ODS holds it. `Debug` leaves the body out: it is student data.
#[derive(Clone, PartialEq)]
pub struct Stored {
    /// The ODS's id of the item, as it spells it.
    pub id: String,
    /// The `_etag` member.
    pub etag: Option<String>,
    /// The whole item, `id`, `_etag` and links included.
    pub body: serde_json::Value,
}

impl Stored {
    /// An item out of its JSON; none when it has no id by which to name it.
    pub(crate) fn from_row(body: serde_json::Value) -> Option<Self> {
        let member = |name: &str| body.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
        Some(Self { id: member("id").filter(|id| is_id(id))?, etag: member("_etag"), body })
    }
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stored").field("id", &self.id).field("etag", &self.etag).finish_non_exhaustive()
    }
}

/// One page of a resource's items.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The items, in the server's order; fewer than asked for on the last page.
    pub rows: Vec<Stored>,
    /// The `Total-Count` header: items in all that the caller may see.
    pub total: Option<u64>,
}
