//! The records that a body refers to, and whether they will be at the ODS.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};

use rollcall_core::model::{KeyHash, Reference, ResourceModel};
use rollcall_core::value::{Object, Value};
use rollcall_core::verdict::ObjectKey;

use super::Upstream;
use super::asking::{Missing, Question};
use crate::check::Checker;
use crate::naming::VISIBLE_BY;

/// So many answers are remembered.
const SLOTS: usize = 1 << 10;

/// What was found out about references before: all rosters of a student refer to one student, all of a section to one
/// section. The references are held whole, so that none is taken for another.
pub(super) struct Remembered<'a> {
    slots: Vec<Option<Slot<'a>>>,
    hasher: RandomState,
}

struct Slot<'a> {
    /// Its place among the references of the resource.
    at: usize,
    value: Object<'a>,
    found: Found,
}

/// What a reference names.
#[derive(Clone, Copy)]
struct Found {
    /// The first record that it names, if that will not be at the ODS.
    missing: Option<(&'static str, KeyHash)>,
    /// The student that it names.
    student: Option<KeyHash>,
}

impl<'a> Remembered<'a> {
    /// Nothing yet; always of one resource.
    pub(super) fn new() -> Self {
        Self { slots: std::iter::repeat_with(|| None).take(SLOTS).collect(), hasher: RandomState::new() }
    }

    /// The first reference of a body that nothing at the ODS will answer.
    pub(super) fn missing(
        &mut self,
        question: &Question<'a>,
        model: &'static ResourceModel,
        object: ObjectKey,
        mut body: Object<'a>,
    ) -> Option<Missing> {
        let Question { cx, checker, upstream, hidden, .. } = question;
        for (at, reference) in model.class.references.iter().enumerate() {
            let Some(Value::Object(value)) = body.get_mut(&reference.name) else { continue };
            let slot = self.slot(at, value);
            let found = match &mut self.slots[slot] {
                Some(slot) if slot.at == at && slot.value == *value => slot.found,
                slot => {
                    let found = look_up(checker, upstream, reference, value);
                    *slot = Some(Slot { at, value: std::mem::take(value), found });
                    found
                }
            };
            let member = || reference.name.clone();
            if let Some((resource, key)) = found.missing {
                return Some(Missing { member: member(), resource, key });
            }
            if let Some((hidden, student)) = hidden.zip(found.student)
                && hidden.hides(cx, object, student)
            {
                return Some(Missing { member: member(), resource: VISIBLE_BY, key: student });
            }
        }
        let mut missing = None;
        checker.nested_references(model, &body, &mut |member, resource, key| {
            if missing.is_none() && upstream.lacks(resource, &key) {
                missing = Some(Missing { member: member.to_owned(), resource, key });
            }
        });
        missing
    }

    fn slot(&self, at: usize, value: &Object<'_>) -> usize {
        let mut hasher = self.hasher.build_hasher();
        hasher.write_usize(at);
        for (_, member) in value.iter() {
            match member {
                Value::Text(text) => hasher.write(text.as_bytes()),
                Value::Integer(number) => hasher.write_i64(*number),
                _ => {}
            }
        }
        usize::try_from(hasher.finish() % SLOTS as u64).unwrap_or_default()
    }
}

/// The records that a reference names.
fn look_up(checker: &Checker, upstream: &Upstream, reference: &Reference, value: &Object<'_>) -> Found {
    let mut found = Found { missing: None, student: None };
    for target in checker.standard().concrete(&reference.target) {
        let Some(key) = KeyHash::of_reference(reference, target, value) else { continue };
        let resource = target.name.as_str();
        if found.missing.is_none() && upstream.lacks(resource, &key) {
            found.missing = Some((resource, key));
        }
        if reference.name == "studentReference" {
            found.student = Some(key);
        }
    }
    found
}
