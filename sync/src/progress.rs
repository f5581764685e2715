//! How far a run is. The CLI draws it; tests look the other way.

use crate::plan::Action;

/// Is told how far a run is.
pub trait Progress: Send + Sync {
    /// Requests of one resource begin.
    fn begin(&self, resource: &str, action: Action, total: usize);
    /// One of them is done, one way or the other.
    fn advance(&self);
    /// They are all done.
    fn end(&self);
}

/// Shows nothing.
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &str, _: Action, _: usize) {}
    fn advance(&self) {}
    fn end(&self) {}
}
