//! Advice on a record that names another which the ODS does not have.

use rollcall_core::model::KeyHash;
use rollcall_core::value::{Object, Value};

use super::absent::Absentees;
use super::refusal::{PERSONS, Record};
use super::{Advice, words};

impl Record<'_> {
    /// What is named, and why it is not there.
    pub(super) fn reference(&self, advice: &mut Advice, absentees: &mut Absentees) {
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
