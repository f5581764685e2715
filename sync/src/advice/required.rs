//! Advice on what a body lacks or has wrong: the elements, and the columns and mappings that they come from.

use rollcall_core::resource::Element;
use rollcall_core::sources::SourceValue;
use rollcall_core::tables::TableName;
use rollcall_core::value::{Object, Value};

use super::absent::{is_personal, shown};
use super::refusal::Record;
use super::{Advice, words};

impl Record<'_> {
    /// "Double check that all bolded data elements are reporting a valid value": which element, and from which columns.
    pub(super) fn required(&self, advice: &mut Advice) {
        for uri in words::descriptors(self.case.refused) {
            self.unknown_code(advice, &uri);
        }
        if advice.element.is_some() {
            return;
        }
        if let Some(key) = words::unified(self.case.refused) {
            advice.cause(format!("two references of the record give {key} different values"));
        }
        if self.case.refused.urn.as_deref().is_some_and(|urn| urn.contains("key-change-not-supported")) {
            advice.cause("the ODS does not let the natural key of this resource be changed in place");
            advice.fix("the record has to be deleted and posted again: `rollcall delete`, then a sync");
        }
        for member in words::members(self.case.refused) {
            let Some(element) = self.element(&member) else {
                if self.is_member(&member) {
                    advice.element.get_or_insert(member);
                }
                continue;
            };
            advice.element.get_or_insert_with(|| element.name.to_owned());
            for text in self.columns(element) {
                advice.cause(text);
            }
            if !element.columns.is_empty() {
                advice.fix(format!(
                    "correct {} in the SIS: {} comes from there",
                    element.columns.join(", "),
                    element.name
                ));
            }
        }
    }

    /// A code value that the ODS does not have: the mapping that makes it.
    fn unknown_code(&self, advice: &mut Advice, uri: &str) {
        let Some((namespace, code)) = uri.split_once('#') else { return };
        let descriptor = namespace.rsplit('/').next().unwrap_or(namespace);
        // What a server quotes is told only when it is what was sent.
        let Some(member) = self.body.as_ref().and_then(|body| member_holding(body, uri)) else { return };
        let element = self.element(&member);
        advice.element = element.map(|element| element.name.to_owned()).or(Some(member));
        advice.cause(format!("the ODS does not have the code \"{code}\" of {descriptor} ({namespace})"));
        let mappings = self.case.resource.spec().mappings.iter().filter(|mapping| mapping.descriptor == descriptor);
        let mut mapped = false;
        for mapping in mappings {
            let mut codes: Vec<&str> = self
                .known
                .cx
                .preferences
                .entries(mapping)
                .filter(|(_, to)| to.uri.eq_ignore_ascii_case(uri))
                .map(|(local, _)| local)
                .collect();
            codes.sort_unstable();
            if codes.is_empty() {
                continue;
            }
            mapped = true;
            let codes = codes.join("\", \"");
            advice.cause(format!("mappings.{} makes it of \"{codes}\" in {}", mapping.key, mapping.column));
            advice.fix(format!("correct mappings.{} in the configuration", mapping.key));
        }
        let state = self.known.state.state.name;
        let otherwise = if mapped { "if the mapping is right, ask" } else { "ask" };
        advice.fix(format!("{otherwise} the state ({state}) whether its ODS has the code in this school year"));
    }

    /// Whether the data standard has such a member in the resource.
    fn is_member(&self, path: &str) -> bool {
        let first = path.split('.').next().unwrap_or(path);
        let model = self.known.checker.model(self.case.resource.spec().name);
        model.is_some_and(|model| model.class.member_names().any(|name| name == first))
    }

    /// What stands in the columns of an element: the empty ones first.
    fn columns(&self, element: &Element) -> Vec<String> {
        let above = self.known.cx.snapshot.above(self.case.object);
        let mut found: Vec<&SourceValue> = self.values.iter().filter(|v| element.columns.contains(&v.column)).collect();
        found.sort_by_key(|value| !value.value.is_empty());
        let tell = |value: &&SourceValue| {
            let table = value.column.split('.').next().and_then(TableName::parse);
            let row = above.iter().copied().find(|row| row.table() == table);
            let text = if value.value.is_empty() || !is_personal(value.column) {
                shown(value, row)
            } else {
                format!("{} has a value", value.column)
            };
            format!("{}: {text}", element.name)
        };
        found.iter().map(tell).collect()
    }
}

/// The member that holds a text, anywhere in a body.
fn member_holding(body: &Object<'_>, text: &str) -> Option<String> {
    body.iter().find_map(|(name, value)| match value {
        Value::Object(object) => member_holding(object, text),
        Value::Array(items) => items.iter().filter_map(Value::as_object).find_map(|item| member_holding(item, text)),
        other => other.as_text().filter(|value| value.eq_ignore_ascii_case(text)).map(|_| name.to_owned()),
    })
}
