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

/// `POST /oauth/token`: client credentials for a token.
pub(super) async fn token(State(app): State<Arc<App>>, method: Method, headers: HeaderMap, body: Bytes) -> Response {
    if method != Method::POST {
        return empty(StatusCode::METHOD_NOT_ALLOWED);
    }
    let form = fields(&headers, &body);
    let field = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let mut response = match grant(&app, &headers, &field) {
        Ok(body) => json(StatusCode::OK, Some(&body)),
        Err((status, body)) => json(status, Some(&body)),
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

type Refusal = (StatusCode, Object<'static>);

fn grant<'f>(
    app: &App,
    headers: &HeaderMap,
    field: &dyn Fn(&str) -> Option<&'f str>,
) -> Result<Object<'static>, Refusal> {
    if !field("grant_type").is_some_and(|grant| grant.eq_ignore_ascii_case("client_credentials")) {
        return Err(refusal(StatusCode::BAD_REQUEST, "unsupported_grant_type"));
    }
    let (id, secret) = credentials(headers, field)?;
    let known = app.keys.iter().position(|key| key.key == id && key.secret == secret);
    let Some(at) = known else { return Err(refusal(StatusCode::UNAUTHORIZED, "invalid_client")) };
    let scope = field("scope").filter(|scope| !scope.is_empty());
    if let Some(scope) = scope {
        let described =
            |text: &'static str| (StatusCode::BAD_REQUEST, error("invalid_scope").with("error_description", text));
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
    Ok(Object::new()
        .with("access_token", app.tokens.issue(at))
        .with("expires_in", lifetime)
        .with("token_type", "bearer")
        .with_some("scope", scope.map(str::to_owned)))
}

fn credentials<'f>(headers: &HeaderMap, field: &dyn Fn(&str) -> Option<&'f str>) -> Result<(String, String), Refusal> {
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

fn refusal(status: StatusCode, code: &'static str) -> Refusal {
    (status, error(code))
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
        let organizations = tables.organizations(&key.education_organization_ids).into_iter();
        organizations
            .map(|(id, entity, name)| {
                Value::Object(
                    Object::new()
                        .with("education_organization_id", id)
                        .with_some("name_of_institution", name)
                        .with("type", format!("edfi.{entity}")),
                )
            })
            .collect()
    });
    Object::new()
        .with("active", true)
        .with("client_id", key.key.clone())
        .with("namespace_prefixes", texts(&key.namespace_prefixes))
        .with("education_organizations", organizations)
        .with("student_identification_system", Value::Null)
        .with("assigned_profiles", Vec::new())
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
