//! The error log as people read it: by cause, by whose records they are, and without student data.

mod causes;
mod scrub;
mod whose;

pub use causes::{Cause, causes};
pub use scrub::without_student_data;
pub use whose::{Asked, Whose};
