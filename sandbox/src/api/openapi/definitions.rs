//! Definitions: the shape of every body, reference, item and extension.

use std::collections::BTreeMap;

use rollcall_core::model::{Class, IdentityPart, Kind, Property, Reference};
use rollcall_core::value::{Object, Value};

use super::super::names::camel;
use super::{class_name, schema_name};
use crate::catalog::{CORE_SEGMENT, Catalog, Resource};
use crate::config::ApiVersion;

/// The definitions of one document.
pub(super) struct Definitions<'c> {
    catalog: &'c Catalog,
    version: ApiVersion,
    by_name: BTreeMap<String, Object<'static>>,
}

impl<'c> Definitions<'c> {
    pub(super) fn new(catalog: &'c Catalog, version: ApiVersion) -> Self {
        Self { catalog, version, by_name: BTreeMap::from([("link".to_owned(), link())]) }
    }

    /// Adds a resource's definition, and those of all that its body holds.
    pub(super) fn add(&mut self, resource: &Resource) {
        let schema = schema_name(&resource.segment);
        let name = format!("{schema}_{}", class_name(&resource.model.entity));
        let mut shape = Shape::default();
        shape.properties.push("id", read_only("string", "The server's id of the record: 32 hexadecimal digits."));
        if resource.descriptor.is_some() {
            let id = read_only("integer", "The server's number of the descriptor.").with("format", "int32");
            shape.properties.push(resource.descriptor_id_name(), id);
        }
        self.fill(&mut shape, &schema, &resource.model.class);
        if !resource.extensions.is_empty() {
            let extensions = format!("{}Extensions", class_name(&resource.model.entity));
            shape.properties.push("_ext", reference_to(&extensions));
            self.add_extensions(extensions, resource);
        }
        let tag = "A number that changes whenever the record does.";
        shape.properties.push("_etag", read_only("string", tag));
        let modified = read_only("string", "When the record was last changed.").with("format", "date-time");
        shape.properties.push("_lastModifiedDate", modified);
        self.by_name.insert(name.clone(), shape.into_object());
        self.add_tracked_changes(&name, resource);
    }

    pub(super) fn into_object(self) -> Object<'static> {
        self.by_name.into_iter().map(|(name, definition)| (name.into(), Value::Object(definition))).collect()
    }

    fn add_extensions(&mut self, name: String, resource: &Resource) {
        let mut all = Object::new();
        for (key, class) in &resource.extensions {
            let extension = format!("{key}_{}Extension", class_name(&resource.model.entity));
            let mut shape = Shape::default();
            self.fill(&mut shape, key, class);
            self.by_name.insert(extension.clone(), shape.into_object());
            all.push(key.clone(), reference_to(&extension));
        }
        self.by_name.insert(name, Object::new().with("type", "object").with("properties", all));
    }

    /// The members of a class: references, the key's other members, the rest, objects, collections; the order of answers.
    fn fill(&mut self, shape: &mut Shape, schema: &str, class: &Class) {
        for reference in &class.references {
            let name = self.reference(reference);
            shape.push(&reference.name, reference.required, reference_to(&name));
        }
        let (key, others): (Vec<_>, Vec<_>) = class.properties.iter().partition(|property| property.identity);
        for property in key.into_iter().chain(others) {
            shape.push(&property.name, property.required, property_schema(property, self.version));
        }
        for object in &class.objects {
            let name = self.item(schema, &object.entity, &object.class);
            shape.push(&object.name, object.required, reference_to(&name));
        }
        for collection in &class.collections {
            let name = self.item(schema, &collection.entity, &collection.class);
            let items = Object::new()
                .with("type", "array")
                .with("description", "An unordered collection.")
                .with("items", reference_to(&name));
            shape.push(&collection.name, collection.required, items);
        }
    }

    /// The definition of an embedded object or of a collection's items.
    fn item(&mut self, schema: &str, entity: &str, class: &Class) -> String {
        let name = format!("{schema}_{}", class_name(entity));
        if !self.by_name.contains_key(&name) {
            let mut shape = Shape::default();
            self.fill(&mut shape, schema, class);
            self.by_name.insert(name.clone(), shape.into_object());
        }
        name
    }

    /// The definition of a reference: the natural key of what it names, and a link on reading.
    fn reference(&mut self, reference: &Reference) -> String {
        let (schema, entity) = match self.catalog.by_name(&reference.target) {
            Some(target) => (schema_name(&target.segment), camel(&target.model.entity)),
            None => (schema_name(CORE_SEGMENT), camel(&reference.target)),
        };
        let name = format!("{schema}_{entity}Reference");
        if !self.by_name.contains_key(&name) {
            let mut shape = Shape::default();
            for property in &reference.properties {
                let schema =
                    property_schema(&Property { required: true, identity: true, ..property.clone() }, self.version);
                shape.push(&property.name, true, schema);
            }
            shape.properties.push("link", reference_to("link"));
            self.by_name.insert(name.clone(), shape.into_object());
        }
        name
    }

    /// What `/deletes` and `/keyChanges` answer.
    fn add_tracked_changes(&mut self, name: &str, resource: &Resource) {
        let [key, delete, change] = tracked_names(name);
        let mut shape = Shape::default();
        for part in &resource.model.identity {
            shape.properties.push(part.name.clone(), key_schema(resource, part, self.version));
        }
        self.by_name.insert(key.clone(), shape.into_object());
        let entry = || {
            let mut shape = Shape::default();
            shape.properties.push("id", plain("string").with("description", "The id of the record."));
            let version = plain("number").with("format", "int64");
            shape.properties.push("changeVersion", version.with("description", "The version of the change."));
            shape
        };
        let mut deleted = entry();
        deleted.properties.push("keyValues", reference_to(&key));
        self.by_name.insert(delete, deleted.into_object());
        let mut changed = entry();
        changed.properties.push("oldKeyValues", reference_to(&key));
        changed.properties.push("newKeyValues", reference_to(&key));
        self.by_name.insert(change, changed.into_object());
    }
}

