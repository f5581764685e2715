//! Natural keys that the SIS changed: what they name, and which of them the ODS can change in place.
//!
//! ods-behaviour: a PUT by id may change the key of a few resources, and the change cascades to what refers to them. A
//! record that cannot be re-keyed by itself (a course offering) is re-keyed by the cascade of its session.

use std::collections::{HashMap, HashSet};

use rollcall_core::model::{KeyHash, NaturalKey, ResourceModel};

use crate::check::Checker;
use crate::naming::{names, student};

/// What the plan so far does to natural keys.
#[derive(Default)]
pub(super) struct KeyChanges {
    /// Records that are updated in place: old key to new.
    pub(super) moved: HashMap<KeyHash, KeyHash>,
    /// Records that are deleted.
    pub(super) deleted: HashSet<KeyHash>,
    /// Whether every change is delete/post: one in place would carry along a record that stays where it is.
    pub(super) none_in_place: bool,
}

impl KeyChanges {
    /// Whether the ODS can change the record's key in place, after what the plan does upstream.
    pub(super) fn in_place(
        &self,
        checker: &Checker,
        model: &ResourceModel,
        old: &NaturalKey,
        new: &NaturalKey,
    ) -> bool {
        let (then, now) = (names(checker, old), names(checker, new));
        // A record that names one to be deleted has to go before it: it cannot be kept under its id.
        if then.iter().any(|(_, key)| self.deleted.contains(key)) {
            return false;
        }
        // The ODS lets nobody give a record to a student who is not yet visible (ods-behaviour 10).
        if student(checker, old) != student(checker, new) {
            return false;
        }
        if model.key_update_allowed {
            return true;
        }
        let cascaded = then.len() == now.len()
            && then
                .iter()
                .zip(&now)
                .all(|((member, was), (same, is))| member == same && (was == is || self.moved.get(was) == Some(is)));
        cascaded && own_parts(model).all(|name| old.part(name) == new.part(name))
    }
}

/// The parts of a key that no reference carries.
fn own_parts(model: &ResourceModel) -> impl Iterator<Item = &str> {
    model
        .identity
        .iter()
        .filter(|part| part.paths.iter().any(|path| !path.contains('.')))
        .map(|part| part.name.as_str())
}
