//! The error log as a run leaves it, to be kept with the run and passed on: by cause, without student data.

use rollcall_core::snapshot::Snapshot;
use rollcall_ledger::{ErrorEntry, ErrorFilter, Ledger, LedgerError};

use super::{Cause, Names, Whose, causes, without_student_data};
use crate::summary::Summary;

/// The causes behind the whole error log; those that keep most records from the ODS first, at most
/// [`Summary::CAUSES`]. Schools are told by their numbers.
pub fn digest(ledger: &dyn Ledger, snapshot: &Snapshot) -> Result<Vec<Cause>, LedgerError> {
    let entries = ledger.errors(&ErrorFilter::default())?;
    let schools = |entry: &ErrorEntry| {
        let ids = Whose::of(snapshot, entry).schools;
        let schools = ids.into_iter().filter_map(|id| snapshot.schools.get(id));
        schools.map(|school| school.ed_fi_school_number.as_ref().unwrap_or(&school.number).to_string()).collect()
    };
    let mut found = causes(&entries, &schools);
    found.truncate(Summary::CAUSES);
    let names = if found.is_empty() { Names::default() } else { Names::of(snapshot) };
    for cause in &mut found {
        // What the one record held that the message is about must not be left in it.
        let resource = Some(cause.resource.clone());
        let object = cause.objects.first().cloned();
        let of_object = ErrorFilter { resource, object, payloads: true, ..ErrorFilter::default() };
        let example = if of_object.object.is_some() { ledger.errors(&of_object)?.into_iter().next() } else { None };
        let payload = example.and_then(|example| example.payload);
        cause.message = without_student_data(&cause.message, payload.as_deref(), &names);
    }
    Ok(found)
}
