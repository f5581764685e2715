//! The trigger tables of the source documents, row by row, as a district meets them: SIS tables in CSV files, the
//! `rollcall` program, and the state's API over HTTP.
//!
//! Each test is named after its row, and docs/coverage/ names it as `row: …`. It starts with a small district that is in
//! step, makes the row's edit in the tables or in rollcall.toml, runs the program, and says by the row's words which
//! requests have to reach the ODS and what it has to hold then. `school_years` and `several_objects` do the same for what
//! the documents say of years, and of several SIS objects behind one record.
#![cfg(all(feature = "kansas", feature = "wisconsin", feature = "core-edfi"))]

mod core_sessions;
mod core_student_cte_program_associations;
mod district;
mod kansas;
mod kansas_course_offerings;
mod kansas_section_educators;
mod kansas_student_section_associations;
mod rows;
mod school_years;
mod several_objects;
mod wisconsin_student_section_association;
