//! Discovery, tokens and the dependency order.

mod common;

use std::time::Duration;

use common::{Answer, Api, read};
use serde_json::json;

async fn ask_token(api: &Api, build: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder) -> Answer {
    read(build(api.client.post(api.url("/oauth/token"))).send().await.unwrap()).await
}

const GRANT: (&str, &str) = ("grant_type", "client_credentials");

#[tokio::test]
async fn the_discovery_document_names_all_urls() {
    let api = Api::full().await;
    let document = read(api.client.get(api.url("/")).send().await.unwrap()).await.expect(200).json();
    let root = api.sandbox.url();
    assert_eq!(document["apiMode"], "Shared Instance");
    assert_eq!(document["suite"], "3");
    assert_eq!(document["dataModels"][0]["name"], "Ed-Fi");
    assert_eq!(document["dataModels"][0]["version"], "4.0.0");
    assert_eq!(document["dataModels"][1]["name"], "XX");
    assert_eq!(document["urls"]["oauth"], format!("{root}/oauth/token"));
    assert_eq!(document["urls"]["dataManagementApi"], format!("{root}/data/v3/"));
    assert_eq!(document["urls"]["dependencies"], format!("{root}/metadata/data/v3/dependencies"));
    assert_eq!(document["urls"]["openApiMetadata"], format!("{root}/metadata/"));
}

#[tokio::test]
async fn a_token_by_header_or_by_form() {
    let api = Api::full().await;
    let answer = ask_token(&api, |r| r.basic_auth("full", Some("full-secret")).form(&[GRANT])).await.expect(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.json();
    assert_eq!(body["expires_in"], 1800);
    assert_eq!(body["token_type"], "bearer");
    assert_eq!(body["access_token"].as_str().unwrap().len(), 32);
    let form = [GRANT, ("client_id", "sis"), ("client_secret", "sis-secret")];
    ask_token(&api, |r| r.form(&form)).await.expect(200);
    let json = json!({"grant_type": "Client_Credentials", "client_id": "sis", "client_secret": "sis-secret"});
    ask_token(&api, |r| r.json(&json)).await.expect(200);
}

#[tokio::test]
async fn token_refusals() {
    let api = Api::full().await;
    let check = |answer: Answer, status: u16, error: &str| {
        let answer = answer.expect(status);
        assert_eq!(answer.text, format!("{{\"error\":\"{error}\"}}"));
    };
    check(ask_token(&api, |r| r.basic_auth("full", Some("no")).form(&[GRANT])).await, 401, "invalid_client");
    check(ask_token(&api, |r| r.form(&[GRANT])).await, 401, "invalid_request");
    check(ask_token(&api, |r| r.header("authorization", "Digest x").form(&[GRANT])).await, 401, "invalid_client");
    check(ask_token(&api, |r| r.header("authorization", "Basic !").form(&[GRANT])).await, 400, "invalid_request");
    let both = [GRANT, ("client_id", "full"), ("client_secret", "full-secret")];
    check(ask_token(&api, |r| r.basic_auth("full", Some("full-secret")).form(&both)).await, 400, "invalid_client");
    let other = [("grant_type", "password")];
    check(ask_token(&api, |r| r.basic_auth("full", Some("x")).form(&other)).await, 400, "unsupported_grant_type");
    let scoped = |scope: &'static str| [GRANT, ("client_id", "sis"), ("client_secret", "sis-secret"), ("scope", scope)];
    let answer = ask_token(&api, |r| r.form(&scoped("abc"))).await.expect(400).json();
    assert_eq!(answer["error"], "invalid_scope");
    assert_eq!(
        answer["error_description"],
        "The supplied 'scope' was not a number (it should be an EducationOrganizationId that is explicitly associated \
         with the client)."
    );
    let answer = ask_token(&api, |r| r.form(&scoped("7"))).await.expect(400).json();
    assert_eq!(
        answer["error_description"],
        "The client is not explicitly associated with the EducationOrganizationId specified in the requested 'scope'."
    );
    assert_eq!(ask_token(&api, |r| r.form(&scoped("255901"))).await.expect(200).json()["scope"], "255901");
}

#[tokio::test]
async fn a_bad_token_is_401_with_an_empty_body() {
    let mut api = Api::full().await;
    api.token = "0123456789abcdef0123456789abcdef".to_owned();
    assert_eq!(api.get("schools").await.expect(401).text, "");
}

#[tokio::test]
async fn a_token_expires() {
    let api = Api::with(|config| config.token_lifetime = Duration::from_millis(50)).await;
    tokio::time::sleep(Duration::from_millis(80)).await;
    api.get("schools").await.expect(401);
}

#[tokio::test]
async fn version_7_explains_a_bad_token() {
    let mut api = Api::version_7(false).await;
    api.token = "nonsense".to_owned();
    let body = api.get("schools").await.expect(401).json();
    assert_eq!(body["type"], "urn:ed-fi:api:security:authentication");
    assert_eq!(body["detail"], "The caller could not be authenticated.");
    assert_eq!(body["errors"], json!(["Invalid token."]));
}

#[tokio::test]
async fn token_info_names_the_callers_education_organizations() {
    let api = Api::vendor().await;
    let ask = |token: String| {
        let request = api.client.post(api.url("/oauth/token_info")).bearer_auth(&api.token);
        async move { read(request.form(&[("token", token)]).send().await.unwrap()).await }
    };
    let info = ask(api.token.clone()).await.expect(200).json();
    assert_eq!(info["active"], true);
    assert_eq!(info["client_id"], "sis");
    assert_eq!(info["education_organizations"][0]["education_organization_id"], common::DISTRICT);
    assert_eq!(info["education_organizations"][0]["type"], "edfi.LocalEducationAgency");
    assert_eq!(ask("x".to_owned()).await.expect(400).message(), "Invalid token");
    ask(api.token_of("full", "full-secret").await).await.expect(401);
}

#[tokio::test]
async fn an_address_for_other_machines_must_be_allowed() {
    let config = rollcall_sandbox::SandboxConfig { listen: "0.0.0.0:0".parse().unwrap(), ..Default::default() };
    let error = rollcall_sandbox::Sandbox::start(config, common::schema(), common::seed()).await.unwrap_err();
    assert!(error.to_string().contains("not a loopback address"), "{error}");
}

#[tokio::test]
async fn secrets_do_not_show_in_debug() {
    let key = rollcall_sandbox::ApiKey::full("key", "s3cret");
    assert!(!format!("{key:?}").contains("s3cret"));
}
