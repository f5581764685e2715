//! One entry for each cause, however many records it keeps from the ODS.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rollcall_ledger::{ErrorEntry, ErrorRoot, Outcome};
use serde::{Deserialize, Serialize};

/// One cause: what is to be mended once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// The resource of the records that are to be mended.
    pub resource: String,
    /// `refused`, `unknown` or `defect`; `held` when the records that are to be mended are not in the error log
    /// themselves, since no rule reports them.
    pub outcome: String,
    /// The class of the refusal.
    pub class: String,
    /// The HTTP status, when the ODS answered.
    pub status: Option<u16>,
    /// The element that it is about, when that is known.
    pub element: Option<String>,
    /// The ODS's words, or ours, about one of the records. Can quote student data.
    pub message: String,
    /// The likely causes, of one of the records; without student data.
    pub causes: Vec<String>,
    /// What to do, a line each; without student data.
    pub fix: String,
    /// How many records are to be mended.
    pub records: u64,
    /// The SIS objects of some of them.
    pub objects: Vec<String>,
    /// How many records wait for these, by resource.
    pub waiting: BTreeMap<String, u64>,
    /// How many records are concerned, waiting ones included, by school; only where they were asked for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub schools: BTreeMap<String, u64>,
}

impl Cause {
    /// How many records it keeps from the ODS, or at it.
    pub fn total(&self) -> u64 {
        self.records + self.waiting.values().sum::<u64>()
    }
}

/// So many objects are named for each cause.
const NAMED: usize = 5;

/// What tells causes apart. Messages of one cause differ by ids and values only.
type Key<'e> = (&'e str, &'e str, &'e str, Option<&'e str>, String, &'e str, String);

/// The causes behind some errors, by resource; those that keep most records from the ODS first. `schools` names the
/// schools of an error's record.
pub fn causes(entries: &[ErrorEntry], schools: &dyn Fn(&ErrorEntry) -> Vec<String>) -> Vec<Cause> {
    let mut found: BTreeMap<Key<'_>, Cause> = BTreeMap::new();
    let mut of_object: HashMap<(&str, &str), Key<'_>> = HashMap::new();
    let mut of_key: HashMap<(&str, &str), Key<'_>> = HashMap::new();
    for entry in entries.iter().filter(|entry| !is_held(entry)) {
        let key = key_of(entry);
        of_object.insert((&entry.resource, &entry.object), key.clone());
        if !entry.natural_key.is_empty() {
            of_key.insert((&entry.resource, &entry.natural_key), key.clone());
        }
        let cause = found.entry(key).or_insert_with(|| first(entry, &entry.resource));
        cause.records += 1;
        note(cause, Some(entry.object.as_str()).filter(|object| !object.is_empty()), schools(entry));
    }
    let mut absent: BTreeMap<Key<'_>, BTreeSet<&ErrorRoot>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| is_held(entry)) {
        let root = entry.root.as_ref();
        let by_object = root.and_then(|root| of_object.get(&(root.resource.as_str(), root.object.as_deref()?)));
        let by_key = || root.and_then(|root| of_key.get(&(root.resource.as_str(), root.natural_key.as_str())));
        let key = by_object.or_else(by_key).cloned().unwrap_or_else(|| {
            let resource = root.map_or(entry.waits_for.as_deref().unwrap_or(&entry.resource), |root| &root.resource);
            let (.., text) = key_of(entry);
            let key = (resource, Outcome::Held.as_str(), entry.class.as_str(), None, String::new(), "", text);
            absent.entry(key.clone()).or_default().extend(root);
            key
        });
        let cause = found.entry(key).or_insert_with_key(|key| Cause { element: None, ..first(entry, key.0) });
        *cause.waiting.entry(entry.resource.clone()).or_default() += 1;
        note(cause, None, schools(entry));
    }
    for (key, roots) in absent {
        let Some(cause) = found.get_mut(&key) else { continue };
        cause.records = roots.len() as u64;
        cause.objects = roots.into_iter().filter_map(|root| root.object.clone()).take(NAMED).collect();
    }
    let mut causes: Vec<Cause> = found.into_values().collect();
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.total()));
    causes
}

fn is_held(entry: &ErrorEntry) -> bool {
    entry.outcome == Outcome::Held
}

