//! The apply that survives a crash: all of a plan's edits, or none.
//!
//! New contents are staged and synced beside their targets, a journal records what is to be done, and
//! from the moment that the journal says `committed` the edits count as made: readers look through it
//! ([`crate::repo::worktree::WorkTree`]), and the next writing command finishes it ([`recover`]).
//! Nobody but the holder of a [`crate::repo::guard::Guard`] calls [`apply`] or [`recover`].

mod check;
mod disk;
pub mod fault;
mod finish;
mod journal;
mod names;
pub(crate) mod pending;
pub(crate) mod remains;
mod run;
mod site;
mod stage;
#[cfg(test)]
mod tests;

pub use disk::{Disk, RealDisk};
pub(crate) use names::{is_own_file, is_own_path};
pub use run::{Applied, Recovered, apply, recover};
