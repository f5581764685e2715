//! One resource asked about one small district: what the row tests of the state crates share.

use super::{District, preferences};
use crate::preferences::{MappedCode, OptionSpec, Preferences};
use crate::registry::StateView;
use crate::resource::{Resource, ResourceSpec};

/// A district, its preferences, and a resource to ask.
#[derive(Clone)]
pub struct Case {
    pub(super) resource: &'static dyn Resource,
    pub(super) district: District,
    pub(super) preferences: Preferences,
    pub(super) years: Vec<i32>,
    /// Whose payload check every body has to pass.
    pub(super) state: Option<&'static StateView>,
}

impl Case {
    /// The small district, scope year 2025-26, with mappings `(mapping, local code, descriptor value)`.
    pub fn new(resource: &'static dyn Resource, mappings: &[(&str, &str, &str)]) -> Self {
        Self {
            resource,
            district: District::small(),
            preferences: preferences(mappings),
            years: vec![2026],
            state: None,
        }
    }

    /// The same in a state: every body has to pass its payload check, with its extension and its code lists.
    #[must_use]
    pub fn in_state(self, state: &'static StateView) -> Self {
        Self { state: Some(state), ..self }
    }

    /// The resource that is asked.
    pub fn spec(&self) -> &'static ResourceSpec {
        self.resource.spec()
    }

    /// The same district, asked about another resource.
    #[must_use]
    pub fn about(&self, resource: &'static dyn Resource) -> Self {
        Self { resource, ..self.clone() }
    }

    fn edit(self, change: impl FnOnce(District) -> District) -> Self {
        Self { district: change(self.district), ..self }
    }

    /// `Table:id.column` = value.
    #[must_use]
    pub fn set(self, cell: &str, value: &str) -> Self {
        self.edit(|district| district.set(cell, value))
    }

    /// One more row.
    #[must_use]
    pub fn with(self, table: &str, cells: &[(&str, &str)]) -> Self {
        self.edit(|district| district.with(table, cells))
    }

    /// One row less.
    #[must_use]
    pub fn without(self, row: &str) -> Self {
        self.edit(|district| district.without(row))
    }

    /// One more entry of a mapping, or another value of one.
    #[must_use]
    pub fn map(mut self, mapping: &str, local: &str, uri: &str) -> Self {
        let code = uri.rsplit_once('#').map_or(uri, |(_, code)| code).to_owned();
        self.preferences.map(mapping, local, MappedCode { uri: uri.to_owned(), code, name: None });
        self
    }

    /// An entry of a mapping that also names the session, or the program.
    #[must_use]
    pub fn name(mut self, mapping: &str, local: &str, uri: &str, name: &str) -> Self {
        let code = uri.rsplit_once('#').map_or(uri, |(_, code)| code).to_owned();
        let code = MappedCode { uri: uri.to_owned(), code, name: Some(name.to_owned()) };
        self.preferences.map(mapping, local, code);
        self
    }

    /// The district without any mapping.
    #[must_use]
    pub fn without_mappings(mut self) -> Self {
        self.preferences = Preferences::new();
        self
    }

    /// An option's value.
    #[must_use]
    pub fn option(mut self, option: &OptionSpec, value: &str) -> Self {
        self.preferences.set_option(option, value);
        self
    }

    /// Other scope years.
    #[must_use]
    pub fn years(mut self, years: &[i32]) -> Self {
        self.years = years.to_vec();
        self
    }

    /// The small district in another school year, which is the scope year then.
    #[must_use]
    pub fn in_year(self, end_year: i32) -> Self {
        self.edit(|district| district.in_year(end_year)).years(&[end_year])
    }

    /// A section of a course, placed in terms (placement ids from the section's).
    #[must_use]
    pub fn with_section(self, id: &str, course: &str, number: &str, terms: &[&str]) -> Self {
        let place = |district: District, term: &&str| district.with_placement(&format!("{id}{term}0"), id, term);
        self.edit(|district| terms.iter().fold(district.with_section(id, course, number), place))
    }

    /// [`District::with_placement`]
    #[must_use]
    pub fn with_placement(self, id: &str, section: &str, term: &str) -> Self {
        self.edit(|district| district.with_placement(id, section, term))
    }

    /// [`District::with_roster`]
    #[must_use]
    pub fn with_roster(self, id: &str, person: &str, section: &str, start: &str, end: &str) -> Self {
        self.edit(|district| district.with_roster(id, person, section, start, end))
    }

    /// [`District::with_roster_program`]
    #[must_use]
    pub fn with_roster_program(self, id: &str, roster: &str, name: &str, kind: &str) -> Self {
        self.edit(|district| district.with_roster_program(id, roster, name, kind))
    }

    /// [`District::with_enrollment`]
    #[must_use]
    pub fn with_enrollment(self, id: &str, person: &str, end: &str) -> Self {
        self.edit(|district| district.with_enrollment(id, person, end))
    }

    /// [`District::with_calendar`]
    #[must_use]
    pub fn with_calendar(self, id: &str, end_year: &str) -> Self {
        self.edit(|district| district.with_calendar(id, end_year))
    }

    /// [`District::with_term`]
    #[must_use]
    pub fn with_term(self, id: &str, schedule: &str, kind: &str, start: &str, end: &str) -> Self {
        self.edit(|district| district.with_term(id, schedule, kind, start, end))
    }

    /// [`District::with_day`]
    #[must_use]
    pub fn with_day(self, id: &str, calendar: &str, date: &str) -> Self {
        self.edit(|district| district.with_day(id, calendar, date))
    }

    /// [`District::with_score`]
    #[must_use]
    pub fn with_score(self, id: &str, section: &str, task: &str, term: &str, score: &str, date: &str) -> Self {
        self.edit(|district| district.with_score(id, section, task, term, score, date))
    }

    /// [`District::with_educator`]
    #[must_use]
    pub fn with_educator(self) -> Self {
        self.edit(District::with_educator)
    }

    /// [`District::with_staff_history`]
    #[must_use]
    pub fn with_staff_history(self, id: &str, person: &str, section: &str, start: &str, end: &str) -> Self {
        self.edit(|district| district.with_staff_history(id, person, section, start, end))
    }
}
