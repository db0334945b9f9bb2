//! `keys` ownership: a partial document, each leaf of which must hold in the repo's file.

mod assert;
pub(crate) mod drop;
mod gaps;
pub(crate) mod identity;

pub use assert::{Mismatch, assert_keys, compare};
pub use drop::drop_keys;
pub(crate) use identity::below;

use std::collections::BTreeMap;

/// What an asset's `match` says: the items of the list under a key are found by these keys of theirs,
/// in order of preference. A list at the top of a file has the key `""`.
pub type Match = BTreeMap<String, Vec<String>>;

#[cfg(test)]
mod tests;
