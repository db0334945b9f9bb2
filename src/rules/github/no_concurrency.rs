use super::workflow::{Job, Workflow, text};
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/no-concurrency",
    title: "Runs of the workflow overlap",
    gain: "two deployments of different commits can race, and the older one can win",
    severity: Severity::Low,
    controls: &["GP-CI-05"],
    routing: Routing::Service,
    fix: Offer::Unsafe,
    page: include_str!("no_concurrency.md"),
    check,
};

const SILENT: &str = "a group without `cancel-in-progress`: whether a newer run ends an older one is left unsaid";

fn check(facts: &Facts<'_>, report: &mut Report) {
    for workflow in Workflow::all(facts) {
        let triggers = workflow.triggers();
        // A called workflow runs in its caller's group.
        let only_called = !triggers.is_empty() && triggers.iter().all(|trigger| trigger.name == "workflow_call");
        // The jobs of a called workflow are judged there.
        let in_jobs = workflow.running_jobs().iter().all(|job| job.is_call() || job.get("concurrency").is_some());
        if only_called {
            continue;
        }
        if let Some((_, entry)) = workflow.root.entry("concurrency") {
            if text(workflow.document.resolve(&entry.value)).is_some() {
                report.at(workflow.subject, &entry.key_span, SILENT).address("concurrency");
            }
            continue;
        }
        if in_jobs {
            let silent = |job: &Job<'_>| job.get("concurrency").is_some_and(|group| text(group).is_some());
            if let (Some(job), Some((_, on))) =
                (workflow.running_jobs().iter().find(|job| silent(job)), workflow.root.entry("on"))
            {
                let message = format!("job `{}`: {SILENT}", job.id());
                report.at(workflow.subject, &on.key_span, message).address(format!("{}.concurrency", job.address()));
            }
            continue;
        }
        let lines = "concurrency:\n  group: ${{ github.workflow }}-${{ github.ref }}\n  \
                     cancel-in-progress: ${{ github.event_name == 'pull_request' }}";
        let repair = Repair::risky("let one run a branch wait for the other").changes(vec!["concurrency".to_owned()]);
        let repair = super::insert::above_jobs(repair, &workflow, lines);
        let Some((_, on)) = workflow.root.entry("on") else { continue };
        report
            .at(workflow.subject, &on.key_span, "no `concurrency`: runs of one branch overlap")
            .address("concurrency")
            .fix(repair);
    }
}
