use super::workflow::Workflow;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/no-timeout",
    title: "A job may run for six hours",
    gain: "a hung or hijacked job burns minutes and holds runners until GitHub ends it",
    severity: Severity::Low,
    controls: &["GP-CI-05"],
    routing: Routing::Service,
    fix: Offer::Unsafe,
    page: include_str!("no_timeout.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for workflow in Workflow::all(facts) {
        for job in workflow.running_jobs() {
            if job.is_call() || job.get("timeout-minutes").is_some() {
                continue;
            }
            let repair = Repair::risky("end the job after 30 minutes").changes(job.way(&["timeout-minutes"]));
            let repair = super::insert::in_job(repair, &job, "runs-on", "timeout-minutes: 30");
            let message = format!("job `{}` has no `timeout-minutes`, so it may run for 6 hours", job.id());
            report.at(workflow.subject, &job.entry.key_span, message).address(job.address()).fix(repair);
        }
    }
}
