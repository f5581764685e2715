//! One version of the Ed-Fi Data Standard.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

use chrono::NaiveDate;
use foldhash::HashMap;
use serde::Deserialize;

use super::check::is_descriptor_value;
use super::class::{Class, Kind};
use super::key::KeyNames;

/// All resources and descriptors of one version of the data standard.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataStandard {
    /// `Ed-Fi`.
    pub name: String,
    /// `4.0.0`.
    pub version: String,
    /// Abstract resource → the concrete ones that stand for it (`EducationOrganization` → `schools`, …).
    #[serde(rename = "abstract")]
    pub abstract_resources: BTreeMap<String, Vec<String>>,
    /// Descriptor → its resource (`GradeLevelDescriptor` → `gradeLevelDescriptors`).
    pub descriptors: BTreeMap<String, String>,
    /// Resources, sorted by name.
    pub resources: Vec<ResourceModel>,
    #[serde(skip)]
    by_name: HashMap<String, usize>,
    /// The URL segments of the resources that a state adds whole.
    #[serde(skip)]
    segments: HashMap<String, &'static str>,
}

/// One resource.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceModel {
    /// Name in URLs: `studentSectionAssociations`.
    pub name: String,
    /// Name in messages: `StudentSectionAssociation`.
    pub entity: String,
    /// The abstract resource that it is one of (`EducationOrganization`).
    #[serde(default)]
    pub base: Option<String>,
    /// Whether a PUT may change the natural key (and cascades to what refers to it).
    #[serde(default)]
    pub key_update_allowed: bool,
    /// The natural key, in the standard's order.
    pub identity: Vec<IdentityPart>,
    /// The key properties that relationship-based authorization looks at.
    pub authorization_subjects: Vec<String>,
    /// Properties that several references must agree on.
    #[serde(default)]
    pub unified_keys: Vec<UnifiedKey>,
    /// The members of its body.
    #[serde(flatten)]
    pub class: Class,
    /// The names of the natural key's parts, once for all keys; made with the first of them, so empty in a new model.
    #[serde(skip)]
    pub key_names: OnceLock<Arc<KeyNames>>,
}

/// One property of a natural key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityPart {
    /// Flattened name, as in query strings (`schoolId`).
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Dotted paths in the body that carry it; several must agree.
    pub paths: Vec<String>,
}

/// A property that several references of one body carry.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnifiedKey {
    /// Flattened name.
    pub name: String,
    /// Dotted paths that must agree.
    pub paths: Vec<String>,
}

static ED_FI_4_0: LazyLock<DataStandard> = LazyLock::new(|| {
    let standard: DataStandard = serde_json::from_str(include_str!("../../data/ed-fi-4.0.json"))
        .expect("core/data/ed-fi-4.0.json is part of the program and is read by its tests");
    standard.indexed()
});

impl DataStandard {
    /// Data Standard 4.0, which Kansas and Wisconsin take today.
    pub fn ed_fi_4_0() -> &'static Self {
        &ED_FI_4_0
    }

    /// A resource by its name in URLs.
    pub fn resource(&self, name: &str) -> Option<&ResourceModel> {
        self.by_name.get(name).map(|&at| &self.resources[at])
    }

    /// The concrete resources that a reference's target stands for; none when the name is unknown.
    pub fn concrete(&self, target: &str) -> Vec<&ResourceModel> {
        match self.abstract_resources.get(target) {
            Some(names) => names.iter().filter_map(|name| self.resource(name)).collect(),
            None => self.resource(target).into_iter().collect(),
        }
    }

    /// The URL segment before a resource's name: `ed-fi`, or that of the state which adds it.
    pub fn segment(&self, name: &str) -> &'static str {
        self.segments.get(name).copied().unwrap_or("ed-fi")
    }

    /// The same with the resources that a state adds, each with its URL segment.
    pub(crate) fn with(&self, added: impl IntoIterator<Item = (&'static str, ResourceModel)>) -> Self {
        let mut extended = self.clone();
        for (segment, model) in added {
            extended.segments.insert(model.name.clone(), segment);
            extended.resources.push(model);
        }
        extended.resources.sort_by(|a, b| a.name.cmp(&b.name));
        extended.indexed()
    }

    fn indexed(mut self) -> Self {
        self.by_name = self.resources.iter().enumerate().map(|(at, r)| (r.name.clone(), at)).collect();
        self
    }
}

impl ResourceModel {
    /// A model from its JSON text, in the form of `core/data/ed-fi-4.0.json`: for the resources that a state adds whole.
    ///
    /// # Panics
    /// When the text is none: it is part of the program, and the registry reads it at every start.
    pub fn of_json(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_else(|error| panic!("the model of a state's own resource: {error}"))
    }

    /// What the parts of its natural keys are called.
    pub fn key_names(&self) -> &Arc<KeyNames> {
        self.key_names.get_or_init(|| {
            let names = self.identity.iter().map(|part| part.name.clone()).collect();
            Arc::new(KeyNames::new(self.name.clone(), names))
        })
    }

