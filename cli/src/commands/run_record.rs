//! A run as `history`, `show` and `status` tell of it.

use chrono::DateTime;
use rollcall_ledger::{Ledger, LedgerError, Run, SqliteLedger};
use rollcall_sync::summary::Summary;
use serde::Serialize;

use crate::exit::Failure;
use crate::session::Session;

/// The outcome of a run that ended without a word.
const KILLED: &str = "killed";
/// The outcome of a run that goes on.
const RUNNING: &str = "running";

/// So many values of a filter are told; more are counted.
const FEW: usize = 3;

/// One run.
#[derive(Serialize)]
pub(super) struct RunRecord {
    pub(super) id: i64,
    pub(super) command: String,
    /// What it was limited to; null when it was about everything.
    pub(super) filters: Option<serde_json::Value>,
    /// The fingerprint of the configuration that it had.
    pub(super) configuration: String,
    /// Whether the configuration is still the same.
    pub(super) configuration_is_present: bool,
    pub(super) started: String,
    pub(super) finished: Option<String>,
    /// How long it took; null when it has not ended.
    pub(super) seconds: Option<i64>,
    /// `complete`, `incomplete`, `stopped`, `delete-limit`, `failed`, `running` or `killed`.
    pub(super) outcome: String,
    /// Why it ended before its end, in the words of its error; null when it did not, or when that was not kept.
    pub(super) reason: Option<String>,
    pub(super) summary: Option<Summary>,
}

impl RunRecord {
    /// The newest runs, the newest first.
    pub(super) fn newest(ledger: &SqliteLedger, session: &Session, limit: usize) -> Result<Vec<Self>, Failure> {
        // One run at a time writes a ledger: of those without an end the newest may be going on, and the others are dead.
        let in_use = SqliteLedger::is_in_use(&session.ledger());
        let present = session.fingerprint();
        let runs = ledger.runs(limit)?.into_iter().enumerate();
        Ok(runs.map(|(at, run)| Self::of(run, &present, in_use && at == 0)).collect())
    }

    /// One run by its number; none when there is no such run.
    pub(super) fn by_id(ledger: &SqliteLedger, session: &Session, id: i64) -> Result<Option<Self>, Failure> {
        let in_use = SqliteLedger::is_in_use(&session.ledger()) && newest_id(ledger)? == Some(id);
        let present = session.fingerprint();
        Ok(ledger.run(id)?.map(|run| Self::of(run, &present, in_use)))
    }

    fn of(run: Run, present: &str, may_be_running: bool) -> Self {
        let Run { id, command, filters, config, started, finished, outcome, summary } = run;
        let outcome = outcome.unwrap_or_else(|| if may_be_running { RUNNING } else { KILLED }.to_owned());
        let mut summary: Option<Summary> = summary.and_then(|text| serde_json::from_str(&text).ok());
        Self {
            id,
            command,
            filters: filters.map(|text| serde_json::from_str(&text).unwrap_or(serde_json::Value::String(text))),
            configuration_is_present: config == present,
            configuration: config,
            seconds: finished.as_deref().and_then(|finished| seconds(&started, finished)),
            started,
            finished,
            outcome,
            reason: summary.as_mut().and_then(|summary| summary.reason.take()),
            summary,
        }
    }

    /// How it ended, in a clause.
    pub(super) fn ending(&self) -> String {
        let why = self.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        match (&self.finished, self.outcome.as_str()) {
            (Some(at), "delete-limit") => format!("ended {at}: it would have deleted too much, and sent nothing{why}"),
            (Some(at), "failed") => format!("ended {at}: failed before anything was sent{why}"),
            (Some(at), outcome) => format!("ended {at}: {outcome}{why}"),
            (None, RUNNING) => "is running".to_owned(),
            (None, _) => "was killed; the next sync goes on from there".to_owned(),
        }
    }

    /// Whether it asked of every record that reports. A retry without limits is about the error log alone.
    pub(super) fn is_about_everything(&self) -> bool {
        self.command != "retry" && self.filters.is_none()
    }

    /// How long it took, for people.
    pub(super) fn took(&self) -> String {
        self.seconds.map_or_else(|| "·".to_owned(), duration)
    }

    /// By what it was limited, without the values: for whom may not see students' ids.
    pub(super) fn limits(&self) -> Vec<String> {
        let filters = self.filters.as_ref().and_then(serde_json::Value::as_object);
        filters.into_iter().flat_map(serde_json::Map::keys).map(|name| format!("some {name}")).collect()
    }

    /// What it was limited to, for people: names where there are few, numbers where there are many.
    pub(super) fn limited_to(&self) -> String {
        let Some(serde_json::Value::Object(filters)) = &self.filters else {
            return self.filters.as_ref().map_or_else(|| "everything".to_owned(), text);
        };
        let records = records(filters);
        // Which records of a resource says which resource too.
        let told = |name: &str| records.is_some() && ["resource", "resources", "key", "keys"].contains(&name);
        let parts = filters.iter().filter(|(name, _)| !told(name)).filter_map(|(name, value)| match value {
            serde_json::Value::Array(values) if values.is_empty() => None,
            serde_json::Value::Array(values) if values.len() > FEW => Some(format!("{} {name}", values.len())),
            serde_json::Value::Array(values) => {
                Some(format!("{name} {}", values.iter().map(text).collect::<Vec<_>>().join(", ")))
            }
            serde_json::Value::Null | serde_json::Value::Bool(false) => None,
            serde_json::Value::Bool(true) => Some(name.clone()),
            other => Some(format!("{name} {}", text(other))),
        });
        let parts: Vec<String> = records.iter().cloned().chain(parts).collect();
        if parts.is_empty() { "everything".to_owned() } else { parts.join("; ") }
    }
}

fn newest_id(ledger: &SqliteLedger) -> Result<Option<i64>, LedgerError> {
    Ok(ledger.runs(1)?.first().map(|run| run.id))
}

/// The records that a resync or a delete was limited to: `sections schoolId=255901001`.
fn records(filters: &serde_json::Map<String, serde_json::Value>) -> Option<String> {
    let resource = filters.get("resource").or_else(|| filters.get("resources")?.get(0))?.as_str()?;
    if let Some(key) = filters.get("key").and_then(serde_json::Value::as_str) {
        return Some(format!("{resource} {key}"));
    }
    let keys: Vec<Vec<(String, String)>> = serde_json::from_value(filters.get("keys")?.clone()).ok()?;
    let parts = |key: &Vec<(String, String)>| {
        key.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    };
    let keys: Vec<String> = keys.iter().map(parts).collect();
    Some(if keys.len() > FEW {
        format!("{} {resource}", keys.len())
    } else {
        format!("{resource} {}", keys.join(", "))
    })
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn seconds(started: &str, finished: &str) -> Option<i64> {
    let at = |text| DateTime::parse_from_rfc3339(text).ok();
    Some((at(finished)? - at(started)?).num_seconds())
}

fn duration(seconds: i64) -> String {
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3600 => format!("{minutes} min {} s", seconds % 60),
        _ => format!("{hours} h {minutes} min"),
    }
}
