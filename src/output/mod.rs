//! How a plan, a document or an error is shown: one file a format.
//!
//! To add a format, write its file and name it where the command chooses (`cli::format`).

pub mod diagnostic;
pub mod encode;
pub mod json;
pub mod listing;
pub mod patch;
pub mod text;
