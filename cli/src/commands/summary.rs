//! The counts of a plan or a run, as tables.

use std::collections::BTreeMap;

use rollcall_sync::plan::{Action, Plan};
use rollcall_sync::summary::Summary;

use crate::ui::{Table, Ui};

/// What a plan would do.
pub(super) fn planned(plan: &Plan, ui: &Ui) {
    let rows = plan.resources.iter().map(|part| {
        let counts = vec![
            part.reported,
            part.count(Action::Create) as u64,
            part.count(Action::Update) as u64,
            part.count(Action::Delete) as u64,
            part.unchanged,
            part.kept,
            part.waiting,
            part.held.len() as u64,
            part.defective_objects() as u64,
            part.withheld,
        ];
        (title(part.name, part.off), counts)
    });
    let names = ["report", "post", "put", "delete", "as is", "kept", "waiting", "held", "defects", "withheld"];
    counts(&names, &rows.collect::<Vec<_>>(), ui);
    let excluded = plan.resources.iter().map(|part| {
        let counts = part.excluded.iter().map(|(name, (_, count))| ((*name).to_owned(), *count)).collect();
        (part.name.to_owned(), counts)
    });
    exclusions(excluded, ui);
    let omitted = plan.resources.iter().flat_map(|part| {
        part.omissions.iter().map(|(omission, count)| (part.name.to_owned(), omission.to_string(), *count))
    });
    omissions(omitted, ui);
    let discovered = plan.resources.iter().map(|part| {
        let found = part.discovered.iter().map(|(what, count)| (what.as_str().to_owned(), *count));
        (part.name.to_owned(), found.collect())
    });
    self::discovered(discovered, ui);
}

/// What a run did.
pub(super) fn done(summary: &Summary, ui: &Ui) {
    let rows = summary.resources.iter().map(|part| {
        let counts = vec![
            part.reported,
            part.posted,
            part.put,
            part.deleted,
            part.unchanged,
            part.kept,
            part.waiting,
            part.refused,
            part.held,
            part.defects,
            part.unknown,
            part.withheld,
            part.not_sent,
        ];
        (title(&part.resource, part.off), counts)
    });
    let names = [
        "report", "posted", "put", "deleted", "as is", "kept", "waiting", "refused", "held", "defects", "unknown",
        "withheld", "not sent",
    ];
    counts(&names, &rows.collect::<Vec<_>>(), ui);
    let excluded = summary.resources.iter().map(|part| (part.resource.clone(), part.excluded.clone()));
    exclusions(excluded, ui);
    let omitted = summary.resources.iter().flat_map(|part| {
        part.omissions.iter().map(|(omission, count)| (part.resource.clone(), omission.clone(), *count))
    });
    omissions(omitted, ui);
    discovered(summary.resources.iter().map(|part| (part.resource.clone(), part.discovered.clone())), ui);
}

/// What a resync found at the ODS that the ledger did not say.
fn discovered(found: impl Iterator<Item = (String, BTreeMap<String, u64>)>, ui: &Ui) {
    let found: Vec<_> = found.filter(|(_, found)| !found.is_empty()).collect();
    if found.is_empty() {
        return;
    }
    ui.line("Found at the ODS, or not found there, otherwise than the ledger says:");
    for (resource, found) in found {
        let found: Vec<String> = found.iter().map(|(what, count)| format!("{count} {what}")).collect();
        ui.line(&format!("  {resource}: {}", found.join(", ")));
    }
    ui.line("");
}

/// A row of counts for each resource. The first five columns always stand; of the others those with a count, so that
/// the table fits a terminal.
fn counts(names: &[&str], rows: &[(String, Vec<u64>)], ui: &Ui) {
    let shown = |at: &usize| *at < 5 || rows.iter().any(|(_, counts)| counts[*at] > 0);
    let columns: Vec<usize> = (0..names.len()).filter(shown).collect();
    let header: Vec<String> = columns.iter().map(|at| format!("#{}", names[*at])).collect();
    let mut table =
        Table::new(&[&["resource"], header.iter().map(String::as_str).collect::<Vec<_>>().as_slice()].concat());
    for (title, counts) in rows {
        table.row(std::iter::once(title.clone()).chain(columns.iter().map(|at| number(counts[*at]))));
    }
    ui.line(&table.to_string());
}

/// What records leave out though the SIS has it.
fn omissions(omitted: impl Iterator<Item = (String, String, u64)>, ui: &Ui) {
    for (resource, omission, count) in omitted {
        ui.note(&format!("warning: {count} {resource} records leave out {omission}"));
    }
}

/// Says that deletes and updates wait for the tables to be mended.
pub(super) fn withheld(count: u64, ui: &Ui) {
    if count > 0 {
        ui.note(&format!(
            "{count} deletes or updates are withheld: rows of the tables could not be read, and what is missing may not be \
             gone; mend the tables, or send them all the same with `rollcall sync --allow-deletes`"
        ));
    }
}

/// Objects that do not report, by the rule that says so: a line for each resource, the most frequent rule first.
fn exclusions(excluded: impl Iterator<Item = (String, BTreeMap<String, u64>)>, ui: &Ui) {
    let excluded: Vec<_> = excluded.filter(|(_, rules)| !rules.is_empty()).collect();
    if excluded.is_empty() {
        return;
    }
    ui.line("SIS objects that do not report, by the rule that says so:");
    for (resource, rules) in excluded {
        let mut rules: Vec<_> = rules.into_iter().collect();
        rules.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), name.clone()));
        let rules: Vec<String> = rules.iter().map(|(name, count)| format!("{count} {name}")).collect();
        ui.line(&format!("  {resource}: {}", rules.join(", ")));
    }
    ui.line("");
}

fn title(resource: &str, off: bool) -> String {
    if off { format!("{resource} (off)") } else { resource.to_owned() }
}

fn number(count: u64) -> String {
    if count == 0 { "·".to_owned() } else { count.to_string() }
}