/// The definitions of a resource's key, its deletes and its key changes.
pub(super) fn tracked_names(definition: &str) -> [String; 3] {
    ["Key", "Delete", "KeyChange"].map(|what| format!("trackedChanges_{definition}{what}"))
}

/// A pointer to a definition.
pub(super) fn reference_to(name: &str) -> Object<'static> {
    Object::new().with("$ref", format!("#/definitions/{name}"))
}

/// The type of one plain member of a natural key.
fn key_schema(resource: &Resource, part: &IdentityPart, version: ApiVersion) -> Object<'static> {
    let property = part.paths.first().and_then(|path| resource.model.class.property_at(path));
    match property {
        Some(property) => property_schema(&Property { required: true, ..property.clone() }, version),
        None => typed(part.kind),
    }
}

/// A plain member.
pub(super) fn property_schema(property: &Property, version: ApiVersion) -> Object<'static> {
    let mut schema = typed(property.kind);
    if property.kind == Kind::Descriptor {
        let descriptor = property.descriptor.clone().unwrap_or_else(|| super::pascal(&property.name));
        schema.push("description", format!("A value of {descriptor}: namespace#codeValue."));
    }
    if matches!(property.kind, Kind::String | Kind::Descriptor) {
        // Enforced by servers of version 7 only.
        if let Some(min) = property.min_length.filter(|_| version == ApiVersion::V7) {
            schema.push("minLength", integer(min));
        }
        // The longest namespace, `#` and the longest code value.
        let longest = property.max_length.or((property.kind == Kind::Descriptor).then_some(306));
        if let Some(max) = longest {
            schema.push("maxLength", integer(max));
        }
    }
    for (name, bound) in [("minimum", property.minimum), ("maximum", property.maximum)] {
        if let Some(bound) = bound.and_then(|bound| rust_decimal::Decimal::try_from(bound).ok()) {
            schema.push(name, bound);
        }
    }
    if property.identity {
        schema.push("x-Ed-Fi-isIdentity", true);
    }
    if !property.required {
        schema.push("x-nullable", true);
    }
    schema
}

/// A type and its format.
pub(super) fn typed(kind: Kind) -> Object<'static> {
    match kind {
        // The servers give times no format: `HH:mm:ss`, without the offset that the format `time` demands.
        Kind::String | Kind::Descriptor | Kind::Time => plain("string"),
        Kind::Date => plain("string").with("format", "date"),
        Kind::Datetime => plain("string").with("format", "date-time"),
        Kind::Boolean => plain("boolean"),
        Kind::Integer => plain("integer").with("format", "int32"),
        Kind::Decimal => plain("number").with("format", "double"),
    }
}

pub(super) fn plain(kind: &'static str) -> Object<'static> {
    Object::new().with("type", kind)
}

pub(super) fn integer(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn read_only(kind: &'static str, description: &'static str) -> Object<'static> {
    plain(kind).with("description", description).with("readOnly", true)
}

fn link() -> Object<'static> {
    let rel = plain("string").with("description", "The class of the record that is referred to.");
    let href = plain("string").with("description", "Where the record is, below the data path.");
    plain("object").with("readOnly", true).with("properties", Object::new().with("rel", rel).with("href", href))
}

/// A definition while it is made.
#[derive(Default)]
struct Shape {
    required: Vec<Value<'static>>,
    properties: Object<'static>,
}

impl Shape {
    fn push(&mut self, name: &str, required: bool, schema: Object<'static>) {
        if required {
            self.required.push(Value::from(name.to_owned()));
        }
        self.properties.push(name.to_owned(), schema);
    }

    fn into_object(self) -> Object<'static> {
        let required = Some(self.required).filter(|required| !required.is_empty());
        plain("object").with_some("required", required).with("properties", self.properties)
    }
}
