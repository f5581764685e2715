//! Wisconsin: only what Wisconsin changes.
//!
//! Source document: `WI DPI WISEdata Ed-Fi Docs, /studentSectionAssociation`; its pages for course offerings and
//! sections and the vendor's rule for the same resource stand in docs/readings.md. The server's extension is `wi`, its
//! descriptor namespaces are `uri://dpi.wi.gov/…`; districts, schools, courses, staff and programs are the state's own
//! records, and all of them that belong to a district carry the district's id. Sessions, students and their schools
//! are the standard's.
#![warn(missing_docs)]

pub mod attempt_status;
pub mod course_offerings;
pub mod descriptors;
pub mod eligibility;
pub mod extensions;
pub mod preferences;
pub mod programs;
pub mod rules;
pub mod sections;
pub mod state;
pub mod stays;
pub mod student_section_associations;