    /// What a value of a part of its natural keys looks like, where a text cannot be one. Keys are compared as texts, so a
    /// number or date that is written otherwise than in a body is none.
    pub fn expected(&self, part: &IdentityPart, text: &str) -> Option<String> {
        let property = part.paths.iter().find_map(|path| self.class.property_at(path));
        let (can_be, expected) = match part.kind {
            Kind::Integer => {
                let written = text.parse::<i64>().is_ok_and(|number| number.to_string() == text);
                (written, "a whole number, in digits without zeros in front".to_owned())
            }
            Kind::Date => {
                let date = NaiveDate::parse_from_str(text, "%Y-%m-%d");
                (date.is_ok_and(|date| date.to_string() == text), "a date, yyyy-MM-dd".to_owned())
            }
            Kind::Descriptor => {
                let name = property.and_then(|property| property.descriptor.as_deref()).unwrap_or(&part.name);
                (is_descriptor_value(text), format!("a whole code value: uri://…/{name}#…"))
            }
            Kind::Boolean => (["true", "false"].contains(&text), "true or false".to_owned()),
            Kind::String => match property.and_then(|property| property.max_length) {
                Some(max) => {
                    let fits = !text.is_empty() && text.chars().count() <= max;
                    (fits, format!("a text of 1 to {max} characters"))
                }
                None => (!text.is_empty(), "a text that is not empty".to_owned()),
            },
            Kind::Datetime | Kind::Time | Kind::Decimal => (!text.is_empty(), format!("a {}", part.kind.name())),
        };
        (!can_be).then_some(expected)
    }

    /// The names of the resources that this one refers to, anywhere in its body; sorted, each once.
    pub fn upstream(&self) -> Vec<&str> {
        let mut names = Vec::new();
        collect_targets(&self.class, &mut names);
        names.sort_unstable();
        names.dedup();
        names
    }
}

fn collect_targets<'a>(class: &'a Class, names: &mut Vec<&'a str>) {
    names.extend(class.references.iter().map(|r| r.target.as_str()));
    class.objects.iter().for_each(|o| collect_targets(&o.class, names));
    class.collections.iter().for_each(|c| collect_targets(&c.class, names));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_student_section_association() {
        let model = DataStandard::ed_fi_4_0().resource("studentSectionAssociations").unwrap();
        let key: Vec<_> = model.identity.iter().map(|part| part.name.as_str()).collect();
        assert_eq!(
            key,
            [
                "beginDate",
                "localCourseCode",
                "schoolId",
                "schoolYear",
                "sectionIdentifier",
                "sessionName",
                "studentUniqueId"
            ]
        );
        assert_eq!(model.upstream(), ["sections", "students"]);
        assert!(model.key_update_allowed);
    }

    #[test]
    fn what_a_part_of_a_natural_key_can_be() {
        let standard = DataStandard::ed_fi_4_0();
        let expected = |resource: &str, name: &str, text: &str| {
            let model = standard.resource(resource).unwrap();
            model.expected(model.identity.iter().find(|part| part.name == name).unwrap(), text)
        };
        let uri = "uri://ed-fi.org/ProgramTypeDescriptor#Career and Technical Education";
        for (resource, name, good, bad) in [
            ("sections", "schoolId", "990001", &["", "abc", "0990001", "+1", "1.0", " 1", "1e3"][..]),
            ("calendarDates", "date", "2026-02-28", &["", "2026-02-30", "2026-2-28", "02/28/2026", "2026-02-28T00:00"]),
            (
                "programs",
                "programTypeDescriptor",
                uri,
                &["", "Vocational", "ed-fi.org/ProgramTypeDescriptor#x", "uri://x"],
            ),
            ("sections", "localCourseCode", "ALG 1", &["", &"x".repeat(61)]),
        ] {
            assert_eq!(expected(resource, name, good), None);
            for bad in bad {
                assert!(expected(resource, name, bad).is_some(), "{name} {bad}");
            }
        }
    }

    #[test]
    fn every_reference_names_a_known_resource_and_its_whole_key() {
        let standard = DataStandard::ed_fi_4_0();
        for resource in &standard.resources {
            for target in resource.upstream() {
                assert!(!standard.concrete(target).is_empty(), "{} refers to {target}", resource.name);
            }
            for part in &resource.identity {
                for path in &part.paths {
                    assert!(resource.class.property_at(path).is_some(), "{} {path}", resource.name);
                }
            }
        }
    }

    #[test]
    fn every_descriptor_property_names_a_known_descriptor() {
        fn walk(class: &Class, standard: &DataStandard) {
            for property in &class.properties {
                if let Some(descriptor) = &property.descriptor {
                    assert!(standard.descriptors.contains_key(descriptor), "{descriptor}");
                }
            }
            class.objects.iter().for_each(|o| walk(&o.class, standard));
            class.collections.iter().for_each(|c| walk(&c.class, standard));
        }
        let standard = DataStandard::ed_fi_4_0();
        standard.resources.iter().for_each(|r| walk(&r.class, standard));
    }
}
