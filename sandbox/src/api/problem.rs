//! What is wrong with a request, and how version 6 says it.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use rollcall_core::value::{Object, Value};

use super::problem_v7;
use super::validation::Finding;
use crate::config::{ApiVersion, Database};
use crate::security::Action;

/// How a server says what is wrong.
#[derive(Debug, Clone)]
pub(crate) struct Dialect {
    pub(crate) version: ApiVersion,
    pub(crate) database: Database,
    /// What the request is to be recognised by, for version 7.
    pub(crate) correlation: Option<String>,
}

/// Why a request was refused. It can hold what the body held, so it has no `Debug`.
pub(crate) enum Problem {
    /// No good token; the text is version 7's.
    Unauthenticated(&'static str),
    /// The client has all the tokens that it may have.
    TooManyTokens {
        most: usize,
    },
    /// The caller's claims do not grant the action.
    ActionDenied {
        action: Action,
        /// The claims that could.
        claims: Vec<String>,
        /// The caller's claim set.
        set: &'static str,
    },
    /// The caller has no claim on the resource.
    ResourceDenied {
        /// The claims that could grant it.
        claims: Vec<String>,
        /// The caller's claim set.
        set: &'static str,
        /// The claims in it.
        held: Vec<String>,
    },
    /// No relationship between the caller and the record.
    RelationshipDenied {
        /// The caller's education organizations.
        claims: Vec<i64>,
        /// Names of the subjects (`StudentUniqueId`).
        subjects: Vec<String>,
        /// Version 7's advice.
        hint: Option<&'static str>,
    },
    /// A subject has no value.
    SubjectEmpty(String),
    /// A person that authorization needs does not exist.
    PersonNotFound {
        entity: String,
        subject: String,
        hint: &'static str,
        claims: Vec<i64>,
    },
    /// The namespace is not the caller's.
    NamespaceDenied {
        prefixes: Vec<String>,
        /// Whether it is a stored record's.
        existing: bool,
    },
    /// The namespace has no value.
    NamespaceEmpty {
        /// Whether it is a stored record's.
        existing: bool,
    },
    /// The caller has no namespaces.
    NoNamespaces,
    EmptyBody,
    /// Broken JSON or members of a wrong type: path and text.
    NotBindable(Vec<(String, String)>),
    IdInBody,
    /// The body breaks rules of the model.
    Invalid {
        entity: String,
        findings: Vec<Finding>,
    },
    UnknownDescriptor {
        descriptor: String,
        value: String,
        path: String,
    },
    UnifiedKey {
        name: String,
        entity: String,
        values: Vec<(String, String)>,
    },
    KeyChange {
        entity: String,
    },
    /// A reference names no record.
    Unresolved {
        /// What is named.
        entity: String,
        /// What names it.
        table: String,
    },
    /// The record is named by others.
    Dependent {
        column: Option<String>,
        table: String,
        root: String,
    },
    /// Another record has this key.
    DuplicateKey {
        entity: String,
        columns: Vec<String>,
        values: Vec<String>,
    },
    /// `If-Match` does not match.
    Stale,
    /// An id that is none.
    BadId,
    NotFound(Missing),
    BadLimit,
    BadOffset,
    /// The same for change queries.
    BadPastLimit,
    /// Parameters of paging that contradict each other or their bounds; version 7's words.
    BadPaging(String),
    /// A media type of a profile that is not there; of an answer, or of a body.
    UnknownProfile {
        reads: bool,
    },
    /// A media type of a profile for the other usage.
    WrongProfileUsage {
        reads: bool,
    },
    /// A media type of no profile at all.
    MalformedProfile {
        reads: bool,
    },
    /// A snapshot is asked for that is not there.
    NoSnapshot,
    /// A write to a snapshot.
    SnapshotIsReadOnly,
    /// A query parameter of another type.
    BadParameter {
        name: String,
    },
    MethodNotAllowed {
        method: String,
        /// Version 7's words, where it explains itself.
        advice: Option<&'static str>,
    },
    MediaType {
        missing: bool,
    },
    Route,
    /// The storage failed.
    Internal,
}

/// Which request did not find its record.
#[derive(Debug)]
pub(crate) enum Missing {
    Read { entity: String },
    Update,
    Delete,
}

impl Problem {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
            Self::ActionDenied { .. }
            | Self::ResourceDenied { .. }
            | Self::RelationshipDenied { .. }
            | Self::SubjectEmpty(_)
            | Self::NamespaceDenied { .. }
            | Self::NamespaceEmpty { .. }
            | Self::NoNamespaces => StatusCode::FORBIDDEN,
            Self::PersonNotFound { .. }
            | Self::Unresolved { .. }
            | Self::Dependent { .. }
            | Self::DuplicateKey { .. } => StatusCode::CONFLICT,
            Self::EmptyBody
            | Self::NotBindable(_)
            | Self::IdInBody
            | Self::Invalid { .. }
            | Self::UnknownDescriptor { .. }
            | Self::UnifiedKey { .. }
            | Self::KeyChange { .. }
            | Self::BadId
            | Self::BadLimit
            | Self::BadPastLimit
            | Self::BadOffset
            | Self::BadPaging(_)
            | Self::WrongProfileUsage { reads: true }
            | Self::MalformedProfile { .. }
            | Self::BadParameter { .. } => StatusCode::BAD_REQUEST,
            Self::Stale => StatusCode::PRECONDITION_FAILED,
            Self::NotFound(_) | Self::Route => StatusCode::NOT_FOUND,
            Self::NoSnapshot => StatusCode::GONE,
            Self::UnknownProfile { reads: true } => StatusCode::NOT_ACCEPTABLE,
            Self::MethodNotAllowed { .. } | Self::SnapshotIsReadOnly | Self::WrongProfileUsage { reads: false } => {
                StatusCode::METHOD_NOT_ALLOWED
            }
            Self::MediaType { .. } | Self::UnknownProfile { reads: false } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooManyTokens { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The answer in the form of a version.
    pub(crate) fn respond(&self, dialect: &Dialect) -> Response {
        let version = dialect.version;
        let body = match version {
            ApiVersion::V6 => self.v6(dialect.database),
            ApiVersion::V7 => Some(problem_v7::body(self, dialect.correlation.as_deref())),
        };
        let status = match (self, version) {
            (Self::PersonNotFound { .. }, ApiVersion::V7) => StatusCode::FORBIDDEN,
            (Self::NoSnapshot, ApiVersion::V7) => StatusCode::NOT_FOUND,
            _ => self.status(),
        };
        let mut response = json(status, body.as_ref());
        if version == ApiVersion::V7 && self.is_of_middleware() {
            response.headers_mut().insert(header::CONTENT_TYPE, PROBLEM_JSON);
        }
        if matches!(self, Self::SnapshotIsReadOnly) {
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET"));
        }
        response
    }

    /// Whether a server says it before its resources see the request.
    fn is_of_middleware(&self) -> bool {
        matches!(self, Self::Unauthenticated(_) | Self::Route | Self::MethodNotAllowed { .. } | Self::MediaType { .. })
    }

    /// The text of the refusal, for callers inside the process.
    pub(crate) fn text(&self) -> String {
        let body = self.v6(Database::SqlServer);
        let text = body.as_ref().and_then(|body| body.get("message")).and_then(Value::as_text);
        text.unwrap_or_else(|| self.status().canonical_reason().unwrap_or_default()).to_owned()
    }

    /// The text of the refusal without any value of the record.
    pub(crate) fn plain(&self) -> String {
        match self {
            Self::UnknownDescriptor { descriptor, path, .. } => format!("{path} is in no code list of {descriptor}"),
            Self::UnifiedKey { name, values, .. } => {
                let paths: Vec<&str> = values.iter().map(|(path, _)| path.as_str()).collect();
                format!("{name} differs: {}", paths.join(", "))
            }
            Self::DuplicateKey { columns, .. } => format!("another record has the same {}", columns.join(", ")),
            Self::NotBindable(errors) => {
                let errors: Vec<String> = errors.iter().map(|(path, text)| format!("{path}: {text}")).collect();
                errors.join(" ")
            }
            other => other.text(),
        }
    }

    fn v6(&self, database: Database) -> Option<Object<'static>> {
        let text = match self {
            Self::Unauthenticated(_) | Self::Route | Self::MethodNotAllowed { .. } | Self::MediaType { .. } => {
                return None;
            }
            Self::NotBindable(errors) => return Some(model_state(errors)),
            Self::BadParameter { name } => {
                let text = "The value is not valid for this parameter.".to_owned();
                return Some(model_state(&[(name.clone(), text)]));
            }
            Self::ResourceDenied { claims, set, held } => {
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
            Self::ActionDenied { action, .. } => {
                let action = action.uri();
                format!("Access to the resource could not be authorized for the requested action '{action}'.")
            }
            Self::RelationshipDenied { claims, subjects, .. } => {
                format!("Authorization denied. {}", relationship_text(claims, subjects))
            }
            Self::SubjectEmpty(name) => format!(
                "Access to the resource item could not be authorized because the '{name}' of the resource is empty."
            ),
            Self::PersonNotFound { entity, .. } => {
                format!("Access to the resource item could not be authorized because the '{entity}' was not found.")
            }
            Self::NamespaceEmpty { .. } => {
                "Access to the resource item could not be authorized because the Namespace of the resource is empty."
                    .to_owned()
            }
            Self::NoNamespaces => format!(
                "Access to the resource could not be authorized because the caller did not have any NamespacePrefix \
                 claims ('{NAMESPACE_CLAIM}') or the claim values were all empty."
            ),
            Self::NamespaceDenied { prefixes, .. } => format!(
                "Access to the resource item could not be authorized based on the caller's NamespacePrefix claims: {}.",
                quoted(prefixes)
            ),
            Self::EmptyBody => "A non-empty request body is required.".to_owned(),
            Self::IdInBody => "Resource identifiers cannot be assigned by the client.".to_owned(),
            Self::Invalid { entity, findings } => super::validation::v6_text(entity, findings),
            Self::UnknownDescriptor { descriptor, value, .. } => {
                format!("Unable to resolve value '{value}' to an existing '{descriptor}' resource.")
            }
            Self::UnifiedKey { name, entity, values } => {
                let values: Vec<String> = values.iter().map(|(path, value)| format!("{path} = {value}")).collect();
                let values = values.join(", ");
                format!("Supplied values for unified key property '{name}' on '{entity}' are not consistent: {values}")
            }
            Self::Unresolved { entity, table } => {
                let name = match database {
                    Database::SqlServer => super::names::camel(entity),
                    Database::PostgreSql => table.to_lowercase(),
                };
                format!("The value supplied for the related '{name}' resource does not exist.")
            }
            Self::Dependent { column, table, .. } => {
                let what = match column {
                    Some(column) => format!("'{column}' value of the '{table}' entity"),
                    None => format!("'{table}' entity"),
                };
                format!(
                    "The resource (or a subordinate entity of the resource) cannot be deleted because it is a \
                     dependency of the {what}."
                )
            }
            Self::DuplicateKey { entity, columns, values } if database == Database::PostgreSql => {
                let (columns, values, table) = (columns.join(", "), values.join(", "), entity.to_lowercase());
                if columns.contains(", ") {
                    format!(
                        "The values {values} supplied for properties '{columns}' of entity '{table}' are not unique."
                    )
                } else {
                    format!("The value {values} supplied for property '{columns}' of entity '{table}' is not unique.")
                }
            }
            Self::DuplicateKey { entity, columns, values } => format!(
                "A natural key conflict occurred when attempting to create a new resource '{}' with a duplicate key.  \
                 The duplicated columns and values are [{}] ({}) This is likely caused by multiple resources with the \
                 same key in the same file. Exactly one of these resources was inserted.",
                super::names::camel(entity),
                columns.join(", "),
                values.join(", ")
            ),
            Self::Stale => "Resource was modified by another consumer.".to_owned(),
            Self::BadId | Self::KeyChange { .. } => "The request is invalid.".to_owned(),
            Self::NotFound(Missing::Read { entity }) => {
                format!("Entity of type '{entity}' with the specified id was not found.")
            }
            Self::NotFound(Missing::Update) => "Resource to update was not found.".to_owned(),
            Self::NotFound(Missing::Delete) => "Resource to delete was not found.".to_owned(),
            Self::BadLimit => {
                "Limit must be omitted or set to a value between 1 and max value defined in configuration \
                               file (defaultPageSizeLimit)."
                    .to_owned()
            }
            Self::BadPastLimit => {
                format!("Limit must be omitted or set to a value between 1 and {}.", super::query::LARGEST_PAGE)
            }
            Self::BadPaging(text) => text.clone(),
            Self::TooManyTokens { most } => too_many_tokens(*most),
            Self::UnknownProfile { .. } => "The profile specified by the content type is not known.".to_owned(),
            Self::WrongProfileUsage { reads } => {
                let (usage, header) = if *reads { ("writable", "Accept") } else { ("readable", "Content-Type") };
                format!("A profile-based content type that is {usage} cannot be used in the '{header}' header.")
            }
            Self::MalformedProfile { reads } => {
                let header = if *reads { "Accept" } else { "Content-Type" };
                format!("The format of the profile-based '{header}' header was invalid.")
            }
            Self::NoSnapshot => "Snapshot not available.".to_owned(),
            Self::SnapshotIsReadOnly => "Snapshots are read-only.".to_owned(),
            Self::BadOffset => "Offset must be greater than or equal to 0.".to_owned(),
            Self::Internal => "An unexpected error occurred on the server.".to_owned(),
        };
        Some(Object::new().with("message", text))
    }
}

/// `No relationships have been established …`, the sentence that both versions use.
pub(super) fn relationship_text(claims: &[i64], subjects: &[String]) -> String {
    let mut claims = claims.to_vec();
    claims.sort_unstable();
    let mut ids: Vec<String> = claims.iter().take(5).map(i64::to_string).collect();
    if claims.len() > 5 {
        ids.push("...".to_owned());
    }
    let ids = if ids.is_empty() { "none".to_owned() } else { ids.join(", ") };
    let noun = if claims.len() == 1 { "claim" } else { "claims" };
    let start = format!(
        "No relationships have been established between the caller's education organization id {noun} ({ids}) and"
    );
    match subjects {
        [one] => format!("{start} the resource item's '{one}' value."),
        several => {
            let mut several = several.to_vec();
            several.sort_unstable();
            format!("{start} one or more of the following properties of the resource item: {}.", quoted(&several))
        }
    }
}

/// Version 7.3 limits the tokens of a client.
pub(super) fn too_many_tokens(most: usize) -> String {
    format!(
        "Too many access tokens have been requested (limit is {most}). Access tokens should be reused until they expire."
    )
}

/// A list in single quotes.
pub(super) fn quoted(texts: &[String]) -> String {
    texts.iter().map(|text| format!("'{text}'")).collect::<Vec<_>>().join(", ")
}

/// An answer with a JSON body, or with none.
pub(crate) fn json(status: StatusCode, body: Option<&Object<'_>>) -> Response {
    let Some(body) = body else { return empty(status) };
    let mut response = Response::new(Body::from(body.to_json()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

/// The content type of all JSON answers.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json; charset=utf-8");

/// The claim type that carries namespace prefixes.
const NAMESPACE_CLAIM: &str = "http://ed-fi.org/claims/namespacePrefix";

/// An answer without a body.
pub(crate) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn model_state(errors: &[(String, String)]) -> Object<'static> {
    let mut state = Object::new();
    for (path, text) in errors {
        let name = if path.is_empty() { "request".to_owned() } else { format!("request.{path}") };
        state.push(name, vec![Value::from(text.clone())]);
    }
    Object::new().with("message", "The request is invalid.").with("modelState", state)
}
