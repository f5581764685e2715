//! Which records a resync looks at.

use std::collections::BTreeSet;

use rollcall_core::model::{NaturalKey, ResourceModel};
use rollcall_core::snapshot::Snapshot;
use rollcall_core::verdict::ObjectKey;
use serde::{Deserialize, Serialize};

use crate::error_log::{Asked, Whose};

/// The filters of a resync; without any, everything. A record has to pass all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// These resources only.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub resources: BTreeSet<String>,
    /// Records of these schools only, by the ODS's school id. Resources whose natural key has no school are left out.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub schools: BTreeSet<String>,
    /// Records of these students only, by the ODS's student id. Resources whose natural key has no student are left out.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub persons: BTreeSet<String>,
    /// Records with one of these natural keys only, each as parts, `(name, value)`; parts left out may be anything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<Vec<(String, String)>>,
}

const SCHOOL: &str = "schoolId";
const STUDENT: &str = "studentUniqueId";

impl Scope {
    /// Everything.
    pub fn all() -> Self {
        Self::default()
    }

    /// Whether nothing is left out.
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// Whether records of a resource can be in it.
    pub fn takes(&self, model: &ResourceModel) -> bool {
        let has = |name: &str| model.identity.iter().any(|part| part.name == name);
        (self.resources.is_empty() || self.resources.contains(&model.name))
            && (self.schools.is_empty() || has(SCHOOL))
            && (self.persons.is_empty() || has(STUDENT))
            && (self.keys.is_empty() || self.keys.iter().any(|parts| parts.iter().all(|(name, _)| has(name))))
    }

    /// Whether a record is in it.
    pub fn contains(&self, key: &NaturalKey) -> bool {
        let one_of = |name: &str, wanted: &BTreeSet<String>| {
            wanted.is_empty() || key.part(name).is_some_and(|value| wanted.contains(value))
        };
        (self.resources.is_empty() || self.resources.contains(key.resource()))
            && one_of(SCHOOL, &self.schools)
            && one_of(STUDENT, &self.persons)
            && (self.keys.is_empty() || self.keys.iter().any(|parts| has_parts(key, parts)))
    }

    /// Queries that together give every record in it, each a list of parameters; one without parameters reads all.
    pub fn queries(&self) -> Vec<Vec<(String, String)>> {
        if !self.keys.is_empty() {
            return self.keys.clone();
        }
        let (name, values) = match (self.persons.is_empty(), self.schools.is_empty()) {
            (false, _) => (STUDENT, &self.persons),
            (true, false) => (SCHOOL, &self.schools),
            (true, true) => return vec![Vec::new()],
        };
        values.iter().map(|value| vec![(name.to_owned(), value.clone())]).collect()
    }
}

/// What a scope says of objects without a record, which have no natural key: by the school and the student of their rows.
pub(super) enum Rows {
    /// All are in it.
    All,
    /// Only those of these schools and students.
    Of(Asked),
    /// Another resource is asked for; or nobody can say: natural keys are, or schools and students that the SIS does not know.
    None,
}

impl Rows {
    /// Of the objects of a resource.
    pub(super) fn of(scope: Option<&Scope>, resource: &str, snapshot: &Snapshot) -> Self {
        let Some(scope) = scope else { return Self::All };
        if !scope.resources.is_empty() && !scope.resources.contains(resource) {
            return Self::None;
        }
        if scope.schools.is_empty() && scope.persons.is_empty() && scope.keys.is_empty() {
            return Self::All;
        }
        let schools: Vec<String> = scope.schools.iter().cloned().collect();
        let persons: Vec<String> = scope.persons.iter().cloned().collect();
        match Asked::parse(snapshot, &schools, &persons) {
            Ok(asked) if scope.keys.is_empty() => Self::Of(asked),
            _ => Self::None,
        }
    }

    pub(super) fn contain(&self, snapshot: &Snapshot, object: ObjectKey) -> bool {
        match self {
            Self::All => true,
            Self::Of(asked) => Whose::of_object(snapshot, object).is_asked(asked),
            Self::None => false,
        }
    }

    pub(super) const fn are_all(&self) -> bool {
        matches!(self, Self::All)
    }
}

fn has_parts(key: &NaturalKey, parts: &[(String, String)]) -> bool {
    parts.iter().all(|(name, value)| key.part(name) == Some(value))
}
