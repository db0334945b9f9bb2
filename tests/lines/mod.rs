//! Golden paths and edits by number, for `tests/upgrade_lines.rs`.

pub mod dice;
pub mod edits;
pub mod formats;
