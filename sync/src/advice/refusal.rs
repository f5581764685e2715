//! Advice on one refusal: the error table's row of its class, and what the record, its SIS rows and the ODS's words say.

use rollcall_core::model::KeyHash;
use rollcall_core::resource::{Element, Resource};
use rollcall_core::sources::{SourceValue, Sources};
use rollcall_core::tables::TableName;
use rollcall_core::value::{Object, Value};
use rollcall_core::verdict::{ObjectKey, Verdict};
use rollcall_transport::{RefusalClass, Refused};

use super::absent::{Absentees, is_personal, shown};
use super::{Advice, Known, table, words};
use crate::naming::{VISIBLE_BY, enrollments, person};

/// The members of a reference that identify a person: their values are not repeated.
const PERSONS: &[&str] = &["studentUniqueId", "staffUniqueId", "parentUniqueId", "contactUniqueId", "personId"];

/// What was refused.
#[derive(Clone, Copy)]
pub(crate) struct Case<'a> {
    /// The resource.
    pub(crate) resource: &'static dyn Resource,
    /// The SIS object.
    pub(crate) object: ObjectKey,
    /// The ODS's answer.
    pub(crate) refused: &'a Refused,
}

/// The likely causes of a refusal and what to do.
pub(crate) fn advise(known: &Known<'_>, absentees: &mut Absentees, case: &Case<'_>) -> Advice {
    let mut advice = Advice::default();
    let mut sources = Sources::recording();
    let verdict = case.resource.verdict(&known.cx, case.object, &mut sources);
    let record = Record { known, case, body: verdict.report().map(Object::into_owned), values: sources.values() };
    match case.refused.class {
        RefusalClass::Required => record.required(&mut advice),
        RefusalClass::Reference => record.reference(&mut advice, absentees),
        RefusalClass::NotYetVisible => record.not_yet_visible(&mut advice),
        RefusalClass::Forbidden => forbidden(&mut advice, case.refused),
        RefusalClass::HasDependents => record.has_dependents(&mut advice),
        RefusalClass::Server => {
            if let Some(id) = &case.refused.correlation_id {
                advice.fix(format!("quote the server's own name for the request to the state's help desk: {id}"));
            }
        }
        _ => {}
    }
    let name = case.resource.spec().name;
    // The table's row is about persons; here it is the school, and nothing else.
    if case.refused.class == RefusalClass::NotYetVisible && record.is_about_a_school() {
        return advice;
    }
    // The table's row says in general what may have been said of this record in particular.
    let told =
        matches!(case.refused.class, RefusalClass::Required | RefusalClass::Reference) && !advice.causes.is_empty();
    let whole = told && case.refused.class == RefusalClass::Reference;
    let (causes, fixes) = table::causes_and_fixes(case.refused, name);
    for text in causes.into_iter().filter(|_| !told) {
        advice.cause(text);
    }
    for text in fixes.into_iter().filter(|_| !whole) {
        advice.fix(text);
    }
    advice
}

struct Record<'a> {
    known: &'a Known<'a>,
    case: &'a Case<'a>,
    body: Option<Object<'static>>,
    values: &'a [SourceValue],
}

