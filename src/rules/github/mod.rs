//! GitHub Actions.

mod caches;
mod comment;
mod conditions;
mod environment;
mod expression;
mod grammar;
mod insert;
mod needs;
mod needs_graph;
mod outsiders;
mod publishing;
mod required;
mod retired;
mod scans;
mod shell;
mod sources;
mod workflow;

mod adhoc_install;
mod cache_in_release;
mod compromised_ref;
mod container_image_unpinned;
mod curl_pipe_shell;
mod dangerous_trigger;
mod deprecated_action;
mod deprecated_command;
mod env_file_untrusted;
mod env_files;
mod floating_runner;
mod gate_disabled;
mod id_token_at_top;
mod insecure_commands;
mod invalid_workflow;
mod missing_job;
mod no_concurrency;
mod no_merge_group;
mod no_permissions;
mod no_timeout;
mod persist_credentials;
mod pin_comment_mismatch;
mod registry_token_publish;
mod release_unattested;
mod secret_without_environment;
mod secrets_dump;
mod secrets_inherit;
mod self_hosted_pr;
mod self_repo_ref;
mod spoofable_bot;
mod static_cloud_key;
mod template_injection;
mod undocumented_permission;
mod unknown_sha;
mod unpinned_action;
mod unsound_condition;
mod write_all;

use super::rule::Rule;

/// The rules of this family.
pub(super) static RULES: &[&Rule] = &[
    &invalid_workflow::RULE,
    &unpinned_action::RULE,
    &compromised_ref::RULE,
    &pin_comment_mismatch::RULE,
    &unknown_sha::RULE,
    &deprecated_action::RULE,
    &self_repo_ref::RULE,
    &container_image_unpinned::RULE,
    &no_permissions::RULE,
    &write_all::RULE,
    &id_token_at_top::RULE,
    &persist_credentials::RULE,
    &template_injection::RULE,
    &dangerous_trigger::RULE,
    &env_file_untrusted::RULE,
    &insecure_commands::RULE,
    &deprecated_command::RULE,
    &spoofable_bot::RULE,
    &unsound_condition::RULE,
    &secrets_inherit::RULE,
    &secrets_dump::RULE,
    &static_cloud_key::RULE,
    &curl_pipe_shell::RULE,
    &adhoc_install::RULE,
    &floating_runner::RULE,
    &no_timeout::RULE,
    &no_concurrency::RULE,
    &undocumented_permission::RULE,
    &secret_without_environment::RULE,
    &registry_token_publish::RULE,
    &self_hosted_pr::RULE,
    &cache_in_release::RULE,
    &release_unattested::RULE,
    &missing_job::RULE,
    &gate_disabled::RULE,
    &no_merge_group::RULE,
];
