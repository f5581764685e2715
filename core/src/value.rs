//! The body of a record: a small JSON tree that borrows its texts from the SIS tables.
//!
//! `serde_json::Value` owns every name and every text; with a million rosters that is most of the cost of a plan. A
//! [`Value`] borrows where it can, keeps dates and decimals as what they are, and keeps the order of its members.
//!
//! Bodies hold student data, so neither `Debug` shows a value.

mod from;
mod json;
mod serde;

use std::borrow::Cow;
use std::fmt;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::sources::{SourceText as _, plain_date};

/// One JSON value.
#[derive(Clone, PartialEq)]
pub enum Value<'a> {
    /// JSON `null`; a rule never writes one, a request to the sandbox may.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number (ids, years, counts).
    Integer(i64),
    /// A number with decimals (credits, days).
    Decimal(Decimal),
    /// A calendar date, written `yyyy-MM-dd`.
    Date(NaiveDate),
    /// Any text, descriptor URIs included.
    Text(Cow<'a, str>),
    /// A collection.
    Array(Vec<Value<'a>>),
    /// A reference, an item of a collection, an embedded object or an extension.
    Object(Object<'a>),
}

/// A JSON object: members in the order in which they were written.
#[derive(Clone, Default, PartialEq)]
pub struct Object<'a> {
    members: Vec<(Cow<'a, str>, Value<'a>)>,
}

impl<'a> Object<'a> {
    /// An empty object.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty object with room for some members.
    pub fn with_capacity(members: usize) -> Self {
        Self { members: Vec::with_capacity(members) }
    }

    /// Adds a member. The caller does not add a name twice.
    #[must_use]
    pub fn with(mut self, name: &'a str, value: impl Into<Value<'a>>) -> Self {
        self.push(name, value);
        self
    }

    /// Adds a member when there is a value; an absent optional element is left out of the body, never sent as null.
    #[must_use]
    pub fn with_some(self, name: &'a str, value: Option<impl Into<Value<'a>>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Adds a member in place.
    pub fn push(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Value<'a>>) {
        self.members.push((name.into(), value.into()));
    }

    /// The value of a member.
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.members.iter().find(|(n, _)| n == name).map(|(_, value)| value)
    }

    /// The value of a member, to change it.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value<'a>> {
        self.members.iter_mut().find(|(n, _)| n == name).map(|(_, value)| value)
    }

    /// Takes a member out.
    pub fn remove(&mut self, name: &str) -> Option<Value<'a>> {
        let at = self.members.iter().position(|(n, _)| n == name)?;
        Some(self.members.remove(at).1)
    }

    /// The members in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value<'a>)> {
        self.members.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// Number of members.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The value at a dotted path of members, e.g. `sectionReference.schoolId`.
    pub fn at(&self, path: &str) -> Option<&Value<'a>> {
        // Member by member rather than by looking for the dots: keys are read so, a million times.
        for (name, value) in &self.members {
            let whole = || !name.as_bytes().contains(&b'.');
            match path.as_bytes().get(name.len()) {
                None if path == name && whole() => return Some(value),
                Some(b'.') if path.starts_with(name.as_ref()) && whole() => {
                    return value.as_object().and_then(|object| object.at(&path[name.len() + 1..]));
                }
                _ => {}
            }
        }
        None
    }

    /// A copy that borrows nothing.
    pub fn into_owned(self) -> Object<'static> {
        let members = self.members.into_iter();
        Object { members: members.map(|(n, v)| (Cow::Owned(n.into_owned()), v.into_owned())).collect() }
    }
}

impl<'a> IntoIterator for Object<'a> {
    type Item = (Cow<'a, str>, Value<'a>);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.into_iter()
    }
}

impl<'a> FromIterator<(Cow<'a, str>, Value<'a>)> for Object<'a> {
    fn from_iter<I: IntoIterator<Item = (Cow<'a, str>, Value<'a>)>>(iter: I) -> Self {
        Self { members: iter.into_iter().collect() }
    }
}

impl<'a> Value<'a> {
    /// The text of a text value.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number of a whole-number value.
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// The object of an object value.
    pub fn as_object(&self) -> Option<&Object<'a>> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The items of an array value.
    pub fn as_array(&self) -> Option<&[Value<'a>]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The value as it appears in a natural key: text without quotes, dates as `yyyy-MM-dd`.
    pub fn key_text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Integer(number) => Cow::Owned(number.to_string()),
            Self::Decimal(number) => Cow::Owned(number.to_string()),
            Self::Date(date) => Cow::Owned(date.to_string()),
            Self::Bool(flag) => Cow::Borrowed(if *flag { "true" } else { "false" }),
            Self::Null | Self::Array(_) | Self::Object(_) => Cow::Borrowed(""),
        }
    }

    /// Appends the value as it appears in a natural key.
    pub(crate) fn push_key_text(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Integer(number) => number.feed(bytes),
            Self::Date(date) => match plain_date(*date) {
                Some(text) => bytes.extend_from_slice(&text),
                None => bytes.extend_from_slice(date.to_string().as_bytes()),
            },
            other => bytes.extend_from_slice(other.key_text().as_bytes()),
        }
    }

    /// A copy that borrows nothing.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(flag) => Value::Bool(flag),
            Self::Integer(number) => Value::Integer(number),
            Self::Decimal(number) => Value::Decimal(number),
            Self::Date(date) => Value::Date(date),
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::Array(items) => Value::Array(items.into_iter().map(Value::into_owned).collect()),
            Self::Object(object) => Value::Object(object.into_owned()),
        }
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Array(items) => write!(f, "[{} items]", items.len()),
            Self::Object(object) => object.fmt(f),
            _ => f.write_str("<value>"),
        }
    }
}

impl fmt::Debug for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.members.iter().map(|(name, value)| (name, value))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Object<'static> {
        Object::new()
            .with("beginDate", NaiveDate::from_ymd_opt(2025, 8, 14).unwrap())
            .with("sectionReference", Object::new().with("schoolId", 255_901_001_i64))
            .with("days", Decimal::new(125, 1))
            .with("names", vec![Value::from("a")])
            .with_some("absent", None::<bool>)
    }

    #[test]
    fn writes_json_in_order_with_plain_dates_and_numbers() {
        let json = String::from_utf8(sample().to_json()).unwrap();
        assert_eq!(
            json,
            r#"{"beginDate":"2025-08-14","sectionReference":{"schoolId":255901001},"days":12.5,"names":["a"]}"#
        );
    }

    #[test]
    fn reads_back_what_it_wrote() {
        let read: Object<'static> = serde_json::from_slice(&sample().to_json()).unwrap();
        assert_eq!(read.at("sectionReference.schoolId"), Some(&Value::Integer(255_901_001)));
        assert_eq!(read.to_json(), sample().to_json());
    }

    #[test]
    fn a_path_leads_through_members_and_not_through_dots_in_names() {
        let body = sample().with("a.b", 1).with("sectionReference.x", Object::new().with("schoolId", 2));
        for path in
            ["a.b", "a", "sectionReference.x", "sectionReference.x.schoolId", "sectionReference.", "days.x", "da", ""]
        {
            assert_eq!(body.at(path), None, "{path}");
        }
        assert_eq!(body.at("sectionReference.schoolId"), Some(&Value::Integer(255_901_001)));
        assert_eq!(body.at("beginDate"), body.get("beginDate"));
    }

    #[test]
    fn debug_shows_names_but_no_values() {
        let text = format!("{:?}", Object::new().with("lastSurname", "Dyer"));
        assert!(text.contains("lastSurname") && !text.contains("Dyer"), "{text}");
    }
}
