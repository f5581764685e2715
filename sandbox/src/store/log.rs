//! Which requests were answered.

use std::collections::{BTreeMap, VecDeque};

/// One answered request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedRequest {
    /// `POST`.
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The answer's status; 0 when the connection was reset instead.
    pub status: u16,
}

/// How many requests are kept one by one.
const KEPT: usize = 100_000;

#[derive(Debug, Default)]
pub(crate) struct Log {
    requests: VecDeque<LoggedRequest>,
    by_method: BTreeMap<String, u64>,
}

impl Log {
    pub(crate) fn add(&mut self, request: LoggedRequest) {
        match self.by_method.get_mut(&request.method) {
            Some(count) => *count += 1,
            None => {
                self.by_method.insert(request.method.clone(), 1);
            }
        }
        if self.requests.len() == KEPT {
            self.requests.pop_front();
        }
        self.requests.push_back(request);
    }

    pub(super) fn requests(&self) -> Vec<LoggedRequest> {
        self.requests.iter().cloned().collect()
    }

    pub(super) fn by_method(&self) -> BTreeMap<String, u64> {
        self.by_method.clone()
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}
