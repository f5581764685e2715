//! What an ODS/API says about itself.

use serde::{Deserialize, Serialize};

/// The discovery document, the answer to `GET` of the API's root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Discovery {
    /// The API's version: `6.2`.
    #[serde(default)]
    pub version: String,
    /// The version as people call it.
    #[serde(default)]
    pub informational_version: Option<String>,
    /// The Ed-Fi suite: `3`.
    #[serde(default)]
    pub suite: Option<String>,
    /// The build number.
    #[serde(default)]
    pub build: Option<String>,
    /// `Shared Instance`, `Year Specific`, …; servers of version 7 and later do not say.
    #[serde(default)]
    pub api_mode: Option<String>,
    /// The data standard and its extensions.
    #[serde(default)]
    pub data_models: Vec<DataModel>,
    /// Where its parts are.
    pub urls: Urls,
}

/// A data model that the API serves: the standard (`Ed-Fi`) or an extension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DataModel {
    /// Its logical name.
    pub name: String,
    /// Its version: `4.0.0`.
    #[serde(default)]
    pub version: String,
    /// The version as people call it.
    #[serde(default)]
    pub informational_version: Option<String>,
}

/// Addresses as the document writes them; [`crate::Client`] uses them after its own checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Urls {
    /// The token endpoint.
    pub oauth: String,
    /// The data URL, below which resources are.
    #[serde(default)]
    pub data_management_api: Option<String>,
    /// The dependency list.
    #[serde(default)]
    pub dependencies: Option<String>,
    /// The list of OpenAPI documents.
    #[serde(default)]
    pub open_api_metadata: Option<String>,
    /// Change queries, when that feature is on.
    #[serde(default)]
    pub change_queries: Option<String>,
}

/// An entry of the ODS's own dependency list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependency {
    /// `/ed-fi/students`.
    pub resource: String,
    /// Resources of a lower order go first; equal orders do not depend on each other.
    pub order: u32,
    /// `Create`, `Update`: people are listed once for each.
    #[serde(default)]
    pub operations: Vec<String>,
}

impl Dependency {
    /// Whether this entry is about creating items; an entry without operations is about everything.
    pub fn creates(&self) -> bool {
        self.operations.is_empty() || self.operations.iter().any(|operation| operation.eq_ignore_ascii_case("create"))
    }
}
