//! Rate limiting: one token bucket a caller.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Allows `burst` requests at once and `rate` a second after that, for each key.
///
/// It forgets the key that was quiet the longest once it holds too many, so that callers cannot
/// fill the memory. It counts within this process: replicas each allow the full rate.
pub struct RateLimiter {
    rate: f64,
    burst: f64,
    capacity: usize,
    buckets: Mutex<HashMap<String, (f64, Instant)>>,
}

impl RateLimiter {
    pub fn new(rate: f64, burst: u32, capacity: usize) -> Self {
        RateLimiter { rate, burst: f64::from(burst), capacity, buckets: Mutex::default() }
    }

    /// Takes one from the bucket of `key` at `now`: zero if there was one, else the time to wait.
    pub fn wait(&self, key: &str, now: Instant) -> Duration {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= self.capacity && !buckets.contains_key(key) {
            let oldest = buckets.iter().min_by_key(|(_, (_, since))| *since).map(|(key, _)| key.clone());
            oldest.map(|key| buckets.remove(&key));
        }
        let (level, since) = buckets.entry(key.to_owned()).or_insert((self.burst, now));
        *level = self.burst.min(*level + now.duration_since(*since).as_secs_f64() * self.rate);
        *since = now;
        if *level >= 1.0 {
            *level -= 1.0;
            return Duration::ZERO;
        }
        Duration::from_secs_f64((1.0 - *level) / self.rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_the_rate_and_a_bounded_memory() {
        let (limiter, start) = (RateLimiter::new(2.0, 3, 2), Instant::now());
        let take = |key: &str, millis: u64| limiter.wait(key, start + Duration::from_millis(millis)).as_millis();
        assert_eq!([take("ada", 0), take("ada", 0), take("ada", 0), take("ada", 0)], [0, 0, 0, 500]);
        assert_eq!(take("grace", 0), 0);
        assert_eq!([take("ada", 500), take("ada", 500)], [0, 500]);
        let rested = 3_600_000;
        assert_eq!(
            [take("ada", rested), take("ada", rested), take("ada", rested), take("ada", rested)],
            [0, 0, 0, 500]
        );
        for caller in 0..100 {
            take(&caller.to_string(), rested + 2 * caller + 1);
            assert_ne!(take("ada", rested + 2 * caller + 2), 0, "who calls all the time is not forgotten");
        }
        assert_eq!(limiter.buckets.lock().unwrap().len(), 2);
    }
}
