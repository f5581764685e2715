//! SIS tables as texts: no types, no checks, one map a row. What [`crate::document`] reads.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

/// One row: the text of each column.
#[derive(Debug, Clone, Default)]
pub struct Row(BTreeMap<String, String>);

impl Row {
    /// The text of a column; none when it is empty or not there.
    pub fn text(&self, column: &str) -> Option<&str> {
        self.0.get(column).map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    /// The text of a column that every row has.
    pub fn given(&self, column: &str) -> &str {
        self.text(column).unwrap_or_else(|| panic!("a row has no {column}"))
    }

    /// A whole number that every row has.
    pub fn number(&self, column: &str) -> i64 {
        self.given(column).parse().unwrap_or_else(|_| panic!("{column} is no number"))
    }

    /// A flag; null is no.
    pub fn flag(&self, column: &str) -> bool {
        self.text(column).is_some_and(|text| text == "1" || text.eq_ignore_ascii_case("true"))
    }

    /// A date as `yyyy-MM-dd`, without a time; such texts are in order when their dates are.
    pub fn date(&self, column: &str) -> Option<&str> {
        self.text(column).map(|text| &text[..10])
    }
}

type Index = HashMap<String, Vec<usize>>;

/// A folder of tables.
pub struct Tables {
    rows: BTreeMap<String, Vec<Row>>,
    indexes: RefCell<HashMap<(String, String), Index>>,
}

impl Tables {
    /// Reads every CSV file of a folder.
    pub fn read(folder: &Path) -> Self {
        let mut rows = BTreeMap::new();
        for entry in fs::read_dir(folder).expect("the tables are in a folder") {
            let path = entry.expect("the folder can be listed").path();
            if path.extension().is_none_or(|extension| extension != "csv") {
                continue;
            }
            let mut reader = csv::Reader::from_path(&path).expect("the file can be read");
            let table = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
            let of_file = reader.deserialize::<BTreeMap<String, String>>();
            rows.insert(table, of_file.map(|row| Row(row.expect("the tables are clean"))).collect());
        }
        Self { rows, indexes: RefCell::default() }
    }

    /// The rows of a table, in the file's order; none when there is no such file.
    pub fn all(&self, table: &str) -> &[Row] {
        self.rows.get(table).map(Vec::as_slice).unwrap_or_default()
    }

    /// The rows of a table by the number in a column.
    pub fn sorted(&self, table: &str, column: &str) -> Vec<&Row> {
        let mut rows: Vec<&Row> = self.all(table).iter().collect();
        rows.sort_by_key(|row| row.number(column));
        rows
    }

    /// The rows of a table with a value in a column, in the file's order.
    pub fn of(&self, table: &str, column: &str, value: &str) -> Vec<&Row> {
        let mut indexes = self.indexes.borrow_mut();
        let index = indexes.entry((table.to_owned(), column.to_owned())).or_insert_with(|| {
            let mut index = Index::new();
            for (at, row) in self.all(table).iter().enumerate() {
                index.entry(row.text(column).unwrap_or_default().to_owned()).or_default().push(at);
            }
            index
        });
        index.get(value).into_iter().flatten().map(|at| &self.all(table)[*at]).collect()
    }

    /// The first row with an id. Tables that the tests use have every row that another one names.
    pub fn one(&self, table: &str, column: &str, id: &str) -> &Row {
        let found = self.of(table, column, id);
        found.first().copied().unwrap_or_else(|| panic!("{table} has no row whose {column} is {id}"))
    }
}
