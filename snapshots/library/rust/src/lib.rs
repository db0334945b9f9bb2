//! Limits how often each caller may do something.
//!
//! A [`Limiter`] holds one token bucket for each key: `burst` at once, `rate` a second after that.
//! It counts within one process.
//!
//! ```
//! use my_library::Limiter;
//!
//! # fn main() -> Result<(), my_library::InvalidLimit> {
//! let limiter = Limiter::new(0.001, 2)?;
//! assert!(limiter.take("ada").is_zero());
//! assert!(limiter.take("ada").is_zero());
//! assert!(!limiter.take("ada").is_zero());
//! assert!(limiter.take("grace").is_zero());
//! # Ok(())
//! # }
//! ```

mod limiter;

pub use limiter::{InvalidLimit, Limiter};
