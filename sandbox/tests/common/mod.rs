//! A sandbox with a small district, and a client for it.
#![allow(dead_code, reason = "each test file uses some of it")]

use reqwest::{Method, Response, StatusCode};
use rollcall_core::model::{Class, DataStandard};
use rollcall_core::value::Object;
use rollcall_sandbox::{
    ApiKey, ApiVersion, DescriptorSeed, ResourceExtension, Sandbox, SandboxConfig, Schema, Seed, SeedRecord,
};
use serde_json::{Value, json};

pub(crate) const DISTRICT: i64 = 255_901;
pub(crate) const SCHOOL: i64 = 255_901_001;
pub(crate) const OTHER_SCHOOL: i64 = 255_902_001;

/// A running sandbox and a token of one key.
pub(crate) struct Api {
    pub(crate) sandbox: Sandbox,
    pub(crate) client: reqwest::Client,
    pub(crate) token: String,
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn message(&self) -> String {
        self.json()["message"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}: {} {}", self.status, self.text)).to_str().unwrap()
    }

    pub(crate) fn id(&self) -> String {
        self.header("location").rsplit('/').next().unwrap().to_owned()
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }
}

impl Api {
    /// A sandbox whose caller is the district's student information system.
    pub(crate) async fn vendor() -> Self {
        Self::with(|config| config.keys.swap(0, 1)).await
    }

    /// A sandbox whose caller may do everything.
    pub(crate) async fn full() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn version_7(vendor: bool) -> Self {
        Self::with(|config| {
            config.api_version = ApiVersion::V7;
            if vendor {
                config.keys.swap(0, 1);
            }
        })
        .await
    }

    /// A sandbox with another configuration; the caller has the first key.
    pub(crate) async fn with(change: impl FnOnce(&mut SandboxConfig)) -> Self {
        Self::of_schema(schema(), change).await
    }

    /// A sandbox with another schema.
    pub(crate) async fn of_schema(schema: Schema, change: impl FnOnce(&mut SandboxConfig)) -> Self {
        let mut config = SandboxConfig {
            keys: vec![ApiKey::full("full", "full-secret"), ApiKey::sis_vendor("sis", "sis-secret", [DISTRICT])],
            ..SandboxConfig::default()
        };
        change(&mut config);
        let key = config.keys[0].clone();
        let sandbox = Sandbox::start(config, schema, seed()).await.unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut api = Self { sandbox, client, token: String::new() };
        api.token = api.token_of(&key.key, &key.secret).await;
        api
    }

    pub(crate) async fn token_of(&self, key: &str, secret: &str) -> String {
        let request = self.client.post(self.url("/oauth/token")).basic_auth(key, Some(secret));
        let answer =
            read(request.form(&[("grant_type", "client_credentials")]).send().await.unwrap()).await.expect(200);
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    /// Acts as another key from now on.
    pub(crate) async fn act_as(&mut self, key: &str, secret: &str) {
        self.token = self.token_of(key, secret).await;
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.url())
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        // `/xx/…` is another schema's.
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/ed-fi/{path}") };
        self.client.request(method, self.url(&format!("/data/v3{path}"))).bearer_auth(&self.token)
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(body);
        }
        read(request.send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, resource: &str, body: &Value) -> Answer {
        self.send(Method::POST, resource, Some(body)).await
    }

