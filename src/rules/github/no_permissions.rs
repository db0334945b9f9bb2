use super::needs::{Needs, needs};
use super::workflow::Workflow;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/no-permissions",
    title: "The workflow does not limit its token",
    gain: "a step that is taken over acts with whatever the repository's default token may do, which is often everything",
    severity: Severity::High,
    controls: &["GP-CI-02"],
    routing: Routing::Service,
    fix: Offer::Either,
    page: include_str!("no_permissions.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for workflow in Workflow::all(facts) {
        let jobs = workflow.jobs();
        if workflow.get("permissions").is_some() || jobs.is_empty() {
            continue;
        }
        if jobs.iter().all(|job| job.get("permissions").is_some()) {
            continue;
        }
        let message = "no `permissions`: every job gets the repository's default token";
        // A licence above it is none of the workflow.
        let Some(first) = workflow.root.entries().and_then(<[_]>::first) else { continue };
        report.at(workflow.subject, &first.key_span, message).address("permissions").fix(repair(&workflow));
    }
}

/// Nothing at the top, and in each job what its steps are known to need.
fn repair(workflow: &Workflow<'_>) -> Option<Repair> {
    let open: Vec<_> = workflow.jobs().into_iter().filter(|job| job.get("permissions").is_none()).collect();
    let all: Vec<Needs> = open.iter().map(needs).collect();
    let title = "give the token nothing, and each job what its steps need";
    let known = all.iter().all(|needs| needs.known);
    let mut repair = if known { Repair::safe(title) } else { Repair::risky(title) };
    repair = super::insert::above_jobs(repair, workflow, "permissions: {}")?.changes(vec!["permissions".to_owned()]);
    for (job, needs) in open.iter().zip(&all) {
        let line = |(scope, (access, action)): (&&str, &(&str, &str))| match (*scope, *access) {
            ("contents", "read") => "contents: read".to_owned(),
            // A right that nobody can explain is a finding, too.
            _ => format!("{scope}: {access} # {action}"),
        };
        let scopes: Vec<String> = needs.scopes.iter().map(line).collect();
        let lines = if scopes.is_empty() {
            "permissions: {}".to_owned()
        } else {
            format!("permissions:\n  {}", scopes.join("\n  "))
        };
        let behind = if job.is_call() { "uses" } else { "runs-on" };
        repair = super::insert::in_job(repair, job, behind, &lines)?.changes(job.way(&["permissions"]));
    }
    Some(repair)
}
