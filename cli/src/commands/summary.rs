//! The counts of a plan or a run, as tables.

use std::collections::BTreeMap;

use rollcall_sync::plan::{Action, Plan};
use rollcall_sync::summary::{ResourceSummary, Summary};

use crate::ui::{Table, Ui};

/// What a run counts of each resource.
pub(super) struct Count {
    /// The column's heading.
    pub(super) name: &'static str,
    pub(super) of: fn(&ResourceSummary) -> u64,
    /// Whether it should be 0.
    pub(super) bad: bool,
}

const fn good(name: &'static str, of: fn(&ResourceSummary) -> u64) -> Count {
    Count { name, of, bad: false }
}

const fn bad(name: &'static str, of: fn(&ResourceSummary) -> u64) -> Count {
    Count { name, of, bad: true }
}

/// The columns.
pub(super) const COUNTS: [Count; 13] = [
    good("report", |part| part.reported),
    good("posted", |part| part.posted),
    good("put", |part| part.put),
    good("deleted", |part| part.deleted),
    good("as is", |part| part.unchanged),
    good("kept", |part| part.kept),
    good("waiting", |part| part.waiting),
    bad("refused", |part| part.refused),
    bad("held", |part| part.held),
    bad("defects", |part| part.defects),
    bad("unknown", |part| part.unknown),
    bad("withheld", |part| part.withheld),
    bad("not sent", |part| part.not_sent),
];

/// Which columns stand: the first five, and of the others those with a count, so that the table fits a terminal.
pub(super) fn shown(columns: usize, rows: &[(String, Vec<u64>)]) -> Vec<usize> {
    (0..columns).filter(|at| *at < 5 || rows.iter().any(|(_, counts)| counts[*at] > 0)).collect()
}

/// A row of counts for each resource of a run.
pub(super) fn counted(summary: &Summary) -> Vec<(String, Vec<u64>)> {
    let row = |part: &ResourceSummary| COUNTS.iter().map(|count| (count.of)(part)).collect();
    summary.resources.iter().map(|part| (title(&part.resource, part.off), row(part))).collect()
}

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
    counts(&COUNTS.map(|count| count.name), &counted(summary), ui);
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

/// Prints rows of counts.
fn counts(names: &[&str], rows: &[(String, Vec<u64>)], ui: &Ui) {
    let columns = shown(names.len(), rows);
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

/// What is not known of the SIS.
pub(super) fn unread(findings: u64, ui: &Ui) {
    if findings > 0 {
        let findings = if findings == 1 { "1 finding leaves".to_owned() } else { format!("{findings} findings leave") };
        ui.note(&format!(
            "{findings} rows of the SIS tables out: what they would report is not at the ODS; `rollcall check --offline` says \
             what to mend"
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
