//! Students whom the ODS will not show to this connection's key, since an enrollment of theirs has to be mended first.
//!
//! ods-behaviour 10: until a student has an association with one of the key's schools, the ODS refuses every record of
//! theirs. Where the SIS has an enrollment that only a defect keeps from reporting, those records are held under it: they
//! would all be refused. Where it has none, they are sent: somebody else may have sent the association.

use std::collections::HashSet;

use rollcall_core::context::Context;
use rollcall_core::model::{KeyHash, KeySet};
use rollcall_core::verdict::ObjectKey;
use rollcall_ledger::{Change, LedgerError};

use super::compare::Compared;
use super::planner::Sides;
use super::{Action, Discovered, Held, Reason, ResourcePlan};
use crate::naming::{VISIBLE_BY, natural_key, person, student};

/// Who will be seen, and who waits for an enrollment.
pub(super) struct Hidden {
    /// Students with an association at the ODS when the plan is done.
    seen: KeySet,
    /// `Person` rows of the others that have an enrollment to mend.
    waiting: HashSet<ObjectKey>,
}

impl Hidden {
    /// Of the plan of the associations; none when every enrollment that should report does.
    pub(super) fn after(compared: &Compared, sides: Sides<'_>) -> Result<Option<Self>, LedgerError> {
        let plan = &compared.plan;
        let held = plan.held.iter().map(|held| held.object);
        let to_mend = compared.defective.iter().copied().chain(held);
        let waiting: HashSet<ObjectKey> = to_mend.filter_map(|object| person(sides.cx.snapshot, object)).collect();
        if waiting.is_empty() {
            return Ok(None);
        }
        let known = sides.ledger.map_or(Ok(Vec::new()), |ledger| ledger.natural_keys(VISIBLE_BY))?.into_iter();
        let stays = known.filter(|(hash, _)| compared.at_ods.contains(hash)).map(|(_, key)| key);
        let found = plan.changes.iter().filter_map(|change| match change {
            Change::Found { natural_key, .. } | Change::Rekeyed { natural_key, .. } => Some(natural_key.clone()),
            _ => None,
        });
        let (resource, model) = (plan.resource, sides.checker.model(VISIBLE_BY));
        let sent = plan.steps.iter().filter(|step| step.action == Action::Create);
        let sent = sent.filter_map(|step| natural_key(resource?, sides.cx, model?, step.object));
        let mut seen: KeySet = stays.chain(found).chain(sent).filter_map(|key| student(sides.checker, &key)).collect();
        // What the ODS has of others names its student too.
        seen.extend(compared.stays.named.iter().copied());
        Ok(Some(Self { seen, waiting }))
    }

    /// Whether a record of this student, reported by this object, waits for an enrollment.
    pub(super) fn hides(&self, cx: &Context<'_>, object: ObjectKey, student: KeyHash) -> bool {
        !self.seen.contains(&student)
            && person(cx.snapshot, object).is_some_and(|person| self.waiting.contains(&person))
    }

    /// Holds what changes such students themselves: the ODS lets nobody change a student whom it does not show. One that
    /// may have been created already can neither be created again nor be found missing.
    pub(super) fn hold_students(&self, cx: &Context<'_>, plan: &mut ResourcePlan) {
        let ResourcePlan { steps, held, unchanged, discovered, .. } = plan;
        steps.retain(|step| {
            let created = matches!(step.reason, Reason::New | Reason::KeyChanged | Reason::Preference)
                && step.action == Action::Create;
            let changed = step.key.filter(|_| !created && step.action != Action::Delete);
            let Some(key) = changed.filter(|key| self.hides(cx, step.object, *key)) else { return true };
            if step.reason == Reason::Missing {
                *unchanged += 1;
                discovered.entry(Discovered::Missing).and_modify(|count| *count -= 1);
            } else {
                held.push(Held {
                    object: step.object,
                    key,
                    reference: "studentUniqueId".to_owned(),
                    upstream: VISIBLE_BY,
                    upstream_key: key,
                });
            }
            false
        });
        discovered.retain(|_, count| *count > 0);
    }
}
