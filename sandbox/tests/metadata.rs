//! The documents that clients read before they send anything: discovery, the OpenAPI documents, the dependency graph.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{Answer, Api, read};
use rollcall_core::model::{Class, DataStandard, Reference};
use serde_json::{Value, json};

async fn open(api: &Api, path: &str) -> Answer {
    read(api.client.get(api.url(path)).send().await.unwrap()).await
}

async fn document(api: &Api, section: &str) -> Value {
    open(api, &format!("/metadata/data/v3/{section}/swagger.json")).await.expect(200).json()
}

/// Every `$ref` in a document.
fn pointers(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(pointer) if name == "$ref" => {
                        found.insert(pointer.clone());
                    }
                    _ => pointers(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| pointers(item, found)),
        _ => {}
    }
}

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            all.push((path.clone(), method.clone(), operation.clone()));
        }
    }
    all
}

#[tokio::test]
async fn discovery_names_what_the_clients_read_in_both_versions() {
    for (api, version) in [(Api::full().await, "6."), (Api::version_7(false).await, "7.")] {
        let document = open(&api, "/").await.expect(200).json();
        let root = api.sandbox.url();
        assert!(document["version"].as_str().unwrap().starts_with(version), "{document}");
        assert_eq!(document["suite"], "3");
        assert_eq!(document["urls"]["oauth"], format!("{root}/oauth/token"));
        assert_eq!(document["urls"]["dataManagementApi"], format!("{root}/data/v3/"));
        assert_eq!(document["urls"]["dependencies"], format!("{root}/metadata/data/v3/dependencies"));
        assert_eq!(document["urls"]["openApiMetadata"], format!("{root}/metadata/"));
        let models: Vec<&str> =
            document["dataModels"].as_array().unwrap().iter().map(|model| model["name"].as_str().unwrap()).collect();
        assert_eq!(models, ["Ed-Fi", "XX"]);
        // Only version 6 has a mode, and only version 7 names the introspection of tokens.
        assert_eq!(document.get("apiMode").is_some(), version == "6.");
        assert_eq!(document["urls"].get("oauthTokenIntrospection").is_some(), version == "7.");
    }
}

#[tokio::test]
async fn the_list_names_every_document_and_each_is_sound() {
    for api in [Api::full().await, Api::version_7(false).await] {
        let list = open(&api, "/metadata/").await.expect(200).json();
        let names: Vec<&str> = list.as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["Resources", "Descriptors", "Ed-Fi", "XX", "Change-Queries"]);
        for entry in list.as_array().unwrap() {
            let answer = read(api.client.get(entry["endpointUri"].as_str().unwrap()).send().await.unwrap()).await;
            let document = answer.expect(200).json();
            assert_eq!(document["swagger"], "2.0");
            assert_eq!(format!("http://{}", document["host"].as_str().unwrap()), api.sandbox.url());
            let mut found = BTreeSet::new();
            pointers(&document, &mut found);
            for pointer in found {
                let target = document.pointer(pointer.trim_start_matches('#'));
                assert!(target.is_some_and(Value::is_object), "{}: {pointer} leads nowhere", entry["name"]);
            }
            let mut ids = BTreeSet::new();
            let tags: BTreeSet<&str> =
                document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
            for (path, method, operation) in operations(&document) {
                let id = operation["operationId"].as_str().unwrap().to_owned();
                assert!(ids.insert(id.clone()), "{method} {path}: there are two operations {id}");
                assert!(tags.contains(operation["tags"][0].as_str().unwrap()), "{method} {path} has a tag of its own");
            }
            for (name, definition) in document["definitions"].as_object().unwrap() {
                for required in definition["required"].as_array().into_iter().flatten() {
                    let member = &definition["properties"][required.as_str().unwrap()];
                    assert!(member.is_object(), "{name} requires {required}, which it has not");
                }
            }
        }
    }
}

