//! Advice on one refusal: the error table's row of its class, and what the record, its SIS rows and the ODS's words say.

use rollcall_core::resource::{Element, Resource};
use rollcall_core::sources::{SourceValue, Sources};
use rollcall_core::value::Object;
use rollcall_core::verdict::ObjectKey;
use rollcall_transport::{RefusalClass, Refused};

use super::absent::Absentees;
use super::{Advice, Known, table, words};

/// The members of a reference that identify a person: their values are not repeated.
pub(super) const PERSONS: &[&str] =
    &["studentUniqueId", "staffUniqueId", "parentUniqueId", "contactUniqueId", "personId"];

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

/// What was refused, with what its rule says of it now.
pub(super) struct Record<'a> {
    pub(super) known: &'a Known<'a>,
    pub(super) case: &'a Case<'a>,
    pub(super) body: Option<Object<'static>>,
    pub(super) values: &'a [SourceValue],
}

impl Record<'_> {
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
    pub(super) fn element(&self, member: &str) -> Option<&'static Element> {
        let elements = self.case.resource.spec().elements;
        let wanted = member.to_lowercase();
        let (first, last) = (wanted.split('.').next().unwrap_or(&wanted), words::last(&wanted));
        let named = |test: &dyn Fn(&str) -> bool| elements.iter().find(|element| test(&element.name.to_lowercase()));
        named(&|name| name == wanted)
            .or_else(|| named(&|name| words::last(name) == last))
            .or_else(|| named(&|name| name.strip_suffix("reference") == Some(&wanted)))
            .or_else(|| named(&|name| name.split('.').next() == Some(first)))
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
