//! What the tests of the whole work with: the built `rollcall` program, a sandbox process, a client of its API, a
//! reading of the source documents that shares no code with the rules, and the tables that they are tried on.
//!
//! The test programs stand in `tests/`. `end_to_end` and `expectations` can be pointed at another district:
//! `ROLLCALL_TEST_TABLES` names its folder of CSV files and `ROLLCALL_TEST_CONFIG` a configuration with its mappings.
#![warn(missing_docs)]

pub mod compare;
pub mod document;
pub mod ledger;
pub mod ods;
pub mod place;
pub mod privacy;
pub mod program;
pub mod sample;
pub mod says;
pub mod served;
pub mod small;
pub mod tables;
pub mod tiny;
pub mod workspace;
