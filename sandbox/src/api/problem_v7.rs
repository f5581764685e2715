//! Version 7's problem details.

use rollcall_core::value::{Object, Value};

use super::names::pascal;
use super::problem::{Problem, quoted, relationship_text, too_many_tokens};
use super::validation;

/// The parts of a problem's body that differ.
struct Details {
    kind: &'static str,
    title: &'static str,
    detail: String,
    errors: Vec<String>,
    fields: Vec<(String, String)>,
}

/// The body of a problem.
pub(super) fn body(problem: &Problem, correlation: Option<&str>) -> Object<'static> {
    let details = details(problem);
    let mut body = Object::new()
        .with("detail", details.detail)
        .with("type", format!("urn:ed-fi:api:{}", details.kind))
        .with("title", details.title)
        .with("status", i64::from(status(problem)))
        .with("correlationId", correlation.map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned));
    if !details.fields.is_empty() {
        let mut fields: Vec<(String, Vec<Value<'static>>)> = Vec::new();
        for (path, text) in details.fields {
            match fields.iter_mut().find(|(known, _)| *known == path) {
                Some((_, texts)) => texts.push(Value::from(text)),
                None => fields.push((path, vec![Value::from(text)])),
            }
        }
        let mut errors = Object::new();
        for (path, texts) in fields {
            errors.push(path, texts);
        }
        body.push("validationErrors", errors);
    }
    if !details.errors.is_empty() {
        body.push("errors", details.errors.into_iter().map(Value::from).collect::<Vec<_>>());
    }
    body
}

fn status(problem: &Problem) -> u16 {
    match problem {
        Problem::PersonNotFound { .. } => 403,
        Problem::NoSnapshot => 404,
        _ => problem.status().as_u16(),
    }
}

const UNSPECIFIC: &str = "The request could not be processed. See 'errors' for details.";
const DENIED: &str = "Access to the requested data could not be authorized.";

fn plain(kind: &'static str, title: &'static str, detail: impl Into<String>) -> Details {
    Details { kind, title, detail: detail.into(), errors: Vec::new(), fields: Vec::new() }
}

fn with_error(kind: &'static str, title: &'static str, detail: impl Into<String>, error: impl Into<String>) -> Details {
    Details { errors: vec![error.into()], ..plain(kind, title, detail) }
}

fn invalid(fields: Vec<(String, String)>) -> Details {
    let detail = "Data validation failed. See 'validationErrors' for details.";
    Details { fields, ..plain("bad-request:data-validation-failed", "Data Validation Failed", detail) }
}

fn denied(claims: &[i64], subjects: &[String], hint: Option<&str>) -> Details {
    let detail = hint.map_or(DENIED.to_owned(), |hint| format!("{DENIED} {hint}"));
    with_error("security:authorization", "Authorization Denied", detail, relationship_text(claims, subjects))
}

