//! Section 9: extensions and profiles, and resources that an extension adds whole.

use reqwest::Method;
use rollcall_core::model::{Class, ResourceModel};
use rollcall_sandbox::{ApiVersion, ExtensionResource, ResourceExtension, Sandbox, SandboxConfig, Schema};
use serde_json::{Value, from_value, json};

use super::common::{Api, OTHER_SCHOOL, SCHOOL, read, seed, student};

/// An extension of students with plain members and a collection (`xx`), one with a collection alone (`yy`), and two
/// resources of `xx`: bus routes of a school, and the students who ride.
fn schema() -> Schema {
    let pets = json!([{"name": "pets", "entity": "StudentPet", "key": ["petName"],
        "properties": [{"name": "petName", "type": "string", "maxLength": 20, "required": true, "identity": true}]}]);
    let plain: Class = from_value(json!({
        "properties": [{"name": "nickname", "type": "string", "maxLength": 10},
            {"name": "awardCount", "type": "integer"}],
        "collections": pets
    }))
    .unwrap();
    let implicit: Class = from_value(json!({"collections": pets})).unwrap();
    let routes: ResourceModel = from_value(json!({
        "name": "busRoutes", "entity": "BusRoute",
        "identity": [{"name": "routeNumber", "type": "string", "paths": ["routeNumber"]},
            {"name": "schoolId", "type": "integer", "paths": ["schoolReference.schoolId"]}],
        "authorizationSubjects": ["schoolId"],
        "properties": [
            {"name": "routeNumber", "type": "string", "maxLength": 10, "required": true, "identity": true},
            {"name": "busTypeDescriptor", "type": "descriptor", "descriptor": "BusTypeDescriptor"},
            {"name": "miles", "type": "decimal", "precision": 5, "scale": 2}],
        "references": [{"name": "schoolReference", "target": "schools", "required": true, "identity": true,
            "properties": [{"name": "schoolId", "type": "integer", "required": true, "identity": true}]}],
        "collections": [{"name": "stops", "entity": "BusRouteStop", "key": ["stopNumber"],
            "properties": [{"name": "stopNumber", "type": "integer", "required": true, "identity": true}]}]
    }))
    .unwrap();
    let riders: ResourceModel = from_value(json!({
        "name": "studentBusRiders", "entity": "StudentBusRider",
        "identity": [{"name": "routeNumber", "type": "string", "paths": ["busRouteReference.routeNumber"]},
            {"name": "schoolId", "type": "integer", "paths": ["busRouteReference.schoolId"]},
            {"name": "studentUniqueId", "type": "string", "paths": ["studentReference.studentUniqueId"]}],
        "authorizationSubjects": ["schoolId", "studentUniqueId"],
        "references": [
            {"name": "busRouteReference", "target": "busRoutes", "required": true, "identity": true, "properties": [
                {"name": "routeNumber", "type": "string", "maxLength": 10, "required": true, "identity": true},
                {"name": "schoolId", "type": "integer", "required": true, "identity": true}]},
            {"name": "studentReference", "target": "students", "required": true, "identity": true, "properties": [
                {"name": "studentUniqueId", "type": "string", "maxLength": 32, "required": true, "identity": true}]}]
    }))
    .unwrap();
    let extension =
        |key: &str, class: Class| ResourceExtension { resource: "students".to_owned(), key: key.to_owned(), class };
    let whole = |model: ResourceModel| ExtensionResource { segment: "xx".to_owned(), model };
    let mut schema = super::common::schema();
    schema.extensions.extend([extension("xx", plain), extension("yy", implicit)]);
    schema.resources.extend([whole(routes), whole(riders)]);
    schema
}

async fn both(vendor: bool) -> [(u8, Api); 2] {
    let swap = |config: &mut SandboxConfig| {
        if vendor {
            config.keys.swap(0, 1);
        }
    };
    let seven = |config: &mut SandboxConfig| {
        swap(config);
        config.api_version = ApiVersion::V7;
    };
    [(6, Api::of_schema(schema(), swap).await), (7, Api::of_schema(schema(), seven).await)]
}

fn with_extension(extension: &Value) -> Value {
    let mut body = student("1");
    body["_ext"] = extension.clone();
    body
}

fn route(school: i64) -> Value {
    json!({"routeNumber": "12", "schoolReference": {"schoolId": school}, "miles": 3.5, "stops": [{"stopNumber": 1}]})
}

fn rider(student: &str) -> Value {
    json!({"busRouteReference": {"routeNumber": "12", "schoolId": SCHOOL},
        "studentReference": {"studentUniqueId": student}})
}

#[tokio::test]
async fn an_extension_is_taken_in_any_case_and_unknown_ones_are_dropped() {
    for (_, api) in both(false).await {
        let body = with_extension(&json!({"XX": {"NICKNAME": "Ada", "unknown": 1}, "zz": {"a": 1}}));
        let id = api.create("students", &body).await;
        let stored = api.get(&format!("students/{id}")).await.expect(200).json();
        assert_eq!(stored["_ext"], json!({"xx": {"nickname": "Ada", "pets": []}}));
    }
}

