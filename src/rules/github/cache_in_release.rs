use super::caches::{Cache, cache};
use super::insert;
use super::publishing::always_delivers;
use super::workflow::{Step, Workflow, get, text};
use crate::edit::tree::Node;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/cache-in-release",
    title: "A release is built from a cache",
    gain: "whoever got one run of any branch to write a poisoned cache gets his code into what is released",
    severity: Severity::Medium,
    controls: &["GP-SC-01", "GP-CI-04"],
    routing: Routing::Service,
    fix: Offer::Unsafe,
    page: include_str!("cache_in_release.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for workflow in Workflow::all(facts) {
        let starts = Starts::of(&workflow);
        for job in workflow.running_jobs() {
            let steps = job.running_steps();
            if !starts.releases && !steps.iter().any(always_delivers) {
                continue;
            }
            for step in &steps {
                let Some(cache) = cache(step, starts.releases && starts.tags_only) else { continue };
                let Some(uses) = step.get("uses") else { continue };
                let action = text(uses).unwrap_or_default().split('@').next().unwrap_or_default();
                let message = format!("`{action}` restores a cache that other runs wrote, and this job releases");
                let address = format!("{}.cache", step.address());
                report.at(step.subject, &uses.span, message).address(address).fix(repair(step, &cache));
            }
        }
    }
}

/// What starts a workflow.
struct Starts {
    /// A tag, a release, or a branch that is named for releases.
    releases: bool,
    /// None of them is a branch.
    tags_only: bool,
}

impl Starts {
    fn of(workflow: &Workflow<'_>) -> Self {
        let push = workflow.get("on").and_then(|on| get(workflow.document, on, "push"));
        // A filter without a value filters nothing.
        let has = |key: &str| {
            push.and_then(|push| get(workflow.document, push, key)).is_some_and(|filter| !filter.is_empty())
        };
        let branches = push.and_then(|push| get(workflow.document, push, "branches"));
        let named = |node: &Node| {
            let listed = node.items().unwrap_or_default().iter().filter_map(|item| text(&item.value));
            listed.chain(text(node)).any(|name| name.to_lowercase().contains("release"))
        };
        let branch = branches.is_some_and(named);
        let tags = has("tags") || has("tags-ignore");
        let releases = workflow.is_triggered_by("release");
        Starts { releases: branch || tags || releases, tags_only: !branch }
    }
}

/// Each input that lets the action restore says the opposite.
fn repair(step: &Step<'_>, cache: &Cache) -> Option<Repair> {
    if cache.always || cache.inputs.is_empty() {
        return None;
    }
    let named: Vec<String> = cache.inputs.iter().map(|(input, value)| format!("{input}: {value}")).collect();
    let repair = Repair::risky(format!("build without the cache: `{}`", named.join("`, `")));
    insert::inputs(repair, step, &cache.inputs)
}
