//! The defects of a plan by cause, as the error log tells them after a sync.

use rollcall_core::snapshot::Snapshot;
use rollcall_ledger::{ErrorEntry, Outcome};

use super::{Cause, Names, causes, without_student_data};
use crate::plan::{Defect, Plan};

/// The causes of a plan's defects, without student data; those of most objects first. An object with several defects
/// counts with each.
pub fn planned(plan: &Plan, snapshot: &Snapshot) -> Vec<Cause> {
    let defects = plan.resources.iter().flat_map(|part| part.defects.iter().map(|defect| entry(part.name, defect)));
    let mut found = causes(&defects.collect::<Vec<_>>(), &|_| Vec::new());
    let names = if found.is_empty() { Names::default() } else { Names::of(snapshot) };
    for cause in &mut found {
        cause.message = without_student_data(&cause.message, None, &names);
    }
    found
}

/// What a sync would write into the error log, without what it takes from the run.
fn entry(resource: &str, defect: &Defect) -> ErrorEntry {
    ErrorEntry {
        resource: resource.to_owned(),
        object: defect.object.to_string(),
        natural_key: String::new(),
        operation: None,
        outcome: Outcome::Defect,
        status: None,
        class: defect.element.clone(),
        message: defect.message.clone(),
        fix: defect.fix.clone(),
        waits_for: None,
        payload: None,
        run: 0,
        at: String::new(),
        tries: 0,
        element: Some(defect.element.clone()),
        causes: Vec::new(),
        urn: None,
        correlation_id: None,
        root: None,
    }
}
