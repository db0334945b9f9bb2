//! The world: working directories, git, and the apply that survives a crash.

pub mod apply;
pub mod clean;
pub mod commit;
mod config;
pub mod create;
pub mod discover;
mod excludes;
pub mod git;
pub mod guard;
mod index;
pub mod library;
mod objects;
pub mod os;
mod revision;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod view;
mod walk;
pub mod worktree;
