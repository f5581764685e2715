//! Paths and their operations.

use rollcall_core::model::Property;
use rollcall_core::value::{Object, Value};

use super::super::names::{camel, pascal};
use super::definitions::{plain, property_schema, reference_to, tracked_names};
use super::{class_name, schema_name, tag};
use crate::catalog::{CORE_SEGMENT, Resource};
use crate::config::ApiVersion;

/// The paths of one resource.
pub(super) fn of_resource(resource: &Resource, version: ApiVersion) -> Vec<(String, Object<'static>)> {
    let path = resource.path();
    let definition = format!("{}_{}", schema_name(&resource.segment), class_name(&resource.model.entity));
    let operations = Operations { resource, version, definition };
    let collection = Object::new().with("get", operations.query()).with("post", operations.post());
    let item =
        Object::new().with("get", operations.get()).with("put", operations.put()).with("delete", operations.delete());
    let [_, delete, change] = tracked_names(&operations.definition);
    let changes = "Only those of a range of change versions, when it is given.";
    let deletes = operations.tracked("deletes", &delete, &format!("Retrieves deleted records. {changes}"));
    let key_changes =
        operations.tracked("keyChanges", &change, &format!("Retrieves changes of natural keys. {changes}"));
    let mut paths = vec![
        (path.clone(), collection),
        (format!("{path}/{{id}}"), item),
        (format!("{path}/deletes"), Object::new().with("get", deletes)),
        (format!("{path}/keyChanges"), Object::new().with("get", key_changes)),
    ];
    if version == ApiVersion::V7 {
        paths.push((format!("{path}/partitions"), Object::new().with("get", operations.partitions())));
    }
    paths
}

/// All of the document of the change queries but its head.
pub(super) fn change_queries() -> Object<'static> {
    let version = || plain("integer").with("format", "int64");
    let versions = Object::new().with("oldestChangeVersion", version()).with("newestChangeVersion", version());
    let definition = plain("object").with("properties", versions);
    let ok = Object::new()
        .with("description", "The oldest and the newest change version.")
        .with("schema", reference_to("availableChangeVersions"));
    let responses = Object::new()
        .with("200", ok)
        .with("401", response("Unauthorized"))
        .with("403", response("Forbidden"))
        .with("500", response("Error"));
    let get = Object::new()
        .with("tags", vec![Value::from("availableChangeVersions")])
        .with("summary", "Retrieves the range of change versions.")
        .with("operationId", "getAvailableChangeVersions")
        .with("responses", responses);
    let tag =
        Object::new().with("name", "availableChangeVersions").with("description", "The range of change versions.");
    Object::new()
        .with("definitions", Object::new().with("availableChangeVersions", definition))
        .with("responses", super::shared::responses())
        .with("paths", Object::new().with("/availableChangeVersions", Object::new().with("get", get)))
        .with("tags", vec![Value::Object(tag)])
}

struct Operations<'r> {
    resource: &'r Resource,
    version: ApiVersion,
    definition: String,
}

