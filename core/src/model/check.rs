//! The payload check: one body held against the data standard and the state's extension.
//!
//! A server drops what it does not know and still answers 201, so an error here would be a silent loss there. The
//! publisher checks every body before it is sent; the sandbox uses the same walk and turns the violations that real
//! servers notice into their messages.

mod values;

use super::class::{Class, Reference};
use super::standard::ResourceModel;
use super::violation::{Violation, ViolationKind};
use crate::value::{Object, Value};

/// What a check needs besides the resource's own model.
pub struct Surroundings<'a> {
    /// The extensions of this resource: key under `_ext` and shape.
    pub extensions: &'a [(&'a str, &'a Class)],
    /// Whether a descriptor value exists: `(descriptor, uri)`.
    pub descriptor_exists: &'a dyn Fn(&str, &str) -> bool,
}

/// Holds a body against the model; the violations in the order of the body. Empty means that it may be sent.
pub fn check(model: &ResourceModel, body: &Object<'_>, surroundings: &Surroundings<'_>) -> Vec<Violation> {
    let mut walk = Walk { surroundings, path: Vec::new(), found: Vec::new() };
    walk.object(&model.class, body, true);
    if body.get("_ext").is_none() {
        walk.path.push(Step::Member("_ext"));
        walk.missing_extensions(&Object::new());
        walk.path.pop();
    }
    walk.unified(model, body);
    walk.found
}

/// Whether a text has the form of a descriptor's value.
pub(super) fn is_descriptor_value(text: &str) -> bool {
    text.starts_with("uri://") && text.contains('#')
}

enum Step<'p> {
    Member(&'p str),
    Item(usize),
}

struct Walk<'w> {
    surroundings: &'w Surroundings<'w>,
    path: Vec<Step<'w>>,
    found: Vec<Violation>,
}

impl<'w> Walk<'w> {
    fn object<'b: 'w>(&mut self, class: &'w Class, body: &'b Object<'_>, root: bool) {
        for (name, value) in body.iter() {
            self.path.push(Step::Member(name));
            if let Some(property) = class.property(name) {
                self.property(property, value);
            } else if let Some(reference) = class.reference(name) {
                self.reference(reference, value);
            } else if let Some(embedded) = class.object(name) {
                match value {
                    Value::Object(object) => self.object(&embedded.class, object, false),
                    Value::Null => {}
                    _ => self.wrong("object"),
                }
            } else if let Some(collection) = class.collection(name) {
                self.collection(&collection.class, &collection.key, collection.required, value);
            } else if root && name == "_ext" {
                self.extensions(value);
            } else {
                self.add(ViolationKind::Unknown);
            }
            self.path.pop();
        }
        let missing = |name: &str| matches!(body.get(name), None | Some(Value::Null));
        for property in class.properties.iter().filter(|p| p.required && missing(&p.name)) {
            self.add_at(&property.name, ViolationKind::Required);
        }
        for reference in class.references.iter().filter(|r| r.required && missing(&r.name)) {
            self.add_at(&reference.name, ViolationKind::Required);
        }
        for object in class.objects.iter().filter(|o| o.required && missing(&o.name)) {
            self.add_at(&object.name, ViolationKind::Required);
        }
        for collection in class.collections.iter().filter(|c| c.required && missing(&c.name)) {
            self.add_at(&collection.name, ViolationKind::EmptyCollection);
        }
    }

    fn reference<'b: 'w>(&mut self, reference: &'w Reference, value: &'b Value<'_>) {
        let Value::Object(object) = value else {
            if *value != Value::Null {
                self.wrong("reference");
            }
            return;
        };
        let missing: Vec<String> = reference
            .properties
            .iter()
            .filter(|p| !p.unified_with_parent && matches!(object.get(&p.name), None | Some(Value::Null)))
            .map(|p| p.name.clone())
            .collect();
        if !missing.is_empty() {
            self.add(ViolationKind::IncompleteReference { missing });
        }
        for (name, value) in object.iter() {
            self.path.push(Step::Member(name));
            match reference.properties.iter().find(|p| p.name == name) {
                Some(property) => self.property(property, value),
                None => self.add(ViolationKind::Unknown),
            }
            self.path.pop();
        }
    }

    fn collection<'b: 'w>(&mut self, class: &'w Class, key: &[String], required: bool, value: &'b Value<'_>) {
        let items = match value {
            Value::Array(items) => items.as_slice(),
            Value::Null => &[],
            _ => return self.wrong("array"),
        };
        if required && items.is_empty() {
            self.add(ViolationKind::EmptyCollection);
        }
        let mut keys: Vec<Vec<String>> = Vec::new();
        for (at, item) in items.iter().enumerate() {
            self.path.push(Step::Item(at));
            match item {
                Value::Object(object) => {
                    self.object(class, object, false);
                    let this: Vec<String> = key
                        .iter()
                        .map(|path| object.at(path).map(|v| v.key_text().into_owned()).unwrap_or_default())
                        .collect();
                    if !key.is_empty() && keys.contains(&this) {
                        self.add(ViolationKind::DuplicateItem);
                    }
                    keys.push(this);
                }
                _ => self.wrong("object"),
            }
            self.path.pop();
        }
    }

    fn extensions<'b: 'w>(&mut self, value: &'b Value<'_>) {
        let Value::Object(object) = value else { return self.wrong("object") };
        for (name, value) in object.iter() {
            self.path.push(Step::Member(name));
            let class = self.surroundings.extensions.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            match (class, value) {
                (Some((_, class)), Value::Object(object)) => self.object(class, object, false),
                (Some(_), _) => self.wrong("object"),
                (None, _) => self.add(ViolationKind::Unknown),
            }
            self.path.pop();
        }
        self.missing_extensions(object);
    }

