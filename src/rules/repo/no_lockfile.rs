use super::ecosystems::is_sample;
use crate::model::finding::Severity;
use crate::model::path::RepoPath;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "repo/no-lockfile",
    title: "A manifest has no lock file",
    gain: "whoever publishes a new version of a dependency, or of one below it, is in the next build",
    severity: Severity::Medium,
    controls: &["GP-SEC-05"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("no_lockfile.md"),
    check,
};

/// A manifest, and the locks that settle it, beside it or above.
const MANIFESTS: [(&str, &[&str]); 7] = [
    (
        "package.json",
        &["package-lock.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb", "npm-shrinkwrap.json"],
    ),
    ("Cargo.toml", &["Cargo.lock"]),
    ("go.mod", &["go.sum"]),
    ("Gemfile", &["Gemfile.lock"]),
    ("composer.json", &["composer.lock"]),
    ("Pipfile", &["Pipfile.lock"]),
    ("mix.exs", &["mix.lock"]),
];

fn check(facts: &Facts<'_>, report: &mut Report) {
    for path in facts.paths() {
        let file = path.file_name();
        let Some((manifest, locks)) = MANIFESTS.iter().find(|(name, _)| file == *name) else { continue };
        if is_sample(path) || is_locked(facts, path, locks) || !asks_for_something(facts, path, manifest) {
            continue;
        }
        let message = format!("no {} settles which versions it gets", locks[0]);
        report.whole(path.clone(), message);
    }
}

fn is_locked(facts: &Facts<'_>, path: &RepoPath, locks: &[&str]) -> bool {
    let mut dir = path.parent();
    loop {
        let prefix = dir.as_ref().map_or_else(String::new, |dir| format!("{dir}/"));
        if locks.iter().any(|lock| facts.has(&format!("{prefix}{lock}"))) {
            return true;
        }
        match dir {
            Some(inner) => dir = inner.parent(),
            None => return false,
        }
    }
}

/// Whether a manifest names any dependency: without one there is nothing to settle.
fn asks_for_something(facts: &Facts<'_>, path: &RepoPath, manifest: &str) -> bool {
    let text = facts.text(path.as_str()).unwrap_or_default();
    match manifest {
        "package.json" => text.contains("ependencies\""),
        "Cargo.toml" => text.contains("dependencies") && text.contains("[package]"),
        "go.mod" => text.contains("require"),
        "composer.json" => text.contains("\"require"),
        _ => !text.trim().is_empty(),
    }
}
