//! How a plan, a document or an error is shown: one file a format.
//!
//! To add a format of findings, write its file, and name it in `cli::args::Format` and in `cli::report`.

pub mod diagnostic;
pub mod encode;
pub mod frame;
pub mod github;
pub mod gitlab;
pub mod html;
pub mod json;
pub mod junit;
pub mod listing;
pub mod markdown;
pub mod observed;
pub mod patch;
pub mod report;
pub mod sarif;
pub mod source;
pub mod text;
