//! Natural keys and references, read from a body by the model.

use std::fmt;
use std::sync::Arc;

use super::class::Reference;
use super::key_hash::{KeyHash, hash_parts, hash_reference};
use super::standard::{DataStandard, ResourceModel};
use crate::value::{Object, Value};

/// The natural key of a record: its resource and the key properties in the standard's order.
///
/// Holds student ids, so `Debug` shows no value; [`NaturalKey::values`] is for the ledger, and `Display` for what a user
/// asked to see.
///
/// Cheap to clone: the clones share it.
#[derive(Clone, PartialEq, Eq)]
pub struct NaturalKey(Arc<Shared>);

#[derive(PartialEq, Eq)]
struct Shared {
    hash: KeyHash,
    names: Arc<KeyNames>,
    /// The values, one behind the other.
    text: String,
    /// Where each of them ends.
    ends: Vec<usize>,
}

/// What the parts of a resource's natural keys are called: the same for each of them, so they share it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyNames {
    resource: String,
    names: Vec<String>,
}

impl KeyNames {
    /// The names of the parts of a resource's keys, in the standard's order.
    pub fn new(resource: String, names: Vec<String>) -> Self {
        Self { resource, names }
    }

    /// The resource's name in URLs.
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// The names, in the standard's order.
    pub fn names(&self) -> &[String] {
        &self.names
    }
}

impl NaturalKey {
    /// The natural key of a body; none when one of its properties is missing.
    pub fn of(model: &ResourceModel, body: &Object<'_>) -> Option<Self> {
        let (mut text, mut ends) = (String::with_capacity(96), Vec::with_capacity(model.identity.len()));
        for part in &model.identity {
            let value = part.paths.iter().find_map(|path| body.at(path)).filter(|v| **v != Value::Null)?;
            text.push_str(&value.key_text());
            ends.push(text.len());
        }
        Some(Self::new(Arc::clone(model.key_names()), text, ends))
    }

    fn new(names: Arc<KeyNames>, text: String, ends: Vec<usize>) -> Self {
        let hash = hash_parts(&names.resource, values(&text, &ends));
        Self(Arc::new(Shared { hash, names, text, ends }))
    }

    /// A key with these values, one for each name; none when there are more or fewer.
    pub fn from_values<V: AsRef<str>>(names: &Arc<KeyNames>, values: &[V]) -> Option<Self> {
        if values.len() != names.names.len() {
            return None;
        }
        let (mut text, mut ends) = (String::new(), Vec::with_capacity(values.len()));
        for value in values {
            text.push_str(value.as_ref());
            ends.push(text.len());
        }
        Some(Self::new(Arc::clone(names), text, ends))
    }

    /// The resource's name in URLs.
    pub fn resource(&self) -> &str {
        &self.0.names.resource
    }

    /// What its parts are called.
    pub fn names(&self) -> &Arc<KeyNames> {
        &self.0.names
    }

    /// The values, in the standard's order.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        values(&self.0.text, &self.0.ends)
    }

    /// Flattened property names and values, in the standard's order.
    pub fn parts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.names.names.iter().map(String::as_str).zip(self.values())
    }

    /// The parts as parameters: what a GET by query asks with.
    pub fn to_query(&self) -> Vec<(String, String)> {
        self.parts().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// The value of one part (`schoolId`).
    pub fn part(&self, name: &str) -> Option<&str> {
        self.parts().find(|(part, _)| *part == name).map(|(_, value)| value)
    }

    /// The hash of this key.
    pub fn hash(&self) -> KeyHash {
        self.0.hash
    }

    /// Visits the records that the key itself names: the references of a body whose members are all parts of the key,
    /// each with its member name. A body is not needed, so this works for records that no SIS row reports any more.
    pub fn references<'m>(
        &self,
        standard: &'m DataStandard,
        model: &'m ResourceModel,
        visit: &mut dyn FnMut(&'m Reference, &'m ResourceModel, KeyHash),
    ) {
        for reference in &model.class.references {
            let mut named = Object::new();
            for member in &reference.properties {
                let path = format!("{}.{}", reference.name, member.name);
                let part = model.identity.iter().find(|part| part.paths.contains(&path));
                if let Some(value) = part.and_then(|part| self.part(&part.name)) {
                    named.push(member.name.as_str(), value);
                }
            }
            for target in standard.concrete(&reference.target) {
                if let Some(hash) = hash_reference(reference, target, &named) {
                    visit(reference, target, hash);
                }
            }
        }
    }
}

