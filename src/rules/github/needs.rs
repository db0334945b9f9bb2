//! What a job's steps need the token for, as far as that is known.

use std::collections::BTreeMap;

use super::shell::{commands, script};
use super::workflow::{Job, Step, Uses};

/// The scopes that a job needs.
#[derive(Clone, Debug, Default)]
pub(super) struct Needs {
    /// Scope to `read` or `write`, and the action that needs it; no action where it is a guess.
    pub scopes: BTreeMap<&'static str, (&'static str, &'static str)>,
    /// Whether every step is known.
    pub known: bool,
}

type Scopes = &'static [(&'static str, &'static str)];

/// Scopes of actions, from their own documentation.
const ACTIONS: [(&str, Scopes); 27] = [
    ("actions/attest-build-provenance", &[("attestations", "write"), ("id-token", "write")]),
    ("actions/attest-sbom", &[("attestations", "write"), ("id-token", "write")]),
    ("actions/cache", &[]),
    ("actions/checkout", &[("contents", "read")]),
    ("actions/configure-pages", &[("pages", "read")]),
    ("actions/dependency-review-action", &[("contents", "read")]),
    ("actions/deploy-pages", &[("id-token", "write"), ("pages", "write")]),
    ("actions/download-artifact", &[]),
    ("actions/labeler", &[("contents", "read"), ("pull-requests", "write")]),
    ("actions/setup-dotnet", &[]),
    ("actions/setup-go", &[]),
    ("actions/setup-java", &[]),
    ("actions/setup-node", &[]),
    ("actions/setup-python", &[]),
    ("actions/stale", &[("issues", "write"), ("pull-requests", "write")]),
    ("actions/upload-artifact", &[]),
    ("actions/upload-pages-artifact", &[]),
    ("astral-sh/setup-uv", &[]),
    ("docker/metadata-action", &[]),
    ("docker/setup-buildx-action", &[]),
    ("docker/setup-qemu-action", &[]),
    ("dtolnay/rust-toolchain", &[]),
    ("github/codeql-action", &[("actions", "read"), ("contents", "read"), ("security-events", "write")]),
    ("hashicorp/setup-terraform", &[]),
    ("pnpm/action-setup", &[]),
    ("step-security/harden-runner", &[]),
    ("swatinem/rust-cache", &[]),
];

/// Programs that read the token by themselves.
const READ_TOKEN: [&str; 5] = ["gh", "hub", "goreleaser", "semantic-release", "git"];

/// What the job needs.
pub(super) fn needs(job: &Job<'_>) -> Needs {
    let mut needs = Needs { known: !job.is_call(), ..Needs::default() };
    let text = &job.workflow.document.text()[job.node.span.clone()];
    if ["GITHUB_TOKEN", "github.token"].iter().any(|name| text.contains(name))
        || job.workflow.get("env").is_some_and(|env| job.workflow.document.text()[env.span.clone()].contains("TOKEN"))
    {
        needs.known = false;
    }
    if !needs.known {
        needs.scopes.insert("contents", ("read", ""));
    }
    for step in job.steps() {
        match scopes(&step) {
            Some((action, scopes)) => {
                for (scope, access) in scopes {
                    let entry = needs.scopes.entry(scope).or_insert((access, action));
                    if *access == "write" && entry.0 != "write" {
                        *entry = (access, action);
                    }
                }
            }
            None => {
                needs.known = false;
                needs.scopes.entry("contents").or_insert(("read", ""));
            }
        }
    }
    needs
}

/// The scopes of a step, and its action; none where they are not known.
fn scopes(step: &Step<'_>) -> Option<(&'static str, Scopes)> {
    if step.get("uses").is_some() {
        let Some(Uses::Action { name, .. }) = step.uses() else { return None };
        return ACTIONS.iter().find(|(action, _)| name.eq_ignore_ascii_case(action)).copied();
    }
    let (raw, _) = script(step)?;
    let quiet = commands(raw).iter().all(|command| {
        let program = command.program();
        !READ_TOKEN.contains(&program) && !command.words.first().is_some_and(|word| word.contains("${{"))
    });
    quiet.then_some(("", &[]))
}
