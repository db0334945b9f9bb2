//! TOML: read and edited through `toml_edit`, in the envelope that it drops.

pub(crate) mod change;
pub(crate) mod parse;
mod rewrite;
