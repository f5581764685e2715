//! The token endpoint, and token introspection.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rollcall_core::value::{Object, Value};

use super::App;
use super::problem::{Problem, empty, json};
use super::request::{bearer, decode_form};
use crate::config::ApiVersion;

/// `POST /oauth/token`: client credentials for a token.
pub(super) async fn token(
    State(app): State<Arc<App>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if method != Method::POST {
        return empty(StatusCode::METHOD_NOT_ALLOWED);
    }
    if app.version == ApiVersion::V7 && !headers.contains_key(header::CONTENT_TYPE) {
        return Problem::MediaType { missing: true }.respond(&app.dialect(&headers, &uri));
    }
    let form = fields(&headers, &body);
    let field = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let mut response = match grant(&app, &headers, &field) {
        Ok(body) => json(StatusCode::OK, Some(&body)),
        Err(Refused::OAuth(status, body)) => json(status, Some(&body)),
        Err(Refused::Problem(problem)) => problem.respond(&app.dialect(&headers, &uri)),
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Why there is no token: in the words of OAuth, or of the API.
enum Refused {
    OAuth(StatusCode, Object<'static>),
    Problem(Problem),
}

/// Good tokens that a client of version 7.3 has at most.
const MOST_TOKENS: usize = 15;

fn grant<'f>(
    app: &App,
    headers: &HeaderMap,
    field: &dyn Fn(&str) -> Option<&'f str>,
) -> Result<Object<'static>, Refused> {
    if !field("grant_type").is_some_and(|grant| grant.eq_ignore_ascii_case("client_credentials")) {
        return Err(refusal(StatusCode::BAD_REQUEST, "unsupported_grant_type"));
    }
    let (id, secret) = credentials(headers, field)?;
    let known = app.keys.iter().position(|key| key.key == id && key.secret == secret);
    let Some(at) = known else { return Err(refusal(StatusCode::UNAUTHORIZED, "invalid_client")) };
    let scope = field("scope").filter(|scope| !scope.is_empty());
    if let Some(scope) = scope {
        let described = |text: &'static str| {
            Refused::OAuth(StatusCode::BAD_REQUEST, error("invalid_scope").with("error_description", text))
        };
        match scope.trim().parse::<i64>() {
            Err(_) => {
                return Err(described(
                    "The supplied 'scope' was not a number (it should be an EducationOrganizationId that is explicitly \
                     associated with the client).",
                ));
            }
            Ok(id) if !app.keys[at].education_organization_ids.contains(&id) => {
                return Err(described(
                    "The client is not explicitly associated with the EducationOrganizationId specified in the \
                     requested 'scope'.",
                ));
            }
            Ok(_) => {}
        }
    }
    let lifetime = i64::try_from(app.tokens.lifetime().as_secs()).unwrap_or(i64::MAX);
    let most = (app.version == ApiVersion::V7).then_some(MOST_TOKENS);
    let token = app.tokens.issue(at, most).ok_or(Refused::Problem(Problem::TooManyTokens { most: MOST_TOKENS }))?;
    Ok(Object::new()
        .with("access_token", token)
        .with("expires_in", lifetime)
        .with("token_type", "bearer")
        .with_some("scope", scope.map(str::to_owned)))
}

fn credentials<'f>(headers: &HeaderMap, field: &dyn Fn(&str) -> Option<&'f str>) -> Result<(String, String), Refused> {
    let in_body = (field("client_id"), field("client_secret"));
    let Some(header) = headers.get(header::AUTHORIZATION) else {
        return match in_body {
            (Some(id), Some(secret)) => Ok((id.to_owned(), secret.to_owned())),
            _ => Err(refusal(StatusCode::UNAUTHORIZED, "invalid_request")),
        };
    };
    if in_body.0.is_some() || in_body.1.is_some() {
        return Err(refusal(StatusCode::BAD_REQUEST, "invalid_client"));
    }
    let malformed = || refusal(StatusCode::BAD_REQUEST, "invalid_request");
    let text = header.to_str().map_err(|_| malformed())?;
    let (scheme, value) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(refusal(StatusCode::UNAUTHORIZED, "invalid_client"));
    }
    let decoded = BASE64_STANDARD.decode(value.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let pair = decoded.as_deref().and_then(|text| text.split_once(':')).ok_or_else(malformed)?;
    Ok((pair.0.to_owned(), pair.1.to_owned()))
}

