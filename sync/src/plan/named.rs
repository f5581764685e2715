//! What stays at the ODS keeps what it names.
//!
//! The ODS deletes no record that another one names, and shows none of a student's without an association (ods-behaviour 10).

use std::collections::{HashMap, HashSet};

use rollcall_core::model::{KeyHash, NaturalKey};
use rollcall_ledger::{Ledger, LedgerError};

use super::planner::Sides;
use super::{Action, Phase, Plan, ResourcePlan};
use crate::check::Checker;
use crate::naming::{VISIBLE_BY, names, natural_key, student};

/// Records that stay at the ODS though nothing reports them: what they name has to stay too.
#[derive(Default)]
pub(super) struct Stays {
    /// In the ledger.
    pub(super) entries: Vec<KeyHash>,
    /// The records that others, which the ledger does not know, name.
    pub(super) named: Vec<KeyHash>,
    /// What those name that report all the same, and that no rule reports.
    pub(super) stand_on: Vec<KeyHash>,
}

/// Takes back deletes of records on which one that stays stands: the ODS would refuse them, or hide the other from us.
/// `stays` is by resource, as the plan is.
pub(super) fn keep_what_is_named(plan: &mut Plan, stays: Vec<Stays>, sides: Sides<'_>) -> Result<(), LedgerError> {
    let Sides { checker, ledger, .. } = sides;
    let deletes: Vec<bool> = plan.resources.iter().map(|part| part.count(Action::Delete) > 0).collect();
    let mut named: HashSet<KeyHash> = HashSet::new();
    for ((at, part), mut stays) in plan.resources.iter_mut().enumerate().zip(stays).rev() {
        if deletes[at] && !named.is_empty() {
            let shown = if part.name == VISIBLE_BY { shown_alone(part, &named, sides)? } else { HashMap::new() };
            let before = part.steps.len();
            part.steps.retain(|step| {
                let Some(key) = step.key.filter(|_| step.action == Action::Delete) else { return true };
                let stay = named.contains(&key) || shown.get(&key).is_some_and(|student| named.contains(student));
                if stay {
                    stays.entries.push(key);
                }
                !stay
            });
            part.kept += (before - part.steps.len()) as u64;
        }
        if deletes[..at].contains(&true) {
            let keys = natural_keys(ledger, part.name, &stays.entries)?;
            named.extend(keys.iter().flat_map(|key| names(checker, key)).map(|(_, key)| key));
            named.extend(stays.named);
        }
    }
    Ok(())
}

/// The associations to delete without which the ODS would show their student no more, each with the student.
fn shown_alone(
    part: &ResourcePlan,
    named: &HashSet<KeyHash>,
    Sides { cx, checker, ledger, .. }: Sides<'_>,
) -> Result<HashMap<KeyHash, KeyHash>, LedgerError> {
    let deletes: Vec<KeyHash> = part.steps.of(Phase::Deletes).filter_map(|step| step.key).collect();
    let keys = natural_keys(ledger, part.name, &deletes)?.into_iter();
    let mut students: HashMap<_, _> = keys.filter_map(|key| Some((key.hash(), student(checker, &key)?))).collect();
    if students.values().any(|student| named.contains(student)) {
        let mut seen = seen_otherwise(ledger, checker, &deletes.into_iter().collect())?;
        // One that takes its place shows the student again.
        let posted = part.steps.iter().filter(|step| step.action == Action::Create);
        let (resource, model) = (part.resource, checker.model(VISIBLE_BY));
        let posted = posted.filter_map(|step| natural_key(resource?, cx, model?, step.object));
        seen.extend(posted.filter_map(|key| student(checker, &key)));
        students.retain(|_, student| !seen.contains(student));
    }
    Ok(students)
}

/// The students who have an association at the ODS that is not deleted: of another school, or of a school year that is not
/// configured any more.
pub(super) fn seen_otherwise(
    ledger: Option<&dyn Ledger>,
    checker: &Checker,
    going: &HashSet<KeyHash>,
) -> Result<HashSet<KeyHash>, LedgerError> {
    let Some(ledger) = ledger else { return Ok(HashSet::new()) };
    let at_ods = ledger.ods_ids(VISIBLE_BY)?.into_iter().map(|(key, _)| key);
    let stay: HashSet<KeyHash> = at_ods.filter(|key| !going.contains(key)).collect();
    let keys = ledger.natural_keys(VISIBLE_BY)?.into_iter().filter(|(hash, _)| stay.contains(hash));
    Ok(keys.filter_map(|(_, key)| student(checker, &key)).collect())
}

/// The natural keys of some entries: one by one for a few, else all of the resource in one reading.
pub(super) fn natural_keys(
    ledger: Option<&dyn Ledger>,
    resource: &str,
    keys: &[KeyHash],
) -> Result<Vec<NaturalKey>, LedgerError> {
    const FEW: usize = 1_000;
    let Some(ledger) = ledger.filter(|_| !keys.is_empty()) else { return Ok(Vec::new()) };
    if keys.len() <= FEW {
        let found: Result<Vec<_>, _> = keys.iter().map(|key| ledger.identity(resource, *key)).collect();
        return Ok(found?.into_iter().flatten().map(|(key, _)| key).collect());
    }
    let wanted: HashSet<&KeyHash> = keys.iter().collect();
    let all = ledger.natural_keys(resource)?.into_iter();
    Ok(all.filter(|(hash, _)| wanted.contains(hash)).map(|(_, key)| key).collect())
}
