//! Web pages that come in the place of the API's answers: about everything, or about single records. Pure: the time comes from
//! the caller.
//!
//! What stands in front of the API shows a page to everybody while the API is away, and to a single record that it dislikes,
//! however often that comes. The second is proven when the API has just answered and the page comes to the record again. From
//! then on a page is about its record as long as the API answers. It need not be asked for each record, only after a few.

use std::time::Duration;

use tokio::time::Instant;

/// So long after an answer of the API, and of so many records, a page is believed to be about the record. When it goes away in
/// that time, no more than these are refused.
const BELIEVED: (Duration, u32) = (Duration::from_secs(5), 8);
/// So many records in a row, without one that is served, are not each disliked for what they hold, whatever the API answers
/// when it is asked: it is away for records. Above what a sync sends again that was refused at the one before.
const MANY: u32 = 500;

/// What is known of pages.
#[derive(Debug, Default)]
pub(crate) struct Blocked {
    /// Whether a page was about its record, and the API has not been away since.
    proven: bool,
    /// When the API answered last, as far as was looked; and the records that were refused since.
    answered: Option<Instant>,
    refused: u32,
    /// Records that were refused since one was served.
    in_a_row: u32,
}

/// What a page is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    Record,
    /// The record, if the API still answers.
    Doubtful,
    /// The server may be away.
    Server,
}

impl Blocked {
    /// What a page is about; `trial`: it came to a record that went alone, just after the API had answered.
    pub(crate) fn about(&self, now: Instant, trial: bool) -> About {
        let (time, records) = BELIEVED;
        let lately = self.answered.is_some_and(|at| now.saturating_duration_since(at) < time);
        if self.in_a_row >= MANY {
            About::Server
        } else if trial || (self.proven && lately && self.refused < records) {
            About::Record
        } else if self.proven {
            About::Doubtful
        } else {
            About::Server
        }
    }

    /// Notes that the API answered when it was asked.
    pub(crate) fn answered(&mut self, now: Instant) {
        (self.answered, self.refused) = (Some(now), 0);
    }

    /// Notes that a record was served.
    pub(crate) fn served(&mut self, now: Instant) {
        self.answered(now);
        self.in_a_row = 0;
    }

    /// Notes that a record was refused for a page.
    pub(crate) fn refused(&mut self, trial: bool) {
        self.proven |= trial;
        self.refused = self.refused.saturating_add(1);
        self.in_a_row = self.in_a_row.saturating_add(1);
    }

    /// Notes that the API does not answer: what it shows from here on is to be proven anew.
    pub(crate) fn away(&mut self) {
        self.proven = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_page_is_about_its_record_for_some_time_and_some_records_after_an_answer() {
        let mut blocked = Blocked::default();
        let about = |blocked: &Blocked| blocked.about(Instant::now(), false);
        blocked.answered(Instant::now());
        assert_eq!(about(&blocked), About::Server, "nothing is proven");
        assert_eq!(blocked.about(Instant::now(), true), About::Record);
        blocked.refused(true);
        for _ in 1..8 {
            assert_eq!(about(&blocked), About::Record);
            blocked.refused(false);
        }
        assert_eq!(about(&blocked), About::Doubtful, "a few were refused");
        blocked.answered(Instant::now());
        tokio::time::advance(Duration::from_millis(4_999)).await;
        assert_eq!(about(&blocked), About::Record);
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(about(&blocked), About::Doubtful, "some time has passed");
        blocked.served(Instant::now());
        assert_eq!(about(&blocked), About::Record);
        blocked.away();
        assert_eq!(about(&blocked), About::Server);
    }

    #[tokio::test(start_paused = true)]
    async fn many_records_without_one_that_is_served_are_no_matter_of_single_ones() {
        let mut blocked = Blocked::default();
        for _ in 0..500 {
            blocked.answered(Instant::now());
            assert_eq!(blocked.about(Instant::now(), true), About::Record);
            blocked.refused(true);
        }
        blocked.answered(Instant::now());
        assert_eq!([true, false].map(|trial| blocked.about(Instant::now(), trial)), [About::Server, About::Server]);
        blocked.served(Instant::now());
        assert_eq!(blocked.about(Instant::now(), false), About::Record);
    }
}
