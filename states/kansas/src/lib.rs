//! Kansas: only what Kansas changes.
//!
//! Source documents: `KS Ed-Fi Suite v3.6.2: Student Section Associations` and `Course Offerings (Kansas v3.6)`, and, as far
//! as it is public, `Section Educators (Kansas v3.6)`. The server's extension is `ks`, its descriptor namespaces are `uri://ksde.org/…`; courses, schools and the district are
//! the state's own records.
#![warn(missing_docs)]

pub mod course_offerings;
pub mod descriptors;
pub mod extensions;
pub mod preferences;
pub mod rules;
pub mod section_educators;
pub mod sections;
pub mod state;
pub mod student_school_associations;
pub mod student_section_associations;