fn refusal(status: StatusCode, code: &'static str) -> Refused {
    Refused::OAuth(status, error(code))
}

fn error(code: &'static str) -> Object<'static> {
    Object::new().with("error", code)
}

/// `POST /oauth/token_info`: what a token stands for.
pub(super) async fn token_info(
    State(app): State<Arc<App>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if method != Method::POST {
        return empty(StatusCode::METHOD_NOT_ALLOWED);
    }
    let caller = match bearer(&headers) {
        Ok(token) => app.tokens.owner(token),
        Err(problem) => return problem.respond(&app.dialect(&headers, &uri)),
    };
    let Some(caller) = caller else {
        return Problem::Unauthenticated("Invalid token.").respond(&app.dialect(&headers, &uri));
    };
    let form = fields(&headers, &body);
    let token = form.iter().find(|(name, _)| name == "token").map(|(_, token)| token.as_str()).unwrap_or_default();
    // Version 7 tells a caller about its own token only.
    if app.version == ApiVersion::V7 && bearer(&headers).ok() != Some(token) {
        return Problem::Unauthenticated("Invalid token.").respond(&app.dialect(&headers, &uri));
    }
    if uuid::Uuid::try_parse(token).is_err() {
        let body = Object::new().with("message", "Invalid token");
        return json(StatusCode::BAD_REQUEST, Some(&body));
    }
    match app.tokens.owner(token) {
        Some(owner) if owner == caller => json(StatusCode::OK, Some(&introspection(&app, owner))),
        Some(_) => Problem::Unauthenticated("Invalid token.").respond(&app.dialect(&headers, &uri)),
        None => json(StatusCode::OK, Some(&Object::new().with("active", false))),
    }
}

fn introspection(app: &App, owner: usize) -> Object<'static> {
    let key = &app.keys[owner];
    let texts = |texts: &[String]| texts.iter().cloned().map(Value::from).collect::<Vec<_>>();
    let organizations: Vec<Value<'static>> = app.store.read(|tables| {
        let mut described = Vec::new();
        for &id in &key.education_organization_ids {
            let Some((entity, name)) = tables.organization(id) else { continue };
            let mut organization = Object::new()
                .with("education_organization_id", id)
                .with_some("name_of_institution", name)
                .with("type", format!("edfi.{entity}"));
            // Its own id and those of what stands above it, under the names of their kinds.
            for above in tables.organizations_above(id) {
                if let Some((entity, _)) = tables.organization(above) {
                    organization.push(format!("{}_id", snake(&entity)), above);
                }
            }
            described.push(Value::Object(organization));
        }
        described
    });
    let info = Object::new()
        .with("active", true)
        .with("client_id", key.key.clone())
        .with("namespace_prefixes", texts(&key.namespace_prefixes))
        .with("education_organizations", organizations)
        .with("student_identification_system", Value::Null)
        .with("assigned_profiles", Vec::new());
    if app.version == ApiVersion::V6 {
        return info;
    }
    let resources = app.catalog.resources.iter().filter_map(|resource| {
        let actions = key.access.actions(resource.domain);
        let operations: Vec<Value<'static>> = actions.iter().map(|action| action.name().into()).collect();
        let described = Object::new().with("resource", resource.path()).with("operations", operations);
        (!actions.is_empty()).then_some(Value::Object(described))
    });
    info.with("claim_set", Object::new().with("name", key.access.name()))
        .with("resources", resources.collect::<Vec<_>>())
        .with("services", Vec::new())
}

/// `LocalEducationAgency` → `local_education_agency`.
fn snake(entity: &str) -> String {
    let mut text = String::new();
    for (at, character) in entity.char_indices() {
        if at > 0 && character.is_ascii_uppercase() {
            text.push('_');
        }
        text.push(character.to_ascii_lowercase());
    }
    text
}

/// The fields of a form or of a JSON object of texts.
fn fields(headers: &HeaderMap, body: &[u8]) -> Vec<(String, String)> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/json") {
        return decode_form(&String::from_utf8_lossy(body));
    }
    let object: Object<'static> = serde_json::from_slice(body).unwrap_or_default();
    object.iter().map(|(name, value)| (name.to_owned(), value.key_text().into_owned())).collect()
}
