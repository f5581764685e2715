//! Model binding: a request's JSON becomes a body of the resource's shape.
//!
//! As the servers do it: member names in any case, unknown members dropped without a word, texts taken for numbers, nulls
//! and empty collections left out, members in the model's order. What is bound compares by its bytes.

mod convert;
mod references;

use std::borrow::Cow;

use rollcall_core::model::{Class, Kind, Property, Reference, ViolationKind};
use rollcall_core::value::{Object, Value};

use crate::api::names::{self, Path};
use crate::api::problem::Problem;
use crate::catalog::Resource;
use crate::config::ApiVersion;

pub(crate) use convert::convert;
use references::{compare_unified, drop_partial, unify_with_root};

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
        drop_partial(resource, &mut bound);
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

/// Takes the member with this name out of a request's object: the exact name first, then in any case.
fn take(input: &mut Members, name: &str) -> Option<(Cow<'static, str>, Value<'static>)> {
    if let Some(at) = input.iter().position(|(n, _)| n == name) {
        return Some(input.swap_remove(at));
    }
    let at = input.iter().position(|(n, _)| n.eq_ignore_ascii_case(name))?;
    let (_, value) = input.swap_remove(at);
    Some((Cow::Owned(name.to_owned()), value))
}

/// The name of a member in the servers' messages.
pub(crate) fn member_name(class: &Class, member: &str) -> String {
    let descriptor = class.property(member).and_then(|property| property.descriptor.clone());
    descriptor.filter(|name| name.eq_ignore_ascii_case(member)).unwrap_or_else(|| names::pascal(member))
}
