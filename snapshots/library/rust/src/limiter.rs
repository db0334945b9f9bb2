use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const CAPACITY: usize = 10_000;

/// Limits that would admit nobody, or everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidLimit;

impl fmt::Display for InvalidLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rate, burst and capacity must be positive and finite")
    }
}

impl Error for InvalidLimit {}

/// Admits a burst of calls at once and a rate of them a second after that, for each key.
///
/// It forgets the key that was quiet the longest once it holds too many, so that callers cannot
/// fill the memory. Threads may share it.
#[derive(Debug)]
pub struct Limiter {
    rate: f64,
    burst: f64,
    capacity: usize,
    buckets: Mutex<Buckets>,
}

/// The buckets by key, and the keys by the order in which they were used.
#[derive(Debug, Default)]
struct Buckets {
    by_key: HashMap<String, Bucket>,
    by_use: BTreeMap<u64, String>,
    last: u64,
}

#[derive(Debug)]
struct Bucket {
    level: f64,
    since: Instant,
    used: u64,
}

impl Limiter {
    /// Admits `burst` calls at once and `rate` a second after that, and holds 10,000 keys at most.
    ///
    /// # Errors
    ///
    /// If the rate is not positive and finite, or the burst is 0.
    pub fn new(rate: f64, burst: u32) -> Result<Self, InvalidLimit> {
        Self::with_capacity(rate, burst, CAPACITY)
    }

    /// As [`Limiter::new`], but holds `capacity` keys at most.
    ///
    /// # Errors
    ///
    /// As [`Limiter::new`], or if the capacity is 0.
    pub fn with_capacity(rate: f64, burst: u32, capacity: usize) -> Result<Self, InvalidLimit> {
        if !rate.is_finite() || rate <= 0.0 || burst == 0 || capacity == 0 {
            return Err(InvalidLimit);
        }
        Ok(Limiter { rate, burst: f64::from(burst), capacity, buckets: Mutex::default() })
    }

    /// Admits one call of `key`: zero, or how long to wait if there is no room for it now.
    #[must_use = "a call that is not admitted has to wait"]
    pub fn take(&self, key: &str) -> Duration {
        self.take_at(key, Instant::now())
    }

    /// As [`Limiter::take`], at a time of the caller's.
    #[must_use = "a call that is not admitted has to wait"]
    pub fn take_at(&self, key: &str, now: Instant) -> Duration {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.touch(key, self.burst, self.capacity, now);
        // A clock that goes back must not empty the bucket: the time since then is zero.
        let passed = now.saturating_duration_since(bucket.since).as_secs_f64();
        bucket.level = self.burst.min(bucket.level + passed * self.rate);
        bucket.since = now;
        if bucket.level < 1.0 {
            return wait((1.0 - bucket.level) / self.rate);
        }
        bucket.level -= 1.0;
        Duration::ZERO
    }

    /// How many keys are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner).by_key.len()
    }

    /// Whether no key is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Buckets {
    /// Finds or makes the bucket of `key`, and marks it as the one used last.
    fn touch(&mut self, key: &str, burst: f64, capacity: usize, now: Instant) -> &mut Bucket {
        self.last += 1;
        if let Some(bucket) = self.by_key.get(key) {
            self.by_use.remove(&bucket.used);
        } else if self.by_key.len() >= capacity {
            if let Some((_, oldest)) = self.by_use.pop_first() {
                self.by_key.remove(&oldest);
            }
        }
        self.by_use.insert(self.last, key.to_owned());
        let bucket = self.by_key.entry(key.to_owned()).or_insert(Bucket { level: burst, since: now, used: 0 });
        bucket.used = self.last;
        bucket
    }
}

/// Rounds up: who waits that long finds room, and no wait is zero.
fn wait(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).map_or(Duration::MAX, |wait| wait.max(Duration::from_nanos(1)))
}
