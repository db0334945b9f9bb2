//! The `env` blocks of workflows, jobs and steps.

use super::workflow::{Workflow, action_steps};
use crate::edit::tree::{Document, Node};
use crate::rules::facts::{Facts, Subject};

/// A block: its file, its text, its mapping, and where it is.
pub(super) type Block<'f> = (&'f Subject<'f>, &'f Document, &'f Node, String);

/// Every `env` of the repository.
pub(super) fn blocks<'f>(facts: &'f Facts<'_>) -> Vec<Block<'f>> {
    let mut all = Vec::new();
    for workflow in Workflow::all(facts) {
        let (subject, document) = (workflow.subject, workflow.document);
        all.extend(workflow.get("env").map(|env| (subject, document, env, "env".to_owned())));
        for job in workflow.jobs() {
            all.extend(job.get("env").map(|env| (subject, document, env, format!("{}.env", job.address()))));
            for step in job.steps() {
                all.extend(step.get("env").map(|env| (subject, document, env, format!("{}.env", step.address()))));
            }
        }
    }
    for step in action_steps(facts) {
        all.extend(step.get("env").map(|env| (step.subject, step.document, env, format!("{}.env", step.address()))));
    }
    all
}
