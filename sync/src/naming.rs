//! What a record is known by and stands on: its natural key, the records that its natural key names, and the association that lets a key see its student.
//!
//! ods-behaviour 10: a record of a student can be read, changed and deleted only while the student has a student school
//! association at one of the key's schools. So the association is upstream of every such record, though none names it.

use rollcall_core::context::Context;
use rollcall_core::model::{KeyHash, NaturalKey, ResourceModel};
use rollcall_core::resource::Resource;
use rollcall_core::snapshot::Snapshot;
use rollcall_core::sources::Sources;
use rollcall_core::tables::TableName;
use rollcall_core::verdict::ObjectKey;

use crate::check::Checker;

/// The resource that makes students visible.
pub(crate) const VISIBLE_BY: &str = "studentSchoolAssociations";

/// Whether the ODS asks for a student's association before it lets a key at a record of the resource.
pub(crate) fn asks_for_association(checker: &Checker, resource: &str) -> bool {
    let asks = checker
        .model(resource)
        .is_some_and(|model| model.authorization_subjects.iter().any(|subject| subject == "studentUniqueId"));
    asks && resource != VISIBLE_BY && resource != "students"
}

/// The records that a natural key names: member and key.
pub(crate) fn names(checker: &Checker, key: &NaturalKey) -> Vec<(String, KeyHash)> {
    let mut names = Vec::new();
    if let Some(model) = checker.model(key.resource()) {
        key.references(checker.standard(), model, &mut |reference, _, named| {
            names.push((reference.name.clone(), named));
        });
    }
    names
}

/// The student that a natural key names.
pub(crate) fn student(checker: &Checker, key: &NaturalKey) -> Option<KeyHash> {
    names(checker, key).into_iter().find(|(member, _)| member == "studentReference").map(|(_, student)| student)
}

/// The `Person` row that an object hangs on.
pub(crate) fn person(snapshot: &Snapshot, object: ObjectKey) -> Option<ObjectKey> {
    snapshot.above(object).into_iter().find(|row| row.table() == Some(TableName::Person))
}

/// The objects of a student's enrollments: what reports the associations.
pub(crate) fn enrollments(snapshot: &Snapshot, person: ObjectKey) -> impl Iterator<Item = ObjectKey> {
    snapshot
        .enrollments_of(person.id())
        .map(|enrollment| ObjectKey::new(TableName::Enrollment, enrollment.enrollment_id))
}

/// The natural key of the record that an object reports.
pub(crate) fn natural_key(
    resource: &'static dyn Resource,
    cx: &Context<'_>,
    model: &ResourceModel,
    object: ObjectKey,
) -> Option<NaturalKey> {
    let body = resource.verdict(cx, object, &mut Sources::ignored()).report()?;
    NaturalKey::of(model, &body)
}
