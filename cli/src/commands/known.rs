//! Refuses names and ids that nothing has: a command about nothing would do nothing and look done.

use std::collections::BTreeSet;
use std::slice;

use rollcall_core::context::Context;
use rollcall_core::finding::nearest;
use rollcall_core::model::ResourceModel;
use rollcall_core::snapshot::Snapshot;
use rollcall_core::tables::School;
use rollcall_ledger::{Ledger as _, SqliteLedger};
use rollcall_sync::error_log::Asked;
use rollcall_sync::plan::Scope;

use crate::exit::{Exit, Failure};
use crate::session::Session;

/// The data standard's model of a resource, also of one that the state does not report.
pub(super) fn model(session: &Session, name: &str) -> Result<&'static ResourceModel, Failure> {
    let standard = session.config.state.standard();
    standard.resource(name).ok_or_else(|| {
        let names = standard.resources.iter().map(|resource| resource.name.as_str());
        Failure::new(Exit::Usage, anyhow::anyhow!("the data standard has no resource \"{name}\""))
            .hint(nearest(name, names).map(|near| format!("did you mean {near}?")).unwrap_or_default())
            .hint("resources are named as in the API's addresses: studentSectionAssociations")
    })
}

/// Refuses a part that the resource's natural key does not have, and a value that the part cannot have. The values are not
/// repeated: they may be a student's.
pub(super) fn key_parts(model: &ResourceModel, parts: &[(String, String)]) -> Result<(), Failure> {
    let names: Vec<&str> = model.identity.iter().map(|part| part.name.as_str()).collect();
    let Some((unknown, _)) = parts.iter().find(|(name, _)| !names.contains(&name.as_str())) else {
        return key_values(model, parts);
    };
    let error = anyhow::anyhow!("the natural key of {} has no part \"{unknown}\"", model.name);
    let near = nearest(unknown, names.iter().copied());
    Err(Failure::new(Exit::Usage, error)
        .hint(near.map(|near| format!("did you mean {near}?")).unwrap_or_default())
        .hint(format!("its parts are: {}", names.join(", "))))
}

fn key_values(model: &ResourceModel, parts: &[(String, String)]) -> Result<(), Failure> {
    let expected = parts.iter().filter_map(|(name, value)| {
        let part = model.identity.iter().find(|part| part.name == *name)?;
        model.expected(part, value).map(|expected| (name.as_str(), expected))
    });
    let expected: Vec<(&str, String)> = expected.collect();
    if expected.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = expected.iter().map(|(name, _)| *name).collect();
    let error = anyhow::anyhow!("no natural key of {} has such a {}", model.name, names.join(", or such a "));
    let failure = Failure::new(Exit::Usage, error);
    Err(expected.iter().fold(failure, |failure, (name, expected)| failure.hint(format!("{name} is {expected}"))))
}

/// Refuses schools and students that neither the SIS nor the ledger knows. What was typed may be a student's id: it is not
/// repeated.
pub(super) fn schools_and_students(scope: &Scope, session: &Session, cx: &Context<'_>) -> Result<(), Failure> {
    let schools: BTreeSet<String> = cx.snapshot.schools.iter().filter_map(school_id).collect();
    let school = scope.schools.iter().filter(|id| !schools.contains(*id));
    if let Some(unknown) = first_unknown("schoolId", school.collect(), session)? {
        return Err(Failure::new(Exit::Usage, anyhow::anyhow!("neither the SIS nor the ledger knows such a school"))
            .hint(meant(&unknown, cx.snapshot, &schools).unwrap_or_default())
            .hint("--school takes the id that the ODS has for a school"));
    }
    let people =
        cx.snapshot.people.iter().flat_map(|person| [&person.state_id, &person.ed_fi_id, &person.student_number]);
    let people: BTreeSet<&str> = people.filter_map(|id| id.as_deref()).collect();
    let person = scope.persons.iter().filter(|id| !people.contains(id.as_str()));
    if first_unknown("studentUniqueId", person.collect(), session)?.is_some() {
        return Err(Failure::new(Exit::Usage, anyhow::anyhow!("neither the SIS nor the ledger knows such a student"))
            .hint("--person takes the id that the ODS has for a student, or the student's SIS row: Person:ID"));
    }
    Ok(())
}

/// The first of some ids that no natural key in the ledger has either.
fn first_unknown(part: &str, ids: Vec<&String>, session: &Session) -> Result<Option<String>, Failure> {
    // Most ids are the SIS's; the ledger is walked through for the others only.
    let mut unknown: BTreeSet<&str> = ids.into_iter().map(String::as_str).collect();
    if unknown.is_empty() {
        return Ok(None);
    }
    if let Some(ledger) = SqliteLedger::open_to_read(&session.ledger(), &session.connection_name())? {
        for resource in ledger.status()? {
            for (_, key) in ledger.natural_keys(&resource.resource)? {
                if let Some(id) = key.part(part) {
                    unknown.remove(id);
                }
            }
        }
    }
    Ok(unknown.first().map(|id| (*id).to_owned()))
}

/// Which school may have been meant: the one with this number or name, or with the nearest id.
fn meant(text: &String, snapshot: &Snapshot, ids: &BTreeSet<String>) -> Option<String> {
    let named = Asked::parse(snapshot, slice::from_ref(text), &[]).ok();
    let rows = named.into_iter().flat_map(|asked| asked.schools);
    let id = rows.filter_map(|row| snapshot.schools.get(row)).find_map(school_id);
    let id = id.or_else(|| nearest(text, ids.iter().map(String::as_str)).map(str::to_owned));
    id.map(|id| format!("did you mean {id}?"))
}

/// The id that the ODS has for a school, as a natural key has it.
fn school_id(school: &School) -> Option<String> {
    let (_, number) = school.number_at_ods();
    number.parse::<i64>().ok().map(|id| id.to_string())
}