impl Operations<'_> {
    fn query(&self) -> Object<'static> {
        let mut shared = vec!["offset", "limit"];
        if self.version == ApiVersion::V7 {
            shared.extend(["pageToken", "pageSize"]);
        }
        shared.extend(["MinChangeVersion", "MaxChangeVersion", "totalCount"]);
        let mut parameters: Vec<Value<'static>> = shared.into_iter().map(|name| parameter(name).into()).collect();
        parameters.extend(self.filters().into_iter().map(Value::Object));
        let total = plain("integer").with("description", "How many records match, when totalCount is true.");
        let mut headers = Object::new().with("Total-Count", total);
        if self.version == ApiVersion::V7 {
            let next = plain("string").with("description", "The pageToken of the next page.");
            headers.push("Next-Page-Token", next);
        }
        let ok = Object::new()
            .with("description", "The records that match; an empty list when there are none.")
            .with("schema", list_of(&self.definition))
            .with("headers", headers);
        let responses = Object::new().with("200", ok);
        let summary = "Retrieves the records whose members equal the parameters.";
        self.operation("get", "", summary, parameters, with(responses, &[400, 401, 403, 404, 500]))
    }

    fn post(&self) -> Object<'static> {
        let stored = Object::new().with("200", response("Updated")).with("201", response("Created"));
        let summary = "Creates a record, or replaces the one with the same natural key.";
        let responses = with(stored, &[400, 401, 403, 405, 409, 412, 415, 500]);
        self.operation("post", "", summary, vec![self.body(), parameter("If-Match").into()], responses)
    }

    fn get(&self) -> Object<'static> {
        let ok = Object::new()
            .with("description", "The record.")
            .with("schema", reference_to(&self.definition))
            .with("headers", Object::new().with("ETag", etag()));
        let parameters = vec![id().into(), parameter("If-None-Match").into()];
        let responses = with(Object::new().with("200", ok), &[304, 400, 401, 403, 404, 500]);
        self.operation("get", "ById", "Retrieves a record by its id.", parameters, responses)
    }

    fn put(&self) -> Object<'static> {
        let parameters = vec![id().into(), parameter("If-Match").into(), self.body()];
        let responses =
            with(Object::new().with("204", response("Replaced")), &[400, 401, 403, 404, 405, 409, 412, 415, 500]);
        let put = self.operation("put", "", "Replaces a record by its id.", parameters, responses);
        // Whether the natural key may be another one.
        put.with("x-Ed-Fi-isUpdatable", self.resource.key_changes)
    }

    fn delete(&self) -> Object<'static> {
        let parameters = vec![id().into(), parameter("If-Match").into()];
        let responses = with(Object::new().with("204", response("Deleted")), &[400, 401, 403, 404, 405, 409, 412, 500]);
        self.operation("delete", "ById", "Deletes a record by its id.", parameters, responses)
    }

    fn tracked(&self, what: &'static str, definition: &str, summary: &str) -> Object<'static> {
        let names = ["offset", "limit", "MinChangeVersion", "MaxChangeVersion", "totalCount"];
        let parameters = names.into_iter().map(|name| parameter(name).into()).collect();
        let ok = Object::new().with("description", "The changes.").with("schema", list_of(definition));
        let responses = with(Object::new().with("200", ok), &[400, 401, 403, 404, 500]);
        self.operation(what, "", summary, parameters, responses)
    }

    fn partitions(&self) -> Object<'static> {
        let number = query_parameter("number", plain("integer").with("format", "int32"))
            .with("minimum", 1)
            .with("maximum", 200)
            .with("description", "How many partitions to make.");
        let tokens = plain("array").with("items", plain("string"));
        let schema = plain("object").with("properties", Object::new().with("pageTokens", tokens));
        let ok = Object::new().with("description", "A pageToken for each partition.").with("schema", schema);
        let mut parameters = vec![Value::Object(number)];
        parameters.extend(["MinChangeVersion", "MaxChangeVersion"].map(|name| parameter(name).into()));
        let responses = with(Object::new().with("200", ok), &[400, 401, 403, 404, 500]);
        let summary = "Retrieves page tokens to read the records in several parts at once.";
        self.operation("get", "Partitions", summary, parameters, responses)
    }

    fn operation(
        &self,
        verb: &'static str,
        what: &'static str,
        summary: &str,
        parameters: Vec<Value<'static>>,
        responses: Object<'static>,
    ) -> Object<'static> {
        // The servers name an operation on a new body in the singular, all others in the plural.
        let singular = matches!(verb, "post" | "put") || verb == "delete";
        let name = if singular { pascal(&self.resource.model.entity) } else { pascal(self.resource.name()) };
        let schema = match self.resource.segment.as_str() {
            CORE_SEGMENT => String::new(),
            other => pascal(&schema_name(other)),
        };
        Object::new()
            .with("tags", vec![Value::from(tag(self.resource))])
            .with("summary", summary.to_owned())
            .with("operationId", format!("{verb}{schema}{name}{what}"))
            .with("parameters", parameters)
            .with("responses", responses)
    }

    fn body(&self) -> Value<'static> {
        let name = camel(&self.resource.model.entity);
        let body = Object::new()
            .with("name", name.clone())
            .with("description", format!("The JSON of the {name}."))
            .with("in", "body")
            .with("required", true)
            .with("x-name", name)
            .with("schema", reference_to(&self.definition));
        Value::Object(body)
    }

    /// A query parameter for each plain member of the root and of its references, those of the key first.
    fn filters(&self) -> Vec<Object<'static>> {
        let key: Vec<&str> = self.resource.model.identity.iter().map(|part| part.name.as_str()).collect();
        let known = self.resource.filters.values().filter(|filter| !filter.inherited || self.version == ApiVersion::V7);
        let mut named: Vec<(usize, &str, &Property)> = known
            .map(|filter| {
                let name = filter.property.query_name();
                (key.iter().position(|part| *part == name).unwrap_or(usize::MAX), name, &filter.property)
            })
            .collect();
        named.sort_by_key(|(at, name, _)| (*at, *name));
        let parameter = |(at, name, property): (usize, &str, &Property)| {
            // The parameter is optional and never null, whatever the member is.
            let identity = at != usize::MAX;
            let schema = property_schema(&Property { required: true, identity, ..property.clone() }, self.version);
            query_parameter(name, schema)
        };
        named.into_iter().map(parameter).collect()
    }
}

fn query_parameter(name: &str, schema: Object<'static>) -> Object<'static> {
    let mut parameter = Object::new().with("name", name.to_owned()).with("in", "query").with("required", false);
    schema.into_iter().for_each(|(name, value)| parameter.push(name, value));
    parameter
}

fn id() -> Object<'static> {
    Object::new()
        .with("name", "id")
        .with("in", "path")
        .with("description", "The id of the record: 32 hexadecimal digits.")
        .with("required", true)
        .with("type", "string")
}

fn etag() -> Object<'static> {
    plain("string").with("description", "The entity tag of the record.")
}

fn list_of(definition: &str) -> Object<'static> {
    plain("array").with("items", reference_to(definition))
}

fn parameter(name: &str) -> Object<'static> {
    Object::new().with("$ref", format!("#/parameters/{name}"))
}

pub(super) fn response(name: &str) -> Object<'static> {
    Object::new().with("$ref", format!("#/responses/{name}"))
}

/// Adds refusals by their statuses.
fn with(mut responses: Object<'static>, statuses: &[u16]) -> Object<'static> {
    for status in statuses {
        responses.push(status.to_string(), response(super::shared::response_name(*status)));
    }
    responses
}
