use super::shell::{Command, commands, is_foreign, script};
use super::workflow::all_steps;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/adhoc-install",
    title: "A package is installed without a lock",
    gain: "whoever takes over the package, or one that it depends on, runs code in the next run",
    severity: Severity::Medium,
    controls: &["GP-SEC-05", "GP-CI-01"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("adhoc_install.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for step in all_steps(facts) {
        if is_foreign(&step) {
            continue;
        }
        let Some((raw, offset)) = script(&step) else { continue };
        for command in commands(raw) {
            let Some(what) = adhoc(&command) else { continue };
            let message = format!("{what} takes what the registry has that day, with no lock to compare it with");
            let range = offset + command.span.start..offset + command.span.end;
            report.at(step.subject, &range, message).address(format!(
                "{}.run[{}]",
                step.address(),
                command.words.join(" ")
            ));
        }
    }
}

/// What a command installs without a lock, if it does.
fn adhoc(command: &Command) -> Option<String> {
    let words: Vec<&str> = command.arguments().iter().map(String::as_str).collect();
    let plain: Vec<&str> = words.iter().copied().filter(|word| !word.starts_with('-')).collect();
    let has = |option: &str| words.contains(&option);
    let first = plain.first().copied().unwrap_or_default();
    let named = plain.len() > 1;
    let found = match command.program() {
        "npm" => {
            let verbs =
                ["install", "i", "in", "ins", "inst", "insta", "instal", "isnt", "isnta", "isntal", "isntall", "add"];
            verbs.contains(&first) && named
        }
        "yarn" | "pnpm" | "bundle" => plain.contains(&"add") && plain.last() != Some(&"add"),
        "gem" => {
            let at = plain.iter().position(|word| matches!(*word, "install" | "i"));
            at.is_some_and(|at| at + 1 < plain.len())
        }
        "pip" | "pip3" => first == "install" && takes_names(&words),
        "python" | "python3" => words.starts_with(&["-m", "pip", "install"]) && takes_names(&words[2..]),
        "go" => first == "install" && plain.iter().skip(1).any(|word| word.ends_with("@latest")),
        "cargo" => first == "install" && named && !has("--locked"),
        _ => false,
    };
    found.then(|| format!("`{}`", shown(command)))
}

/// Whether pip is given packages by name, without hashes: not a file of requirements, a path or itself.
fn takes_names(words: &[&str]) -> bool {
    if words.contains(&"--require-hashes") || words.contains(&"--no-index") {
        return false;
    }
    let mut named = false;
    let mut skip = false;
    for word in words.iter().skip(1) {
        let option = word.starts_with('-');
        if !option && !skip {
            let path = word.starts_with('.') || word.contains('/') || word.contains('$');
            named |= !path
                && !matches!(*word, "install" | "pip" | "setuptools" | "wheel")
                && !word.starts_with("pip=")
                && !word.starts_with("pip>");
        }
        skip = option
            && !word.contains('=')
            && matches!(
                *word,
                "-r" | "-c"
                    | "-e"
                    | "-i"
                    | "-t"
                    | "-f"
                    | "--requirement"
                    | "--constraint"
                    | "--editable"
                    | "--index-url"
                    | "--group"
                    | "--extra-index-url"
                    | "--target"
                    | "--prefix"
                    | "--find-links"
                    | "--python"
            );
    }
    named
}

fn shown(command: &Command) -> String {
    let text = command.words.join(" ");
    if text.chars().count() > 60 { text.chars().take(59).chain(['…']).collect() } else { text }
}
