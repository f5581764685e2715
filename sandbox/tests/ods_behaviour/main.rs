//! How the real ODS/API behaves, row by row, over HTTP, in both versions' words. docs/coverage/ods-behaviour.md names the
//! row of each test.

#[path = "../common/mod.rs"]
mod common;

mod changes;
mod errors;
mod extensions;
mod json;
mod oauth;
mod reads;
mod security;
mod validation;
mod writes;

use common::{Answer, Api};
use serde_json::Value;

/// The same sandbox in both versions; the caller may do everything.
async fn both() -> [(u8, Api); 2] {
    [(6, Api::full().await), (7, Api::version_7(false).await)]
}

/// The same for the district's student information system.
async fn both_for_vendor() -> [(u8, Api); 2] {
    [(6, Api::vendor().await), (7, Api::version_7(true).await)]
}

impl Answer {
    /// Checks a refusal of version 6: status and message.
    #[track_caller]
    fn says(self, status: u16, message: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.message(), message);
        answer
    }

    /// Checks a refusal of version 7: status, type below `urn:ed-fi:api:`, and detail.
    #[track_caller]
    fn details(self, status: u16, kind: &str, detail: &str) -> Value {
        let answer = self.expect(status);
        let body = answer.json();
        assert_eq!(body["type"], format!("urn:ed-fi:api:{kind}"), "{}", answer.text);
        assert_eq!(body["detail"], detail);
        assert_eq!(body["status"], status);
        body
    }
}

/// The values of a member in a list of records.
fn values<'v>(list: &'v Value, member: &str) -> Vec<&'v str> {
    list.as_array().unwrap().iter().map(|item| item[member].as_str().unwrap()).collect()
}
