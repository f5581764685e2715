//! The resources as the Ed-Fi Data Standard 4.0 itself defines them, and what every state shares.
//!
//! Each resource is a file of its own: elements as data, and one pure function. A state's crate takes a resource as it
//! stands, or writes its own under the same file name and calls this one's functions. With the feature `state` the
//! crate also registers the state `ed-fi`: a district that reports to a plain Ed-Fi API.
#![warn(missing_docs)]

pub mod course_offerings;
pub mod courses;
pub mod descriptors;
pub mod education_organizations;
pub mod kept_back;
pub mod preferences;
pub mod programs;
pub mod rules;
pub mod sections;
pub mod sessions;
pub mod state;
pub mod student_cte_program_associations;
pub mod student_school_associations;
pub mod student_section_associations;
pub mod students;
pub mod triggers;
