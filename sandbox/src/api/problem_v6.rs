//! Version 6's messages.

use rollcall_core::value::{Object, Value};

use super::problem::{Missing, Problem, quoted, relationship_text, too_many_tokens};
use crate::config::Database;

/// The claim type that carries namespace prefixes.
const NAMESPACE_CLAIM: &str = "http://ed-fi.org/claims/namespacePrefix";

/// The body of a problem; none where the server says nothing.
pub(super) fn body(problem: &Problem, database: Database) -> Option<Object<'static>> {
    let text = match problem {
        Problem::Unauthenticated(_) | Problem::Route | Problem::MethodNotAllowed { .. } | Problem::MediaType { .. } => {
            return None;
        }
        Problem::NotBindable(errors) => return Some(model_state(errors)),
        Problem::BadParameter { name } => {
            let text = "The value is not valid for this parameter.".to_owned();
            return Some(model_state(&[(name.clone(), text)]));
        }
        Problem::ResourceDenied { claims, set, held } => {
            let list =
                |claims: &[String]| claims.iter().flat_map(|claim| ["\n    ", claim.as_str()]).collect::<String>();
            format!(
                "Access to the resource could not be authorized. Are you missing a claim? This resource can be \
                 authorized by the following claims:{}\nThe API client has been assigned the '{set}' claim set with \
                 the following resource claims:{}",
                list(claims),
                list(held)
            )
        }
        Problem::ActionDenied { action, .. } => {
            let action = action.uri();
            format!("Access to the resource could not be authorized for the requested action '{action}'.")
        }
        Problem::RelationshipDenied { claims, subjects, .. } => {
            format!("Authorization denied. {}", relationship_text(claims, subjects))
        }
        Problem::SubjectEmpty(name) => format!(
            "Access to the resource item could not be authorized because the '{name}' of the resource is empty."
        ),
        Problem::PersonNotFound { entity, .. } => {
            format!("Access to the resource item could not be authorized because the '{entity}' was not found.")
        }
        Problem::NamespaceEmpty { .. } => {
            "Access to the resource item could not be authorized because the Namespace of the resource is empty."
                .to_owned()
        }
        Problem::NoNamespaces => format!(
            "Access to the resource could not be authorized because the caller did not have any NamespacePrefix \
             claims ('{NAMESPACE_CLAIM}') or the claim values were all empty."
        ),
        Problem::NamespaceDenied { prefixes, .. } => format!(
            "Access to the resource item could not be authorized based on the caller's NamespacePrefix claims: {}.",
            quoted(prefixes)
        ),
        Problem::EmptyBody => "A non-empty request body is required.".to_owned(),
        Problem::IdInBody => "Resource identifiers cannot be assigned by the client.".to_owned(),
        Problem::Invalid { entity, findings } => super::validation::v6_text(entity, findings),
        Problem::UnknownDescriptor { descriptor, value, .. } => {
            format!("Unable to resolve value '{value}' to an existing '{descriptor}' resource.")
        }
        Problem::UnifiedKey { name, entity, values } => {
            let values: Vec<String> = values.iter().map(|(path, value)| format!("{path} = {value}")).collect();
            let values = values.join(", ");
            format!("Supplied values for unified key property '{name}' on '{entity}' are not consistent: {values}")
        }
        Problem::Unresolved { entity, table } => {
            let name = match database {
                Database::SqlServer => super::names::camel(entity),
                Database::PostgreSql => table.to_lowercase(),
            };
            format!("The value supplied for the related '{name}' resource does not exist.")
        }
        Problem::Dependent { column, table, .. } => {
            let what = match column {
                Some(column) => format!("'{column}' value of the '{table}' entity"),
                None => format!("'{table}' entity"),
            };
            format!(
                "The resource (or a subordinate entity of the resource) cannot be deleted because it is a \
                 dependency of the {what}."
            )
        }
        Problem::DuplicateKey { entity, columns, values } if database == Database::PostgreSql => {
            let (columns, values, table) = (columns.join(", "), values.join(", "), entity.to_lowercase());
            if columns.contains(", ") {
                format!("The values {values} supplied for properties '{columns}' of entity '{table}' are not unique.")
            } else {
                format!("The value {values} supplied for property '{columns}' of entity '{table}' is not unique.")
            }
        }
        Problem::DuplicateKey { entity, columns, values } => format!(
            "A natural key conflict occurred when attempting to create a new resource '{}' with a duplicate key.  \
             The duplicated columns and values are [{}] ({}) This is likely caused by multiple resources with the \
             same key in the same file. Exactly one of these resources was inserted.",
            super::names::camel(entity),
            columns.join(", "),
            values.join(", ")
        ),
        Problem::Stale => "Resource was modified by another consumer.".to_owned(),
        Problem::BadId | Problem::KeyChange { .. } => "The request is invalid.".to_owned(),
        Problem::NotFound(Missing::Read { entity }) => {
            format!("Entity of type '{entity}' with the specified id was not found.")
        }
        Problem::NotFound(Missing::Update) => "Resource to update was not found.".to_owned(),
        Problem::NotFound(Missing::Delete) => "Resource to delete was not found.".to_owned(),
        Problem::BadLimit => {
            "Limit must be omitted or set to a value between 1 and max value defined in configuration \
                           file (defaultPageSizeLimit)."
                .to_owned()
        }
        Problem::BadPastLimit => {
            format!("Limit must be omitted or set to a value between 1 and {}.", super::query::LARGEST_PAGE)
        }
        Problem::BadPaging(text) => text.clone(),
        Problem::TooManyTokens { most } => too_many_tokens(*most),
        Problem::UnknownProfile { .. } => "The profile specified by the content type is not known.".to_owned(),
        Problem::WrongProfileUsage { reads } => {
            let (usage, header) = if *reads { ("writable", "Accept") } else { ("readable", "Content-Type") };
            format!("A profile-based content type that is {usage} cannot be used in the '{header}' header.")
        }
        Problem::MalformedProfile { reads } => {
            let header = if *reads { "Accept" } else { "Content-Type" };
            format!("The format of the profile-based '{header}' header was invalid.")
        }
        Problem::NoSnapshot => "Snapshot not available.".to_owned(),
        Problem::SnapshotIsReadOnly => "Snapshots are read-only.".to_owned(),
        Problem::BadOffset => "Offset must be greater than or equal to 0.".to_owned(),
        Problem::Internal => "An unexpected error occurred on the server.".to_owned(),
    };
    Some(Object::new().with("message", text))
}

fn model_state(errors: &[(String, String)]) -> Object<'static> {
    let mut state = Object::new();
    for (path, text) in errors {
        let name = if path.is_empty() { "request".to_owned() } else { format!("request.{path}") };
        state.push(name, vec![Value::from(text.clone())]);
    }
    Object::new().with("message", "The request is invalid.").with("modelState", state)
}
