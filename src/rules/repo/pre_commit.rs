use std::ops::Range;

use crate::edit::tree::{Layout, Node};
use crate::model::finding::Severity;
use crate::model::lookup::Lookup;
use crate::model::path::RepoPath;
use crate::rules::facts::{Facts, Subject};
use crate::rules::kind::Kind;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "repo/pre-commit",
    title: "Hooks move by themselves, or there are none",
    gain: "whoever can move a hook's branch runs code on every developer's machine",
    severity: Severity::Medium,
    controls: &["GP-SEC-01", "GP-CI-01"],
    routing: Routing::Service,
    fix: Offer::Unsafe,
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
    for (n, item) in items.iter().enumerate() {
        let value = |key: &str| item.value.entry(key).map(|(_, entry)| &entry.value);
        let text = |node: Option<&'_ Node>| node.and_then(Node::scalar).map(|scalar| scalar.text.clone());
        let Some(repo) = value("repo") else { continue };
        let name = text(Some(repo)).unwrap_or_default();
        if matches!(name.as_str(), "local" | "meta" | "builtin") {
            continue;
        }
        if name.starts_with("http://") || name.starts_with("git://") {
            let message = format!("`{name}` is fetched over a line that anybody can change");
            let repair = encrypted(subject, &repo.span).map(|repair| repair.changes(way(n, "repo")));
            report.at(subject, &repo.span, message).address(format!("repos[{name}].repo")).fix(repair);
        }
        match value("rev") {
            None => {
                let message = format!("`{name}` has no `rev`");
                let repair = newest(facts, &name).and_then(|(tag, commit)| {
                    let (_, entry) = item.value.entry("repo")?;
                    let source = &document.source;
                    let block = item.value.layout() == Some(Layout::Block);
                    let indent = " ".repeat(source.column(entry.span.start));
                    let end = document.comment_after(entry.span.end).map_or(entry.span.end, |comment| comment.end);
                    let repair = Repair::risky(format!("freeze it at {commit} ({tag})"));
                    let text = format!("\n{indent}rev: {commit}  # frozen: {tag}");
                    block.then(|| repair.insert(end, text).changes(way(n, "rev")))
                });
                let asks = repository(&name).filter(|_| repair.is_none()).map(Lookup::release);
                report.at(subject, &repo.span, message).address(format!("repos[{name}].rev")).fix(repair).asks(asks);
            }
            Some(rev) => {
                let version = text(Some(rev)).unwrap_or_default();
                if matches!(version.as_str(), "main" | "master" | "HEAD" | "develop" | "dev" | "stable" | "latest") {
                    let message = format!("`{version}` of `{name}` is a branch, which moves");
                    let repair = newest(facts, &name).map(|(tag, commit)| {
                        let repair = Repair::risky(format!("freeze it at {commit} ({tag})"));
                        let repair = repair.replace(rev.span.clone(), commit).changes(way(n, "rev"));
                        let end = rev.span.end;
                        let rest = &document.text()[end..document.source.line_end(end)];
                        // A comment that is there stays, and in a flow mapping one would swallow what follows.
                        if rest.trim().is_empty() { repair.insert(end, format!("  # frozen: {tag}")) } else { repair }
                    });
                    let asks = repository(&name).filter(|_| repair.is_none()).map(Lookup::release);
                    report.at(subject, &rev.span, message).address(format!("repos[{name}].rev")).fix(repair).asks(asks);
                }
            }
        }
    }
}

/// The way to a key of a repository.
fn way(index: usize, key: &str) -> Vec<String> {
    vec!["repos".to_owned(), index.to_string(), key.to_owned()]
}

/// `owner/name` of an address on GitHub.
fn repository(address: &str) -> Option<&str> {
    let rest = address.split_once("://")?.1.strip_prefix("github.com/")?.trim_end_matches('/');
    let name = rest.strip_suffix(".git").unwrap_or(rest);
    (name.matches('/').count() == 1).then_some(name)
}

/// The newest release that is known of the repository at an address.
fn newest<'f>(facts: &'f Facts<'_>, address: &str) -> Option<(&'f str, &'f str)> {
    facts.known().newest_release(repository(address)?)
}

/// The same address over HTTPS.
fn encrypted(subject: &Subject<'_>, value: &Range<usize>) -> Option<Repair> {
    let raw = subject.seen().get(value.clone())?;
    let scheme = ["http", "git"].into_iter().find(|scheme| raw.contains(&format!("{scheme}://")))?;
    let start = value.start + raw.find(scheme)?;
    Some(Repair::risky("fetch it over HTTPS").replace(start..start + scheme.len(), "https"))
}