#[tokio::test]
async fn definitions_say_what_the_model_says() {
    let api = Api::full().await;
    let document = document(&api, "resources").await;
    let definitions = &document["definitions"];
    let association = &definitions["edFi_studentSectionAssociation"];
    assert_eq!(association["required"], json!(["sectionReference", "studentReference", "beginDate"]));
    let member = |name: &str| &association["properties"][name];
    assert_eq!(*member("beginDate"), json!({"type": "string", "format": "date", "x-Ed-Fi-isIdentity": true}));
    assert_eq!(*member("sectionReference"), json!({"$ref": "#/definitions/edFi_sectionReference"}));
    assert_eq!(*member("homeroomIndicator"), json!({"type": "boolean", "x-nullable": true}));
    assert_eq!(*member("_ext"), json!({"$ref": "#/definitions/studentSectionAssociationExtensions"}));
    let extensions = &definitions["studentSectionAssociationExtensions"]["properties"];
    assert_eq!(*extensions, json!({"xx": {"$ref": "#/definitions/xx_studentSectionAssociationExtension"}}));
    let extension = &definitions["xx_studentSectionAssociationExtension"]["properties"];
    assert_eq!(extension["note"], json!({"type": "string", "maxLength": 10, "x-nullable": true}));
    assert_eq!(extension["statusDescriptor"]["maxLength"], 306);
    let section = &definitions["edFi_sectionReference"];
    assert_eq!(
        section["required"],
        json!(["localCourseCode", "schoolId", "schoolYear", "sectionIdentifier", "sessionName"])
    );
    assert_eq!(section["properties"]["schoolId"]["x-Ed-Fi-isIdentity"], true);
    assert_eq!(section["properties"]["link"], json!({"$ref": "#/definitions/link"}));
    // A reference to an abstract resource has a definition of its own.
    let any = json!({"$ref": "#/definitions/edFi_educationOrganizationReference"});
    assert_eq!(definitions["edFi_course"]["properties"]["educationOrganizationReference"], any);
    let key = &definitions["trackedChanges_edFi_studentSectionAssociationKey"]["properties"];
    assert_eq!(key["schoolId"]["type"], "integer");
    let put = |path: &str| &document["paths"][path]["put"]["x-Ed-Fi-isUpdatable"];
    assert_eq!(*put("/ed-fi/sections/{id}"), true);
    assert_eq!(*put("/ed-fi/courses/{id}"), false);
}

fn references<'m>(class: &'m Class, found: &mut Vec<&'m Reference>) {
    found.extend(&class.references);
    class.objects.iter().for_each(|object| references(&object.class, found));
    class.collections.iter().for_each(|collection| references(&collection.class, found));
}

