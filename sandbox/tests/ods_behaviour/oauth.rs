//! Section 2: OAuth.

use std::time::Duration;

use reqwest::{RequestBuilder, StatusCode};
use rollcall_sandbox::SandboxConfig;
use serde_json::json;

use super::common::{Answer, Api, DISTRICT, SCHOOL, read};
use super::{both, both_for_vendor};

const GRANT: (&str, &str) = ("grant_type", "client_credentials");

impl Api {
    async fn ask(&self, build: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Answer {
        read(build(self.client.post(self.url("/oauth/token"))).send().await.unwrap()).await
    }

    async fn introspect(&self, bearer: &str, token: &str) -> Answer {
        let request = self.client.post(self.url("/oauth/token_info")).bearer_auth(bearer);
        read(request.form(&[("token", token)]).send().await.unwrap()).await
    }
}

#[track_caller]
fn refused(answer: Answer, status: u16, code: &str) {
    assert_eq!(answer.expect(status).text, format!("{{\"error\":\"{code}\"}}"));
}

#[tokio::test]
async fn a_token_for_a_basic_header_a_form_or_json() {
    for (_, api) in both().await {
        api.ask(|r| r.basic_auth("full", Some("full-secret")).form(&[GRANT])).await.expect(200);
        api.ask(|r| r.form(&[GRANT, ("client_id", "sis"), ("client_secret", "sis-secret")])).await.expect(200);
        let json = json!({"grant_type": "Client_Credentials", "client_id": "sis", "client_secret": "sis-secret"});
        api.ask(|r| r.json(&json)).await.expect(200);
    }
}

#[tokio::test]
async fn the_answer_has_token_lifetime_and_type_and_is_not_stored() {
    for (_, api) in both().await {
        let answer = api.ask(|r| r.basic_auth("full", Some("full-secret")).form(&[GRANT])).await.expect(200);
        assert_eq!(answer.header("cache-control"), "no-store");
        let body = answer.json();
        assert_eq!((&body["expires_in"], &body["token_type"]), (&json!(1800), &json!("bearer")));
        let token = body["access_token"].as_str().unwrap();
        assert!(token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_hexdigit()), "{token}");
        assert!(body.get("scope").is_none());
    }
}

#[tokio::test]
async fn the_lifetime_can_be_set_and_ends_the_token() {
    let api = Api::with(|config: &mut SandboxConfig| config.token_lifetime = Duration::ZERO).await;
    let body = api.ask(|r| r.basic_auth("full", Some("full-secret")).form(&[GRANT])).await.expect(200).json();
    assert_eq!(body["expires_in"], 0);
    api.get("schools").await.expect(401);
}

#[tokio::test]
async fn wrong_key_or_secret_is_401_invalid_client() {
    for (_, api) in both().await {
        refused(api.ask(|r| r.basic_auth("full", Some("no")).form(&[GRANT])).await, 401, "invalid_client");
        refused(api.ask(|r| r.basic_auth("nobody", Some("full-secret")).form(&[GRANT])).await, 401, "invalid_client");
    }
}

#[tokio::test]
async fn no_credentials_are_401_invalid_request() {
    for (_, api) in both().await {
        refused(api.ask(|r| r.form(&[GRANT])).await, 401, "invalid_request");
    }
}

#[tokio::test]
async fn a_scheme_other_than_basic_is_401_invalid_client() {
    for (_, api) in both().await {
        refused(api.ask(|r| r.header("authorization", "Digest x").form(&[GRANT])).await, 401, "invalid_client");
    }
}

#[tokio::test]
async fn a_malformed_basic_header_is_400_invalid_request() {
    for (_, api) in both().await {
        refused(api.ask(|r| r.header("authorization", "Basic !").form(&[GRANT])).await, 400, "invalid_request");
    }
}

#[tokio::test]
async fn credentials_in_header_and_body_are_400_invalid_client() {
    for (_, api) in both().await {
        let form = [GRANT, ("client_id", "full"), ("client_secret", "full-secret")];
        refused(api.ask(|r| r.basic_auth("full", Some("full-secret")).form(&form)).await, 400, "invalid_client");
    }
}

#[tokio::test]
async fn another_grant_type_or_none_is_400_unsupported_grant_type() {
    for (_, api) in both().await {
        for form in [[("grant_type", "password")], [("grant", "client_credentials")]] {
            let answer = api.ask(|r| r.basic_auth("full", Some("full-secret")).form(&form)).await;
            refused(answer, 400, "unsupported_grant_type");
        }
    }
}

#[tokio::test]
async fn a_scope_is_an_education_organization_of_the_client() {
    for (_, api) in both().await {
        let ask = async |scope: &str| {
            let form = [GRANT, ("client_id", "sis"), ("client_secret", "sis-secret"), ("scope", scope)];
            api.ask(|r| r.form(&form)).await
        };
        let described = async |scope: &str| {
            let body = ask(scope).await.expect(400).json();
            assert_eq!(body["error"], "invalid_scope");
            body["error_description"].as_str().unwrap().to_owned()
        };
        assert_eq!(
            described("abc").await,
            "The supplied 'scope' was not a number (it should be an EducationOrganizationId that is explicitly \
             associated with the client)."
        );
        assert_eq!(
            described("7").await,
            "The client is not explicitly associated with the EducationOrganizationId specified in the requested \
             'scope'."
        );
        assert_eq!(ask("255901").await.expect(200).json()["scope"], "255901");
    }
}

