use crate::model::finding::Severity;
use crate::model::path::RepoPath;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "repo/security-policy",
    title: "Nobody is told how to report a hole",
    gain: "who finds a hole tells everybody, or nobody",
    severity: Severity::Medium,
    controls: &["GP-VUL-01"],
    routing: Routing::Security,
    fix: Offer::Nothing,
    page: include_str!("security_policy.md"),
    check,
};

const PLACES: [&str; 6] =
    ["SECURITY.md", ".github/SECURITY.md", "docs/SECURITY.md", "SECURITY.rst", "SECURITY.txt", ".gitlab/SECURITY.md"];

/// Words that show a way to report in private.
const CHANNELS: [&str; 8] = [
    "security/advisories",
    "privately",
    "private vulnerability",
    "hackerone.com",
    "bugcrowd.com",
    "report a vulnerability",
    "security.txt",
    "mailto:",
];

fn check(facts: &Facts<'_>, report: &mut Report) {
    if facts.paths().is_empty() {
        return;
    }
    let Some(place) = PLACES.into_iter().find(|place| facts.has(place)) else {
        if let Ok(path) = RepoPath::new("SECURITY.md") {
            report.missing(path, "no security policy says how to report a vulnerability in private");
        }
        return;
    };
    let text = facts.text(place).unwrap_or_default().to_lowercase();
    let address = text
        .split(|c: char| c.is_whitespace() || "<>()[]`".contains(c))
        .any(|word| word.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.')));
    if !address && !CHANNELS.iter().any(|channel| text.contains(channel)) {
        if let Ok(path) = RepoPath::new(place) {
            report.whole(path, "the security policy names no private way to report a vulnerability");
        }
    }
}
