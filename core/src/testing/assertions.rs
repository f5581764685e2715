//! What a row of a source document says, as one assertion.

use super::Case;
use crate::descriptor::CodeTable;
use crate::resource::{Need, ResourceSpec};

/// The SIS changed so that an object's record changes and keeps its natural key: a PUT.
#[track_caller]
pub fn assert_put(before: &Case, after: &Case, object: &str) {
    assert_eq!(before.key(object), after.key(object), "the natural key changed");
    assert_ne!(before.body(object), after.body(object), "the body did not change");
    assert_ne!(before.source(object), after.source(object), "nothing that was read changed");
}

/// The SIS changed so that an object reports under another natural key, and nothing under the old: a DELETE and a POST.
#[track_caller]
pub fn assert_delete_post(before: &Case, after: &Case, object: &str) {
    let (old, new) = (before.key(object), after.key(object));
    assert_ne!(old, new, "the natural key did not change");
    assert!(!after.records().contains_key(&old), "something reports under the old key");
    assert!(!before.records().contains_key(&new), "something reported under the new key before");
    assert_ne!(before.source(object), after.source(object), "nothing that was read changed");
}

/// The SIS changed in something that the rule reads: the record is decided again.
#[track_caller]
pub fn assert_triggers(before: &Case, after: &Case, object: &str) {
    assert_ne!(before.source(object), after.source(object), "nothing that was read changed");
}

/// A preference changed what reports, and nothing that was read from the SIS: nothing triggers until a resync.
#[track_caller]
pub fn assert_waits_for_a_resync(before: &Case, after: &Case, object: &str) {
    assert_ne!(before.records(), after.records(), "the preference changes no record");
    assert_eq!(before.source(object), after.source(object), "the preference changed what is read");
}

/// An element's place in the document's table: whether it is mandatory, whether it is a part of the natural key.
#[track_caller]
pub fn assert_element(spec: &ResourceSpec, name: &str, need: Need, key: bool, columns: &[&str]) {
    let found: Vec<_> = spec.elements.iter().filter(|element| element.name == name).collect();
    let [found] = found[..] else { panic!("{} of {name}", found.len()) };
    assert_eq!((found.need, found.key), (need, key), "{name}");
    for column in columns {
        assert!(found.columns.contains(column), "{name} does not name {column}");
    }
}

/// A row of a document's descriptor table that has one text.
#[track_caller]
pub fn assert_code(table: &CodeTable, namespace: &str, code: &str, description: &str) {
    assert_described(table, namespace, code, description, description);
}

/// A row of a document's descriptor table that has a short text and a long one.
#[track_caller]
pub fn assert_described(table: &CodeTable, namespace: &str, code: &str, short: &str, description: &str) {
    assert_eq!(table.namespace, namespace);
    let found: Vec<_> = table.codes.iter().filter(|known| known.code == code).collect();
    let [found] = found[..] else { panic!("{} of \"{code}\"", found.len()) };
    assert_eq!((found.short_description, found.description), (short, description));
}
