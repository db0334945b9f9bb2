//! Manifests of Kubernetes, told by what they hold.

mod fields;
mod workload;

mod placing;
mod pod;
mod running;
mod security;

use super::rule::Rule;

/// The rules of this family.
pub(super) static RULES: &[&Rule] = &[
    &security::PRIVILEGED,
    &security::ESCALATION,
    &pod::HOST,
    &pod::NONROOT,
    &security::ROOTFS,
    &security::CAPABILITIES,
    &pod::SECCOMP,
    &running::IMAGE,
    &running::RESOURCES,
    &running::PROBES,
    &pod::TOKEN,
    &placing::NAMESPACE,
    &placing::POLICY,
];
