//! The world: working directories, git, and the apply that survives a crash.

pub mod apply;
mod at_once;
pub mod clean;
pub mod commit;
mod config;
pub mod create;
pub mod discover;
mod excludes;
pub mod git;
pub mod guard;
pub mod history;
mod index;
pub mod library;
mod objects;
pub mod os;
mod provenance;
pub mod remote;
mod revision;
pub mod surroundings;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod view;
mod walk;
pub mod worktree;

pub use apply::{RealDisk, Recovered, apply, recover};
pub use clean::{Cleanliness, Dirt, find_blob};
pub use commit::CommitTree;
pub use create::{FirstCommit, check_target, create};
pub use discover::{Place, all_laid, discover, inside_work_tree, place_of};
pub use guard::Guard;
pub use history::History;
pub use provenance::{Provenance, provenance};
pub use worktree::WorkTree;
