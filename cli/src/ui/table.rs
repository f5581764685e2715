//! Tables for people.

use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{CellAlignment, ContentArrangement};

/// A table that fits the terminal.
pub(crate) struct Table {
    table: comfy_table::Table,
}

impl Table {
    /// A table with a header. Columns whose name starts with `#` hold numbers, and are aligned right.
    pub(crate) fn new(header: &[&str]) -> Self {
        let mut table = comfy_table::Table::new();
        table.load_style(UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(header.iter().map(|name| name.trim_start_matches('#')));
        for (at, _) in header.iter().enumerate().filter(|(_, name)| name.starts_with('#')) {
            if let Some(column) = table.column_mut(at) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        Self { table }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.table.add_row(cells.into_iter().map(|cell| super::for_terminal(&cell).into_owned()));
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.table.fmt(f)
    }
}
