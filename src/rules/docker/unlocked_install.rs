use std::collections::BTreeSet;

use super::file::{File, files};
use super::packages::{self, Unlocked};
use super::same::GUARD;
use crate::edit::dockerfile::Instruction;
use crate::edit::dockerfile::shell::Command;
use crate::model::finding::Severity;
use crate::model::path::RepoPath;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "docker/unlocked-install",
    title: "Packages are installed that no lock holds",
    gain: "whoever takes over one of the packages gets its next version into your next build",
    severity: Severity::Medium,
    controls: &["GP-SEC-05"],
    routing: Routing::Service,
    fix: Offer::Unsafe,
    page: include_str!("unlocked_install.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    let mut judged = BTreeSet::new();
    for file in files(facts) {
        for run in file.runs() {
            for command in commands(run) {
                open_requirements(facts, &file, &command, &mut judged, report);
            }
            let Some(unlocked) = first(facts, &file, run) else { continue };
            let repair = unlocked
                .ci
                .map(|range| Repair::risky("install what the lock says").replace(range, "ci").guarded(GUARD));
            report.at(file.subject, &file.head(run), unlocked.message).address(file.address(run)).fix(repair);
        }
    }
}

fn commands(run: &Instruction) -> impl Iterator<Item = Command> {
    run.script.commands.iter().map(|command| command.unwrapped().unwrap_or_else(|| command.clone()))
}

fn first(facts: &Facts<'_>, file: &File<'_>, run: &Instruction) -> Option<Unlocked> {
    let locked = ["package-lock.json", "npm-shrinkwrap.json"].iter().any(|name| file.beside(facts, name).is_some());
    let cache = packages::pip_cache_is_off(file, run);
    let around = packages::Around { npm_lock: locked, pip_cache_off: cache };
    commands(run).find_map(|command| packages::unlocked(&command, &around))
}

/// Reports a file of requirements that leaves a version open, at that line and once: it is mended there.
fn open_requirements(
    facts: &Facts<'_>,
    file: &File<'_>,
    command: &Command,
    judged: &mut BTreeSet<String>,
    report: &mut Report,
) {
    let Some(name) = packages::requirements(command) else { return };
    let Some(place) = file.beside(facts, name.trim_start_matches("./").trim_start_matches('/')) else { return };
    let Some(text) = facts.text(&place) else { return };
    let (Some(range), Ok(path)) = (packages::loose(&text), RepoPath::new(place.as_str())) else { return };
    if judged.insert(place) {
        let line = text.get(range.clone()).unwrap_or_default();
        let message = format!("`{}` installs `{line}` in whatever version pip finds", file.subject.path);
        report.text(&path, &text, &range, message).address(line);
    }
}
