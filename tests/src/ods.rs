//! A client of an ODS/API that shares no code with the program's own: what a state's staff would look at it with.

use std::collections::BTreeMap;

use reqwest::{Client, Response};
use serde_json::Value;
use tokio::runtime::Runtime;

/// Records of one page.
const PAGE: usize = 500;

/// A client with a token.
pub struct Ods {
    runtime: Runtime,
    client: Client,
    url: String,
    data: String,
    token: String,
}

impl Ods {
    /// Reads the discovery document and fetches a token.
    pub fn connect(url: &str, key: &str, secret: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
        let client = Client::builder().no_proxy().build().expect("a client needs nothing");
        let (data, token) = runtime.block_on(async {
            let discovery = json(client.get(url).send().await.expect("the server answers")).await;
            let address = |name: &str| discovery["urls"][name].as_str().expect("discovery names it").to_owned();
            let form = [("grant_type", "client_credentials")];
            let asked = client.post(address("oauth")).basic_auth(key, Some(secret)).form(&form);
            let answer = json(asked.send().await.expect("the server answers")).await;
            let token = answer["access_token"].as_str().expect("the answer has a token").to_owned();
            (address("dataManagementApi"), token)
        });
        Self { runtime, client, url: url.to_owned(), data: data.trim_end_matches('/').to_owned(), token }
    }

    /// One of the server's own documents, by its path.
    pub fn document(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.url.trim_end_matches('/'));
        self.runtime.block_on(async { json(self.client.get(url).send().await.expect("the server answers")).await })
    }

    /// Every record of a resource as the server gives it, page by page.
    pub fn pages(&self, resource: &str) -> Vec<Value> {
        let mut records = Vec::new();
        loop {
            let (data, segment) = (&self.data, segment(resource));
            let url = format!("{data}/{segment}/{resource}?offset={}&limit={PAGE}&totalCount=true", records.len());
            let (total, page) = self.runtime.block_on(async {
                let response = self.client.get(url).bearer_auth(&self.token).send().await.expect("the server answers");
                let total = response.headers().get("total-count").and_then(|value| value.to_str().ok());
                let total: usize = total.and_then(|text| text.parse().ok()).expect("Total-Count is a number");
                (total, json(response).await)
            });
            let Value::Array(page) = page else { panic!("a page of {resource} is no list") };
            assert!(!page.is_empty() || total == records.len(), "{resource} ends before its Total-Count");
            records.extend(page);
            if records.len() >= total {
                assert_eq!(records.len(), total, "{resource}");
                return records;
            }
        }
    }

    /// Every record of a resource by natural key, without what the server adds. A key that comes twice is an error.
    pub fn records(&self, resource: &str) -> BTreeMap<String, Value> {
        let mut records = BTreeMap::new();
        for record in self.pages(resource) {
            let body = without_additions(record);
            let key = natural_key(resource, &body);
            assert!(records.insert(key.clone(), body).is_none(), "{resource} has {key} twice");
        }
        records
    }

    /// Sends a record; the status and the answer's text.
    pub fn post(&self, resource: &str, body: &[u8]) -> (u16, String) {
        let url = format!("{}/{}/{resource}", self.data, segment(resource));
        let request = self.client.post(url).bearer_auth(&self.token).header("content-type", "application/json");
        self.runtime.block_on(async {
            let response = request.body(body.to_vec()).send().await.expect("the server answers");
            (response.status().as_u16(), response.text().await.expect("the answer can be read"))
        })
    }

    /// Deletes a record by the server's id; the status.
    pub fn delete(&self, resource: &str, id: &str) -> u16 {
        let request =
            self.client.delete(format!("{}/{}/{resource}/{id}", self.data, segment(resource))).bearer_auth(&self.token);
        self.runtime.block_on(async { request.send().await.expect("the server answers").status().as_u16() })
    }
}

/// The URL segment before a resource: the standard's, or that of the state which adds it whole.
fn segment(resource: &str) -> &'static str {
    if resource == "sectionEducators" { "ks" } else { "ed-fi" }
}

/// The resource that a data path names, whatever its segment: `…/data/v3/ks/sectionEducators/…`.
pub fn resource_of(path: &str) -> Option<&str> {
    let (_, rest) = path.split_once("/data/v3/")?;
    rest.split('/').nth(1)?.split('?').next()
}

async fn json(response: Response) -> Value {
    let (status, url) = (response.status(), response.url().clone());
    assert!(status.is_success(), "{status} from {url}");
    response.json().await.expect("the answer is JSON")
}

/// A record without what a server adds: id, etag, dates, links, and collections that were not sent.
pub fn without_additions(record: Value) -> Value {
    let Value::Object(members) = record else { return record };
    let added = ["id", "_etag", "_lastModifiedDate", "link"];
    let kept = members.into_iter().filter(|(name, value)| {
        !added.contains(&name.as_str()) && !value.as_array().is_some_and(Vec::is_empty) && !value.is_null()
    });
    let clean = |value: Value| match value {
        Value::Array(items) => Value::Array(items.into_iter().map(without_additions).collect()),
        other => without_additions(other),
    };
    Value::Object(kept.map(|(name, value)| (name, clean(value))).collect())
}

/// The natural key of a body, in the data standard's words.
pub fn natural_key(resource: &str, body: &Value) -> String {
    let paths: &[&str] = match resource {
        "sessions" => &["/schoolReference/schoolId", "/schoolYearTypeReference/schoolYear", "/sessionName"],
        "courses" => &["/courseCode", "/educationOrganizationReference/educationOrganizationId"],
        "courseOfferings" => &[
            "/localCourseCode",
            "/schoolReference/schoolId",
            "/sessionReference/schoolYear",
            "/sessionReference/sessionName",
        ],
        "sections" => &[
            "/courseOfferingReference/localCourseCode",
            "/courseOfferingReference/schoolId",
            "/courseOfferingReference/schoolYear",
            "/courseOfferingReference/sessionName",
            "/sectionIdentifier",
        ],
        "programs" => {
            &["/educationOrganizationReference/educationOrganizationId", "/programName", "/programTypeDescriptor"]
        }
        "students" => &["/studentUniqueId"],
        "studentSchoolAssociations" => {
            &["/entryDate", "/schoolReference/schoolId", "/studentReference/studentUniqueId"]
        }
        "studentSectionAssociations" => &[
            "/beginDate",
            "/sectionReference/localCourseCode",
            "/sectionReference/schoolId",
            "/sectionReference/schoolYear",
            "/sectionReference/sectionIdentifier",
            "/sectionReference/sessionName",
            "/studentReference/studentUniqueId",
        ],
        "sectionEducators" => &[
            "/educatorElectronicMailAddress",
            "/sectionReference/localCourseCode",
            "/sectionReference/schoolId",
            "/sectionReference/schoolYear",
            "/sectionReference/sectionIdentifier",
            "/sectionReference/sessionName",
        ],
        "studentCTEProgramAssociations" => &[
            "/beginDate",
            "/educationOrganizationReference/educationOrganizationId",
            "/programReference/educationOrganizationId",
            "/programReference/programName",
            "/programReference/programTypeDescriptor",
            "/studentReference/studentUniqueId",
        ],
        other => panic!("the tests know no key of {other}"),
    };
    let part = |path: &&str| match body.pointer(path) {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => panic!("a {resource} record lacks {path}"),
    };
    paths.iter().map(part).collect::<Vec<_>>().join(" | ")
}
