//! Pipelines of GitLab.

mod jobs;

mod images;
mod running;
mod secrets;

use super::rule::Rule;

/// The rules of this family.
pub(super) static RULES: &[&Rule] = &[
    &images::INCLUDE,
    &images::UNPINNED,
    &images::VARIABLE,
    &secrets::INLINE,
    &secrets::CLOUD,
    &secrets::UNTRUSTED,
    &secrets::DIND,
    &secrets::TRACE,
    &running::DEPLOY,
    &running::TIMEOUT,
    &running::DOUBLE,
];
