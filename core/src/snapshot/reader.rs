//! Where a snapshot's tables come from.

use super::Loaded;
use crate::finding::Finding;
use crate::tables::Row;

/// What reads a source's tables: a folder of CSV files, a database.
pub trait TableReader {
    /// Reads one table whole. A row that can't be read is left out and becomes a finding; an optional table that is
    /// not there is empty.
    fn read<R: Row>(&mut self, findings: &mut Vec<Finding>) -> Loaded<R>;
}

/// A source without any rows.
pub(super) struct Nothing;

impl TableReader for Nothing {
    fn read<R: Row>(&mut self, _: &mut Vec<Finding>) -> Loaded<R> {
        Loaded::default()
    }
}
