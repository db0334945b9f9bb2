use super::workflow::{Workflow, text};
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/secrets-inherit",
    title: "A called workflow gets every secret",
    gain: "the called workflow, and each action in it, can read secrets that it has no use for",
    severity: Severity::Medium,
    controls: &["GP-CI-02"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("secrets_inherit.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for workflow in Workflow::all(facts) {
        for job in workflow.running_jobs().into_iter().filter(super::workflow::Job::is_call) {
            let Some(called) = job.get("uses") else { continue };
            if job.get("secrets").and_then(text) != Some("inherit") {
                continue;
            }
            let message = format!("job `{}` hands every secret to the workflow that it calls", job.id());
            report.at(workflow.subject, &called.span, message).address(format!("{}.secrets", job.address()));
        }
    }
}
