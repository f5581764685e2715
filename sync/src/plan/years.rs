//! Which school year a record belongs to, and whether the configuration has it.

use std::collections::BTreeSet;

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

/// Whether a record that nothing reports any more belongs to a school year that is not configured, of those that ever were
/// (`sent`; none if nobody knows).
///
/// docs/readings.md, years that are not configured: by the school year in its key. A record whose key has none is of
/// another year when an object behind it reports there; or when its objects are gone, their table hangs on calendars, and
/// the key's date falls into a year of which the tables have no calendar: then they do not say that the objects are gone.
pub(super) fn of_another_year(
    key: &NaturalKey,
    behind: &[ObjectKey],
    resource: &dyn Resource,
    cx: &Context<'_>,
    sent: Option<&BTreeSet<i32>>,
) -> bool {
    if let Some(year) = named_year(key) {
        return !cx.in_scope(year);
    }
    let in_tables: BTreeSet<i32> = cx.snapshot.calendars.iter().map(|calendar| calendar.end_year).collect();
    let is_another = |year: i32| !cx.in_scope(year) && sent.is_none_or(|sent| sent.contains(&year));
    let others: Vec<i32> = in_tables.iter().copied().filter(|year| is_another(*year)).collect();
    let of_others = Context { years: &others, ..*cx };
    let reports = |object: &ObjectKey| {
        matches!(resource.verdict(&of_others, *object, &mut Sources::ignored()), Verdict::Report(_))
    };
    let unseen = |object: &ObjectKey| {
        let table = object.table().filter(|_| cx.snapshot.above(*object).is_empty());
        table.is_some_and(|table| {
            table.spec().columns.iter().any(|c| c.references == Some(TableName::Calendar) && !c.optional)
        })
    };
    let outside = dated_year(key).is_some_and(|year| is_another(year) && !in_tables.contains(&year));
    (!others.is_empty() && behind.iter().any(reports)) || (outside && !behind.is_empty() && behind.iter().all(unseen))
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
