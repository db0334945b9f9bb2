use super::dangerous_trigger::{fetches_head, has_dangerous_event};
use super::env_files::{self, Write};
use super::expression::{Context, Expr, fenced};
use super::shell::{Language, language, script};
use super::sources::{Trust, trust};
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
    for workflow in Workflow::all(facts).filter(has_dangerous_event) {
        // A comment brings no files along: only what the job fetches, or reads of the event, is an outsider's.
        let brings = ["pull_request_target", "workflow_run"].iter().any(|event| workflow.is_triggered_by(event));
        for job in workflow.running_jobs() {
            let mut fetched = brings;
            for step in job.running_steps() {
                if fetched || reads_outsiders(&step) {
                    judge(&step, report);
                }
                fetched |= fetches_head(&step);
            }
        }
    }
    // Who calls an action is not known; the worst must be assumed.
    for step in action_steps(facts) {
        judge(&step, report);
    }
}

/// Whether a text that outsiders write is in a step's script or in its variables.
fn reads_outsiders(step: &Step<'_>) -> bool {
    let text = step.document.text();
    let job = step.job;
    let places = [
        step.get("run"),
        step.get("env"),
        job.and_then(|job| job.get("env")),
        job.and_then(|job| job.workflow.get("env")),
    ];
    places.into_iter().flatten().any(|node| {
        let raw = &text[node.span.clone()];
        fenced(raw).into_iter().filter_map(|place| Expr::parse(&raw[place.inner])).any(|expr| {
            let outside = |context: Option<&Context>| context.is_some_and(|c| trust(c, step) == Trust::Outsider);
            expr.flowing().into_iter().any(outside)
        })
    })
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