#[tokio::test]
async fn put_without_the_extension_resets_its_members() {
    for (_, api) in both(false).await {
        let full = json!({"xx": {"nickname": "Ada", "pets": [{"petName": "Rex"}]}});
        let id = api.create("students", &with_extension(&full)).await;
        for body in [with_extension(&json!({})), student("1"), with_extension(&json!({"xx": {}}))] {
            api.put("students", &id, &with_extension(&full)).await.expect(204);
            api.put("students", &id, &body).await.expect(204);
            let stored = api.get(&format!("students/{id}")).await.expect(200).json();
            assert_eq!(stored["_ext"], json!({"xx": {"pets": []}}), "{body}");
        }
    }
}

#[tokio::test]
async fn an_extension_of_collections_alone_is_left_out_when_empty() {
    for (_, api) in both(false).await {
        let full = json!({"yy": {"pets": [{"petName": "Rex"}]}});
        let id = api.create("students", &with_extension(&full)).await;
        let path = format!("students/{id}");
        assert_eq!(api.get(&path).await.expect(200).json()["_ext"], full);
        api.put("students", &id, &with_extension(&json!({"yy": {"pets": []}}))).await.expect(204);
        assert!(api.get(&path).await.expect(200).json().get("_ext").is_none());
        let plain = api.create("students", &student("2")).await;
        assert!(api.get(&format!("students/{plain}")).await.expect(200).json().get("_ext").is_none());
    }
}

#[tokio::test]
async fn extensions_are_validated_like_all_else() {
    for (version, api) in both(false).await {
        let long = with_extension(&json!({"xx": {"nickname": "far too long"}}));
        let answer = api.post("students", &long).await.expect(400);
        match version {
            6 => assert!(answer.message().contains("The field Nickname must be a string with a maximum length of 10.")),
            _ => assert_eq!(
                answer.json()["validationErrors"]["$._ext.xx.nickname"],
                json!(["Nickname must be at most 10 characters in length."])
            ),
        }
        let twice = with_extension(&json!({"xx": {"pets": [{"petName": "Rex"}, {"petName": "Rex"}]}}));
        api.post("students", &twice).await.expect(400);
    }
}

#[tokio::test]
async fn an_extension_resource_is_like_any_other() {
    for (version, api) in both(false).await {
        let unresolved =
            api.post("/xx/studentBusRiders", &rider("1")).await.expect(if version == 6 { 400 } else { 409 });
        if version == 6 {
            assert!(unresolved.message().contains("Student reference could not be resolved."), "{}", unresolved.text);
        }
        api.create("students", &student("1")).await;
        let unresolved = api.post("/xx/studentBusRiders", &rider("1")).await;
        match version {
            6 => drop(unresolved.says(409, "The value supplied for the related 'busRoute' resource does not exist.")),
            _ => drop(unresolved.details(
                409,
                "data-conflict:unresolved-reference",
                "The referenced 'BusRoute' item does not exist.",
            )),
        }
        let created = api.post("/xx/busRoutes", &route(SCHOOL)).await.expect(201);
        assert!(created.header("location").contains("/data/v3/xx/busRoutes/"));
        api.post("/xx/busRoutes", &route(SCHOOL)).await.expect(200);
        api.post("/xx/studentBusRiders", &rider("1")).await.expect(201);
        let found = api.get(&format!("/xx/busRoutes?schoolId={SCHOOL}&routeNumber=12")).await.expect(200).json();
        assert_eq!((&found[0]["miles"], &found[0]["stops"]), (&json!(3.5), &json!([{"stopNumber": 1}])));
        assert_eq!(found[0]["schoolReference"]["link"]["rel"], "School");
        let riders = api.get("/xx/studentBusRiders?studentUniqueId=1").await.expect(200).json();
        let link = riders[0]["busRouteReference"]["link"]["href"].as_str().unwrap();
        assert_eq!(link, format!("/xx/busRoutes/{}", created.id()));
        api.delete("/xx/busRoutes", &created.id()).await.expect(409);
        api.delete("/xx/studentBusRiders", riders[0]["id"].as_str().unwrap()).await.expect(204);
        api.delete("/xx/busRoutes", &created.id()).await.expect(204);
        assert_eq!(api.get("/xx/busRoutes/deletes").await.expect(200).json()[0]["keyValues"]["routeNumber"], "12");
        // Under its own segment only.
        api.get("busRoutes").await.expect(404);
        api.get("/xx/students").await.expect(404);
    }
}

