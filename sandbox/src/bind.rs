//! Model binding: a request's JSON becomes a body of the resource's shape.
//!
//! As the servers do it: member names in any case, unknown members dropped without a word, texts taken for numbers, nulls
//! and empty collections left out, members in the model's order. What is bound compares by its bytes.

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime};
use rollcall_core::model::{Class, Kind, Property, Reference, ViolationKind};
use rollcall_core::value::{Object, Value};
use rust_decimal::{Decimal, RoundingStrategy};

use crate::api::names::{self, Path};
use crate::api::problem::Problem;
use crate::catalog::{Resource, visit, visit_mut};
use crate::config::ApiVersion;

/// Binds a request's body to its resource.
///
/// Errors: members of another type, and keys that must agree and do not; if `strict`, members that the model does not
/// have.
pub(crate) fn bind(
    resource: &Resource,
    body: Object<'static>,
    version: ApiVersion,
    strict: bool,
) -> Result<Object<'static>, Problem> {
    let mut binder = Binder { version, strict, errors: Vec::new() };
    let mut bound = binder.object(&resource.model.class, body, &Path::Root, &resource.extensions);
    if !binder.errors.is_empty() {
        return Err(Problem::NotBindable(binder.errors));
    }
    unify_with_root(resource, &mut bound)?;
    if version == ApiVersion::V6 {
        drop_partial_references(resource, &mut bound);
    }
    compare_unified(resource, &bound)?;
    Ok(bound)
}

struct Binder {
    version: ApiVersion,
    strict: bool,
    /// Dotted path and text of each member that cannot be bound.
    errors: Vec<(String, String)>,
}

/// Members that a server adds to every record.
const ADDED_TO_ROOT: [&str; 3] = ["id", "_etag", "_lastModifiedDate"];

type Members = Vec<(Cow<'static, str>, Value<'static>)>;

impl Binder {
    fn object(
        &mut self,
        class: &Class,
        object: Object<'static>,
        at: &Path<'_>,
        extensions: &[(String, Class)],
    ) -> Object<'static> {
        let mut input: Members = object.into_iter().filter(|(_, value)| *value != Value::Null).collect();
        let mut bound = Object::new();
        for reference in &class.references {
            if let Some((name, value)) = take(&mut input, &reference.name)
                && let Some(value) = self.reference(reference, value, &at.member(&reference.name))
            {
                bound.push(name, value);
            }
        }
        let (key, others): (Vec<_>, Vec<_>) = class.properties.iter().partition(|property| property.identity);
        for property in key.into_iter().chain(others) {
            if let Some((name, value)) = take(&mut input, &property.name) {
                if let Some(value) = self.property(property, value, &at.member(&property.name)) {
                    bound.push(name, value);
                }
            } else if let Some(value) = self.default_of(property) {
                bound.push(property.name.clone(), value);
            }
        }
        for embedded in &class.objects {
            if let Some((name, value)) = take(&mut input, &embedded.name) {
                let at = at.member(&embedded.name);
                if let Some(value) = self.as_object(value, &at) {
                    bound.push(name, self.object(&embedded.class, value, &at, &[]));
                }
            }
        }
        for collection in &class.collections {
            if let Some((name, value)) = take(&mut input, &collection.name) {
                let items = self.collection(&collection.class, value, &at.member(&collection.name));
                if !items.is_empty() {
                    bound.push(name, items);
                }
            }
        }
        if !extensions.is_empty()
            && let Some((name, value)) = take(&mut input, "_ext")
        {
            let extension = self.extensions(extensions, value, &at.member("_ext"));
            if !extension.is_empty() {
                bound.push(name, extension);
            }
        }
        self.refuse_unknown(&input, at);
        bound
    }

    /// What a server adds to what it gives is no mistake of a client that sends it back.
    fn refuse_unknown(&mut self, left: &Members, at: &Path<'_>) {
        if !self.strict {
            return;
        }
        for (name, _) in left {
            let added = match at {
                Path::Root => ADDED_TO_ROOT.contains(&&**name) || name.ends_with("DescriptorId"),
                _ => name == "link",
            };
            if !added {
                self.error(&at.member(name), format!("'{name}' {}.", ViolationKind::Unknown));
            }
        }
    }

    fn extensions(&mut self, known: &[(String, Class)], value: Value<'static>, at: &Path<'_>) -> Object<'static> {
        let mut bound = Object::new();
        let Some(object) = self.as_object(value, at) else { return bound };
        let mut input: Members = object.into_iter().collect();
        for (key, class) in known {
            let Some((name, value)) = take(&mut input, key) else { continue };
            let at = at.member(key);
            let Some(value) = self.as_object(value, &at) else { continue };
            let value = self.object(class, value, &at, &[]);
            // An extension with plain members has a row of its own, even if they are all empty.
            if !value.is_empty() || !class.properties.is_empty() {
                bound.push(name, value);
            }
        }
        self.refuse_unknown(&input, at);
        bound
    }

    fn reference(&mut self, reference: &Reference, value: Value<'static>, at: &Path<'_>) -> Option<Value<'static>> {
        let mut input: Members =
            self.as_object(value, at)?.into_iter().filter(|(_, value)| *value != Value::Null).collect();
        let mut bound = Object::new();
        for property in &reference.properties {
            if let Some((name, value)) = take(&mut input, &property.name)
                && let Some(value) = self.property(property, value, &at.member(&property.name))
            {
                bound.push(name, value);
            }
        }
        self.refuse_unknown(&input, at);
        (!bound.is_empty()).then_some(Value::Object(bound))
    }

    fn collection(&mut self, class: &Class, value: Value<'static>, at: &Path<'_>) -> Vec<Value<'static>> {
        let Value::Array(items) = value else {
            self.error(at, "The JSON value could not be converted to a list.".to_owned());
            return Vec::new();
        };
        let mut bound = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            let at = Path::Item(at, index);
            if let Some(item) = self.as_object(item, &at) {
                bound.push(Value::Object(self.object(class, item, &at, &[])));
            }
        }
        bound
    }

    fn as_object(&mut self, value: Value<'static>, at: &Path<'_>) -> Option<Object<'static>> {
        if let Value::Object(object) = value {
            return Some(object);
        }
        self.error(at, "The JSON value could not be converted to an object.".to_owned());
        None
    }

    fn property(&mut self, property: &Property, value: Value<'static>, at: &Path<'_>) -> Option<Value<'static>> {
        match convert(property, value) {
            Ok(value) => Some(value),
            Err(text) => {
                self.error(at, text);
                None
            }
        }
    }

    /// Version 6 takes a missing boolean or decimal for its default, required or not.
    fn default_of(&self, property: &Property) -> Option<Value<'static>> {
        match property.kind {
            Kind::Boolean if property.required && self.version == ApiVersion::V6 => Some(Value::Bool(false)),
            Kind::Decimal if property.required && self.version == ApiVersion::V6 => Some(Value::Integer(0)),
            _ => None,
        }
    }

    fn error(&mut self, at: &Path<'_>, text: String) {
        self.errors.push((at.to_string(), text));
    }
}

