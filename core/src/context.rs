//! What a rule sees.

use crate::preferences::Preferences;
use crate::snapshot::Snapshot;

/// The SIS, the preferences and the scope years: all that a rule may look at.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The SIS tables.
    pub snapshot: &'a Snapshot,
    /// The connection's preferences.
    pub preferences: &'a Preferences,
    /// The configured school years, by end year.
    pub years: &'a [i32],
}

impl Context<'_> {
    /// Whether a school year (by end year) is configured.
    pub fn in_scope(&self, end_year: i32) -> bool {
        self.years.contains(&end_year)
    }
}
