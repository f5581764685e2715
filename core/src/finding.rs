//! What is wrong with the input, in words that lead to the cell or the key to mend.

use std::fmt;

use serde::Serialize;

use crate::tables::TableName;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing is left out because of it.
    Note,
    /// An element or a row is left out; the rest goes on.
    Warning,
    /// The row, or what the key configures, can't be used.
    Error,
}

/// Something in the tables or in the configuration that needs a person's eye.
///
/// Holds no value of a personal column: its messages go to stderr and into logs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// Where: `Roster.csv row 17, column startDate` or `rollcall.toml, mappings.term-type`.
    pub place: String,
    /// What is wrong, a lower-case fragment.
    pub message: String,
    /// What to do.
    pub fix: String,
}

impl Finding {
    /// The table that the finding is about: the place of a finding in the tables begins with the file's name.
    pub fn table(&self) -> Option<TableName> {
        self.place.split_once(".csv").and_then(|(table, _)| TableName::parse(table))
    }

    /// An error.
    pub fn error(place: impl Into<String>, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { severity: Severity::Error, place: place.into(), message: message.into(), fix: fix.into() }
    }

    /// A warning.
    pub fn warning(place: impl Into<String>, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(place, message, fix) }
    }

    /// A note.
    pub fn note(place: impl Into<String>, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { severity: Severity::Note, ..Self::error(place, message, fix) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)?;
        if !self.fix.is_empty() {
            write!(f, "; {}", self.fix)?;
        }
        Ok(())
    }
}

/// The known name nearest to one that is not known, if any is near enough to be meant.
pub fn nearest<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = unknown.to_lowercase();
    known
        .into_iter()
        .map(|name| (distance(&lower, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= 1 + name.len().max(unknown.len()) / 4)
        .min()
        .map(|(_, name)| name)
}

/// Edits (insert, delete, replace) between two texts.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let replace = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = replace.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_name_is_near_or_none() {
        let known = ["term-type", "course-level", "grade-level"];
        assert_eq!(nearest("term-typ", known), Some("term-type"));
        assert_eq!(nearest("courselevel", known), Some("course-level"));
        assert_eq!(nearest("homeroom", known), None);
    }

    #[test]
    fn reads_as_one_line() {
        let finding = Finding::error("Roster.csv row 17, column startDate", "not a date", "write it as yyyy-MM-dd");
        assert_eq!(finding.to_string(), "Roster.csv row 17, column startDate: not a date; write it as yyyy-MM-dd");
    }
}