/// A value in the form in which it is stored.
///
/// Errors: what the server says about a value of another type.
pub(crate) fn convert(property: &Property, value: Value<'static>) -> Result<Value<'static>, String> {
    let wrong = |kind: &str| Err(format!("The JSON value could not be converted to {kind}."));
    match (property.kind, value) {
        (_, Value::Object(_) | Value::Array(_)) => wrong(property.kind.name()),
        (Kind::Datetime, Value::Text(text)) if !is_datetime(&text) => {
            Err("String was not recognized as a valid DateTime.".to_owned())
        }
        (Kind::String | Kind::Descriptor | Kind::Datetime, value @ Value::Text(_))
        | (Kind::Boolean, value @ Value::Bool(_)) => Ok(value),
        (Kind::String, value) => Ok(Value::Text(Cow::Owned(value.key_text().into_owned()))),
        (Kind::Date, Value::Date(date)) => Ok(Value::from(date.to_string())),
        (Kind::Date, Value::Text(text)) => match NaiveDate::parse_from_str(&text, "%Y-%m-%d") {
            // Most dates come as they are stored.
            Ok(_) if text.len() == 10 => Ok(Value::Text(text)),
            Ok(date) => Ok(Value::from(date.to_string())),
            Err(_) => Err("String was not recognized as a valid date.".to_owned()),
        },
        (Kind::Time, Value::Text(text)) => match time(&text) {
            Some(time) => Ok(Value::from(time.format("%H:%M:%S").to_string())),
            None => Err("String was not recognized as a valid time.".to_owned()),
        },
        (Kind::Boolean, Value::Integer(number @ (0 | 1))) => Ok(Value::Bool(number == 1)),
        (Kind::Boolean, Value::Text(text)) => match text.to_ascii_lowercase().as_str() {
            "true" | "1" => Ok(Value::Bool(true)),
            "false" | "0" => Ok(Value::Bool(false)),
            _ => wrong("boolean"),
        },
        (Kind::Integer, Value::Integer(number)) => integer(property, number),
        (Kind::Integer, Value::Text(text)) => match text.trim().parse() {
            Ok(number) => integer(property, number),
            Err(_) => wrong("integer"),
        },
        (Kind::Decimal, Value::Integer(number)) => Ok(Value::Integer(number)),
        (Kind::Decimal, Value::Decimal(number)) => Ok(decimal(property, number)),
        (Kind::Decimal, Value::Text(text)) => match text.trim().parse() {
            Ok(number) => Ok(decimal(property, number)),
            Err(_) => wrong("decimal"),
        },
        (kind, _) => wrong(kind.name()),
    }
}

/// A time of day; one with an offset counts in UTC.
fn time(text: &str) -> Option<NaiveTime> {
    let plain =
        |text: &str| ["%H:%M:%S%.f", "%H:%M"].iter().find_map(|format| NaiveTime::parse_from_str(text, format).ok());
    if let Some(time) = plain(text) {
        return Some(time);
    }
    let zone = text.find(['Z', 'z', '+', '-'])?;
    let time = plain(&text[..zone])?;
    let day = NaiveDate::from_ymd_opt(2000, 1, 2)?.and_time(time);
    let offset = match &text[zone..] {
        "Z" | "z" => FixedOffset::east_opt(0)?,
        other => other.parse().ok()?,
    };
    Some(day.and_local_timezone(offset).single()?.to_utc().time())
}

/// A date and time as the servers read them: ISO 8601, with an offset or without.
fn is_datetime(text: &str) -> bool {
    let formats = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M"];
    DateTime::parse_from_rfc3339(text).is_ok()
        || formats.iter().any(|format| NaiveDateTime::parse_from_str(text, format).is_ok())
        || NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

fn integer(property: &Property, number: i64) -> Result<Value<'static>, String> {
    let fits = match property.format.as_deref() {
        Some("int16") => i16::try_from(number).is_ok(),
        _ => i32::try_from(number).is_ok(),
    };
    if fits {
        Ok(Value::Integer(number))
    } else {
        Err("Value was either too large or too small for an integer.".to_owned())
    }
}

const HALF_AWAY: RoundingStrategy = RoundingStrategy::MidpointAwayFromZero;

/// Rounded to the digits that the server's column holds; a whole number as such, so that equal values have equal bytes.
fn decimal(property: &Property, number: Decimal) -> Value<'static> {
    let number = property.scale.map_or(number, |scale| number.round_dp_with_strategy(scale, HALF_AWAY)).normalize();
    if number.scale() == 0
        && let Ok(whole) = i64::try_from(number)
    {
        return Value::Integer(whole);
    }
    Value::Decimal(number)
}

