//! Where the SIS tables come from: readers that make a snapshot of them, and an invented district to try them on.
//!
//! [`read_snapshot`] reads a folder of CSV files, one file a table. What can't be read becomes a finding that names
//! file, row and column, and the rest goes on. [`sample::SampleDistrict`] writes such a folder.
//!
//! Values of personal columns appear in no finding and in no error.
#![warn(missing_docs)]

mod ahead;
mod csv_folder;
mod error;
mod header;
mod lines;
pub mod sample;
mod table_file;
mod text;
mod trouble;

pub use csv_folder::{CsvFolder, Reading, TableSummary, fingerprint, read_snapshot, read_snapshot_in};
pub use error::SourceError;