    pub(crate) async fn put(&self, resource: &str, id: &str, body: &Value) -> Answer {
        self.send(Method::PUT, &format!("{resource}/{id}"), Some(body)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn delete(&self, resource: &str, id: &str) -> Answer {
        self.send(Method::DELETE, &format!("{resource}/{id}"), None).await
    }

    /// Posts what must succeed; gives the id.
    pub(crate) async fn create(&self, resource: &str, body: &Value) -> String {
        let answer = self.post(resource, body).await;
        assert!(answer.status.is_success(), "{resource}: {} {}", answer.status, answer.text);
        answer.id()
    }

    /// A student enrolled in the district's school.
    pub(crate) async fn enrolled_student(&self, id: &str) {
        self.create("students", &student(id)).await;
        self.create("studentSchoolAssociations", &enrollment(id, SCHOOL)).await;
    }

    /// A session, a course offering, a section and a student in it; gives the section association's id.
    pub(crate) async fn section_association(&self, student: &str) -> String {
        self.enrolled_student(student).await;
        self.create("sessions", &session("S1")).await;
        self.create("courseOfferings", &course_offering()).await;
        self.create("sections", &section()).await;
        self.create("studentSectionAssociations", &section_association(student)).await
    }
}

pub(crate) async fn read(response: Response) -> Answer {
    let (status, headers) = (response.status(), response.headers().clone());
    Answer { status, headers, text: response.text().await.unwrap() }
}

pub(crate) fn schema() -> Schema {
    let class: Class = serde_json::from_value(json!({
        "properties": [
            {"name": "statusDescriptor", "type": "descriptor", "descriptor": "SectionStatusDescriptor"},
            {"name": "note", "type": "string", "maxLength": 10}
        ]
    }))
    .unwrap();
    let resource = "studentSectionAssociations".to_owned();
    let extensions = vec![ResourceExtension { resource, key: "xx".to_owned(), class }];
    Schema { standard: DataStandard::ed_fi_4_0(), extensions, resources: Vec::new() }
}

pub(crate) fn descriptor(name: &str, code: &str) -> String {
    format!("uri://ed-fi.org/{name}#{code}")
}

pub(crate) fn seed() -> Seed {
    let codes = [
        ("GradeLevelDescriptor", "Tenth grade"),
        ("GradeLevelDescriptor", "Ninth grade"),
        ("TermDescriptor", "Fall Semester"),
        ("LocalEducationAgencyCategoryDescriptor", "Independent"),
        ("EducationOrganizationCategoryDescriptor", "School"),
        ("CourseIdentificationSystemDescriptor", "State course code"),
        ("GradeTypeDescriptor", "Final"),
        ("GradingPeriodDescriptor", "First Semester"),
        ("RelationDescriptor", "Mother"),
        ("StaffClassificationDescriptor", "Teacher"),
        ("OtherNameTypeDescriptor", "Alias"),
        ("SectionStatusDescriptor", "Enrolled"),
    ];
    let descriptors = codes.iter().map(|(descriptor, code)| DescriptorSeed {
        descriptor: (*descriptor).to_owned(),
        namespace: format!("uri://ed-fi.org/{descriptor}"),
        code_value: (*code).to_owned(),
        short_description: (*code).to_owned(),
        description: String::new(),
    });
    let category = json!([{"educationOrganizationCategoryDescriptor":
        descriptor("EducationOrganizationCategoryDescriptor", "School")}]);
    let school = |id: i64, district: i64| {
        json!({"schoolId": id, "nameOfInstitution": "School", "educationOrganizationCategories": category,
            "gradeLevels": [{"gradeLevelDescriptor": descriptor("GradeLevelDescriptor", "Tenth grade")}],
            "localEducationAgencyReference": {"localEducationAgencyId": district}})
    };
    let district = |id: i64| {
        json!({"localEducationAgencyId": id, "nameOfInstitution": "District", "categories": category,
            "localEducationAgencyCategoryDescriptor":
                descriptor("LocalEducationAgencyCategoryDescriptor", "Independent"),
            "stateEducationAgencyReference": {"stateEducationAgencyId": 1}})
    };
    let course = json!({"courseCode": "ALG", "courseTitle": "Algebra", "numberOfParts": 1,
        "educationOrganizationReference": {"educationOrganizationId": 1},
        "identificationCodes": [{"identificationCode": "ALG", "courseIdentificationSystemDescriptor":
            descriptor("CourseIdentificationSystemDescriptor", "State course code")}]});
    // Upstream records last: the sandbox puts them in order.
    let records = [
        ("courses", course),
        ("schools", school(SCHOOL, DISTRICT)),
        ("schools", school(OTHER_SCHOOL, 255_902)),
        ("localEducationAgencies", district(DISTRICT)),
        ("localEducationAgencies", district(255_902)),
        (
            "stateEducationAgencies",
            json!({"stateEducationAgencyId": 1, "nameOfInstitution": "State",
            "categories": category}),
        ),
        (
            "schoolYearTypes",
            json!({"schoolYear": 2026, "schoolYearDescription": "2025-2026",
            "currentSchoolYear": true}),
        ),
    ];
    let records =
        records.into_iter().map(|(resource, body)| SeedRecord { resource: resource.to_owned(), body: object(&body) });
    Seed { descriptors: descriptors.collect(), records: records.collect() }
}

pub(crate) fn object(body: &Value) -> Object<'static> {
    serde_json::from_value(body.clone()).unwrap()
}

pub(crate) fn student(id: &str) -> Value {
    json!({"studentUniqueId": id, "firstName": "Ada", "lastSurname": "Byron", "birthDate": "2010-12-10"})
}

pub(crate) fn enrollment(student: &str, school: i64) -> Value {
    json!({"entryDate": "2025-08-14", "studentReference": {"studentUniqueId": student},
        "schoolReference": {"schoolId": school},
        "entryGradeLevelDescriptor": descriptor("GradeLevelDescriptor", "Tenth grade")})
}

pub(crate) fn session(name: &str) -> Value {
    json!({"sessionName": name, "schoolReference": {"schoolId": SCHOOL}, "schoolYearTypeReference": {"schoolYear": 2026},
        "beginDate": "2025-08-14", "endDate": "2025-12-20", "totalInstructionalDays": 80,
        "termDescriptor": descriptor("TermDescriptor", "Fall Semester")})
}

pub(crate) fn course_offering() -> Value {
    json!({"localCourseCode": "ALG-1", "schoolReference": {"schoolId": SCHOOL},
        "sessionReference": {"schoolId": SCHOOL, "schoolYear": 2026, "sessionName": "S1"},
        "courseReference": {"courseCode": "ALG", "educationOrganizationId": 1}})
}

pub(crate) fn section() -> Value {
    json!({"sectionIdentifier": "7", "courseOfferingReference": {"localCourseCode": "ALG-1", "schoolId": SCHOOL,
        "schoolYear": 2026, "sessionName": "S1"}})
}

pub(crate) fn section_association(student: &str) -> Value {
    json!({"beginDate": "2025-08-14", "studentReference": {"studentUniqueId": student},
        "sectionReference": {"localCourseCode": "ALG-1", "schoolId": SCHOOL, "schoolYear": 2026,
            "sectionIdentifier": "7", "sessionName": "S1"}})
}
