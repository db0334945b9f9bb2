use std::cell::LazyCell;

use super::shell::{commands, script};
use super::workflow::{Step, Workflow, action_steps, text};
use crate::edit::tree::Layout;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/persist-credentials",
    title: "Checkout leaves the token on disk",
    gain: "any later step, and whoever reads an artefact that holds `.git`, can take the token and use it while the job runs",
    severity: Severity::Medium,
    controls: &["GP-CI-02", "GP-CI-04"],
    routing: Routing::Service,
    fix: Offer::Either,
    page: include_str!("persist_credentials.md"),
    check,
};

/// Actions that push or fetch with what checkout left behind.
const NEED_IT: [&str; 9] = [
    "stefanzweifel/git-auto-commit-action",
    "ad-m/github-push-action",
    "endbug/add-and-commit",
    "peter-evans/create-pull-request",
    "changesets/action",
    "jamesives/github-pages-deploy-action",
    "peaceiris/actions-gh-pages",
    "googleapis/release-please-action",
    "cycjimmy/semantic-release-action",
];

fn check(facts: &Facts<'_>, report: &mut Report) {
    for workflow in Workflow::all(facts) {
        let dangerous = super::dangerous_trigger::is_dangerous(&workflow);
        for job in workflow.running_jobs() {
            judge(&job.running_steps(), dangerous, report);
        }
    }
    let of_actions = action_steps(facts);
    for steps in of_actions.chunk_by(|a, b| a.subject.path == b.subject.path) {
        judge(steps, false, report);
    }
}

fn judge(steps: &[Step<'_>], dangerous: bool, report: &mut Report) {
    // What the last of them does is asked once, not by every checkout of its own later steps.
    let last_push = LazyCell::new(|| steps.iter().rposition(|step| runs_git(step, &["push"])));
    let last_need = LazyCell::new(|| steps.iter().rposition(may_need_it));
    for (n, step) in steps.iter().enumerate() {
        if !step.runs_action("actions/checkout") || is_settled(step) {
            continue;
        }
        let Some(uses) = step.get("uses") else { continue };
        let place = step.node.span.start.min(uses.span.start)..uses.span.end;
        if last_push.is_some_and(|last| last > n) {
            let message = "the checkout leaves the job's token for a later `git push`, and does not say so";
            report.at(step.subject, &place, message).address(step.address()).only_informs();
            continue;
        }
        let message = "the checkout writes the job's token to disk, where every later step can read it";
        let found = report
            .at(step.subject, &place, message)
            .address(step.address())
            .fix(repair(step, last_need.is_some_and(|last| last > n)));
        if dangerous {
            found.worse();
        }
    }
}

/// Whether somebody said whether the token stays.
fn is_settled(step: &Step<'_>) -> bool {
    step.with("persist-credentials").and_then(text).is_some_and(|value| !value.contains("${{"))
}

fn runs_git(step: &Step<'_>, verbs: &[&str]) -> bool {
    let Some((raw, _)) = script(step) else { return false };
    commands(raw).iter().any(|command| {
        command.program() == "git" && command.arguments().iter().any(|word| verbs.contains(&word.as_str()))
    })
}

fn repair(step: &Step<'_>, needed: bool) -> Option<Repair> {
    if step.with("persist-credentials").is_some() {
        return None;
    }
    let title = "set `persist-credentials: false`";
    let repair = if needed { Repair::risky(title) } else { Repair::safe(title) };
    match step.node.entry("with") {
        Some((_, entry)) if entry.value.entries().is_some_and(|entries| !entries.is_empty()) => {
            super::insert::append(repair, step.document, &entry.value, "persist-credentials: false")
                .map(|repair| repair.changes(step.way(&["with", "persist-credentials"])))
        }
        Some(_) => None,
        None if step.node.layout() == Some(Layout::Flow) => {
            super::insert::append(repair, step.document, step.node, "with: {persist-credentials: false}")
                .map(|repair| repair.changes(step.way(&["with"])))
        }
        None => {
            let lines = "with:\n  persist-credentials: false";
            super::insert::child_behind(repair, step.document, step.node, "uses", lines)
                .map(|repair| repair.changes(step.way(&["with"])))
        }
    }
}

/// Whether a step may use the token that a checkout left.
fn may_need_it(step: &Step<'_>) -> bool {
    let unknown = step.text("uses").is_some_and(|uses| uses.starts_with("./") || uses.starts_with("$/"));
    unknown
        || NEED_IT.iter().any(|action| step.runs_action(action))
        || runs_git(step, &["fetch", "pull", "submodule", "clone", "ls-remote", "lfs"])
        || runs_script(step)
}

/// Whether a step runs a program of the repository's own that might use git.
fn runs_script(step: &Step<'_>) -> bool {
    let Some((raw, _)) = script(step) else { return false };
    commands(raw).iter().any(|command| {
        let program = command.words.first().map_or("", String::as_str);
        let word = command.arguments().first().map_or("", String::as_str);
        program.starts_with("./")
            || program == "gh"
            || program.rsplit_once('.').is_some_and(|(_, extension)| extension == "sh")
            || (matches!(program, "bash" | "sh" | "source" | ".") && !word.is_empty())
            || word == "release"
    })
}