    fn missing_extensions(&mut self, object: &Object<'_>) {
        for (key, class) in self.surroundings.extensions {
            let there = object.iter().any(|(name, _)| name.eq_ignore_ascii_case(key));
            if !there {
                self.path.push(Step::Member(key));
                for property in class.properties.iter().filter(|p| p.required) {
                    self.add_at(&property.name, ViolationKind::Required);
                }
                self.path.pop();
            }
        }
    }

    fn unified(&mut self, model: &ResourceModel, body: &Object<'_>) {
        let parts = model.identity.iter().map(|part| &part.paths);
        for paths in parts.chain(model.unified_keys.iter().map(|key| &key.paths)).filter(|paths| paths.len() > 1) {
            let mut values = paths.iter().filter_map(|path| body.at(path));
            let first = values.next();
            if values.any(|value| Some(value) != first) {
                let kind = ViolationKind::KeysDiffer { paths: paths.clone() };
                if !self.found.iter().any(|v| v.kind == kind) {
                    self.found.push(Violation { path: paths[0].clone(), kind });
                }
            }
        }
    }

    fn wrong(&mut self, expected: &'static str) {
        self.add(ViolationKind::WrongType { expected });
    }

    fn add(&mut self, kind: ViolationKind) {
        let path = self.render(None);
        self.found.push(Violation { path, kind });
    }

    fn add_at(&mut self, name: &str, kind: ViolationKind) {
        let path = self.render(Some(name));
        self.found.push(Violation { path, kind });
    }

    fn render(&self, last: Option<&str>) -> String {
        let mut path = String::new();
        for step in &self.path {
            match step {
                Step::Member(name) if path.is_empty() => path.push_str(name),
                Step::Member(name) => {
                    path.push('.');
                    path.push_str(name);
                }
                Step::Item(at) => {
                    path.push('[');
                    path.push_str(&at.to_string());
                    path.push(']');
                }
            }
        }
        if let Some(name) = last {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(name);
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DataStandard;

    fn violations(resource: &str, json: &str, extensions: &[(&str, &Class)]) -> Vec<String> {
        let body: Object<'static> = serde_json::from_str(json).unwrap();
        let exists = |_: &str, uri: &str| !uri.ends_with("#nowhere");
        let model = DataStandard::ed_fi_4_0().resource(resource).unwrap();
        let surroundings = Surroundings { extensions, descriptor_exists: &exists };
        check(model, &body, &surroundings).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn accepts_a_whole_student() {
        let json = r#"{"studentUniqueId":"1","birthDate":"2010-01-31","firstName":"A","lastSurname":"B"}"#;
        assert_eq!(violations("students", json, &[]), Vec::<String>::new());
    }

    #[test]
    fn names_each_fault_with_its_path() {
        let json = r#"{"studentUniqueId":" 1","birthDate":"31.01.2010","firstName":"A","lastSurname":"",
            "nickName":"x","birthSexDescriptor":"uri://ed-fi.org/SexDescriptor#nowhere",
            "identificationDocuments":[7]}"#;
        assert_eq!(
            violations("students", json, &[]),
            [
                "studentUniqueId is part of the key and must not start or end with a space",
                "birthDate must be of type date",
                "lastSurname is required and is missing",
                "nickName is not a member of this resource; a server would drop it silently",
                "birthSexDescriptor is in no known code list of SexDescriptor",
                "identificationDocuments[0] must be of type object",
            ]
        );
    }

    #[test]
    fn holds_extensions_against_their_declared_shape() {
        let class = Class {
            properties: vec![
                serde_json::from_str(r#"{"name":"courseStatusDescriptor","type":"descriptor","required":true}"#)
                    .unwrap(),
            ],
            ..Class::default()
        };
        let body = |ext: &str| {
            format!(
                r#"{{"beginDate":"2025-08-14","studentReference":{{"studentUniqueId":"1"}},
                "sectionReference":{{"localCourseCode":"A","schoolId":1,"schoolYear":2026,"sectionIdentifier":"1",
                "sessionName":"S1"}},"_ext":{ext}}}"#
            )
        };
        let extensions: &[(&str, &Class)] = &[("ks", &class)];
        let check = |ext: &str| violations("studentSectionAssociations", &body(ext), extensions);
        assert_eq!(
            check(r#"{"ks":{"courseStatusDescriptor":"uri://state.example/C#Enrolled"}}"#),
            Vec::<String>::new()
        );
        assert_eq!(check(r#"{"ks":{}}"#), ["_ext.ks.courseStatusDescriptor is required and is missing"]);
        assert_eq!(check(r#"{"ks":{"courseStatusDescriptor":"uri://a#b","status":1}}"#).len(), 1);
        assert_eq!(
            check(r#"{"kss":{"courseStatusDescriptor":"uri://a#b"}}"#),
            [
                "_ext.kss is not a member of this resource; a server would drop it silently",
                "_ext.ks.courseStatusDescriptor is required and is missing"
            ]
        );
    }

    #[test]
    fn keys_carried_twice_must_agree() {
        let json = r#"{"localCourseCode":"A","courseReference":{"courseCode":"A","educationOrganizationId":1},
            "schoolReference":{"schoolId":1},"sessionReference":{"schoolId":2,"schoolYear":2026,"sessionName":"S"}}"#;
        let found = violations("courseOfferings", json, &[]);
        assert_eq!(
            found,
            ["schoolReference.schoolId must agree everywhere: schoolReference.schoolId, sessionReference.schoolId"]
        );
    }
}
