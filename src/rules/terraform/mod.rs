//! Terraform.

mod actions;
mod blocks;
mod policy;

mod constraints;
mod credentials;
mod exposure;
mod federation;
mod iam_star;
mod oidc;
mod same;
mod versions;

use super::rule::Rule;

/// The rules of this family.
pub(super) static RULES: &[&Rule] = &[
    &oidc::NO_SUB,
    &oidc::WILDCARD,
    &oidc::MUTABLE,
    &federation::GCP,
    &federation::AZURE,
    &iam_star::RULE,
    &credentials::STATIC,
    &versions::MODULE,
    &constraints::RULE,
    &exposure::PUBLIC,
    &exposure::STATE,
    &credentials::SENSITIVE,
];
