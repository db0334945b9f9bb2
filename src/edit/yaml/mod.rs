//! YAML: read by events, edited by splices.

mod flow_text;
pub(crate) mod parse;
pub(crate) mod set;
pub(crate) mod splice;
