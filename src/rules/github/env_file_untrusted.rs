use super::env_files::{self, Write};
use super::shell::{Language, language, script};
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
        for job in workflow.running_jobs() {
            for step in job.running_steps() {
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
    let (Some((raw, _)), Some((_, run))) = (script(step), step.node.entry("run")) else { return };
    let write = match language(step) {
        Some(Language::PowerShell) => env_files::powershell(raw),
        Some(Language::Cmd) => env_files::cmd(raw),
        Some(Language::Other) => None,
        Some(Language::Posix) | None => env_files::posix(raw),
    };
    // One place to change: the script.
    if let Some(Write { command, file }) = write {
        let message = format!("`{command}`: text that outsiders can bend becomes variables of later steps (`{file}`)");
        report.at(step.subject, &run.key_span, message).address(format!("{}.run", step.address()));
    }
}
