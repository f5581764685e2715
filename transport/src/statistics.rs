//! What a client has done so far, counted.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use crate::decision::Operation;
use crate::resource::ResourcePath;

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

/// What was sent of one resource, and how long its answers took; tries counted, reads included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Requests sent.
    pub requests: u64,
    /// How many of them repeated an earlier try.
    pub retries: u64,
    /// Body bytes sent.
    pub bytes_sent: u64,
    /// How long an answer took on average.
    pub mean: Duration,
    /// Half of the answers came within this.
    pub median: Duration,
    /// Nine of ten answers came within this.
    pub p90: Duration,
    /// 99 of a hundred answers came within this.
    pub p99: Duration,
    /// The longest answer.
    pub max: Duration,
}

/// The live counters behind [`Traffic`], by resource.
#[derive(Debug, Default)]
pub(crate) struct ByResource {
    resources: RwLock<HashMap<ResourcePath, Arc<Times>>>,
}

impl ByResource {
    /// Notes a try that has ended.
    pub(crate) fn note(&self, resource: &ResourcePath, bytes: usize, attempt: u32, took: Duration) {
        let known = self.resources.read().unwrap_or_else(PoisonError::into_inner).get(resource).cloned();
        let times = known.unwrap_or_else(|| {
            let mut resources = self.resources.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(resources.entry(resource.clone()).or_default())
        });
        times.note(bytes, attempt, took);
    }

    pub(crate) fn snapshot(&self) -> BTreeMap<String, Traffic> {
        let resources = self.resources.read().unwrap_or_else(PoisonError::into_inner);
        resources.iter().map(|(resource, times)| (resource.name.to_string(), times.snapshot())).collect()
    }
}

/// Eight classes for each doubling of a microsecond, up to an hour: a percentile is told within a tenth.
const CLASSES: usize = 8 * 33;

#[derive(Debug)]
struct Times {
    requests: AtomicU64,
    retries: AtomicU64,
    bytes_sent: AtomicU64,
    micros: AtomicU64,
    max: AtomicU64,
    classes: [AtomicU64; CLASSES],
}

impl Default for Times {
    fn default() -> Self {
        let zero = AtomicU64::default;
        let classes = std::array::from_fn(|_| zero());
        Self { requests: zero(), retries: zero(), bytes_sent: zero(), micros: zero(), max: zero(), classes }
    }
}

impl Times {
    fn note(&self, bytes: usize, attempt: u32, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1);
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.retries.fetch_add(u64::from(attempt > 1), Ordering::Relaxed);
        self.bytes_sent.fetch_add(bytes as u64, Ordering::Relaxed);
        self.micros.fetch_add(micros, Ordering::Relaxed);
        self.max.fetch_max(micros, Ordering::Relaxed);
        self.classes[class(micros)].fetch_add(1, Ordering::Relaxed);
    }

    fn snapshot(&self) -> Traffic {
        let classes: Vec<u64> = self.classes.iter().map(|class| class.load(Ordering::Relaxed)).collect();
        let total: u64 = classes.iter().sum();
        let max = self.max.load(Ordering::Relaxed);
        let within = |hundredths: u64| {
            let wanted = (total * hundredths).div_ceil(100);
            let mut seen = 0;
            let reached = classes.iter().position(|count| {
                seen += count;
                seen >= wanted && seen > 0
            });
            Duration::from_micros(reached.map_or(0, upper_bound).min(max))
        };
        Traffic {
            requests: self.requests.load(Ordering::Relaxed),
            retries: self.retries.load(Ordering::Relaxed),
            bytes_sent: self.bytes_sent.load(Ordering::Relaxed),
            mean: Duration::from_micros(self.micros.load(Ordering::Relaxed) / total.max(1)),
            median: within(50),
            p90: within(90),
            p99: within(99),
            max: Duration::from_micros(max),
        }
    }
}

/// The class of a time: the place of its highest bit and the three bits below it.
fn class(micros: u64) -> usize {
    let bit = micros.ilog2();
    let below = if bit >= 3 { micros >> (bit - 3) } else { micros << (3 - bit) } & 7;
    (bit as usize * 8 + usize::try_from(below).unwrap_or_default()).min(CLASSES - 1)
}

/// The longest time of a class.
fn upper_bound(class: usize) -> u64 {
    let (bit, below) = (class / 8, (class % 8) as u64);
    ((9 + below) << bit) / 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_told_within_a_tenth() {
        let by_resource = ByResource::default();
        let students = ResourcePath::ed_fi("students");
        for millis in 1..=1000 {
            by_resource.note(&students, 10, 1 + u32::from(millis % 100 == 0), Duration::from_millis(millis));
        }
        let traffic = by_resource.snapshot()["students"];
        assert_eq!((traffic.requests, traffic.retries, traffic.bytes_sent), (1000, 10, 10_000));
        let near = |told: Duration, millis: u128| {
            let (told, true_one) = (told.as_micros(), millis * 1000);
            assert!(told >= true_one && told * 10 <= true_one * 12, "{told} for {true_one}");
        };
        near(traffic.median, 500);
        near(traffic.p90, 900);
        near(traffic.p99, 990);
        assert_eq!(traffic.max, Duration::from_secs(1));
        assert_eq!(traffic.mean.as_millis(), 500);
    }

    #[test]
    fn every_time_is_in_a_class_that_holds_it() {
        for micros in [1, 2, 3, 7, 8, 9, 100, 1023, 1024, 999_999, 3_600_000_000] {
            let class = class(micros);
            assert!(upper_bound(class) >= micros, "{micros}");
            assert!(class == 0 || upper_bound(class - 1) <= micros, "{micros}");
        }
        assert_eq!(class(u64::MAX), CLASSES - 1);
        assert_eq!(Times::default().snapshot(), Traffic::default());
    }
}
