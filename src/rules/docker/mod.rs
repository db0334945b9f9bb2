//! Dockerfiles, and the images that compose files name.

mod apt;
mod compose;
mod copy;
mod download;
mod eol;
mod file;
mod packages;
mod same;
mod user;

mod add_not_copy;
mod apt_hygiene;
mod base_latest;
mod base_no_digest;
mod cd_in_run;
mod copy_all;
mod curl_pipe_shell;
mod eol_base;
mod maintainer;
mod no_healthcheck;
mod no_labels;
mod no_pipefail;
mod non_numeric_user;
mod relative_workdir;
mod remote_add_unverified;
mod runs_as_root;
mod secret_in_image;
mod shell_form_entrypoint;
mod sudo;
mod tls_off;
mod toolchain_in_final;
mod unlocked_install;
mod untrusted_packages;
mod update_alone;

use super::rule::Rule;

/// The rules of this family.
pub(super) static RULES: &[&Rule] = &[
    &base_no_digest::RULE,
    &base_latest::RULE,
    &eol_base::RULE,
    &toolchain_in_final::RULE,
    &runs_as_root::RULE,
    &non_numeric_user::RULE,
    &secret_in_image::RULE,
    &add_not_copy::RULE,
    &remote_add_unverified::RULE,
    &curl_pipe_shell::RULE,
    &no_pipefail::RULE,
    &sudo::RULE,
    &apt_hygiene::RULE,
    &update_alone::RULE,
    &tls_off::RULE,
    &untrusted_packages::RULE,
    &shell_form_entrypoint::RULE,
    &no_healthcheck::RULE,
    &copy_all::RULE,
    &unlocked_install::RULE,
    &relative_workdir::RULE,
    &cd_in_run::RULE,
    &maintainer::RULE,
    &no_labels::RULE,
];