#[tokio::test]
async fn version_7_gives_a_client_15_tokens_and_version_6_any_number() {
    for (version, api) in both().await {
        let mut last = StatusCode::OK;
        for _ in 0..15 {
            // One is the sandbox's first.
            let answer = api.ask(|r| r.basic_auth("full", Some("full-secret")).form(&[GRANT])).await;
            last = answer.status;
            if last == StatusCode::TOO_MANY_REQUESTS {
                let body = answer.json();
                assert_eq!(body["type"], "urn:ed-fi:api:security:authentication:too-many-tokens");
                assert_eq!(body["title"], "Too Many Tokens");
                let text = "Too many access tokens have been requested (limit is 15). Access tokens should be reused \
                            until they expire.";
                assert_eq!(body["errors"], json!([text]));
            }
        }
        assert_eq!(last.as_u16(), if version == 6 { 200 } else { 429 });
        // Another client has its own.
        api.ask(|r| r.basic_auth("sis", Some("sis-secret")).form(&[GRANT])).await.expect(200);
        api.sandbox.expire_tokens();
        api.ask(|r| r.basic_auth("full", Some("full-secret")).form(&[GRANT])).await.expect(200);
    }
}

#[tokio::test]
async fn a_token_request_without_content_type_is_415_in_version_7() {
    let api = Api::version_7(false).await;
    let answer = api.ask(|r| r.basic_auth("full", Some("full-secret")).body("grant_type=client_credentials")).await;
    assert_eq!(answer.expect(415).json()["type"], "urn:ed-fi:api:unsupported-media-type");
}

#[tokio::test]
async fn only_post_asks_for_a_token() {
    for (_, api) in both().await {
        for path in ["/oauth/token", "/oauth/token_info"] {
            read(api.client.get(api.url(path)).send().await.unwrap()).await.expect(405);
        }
    }
}

#[tokio::test]
async fn token_info_tells_what_a_token_stands_for() {
    for (version, api) in both_for_vendor().await {
        let info = api.introspect(&api.token, &api.token).await.expect(200).json();
        assert_eq!((&info["active"], &info["client_id"]), (&json!(true), &json!("sis")));
        assert_eq!(info["namespace_prefixes"], json!(["uri://ed-fi.org"]));
        let expected = json!([{"education_organization_id": DISTRICT, "name_of_institution": "District",
            "type": "edfi.LocalEducationAgency", "local_education_agency_id": DISTRICT, "state_education_agency_id": 1}]);
        assert_eq!(info["education_organizations"], expected);
        assert_eq!((&info["student_identification_system"], &info["assigned_profiles"]), (&json!(null), &json!([])));
        if version == 6 {
            assert!(info.get("claim_set").is_none());
            continue;
        }
        assert_eq!(info["claim_set"], json!({"name": "SIS Vendor"}));
        let of = |path: &str| {
            let all = info["resources"].as_array().unwrap();
            all.iter().find(|entry| entry["resource"] == path).map(|entry| entry["operations"].clone())
        };
        assert_eq!(of("/ed-fi/schools").unwrap(), json!(["Read", "ReadChanges"]));
        assert_eq!(of("/ed-fi/students").unwrap(), json!(["Create", "Read", "Update", "Delete", "ReadChanges"]));
        assert_eq!(of("/ed-fi/surveys"), None);
        assert_eq!(info["services"], json!([]));
    }
}

#[tokio::test]
async fn token_info_names_what_stands_above_a_school() {
    let api = Api::with(|config| {
        config.keys = vec![rollcall_sandbox::ApiKey::sis_vendor("school", "secret", [SCHOOL])];
    })
    .await;
    let info = api.introspect(&api.token, &api.token).await.expect(200).json();
    let school = &info["education_organizations"][0];
    assert_eq!((&school["type"], &school["school_id"]), (&json!("edfi.School"), &json!(SCHOOL)));
    assert_eq!(school["local_education_agency_id"], DISTRICT);
    // JSON in place of a form.
    let request = api.client.post(api.url("/oauth/token_info")).bearer_auth(&api.token);
    read(request.json(&json!({"token": api.token})).send().await.unwrap()).await.expect(200);
}

#[tokio::test]
async fn token_info_of_no_token_or_of_anothers() {
    for (version, api) in both().await {
        let no_token = api.introspect(&api.token, "x").await;
        match version {
            6 => drop(no_token.says(400, "Invalid token")),
            _ => drop(no_token.expect(401)),
        }
        let other = api.token_of("sis", "sis-secret").await;
        api.introspect(&api.token, &other).await.expect(401);
        api.introspect("unknown", &api.token).await.expect(401);
    }
}

#[tokio::test]
async fn a_call_without_a_good_token_is_401() {
    let texts = [
        (None, "Authorization header is missing."),
        (Some("Basic abc"), "Unknown Authorization header scheme."),
        (Some("Bearer "), "Missing Authorization header bearer token value."),
        (Some("Bearer 0123456789abcdef0123456789abcdef"), "Invalid token."),
    ];
    for (version, api) in both().await {
        for (header, text) in texts {
            let mut request = api.client.get(api.url("/data/v3/ed-fi/schools"));
            if let Some(header) = header {
                request = request.header("authorization", header);
            }
            let answer = read(request.send().await.unwrap()).await;
            if version == 6 {
                assert_eq!(answer.expect(401).text, "");
                continue;
            }
            assert_eq!(answer.header("content-type"), "application/problem+json; charset=utf-8");
            let body = answer.details(401, "security:authentication", "The caller could not be authenticated.");
            assert_eq!((&body["title"], &body["errors"]), (&json!("Authentication Failed"), &json!([text])));
        }
    }
}
