//! The nouns of roadbed. Nothing here reads a disk, a clock, an environment or a network.

pub mod answer;
pub mod document;
pub mod file;
pub mod finding;
pub mod lookup;
pub mod ownership;
pub mod path;
pub mod plan;
pub mod repo_files;
mod slips;
pub mod tree;
