use super::shell::{Command, commands, is_posix, script};
use super::workflow::{Step, Workflow, action_steps};
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/env-file-untrusted",
    title: "A risky workflow writes variables for later steps",
    gain: "text that an outsider sends can set `LD_PRELOAD` or the path of a later step, and so run code with its secrets",
    severity: Severity::High,
    controls: &["GP-CI-04"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("env_file_untrusted.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for workflow in Workflow::all(facts).filter(super::dangerous_trigger::has_dangerous_event) {
        for job in workflow.jobs() {
            for step in job.steps() {
                judge(&step, report);
            }
        }
    }
    // Who calls an action is not known; the worst must be assumed.
    for step in action_steps(facts) {
        judge(&step, report);
    }
}

fn judge(step: &Step<'_>, report: &mut Report) {
    if is_posix(step) == Some(false) {
        return;
    }
    let (Some((raw, _)), Some((_, run))) = (script(step), step.node.entry("run")) else { return };
    // One place to change: the script.
    if let Some((command, file)) = commands(raw).iter().find_map(|command| Some((command, written(command)?))) {
        let words = command.words.join(" ");
        let message = format!("`{words}`: text that outsiders can bend becomes variables of later steps (`${file}`)");
        report.at(step.subject, &run.key_span, message).address(format!("{}.run", step.address()));
    }
}

/// The environment file that a command writes something to that is not plainly fixed.
fn written(command: &Command) -> Option<&'static str> {
    let file = ["GITHUB_ENV", "GITHUB_PATH"].into_iter().find(|file| {
        let named = [format!("${file}"), format!("${{{file}}}")];
        command.words.iter().enumerate().any(|(n, word)| {
            let target = word.trim_start_matches('>');
            named.iter().any(|name| target == name)
                && (target.len() < word.len()
                    || n.checked_sub(1).is_some_and(|before| command.words[before].ends_with('>'))
                    || command.program() == "tee")
        })
    })?;
    let prints = matches!(command.program(), "echo" | "printf");
    let fixed = command
        .arguments()
        .iter()
        .filter(|word| !word.contains("GITHUB_ENV") && !word.contains("GITHUB_PATH") && !word.starts_with('>'))
        .all(|word| !word.contains('$') && !word.contains('`'));
    (!(prints && fixed)).then_some(file)
}