fn key_of(entry: &ErrorEntry) -> Key<'_> {
    (
        &entry.resource,
        entry.outcome.as_str(),
        &entry.class,
        entry.element.as_deref(),
        without_values(&entry.message),
        // What a defect is mended by names the code to map, if it is one.
        if entry.outcome == Outcome::Defect { entry.fix.as_str() } else { "" },
        entry.causes.first().map(|cause| without_values(cause)).unwrap_or_default(),
    )
}

fn first(entry: &ErrorEntry, resource: &str) -> Cause {
    Cause {
        resource: resource.to_owned(),
        outcome: entry.outcome.as_str().to_owned(),
        class: entry.class.clone(),
        status: entry.status,
        element: entry.element.clone(),
        message: entry.message.clone(),
        causes: entry.causes.clone(),
        fix: entry.fix.clone(),
        ..Cause::default()
    }
}

fn note(cause: &mut Cause, object: Option<&str>, schools: Vec<String>) {
    if let Some(object) = object
        && cause.objects.len() < NAMED
        && !cause.objects.iter().any(|named| named == object)
    {
        cause.objects.push(object.to_owned());
    }
    for school in schools {
        *cause.schools.entry(school).or_default() += 1;
    }
}

/// A text without what stands in quotes and without digits.
fn without_values(message: &str) -> String {
    let mut quoted = false;
    message
        .chars()
        .filter(|c| {
            if matches!(c, '\'' | '"') {
                quoted = !quoted;
            }
            !quoted && !c.is_ascii_digit()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(resource: &str, object: &str, outcome: Outcome, message: &str, root: Option<(&str, &str)>) -> ErrorEntry {
        ErrorEntry {
            resource: resource.to_owned(),
            object: object.to_owned(),
            natural_key: String::new(),
            operation: None,
            outcome,
            status: None,
            class: outcome.as_str().to_owned(),
            message: message.to_owned(),
            fix: String::new(),
            waits_for: root.map(|(resource, _)| resource.to_owned()),
            payload: None,
            run: 1,
            at: String::new(),
            tries: 1,
            element: None,
            causes: if outcome == Outcome::Held { vec![message.to_owned()] } else { Vec::new() },
            urn: None,
            correlation_id: None,
            root: root.map(|(resource, object)| ErrorRoot {
                resource: resource.to_owned(),
                object: Some(object.to_owned()),
                natural_key: String::new(),
            }),
        }
    }

    #[test]
    fn what_is_held_counts_with_its_root() {
        let mut entries = vec![
            entry("courseOfferings", "Section:1-1", Outcome::Refused, "no 'A' in 12", None),
            entry("courseOfferings", "Section:2-1", Outcome::Refused, "no 'B' in 7", None),
            entry("sections", "Section:1-1", Outcome::Held, "waits", Some(("courseOfferings", "Section:1-1"))),
        ];
        for roster in 0..3000 {
            let object = format!("Roster:{roster}");
            let root = Some(("courseOfferings", "Section:1-1"));
            entries.push(entry("studentSectionAssociations", &object, Outcome::Held, "waits", root));
        }
        let causes = causes(&entries, &|_| Vec::new());
        assert_eq!(causes.len(), 1);
        assert_eq!((causes[0].resource.as_str(), causes[0].records), ("courseOfferings", 2));
        let waiting: Vec<_> = causes[0].waiting.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        assert_eq!(waiting, [("sections", 1), ("studentSectionAssociations", 3000)]);
        assert_eq!(causes[0].total(), 3003);
    }

    #[test]
    fn roots_that_do_not_report_are_causes_of_their_own() {
        let waits = |roster: &str, section: &str, why: &str| {
            entry("studentSectionAssociations", roster, Outcome::Held, why, Some(("sections", section)))
        };
        let entries = [
            waits("Roster:1", "Section:1-1", "Section:1-1 does not report: no code in 1"),
            waits("Roster:2", "Section:1-1", "Section:1-1 does not report: no code in 1"),
            waits("Roster:3", "Section:2-1", "Section:2-1 does not report: no code in 2"),
            waits("Roster:4", "Section:3-1", "Section:3-1 does not report: the course is inactive"),
        ];
        let causes = causes(&entries, &|_| vec!["North".to_owned()]);
        assert_eq!(causes.len(), 2);
        assert_eq!((causes[0].records, causes[0].total()), (2, 5));
        assert_eq!(causes[0].objects, ["Section:1-1", "Section:2-1"]);
        assert_eq!(causes[0].schools["North"], 3);
        assert_eq!((causes[1].resource.as_str(), causes[1].records), ("sections", 1));
    }
}
