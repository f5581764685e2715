//! What a table is: its columns as data, and the macro that makes a row type from them.

use super::cell::{CellError, Cells};
use super::name::TableName;

/// A table's name and columns.
#[derive(Debug)]
pub struct TableSpec {
    /// Name of the table, and of its file without `.csv`.
    pub name: &'static str,
    /// Whether a source may leave the table out (it is then empty).
    pub optional: bool,
    /// How rows are told apart.
    pub unique: Unique,
    /// Its columns, in the order of the row type's fields.
    pub columns: &'static [Column],
}

/// How the rows of a table are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unique {
    /// The first column is an id; a second row with the same id is a finding.
    Id,
    /// Rows have no id of their own; the first column groups them.
    No,
}

/// One column.
#[derive(Debug)]
pub struct Column {
    /// Name, as in the file's header.
    pub name: &'static str,
    /// Whether a file may leave the column out (every value is then null).
    pub optional: bool,
    /// The table whose id stands here.
    pub references: Option<TableName>,
    /// Holds or identifies a person: values never appear in a message.
    pub personal: bool,
}

/// A row of one table.
pub trait Row: Sized + Send + 'static {
    /// The table's name.
    const TABLE: TableName;

    /// The table.
    const SPEC: TableSpec;

    /// Reads a row; `cells` are in the order of the table's columns.
    fn read(cells: &impl Cells) -> Result<Self, CellError>;

    /// The id in the first column.
    fn id(&self) -> i64;

    /// The id that a referencing column holds, by position among the columns; none when it is null.
    fn reference(&self, column: usize) -> Option<i64>;
}

/// A value that may be a reference to another table's row.
pub(super) trait AsReference {
    fn as_reference(&self) -> Option<i64> {
        None
    }
}

impl AsReference for i64 {
    fn as_reference(&self) -> Option<i64> {
        Some(*self)
    }
}

impl AsReference for Option<i64> {
    fn as_reference(&self) -> Option<i64> {
        *self
    }
}

impl AsReference for i32 {}
impl AsReference for Option<i32> {}
impl AsReference for bool {}
impl AsReference for Option<bool> {}
impl AsReference for Box<str> {}
impl AsReference for Option<Box<str>> {}
impl AsReference for chrono::NaiveDate {}
impl AsReference for Option<chrono::NaiveDate> {}
impl AsReference for Option<rust_decimal::Decimal> {}

/// Makes a row type: `field: type = "column"`, then in brackets any of `optional` (a file may lack the column),
/// `personal` (values never appear in a message) and `-> Table` (a reference).
macro_rules! table {
    (
        $(#[$doc:meta])* $name:ident, $table:literal, $unique:ident, $optional:literal {
            $( $(#[$field_doc:meta])* $field:ident : $type:ty = $column:literal $([$($flag:tt)*])? ),+ $(,)?
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name {
            $( $(#[$field_doc])* #[doc = concat!("`", $table, ".", $column, "`")] pub $field: $type, )+
        }

        impl $crate::tables::Row for $name {
            const TABLE: $crate::tables::TableName = $crate::tables::TableName::$name;

            const SPEC: $crate::tables::TableSpec = $crate::tables::TableSpec {
                name: $table,
                optional: $optional,
                unique: $crate::tables::Unique::$unique,
                columns: &[ $( $crate::tables::row::column!($column $([$($flag)*])?) ),+ ],
            };

            fn read(cells: &impl $crate::tables::Cells) -> Result<Self, $crate::tables::CellError> {
                let mut at = 0..;
                Ok(Self {
                    $( $field: {
                        let column = at.next().unwrap_or_default();
                        <$type as $crate::tables::FromCell>::from_cell(cells.cell(column))
                            .map_err(|problem| $crate::tables::CellError { column, problem })?
                    }, )+
                })
            }

            fn id(&self) -> i64 {
                $crate::tables::row::first_id!(self, $($field),+)
            }

            fn reference(&self, column: usize) -> Option<i64> {
                use $crate::tables::row::AsReference as _;
                let mut at = 0..;
                $( if at.next() == Some(column) { return self.$field.as_reference(); } )+
                None
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!($table, "(…)"))
            }
        }
    };
}

macro_rules! column {
    ($column:literal) => { $crate::tables::row::column!(@ $column, false, None, false,) };
    ($column:literal [$($flag:tt)*]) => { $crate::tables::row::column!(@ $column, false, None, false, $($flag)*) };
    (@ $column:literal, $optional:literal, $references:expr, $personal:literal, optional $($rest:tt)*) => {
        $crate::tables::row::column!(@ $column, true, $references, $personal, $($rest)*)
    };
    (@ $column:literal, $optional:literal, $references:expr, $personal:literal, personal $($rest:tt)*) => {
        $crate::tables::row::column!(@ $column, $optional, $references, true, $($rest)*)
    };
    (@ $column:literal, $optional:literal, $references:expr, $personal:literal, -> $target:ident $($rest:tt)*) => {
        $crate::tables::row::column!(@ $column, $optional, Some($crate::tables::TableName::$target), $personal, $($rest)*)
    };
    (@ $column:literal, $optional:literal, $references:expr, $personal:literal,) => {
        $crate::tables::Column {
            name: $column, optional: $optional, references: $references, personal: $personal,
        }
    };
}

macro_rules! first_id {
    ($self:ident, $first:ident $(, $rest:ident)*) => {
        i64::from($self.$first)
    };
}

pub(super) use {column, first_id, table};
