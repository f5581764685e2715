//! Holding what a sync left and said against what the documents say.

use std::collections::BTreeMap;

use serde_json::Value;

/// Bodies by natural key.
pub type Records = BTreeMap<String, Value>;

/// Holds what the ODS has of a resource against what the documents say: both ways, whole bodies.
pub fn compare(resource: &str, stored: &Records, expected: &Records) {
    let missing: Vec<_> = expected.keys().filter(|key| !stored.contains_key(*key)).collect();
    let extra: Vec<_> = stored.keys().filter(|key| !expected.contains_key(*key)).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "{resource}: {} missing, first {:?}; {} too many, first {:?}",
        missing.len(),
        missing.first(),
        extra.len(),
        extra.first()
    );
    let differs = |(key, body): &(&String, &Value)| unordered(&stored[*key]) != unordered(body);
    let differing: Vec<_> = expected.iter().filter(differs).collect();
    if let Some((key, body)) = differing.first() {
        panic!("{resource}: {} differ, first {key}\n stored: {}\nexpected: {body}", differing.len(), stored[*key]);
    }
}

/// A body with its collections in one order: the standard's are "an unordered collection".
fn unordered(body: &Value) -> Value {
    match body {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(unordered).collect();
            items.sort_by_cached_key(Value::to_string);
            Value::Array(items)
        }
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), unordered(value))).collect(),
        other => other.clone(),
    }
}

/// A summary's part for a resource.
pub fn part<'a>(summary: &'a Value, resource: &str) -> &'a Value {
    let parts = summary["resources"].as_array().expect("a summary has resources");
    parts.iter().find(|part| part["resource"] == resource).expect("each resource has a part")
}

/// A summary's count for a resource.
pub fn count(summary: &Value, resource: &str, name: &str) -> u64 {
    part(summary, resource)[name].as_u64().unwrap_or_else(|| panic!("{resource} has no count {name}"))
}
