//! The counts of a run, for people and for the ledger.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::plan::Plan;

/// What a run did, by resource, in dependency order.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Summary {
    /// By resource.
    pub resources: Vec<ResourceSummary>,
    /// Requests that write, tries included.
    pub requests: u64,
    /// Tries beyond the first.
    pub retries: u64,
}

/// What a run did with one resource. Every record that reports is in exactly one of `posted`, `put`, `unchanged`,
/// `waiting`, `refused`, `unknown`, `held`, `defects` and `not_sent`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ResourceSummary {
    /// Its name.
    pub resource: String,
    /// Toggled off.
    pub off: bool,
    /// Records that report.
    pub reported: u64,
    /// Created.
    pub posted: u64,
    /// Updated.
    pub put: u64,
    /// Deleted.
    pub deleted: u64,
    /// Left as they are.
    pub unchanged: u64,
    /// Changed by a preference only: waiting for a resync.
    pub waiting: u64,
    /// Kept at the ODS though nothing reports them.
    pub kept: u64,
    /// Deletes and updates withheld, since rows of the tables could not be read.
    pub withheld: u64,
    /// Refused by the ODS, deletes included.
    pub refused: u64,
    /// No answer, or no usable one.
    pub unknown: u64,
    /// Waiting for a record that is not at the ODS.
    pub held: u64,
    /// Not sent: something has to be mended.
    pub defects: u64,
    /// Not tried, since the run stopped before.
    pub not_sent: u64,
    /// What records leave out though the SIS has it, and how many do.
    #[serde(default)]
    pub omissions: BTreeMap<String, u64>,
    /// Objects that a rule excludes, by rule.
    pub excluded: BTreeMap<String, u64>,
    /// What a resync found at the ODS that the ledger did not say, in words.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub discovered: BTreeMap<String, u64>,
}

impl Summary {
    /// The counts that a plan fixes before anything is sent.
    pub fn of(plan: &Plan) -> Self {
        let resources = plan.resources.iter().map(|part| ResourceSummary {
            resource: part.name.to_owned(),
            off: part.off,
            reported: part.reported,
            unchanged: part.unchanged,
            waiting: part.waiting,
            kept: part.kept,
            withheld: part.withheld,
            held: part.held.len() as u64,
            defects: part.defective_objects() as u64,
            not_sent: part.steps.len() as u64,
            omissions: part.omissions.iter().map(|(omission, count)| (omission.to_string(), *count)).collect(),
            discovered: part.discovered.iter().map(|(what, count)| (what.as_str().to_owned(), *count)).collect(),
            excluded: part.excluded.iter().map(|(name, (_, count))| ((*name).to_owned(), *count)).collect(),
            ..ResourceSummary::default()
        });
        Self { resources: resources.collect(), requests: 0, retries: 0 }
    }

    /// Adds up one count over the resources.
    pub fn total(&self, count: impl Fn(&ResourceSummary) -> u64) -> u64 {
        self.resources.iter().map(count).sum()
    }

    /// Whether every record that could be decided about is at the ODS: the error log has nothing to say.
    pub fn is_delivered(&self) -> bool {
        self.total(|r| r.refused + r.unknown + r.held + r.defects + r.not_sent) == 0
    }

    /// Whether every record that reports is at the ODS, and none that does not.
    pub fn is_complete(&self) -> bool {
        self.is_delivered() && self.total(|r| r.withheld) == 0
    }
}
