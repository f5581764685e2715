//! `rollcall plan`

use rollcall_core::registry::Registry;
use rollcall_core::snapshot::Snapshot;
use rollcall_ledger::SqliteLedger;
use rollcall_sync::check::Checker;
use rollcall_sync::error_log::{Cause, planned};
use rollcall_sync::plan::{Action, Phase, Plan, Resync, Sides};
use rollcall_sync::summary::Summary;
use serde::Serialize;

use super::resync::scope;
use super::{known, summary};
use crate::args::{self, Global};
use crate::exit::{Exit, Failure};
use crate::session::{Session, extract};
use crate::ui::{Table, Ui};

/// So many causes of defects are listed for people.
const CAUSES: usize = 10;

#[derive(Serialize)]
struct Printed {
    summary: Summary,
    exceeds_delete_limit: bool,
    defects: Vec<Cause>,
    steps: Vec<StepLine>,
}

#[derive(Serialize)]
struct StepLine {
    request: &'static str,
    resource: &'static str,
    object: String,
    reason: &'static str,
}

pub(crate) fn plan(args: &args::Plan, global: &Global, registry: &Registry, ui: &Ui) -> Result<Exit, Failure> {
    let session = Session::open(&global.config, registry)?;
    let reading = session.read_tables()?;
    ui.findings(&reading.findings);
    let cx = session.context(&reading);
    let checker = Checker::new(&session.config.state, &session.config.years);
    let ledger = SqliteLedger::open_to_read(&session.ledger(), &session.connection_name())?;
    let ledger = ledger.as_ref().map(|ledger| ledger as _);
    let extract = extract(&reading);
    let sides = Sides { config: &session.config, cx: &cx, checker: &checker, ledger, extract: &extract };
    let resync = Resync { scope: scope(&args.filter, &session, &cx)?, delete_unknown: false };
    known::schools_and_students(&resync.scope, &session, &cx)?;
    let plan = Plan::make(sides, args.resync.then_some(&resync))?;
    print(&plan, &session, &reading.snapshot, args.steps, ui)
}

/// Prints a plan.
pub(super) fn print(
    plan: &Plan,
    session: &Session,
    snapshot: &Snapshot,
    with_steps: bool,
    ui: &Ui,
) -> Result<Exit, Failure> {
    let defects = planned(plan, snapshot);
    let exceeds = plan.exceeds(session.config.delete_limit);
    if ui.is_json() {
        let (summary, steps) = (Summary::of(plan), steps(plan));
        ui.json(&Printed { summary, exceeds_delete_limit: exceeds, defects, steps })?;
        return Ok(Exit::Done);
    }
    summary::planned(plan, ui);
    defective(&defects, ui);
    summary::withheld(plan.resources.iter().map(|part| part.withheld).sum(), ui);
    if with_steps && plan.is_empty() {
        ui.line("nothing to send");
    } else if with_steps {
        let mut table = Table::new(&["request", "resource", "object", "because"]);
        for step in steps(plan) {
            table.row([step.request.to_owned(), step.resource.to_owned(), step.object, step.reason.to_owned()]);
        }
        ui.line(&table.to_string());
    }
    if exceeds {
        ui.note(&format!(
            "warning: the plan deletes {} of {} records, more than sync.delete-limit; it would stop before it starts",
            plan.losses(),
            plan.delivered
        ));
    }
    Ok(Exit::Done)
}

/// What has to be mended before it can be sent: a line for each cause, with an object to look at.
fn defective(causes: &[Cause], ui: &Ui) {
    if causes.is_empty() {
        return;
    }
    ui.line("SIS objects that have to be mended first, by cause, each with how to look at one:");
    for cause in causes.iter().take(CAUSES) {
        let (resource, count) = (&cause.resource, cause.records);
        let example = cause.objects.first().map(|object| format!("; `rollcall explain {resource} {object}`"));
        let message = cause.message.lines().collect::<Vec<_>>().join(" ");
        ui.line(&format!("  {resource}: {count} {}: {message}{}", cause.class, example.unwrap_or_default()));
    }
    if causes.len() > CAUSES {
        ui.line(&format!("  and {} more; `--format json` lists all", causes.len() - CAUSES));
    }
    ui.line("");
}

fn steps(plan: &Plan) -> Vec<StepLine> {
    let ahead = plan.resources.iter().map(|part| (part, Phase::Ahead));
    let deletes = plan.resources.iter().rev().map(|part| (part, Phase::Deletes));
    let writes = plan.resources.iter().map(|part| (part, Phase::Writes));
    let all = ahead.chain(deletes).chain(writes).flat_map(|(part, phase)| {
        part.steps.of(phase).map(|step| StepLine {
            request: match step.action {
                Action::Create => "POST",
                Action::Update => "PUT",
                Action::Delete => "DELETE",
            },
            resource: part.name,
            object: step.object.to_string(),
            reason: step.reason.as_str(),
        })
    });
    all.collect()
}
