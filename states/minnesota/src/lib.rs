//! Minnesota: only what Minnesota changes.
//!
//! Source documents: the certification scenarios and the data reporting page of the Minnesota Common Course Catalog
//! (MCCC) in the MDE Ed-Fi documentation, its descriptor tables, its JSON examples, and the MDE ODS extensions; what
//! they leave open is decided in docs/readings.md. The server's extension is `mn`, its descriptor namespaces are
//! `uri://education.mn.gov/…`. Courses are the district's own records; the state's stand beside them, at the state
//! education agency. Students and their schools are the standard's.
#![warn(missing_docs)]

pub mod course_offerings;
pub mod courses;
pub mod descriptors;
pub mod extensions;
pub mod preferences;
pub mod rules;
pub mod sections;
pub mod sessions;
pub mod state;
pub mod student_section_associations;
