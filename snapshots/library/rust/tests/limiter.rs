//! What users may rely on.

use std::thread;
use std::time::{Duration, Instant};

use my_library::{InvalidLimit, Limiter};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_burst_then_the_rate() -> Result<(), InvalidLimit> {
    let (limiter, start) = (Limiter::new(2.0, 3)?, Instant::now());
    let half = SECOND / 2;
    let first: Vec<_> = (0..4).map(|_| limiter.take_at("ada", start)).collect();
    assert_eq!(first, [Duration::ZERO, Duration::ZERO, Duration::ZERO, half]);
    assert_eq!(limiter.take_at("ada", start + half), Duration::ZERO);
    assert_eq!(limiter.take_at("ada", start + half), half);
    Ok(())
}

#[test]
fn keys_do_not_share() -> Result<(), InvalidLimit> {
    let (limiter, now) = (Limiter::new(1.0, 1)?, Instant::now());
    assert!(limiter.is_empty());
    assert_eq!(limiter.take_at("ada", now), Duration::ZERO);
    assert_eq!(limiter.take_at("grace", now), Duration::ZERO);
    assert_eq!(limiter.take_at("ada", now), SECOND);
    Ok(())
}

#[test]
fn rest_fills_no_more_than_the_burst() -> Result<(), InvalidLimit> {
    let (limiter, start) = (Limiter::new(1.0, 2)?, Instant::now());
    assert_eq!(limiter.take_at("ada", start), Duration::ZERO);
    let rested = start + 86_400 * SECOND;
    let then: Vec<_> = (0..3).map(|_| limiter.take_at("ada", rested)).collect();
    assert_eq!(then, [Duration::ZERO, Duration::ZERO, SECOND]);
    Ok(())
}

#[test]
fn a_time_that_goes_back_takes_nothing() -> Result<(), InvalidLimit> {
    let (limiter, start) = (Limiter::new(1.0, 2)?, Instant::now());
    assert_eq!(limiter.take_at("ada", start + 3600 * SECOND), Duration::ZERO);
    assert_eq!(limiter.take_at("ada", start), Duration::ZERO);
    assert_eq!(limiter.take_at("ada", start), SECOND);
    Ok(())
}

#[test]
fn memory_is_bounded_and_the_quietest_is_forgotten() -> Result<(), InvalidLimit> {
    let (limiter, now) = (Limiter::with_capacity(1.0, 1, 2)?, Instant::now());
    assert_eq!(limiter.take_at("ada", now), Duration::ZERO);
    assert_eq!(limiter.take_at("grace", now), Duration::ZERO);
    assert_eq!(limiter.take_at("ada", now), SECOND);
    assert_eq!(limiter.take_at("edsger", now), Duration::ZERO, "takes the place of grace");
    assert_eq!(limiter.take_at("ada", now), SECOND);
    for caller in 0..100 {
        assert_eq!(limiter.take_at(&caller.to_string(), now), Duration::ZERO);
    }
    assert_eq!(limiter.len(), 2);
    Ok(())
}

#[test]
fn the_wait_of_a_very_slow_rate_does_not_overflow() -> Result<(), InvalidLimit> {
    let (limiter, now) = (Limiter::new(1e-300, 1)?, Instant::now());
    assert_eq!(limiter.take_at("ada", now), Duration::ZERO);
    assert_eq!(limiter.take_at("ada", now), Duration::MAX);
    Ok(())
}

#[test]
fn invalid_limits_are_refused() {
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(Limiter::new(rate, 1).is_err(), "rate {rate}");
    }
    assert!(Limiter::new(1.0, 0).is_err(), "burst 0");
    assert!(Limiter::with_capacity(1.0, 1, 0).is_err(), "capacity 0");
}

#[test]
fn several_threads_take_no_more_than_the_burst() -> Result<(), InvalidLimit> {
    let (limiter, now) = (Limiter::new(1.0, 50)?, Instant::now());
    let admitted: usize = thread::scope(|scope| {
        let takes = || (0..25).filter(|_| limiter.take_at("ada", now).is_zero()).count();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(takes)).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).sum()
    });
    assert_eq!(admitted, 50);
    Ok(())
}
