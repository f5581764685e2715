//! What a rule decides about one SIS object.

use std::fmt;

use serde::Serialize;

use crate::tables::TableName;
use crate::value::Object;

/// The SIS row (or pair of rows) behind a record: the identity mapping's object key.
///
/// A plan keeps one or two for each record, so it is kept small.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectKey {
    table: Option<TableName>,
    id: i64,
    /// [`NO_PART`] for none.
    part: i64,
}

/// No second id: sorts before all that are.
const NO_PART: i64 = i64::MIN;

impl ObjectKey {
    /// Stands for no row: a record that no SIS object is behind.
    pub const NONE: Self = Self { table: None, id: 0, part: NO_PART };

    /// The key of one row.
    pub const fn new(table: TableName, id: i64) -> Self {
        Self { table: Some(table), id, part: NO_PART }
    }

    /// The key of a pair of rows.
    pub const fn pair(table: TableName, id: i64, part: i64) -> Self {
        Self { table: Some(table), id, part }
    }

    /// The key of this row with a second id.
    #[must_use]
    pub const fn with_part(self, part: i64) -> Self {
        Self { part, ..self }
    }

    /// `campusObjectType`: the table; none for [`ObjectKey::NONE`].
    pub const fn table(self) -> Option<TableName> {
        self.table
    }

    /// The table's name; empty for [`ObjectKey::NONE`].
    pub fn table_name(self) -> &'static str {
        self.table.map_or("", TableName::as_str)
    }

    /// The row's id.
    pub const fn id(self) -> i64 {
        self.id
    }

    /// The second id where one row stands behind several records (`sectionID-termID`).
    pub const fn part(self) -> Option<i64> {
        if self.part == NO_PART { None } else { Some(self.part) }
    }

    /// The row's own key, without the second id.
    #[must_use]
    pub const fn row(self) -> Self {
        Self { part: NO_PART, ..self }
    }

    /// The row's id, if it is one of this table without a second id.
    pub fn only(self, table: TableName) -> Option<i64> {
        (self == Self { table: Some(table), ..self.row() }).then_some(self.id)
    }

    /// Whether another key is this one, or a part of its row.
    pub fn covers(&self, other: Self) -> bool {
        other == *self || other.row() == *self
    }

    /// Reads `Table:id` or `Table:id-part`.
    pub fn parse(text: &str) -> Option<Self> {
        let (table, ids) = text.split_once(':')?;
        let table = TableName::parse(table)?;
        // A hyphen at the beginning is a sign.
        let hyphen = ids.char_indices().skip(1).find(|(_, letter)| *letter == '-');
        Some(match hyphen.map(|(at, _)| ids.split_at(at)) {
            Some((id, part)) => Self::pair(table, id.parse().ok()?, part[1..].parse().ok()?),
            None => Self::new(table, ids.parse().ok()?),
        })
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::NONE {
            return Ok(());
        }
        write!(f, "{}:{}", self.table_name(), self.id)?;
        match self.part() {
            Some(part) => write!(f, "-{part}"),
            None => Ok(()),
        }
    }
}

/// The answer of a rule for one SIS object.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict<'a> {
    /// A record reports.
    Report(Object<'a>),
    /// Nothing reports, because a rule says so.
    Exclude(Exclusion),
    /// A record should report, but the SIS data or a preference has to be mended first.
    Defect(Problem),
}

/// One row of a source document that can decide that nothing reports.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Stable short name, also the name of its count in `status`: `calendar-exclude`.
    pub name: &'static str,
    /// Which document, and where in it.
    pub document: &'static str,
    /// The rule in a sentence.
    pub text: &'static str,
    /// What its answer hangs on.
    pub decided_by: DecidedBy,
}

/// What a rule's answer hangs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DecidedBy {
    /// SIS data: its change triggers.
    Sis,
    /// A preference (mapping, option): its change triggers nothing until a resync.
    Preference,
    /// SIS data, because a preference says so. The rule's resource reads all that a record would be built from though
    /// nothing reports: so a changed preference, which waits, can be told from changed SIS data, which triggers.
    Both,
}

/// Why nothing reports.
#[derive(Debug, Clone, PartialEq)]
pub struct Exclusion {
    /// The rule.
    pub rule: &'static Rule,
    /// The SIS row whose value decided, where there is one.
    pub because: Option<ObjectKey>,
}

/// Why a record cannot be built, and what to mend.
#[derive(Clone, PartialEq, Eq)]
pub struct Problem {
    /// The element that has no value (`schoolReference`).
    pub element: &'static str,
    /// What is wrong, a lower-case fragment without student data.
    pub message: String,
    /// What to do.
    pub fix: String,
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Problem({})", self.element)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.element, self.message)
    }
}

impl<'a> Verdict<'a> {
    /// Nothing reports because of a rule alone.
    pub fn exclude(rule: &'static Rule) -> Self {
        Self::Exclude(Exclusion { rule, because: None })
    }

    /// The body, when a record reports.
    pub fn report(self) -> Option<Object<'a>> {
        match self {
            Self::Report(body) => Some(body),
            _ => None,
        }
    }
}

/// The `Err` side of rules that are built from smaller rules: they stop with `?` where nothing can report.
#[derive(Debug, Clone, PartialEq)]
pub enum Unreported {
    /// A rule says so.
    Exclude(Exclusion),
    /// Something has to be mended.
    Defect(Problem),
}

impl Unreported {
    /// Nothing reports because of a rule alone.
    pub fn rule(rule: &'static Rule) -> Self {
        Self::Exclude(Exclusion { rule, because: None })
    }

    /// Nothing reports because of a value in a row.
    pub fn because(rule: &'static Rule, because: ObjectKey) -> Self {
        Self::Exclude(Exclusion { rule, because: Some(because) })
    }

    /// Something has to be mended.
    pub fn defect(element: &'static str, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Defect(Problem { element, message: message.into(), fix: fix.into() })
    }
}

impl<'a> From<Result<Object<'a>, Unreported>> for Verdict<'a> {
    fn from(result: Result<Object<'a>, Unreported>) -> Self {
        match result {
            Ok(body) => Self::Report(body),
            Err(Unreported::Exclude(exclusion)) => Self::Exclude(exclusion),
            Err(Unreported::Defect(problem)) => Self::Defect(problem),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn object_keys_read_what_they_write() {
        for text in
            ["Roster:100001", "Section:2001-511", "Course:1001-2001", "Roster:-5", "Section:-5-511", "Section:5--11"]
        {
            assert_eq!(ObjectKey::parse(text).unwrap().to_string(), text);
        }
        for text in ["Roster", "Nothing:1", "Roster:x", "Roster:1-", "Roster:-", "Roster:", ""] {
            assert_eq!(ObjectKey::parse(text), None, "{text}");
        }
        assert_eq!(ObjectKey::NONE.to_string(), "");
    }
}
