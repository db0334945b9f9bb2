//! Declarative Jenkinsfiles, as far as they go.

mod file;

mod pipeline;
mod secret_gstring;

use super::rule::Rule;

/// The rules of this family.
pub(super) static RULES: &[&Rule] =
    &[&secret_gstring::RULE, &pipeline::AGENT, &pipeline::OPTIONS, &pipeline::LIBRARY, &pipeline::IMAGE];
