//! What stands between a change and its branch: the checks that rulesets in the repository require, and roadbed's own.

use std::collections::BTreeSet;

use super::needs_graph::needed;
use super::shell::script;
use super::workflow::{Job, Step, Workflow, text};
use crate::edit::Format;
use crate::edit::tree::{Document, Node};
use crate::rules::facts::Facts;

/// A job that a branch waits for.
#[derive(Clone)]
pub(super) struct Required<'f> {
    /// The job.
    pub job: Job<'f>,
    /// The check's name; none for a job that is required because it runs roadbed.
    pub check: Option<String>,
}

/// The jobs that branches wait for, by file.
pub(super) fn required<'f>(facts: &'f Facts<'_>) -> Vec<Required<'f>> {
    let checks = checks(facts);
    let mut all = Vec::new();
    for job in Workflow::all(facts).filter(judges_changes).flat_map(|workflow| workflow.jobs()) {
        let names = names(&job);
        let check = checks.iter().find(|check| {
            // A called workflow's checks are named `caller / callee`.
            names
                .iter()
                .any(|name| check.as_str() == *name || job.is_call() && check.starts_with(&format!("{name} / ")))
        });
        if check.is_some() || job.steps().iter().any(runs_check) {
            all.push(Required { job, check: check.cloned() });
        }
    }
    all
}

/// Whether changes start a workflow before they are merged.
pub(super) fn judges_changes(workflow: &Workflow<'_>) -> bool {
    ["pull_request", "pull_request_target", "merge_group"].iter().any(|event| workflow.is_triggered_by(event))
}

/// The name that a job's check has: its `name`, else its key.
pub(super) fn names<'f>(job: &Job<'f>) -> Vec<&'f str> {
    match job.get("name").and_then(text) {
        Some(name) if !name.contains("${{") => vec![name],
        Some(_) => Vec::new(),
        None => vec![job.id()],
    }
}

/// The names of the checks that rulesets under `.github/rulesets/` require.
fn checks(facts: &Facts<'_>) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let rulesets = facts
        .paths()
        .iter()
        .filter(|path| path.as_str().starts_with(".github/rulesets/") && Format::of(path) == Some(Format::Json));
    for path in rulesets {
        let Some(content) = facts.text(path.as_str()) else { continue };
        let Ok(document) = Document::parse(Format::Json, &content) else { continue };
        let active =
            |node: &Node| node.entry("enforcement").is_none_or(|(_, entry)| text(&entry.value) == Some("active"));
        if let Some(root) = document.root.as_ref().filter(|root| active(root)) {
            contexts(root, &mut all);
        }
    }
    all
}

fn contexts(node: &Node, all: &mut BTreeSet<String>) {
    for entry in node.entries().unwrap_or_default() {
        if entry.key == "required_status_checks" {
            let items = entry.value.items().unwrap_or_default().iter();
            all.extend(
                items
                    .filter_map(|item| item.value.entry("context"))
                    .filter_map(|(_, e)| text(&e.value))
                    .map(str::to_owned),
            );
        }
        contexts(&entry.value, all);
    }
    for item in node.items().unwrap_or_default() {
        contexts(&item.value, all);
    }
}

/// Whether a step runs `roadbed check`, or roadbed's own action.
pub(super) fn runs_check(step: &Step<'_>) -> bool {
    let action = step.text("uses").unwrap_or_default().split('@').next().unwrap_or_default();
    action.ends_with("/roadbed") || check_lines(step).next().is_some()
}

/// The lines of a step's script that run `roadbed check`, each with its place in the file.
pub(super) fn check_lines<'f>(step: &Step<'f>) -> impl Iterator<Item = (&'f str, std::ops::Range<usize>)> {
    let (raw, start) = script(step).unwrap_or_default();
    let mut at = start;
    raw.split_inclusive('\n').filter_map(move |line| {
        let from = at;
        at += line.len();
        let bare = line.trim();
        let mut words = bare.split_whitespace();
        let runs = !bare.starts_with('#')
            && words.by_ref().any(|word| word.rsplit('/').next() == Some("roadbed"))
            && words.any(|word| word == "check");
        let from = from + line.find(bare).unwrap_or(0);
        runs.then_some((bare, from..from + bare.len()))
    })
}

/// Whether a required job is skipped, which counts as success, when a job that it needs fails.
pub(super) fn is_skipped_with_its_needs(job: &Job<'_>, all: &[Required<'_>]) -> bool {
    let condition = job.get("if").and_then(text).unwrap_or_default();
    if ["always()", "cancelled()", "failure()"].iter().any(|call| condition.contains(call)) {
        return false;
    }
    let is_required = |id: &str| {
        all.iter().any(|other| other.job.workflow.subject.path == job.workflow.subject.path && other.job.id() == id)
    };
    needed(job).iter().any(|(id, _)| !is_required(id))
}
