//! Format-preserving edits: bytes outside an edit do not change.

pub mod block;
mod comment_style;
pub(crate) mod dockerfile;
pub(crate) mod documents;
pub mod envelope;
mod error;
mod flow;
mod format;
pub(crate) mod hcl;
pub(crate) mod jenkinsfile;
mod json;
pub mod keys;
mod locate;
pub mod markers;
pub(crate) mod ops;
pub(crate) mod query;
mod resolve;
mod same;
pub(crate) mod source;
pub(crate) mod told;
mod toml;
pub(crate) mod tree;
mod yaml;

pub use comment_style::{CommentStyle, comment_style};
pub use documents::readable;
pub use error::EditError;
pub(crate) use error::span;
pub use format::Format;
pub(crate) use keys::below;
pub use keys::{Match, Mismatch, assert_keys, compare, drop_keys};
pub use locate::locate;
pub use same::same_document;
pub use yaml::set::{remove_yaml, set_yaml};
