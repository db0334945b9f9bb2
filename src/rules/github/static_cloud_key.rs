use super::workflow::{all_steps, text};
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/static-cloud-key",
    title: "The pipeline logs in with a key that does not end",
    gain: "a key that leaks once, from a log or a fork, opens the cloud until somebody notices",
    severity: Severity::High,
    controls: &["GP-CI-03"],
    routing: Routing::Platform,
    fix: Offer::Nothing,
    page: include_str!("static_cloud_key.md"),
    check,
};

/// Inputs that take a long-lived key, by action, and what to use instead.
const INPUTS: [(&str, &[&str], &str); 4] = [
    ("aws-actions/configure-aws-credentials", &["aws-secret-access-key"], "role-to-assume"),
    ("google-github-actions/auth", &["credentials_json"], "workload_identity_provider"),
    ("azure/login", &["creds"], "client-id, tenant-id and subscription-id"),
    ("google-github-actions/setup-gcloud", &["service_account_key"], "google-github-actions/auth"),
];

/// Variables that hold a long-lived key.
const VARIABLES: [&str; 4] =
    ["AWS_SECRET_ACCESS_KEY", "ARM_CLIENT_SECRET", "AZURE_CLIENT_SECRET", "GOOGLE_CREDENTIALS"];

fn check(facts: &Facts<'_>, report: &mut Report) {
    for step in all_steps(facts) {
        for (action, inputs, instead) in INPUTS {
            if !step.runs_action(action) {
                continue;
            }
            for input in inputs {
                let Some(value) = step.with(input).filter(|value| text(value).is_some_and(|v| !v.is_empty())) else {
                    continue;
                };
                // Keys that an earlier step got for this run end with it.
                if text(value).is_some_and(|value| value.contains("steps.") || value.contains("needs.")) {
                    continue;
                }
                let message = format!("`{input}` is a key that does not end; use `{instead}`");
                report.at(step.subject, &value.span, message).address(format!("{}.{input}", step.address()));
            }
        }
    }
    for (subject, document, env, address) in super::environment::blocks(facts) {
        // Where the calls go elsewhere, to a stand-in or a store of one's own, there is no role to assume.
        let elsewhere = env.entries().unwrap_or_default().iter().any(|entry| entry.key.starts_with("AWS_ENDPOINT_URL"));
        for entry in env.entries().unwrap_or_default() {
            let value = document.resolve(&entry.value);
            if elsewhere && entry.key.starts_with("AWS_") {
                continue;
            }
            if VARIABLES.contains(&entry.key.as_str()) && text(value).is_some_and(|value| value.contains("secrets.")) {
                let message = format!("`{}` is a key that does not end; let the job assume a role", entry.key);
                report.at(subject, &value.span, message).address(format!("{address}.{}", entry.key));
            }
        }
    }
}
