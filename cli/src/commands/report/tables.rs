//! The page's tables.

use std::collections::BTreeMap;

use rollcall_core::registry::StateView;
use rollcall_core::snapshot::Snapshot;
use rollcall_ledger::ErrorEntry;
use rollcall_sync::error_log::Whose;
use rollcall_sync::summary::{SchoolCounts, Summary};

use crate::commands::summary::{COUNTS, counted, shown};

/// A table with a heading.
pub(super) struct Table {
    pub(super) id: &'static str,
    pub(super) heading: &'static str,
    pub(super) note: &'static str,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Vec<Cell>>,
}

/// A column.
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) number: bool,
}

/// A cell.
pub(super) struct Cell {
    pub(super) text: String,
    /// For a cell that heads rows: how many.
    pub(super) rows: usize,
    /// `n` for a number, `bad` for one that should be 0, `zero` for one that is.
    pub(super) class: String,
}

fn text(text: impl Into<String>) -> Cell {
    Cell { text: text.into(), rows: 0, class: String::new() }
}

/// The heading of so many rows.
fn head(text: impl Into<String>, rows: usize) -> Cell {
    Cell { text: text.into(), rows, class: String::new() }
}

fn number(count: u64, bad: bool) -> Cell {
    let class = match (count, bad) {
        (0, _) => "n zero",
        (_, true) => "n bad",
        (_, false) => "n",
    };
    Cell { text: count.to_string(), rows: 0, class: class.to_owned() }
}

fn columns(texts: &[&'static str], numbers: &[&'static str]) -> Vec<Column> {
    let texts = texts.iter().map(|name| Column { name, number: false });
    texts.chain(numbers.iter().map(|name| Column { name, number: true })).collect()
}

/// What happened with each resource.
pub(super) fn by_resource(summary: &Summary) -> Table {
    let counted = counted(summary);
    let shown = shown(COUNTS.len(), &counted);
    let names: Vec<&'static str> = shown.iter().map(|at| COUNTS[*at].name).collect();
    let rows = counted.into_iter().map(|(title, counts)| {
        let cells = shown.iter().map(|at| number(counts[*at], COUNTS[*at].bad));
        std::iter::once(head(title, 1)).chain(cells).collect()
    });
    Table {
        id: "resources",
        heading: "By resource",
        note: "Every record that reports is in exactly one of the columns after it. Deletes are of records that do not report \
               any more, defects of objects that would report if something were mended.",
        columns: columns(&["Resource"], &names),
        rows: rows.collect(),
    }
}

/// What was tried, by school and resource; none when nothing was.
pub(super) fn by_school(summary: &Summary, snapshot: Option<&Snapshot>) -> Option<Table> {
    let mut by_school: BTreeMap<String, Vec<(&str, SchoolCounts)>> = BTreeMap::new();
    for part in &summary.resources {
        for (id, counts) in &part.schools {
            by_school.entry(school_name(id, snapshot)).or_default().push((&part.resource, *counts));
        }
    }
    let rows: Vec<Vec<Cell>> = by_school
        .iter()
        .flat_map(|(school, resources)| {
            resources.iter().enumerate().map(move |(at, (resource, of))| {
                let sent = [of.posted, of.put, of.deleted].map(|count| number(count, false));
                let not = [of.refused, of.held, of.unknown].map(|count| number(count, true));
                // The school heads all of its rows.
                let school = (at == 0).then(|| head(school.clone(), resources.len()));
                school.into_iter().chain([text(*resource)]).chain(sent).chain(not).collect()
            })
        })
        .collect();
    (!rows.is_empty()).then_some(Table {
        id: "schools",
        heading: "By school and resource",
        note: "What this run sent or meant to. Records that name no school in their natural key stand under the district.",
        columns: columns(&["School", "Resource"], &["posted", "put", "deleted", "refused", "held", "unknown"]),
        rows,
    })
}

