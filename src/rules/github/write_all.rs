use super::workflow::{Workflow, text};
use crate::edit::tree::Node;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::facts::Subject;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/write-all",
    title: "The token may write more than a job needs",
    gain: "a step that is taken over can push code, approve changes or publish packages",
    severity: Severity::High,
    controls: &["GP-CI-02"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("write_all.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for workflow in Workflow::all(facts) {
        if let Some(permissions) = workflow.get("permissions") {
            all(report, workflow.subject, permissions, "permissions");
            for entry in permissions.entries().unwrap_or_default() {
                // `github/id-token-at-top` has that one.
                if entry.key == "id-token" || text(workflow.document.resolve(&entry.value)) != Some("write") {
                    continue;
                }
                let message = format!("`{}: write` holds for every job of the workflow, needed or not", entry.key);
                report.at(workflow.subject, &entry.span, message).address(format!("permissions.{}", entry.key));
            }
        }
        for job in workflow.jobs() {
            if let Some(permissions) = job.get("permissions") {
                all(report, workflow.subject, permissions, &format!("{}.permissions", job.address()));
            }
        }
    }
}

fn all(report: &mut Report, subject: &Subject<'_>, permissions: &Node, address: &str) {
    if text(permissions) == Some("write-all") {
        report.at(subject, &permissions.span, "the token may write everything").address(address);
    }
    if text(permissions) == Some("read-all") {
        report.at(subject, &permissions.span, "the token may read everything").address(address).only_informs();
    }
}
