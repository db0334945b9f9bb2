use super::dependabot::{self, updates};
use super::ecosystems::{Ecosystem, found};
use crate::model::finding::Severity;
use crate::model::path::RepoPath;
use crate::rules::facts::Facts;
use crate::rules::kind::Kind;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "repo/update-bot",
    title: "Dependencies are not kept up by a bot",
    gain: "known holes stay open for as long as nobody thinks of them",
    severity: Severity::High,
    controls: &["GP-SEC-04"],
    routing: Routing::Service,
    fix: Offer::Safe,
    page: include_str!("update_bot.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    let all = found(facts);
    let renovate = facts.of_kind(Kind::Renovate).next().is_some()
        || facts.text("package.json").is_some_and(|text| text.contains("\"renovate\""));
    if all.is_empty() || renovate {
        return;
    }
    let Some(subject) = facts.of_kind(Kind::Dependabot).next() else {
        let names: Vec<&str> = all.iter().map(|ecosystem| ecosystem.name).collect();
        let message = format!("no Dependabot or Renovate keeps {} up to date", names.join(", "));
        if let Ok(path) = RepoPath::new(".github/dependabot.yml") {
            report.missing(path, message);
        }
        return;
    };
    let Some(document) = subject.document() else { return };
    let Some((_, list)) = document.root.as_ref().and_then(|root| root.entry("updates")) else {
        report.file(subject, "the file names no `updates`").address("updates");
        return;
    };
    let entries = updates(facts);
    let covered: Vec<&str> = entries.iter().filter_map(|update| update.text("package-ecosystem")).collect();
    for ecosystem in all.iter().filter(|ecosystem| !covered.iter().any(|name| ecosystem.is(name))) {
        let message = format!("no entry covers {} (`{}`)", ecosystem.name, ecosystem.witness);
        let repair = entry(ecosystem).and_then(|text| dependabot::add(document, &list.value, &text));
        report.at(subject, &list.key_span, message).address(format!("updates[{}]", ecosystem.name)).fix(repair);
    }
}

/// What an entry for an ecosystem says.
fn entry(ecosystem: &Ecosystem) -> Option<String> {
    let directory = match ecosystem.witness.rsplit_once('/') {
        Some((dir, _)) if ecosystem.name != "github-actions" => format!("/{dir}"),
        _ => "/".to_owned(),
    };
    let plain = directory.chars().all(|c| c.is_ascii_alphanumeric() || "/_.-".contains(c));
    plain.then(|| {
        format!(
            "package-ecosystem: {}\ndirectory: {directory}\nschedule:\n  interval: weekly\ncooldown:\n  default-days: 7",
            ecosystem.name
        )
    })
}
