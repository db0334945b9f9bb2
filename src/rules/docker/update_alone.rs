use super::apt;
use super::file::files;
use crate::edit::dockerfile::Instruction;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "docker/update-alone",
    title: "Package lists are updated in a step of their own",
    gain: "the cached step keeps old lists, so later builds install versions whose holes are known",
    severity: Severity::Low,
    controls: &["GP-DK-02"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("update_alone.md"),
    check,
};

/// Package managers whose `update` only fetches lists, and what uses those lists.
const MANAGERS: [(&str, &[&str]); 5] = [
    ("apt-get", &["install", "upgrade", "dist-upgrade", "build-dep", "download", "source"]),
    ("apt", &["install", "upgrade", "full-upgrade", "build-dep", "download", "source"]),
    ("aptitude", &["install", "safe-upgrade", "full-upgrade"]),
    ("apk", &["add", "upgrade"]),
    ("zypper", &["install", "in", "update", "up", "dist-upgrade", "dup", "patch"]),
];

/// Programs that install by way of a package manager, and the words that say so; none where they do nothing else.
const BY_WAY_OF: [(&str, &[&str]); 5] = [
    ("rosdep", &["install"]),
    ("mk-build-deps", &[]),
    ("gdebi", &[]),
    ("tasksel", &["install"]),
    ("playwright", &["install-deps", "--with-deps"]),
];

fn check(facts: &Facts<'_>, report: &mut Report) {
    for file in files(facts) {
        for run in file.runs() {
            if let Some(manager) = alone(run) {
                let message = format!(
                    "`{manager}` fetches lists in a layer of their own, which stays cached while what it lists changes"
                );
                report.at(file.subject, &file.head(run), message).address(file.address(run));
            }
        }
    }
}

fn alone(run: &Instruction) -> Option<String> {
    let commands: Vec<_> = apt::commands(run).collect();
    let fetches = |name: &str| if name == "zypper" { "refresh" } else { "update" };
    let updater = commands.iter().find(|command| {
        MANAGERS.iter().any(|(name, _)| *name == command.name()) && command.has_arg(fetches(command.name()))
    })?;
    let used = commands.iter().any(|command| {
        MANAGERS.iter().any(|(name, verbs)| *name == command.name() && verbs.iter().any(|verb| command.has_arg(verb)))
    });
    // What another program is told to run, like `xargs` or a shell of its own, uses them as well.
    let handed_on = commands.iter().any(|command| {
        let words: Vec<&str> = command.words.iter().map(|word| word.text.as_ref()).collect();
        let said = words.join(" ");
        MANAGERS.iter().any(|(name, verbs)| verbs.iter().any(|verb| said.contains(&format!("{name} {verb}"))))
    });
    let by_way = commands.iter().any(|command| {
        BY_WAY_OF.iter().any(|(name, words)| {
            let called = command.words.iter().any(|word| word.text.as_str() == *name);
            called && (words.is_empty() || words.iter().any(|word| command.has_arg(word)))
        })
    });
    // A script of the repo's own may install what it needs.
    let scripts = commands.iter().any(|command| command.words.first().is_some_and(|word| word.text.contains('/')));
    (!used && !handed_on && !by_way && !scripts).then(|| format!("{} {}", updater.name(), fetches(updater.name())))
}
