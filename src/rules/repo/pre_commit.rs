use crate::edit::tree::Node;
use crate::model::finding::Severity;
use crate::model::path::RepoPath;
use crate::rules::facts::Facts;
use crate::rules::kind::Kind;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "repo/pre-commit",
    title: "Hooks move by themselves, or there are none",
    gain: "whoever can move a hook's branch runs code on every developer's machine",
    severity: Severity::Medium,
    controls: &["GP-SEC-01", "GP-CI-01"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("pre_commit.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    let Some(subject) = facts.of_kind(Kind::PreCommit).next() else {
        if let (false, Ok(path)) = (facts.paths().is_empty(), RepoPath::new(".pre-commit-config.yaml")) {
            report.missing(path, "no hooks look for secrets before they are committed");
        }
        return;
    };
    let Some(document) = subject.document() else { return };
    let repos = document.root.as_ref().and_then(|root| root.entry("repos"));
    let items = repos.and_then(|(_, entry)| entry.value.items()).unwrap_or_default();
    for item in items {
        let value = |key: &str| item.value.entry(key).map(|(_, entry)| &entry.value);
        let text = |node: Option<&'_ Node>| node.and_then(Node::scalar).map(|scalar| scalar.text.clone());
        let Some(repo) = value("repo") else { continue };
        let name = text(Some(repo)).unwrap_or_default();
        if matches!(name.as_str(), "local" | "meta" | "builtin") {
            continue;
        }
        if name.starts_with("http://") || name.starts_with("git://") {
            let message = format!("`{name}` is fetched over a line that anybody can change");
            report.at(subject, &repo.span, message).address(format!("repos[{name}].repo"));
        }
        match value("rev") {
            None => {
                let message = format!("`{name}` has no `rev`");
                report.at(subject, &repo.span, message).address(format!("repos[{name}].rev"));
            }
            Some(rev) => {
                let version = text(Some(rev)).unwrap_or_default();
                if matches!(version.as_str(), "main" | "master" | "HEAD" | "develop" | "dev" | "stable" | "latest") {
                    let message = format!("`{version}` of `{name}` is a branch, which moves");
                    report.at(subject, &rev.span, message).address(format!("repos[{name}].rev"));
                }
            }
        }
    }
}
