//! Whether a server that asks for patience means one request alone.
//!
//! A 429 is taken for a word about the rate, and every request waits. Something in front of the API may also answer so to
//! what one body holds, however often it comes; were it believed each time, one record would bring a whole run to a crawl.

/// So often in a row a request is asked for patience, while others are served, before it is taken to be about itself.
const BELIEVED: u32 = 3;

/// What one request was answered in a row.
#[derive(Debug)]
pub(crate) struct Patience {
    /// Tells the request from others.
    pub(crate) request: u64,
    /// How many others had been served when it was last asked for patience.
    served: Option<u64>,
    in_a_row: u32,
}

impl Patience {
    pub(crate) fn of(request: u64) -> Self {
        Self { request, served: None, in_a_row: 0 }
    }

    /// Notes that the request is asked for patience; `served` is how many requests the server has served so far.
    pub(crate) fn asked(&mut self, served: u64) {
        let others = self.served.replace(served).is_some_and(|before| served > before);
        // Where nobody is served meanwhile, all are meant.
        self.in_a_row = if others { self.in_a_row + 1 } else { 1 };
    }

    /// Notes another answer.
    pub(crate) fn over(&mut self) {
        *self = Self::of(self.request);
    }

    /// Whether it is the request that is meant, and no other need wait.
    pub(crate) fn is_about_one(&self) -> bool {
        self.in_a_row > BELIEVED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_request_is_meant_when_others_are_served_all_the_while() {
        let mut patience = Patience::of(1);
        for served in 0..3 {
            patience.asked(served);
            assert!(!patience.is_about_one(), "{served}");
        }
        patience.asked(3);
        assert!(patience.is_about_one());
        patience.asked(3);
        assert!(!patience.is_about_one(), "now nobody is served");
        for served in 4..7 {
            patience.asked(served);
        }
        assert!(patience.is_about_one());
        patience.over();
        patience.asked(10);
        assert!(!patience.is_about_one());
    }
}
