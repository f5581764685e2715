//! Whether a record that nobody knows belongs to the school years of the configuration.

use chrono::NaiveDate;
use rollcall_core::model::NaturalKey;

/// By the school year or a date in the key; a key that has neither could be of any year, and is of none here: what nobody
/// knows is deleted only when it is surely in scope.
pub(super) fn of_years(key: &NaturalKey, years: &[i32]) -> bool {
    if let Some(year) = key.part("schoolYear") {
        return year.parse().is_ok_and(|year: i32| years.contains(&year));
    }
    let date = key.parts().iter().find_map(|(_, value)| value.parse::<NaiveDate>().ok());
    date.is_some_and(|date| years.iter().any(|year| contains(*year, date)))
}

/// docs/readings.md, school year: 07/01 of the start year to 06/30 of the end year.
fn contains(year: i32, date: NaiveDate) -> bool {
    let first = NaiveDate::from_ymd_opt(year - 1, 7, 1);
    let last = NaiveDate::from_ymd_opt(year, 6, 30);
    first.is_some_and(|first| first <= date) && last.is_some_and(|last| date <= last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(parts: &[(&str, &str)]) -> NaturalKey {
        NaturalKey::parse("sections", &serde_json::to_string(parts).unwrap()).unwrap()
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
