//! `rollcall resync`

use rollcall_core::context::Context;
use rollcall_core::model::NaturalKey;
use rollcall_core::registry::Registry;
use rollcall_core::verdict::ObjectKey;
use rollcall_ledger::{Ledger as _, SqliteLedger};
use rollcall_sync::check::Checker;
use rollcall_sync::explain::{Asked, natural_keys};
use rollcall_sync::plan::{Plan, Resync, Scope, Sides};

use super::ending::report;
use super::explain::resource;
use super::run::{Kind, Work, run};
use super::{known, plan, sync};
use crate::args::{self, Global};
use crate::exit::{Exit, Failure};
use crate::session::{Session, extract};
use crate::ui::Ui;

pub(crate) async fn resync(
    args: &args::Resync,
    global: &Global,
    registry: &Registry,
    ui: &Ui,
) -> Result<Exit, Failure> {
    let session = Session::open(&global.config, registry)?;
    let reading = sync::read(&session, ui)?;
    let cx = session.context(&reading);
    let resync = Resync { scope: scope(&args.filter, &session, &cx)?, delete_unknown: args.delete_unknown };
    // Told to delete what neither the SIS nor the ledger knows, a resync may be about a school that they do not know.
    if !resync.delete_unknown {
        known::schools_and_students(&resync.scope, &session, &cx)?;
    }
    if args.dry_run {
        let checker = Checker::new(&session.config.state, &session.config.years);
        let client = session.connect().await?;
        let ledger = SqliteLedger::open_to_read(&session.ledger(), &session.connection_name())?;
        let ledger = ledger.as_ref().map(|ledger| ledger as _);
        let extract = extract(&reading);
        let sides = Sides { config: &session.config, cx: &cx, checker: &checker, ledger, extract: &extract };
        let made = Plan::with_ods(sides, &resync, &client).await?;
        return plan::print(&made, &session, &reading.snapshot, args.steps, ui);
    }
    let filters = filters(&resync)?;
    let work = Work { command: "resync", filters, allow_deletes: args.allow_deletes, kind: Kind::Resync(&resync) };
    let summary = run(&session, &reading, &work, ui).await?;
    report(&summary, ui)
}

/// The filters as the history keeps them; none for everything.
fn filters(resync: &Resync) -> Result<Option<String>, Failure> {
    let mut filters = serde_json::to_value(&resync.scope)?;
    if resync.delete_unknown {
        filters["delete-unknown"] = true.into();
    }
    let any = filters.as_object().is_some_and(|filters| !filters.is_empty());
    Ok(if any { Some(filters.to_string()) } else { None })
}

/// The filters asked for, in the ODS's words.
pub(super) fn scope(args: &args::Filter, session: &Session, cx: &Context<'_>) -> Result<Scope, Failure> {
    for name in &args.resource {
        resource(&session.config.state, name)?;
    }
    let mut scope = Scope { resources: args.resource.iter().cloned().collect(), ..Scope::all() };
    scope.schools = args.school.iter().cloned().collect();
    for person in &args.person {
        scope.persons.insert(student(person, session, cx)?);
    }
    if let Some(key) = &args.key {
        let [name] = args.resource.as_slice() else {
            return Err(Failure::new(Exit::Usage, anyhow::anyhow!("--key needs one --resource that it is a key of")));
        };
        scope.keys = keys(name, key, session, cx)?;
    }
    Ok(scope)
}

/// The ODS's id of a student: as given, or of the SIS row `Person:id`. Of one who does not report, as the ledger has it:
/// what was sent of the student may still be there.
pub(super) fn student(text: &str, session: &Session, cx: &Context<'_>) -> Result<String, Failure> {
    let Some(object) = ObjectKey::parse(text) else { return Ok(text.to_owned()) };
    let found = of_object("students", object, session, cx)?;
    let id = found.first().and_then(|key| key.part("studentUniqueId")).map(str::to_owned);
    id.ok_or_else(|| {
        Failure::new(Exit::Usage, anyhow::anyhow!("no student reports for {object}, and the ledger has none of it"))
            .hint(format!("`rollcall explain students {object}` says why; or give the id that the ODS has"))
    })
}

/// The natural keys that an object key or parts of a natural key stand for: those that report, and those that the ledger
/// has.
pub(super) fn keys(
    name: &str,
    text: &str,
    session: &Session,
    cx: &Context<'_>,
) -> Result<Vec<Vec<(String, String)>>, Failure> {
    let asked = Asked::parse(text).ok_or_else(|| {
        // What was typed may be a student's id: it is not repeated.
        Failure::new(Exit::Usage, anyhow::anyhow!("what is asked for is neither an object key nor a natural key"))
            .hint("an object key is Table:id (Roster:100001), a natural key name=value&name=value")
    })?;
    let asked_object = match asked {
        Asked::Key(parts) => {
            known::key_parts(known::model(session, name)?, &parts)?;
            return Ok(vec![parts]);
        }
        Asked::Object(object) => object,
    };
    let found = of_object(name, asked_object, session, cx)?;
    if found.is_empty() {
        let error = anyhow::anyhow!("neither the SIS nor the ledger has a {name} record of {asked_object}");
        return Err(
            Failure::new(Exit::Usage, error).hint(format!("`rollcall explain {name} {asked_object}` says more"))
        );
    }
    Ok(found.iter().map(NaturalKey::to_query).collect())
}

/// The natural keys of an object's records: first of those that report, then of others that the ledger has.
fn of_object(name: &str, asked: ObjectKey, session: &Session, cx: &Context<'_>) -> Result<Vec<NaturalKey>, Failure> {
    let checker = Checker::new(&session.config.state, &session.config.years);
    let resource = resource(&session.config.state, name)?;
    let mut found: Vec<NaturalKey> = natural_keys(resource, cx, &checker, &Asked::Object(asked));
    if let Some(ledger) = SqliteLedger::open_to_read(&session.ledger(), &session.connection_name())? {
        for (object, key) in ledger.objects(name)? {
            if asked.covers(object)
                && let Some((key, _)) = ledger.identity(name, key)?
                && !found.contains(&key)
            {
                found.push(key);
            }
        }
    }
    Ok(found)
}
