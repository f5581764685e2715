//! The payload check's violations in the servers' words.

use rollcall_core::model::{Class, Kind, Surroundings, ViolationKind, check};
use rollcall_core::value::{Object, Value};

use super::names::{Path, pascal};
use crate::bind::member_name;
use crate::catalog::Resource;
use crate::config::ApiVersion;

/// One broken rule.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    /// Headings of the nested blocks in version 6's text: `StudentAddress[0]`.
    blocks: Vec<String>,
    /// JSON path without `$.`.
    path: String,
    /// The member's name in messages.
    name: String,
    rule: Rule,
}

#[derive(Debug, Clone)]
enum Rule {
    Required,
    /// There, but empty.
    LeftEmpty,
    RequiredReference,
    UnresolvedPerson,
    Empty,
    Incomplete(Vec<String>),
    TooLong(usize, Option<usize>),
    TooShort(usize, Option<usize>),
    OutOfRange(Option<String>, Option<String>),
    SurroundingSpace,
    Duplicate(usize),
    Dangerous,
}

impl Finding {
    /// A person's reference that names nobody.
    pub(crate) fn unresolved_person(entity: &str, path: &[String]) -> Self {
        let (blocks, path) = (Vec::new(), path.join("."));
        Self { blocks, path, name: entity.to_owned(), rule: Rule::UnresolvedPerson }
    }

    /// The key in `validationErrors`.
    pub(super) fn field(&self) -> String {
        format!("$.{}", self.path)
    }
}

/// Holds a bound body against the model; descriptor values and references are looked up elsewhere.
pub(crate) fn findings(resource: &Resource, body: &Object<'_>, version: ApiVersion) -> Vec<Finding> {
    let extensions: Vec<(&str, &Class)> =
        resource.extensions.iter().map(|(key, class)| (key.as_str(), class)).collect();
    let surroundings = Surroundings { extensions: &extensions, descriptor_exists: &|_, _| true };
    let violations = check(&resource.model, body, &surroundings);
    let mut findings: Vec<Finding> = violations
        .into_iter()
        .filter_map(|violation| {
            let mut finding = finding(resource, &violation.path, violation.kind, version)?;
            if matches!(finding.rule, Rule::Required) && is_there(body, &violation.path) {
                finding.rule = Rule::LeftEmpty;
            }
            Some(finding)
        })
        .collect();
    if version == ApiVersion::V6 {
        find_dangerous(resource, body, &Path::Root, &mut findings);
    }
    findings
}

/// Whether a body has a member, at a path with indexes.
fn is_there(body: &Object<'_>, path: &str) -> bool {
    let (head, rest) = path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)));
    let (name, index) = step(head);
    let value = match (body.get(&name), index) {
        (Some(Value::Array(items)), Some(index)) => items.get(index),
        (value, _) => value,
    };
    match (value, rest) {
        (Some(Value::Object(object)), Some(rest)) => is_there(object, rest),
        (value, None) => value.is_some(),
        _ => false,
    }
}

/// Version 6 refuses texts that may carry a script.
fn find_dangerous(resource: &Resource, body: &Object<'_>, at: &Path<'_>, findings: &mut Vec<Finding>) {
    for (name, value) in body.iter() {
        let at = at.member(name);
        match value {
            Value::Text(text) if is_dangerous(text) => {
                findings.push(placed(resource, &at.to_string(), Rule::Dangerous));
            }
            Value::Object(object) => find_dangerous(resource, object, &at, findings),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    if let Value::Object(item) = item {
                        find_dangerous(resource, item, &Path::Item(&at, index), findings);
                    }
                }
            }
            _ => {}
        }
    }
}

fn is_dangerous(text: &str) -> bool {
    text.contains("&#") || text.as_bytes().windows(2).any(|pair| pair[0] == b'<' && pair[1].is_ascii_alphabetic())
}

fn placed(resource: &Resource, path: &str, rule: Rule) -> Finding {
    let place = Place::find(resource, path);
    let name = place.class.map_or_else(|| pascal(&place.member), |class| member_name(class, &place.member));
    Finding { blocks: place.blocks, path: path.to_owned(), name, rule }
}

fn finding(resource: &Resource, path: &str, kind: ViolationKind, version: ApiVersion) -> Option<Finding> {
    let place = Place::find(resource, path);
    let bounds = |class: &Class| class.property(&place.member).map(|p| (p.min_length, p.max_length));
    let (min, max) = place.class.and_then(bounds).unwrap_or_default();
    let rule = match kind {
        ViolationKind::Required if place.is_reference() => Rule::RequiredReference,
        ViolationKind::Required if version == ApiVersion::V6 && place.has_default() => return None,
        ViolationKind::Required => Rule::Required,
        ViolationKind::EmptyCollection => Rule::Empty,
        ViolationKind::DuplicateItem => Rule::Duplicate(place.index.unwrap_or_default()),
        ViolationKind::TooLong { max } => Rule::TooLong(max, min),
        ViolationKind::TooShort { min } if version == ApiVersion::V7 => Rule::TooShort(min, max),
        ViolationKind::OutOfRange { min, max } => Rule::OutOfRange(min, max),
        ViolationKind::SurroundingSpace => Rule::SurroundingSpace,
        ViolationKind::IncompleteReference { missing } => Rule::Incomplete(missing),
        // Binding dropped or converted these; descriptors and unified keys have checks of their own.
        ViolationKind::TooShort { .. }
        | ViolationKind::Unknown
        | ViolationKind::WrongType { .. }
        | ViolationKind::KeysDiffer { .. }
        | ViolationKind::NotADescriptor
        | ViolationKind::UnknownDescriptor { .. } => return None,
    };
    Some(placed(resource, path, rule))
}

