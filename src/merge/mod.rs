//! The three-way merge of one file: what the golden path rendered, what it renders now, and what lies here.

mod differ;
mod file;
mod keyed;
mod text;

pub use differ::{described, differ, edited};
pub use file::{Labels, Merged, Side, Sides, decide, merge};

#[cfg(test)]
mod tests;
