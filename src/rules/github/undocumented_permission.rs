use super::workflow::{Workflow, text};
use crate::edit::tree::Node;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/undocumented-permission",
    title: "Nobody says what the token needs a right for",
    gain: "nothing by itself, but a right that nobody can explain is a right that nobody dares to take away",
    severity: Severity::Low,
    controls: &["GP-CI-02"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("undocumented_permission.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for workflow in Workflow::all(facts) {
        judge(&workflow, workflow.get("permissions"), "permissions", report);
        for job in workflow.jobs() {
            judge(&workflow, job.get("permissions"), &format!("{}.permissions", job.address()), report);
        }
    }
}

fn judge(workflow: &Workflow<'_>, permissions: Option<&Node>, address: &str, report: &mut Report) {
    let document = workflow.document;
    for entry in permissions.and_then(Node::entries).unwrap_or_default() {
        let access = text(document.resolve(&entry.value)).unwrap_or_default();
        // Nearly every job checks out its code, and everybody knows what for.
        if !matches!(access, "write" | "read") || (entry.key == "contents" && access == "read") {
            continue;
        }
        let comment = document.comment_after(entry.span.end);
        let says = comment.is_some_and(|range| document.text()[range.clone()].chars().any(char::is_alphanumeric));
        if !says {
            let message = format!("`{}: {access}` has no comment that says what for", entry.key);
            report.at(workflow.subject, &entry.span, message).address(format!("{address}.{}", entry.key));
        }
    }
}
