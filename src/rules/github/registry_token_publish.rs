use super::publishing::{is_publish, may_prove_identity};
use super::shell::{Command, commands, is_foreign, script};
use super::workflow::{Step, all_steps, text};
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/registry-token-publish",
    title: "A package is published with a token that is stored",
    gain: "a token that leaks once publishes any version of the package, from anywhere, until somebody notices",
    severity: Severity::Medium,
    controls: &["GP-CI-03"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("registry_token_publish.md"),
    check,
};

const PYPI: [&str; 2] = ["https://upload.pypi.org/legacy/", "https://test.pypi.org/legacy/"];
const NPM: [&str; 2] = ["https://registry.npmjs.org", "https://registry.npmjs.org/"];

fn check(facts: &Facts<'_>, report: &mut Report) {
    for step in all_steps(facts) {
        if let Some(input) = stored(&step) {
            let Some(uses) = step.get("uses") else { continue };
            let message = format!(
                "`{input}` makes the action publish with a stored token; the registry can trust this workflow instead"
            );
            report.at(step.subject, &uses.span, message).address(format!("{}.{input}", step.address()));
        }
        // Whether a command uses a token shows only where a job says what its own may do.
        let Some(job) = step.job else { continue };
        if may_prove_identity(&job) || is_foreign(&step) {
            continue;
        }
        let Some((raw, start)) = script(&step) else { continue };
        for command in commands(raw).iter().filter(|command| is_publish(command) && !goes_elsewhere(command)) {
            let range = start + command.span.start..start + command.span.end;
            let program = command.program();
            let message = format!(
                "`{program}` publishes without `id-token: write`, so with a stored token; the registry can trust this workflow instead"
            );
            report.at(step.subject, &range, message).address(format!("{}[{program}]", step.address()));
        }
    }
}

/// Whether a command for `NuGet` names a feed that is not the public one.
fn goes_elsewhere(command: &Command) -> bool {
    let mut words = command.words.iter().map(String::as_str).skip_while(|word| *word != "push");
    let source = words.find(|word| ["--source", "-s", "-source"].contains(&word.to_ascii_lowercase().as_str()));
    let feed = source.and_then(|_| words.next()).map(str::to_ascii_lowercase);
    feed.is_some_and(|feed| feed.starts_with("http") && !feed.contains("nuget.org"))
}

/// The input that makes an action publish with a stored token, where the registry knows trusted publishing.
fn stored(step: &Step<'_>) -> Option<&'static str> {
    let value = |key: &str| step.with(key).and_then(text);
    let one_of =
        |key: &str, known: &[&str]| value(key).is_none_or(|value| known.contains(&value) || value.contains("${{"));
    let on = |key: &str| value(key).is_some_and(|value| value != "false");
    if step.runs_action("pypa/gh-action-pypi-publish") {
        let public = one_of("repository-url", &PYPI) && one_of("repository_url", &PYPI);
        return (value("password").is_some() && public).then_some("password");
    }
    if step.runs_action("rubygems/release-gem") {
        return (value("setup-trusted-publisher") == Some("false")).then_some("setup-trusted-publisher");
    }
    if step.runs_action("rubygems/configure-rubygems-credentials") {
        let public = one_of("gem-server", &["https://rubygems.org"]);
        return (value("api-token").is_some() && public).then_some("api-token");
    }
    if step.runs_action("actions/setup-node") {
        return (on("always-auth") && one_of("registry-url", &NPM)).then_some("always-auth");
    }
    None
}
