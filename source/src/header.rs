//! From a file's header to the columns of its table.

use std::collections::HashMap;

use rollcall_core::finding::{Finding, nearest};
use rollcall_core::tables::TableSpec;

use crate::trouble::shown;

/// So many unread columns are named in one note.
const NAMED: usize = 20;

/// Where each column of a table stands in a file.
#[derive(Debug)]
pub(crate) struct Header {
    /// For each column of the table its position in the file; none for an optional column that is not there.
    pub(crate) positions: Vec<Option<usize>>,
    /// The file's column names, trimmed.
    pub(crate) names: Vec<String>,
    /// Named columns of the file that the table doesn't have.
    pub(crate) extra: Vec<String>,
}

impl Header {
    /// Matches a file's column names, in any order and case, with the table's. None if the rows can't be read
    /// safely: the findings then say why.
    pub(crate) fn of(file: &str, spec: &TableSpec, names: Vec<String>, findings: &mut Vec<Finding>) -> Option<Self> {
        if let Some(finding) = not_a_header(file, spec, &names) {
            findings.push(finding);
            return None;
        }
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, name) in names.iter().enumerate() {
            by_name.entry(name.to_ascii_lowercase()).or_default().push(at);
        }
        let found: Vec<Vec<usize>> =
            spec.columns.iter().map(|c| by_name.remove(&c.name.to_ascii_lowercase()).unwrap_or_default()).collect();
        let known: Vec<usize> = found.iter().flatten().copied().collect();
        let extra: Vec<String> = names
            .iter()
            .enumerate()
            .filter(|(at, name)| !known.contains(at) && !name.is_empty())
            .map(|(_, name)| name.clone())
            .collect();
        let mut usable = true;
        for (column, at) in spec.columns.iter().zip(&found) {
            let place = format!("{file}, column {}", column.name);
            match at.as_slice() {
                [] if !column.optional => {
                    usable = false;
                    findings.push(Finding::error(place, "missing column", add_or_rename(spec, column.name, &extra)));
                }
                [] | [_] => {}
                [first, second, ..] => {
                    usable = false;
                    findings.push(Finding::error(
                        place,
                        format!("the header has this column twice (as columns {} and {})", first + 1, second + 1),
                        "remove or rename one of them",
                    ));
                }
            }
        }
        if !extra.is_empty() {
            findings.push(unread(file, spec, &found, &extra));
        }
        let positions = found.iter().map(|at| at.first().copied()).collect();
        usable.then_some(Self { positions, names, extra })
    }
}

/// The names of a table's columns that every file of it must have.
pub(crate) fn required(spec: &TableSpec) -> String {
    let names: Vec<_> = spec.columns.iter().filter(|c| !c.optional).map(|c| c.name).collect();
    names.join(", ")
}

/// A header that is not one: another encoding, another separator, other line ends. Told once, instead of every
/// column as missing.
fn not_a_header(file: &str, spec: &TableSpec, names: &[String]) -> Option<Finding> {
    let place = format!("{file} row 1");
    if names.iter().any(|name| name.contains(['\0', '\u{fffd}'])) {
        let fix = "save the file as UTF-8 (not as a spreadsheet; UTF-16 needs a byte order mark)";
        return Some(Finding::error(place, "the header is not UTF-8 text", fix));
    }
    if names.iter().any(|name| name.contains('\r')) {
        return Some(Finding::error(place, "lines end with CR alone", "save the file with LF or CRLF line ends"));
    }
    let [only] = names else { return None };
    (spec.columns.len() > 1 && only.contains([';', '\t', '|'])).then(|| {
        Finding::error(place, "no column of the table is in the header", "export the table as comma-separated values")
    })
}

fn add_or_rename(spec: &TableSpec, column: &str, extra: &[String]) -> String {
    match nearest(column, extra.iter().map(String::as_str)) {
        Some(near) => format!("rename column \"{}\" to {column}, if that is what it holds", shown(near)),
        None => format!("export it too; the table needs the columns {}", required(spec)),
    }
}

fn unread(file: &str, spec: &TableSpec, found: &[Vec<usize>], extra: &[String]) -> Finding {
    let mut names: Vec<String> = extra.iter().take(NAMED).map(|name| shown(name)).collect();
    if extra.len() > NAMED {
        names.push(format!("and {} more", extra.len() - NAMED));
    }
    let meant =
        spec.columns.iter().zip(found).filter(|(column, at)| column.optional && at.is_empty()).find_map(
            |(column, _)| nearest(column.name, extra.iter().map(String::as_str)).map(|near| (near, column.name)),
        );
    let fix = meant.map_or_else(String::new, |(near, name)| {
        format!("if \"{}\" is the optional column {name}, rename it", shown(near))
    });
    Finding::note(file, format!("columns not read: {}", names.join(", ")), fix)
}
