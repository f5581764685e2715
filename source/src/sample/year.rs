//! The days and terms of a school year.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// The dates that a district decides on once a year.
#[derive(Debug, Clone)]
pub(super) struct Year {
    /// The year in which it ends.
    pub(super) ends: i32,
    /// First day of school, in August.
    pub(super) first: NaiveDate,
    /// Last day of the fall term.
    pub(super) fall_end: NaiveDate,
    /// First day of the spring term.
    pub(super) spring_start: NaiveDate,
    /// Last day of school, in May.
    pub(super) last: NaiveDate,
}

/// A term's first and last day.
pub(super) type Span = (NaiveDate, NaiveDate);

impl Year {
    pub(super) fn new(end_year: i32) -> Self {
        let fall = end_year - 1;
        Self {
            ends: end_year,
            first: on_or_after(day(fall, 8, 11), Weekday::Thu),
            fall_end: on_or_after(day(fall, 12, 15), Weekday::Fri),
            spring_start: on_or_after(day(end_year, 1, 8), Weekday::Mon),
            last: on_or_after(day(end_year, 5, 18), Weekday::Thu),
        }
    }

    pub(super) const fn fall(&self) -> Span {
        (self.first, self.fall_end)
    }

    pub(super) const fn spring(&self) -> Span {
        (self.spring_start, self.last)
    }

    pub(super) const fn whole(&self) -> Span {
        (self.first, self.last)
    }

    /// The days between the fall and the spring term.
    pub(super) fn intersession(&self) -> Span {
        (day(self.ends, 1, 2), self.spring_start - Days::new(1))
    }

    /// June.
    pub(super) fn summer(&self) -> Span {
        (day(self.ends, 6, 1), day(self.ends, 6, 26))
    }

    pub(super) fn quarters(&self) -> [Span; 4] {
        let first_end = on_or_after(day(self.ends - 1, 10, 8), Weekday::Fri);
        let third_end = on_or_after(day(self.ends, 3, 6), Weekday::Fri);
        [
            (self.first, first_end),
            (first_end + Days::new(3), self.fall_end),
            (self.spring_start, third_end),
            (third_end + Days::new(3), self.last),
        ]
    }

    /// Every weekday of a span: the date, whether school is held, whether there are lessons. `snow` days were lost.
    pub(super) fn days(&self, span: Span, snow: &[NaiveDate]) -> Vec<(NaiveDate, bool, bool)> {
        let (closed, conferences) = (self.closed(), self.conferences());
        span.0
            .iter_days()
            .take_while(|date| *date <= span.1)
            .filter(|date| !matches!(date.weekday(), Weekday::Sat | Weekday::Sun))
            .map(|date| {
                let winter = date > self.fall_end && date < self.spring_start;
                let open = !winter && !closed.contains(&date) && !snow.contains(&date);
                (date, open, open && !conferences.contains(&date))
            })
            .collect()
    }

    /// Holidays and spring break.
    fn closed(&self) -> Vec<NaiveDate> {
        let fall = self.ends - 1;
        let labor = on_or_after(day(fall, 9, 1), Weekday::Mon);
        let thanks = on_or_after(day(fall, 11, 22), Weekday::Thu);
        let king = on_or_after(day(self.ends, 1, 15), Weekday::Mon);
        let presidents = on_or_after(day(self.ends, 2, 15), Weekday::Mon);
        let spring = on_or_after(day(self.ends, 3, 15), Weekday::Mon);
        let mut days = vec![labor, thanks - Days::new(1), thanks, thanks + Days::new(1), king, presidents];
        days.extend((0..5).map(|n| spring + Days::new(n)));
        days
    }

    /// School days without lessons.
    fn conferences(&self) -> [NaiveDate; 2] {
        [on_or_after(day(self.ends - 1, 10, 22), Weekday::Thu), on_or_after(day(self.ends, 2, 8), Weekday::Fri)]
    }
}

/// A date that is known to exist.
pub(super) fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

fn on_or_after(date: NaiveDate, weekday: Weekday) -> NaiveDate {
    date.iter_days().find(|d| d.weekday() == weekday).unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_follow_each_other_within_the_year() {
        for end_year in 2000..2060 {
            let year = Year::new(end_year);
            let [a, b, c, d] = year.quarters();
            let dates = [a.0, a.1, b.0, b.1, year.intersession().0, year.intersession().1, c.0, c.1, d.0, d.1];
            assert!(dates.is_sorted(), "{end_year}");
            let lessons = year.days(year.whole(), &[]).iter().filter(|(.., lessons)| *lessons).count();
            assert!((160..185).contains(&lessons), "{end_year}: {lessons}");
        }
    }
}
