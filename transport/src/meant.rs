//! Who is meant by a server that asks for a long wait: all requests, or one. Pure.
//!
//! A quota that is used up is so for every request. Something in front of the API may ask the same of one request, whatever it
//! holds; were it believed at once, one record would stop a whole run.

use std::time::Duration;

/// Longer waits than this are believed to be about all only when others are asked for them too.
const BRIEF: Duration = Duration::from_secs(5);
/// So many requests, one after the other and with none served between them, are asked for a long wait before all are meant.
const BELIEVED: usize = 3;

/// The long waits that were asked for since a request was served.
#[derive(Debug, Default)]
pub(crate) struct LongWaits {
    /// Which requests were asked, each once.
    requests: Vec<u64>,
    /// How many the server had served then.
    served: u64,
}

impl LongWaits {
    /// Notes that the server, which has `served` so many, asks a request for a wait; whether the wait is about that request
    /// alone, as far as is known.
    pub(crate) fn is_about_one(&mut self, request: u64, wait: Duration, served: u64) -> bool {
        if wait <= BRIEF {
            return false;
        }
        if self.served != served {
            (self.requests, self.served) = (Vec::new(), served);
        }
        if self.requests.len() < BELIEVED && !self.requests.contains(&request) {
            self.requests.push(request);
        }
        self.requests.len() < BELIEVED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_mins(15);

    #[test]
    fn a_long_wait_is_about_all_when_several_in_a_row_are_asked_for_it() {
        let mut waits = LongWaits::default();
        let mut asked = |request, served| waits.is_about_one(request, LONG, served);
        assert!(asked(1, 10) && asked(2, 10) && !asked(3, 10));
        assert!(!asked(1, 10), "believed until one is served");
        assert!(asked(4, 11) && asked(5, 11) && asked(6, 12) && asked(7, 13), "others are served in between");
        assert!(asked(7, 13) && asked(7, 13) && asked(7, 13), "one, again and again");
        assert!(asked(8, 13) && !asked(9, 13));
    }

    #[test]
    fn a_short_wait_is_no_matter_of_this() {
        let mut waits = LongWaits::default();
        assert!(!waits.is_about_one(1, Duration::from_secs(5), 0));
        assert!(waits.is_about_one(1, Duration::from_millis(5_001), 0));
    }
}
