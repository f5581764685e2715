//! Which errors of the error log a command is about.

use rollcall_core::finding::nearest;
use rollcall_core::snapshot::Snapshot;
use rollcall_core::verdict::ObjectKey;
use rollcall_ledger::{ErrorEntry, ErrorFilter, Ledger as _, Outcome, SqliteLedger};
use rollcall_sync::error_log::{Asked, Whose};
use rollcall_transport::{Cause, RefusalClass};

use crate::args::ErrorSelection;
use crate::exit::{Exit, Failure};
use crate::session::Session;

/// Refuses what no error can be of: a resource that the state does not have, an object that is none, a class that there is
/// not, a run that was not.
pub(super) fn check(
    selection: &ErrorSelection,
    session: &Session,
    ledger: Option<&SqliteLedger>,
) -> Result<(), Failure> {
    if let Some(name) = &selection.resource {
        super::explain::resource(&session.config.state, name)?;
    }
    // What was typed may be a student's id: it is not repeated.
    if selection.object.as_ref().is_some_and(|object| ObjectKey::parse(object).is_none()) {
        return Err(Failure::new(Exit::Usage, anyhow::anyhow!("what --object asks for is not an object key"))
            .hint("an object key is Table:id (Roster:100001), or Table:id-id for one record of the row"));
    }
    if let Some(name) = &selection.class {
        class(name, session, ledger)?;
    }
    if let Some(id) = selection.run
        && ledger.map(|ledger| ledger.run(id)).transpose()?.flatten().is_none()
    {
        return Err(Failure::new(Exit::Usage, anyhow::anyhow!("there is no run {id}"))
            .hint("`rollcall history` lists the runs"));
    }
    Ok(())
}

/// Refuses a class that is none. A defect's class is its element, which may stand inside a collection: those are known by
/// the error log alone.
fn class(name: &str, session: &Session, ledger: Option<&SqliteLedger>) -> Result<(), Failure> {
    let refusals = RefusalClass::ALL.iter().map(|class| class.as_str());
    let unknown = Cause::ALL.iter().map(|cause| cause.as_str());
    let classes: Vec<&str> = refusals.chain(unknown).chain(["stopped", "held"]).collect();
    let elements = session.config.state.resources.iter().flat_map(|resource| resource.spec().elements);
    let known: Vec<&str> = classes.iter().copied().chain(elements.map(|element| element.name)).collect();
    if known.contains(&name) {
        return Ok(());
    }
    let entries = ledger.map_or(Ok(Vec::new()), |ledger| ledger.errors(&ErrorFilter::default()))?;
    if entries.iter().any(|entry| entry.class == name) {
        return Ok(());
    }
    Err(Failure::new(Exit::Usage, anyhow::anyhow!("no error can be of the class \"{name}\""))
        .hint(nearest(name, known).map(|near| format!("did you mean {near}?")).unwrap_or_default())
        .hint(format!("the classes are {}, and for a defect the element", classes.join(", "))))
}

/// The errors that are asked for. The SIS is needed when a school or a person is.
pub(super) fn selected(
    selection: &ErrorSelection,
    payloads: bool,
    ledger: &SqliteLedger,
    snapshot: Option<&Snapshot>,
) -> Result<Vec<ErrorEntry>, Failure> {
    let filter = ErrorFilter {
        resource: selection.resource.clone(),
        outcome: selection.outcome.map(Outcome::from),
        run: selection.run,
        payloads,
        object: None,
    };
    let mut entries = ledger.errors(&filter)?;
    entries.retain(|entry| selection.class.as_ref().is_none_or(|class| entry.class == *class));
    entries.retain(|entry| selection.object.as_ref().is_none_or(|object| is_of(entry, object)));
    let Some(snapshot) = snapshot.filter(|_| selection.needs_tables()) else { return Ok(entries) };
    let asked = Asked::parse(snapshot, &selection.school, &selection.person).map_err(|text| {
        // What was typed may be a student's id: it is not repeated.
        let what = if selection.school.iter().any(|school| school == text) { "school" } else { "student" };
        Failure::new(Exit::Usage, anyhow::anyhow!("the SIS tables have no such {what}")).hint(
            "--school takes a school's number or name, --person a student's state, Ed-Fi or district id, or Person:ID",
        )
    })?;
    entries.retain(|entry| Whose::of(snapshot, entry).is_asked(&asked));
    Ok(entries)
}

/// Whether an error is about an object; without its second id, about any record of the row.
fn is_of(entry: &ErrorEntry, object: &str) -> bool {
    let same = |of: &str| of == object || of.split_once('-').is_some_and(|(row, _)| row == object);
    same(&entry.object) || entry.root.as_ref().and_then(|root| root.object.as_deref()).is_some_and(same)
}
