//! Golden paths: what they ask, what they lay, and how a version of one is had.

mod filters;
mod fit;
mod outline;
mod quote;
mod sandbox;
mod spot;

pub mod answers;
pub mod asset;
pub mod manifest;
pub mod question;
pub mod source;

pub use sandbox::{ENGINE, holds};
