//! The text of a value, as it stands in a column.

use chrono::{Datelike as _, NaiveDate};

/// A value that can stand in a column.
pub trait SourceText {
    /// Appends the value's text; nothing for null.
    fn feed(&self, bytes: &mut Vec<u8>);
}

impl SourceText for i64 {
    fn feed(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(itoa::Buffer::new().format(*self).as_bytes());
    }
}

impl SourceText for i32 {
    fn feed(&self, bytes: &mut Vec<u8>) {
        i64::from(*self).feed(bytes);
    }
}

impl SourceText for bool {
    fn feed(&self, bytes: &mut Vec<u8>) {
        bytes.push(if *self { b'1' } else { b'0' });
    }
}

impl SourceText for NaiveDate {
    fn feed(&self, bytes: &mut Vec<u8>) {
        // A year that has not four digits is in no table: cells have four.
        bytes.extend_from_slice(&plain_date(*self).unwrap_or(*b"0000-00-00"));
    }
}

/// `yyyy-MM-dd`, without the formatting machinery; none for a year that has not four digits.
pub(crate) fn plain_date(date: NaiveDate) -> Option<[u8; 10]> {
    let year = u32::try_from(date.year()).ok().filter(|year| *year <= 9999)?;
    let (month, day) = (date.month(), date.day());
    let digit = |n: u32| b'0' + u8::try_from(n % 10).unwrap_or_default();
    let [a, b, c, d] = [digit(year / 1000), digit(year / 100), digit(year / 10), digit(year)];
    Some([a, b, c, d, b'-', digit(month / 10), digit(month), b'-', digit(day / 10), digit(day)])
}

impl SourceText for &str {
    fn feed(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(self.as_bytes());
    }
}

impl<T: SourceText> SourceText for Option<T> {
    fn feed(&self, bytes: &mut Vec<u8>) {
        if let Some(value) = self {
            value.feed(bytes);
        }
    }
}
