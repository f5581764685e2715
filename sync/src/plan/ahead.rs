//! Associations that go before the deletes, since the ODS does not show what is to be deleted without them.
//!
//! ods-behaviour 10: a record of a student can be deleted only while the student has an association with one of the key's
//! schools. Where somebody deleted the last one (`rollcall delete`, or another program) and the SIS reports it, its post
//! has to come first: deletes go before posts, and the ODS would refuse them.

use std::collections::HashSet;

use rollcall_core::model::KeyHash;
use rollcall_ledger::LedgerError;

use super::named::{natural_keys, seen_otherwise};
use super::planner::Sides;
use super::{Action, Phase, Plan, Reason, Step};
use crate::naming::{VISIBLE_BY, asks_for_association, natural_key, student};

/// Lets those associations go first that refer to nothing that the plan itself creates.
pub(super) fn send_ahead(plan: &mut Plan, sides: Sides<'_>) -> Result<(), LedgerError> {
    let Sides { cx, checker, ledger, .. } = sides;
    let Some(at) = plan.resources.iter().position(|part| part.name == VISIBLE_BY) else { return Ok(()) };
    let (Some(resource), Some(model)) = (plan.resources[at].resource, checker.model(VISIBLE_BY)) else {
        return Ok(());
    };
    if plan.resources[at].count(Action::Create) == 0 {
        return Ok(());
    }
    let mut students: HashSet<KeyHash> = HashSet::new();
    for part in plan.resources.iter().filter(|part| asks_for_association(checker, part.name)) {
        let keys: Vec<KeyHash> = part.steps.of(Phase::Deletes).filter_map(|step| step.key).collect();
        students.extend(natural_keys(ledger, part.name, &keys)?.iter().filter_map(|key| student(checker, key)));
    }
    if students.is_empty() {
        return Ok(());
    }
    // What the ledger has of those that are posted again is not there.
    let posted = plan.resources[at].steps.iter().filter(|step| step.action == Action::Create);
    let seen = seen_otherwise(ledger, checker, &posted.filter_map(|step| step.key).collect())?;
    students.retain(|student| !seen.contains(student));
    if students.is_empty() {
        return Ok(());
    }
    let come: HashSet<KeyHash> = plan.resources[..at]
        .iter()
        .flat_map(|part| part.steps.iter().map(move |step| (part.resource, step)))
        .filter(|(_, step)| step.action == Action::Create || step.from.is_some())
        .filter_map(|(resource, step)| step.record(sides, resource))
        .collect();
    let part = &plan.resources[at];
    let goes_first = |step: &Step| {
        let shows = step.action == Action::Create && step.reason != Reason::KeyChanged;
        let key = if shows { natural_key(resource, cx, model, step.object) } else { None };
        key.and_then(|key| student(checker, &key)).is_some_and(|student| students.contains(&student))
            && !step.references(sides, part).iter().any(|key| come.contains(key))
    };
    let steps = part.steps.iter().map(|step| Step { ahead: goes_first(&step), ..step }).collect();
    plan.resources[at].steps = steps;
    Ok(())
}
