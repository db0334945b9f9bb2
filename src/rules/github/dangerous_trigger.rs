use super::shell::{commands, script};
use super::workflow::{Step, Uses, Workflow, text};
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/dangerous-trigger",
    title: "The workflow runs with secrets on what outsiders send",
    gain: "an outsider's pull request runs with a token that can write and with the repository's secrets",
    severity: Severity::High,
    controls: &["GP-CI-04"],
    routing: Routing::Security,
    fix: Offer::Nothing,
    page: include_str!("dangerous_trigger.md"),
    check,
};

/// Events that run with secrets, on what anybody outside can cause.
const DANGEROUS: [&str; 3] = ["pull_request_target", "workflow_run", "issue_comment"];

/// Whether such an event starts a workflow.
pub(super) fn has_dangerous_event(workflow: &Workflow<'_>) -> bool {
    DANGEROUS.iter().any(|event| workflow.is_triggered_by(event))
}

/// Whether a workflow runs with secrets on what outsiders cause.
pub(super) fn is_dangerous(workflow: &Workflow<'_>) -> bool {
    has_dangerous_event(workflow) && !only_labels(workflow)
}

fn check(facts: &Facts<'_>, report: &mut Report) {
    for workflow in Workflow::all(facts).filter(is_dangerous) {
        let steps = workflow.jobs().into_iter().flat_map(|job| job.steps());
        let fetches = steps.into_iter().any(|step| fetches_head(&step));
        // Each event is left, or made harmless, by itself.
        for trigger in workflow.triggers().iter().filter(|trigger| DANGEROUS.contains(&trigger.name)) {
            let event = trigger.name;
            let message = if fetches {
                format!("`{event}` gives outsiders' code, which the workflow checks out, the token and the secrets")
            } else {
                format!("`{event}` runs with the token and the secrets on what outsiders send")
            };
            let found = report.at(workflow.subject, trigger.place, message).address(format!("on.{event}"));
            if !fetches {
                found.milder();
            }
        }
    }
}

/// The one use that GitHub itself recommends: labels from the paths of a change, and nothing else.
fn only_labels(workflow: &Workflow<'_>) -> bool {
    let jobs = workflow.jobs();
    let [job] = jobs.as_slice() else { return false };
    let steps = job.steps();
    let [step] = steps.as_slice() else { return false };
    !workflow.is_triggered_by("workflow_run")
        && !workflow.is_triggered_by("issue_comment")
        && matches!(step.uses(), Some(Uses::Action { name, .. }) if name.eq_ignore_ascii_case("actions/labeler"))
}

/// Whether a step brings in the code of the pull request.
pub(super) fn fetches_head(step: &Step<'_>) -> bool {
    let names_head = |text: &str| {
        ["pull_request.head", "head_ref", "workflow_run.head", "refs/pull/", "pull_request.number", "event.number"]
            .iter()
            .any(|part| text.contains(part))
    };
    if step.runs_action("actions/checkout") {
        return ["ref", "repository"].iter().any(|key| step.with(key).and_then(text).is_some_and(names_head));
    }
    let Some((raw, _)) = script(step) else { return false };
    commands(raw).iter().any(|command| {
        let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["gh", "pr", "checkout", ..] => true,
            ["git", rest @ ..] => {
                rest.iter().any(|word| ["fetch", "checkout", "pull"].contains(word))
                    && rest.iter().any(|word| names_head(word) || word.contains("pull/"))
            }
            _ => false,
        }
    })
}
