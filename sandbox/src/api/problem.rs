//! What is wrong with a request, and how version 6 says it.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use rollcall_core::value::{Object, Value};

use super::validation::Finding;
use super::{problem_v6, problem_v7};
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
            ApiVersion::V6 => problem_v6::body(self, dialect.database),
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
        let body = problem_v6::body(self, Database::SqlServer);
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

/// An answer without a body.
pub(crate) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
