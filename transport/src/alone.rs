//! Whether a server that asks for patience means one request alone.
//!
//! A 429 is taken for a word about the rate, and every request waits. Something in front of the API may also answer so to
//! what one body holds, however often it comes; were it believed each time, one record would bring a whole run to a crawl.

/// So often in a row a request is asked for patience before it is taken to be about itself, and so many others are served in
/// that time; or twice, and as many as make it plain.
const BELIEVED: (u32, u64) = (4, 4);
const PLAIN: (u32, u64) = (2, 100);

/// What one request was answered in a row.
#[derive(Debug)]
pub(crate) struct Patience {
    /// Tells the request from others.
    pub(crate) request: u64,
    in_a_row: u32,
    /// How many requests the server had served when it was first asked for patience, and was last.
    served: (u64, u64),
}

impl Patience {
    pub(crate) fn of(request: u64) -> Self {
        Self { request, in_a_row: 0, served: (0, 0) }
    }

    /// Notes that the request is asked for patience; `served` is how many requests the server has served so far.
    pub(crate) fn asked(&mut self, served: u64) {
        let first = if self.in_a_row == 0 { served } else { self.served.0 };
        (self.in_a_row, self.served) = (self.in_a_row + 1, (first, served));
    }

    /// Notes another answer.
    pub(crate) fn over(&mut self) {
        *self = Self::of(self.request);
    }

    /// Whether it is the request that is meant, and no other need wait.
    pub(crate) fn is_about_one(&self) -> bool {
        let others = self.served.1 - self.served.0;
        [BELIEVED, PLAIN].iter().any(|(times, served)| self.in_a_row >= *times && others >= *served)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_request_is_meant_when_others_are_served_all_the_while() {
        let about_one = |served: &[u64]| {
            let mut patience = Patience::of(1);
            for served in served {
                patience.asked(*served);
            }
            patience.is_about_one()
        };
        assert!(!about_one(&[7]));
        assert!(!about_one(&[7, 8, 9]));
        assert!(about_one(&[7, 8, 9, 11]));
        assert!(!about_one(&[7, 7, 7, 7, 7, 7]), "nobody is served");
        assert!(about_one(&[7, 107]) && !about_one(&[7, 106]));
        let mut patience = Patience::of(1);
        patience.asked(7);
        patience.asked(107);
        patience.over();
        patience.asked(300);
        assert!(!patience.is_about_one());
    }
}
