//! GitHub Actions.

mod comment;
mod workflow;

mod unpinned_action;

use super::rule::Rule;

/// The rules of this family.
pub(super) static RULES: &[&Rule] = &[&unpinned_action::RULE];