impl Record<'_> {
    /// "Double check that all bolded data elements are reporting a valid value": which element, and from which columns.
    fn required(&self, advice: &mut Advice) {
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

    /// What is named, and why it is not there.
    fn reference(&self, advice: &mut Advice, absentees: &mut Absentees) {
        let Some((body, model)) = self.body.as_ref().zip(self.known.checker.model(self.case.resource.spec().name))
        else {
            return;
        };
        let mut named: Vec<(String, &'static str, KeyHash)> = Vec::new();
        self.known.checker.references(model, body, &mut |member, target, key| {
            if !named.iter().any(|(_, _, other)| *other == key) {
                named.push((member.to_owned(), target, key));
            }
        });
        let missing = words::unresolved(self.case.refused);
        let meant =
            |of: &(String, &'static str, KeyHash)| missing.iter().any(|name| words::is_called(&of.0, of.1, name));
        // Some servers name the table that was being written: then any reference may be meant.
        if named.iter().any(meant) {
            named.retain(meant);
        }
        if let [(member, ..)] = named.as_slice() {
            advice.element = Some(member.clone());
        }
        for (member, target, key) in named {
            match self.known.state.resource(target) {
                Some(upstream) if self.known.cx.preferences.is_on(target) => {
                    let absent = absentees.find(self.known, self.case.object, upstream, key);
                    let object = absent.object.map(|object| format!(" {object}")).unwrap_or_default();
                    if absent.reports {
                        advice.cause(format!(
                            "{member} names {target}{object}, which reports: it was refused too, or the ODS has lost it"
                        ));
                        advice.fix(format!(
                            "see `rollcall errors --resource {target}`; if it has no error, `rollcall resync --resource \
                             {target}` compares it with the ODS"
                        ));
                    } else {
                        advice.cause(format!("{} → {member} → {}", self.case.object, absent.why));
                        advice.fix(absent.fix.clone());
                    }
                }
                Some(_) => {
                    advice.cause(format!(
                        "{member} names a {target} record, and {target} is turned off in the configuration"
                    ));
                    advice.fix(format!("turn {target} on under [resources], or have the records sent by other means"));
                }
                None => self.loaded_by_the_state(advice, body, &member, target),
            }
        }
    }

    fn loaded_by_the_state(&self, advice: &mut Advice, body: &Object<'_>, member: &str, target: &str) {
        let values = reference(body, member).map(|object| {
            let told = object.iter().filter(|(name, _)| !PERSONS.contains(name));
            told.map(|(name, value)| format!("{name}={}", value.key_text())).collect::<Vec<_>>().join("&")
        });
        let values =
            values.filter(|values| !values.is_empty()).map(|values| format!(" ({values})")).unwrap_or_default();
        let state = self.known.state.state.name;
        advice.cause(format!(
            "{member} names a {target} record{values} that the state ({state}) loads, and its ODS has none such"
        ));
        let columns = self.element(member).map(|element| element.columns.join(", ")).filter(|c| !c.is_empty());
        if let Some(columns) = columns {
            advice.fix(format!("check {columns} in the SIS"));
        }
        advice.fix(format!("if the values are right, ask the state to load the {target} record for this school year"));
    }

    /// Whether the ODS asks for the record's school alone: of records about no person, and of the linking record.
    fn is_about_a_school(&self) -> bool {
        let name = self.case.resource.spec().name;
        let model = self.known.checker.model(name);
        name == VISIBLE_BY
            || model.is_some_and(|model| {
                model.authorization_subjects.iter().all(|subject| !PERSONS.contains(&subject.as_str()))
            })
    }

    /// Which enrollment would connect the student with the key's schools.
    fn not_yet_visible(&self, advice: &mut Advice) {
        let cx = self.known.cx;
        if self.is_about_a_school() {
            let school =
                cx.snapshot.above(self.case.object).into_iter().find(|row| row.table() == Some(TableName::School));
            let school = school.map(|row| format!(" ({row})")).unwrap_or_default();
            advice.cause(format!("the school of the record{school} is not one of your key's schools"));
            advice.cause("the key belongs to another district or school year");
            advice.fix(
                "check School.number (or edFiSchoolNumber) in the SIS, and ask the state which schools the key covers",
            );
            return;
        }
        let person = person(cx.snapshot, self.case.object);
        let (Some(person), Some(link)) = (person, self.known.state.resource(VISIBLE_BY)) else { return };
        let mut any = false;
        let mut reports = Vec::new();
        let mut silent = Vec::new();
        for object in enrollments(cx.snapshot, person) {
            any = true;
            let mut sources = Sources::recording();
            match link.verdict(&cx, object, &mut sources) {
                Verdict::Report(_) => reports.push(object),
                Verdict::Exclude(exclusion) => {
                    let value = sources.values().last().map(|value| shown(value, None)).unwrap_or_default();
                    silent.push(format!("{object} does not report ({}): {value}", exclusion.rule.name));
                }
                Verdict::Defect(problem) => silent.push(format!("{object} has a defect: {problem}")),
            }
        }
        if let Some(object) = reports.first() {
            advice.cause(format!("the student's {VISIBLE_BY} record ({object}) has to be at the ODS first"));
            advice.fix(format!("see whether it was refused: `rollcall errors --resource {VISIBLE_BY}`"));
        } else if !any {
            advice.cause("the student has no enrollment in the SIS tables, so nothing connects them with a school");
            advice.fix("add the enrollment to the SIS");
        } else {
            for text in silent.into_iter().take(3) {
                advice.cause(text);
            }
            advice.fix("the student needs an enrollment that reports: correct it in the SIS");
        }
    }

    fn has_dependents(&self, advice: &mut Advice) {
        let Some(entity) = words::dependent(self.case.refused) else { return };
        let ours = self.known.state.resources.iter().map(|resource| resource.spec().name);
        let resource = ours.into_iter().find(|name| words::is_called(name, name, &entity));
        let name = resource.unwrap_or(&entity);
        advice.cause(format!("{name} records at the ODS still refer to it"));
        if resource.is_some() {
            advice.fix(format!(
                "those {name} records that no longer report go first, with the next sync; this one follows"
            ));
        }
    }

    /// The element of the resource's table that a server's name means.
    fn element(&self, member: &str) -> Option<&'static Element> {
        let elements = self.case.resource.spec().elements;
        let wanted = member.to_lowercase();
        let (first, last) = (wanted.split('.').next().unwrap_or(&wanted), words::last(&wanted));
        let named = |test: &dyn Fn(&str) -> bool| elements.iter().find(|element| test(&element.name.to_lowercase()));
        named(&|name| name == wanted)
            .or_else(|| named(&|name| words::last(name) == last))
            .or_else(|| named(&|name| name.strip_suffix("reference") == Some(&wanted)))
            .or_else(|| named(&|name| name.split('.').next() == Some(first)))
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

fn forbidden(advice: &mut Advice, refused: &Refused) {
    let says = |part: &str| words::texts(refused).any(|text| text.contains(part));
    let urn = |part: &str| refused.urn.as_deref().is_some_and(|urn| urn.contains(part));
    if says("NamespacePrefix") || urn("namespace") {
        advice.cause("the namespace of the record is not one that the key may write");
        advice.fix("ask the state which namespaces the key has");
    } else if says("ownership") || urn("ownership") {
        advice.cause("another key created the record, and the ODS lets only its owner change it");
        advice.fix("ask the state to hand the record over, or to delete it");
    } else if says("profile-specific content type") || urn("profile") || urn("data-policy") {
        advice.cause("the key may write this resource by a profile only");
        advice.fix("ask the state which profile the key has");
    } else if urn("access-denied:action") || says("for the requested action") {
        advice.cause("the key may read the resource and not write it, or not in this way");
    } else if refused.status == 405 {
        advice.cause("the ODS offers the resource to be read only");
    }
}

/// The object of a reference, in the body itself or in its extensions.
fn reference<'b>(body: &'b Object<'_>, member: &str) -> Option<&'b Object<'b>> {
    body.iter().find_map(|(name, value)| match value {
        Value::Object(object) if name == member => Some(object),
        Value::Object(object) => reference(object, member),
        Value::Array(items) => items.iter().filter_map(Value::as_object).find_map(|item| reference(item, member)),
        _ => None,
    })
}

/// The member that holds a text, anywhere in a body.
fn member_holding(body: &Object<'_>, text: &str) -> Option<String> {
    body.iter().find_map(|(name, value)| match value {
        Value::Object(object) => member_holding(object, text),
        Value::Array(items) => items.iter().filter_map(Value::as_object).find_map(|item| member_holding(item, text)),
        other => other.as_text().filter(|value| value.eq_ignore_ascii_case(text)).map(|_| name.to_owned()),
    })
}
