use crate::model::finding::Severity;
use crate::model::path::RepoPath;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "repo/no-licence",
    title: "The repository says nowhere what may be done with it",
    gain: "nothing, but nobody may use it, and an audit cannot tell whose it is",
    severity: Severity::Low,
    controls: &["GP-OWN-01"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("no_licence.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    let named = |path: &RepoPath| {
        let (dir, name) = path.as_str().rsplit_once('/').unwrap_or(("", path.as_str()));
        if !matches!(dir, "" | "LICENSES" | "licenses" | ".github" | "docs") {
            return false;
        }
        let name = name.to_lowercase();
        ["license", "licence", "copying", "unlicense"].iter().any(|word| name.starts_with(word))
            || dir.eq_ignore_ascii_case("licenses")
    };
    if facts.paths().is_empty() || facts.paths().iter().any(named) {
        return;
    }
    if let Ok(path) = RepoPath::new("LICENSE") {
        report.missing(path, "no licence says who may use this and how");
    }
}
