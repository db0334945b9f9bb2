use crate::model::finding::Severity;
use crate::model::path::RepoPath;
use crate::rules::codeowners::{Forge, forge};
use crate::rules::facts::Facts;
use crate::rules::kind::Kind;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "repo/codeowners",
    title: "Files that decide what runs have no owner",
    gain: "a change to the pipeline needs no approval of anybody who knows it",
    severity: Severity::Medium,
    controls: &["GP-OWN-01", "GP-CI-05"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("codeowners.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    if facts.paths().is_empty() {
        return;
    }
    let Some(file) = facts.codeowners() else {
        let place = match forge(facts) {
            Forge::GitHub => ".github/CODEOWNERS",
            Forge::GitLab => ".gitlab/CODEOWNERS",
            Forge::Gitea => ".gitea/CODEOWNERS",
        };
        if let Ok(path) = RepoPath::new(place) {
            report.missing(path, "no CODEOWNERS, so no change asks for a review of its owner");
        }
        return;
    };
    let Some(subject) = facts.of_kind(Kind::Codeowners).find(|subject| subject.path == file.path) else { return };
    let text = subject.seen();
    for line in &file.lines {
        let start: usize = text.split_inclusive('\n').take(line.number - 1).map(str::len).sum();
        let range = start..start + text[start..].lines().next().map_or(0, str::len);
        let address = format!("line[{}]", line.pattern);
        if !line.is_valid() {
            let message = format!("the forge does not read the pattern `{}`", line.pattern);
            report.at(subject, &range, message).address(address);
        } else if let Some(owner) = line.owners.iter().find(|owner| !is_owner(owner)) {
            let message = format!("`{owner}` is neither a user, nor a team, nor an address");
            report.at(subject, &range, message).address(address);
        }
    }
    let weighty = |path: &&RepoPath| {
        let name = path.file_name();
        path.as_str().starts_with(".github/workflows/")
            || matches!(name, ".gitlab-ci.yml" | "Jenkinsfile" | "Dockerfile" | "CODEOWNERS")
            || name.rsplit_once('.').is_some_and(|(_, extension)| extension == "tf")
    };
    let unowned: Vec<&RepoPath> =
        facts.paths().iter().filter(weighty).filter(|path| file.owners(path.as_str()).is_empty()).collect();
    if let [first, rest @ ..] = unowned.as_slice() {
        let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        report.file(subject, format!("nobody owns `{first}`{more}")).address("unowned");
    }
}

/// `@user`, `@org/team`, `@@role` or an address.
fn is_owner(text: &str) -> bool {
    match text.strip_prefix('@') {
        Some(name) => name.chars().any(char::is_alphanumeric),
        None => text.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.')),
    }
}