/// Takes the member with this name out of a request's object: the exact name first, then in any case.
fn take(input: &mut Members, name: &str) -> Option<(Cow<'static, str>, Value<'static>)> {
    if let Some(at) = input.iter().position(|(n, _)| n == name) {
        return Some(input.swap_remove(at));
    }
    let at = input.iter().position(|(n, _)| n.eq_ignore_ascii_case(name))?;
    let (_, value) = input.swap_remove(at);
    Some((Cow::Owned(name.to_owned()), value))
}

/// Fills members of nested references from the root's value, and refuses a body where they differ.
fn unify_with_root(resource: &Resource, body: &mut Object<'static>) -> Result<(), Problem> {
    for site in &resource.unified {
        let mut there = false;
        visit(body, &site.path, &mut |_| there = true);
        if !there {
            continue;
        }
        let Some(root) = site.root_paths.iter().find_map(|path| body.at(path)).cloned() else { continue };
        let mut conflict = None;
        visit_mut(body, &site.path, &mut |reference| match reference.get(&site.member) {
            None => reference.push(site.member.clone(), root.clone()),
            Some(value) if *value != root => conflict = Some(value.key_text().into_owned()),
            Some(_) => {}
        });
        if let Some(value) = conflict {
            let reference = site.path.last().map_or("", String::as_str);
            let values = vec![
                (format!("{reference}.{}", site.member), value),
                (format!("{} (from parent context)", site.name), root.key_text().into_owned()),
            ];
            return Err(Problem::UnifiedKey { name: site.name.clone(), entity: site.entity.clone(), values });
        }
    }
    Ok(())
}

/// Version 6 takes a reference that lacks a part of its key for no reference.
fn drop_partial_references(resource: &Resource, body: &mut Object<'static>) {
    for site in &resource.references {
        let Some((name, holder)) = site.path.split_last() else { continue };
        let partial = |object: &Object<'_>| match object.get(name) {
            Some(Value::Object(value)) => site.reference.properties.iter().any(|p| value.get(&p.name).is_none()),
            _ => false,
        };
        let mut found = false;
        visit(body, holder, &mut |object| found |= partial(object));
        if found {
            visit_mut(body, holder, &mut |object| {
                if partial(object) {
                    object.remove(name);
                }
            });
        }
    }
}

/// Refuses a body whose references carry different values for one property.
fn compare_unified(resource: &Resource, body: &Object<'_>) -> Result<(), Problem> {
    let parts = resource.model.identity.iter().map(|part| (&part.name, &part.paths));
    let unified = resource.model.unified_keys.iter().map(|key| (&key.name, &key.paths));
    for (name, paths) in parts.chain(unified).filter(|(_, paths)| paths.len() > 1) {
        let found: Vec<_> = paths.iter().filter_map(|path| Some((path, body.at(path)?))).collect();
        if found.iter().any(|(_, value)| *value != found[0].1) {
            let values = found.iter().map(|(path, value)| ((*path).clone(), value.key_text().into_owned()));
            return Err(Problem::UnifiedKey {
                name: name.clone(),
                entity: resource.model.entity.clone(),
                values: values.collect(),
            });
        }
    }
    Ok(())
}

/// The name of a member in the servers' messages.
pub(crate) fn member_name(class: &Class, member: &str) -> String {
    let descriptor = class.property(member).and_then(|property| property.descriptor.clone());
    descriptor.filter(|name| name.eq_ignore_ascii_case(member)).unwrap_or_else(|| names::pascal(member))
}
