//! Discovery, and who may connect.

mod common;

use common::{Api, read};

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
async fn an_address_for_other_machines_must_be_allowed() {
    let config = rollcall_sandbox::SandboxConfig { listen: "0.0.0.0:0".parse().unwrap(), ..Default::default() };
    let error = rollcall_sandbox::Sandbox::start(config, common::schema(), common::seed()).await.unwrap_err();
    assert!(error.to_string().contains("not a loopback address"), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("--allow-non-loopback")));
}

#[tokio::test]
async fn secrets_do_not_show_in_debug() {
    let key = rollcall_sandbox::ApiKey::full("key", "s3cret");
    assert!(!format!("{key:?}").contains("s3cret"));
}
