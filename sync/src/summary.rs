//! The counts of a run, for people and for the ledger.

use std::collections::BTreeMap;
use std::time::Duration;

use rollcall_core::model::NaturalKey;
use serde::{Deserialize, Serialize};

use crate::error_log::Cause;
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
    /// What the error log held when the run ended, by cause and without student data; at most [`Summary::CAUSES`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Cause>,
    /// Findings that leave rows of the SIS out: what those rows would report is in no other count.
    #[serde(default)]
    pub unread: u64,
    /// Why the run ended before its end, in the words of its error, which name no student.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What a run did with one resource. Every record that reports is in exactly one of `posted`, `put`, `unchanged`,
/// `waiting`, `withheld`, `refused`, `unknown`, `held` and `not_sent`; `defects` are objects that would report if something were
/// mended, and `waiting` and `withheld` count deletes too.
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
    /// What was tried, by the school of the natural key (`schoolId`); the empty school has the records of no one school.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub schools: BTreeMap<String, SchoolCounts>,
    /// The requests and how long the answers took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traffic: Option<Traffic>,
}

/// What a run did with the records of a school. The counts are those of [`ResourceSummary`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchoolCounts {
    /// Created.
    pub posted: u64,
    /// Updated.
    pub put: u64,
    /// Deleted.
    pub deleted: u64,
    /// Refused by the ODS, deletes included.
    pub refused: u64,
    /// No answer, or no usable one.
    pub unknown: u64,
    /// Waiting for a record that is not at the ODS.
    pub held: u64,
}

/// The requests for one resource, reads and repeats included; times in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Traffic {
    /// Requests sent.
    pub requests: u64,
    /// How many of them repeated an earlier try.
    pub retries: u64,
    /// Body bytes sent.
    pub bytes_sent: u64,
    /// How long an answer took on average.
    pub mean_ms: f64,
    /// Half of the answers came within this.
    pub median_ms: f64,
    /// Nine of ten answers came within this.
    pub p90_ms: f64,
    /// 99 of a hundred answers came within this.
    pub p99_ms: f64,
    /// The longest answer.
    pub max_ms: f64,
}

impl From<rollcall_transport::Traffic> for Traffic {
    fn from(of: rollcall_transport::Traffic) -> Self {
        let ms = |time: Duration| (time.as_secs_f64() * 100_000.0).round() / 100.0;
        Self {
            requests: of.requests,
            retries: of.retries,
            bytes_sent: of.bytes_sent,
            mean_ms: ms(of.mean),
            median_ms: ms(of.median),
            p90_ms: ms(of.p90),
            p99_ms: ms(of.p99),
            max_ms: ms(of.max),
        }
    }
}

impl ResourceSummary {
    /// The counts of the school that a record is of.
    pub(crate) fn school(&mut self, key: &NaturalKey) -> &mut SchoolCounts {
        let school = key.part("schoolId").unwrap_or_default();
        // A district has few schools and many records: most find theirs here.
        if !self.schools.contains_key(school) {
            self.schools.insert(school.to_owned(), SchoolCounts::default());
        }
        self.schools.get_mut(school).expect("it was put there")
    }
}

impl Summary {
    /// How many causes a summary keeps.
    pub const CAUSES: usize = 200;

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
        Self { resources: resources.collect(), ..Self::default() }
    }

    /// Adds up one count over the resources.
    pub fn total(&self, count: impl Fn(&ResourceSummary) -> u64) -> u64 {
        self.resources.iter().map(count).sum()
    }

    /// Whether every record that could be decided about is at the ODS: the error log has nothing to say.
    pub fn is_delivered(&self) -> bool {
        self.total(|r| r.refused + r.unknown + r.held + r.defects + r.not_sent) == 0
    }

    /// Whether every record that reports is at the ODS, and none that does not, as far as the whole SIS goes.
    pub fn is_complete(&self) -> bool {
        self.is_delivered() && self.total(|r| r.withheld) == 0 && self.unread == 0
    }
}