fn details(problem: &Problem) -> Details {
    match problem {
        Problem::Unauthenticated(error) => with_error(
            "security:authentication",
            "Authentication Failed",
            "The caller could not be authenticated.",
            *error,
        ),
        Problem::TooManyTokens { most } => with_error(
            "security:authentication:too-many-tokens",
            "Too Many Tokens",
            "The caller could not be authenticated.",
            too_many_tokens(*most),
        ),
        Problem::ActionDenied { action, claims, set } => with_error(
            "security:authorization:access-denied:action",
            "Authorization Denied",
            format!("{DENIED} You do not have permissions to perform the requested operation on the data."),
            format!(
                "The API client's assigned claim set (currently '{set}') must grant permission of the '{}' action on one \
                 of the following resource claims: {}.",
                action.name(),
                quoted(&short(claims))
            ),
        ),
        Problem::ResourceDenied { claims, set, .. } => with_error(
            "security:authorization:access-denied:resource",
            "Authorization Denied",
            format!("{DENIED} You do not have permissions to access this data."),
            format!(
                "The API client's assigned claim set (currently '{set}') must include one of the following resource \
                 claims to provide access to this resource: {}.",
                quoted(&short(claims))
            ),
        ),
        Problem::RelationshipDenied { claims, subjects, hint } => denied(claims, subjects, *hint),
        Problem::PersonNotFound { subject, hint, claims, .. } => {
            denied(claims, std::slice::from_ref(subject), Some(hint))
        }
        Problem::SubjectEmpty(name) => plain(
            "security:authorization:relationships:access-denied:element-required",
            "Authorization Denied",
            format!("{DENIED} The '{name}' value is required for authorization purposes."),
        ),
        Problem::NamespaceEmpty { existing } => plain(
            if *existing {
                "security:authorization:namespace:invalid-data:namespace-uninitialized"
            } else {
                "security:authorization:namespace:access-denied:namespace-required"
            },
            "Authorization Denied",
            format!(
                "{DENIED} The {}'Namespace' value has not been assigned but is required for authorization purposes.",
                stored(*existing)
            ),
        ),
        Problem::NoNamespaces => plain(
            "security:authorization:namespace:invalid-client:no-namespaces",
            "Authorization Denied",
            format!(
                "{DENIED} The API client has been given permissions on a resource that uses the 'NamespaceBased' authorization strategy but the client doesn't have any namespace prefixes assigned."
            ),
        ),
        Problem::NamespaceDenied { prefixes, existing } => plain(
            "security:authorization:namespace:access-denied:namespace-mismatch",
            "Authorization Denied",
            format!(
                "{DENIED} The {}'Namespace' value of the data does not start with any of the caller's associated namespace \
                 prefixes ({}).",
                stored(*existing),
                quoted(prefixes)
            ),
        ),
        Problem::EmptyBody => {
            with_error("bad-request", "Bad Request", UNSPECIFIC, "A non-empty request body is required.")
        }
        Problem::NotBindable(errors) => {
            let field = |path: &str| if path.is_empty() { "$".to_owned() } else { format!("$.{path}") };
            invalid(errors.iter().map(|(path, text)| (field(path), text.clone())).collect())
        }
        Problem::IdInBody => with_error(
            "bad-request:data-validation-failed",
            "Data Validation Failed",
            "The request data was constructed incorrectly.",
            "Resource identifiers cannot be assigned by the client. The 'id' property should not be included in the \
             request body.",
        ),
        Problem::Invalid { findings, .. } => {
            invalid(findings.iter().map(|finding| (finding.field(), validation::v7_text(finding))).collect())
        }
        Problem::UnknownDescriptor { descriptor, value, path } => {
            let text = if value.contains('#') {
                format!("{descriptor} value '{value}' does not exist.")
            } else {
                format!(
                    "{descriptor} value '{value}' is not a valid value for use as a descriptor (a '#' is expected to \
                     delineate the namespace and code value portions)."
                )
            };
            invalid(vec![(format!("$.{path}"), text)])
        }
        Problem::UnifiedKey { name, values, .. } => {
            let texts: Vec<String> = values.iter().map(|(_, value)| value.clone()).collect();
            let text = format!(
                "All values supplied for '{name}' must match. Review all references and align the following conflicting \
                 values: {}",
                quoted(&texts)
            );
            let holder = |path: &String| path.split('.').next().unwrap_or_default().to_owned();
            invalid(values.iter().map(|(path, _)| (format!("$.{}", holder(path)), text.clone())).collect())
        }
        Problem::KeyChange { entity } => plain(
            "bad-request:data-validation-failed:key-change-not-supported",
            "Key Change Not Supported",
            format!(
                "Identifying values for the {entity} data cannot be changed. Delete and recreate the item instead."
            ),
        ),
        Problem::Unresolved { entity, .. } => plain(
            "data-conflict:unresolved-reference",
            "Unresolved Reference",
            format!("The referenced '{entity}' item does not exist."),
        ),
        Problem::Dependent { table, root, .. } => {
            let item = pascal(table);
            let within =
                if item == *root { String::new() } else { format!(" contained within an '{root}' resource item") };
            plain(
                "data-conflict:dependent-item-exists",
                "Dependent Item Exists",
                format!(
                    "The requested action cannot be performed because this item is referenced by an existing '{item}' \
                     item{within}."
                ),
            )
        }
        Problem::DuplicateKey { entity, columns, values } => with_error(
            "data-conflict:non-unique-identity",
            "Identifying Values Are Not Unique",
            "The identifying value(s) of the item are the same as another item that already exists.",
            format!(
                "A primary key conflict occurred when attempting to create or update a record in the '{entity}' table. \
                 The duplicate key is ({}) = ({}).",
                columns.join(", "),
                values.join(", ")
            ),
        ),
        Problem::Stale => {
            plain("optimistic-lock-failed", "Optimistic Lock Failed", "The item has been modified by another user.")
        }
        Problem::BadId => with_error("bad-request", "Bad Request", UNSPECIFIC, "The id is not a GUID."),
        Problem::NotFound(_) => plain("not-found", "Not Found", "The specified item could not be found."),
        Problem::Route => plain("not-found", "Not Found", "The specified data could not be found."),
        Problem::UnknownProfile { .. } | Problem::WrongProfileUsage { .. } | Problem::MalformedProfile { .. } => {
            with_error(
                if matches!(problem, Problem::WrongProfileUsage { reads: false }) {
                    "profile:method-usage"
                } else {
                    "profile:invalid-profile-usage"
                },
                "Invalid Profile Usage",
                UNSPECIFIC,
                problem.text(),
            )
        }
        Problem::NoSnapshot => plain("not-found", "Not Found", "Snapshot not found."),
        Problem::SnapshotIsReadOnly => with_error(
            "snapshots:method-not-allowed",
            "Method Not Allowed with Snapshots",
            "The request construction was invalid.",
            "Snapshots are read-only.",
        ),
        Problem::BadPaging(text) => parameter(text.clone()),
        Problem::BadLimit | Problem::BadPastLimit => parameter("Limit must be a value between 0 and 500."),
        Problem::BadOffset => parameter("Offset must be greater than or equal to 0."),
        Problem::BadParameter { name } => parameter(format!("The value of '{name}' is not valid.")),
        Problem::MethodNotAllowed { method, advice } => with_error(
            "method-not-allowed",
            "Method Not Allowed",
            "The request construction was invalid.",
            match advice {
                Some(advice) => (*advice).to_owned(),
                None => format!("The endpoint of the request does not support the '{method}' method."),
            },
        ),
        Problem::MediaType { missing } => with_error(
            "unsupported-media-type",
            "Unsupported Media Type",
            "The request construction was invalid.",
            if *missing {
                "The 'Content-Type' header is missing."
            } else {
                "The value specified in the 'Content-Type' header is not supported by this host."
            },
        ),
        Problem::Internal => plain("system", "System Error", "An unexpected problem has occurred."),
    }
}

fn parameter(error: impl Into<String>) -> Details {
    with_error("bad-request:parameter-validation-failed", "Parameter Validation Failed", UNSPECIFIC, error)
}

/// Claims by their last parts, as version 7 writes them.
fn short(claims: &[String]) -> Vec<String> {
    claims.iter().map(|claim| claim.rsplit('/').next().unwrap_or(claim).to_owned()).collect()
}

/// The word for a record that is stored already.
fn stored(existing: bool) -> &'static str {
    if existing { "existing " } else { "" }
}