/// A school by its id at the ODS; the empty one stands for the district.
pub(super) fn school_name(id: &str, snapshot: Option<&Snapshot>) -> String {
    if id.is_empty() {
        return "District".to_owned();
    }
    let found = snapshot.and_then(|snapshot| {
        let number = |school: &&rollcall_core::tables::School| {
            school.ed_fi_school_number.as_deref().unwrap_or(&school.number) == id
        };
        snapshot.schools.iter().find(number)
    });
    found.map_or_else(|| id.to_owned(), |school| format!("{} ({id})", school.name))
}

/// SIS objects that do not report, by the rule that says so.
pub(super) fn excluded(summary: &Summary, state: &StateView) -> Option<Table> {
    let mut rows = Vec::new();
    for part in &summary.resources {
        let rules = state.resource(&part.resource).map(|resource| resource.spec().exclusions).unwrap_or_default();
        let mut of_part: Vec<(&String, &u64)> = part.excluded.iter().collect();
        of_part.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), (*name).clone()));
        for (at, (name, count)) in of_part.iter().enumerate() {
            let resource = (at == 0).then(|| head(part.resource.clone(), of_part.len()));
            let rule = rules.iter().find(|rule| rule.name == **name).map(|rule| rule.text).unwrap_or_default();
            let cells = [text((*name).clone()), text(rule), number(**count, false)];
            rows.push(resource.into_iter().chain(cells).collect());
        }
    }
    (!rows.is_empty()).then_some(Table {
        id: "excluded",
        heading: "What does not report, and by which rule",
        note: "Rows of the SIS that the state's rules leave out. This is as it should be, unless a number surprises.",
        columns: columns(&["Resource", "Rule", "Says"], &["rows"]),
        rows,
    })
}

/// The requests and their times.
pub(super) fn traffic(summary: &Summary) -> Option<Table> {
    let parts = summary.resources.iter().filter_map(|part| Some((part.resource.clone(), part.traffic?)));
    let rows = parts.map(|(resource, of)| {
        let counts = [of.requests, of.retries, of.bytes_sent.div_ceil(1024)].map(|count| number(count, false));
        let times = [of.mean_ms, of.median_ms, of.p90_ms, of.p99_ms, of.max_ms];
        let times = times.map(|ms| Cell { text: format!("{ms:.1} ms"), rows: 0, class: "n".to_owned() });
        std::iter::once(head(resource, 1)).chain(counts).chain(times).collect()
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    (!rows.is_empty()).then_some(Table {
        id: "requests",
        heading: "Requests",
        note: "How many, and how long the ODS took to answer.",
        columns: columns(
            &["Resource"],
            &["requests", "repeats", "KiB sent", "mean", "median", "90 %", "99 %", "longest"],
        ),
        rows,
    })
}

/// The records of the error log, with their students.
pub(super) fn records(entries: &[ErrorEntry], snapshot: Option<&Snapshot>) -> Option<Table> {
    let rows = entries.iter().map(|entry| {
        let person = snapshot.and_then(|snapshot| snapshot.people.get(Whose::of(snapshot, entry).person?));
        let name = person.map(|person| {
            let names = [&person.first_name, &person.last_name].into_iter().filter_map(Option::as_deref);
            let id = person.state_id.as_deref().map(|id| format!(" ({id})")).unwrap_or_default();
            format!("{}{id}", names.collect::<Vec<_>>().join(" "))
        });
        vec![
            head(format!("{} {}", entry.resource, entry.object), 1),
            text(name.unwrap_or_default()),
            text(entry.outcome.as_str()),
            text(entry.natural_key.clone()),
            text(entry.message.clone()),
        ]
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    (!rows.is_empty()).then_some(Table {
        id: "records",
        heading: "The records that are not as they should be, now",
        note: "The whole error log, with the students that the records are about.",
        columns: columns(&["Record", "Student", "Outcome", "Natural key", "Says"], &[]),
        rows,
    })
}