#[tokio::test]
async fn an_extension_resource_stands_in_the_dependency_order() {
    for (_, api) in both(false).await {
        let answer = read(api.client.get(api.url("/metadata/data/v3/dependencies")).send().await.unwrap()).await;
        let list = answer.expect(200).json();
        let order = |path: &str| {
            let entry = list.as_array().unwrap().iter().find(|entry| entry["resource"] == path);
            entry.unwrap_or_else(|| panic!("no {path}"))["order"].as_u64().unwrap()
        };
        assert!(order("/xx/busRoutes") > order("/ed-fi/schools"));
        assert!(order("/xx/studentBusRiders") > order("/xx/busRoutes"));
        assert!(order("/xx/studentBusRiders") > order("/ed-fi/studentSchoolAssociations"));
        assert_eq!(order("/xx/busTypeDescriptors"), 1);
    }
}

#[tokio::test]
async fn an_extension_resource_is_authorized_by_its_subjects() {
    for (_, api) in both(true).await {
        api.post("/xx/busRoutes", &route(OTHER_SCHOOL)).await.expect(403);
        api.post("/xx/busRoutes", &route(SCHOOL)).await.expect(201);
        api.create("students", &student("1")).await;
        api.post("/xx/studentBusRiders", &rider("1")).await.expect(403);
        api.enrolled_student("2").await;
        api.post("/xx/studentBusRiders", &rider("2")).await.expect(201);
    }
}

#[tokio::test]
async fn descriptors_of_an_extension_resource_are_resources_of_its_segment() {
    for (_, api) in both(false).await {
        let bus = json!({"codeValue": "Long", "namespace": "uri://xx.example/BusTypeDescriptor",
            "shortDescription": "Long"});
        api.post("/xx/busTypeDescriptors", &bus).await.expect(201);
        let mut body = route(SCHOOL);
        body["busTypeDescriptor"] = json!("uri://xx.example/bustypedescriptor#LONG");
        let id = api.create("/xx/busRoutes", &body).await;
        let stored = api.get(&format!("/xx/busRoutes/{id}")).await.expect(200).json();
        assert_eq!(stored["busTypeDescriptor"], "uri://xx.example/BusTypeDescriptor#Long");
        let type_id = api.get("/xx/busTypeDescriptors").await.expect(200).json()[0]["id"].as_str().unwrap().to_owned();
        api.delete("/xx/busTypeDescriptors", &type_id).await.expect(409);
    }
}

#[tokio::test]
async fn a_name_that_the_standard_has_is_refused_at_start() {
    let mut schema = schema();
    schema.resources[0].model.name = "schools".to_owned();
    let error = Sandbox::start(SandboxConfig::default(), schema, seed()).await.unwrap_err();
    assert!(error.to_string().contains("has the resource schools twice"), "{error}");
}

#[tokio::test]
async fn profiles_are_not_known() {
    for (version, api) in super::both().await {
        let send = async |method: Method, header: &str, kind: &str| {
            let request = api.request(method, "students").header(header, kind);
            read(request.body(student("1").to_string()).send().await.unwrap()).await
        };
        let readable = "application/vnd.ed-fi.student.some-profile.readable+json";
        let writable = "application/vnd.ed-fi.student.some-profile.writable+json";
        send(Method::GET, "accept", readable).await.expect(406);
        send(Method::POST, "content-type", writable).await.expect(415);
        send(Method::GET, "accept", writable).await.expect(400);
        send(Method::POST, "content-type", readable).await.expect(405);
        let malformed = send(Method::GET, "accept", "application/vnd.ed-fi.student+json").await;
        let text = "The format of the profile-based 'Accept' header was invalid.";
        match version {
            6 => drop(malformed.says(400, text)),
            _ => assert_eq!(malformed.expect(400).json()["errors"], json!([text])),
        }
    }
}

#[tokio::test]
async fn documents_describe_what_an_extension_adds() {
    for (_, api) in both(false).await {
        let path = "/metadata/data/v3/resources/swagger.json";
        let document = read(api.client.get(api.url(path)).send().await.unwrap()).await.expect(200).json();
        let definition = |name: &str| document["definitions"][name].clone();
        let to = |name: &str| json!({"$ref": format!("#/definitions/{name}")});
        // A resource of its own, and a reference to it, are the extension's by name; what it refers to keeps its own.
        let rider = definition("xx_studentBusRider");
        assert_eq!(rider["required"], json!(["busRouteReference", "studentReference"]));
        assert_eq!(rider["properties"]["busRouteReference"], to("xx_busRouteReference"));
        assert_eq!(rider["properties"]["studentReference"], to("edFi_studentReference"));
        assert_eq!(definition("xx_busRoute")["properties"]["stops"]["items"], to("xx_busRouteStop"));
        for path in ["/xx/busRoutes", "/xx/busRoutes/{id}", "/xx/studentBusRiders/deletes"] {
            assert!(document["paths"][path].is_object(), "{path}");
        }
        // Two extensions of one resource, each with a class of the same name.
        let student = definition("studentExtensions");
        assert_eq!(student["properties"], json!({"xx": to("xx_studentExtension"), "yy": to("yy_studentExtension")}));
        for key in ["xx", "yy"] {
            let pets = &definition(&format!("{key}_studentExtension"))["properties"]["pets"];
            assert_eq!(pets["items"], to(&format!("{key}_studentPet")));
        }
    }
}