/// Where a violation's path leads in the model.
struct Place<'r> {
    blocks: Vec<String>,
    /// The class that holds the member.
    class: Option<&'r Class>,
    member: String,
    index: Option<usize>,
}

impl<'r> Place<'r> {
    fn find(resource: &'r Resource, path: &str) -> Self {
        let mut steps: Vec<(String, Option<usize>)> = path.split('.').map(step).collect();
        let (member, index) = steps.pop().unwrap_or_default();
        let mut place = Self { blocks: Vec::new(), class: Some(&resource.model.class), member, index };
        let mut steps = steps.into_iter();
        while let Some((name, index)) = steps.next() {
            if name == "_ext" {
                let key = steps.next().map(|(key, _)| key).unwrap_or_default();
                place.blocks.push(format!("{}Extension", resource.model.entity));
                place.class = resource.extensions.iter().find(|(known, _)| *known == key).map(|(_, class)| class);
                continue;
            }
            let Some(class) = place.class else { break };
            if let Some(collection) = class.collection(&name) {
                place.blocks.push(format!("{}[{}]", collection.entity, index.unwrap_or_default()));
                place.class = Some(&collection.class);
            } else if let Some(object) = class.object(&name) {
                place.blocks.push(object.entity.clone());
                place.class = Some(&object.class);
            } else {
                // A member of a reference: named by itself.
                place.class = None;
            }
        }
        place
    }

    fn is_reference(&self) -> bool {
        self.class.is_some_and(|class| class.reference(&self.member).is_some())
    }

    fn has_default(&self) -> bool {
        let property = self.class.and_then(|class| class.property(&self.member));
        property.is_some_and(|property| matches!(property.kind, Kind::Boolean | Kind::Decimal))
    }
}

fn step(text: &str) -> (String, Option<usize>) {
    match text.split_once('[') {
        Some((name, index)) => (name.to_owned(), index.trim_end_matches(']').parse().ok()),
        None => (text.to_owned(), None),
    }
}

/// Version 6's text: a heading for the entity and one for each nested object, problems indented below.
pub(super) fn v6_text(entity: &str, findings: &[Finding]) -> String {
    let mut text = format!("Validation of '{entity}' failed.");
    let mut open: &[String] = &[];
    for finding in findings {
        let shared = open.iter().zip(&finding.blocks).take_while(|(a, b)| a == b).count();
        for (depth, block) in finding.blocks.iter().enumerate().skip(shared) {
            line(&mut text, depth + 1, &format!("Validation of '{block}' failed."));
        }
        open = &finding.blocks;
        line(&mut text, open.len() + 1, &v6_line(finding));
    }
    text
}

fn line(text: &mut String, depth: usize, line: &str) {
    text.push('\n');
    text.push_str(&"\t".repeat(depth));
    text.push_str(line);
}

fn v6_line(finding: &Finding) -> String {
    let name = &finding.name;
    match &finding.rule {
        Rule::Required | Rule::LeftEmpty | Rule::RequiredReference | Rule::Incomplete(_) | Rule::TooShort(..) => {
            format!("{name} is required.")
        }
        Rule::UnresolvedPerson => format!("{name} reference could not be resolved."),
        Rule::Empty => format!("{name} requires at least one object in the collection."),
        Rule::TooLong(max, _) => format!("The field {name} must be a string with a maximum length of {max}."),
        Rule::OutOfRange(min, max) => {
            format!("The field {name} must be between {} and {}.", bound(min.as_ref()), bound(max.as_ref()))
        }
        Rule::SurroundingSpace => format!(
            "{name} property is part of the primary key and therefore its value cannot contain leading or trailing \
             whitespace."
        ),
        Rule::Dangerous => format!("{name} contains a potentially dangerous value."),
        Rule::Duplicate(index) => format!("{name} enumerable contains duplicate at index: {index}"),
    }
}

/// Version 7's text for one path.
pub(super) fn v7_text(finding: &Finding) -> String {
    let name = &finding.name;
    match &finding.rule {
        Rule::Required | Rule::RequiredReference => format!("{name} is required."),
        Rule::LeftEmpty => format!("{name} is required and should not be left empty."),
        Rule::UnresolvedPerson => format!("{name} reference could not be resolved."),
        Rule::Incomplete(missing) => {
            let missing: Vec<String> = missing.iter().map(|member| pascal(member)).collect();
            format!("{name} is missing the following properties: {}", missing.join(", "))
        }
        Rule::Empty => format!("{name} must have at least one item."),
        Rule::TooLong(max, Some(min)) | Rule::TooShort(min, Some(max)) => {
            format!("{name} must be between {min} and {max} characters in length.")
        }
        Rule::TooLong(max, None) => format!("{name} must be at most {max} characters in length."),
        Rule::TooShort(min, None) => format!("{name} must be at least {min} characters in length."),
        Rule::OutOfRange(min, max) => {
            format!("{name} must be between {} and {}.", bound(min.as_ref()), bound(max.as_ref()))
        }
        Rule::SurroundingSpace => format!("{name} cannot contain leading or trailing spaces."),
        Rule::Dangerous => format!("{name} contains a potentially dangerous value."),
        Rule::Duplicate(index) => format!(
            "The {} item of the {name} has the same identifying values as another item earlier in the list.",
            ordinal(index + 1)
        ),
    }
}

fn bound(bound: Option<&String>) -> &str {
    bound.map_or("unlimited", String::as_str)
}

fn ordinal(number: usize) -> String {
    let suffix = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{suffix}")
}
