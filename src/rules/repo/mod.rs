//! What every repository should have, whatever is in it.

mod dependabot;
mod ecosystems;

mod bot_code_execution;
mod catalog_info;
mod codeowners;
mod cooldown;
mod no_licence;
mod no_lockfile;
mod pre_commit;
mod renovate;
mod secret_committed;
mod security_policy;
mod update_bot;

use super::rule::Rule;

/// The rules of this family.
pub(super) static RULES: &[&Rule] = &[
    &codeowners::RULE,
    &security_policy::RULE,
    &update_bot::RULE,
    &cooldown::RULE,
    &bot_code_execution::RULE,
    &catalog_info::RULE,
    &pre_commit::RULE,
    &secret_committed::RULE,
    &no_lockfile::RULE,
    &no_licence::RULE,
];