/// References to one resource share one definition, whoever holds them.
#[tokio::test]
async fn every_reference_has_the_members_of_its_definition() {
    let api = Api::full().await;
    let document = document(&api, "resources").await;
    let standard = DataStandard::ed_fi_4_0();
    let mut checked = 0;
    for resource in &standard.resources {
        let mut found = Vec::new();
        references(&resource.class, &mut found);
        for reference in found {
            let entity = standard.resource(&reference.target).map_or(reference.target.as_str(), |r| r.entity.as_str());
            let lower = |c: char| c.to_ascii_lowercase();
            let name: String = entity.chars().take(1).map(lower).chain(entity.chars().skip(1)).collect();
            let definition = &document["definitions"][format!("edFi_{name}Reference")];
            let members: BTreeSet<&str> =
                definition["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
            let known: BTreeSet<&str> = reference.properties.iter().map(|property| property.name.as_str()).collect();
            assert_eq!(members, known, "{} of {}", reference.name, resource.name);
            checked += 1;
        }
    }
    assert!(checked > 200, "{checked}");
}

/// How a well-known client finds a resource's definition: it cuts the plural off the resource's name.
fn singular(name: &str) -> String {
    match (name, name.strip_suffix("ies")) {
        ("people", _) => "person".to_owned(),
        (_, Some(stem)) => format!("{stem}y"),
        (name, None) => name[..name.len() - 1].to_owned(),
    }
}

#[tokio::test]
async fn every_resource_of_the_order_has_paths_a_definition_and_its_key() {
    let api = Api::full().await;
    let (resources, descriptors) = (document(&api, "resources").await, document(&api, "descriptors").await);
    let order = open(&api, "/metadata/data/v3/dependencies").await.expect(200).json();
    for entry in order.as_array().unwrap() {
        let path = entry["resource"].as_str().unwrap();
        let mut parts = path.trim_start_matches('/').split('/');
        let (segment, name) = (parts.next().unwrap(), parts.next().unwrap());
        let document = if name.ends_with("Descriptors") { &descriptors } else { &resources };
        let methods = |path: &str| {
            let item = document["paths"][path].as_object().unwrap_or_else(|| panic!("no path {path}"));
            item.keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(methods(path), ["get", "post"]);
        assert_eq!(methods(&format!("{path}/{{id}}")), ["delete", "get", "put"]);
        assert_eq!(methods(&format!("{path}/deletes")), ["get"]);
        assert_eq!(methods(&format!("{path}/keyChanges")), ["get"]);
        let schema = if segment == "ed-fi" { "edFi" } else { segment };
        let definition = &document["definitions"][format!("{schema}_{}", singular(name))];
        assert!(definition["properties"]["id"].is_object(), "{path} has no definition by its name");
        let parameters = document["paths"][path]["get"]["parameters"].as_array().unwrap();
        let named: BTreeSet<&str> = parameters.iter().filter_map(|parameter| parameter["name"].as_str()).collect();
        if let Some(model) = DataStandard::ed_fi_4_0().resource(name) {
            for part in &model.identity {
                assert!(named.contains(part.name.as_str()), "{path} has no parameter {}", part.name);
            }
        }
    }
    // In neither the order nor the graph, but served all the same.
    assert!(resources["paths"]["/ed-fi/schoolYearTypes"].is_object());
    // The descriptor that only the extension uses stands below the extension.
    assert!(descriptors["paths"]["/xx/sectionStatusDescriptors"].is_object());
    assert!(document(&api, "xx").await["paths"]["/ed-fi/studentSectionAssociations"].is_object());
}

#[tokio::test]
async fn descriptors_have_the_members_that_clients_read() {
    let api = Api::full().await;
    let definition = document(&api, "descriptors").await["definitions"]["edFi_gradeLevelDescriptor"].clone();
    assert_eq!(definition["required"], json!(["codeValue", "namespace", "shortDescription"]));
    assert_eq!(definition["properties"]["gradeLevelDescriptorId"]["type"], "integer");
    assert_eq!(definition["properties"]["namespace"]["x-Ed-Fi-isIdentity"], true);
    let answer = api.get("gradeLevelDescriptors").await.expect(200).json();
    let members = answer[0].as_object().unwrap();
    for name in members.keys() {
        assert!(definition["properties"][name].is_object(), "an answer has {name}, the definition has not");
    }
}

#[tokio::test]
async fn year_routes_lead_to_year_routes() {
    let api = Api::full().await;
    for path in ["/metadata/2026", "/metadata/2026/"] {
        let list = open(&api, path).await.expect(200).json();
        let uri = format!("{}/metadata/data/v3/2026/resources/swagger.json", api.sandbox.url());
        assert_eq!(list[0]["endpointUri"], uri);
        let document = read(api.client.get(uri).send().await.unwrap()).await.expect(200).json();
        assert_eq!(document["basePath"], "/data/v3/2026");
        let base = format!("{}{}", api.sandbox.url(), document["basePath"].as_str().unwrap());
        let request = api.client.get(format!("{base}/ed-fi/schools")).bearer_auth(&api.token);
        assert_eq!(read(request.send().await.unwrap()).await.expect(200).json().as_array().unwrap().len(), 2);
    }
    let (with, without) = ("/metadata/data/v3/2026/dependencies", "/metadata/data/v3/dependencies");
    assert_eq!(open(&api, with).await.expect(200).text, open(&api, without).await.expect(200).text);
    open(&api, "/metadata/data/v3/nothing/swagger.json").await.expect(404);
    open(&api, "/metadata/nothing").await.expect(404);
}

#[tokio::test]
async fn a_document_that_a_client_has_is_not_sent_again() {
    let api = Api::full().await;
    let path = "/metadata/data/v3/resources/swagger.json";
    let first = open(&api, path).await.expect(200);
    let request = api.client.get(api.url(path)).header("if-none-match", first.header("etag"));
    let second = read(request.send().await.unwrap()).await.expect(304);
    assert_eq!((second.text.as_str(), second.header("etag")), ("", first.header("etag")));
    let request = api.client.get(api.url(path)).header("if-none-match", "\"another\"");
    read(request.send().await.unwrap()).await.expect(200);
}

/// Nodes and edges of a GraphML text.
async fn graph(api: &Api) -> (BTreeSet<String>, Vec<(String, String)>) {
    let request = api.client.get(api.url("/metadata/data/v3/dependencies")).header("accept", "application/graphml");
    let answer = read(request.send().await.unwrap()).await.expect(200);
    assert_eq!(answer.header("content-type"), "application/graphml");
    let value = |line: &str, name: &str| {
        let start = line.find(&format!("{name}=\"")).unwrap() + name.len() + 2;
        line[start..].split('"').next().unwrap().to_owned()
    };
    let lines = |tag: &str| answer.text.lines().filter(|line| line.starts_with(tag)).collect::<Vec<_>>();
    let nodes = lines("<node ").into_iter().map(|line| value(line, "id")).collect();
    let edges = lines("<edge ").into_iter().map(|line| (value(line, "source"), value(line, "target"))).collect();
    (nodes, edges)
}

#[tokio::test]
async fn the_graph_says_what_the_order_says() {
    let api = Api::full().await;
    let order = open(&api, "/metadata/data/v3/dependencies").await.expect(200).json();
    let mut layers: BTreeMap<String, u64> = BTreeMap::new();
    for entry in order.as_array().unwrap() {
        if entry["operations"][0] == "Create" {
            layers.insert(entry["resource"].as_str().unwrap().to_owned(), entry["order"].as_u64().unwrap());
        }
    }
    let (nodes, edges) = graph(&api).await;
    assert_eq!(nodes, layers.keys().cloned().collect());
    // The layer is the longest way from a resource that needs nothing.
    let mut longest: BTreeMap<&str, u64> = BTreeMap::new();
    for (source, target) in &edges {
        assert!(layers[source] < layers[target], "{source} stands before {target}");
        let least = longest.entry(target).or_default();
        *least = layers[source].max(*least);
    }
    for (node, layer) in &layers {
        assert_eq!(*layer, longest.get(node.as_str()).copied().unwrap_or(0) + 1, "{node}");
    }
    assert!(edges.len() > 1000, "{}", edges.len());
    let edge = |from: &str, to: &str| (format!("/ed-fi/{from}"), format!("/ed-fi/{to}"));
    assert!(edges.contains(&edge("students", "studentSchoolAssociations")));
    assert!(edges.contains(&edge("studentSchoolAssociations", "studentSectionAssociations")));
    assert!(!edges.contains(&edge("students", "studentSectionAssociations")));
}

#[tokio::test]
async fn version_7_has_nodes_for_the_second_try_of_people() {
    let (nodes, edges) = graph(&Api::version_7(false).await).await;
    let edge = |from: &str, to: &str| (format!("/ed-fi/{from}"), format!("/ed-fi/{to}"));
    for person in ["students", "staffs", "parents"] {
        assert!(nodes.contains(&format!("/ed-fi/{person}#Retry")), "{person}");
    }
    assert!(edges.contains(&edge("students", "studentSchoolAssociations")));
    assert!(edges.contains(&edge("studentSchoolAssociations", "students#Retry")));
    assert!(edges.contains(&edge("students#Retry", "studentSectionAssociations")));
    assert!(!edges.contains(&edge("students", "studentSectionAssociations")));
    assert!(!edges.contains(&edge("studentSchoolAssociations", "studentSectionAssociations")));
}
