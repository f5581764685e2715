//! Reading one value of a row.

use chrono::NaiveDate;
use rust_decimal::Decimal;

/// The cells of one row, in the order of the table's columns.
pub trait Cells {
    /// The text of a cell; empty when the file has no such column.
    fn cell(&self, column: usize) -> &str;
}

impl Cells for [&str] {
    fn cell(&self, column: usize) -> &str {
        self.get(column).copied().unwrap_or_default()
    }
}

/// A cell that could not be read: which, and why. Holds no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellError {
    /// Position among the table's columns.
    pub column: usize,
    /// What is wrong.
    pub problem: CellProblem,
}

/// What can be wrong with one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellProblem {
    /// A value is needed.
    Empty,
    /// Not a whole number (or too large for one).
    NotAnInteger,
    /// Not a date `yyyy-MM-dd`.
    NotADate,
    /// Not 0 or 1.
    NotAFlag,
    /// Not a decimal number.
    NotADecimal,
}

impl CellProblem {
    /// What the cell should hold, for messages: `… is not {expected}`.
    pub const fn expected(self) -> &'static str {
        match self {
            Self::Empty => "empty (a value is required)",
            Self::NotAnInteger => "not a whole number",
            Self::NotADate => "not a date (expected yyyy-MM-dd)",
            Self::NotAFlag => "not a flag (expected 0 or 1)",
            Self::NotADecimal => "not a decimal number",
        }
    }
}

/// A type that can stand in a cell.
pub trait FromCell: Sized {
    /// Reads the text of a cell.
    fn from_cell(text: &str) -> Result<Self, CellProblem>;
}

impl FromCell for i64 {
    fn from_cell(text: &str) -> Result<Self, CellProblem> {
        match text.trim() {
            "" => Err(CellProblem::Empty),
            text => text.parse().map_err(|_| CellProblem::NotAnInteger),
        }
    }
}

impl FromCell for i32 {
    fn from_cell(text: &str) -> Result<Self, CellProblem> {
        match text.trim() {
            "" => Err(CellProblem::Empty),
            text => text.parse().map_err(|_| CellProblem::NotAnInteger),
        }
    }
}

/// A null flag is false, as in the SIS (`ISNULL(noShow, 0) = 0`).
impl FromCell for bool {
    fn from_cell(text: &str) -> Result<Self, CellProblem> {
        match text.trim() {
            "" | "0" => Ok(false),
            "1" => Ok(true),
            text if text.eq_ignore_ascii_case("false") => Ok(false),
            text if text.eq_ignore_ascii_case("true") => Ok(true),
            _ => Err(CellProblem::NotAFlag),
        }
    }
}

impl FromCell for Box<str> {
    fn from_cell(text: &str) -> Result<Self, CellProblem> {
        match text.trim() {
            "" => Err(CellProblem::Empty),
            text => Ok(text.into()),
        }
    }
}

/// `yyyy-MM-dd`; a time of midnight after it, as databases export it, is allowed.
impl FromCell for NaiveDate {
    fn from_cell(text: &str) -> Result<Self, CellProblem> {
        let text = text.trim();
        if text.is_empty() {
            return Err(CellProblem::Empty);
        }
        let bytes = text.as_bytes();
        let number = |range: std::ops::Range<usize>| {
            let digits = bytes.get(range)?;
            digits.iter().try_fold(0_u32, |sum, b| b.is_ascii_digit().then(|| sum * 10 + u32::from(b - b'0')))
        };
        let midnight = matches!(bytes.get(10..), Some([] | [b' ' | b'T', ..]))
            && bytes.get(11..).unwrap_or_default().iter().all(|b| matches!(b, b'0' | b':' | b'.'));
        let dashes = bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-');
        match (number(0..4), number(5..7), number(8..10)) {
            (Some(year), Some(month), Some(day)) if midnight && dashes => {
                i32::try_from(year).ok().and_then(|year| Self::from_ymd_opt(year, month, day))
            }
            _ => None,
        }
        .ok_or(CellProblem::NotADate)
    }
}

impl FromCell for Decimal {
    fn from_cell(text: &str) -> Result<Self, CellProblem> {
        match text.trim() {
            "" => Err(CellProblem::Empty),
            text => text.parse().map_err(|_| CellProblem::NotADecimal),
        }
    }
}

impl<T: FromCell> FromCell for Option<T> {
    fn from_cell(text: &str) -> Result<Self, CellProblem> {
        if text.trim().is_empty() { Ok(None) } else { T::from_cell(text).map(Some) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_iso_with_an_optional_midnight() {
        let date = NaiveDate::from_ymd_opt(2022, 2, 28);
        for good in ["2022-02-28", " 2022-02-28 ", "2022-02-28 00:00:00", "2022-02-28T00:00:00.000"] {
            assert_eq!(NaiveDate::from_cell(good).ok(), date, "{good}");
        }
        for bad in ["02/28/2022", "2022-02-29", "2022-2-28", "2022-02-28 08:30:00", "2022-02-281", "soon"] {
            assert_eq!(NaiveDate::from_cell(bad), Err(CellProblem::NotADate), "{bad}");
        }
    }

    #[test]
    fn empty_is_null_and_a_null_flag_is_false() {
        assert_eq!(Option::<i64>::from_cell(" "), Ok(None));
        assert_eq!(i64::from_cell(""), Err(CellProblem::Empty));
        assert_eq!(bool::from_cell(""), Ok(false));
        assert_eq!(bool::from_cell("yes"), Err(CellProblem::NotAFlag));
    }
}
