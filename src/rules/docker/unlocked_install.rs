use super::file::{File, files};
use super::packages::{self, Unlocked};
use super::same::GUARD;
use crate::edit::dockerfile::Instruction;
use crate::model::finding::Severity;
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
    for file in files(facts) {
        for run in file.runs() {
            let Some(unlocked) = first(facts, &file, run) else { continue };
            let repair = unlocked
                .ci
                .map(|range| Repair::risky("install what the lock says").replace(range, "ci").guarded(GUARD));
            report.at(file.subject, &file.head(run), unlocked.message).address(file.address(run)).fix(repair);
        }
    }
}

fn first(facts: &Facts<'_>, file: &File<'_>, run: &Instruction) -> Option<Unlocked> {
    let locked = ["package-lock.json", "npm-shrinkwrap.json"].iter().any(|name| file.beside(facts, name).is_some());
    let cache = packages::pip_cache_is_off(file, run);
    let requirements = |name: &str| file.beside(facts, name).and_then(|path| facts.text(&path));
    let commands = run.script.commands.iter().map(|command| command.unwrapped().unwrap_or_else(|| command.clone()));
    commands.into_iter().find_map(|command| {
        packages::unlocked(
            &command,
            &packages::Around { npm_lock: locked, pip_cache_off: cache, requirements: &requirements },
        )
    })
}
