//! What a client has done so far, counted.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::decision::Operation;

/// Counts since the client connected, tries (not records) counted: a request repeated twice is three.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// POST requests sent to resources.
    pub posts: u64,
    /// PUT requests sent.
    pub puts: u64,
    /// DELETE requests sent.
    pub deletes: u64,
    /// GET requests sent to resources.
    pub reads: u64,
    /// How many of all these repeated an earlier try.
    pub retries: u64,
    /// Tokens fetched.
    pub tokens: u64,
    /// Body bytes sent, repeats included.
    pub bytes_sent: u64,
    /// Requests that may be in flight now: the configured bound, or less while the ODS asks for patience.
    pub concurrency: usize,
}

impl Statistics {
    /// Requests sent to resources, all methods together.
    pub const fn requests(&self) -> u64 {
        self.posts + self.puts + self.deletes + self.reads
    }
}

/// The live counters behind [`Statistics`]; relaxed, as no count orders anything.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    posts: AtomicU64,
    puts: AtomicU64,
    deletes: AtomicU64,
    reads: AtomicU64,
    retries: AtomicU64,
    bytes_sent: AtomicU64,
}

impl Counters {
    pub(crate) fn sent(&self, operation: Operation, bytes: usize, attempt: u32) {
        let method = match operation {
            Operation::Post => &self.posts,
            Operation::Put => &self.puts,
            Operation::Delete => &self.deletes,
            Operation::Read => &self.reads,
        };
        method.fetch_add(1, Ordering::Relaxed);
        if bytes > 0 {
            self.bytes_sent.fetch_add(bytes as u64, Ordering::Relaxed);
        }
        if attempt > 1 {
            self.retries.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn snapshot(&self, tokens: u64, concurrency: usize) -> Statistics {
        Statistics {
            posts: self.posts.load(Ordering::Relaxed),
            puts: self.puts.load(Ordering::Relaxed),
            deletes: self.deletes.load(Ordering::Relaxed),
            reads: self.reads.load(Ordering::Relaxed),
            retries: self.retries.load(Ordering::Relaxed),
            tokens,
            bytes_sent: self.bytes_sent.load(Ordering::Relaxed),
            concurrency,
        }
    }
}
