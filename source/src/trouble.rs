//! Findings about the rows of one file, with a limit on how often one kind of trouble is told.

use rollcall_core::finding::Finding;
use rollcall_core::tables::{CellProblem, Column};

/// So many findings of one kind in one column are told in full; the rest are counted.
const TOLD: usize = 20;
/// So many characters of a value or name are shown.
const SHOWN: usize = 40;

/// What can be wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A cell of a known column holds something else than its type.
    Cell(CellProblem),
    /// More or fewer fields than the header.
    Fields,
    /// Bytes that are not UTF-8.
    Encoding,
    /// A field above the size limit.
    Size,
    /// A quote that is never closed.
    Quote,
}

impl Kind {
    /// The trouble in a fragment that fits every row that has it.
    const fn what(self) -> &'static str {
        match self {
            Self::Cell(problem) => problem.expected(),
            Self::Fields => "another number of fields than the header",
            Self::Encoding => "not UTF-8 text",
            Self::Size => "a field longer than 1 MiB",
            Self::Quote => "a quotation mark is opened and never closed, so the rest of the file reads as this row",
        }
    }

    const fn fix(self) -> &'static str {
        match self {
            Self::Cell(CellProblem::Empty) => "fill in the value, or leave the row out of the export",
            Self::Cell(CellProblem::NotAnInteger) => "write digits only",
            Self::Cell(CellProblem::NotADate) => "write it as yyyy-MM-dd",
            Self::Cell(CellProblem::NotAFlag) => "write 0 or 1",
            Self::Cell(CellProblem::NotADecimal) => "write digits with a decimal point, such as 0.50",
            Self::Fields => "put values that contain a comma, a quotation mark or a line break in quotation marks",
            Self::Encoding => "save the file as UTF-8, or set source.encoding if all files are Windows-1252",
            Self::Size | Self::Quote => "close the quotation mark that opens in this row",
        }
    }
}

/// The troubles of one file.
pub(crate) struct Troubles<'f> {
    file: &'f str,
    findings: &'f mut Vec<Finding>,
    counts: Vec<(Kind, Option<String>, usize)>,
    rows: usize,
}

impl<'f> Troubles<'f> {
    pub(crate) const fn new(file: &'f str, findings: &'f mut Vec<Finding>) -> Self {
        Self { file, findings, counts: Vec::new(), rows: 0 }
    }

    /// Tells that a row is left out: in which column (by name, if in one) and, if it may be shown, for which value.
    pub(crate) fn row(&mut self, line: u64, kind: Kind, column: Option<&str>, value: Option<&str>) {
        self.rows += 1;
        let count = match self.counts.iter_mut().find(|(k, c, _)| *k == kind && c.as_deref() == column) {
            Some((.., count)) => count,
            None => &mut self.counts.push_mut((kind, column.map(str::to_owned), 0)).2,
        };
        *count += 1;
        if *count > TOLD {
            return;
        }
        let place = match column {
            Some(column) => format!("{} row {line}, column {}", self.file, shown(column)),
            None => format!("{} row {line}", self.file),
        };
        let what = match (kind, value) {
            (Kind::Cell(CellProblem::Empty), _) => kind.what().to_owned(),
            (Kind::Cell(_), Some(value)) => format!("\"{}\" is {}", shown(value), kind.what()),
            (Kind::Cell(_), None) => format!("the value is {}", kind.what()),
            _ => kind.what().to_owned(),
        };
        self.findings.push(Finding::error(place, format!("{what}; this row is left out"), kind.fix()));
    }

    /// Tells that a row has another number of fields than the header.
    pub(crate) fn fields(&mut self, line: u64, found: usize, expected: usize) {
        let before = self.findings.len();
        self.row(line, Kind::Fields, None, None);
        if let Some(finding) = self.findings.get_mut(before) {
            finding.message = format!("{found} fields where the header has {expected}; this row is left out");
        }
    }

    /// Counts what was not told, and returns how many rows were left out.
    pub(crate) fn finish(self) -> usize {
        for (kind, column, count) in self.counts.iter().filter(|(.., count)| *count > TOLD) {
            let place = match column {
                Some(column) => format!("{}, column {}", self.file, shown(column)),
                None => self.file.to_owned(),
            };
            let more = count - TOLD;
            let rows = if more == 1 { "row is" } else { "rows are" };
            self.findings.push(Finding::error(
                place,
                format!("{more} more {rows} left out for the same reason: {}", kind.what()),
                kind.fix(),
            ));
        }
        self.rows
    }
}

/// The value of a cell, if it may be shown.
pub(crate) fn showable<'v>(column: &Column, value: &'v str) -> Option<&'v str> {
    (!column.personal).then_some(value)
}

/// A text from the outside as a message may hold it: short, and without characters that act on a terminal.
pub(crate) fn shown(text: &str) -> String {
    let text = text.trim();
    let mut out = String::new();
    for c in text.chars().take(SHOWN) {
        let acts = c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        if acts { out.extend(c.escape_default()) } else { out.push(c) }
    }
    if text.chars().nth(SHOWN).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_text_is_short_and_tame() {
        assert_eq!(shown(" plain "), "plain");
        assert_eq!(shown("\u{1b}[31mred\u{202e}"), "\\u{1b}[31mred\\u{202e}");
        assert_eq!(shown(&"é".repeat(50)), format!("{}…", "é".repeat(40)));
    }

    #[test]
    fn one_kind_is_told_twenty_times_and_then_counted() {
        let mut findings = Vec::new();
        let mut troubles = Troubles::new("Roster.csv", &mut findings);
        for line in 2..30 {
            troubles.row(line, Kind::Cell(CellProblem::NotADate), Some("startDate"), Some("soon"));
        }
        troubles.fields(31, 3, 7);
        assert_eq!(troubles.finish(), 29);
        assert_eq!(findings.len(), 22);
        assert_eq!(
            findings[0].to_string(),
            "Roster.csv row 2, column startDate: \"soon\" is not a date (expected yyyy-MM-dd); this row is left out; \
             write it as yyyy-MM-dd"
        );
        assert_eq!(findings[20].message, "3 fields where the header has 7; this row is left out");
        assert_eq!(
            findings[21].message,
            "8 more rows are left out for the same reason: not a date (expected yyyy-MM-dd)"
        );
    }
}
