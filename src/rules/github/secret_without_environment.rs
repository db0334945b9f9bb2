use std::ops::Range;

use super::expression::{Expr, Part, fenced};
use super::publishing::delivers_by_any_sign;
use super::workflow::{Job, Workflow};
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/secret-without-environment",
    title: "A job that delivers reads secrets outside an environment",
    gain: "whoever can push a branch can change the workflow there, and read the secrets that deploy and publish",
    severity: Severity::Medium,
    controls: &["GP-DEP-01", "GP-CI-03"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("secret_without_environment.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for workflow in Workflow::all(facts) {
        // An environment of a called workflow has no secrets of its own, unless its caller hands over all of them.
        if workflow.is_triggered_by("workflow_call") {
            continue;
        }
        for job in workflow.running_jobs().into_iter().filter(|job| !job.is_call() && job.get("environment").is_none())
        {
            let delivers = delivers_by_any_sign(&job);
            let what = if delivers { ", which delivers" } else { "" };
            for Secret { name, place } in secrets(&job) {
                let message = format!("`{name}` is read outside an `environment`, by job `{}`{what}", job.id());
                let found = report.at(workflow.subject, &place, message).address(format!("{}.{name}", job.address()));
                if !delivers {
                    found.only_informs();
                }
            }
        }
    }
}

/// A place where a job reads a secret.
struct Secret {
    name: String,
    place: Range<usize>,
}

/// The places where a job reads a secret, in order; the job's own token is none.
fn secrets(job: &Job<'_>) -> Vec<Secret> {
    let document = job.workflow.document;
    let text = &document.text()[job.node.span.clone()];
    let mut all = Vec::new();
    for place in fenced(text) {
        let at = job.node.span.start + place.whole.start;
        if document.comments.iter().any(|comment| comment.contains(&at)) {
            continue;
        }
        let inner = job.node.span.start + place.inner.start;
        let Some(expr) = Expr::parse(&text[place.inner]) else { continue };
        expr.walk(&mut |part| {
            let Expr::Context(context) = part else { return };
            if context.head() != "secrets" {
                return;
            }
            let name = match context.parts.get(1) {
                Some(Part::Name(name)) if name == "github_token" => return,
                Some(Part::Name(name)) => format!("secrets.{}", name.to_uppercase()),
                _ => "secrets".to_owned(),
            };
            all.push(Secret { name, place: inner + context.span.start..inner + context.span.end });
        });
    }
    all
}