impl fmt::Display for NaturalKey {
    /// `name=value` pairs joined by `&`, for output that a user asked for.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (name, value)) in self.parts().enumerate() {
            write!(f, "{}{name}={value}", if at == 0 { "" } else { "&" })?;
        }
        Ok(())
    }
}

impl fmt::Debug for NaturalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NaturalKey({}, {} parts)", self.resource(), self.0.ends.len())
    }
}

/// The texts that stand one behind the other and end at these places.
fn values<'a>(text: &'a str, ends: &'a [usize]) -> impl Iterator<Item = &'a str> {
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts.zip(ends).map(|(start, end)| &text[start..*end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section_association() -> Object<'static> {
        Object::new()
            .with("beginDate", "2025-08-14")
            .with(
                "sectionReference",
                Object::new()
                    .with("localCourseCode", "ALG-1")
                    .with("schoolId", 1_i64)
                    .with("schoolYear", 2026_i64)
                    .with("sectionIdentifier", "1")
                    .with("sessionName", "S1"),
            )
            .with("studentReference", Object::new().with("studentUniqueId", "77"))
    }

    #[test]
    fn key_of_a_body_is_its_values_and_hashes_alike() {
        let standard = DataStandard::ed_fi_4_0();
        let model = standard.resource("studentSectionAssociations").unwrap();
        let key = NaturalKey::of(model, &section_association()).unwrap();
        let values: Vec<&str> = key.values().collect();
        assert_eq!(values, ["2025-08-14", "ALG-1", "1", "2026", "1", "S1", "77"]);
        assert_eq!(NaturalKey::from_values(key.names(), &values), Some(key.clone()));
        assert_eq!(NaturalKey::from_values(key.names(), &values[1..]), None);
        assert_eq!((key.part("sessionName"), key.part("name")), (Some("S1"), None));
        assert_eq!(Some(key.hash()), KeyHash::of(model, &section_association()));
        assert!(!format!("{key:?}").contains("77"));
    }

    #[test]
    fn references_hash_as_the_records_they_name() {
        let standard = DataStandard::ed_fi_4_0();
        let model = standard.resource("studentSectionAssociations").unwrap();
        let student = Object::new().with("studentUniqueId", "77");
        let expected = KeyHash::of(standard.resource("students").unwrap(), &student).unwrap();
        let mut seen = Vec::new();
        KeyHash::references(standard, &model.class, &section_association(), &mut |reference, target, hash| {
            seen.push((reference.name.clone(), target.name.clone(), hash));
        });
        assert_eq!(seen.len(), 2);
        assert!(
            seen.iter()
                .any(|(name, target, hash)| name == "studentReference" && target == "students" && *hash == expected)
        );
    }

    #[test]
    fn a_key_alone_names_the_records_that_its_body_names() {
        let standard = DataStandard::ed_fi_4_0();
        let model = standard.resource("studentSectionAssociations").unwrap();
        let (mut by_body, mut by_key) = (Vec::new(), Vec::new());
        KeyHash::references(standard, &model.class, &section_association(), &mut |_, target, hash| {
            by_body.push((target.name.clone(), hash));
        });
        let key = NaturalKey::of(model, &section_association()).unwrap();
        key.references(standard, model, &mut |_, target, hash| by_key.push((target.name.clone(), hash)));
        assert_eq!(by_body, by_key);
        assert_eq!(by_key.len(), 2);
    }

    #[test]
    fn descriptors_in_a_key_are_the_same_in_any_case() {
        let model = DataStandard::ed_fi_4_0().resource("programs").unwrap();
        let program = |uri: &'static str| {
            let district = Object::new().with("educationOrganizationId", 1_i64);
            let body = Object::new().with("educationOrganizationReference", district).with("programName", "CTE");
            KeyHash::of(model, &body.with("programTypeDescriptor", uri)).unwrap()
        };
        assert_eq!(program("uri://ed-fi.org/X#Career"), program("uri://ed-fi.org/x#CAREER"));
        assert_ne!(program("uri://ed-fi.org/X#Career"), program("uri://ed-fi.org/X#Bilingual"));
    }

    #[test]
    fn a_body_without_its_key_has_no_hash() {
        let model = DataStandard::ed_fi_4_0().resource("students").unwrap();
        assert!(KeyHash::of(model, &Object::new()).is_none());
    }
}
