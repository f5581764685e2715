//! The error log as people read it: by cause, by whose records they are, and without student data.

mod causes;
mod digest;
mod planned;
mod scrub;
mod whose;

pub use causes::{Cause, causes};
pub use digest::digest;
pub use planned::planned;
pub(crate) use scrub::{Names, without_student_data};
pub use whose::{Asked, Whose};
