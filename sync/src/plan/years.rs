//! Which school year a record belongs to, and whether the configuration has it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{Datelike as _, NaiveDate};
use rollcall_core::context::Context;
use rollcall_core::model::NaturalKey;
use rollcall_core::resource::Resource;
use rollcall_core::sources::Sources;
use rollcall_core::tables::TableName;
use rollcall_core::verdict::{ObjectKey, Verdict};

/// By the school year or a date in the key; a key that has neither could be of any year, and is of none here: what nobody
/// knows is deleted only when it is surely in scope.
pub(super) fn of_years(key: &NaturalKey, years: &[i32]) -> bool {
    named_year(key).or_else(|| dated_year(key)).is_some_and(|year| years.contains(&year))
}

/// The school years that the configuration has, that once were sent, and that the tables show.
pub(super) struct Years<'a> {
    resource: &'static dyn Resource,
    cx: &'a Context<'a>,
    /// Those for which something can have been sent; none if nobody knows.
    sent: Option<BTreeSet<i32>>,
    /// Those that have a calendar.
    in_tables: BTreeSet<i32>,
    /// What the tables have of a year without a calendar, once it was asked for.
    without_calendar: BTreeMap<i32, Rest>,
}

/// What the tables have of a year of which they have no calendar.
struct Rest {
    /// The resource's objects in it.
    objects: HashSet<ObjectKey>,
    /// Whether one of them is neither in a later year nor in a configured one.
    any_alone: bool,
}

impl<'a> Years<'a> {
    pub(super) fn new(resource: &'static dyn Resource, cx: &'a Context<'a>, sent: Option<BTreeSet<i32>>) -> Self {
        let in_tables = cx.snapshot.calendars.iter().map(|calendar| calendar.end_year).collect();
        Self { resource, cx, sent, in_tables, without_calendar: BTreeMap::new() }
    }

    /// Whether a record that nothing reports any more belongs to a school year that is not configured, of those that ever
    /// were.
    ///
    /// docs/readings.md, years that are not configured: by the school year in its key. A record whose key has none is of
    /// another year when an object behind it reports there; or when it can have been sent for a year of which the tables
    /// have no calendar, and they do not say that its objects are gone.
    pub(super) fn is_of_another(&mut self, key: &NaturalKey, behind: &[ObjectKey]) -> bool {
        if let Some(year) = named_year(key) {
            return !self.cx.in_scope(year);
        }
        let others: Vec<i32> = self.in_tables.iter().copied().filter(|year| self.is_another(*year)).collect();
        let of_others = Context { years: &others, ..*self.cx };
        let reports = |object: &ObjectKey| {
            matches!(self.resource.verdict(&of_others, *object, &mut Sources::ignored()), Verdict::Report(_))
        };
        if !others.is_empty() && behind.iter().any(reports) {
            return true;
        }
        !behind.is_empty()
            && self.unseen_years(key).into_iter().any(|year| behind.iter().all(|object| self.is_unseen(*object, year)))
    }

    /// The years for which a record can have been sent, though the tables have no calendar of them: that of the date in its
    /// key, and those that follow it until the first one that is configured; without a date (a course), any.
    fn unseen_years(&self, key: &NaturalKey) -> Vec<i32> {
        let configured = self.cx.years.iter().min().copied();
        let years: Vec<i32> = match (dated_year(key), &self.sent) {
            (Some(first), _) if self.cx.in_scope(first) => Vec::new(),
            (Some(first), _) => (first..configured.unwrap_or(first).max(first + 1)).collect(),
            (None, Some(sent)) => sent.iter().copied().collect(),
            (None, None) => configured.map(|first| first - 1).into_iter().collect(),
        };
        let unseen = |year: &i32| self.is_another(*year) && !self.in_tables.contains(year);
        years.into_iter().filter(unseen).collect()
    }

    fn is_another(&self, year: i32) -> bool {
        !self.cx.in_scope(year) && self.sent.as_ref().is_none_or(|sent| sent.contains(&year))
    }

    /// Whether the tables, which have no calendar of a year, leave open what became of an object in it.
    ///
    /// A row that hangs on a calendar left the tables with it. One that need not (a participation, which has dates) may
    /// still be there: then it is of the year as long as it overlaps it, for whether it reported there (the student's
    /// enrollment) is not told any more. When it is not there, it is gone if the table still has rows that ended in that
    /// year, and else left with them: a table that was cut with the year has none.
    fn is_unseen(&mut self, object: ObjectKey, year: i32) -> bool {
        let hangs_on_calendars =
            |table: TableName| table.spec().columns.iter().any(|column| column.references == Some(TableName::Calendar));
        if !object.table().is_some_and(hangs_on_calendars) {
            return false;
        }
        let is_there = !self.cx.snapshot.above(object).is_empty();
        let (resource, cx) = (self.resource, self.cx);
        let rest = self.without_calendar.entry(year).or_insert_with(|| Rest::of(resource, cx, year));
        if is_there { rest.objects.contains(&object) } else { !rest.any_alone }
    }
}

impl Rest {
    fn of(resource: &dyn Resource, cx: &Context<'_>, year: i32) -> Self {
        let mut objects = HashSet::new();
        resource.objects(&Context { years: &[year], ..*cx }, &mut |object| {
            objects.insert(object);
        });
        let later = year + 1..=cx.years.iter().max().copied().unwrap_or(year);
        let others: BTreeSet<i32> = cx.years.iter().copied().chain(later).collect();
        let others: Vec<i32> = others.into_iter().collect();
        let mut shared = HashSet::new();
        resource.objects(&Context { years: &others, ..*cx }, &mut |object| {
            shared.insert(object);
        });
        let any_alone = objects.iter().any(|object| !shared.contains(object));
        Self { objects, any_alone }
    }
}

fn named_year(key: &NaturalKey) -> Option<i32> {
    key.part("schoolYear")?.parse().ok()
}

/// docs/readings.md, school year: 07/01 of the start year to 06/30 of the end year.
fn dated_year(key: &NaturalKey) -> Option<i32> {
    let date = key.values().find_map(|value| value.parse::<NaiveDate>().ok())?;
    Some(date.year() + i32::from(date.month() >= 7))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rollcall_core::model::KeyNames;

    use super::*;

    fn key(parts: &[(&str, &str)]) -> NaturalKey {
        let (names, values): (Vec<_>, Vec<_>) = parts.iter().map(|(name, value)| ((*name).to_owned(), *value)).unzip();
        NaturalKey::from_values(&Arc::new(KeyNames::new("sections".to_owned(), names)), &values).unwrap()
    }

    #[test]
    fn a_key_belongs_to_the_year_that_it_names_or_that_its_date_falls_into() {
        assert!(of_years(&key(&[("schoolYear", "2026")]), &[2025, 2026]));
        assert!(!of_years(&key(&[("schoolYear", "2024"), ("beginDate", "2026-01-01")]), &[2025, 2026]));
        assert!(of_years(&key(&[("entryDate", "2025-07-01")]), &[2026]));
        assert!(!of_years(&key(&[("entryDate", "2025-06-30")]), &[2026]));
        assert!(!of_years(&key(&[("studentUniqueId", "1")]), &[2026]));
    }
}
