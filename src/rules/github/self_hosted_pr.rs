use super::outsiders::Outsiders;
use super::workflow::{Job, Workflow, get, text};
use crate::edit::tree::{Document, Kind, Node};
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/self-hosted-pr",
    title: "Pull requests run on your own machines",
    gain: "in a public repository anybody's pull request runs commands inside your network, and may stay on the machine",
    severity: Severity::High,
    controls: &["GP-CI-04"],
    routing: Routing::Platform,
    fix: Offer::Nothing,
    page: include_str!("self_hosted_pr.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    let outsiders = Outsiders::of(facts);
    for workflow in Workflow::all(facts) {
        for job in workflow.running_jobs().into_iter().filter(|job| !job.is_call()) {
            let (Some(runner), Some((_, entry))) = (job.get("runs-on"), job.node.entry("runs-on")) else { continue };
            let Some(why) = own_machine(&job, runner) else { continue };
            let address = format!("{}.runs-on", job.address());
            if outsiders.starting(&job).is_empty() {
                let message =
                    format!("job `{}` {why}; no outsider starts it, but runs may find what others left", job.id());
                report.at(workflow.subject, &entry.key_span, message).address(address).only_informs();
                continue;
            }
            let message = format!("job `{}` {why}, and pull requests start it", job.id());
            report.at(workflow.subject, &entry.key_span, message).address(address);
        }
    }
}

const OWN: &str = "runs on a machine of your own";
const MAYBE: &str = "may run on a machine of your own";

/// Why the runner is, or may be, one of your own.
fn own_machine(job: &Job<'_>, runner: &Node) -> Option<&'static str> {
    let document = job.workflow.document;
    if runner.entries().is_some() {
        return match get(document, runner, "labels") {
            Some(labels) if names_own(document, labels) => Some(OWN),
            // Labels without a group mean what they mean as a list.
            Some(labels) if get(document, runner, "group").is_none() => own_machine(job, labels),
            _ => Some(MAYBE),
        };
    }
    if let Some(items) = runner.items() {
        let labels: Vec<&str> = items.iter().filter_map(|item| text(document.resolve(&item.value))).collect();
        return match labels.first()? {
            _ if labels.contains(&"self-hosted") => Some(OWN),
            first if first.starts_with("${{") && first.ends_with("}}") => Some(MAYBE),
            _ => None,
        };
    }
    let label = text(runner)?;
    if label == "self-hosted" {
        return Some(OWN);
    }
    // A matrix that names such a runner anywhere.
    let name = label.trim().strip_prefix("${{")?.strip_suffix("}}")?.trim();
    let key = name.strip_prefix("matrix.")?.rsplit('.').next()?;
    let matrix = get(document, job.get("strategy")?, "matrix")?;
    values(document, matrix, key).iter().any(|value| names_own(document, value)).then_some(MAYBE)
}

/// Whether `self-hosted` stands anywhere in a value.
fn names_own(document: &Document, node: &Node) -> bool {
    match &document.resolve(node).kind {
        Kind::Scalar(scalar) => scalar.text.contains("self-hosted"),
        Kind::Mapping(_, entries) => entries.iter().any(|entry| names_own(document, &entry.value)),
        Kind::Sequence(_, items) => items.iter().any(|item| names_own(document, &item.value)),
        Kind::Alias(_) => false,
    }
}

/// The values under a key, anywhere in a matrix.
fn values<'f>(document: &'f Document, node: &'f Node, key: &str) -> Vec<&'f Node> {
    let node = document.resolve(node);
    let mut all = Vec::new();
    for entry in node.entries().unwrap_or_default() {
        if entry.key == key {
            all.push(document.resolve(&entry.value));
        }
        all.extend(values(document, &entry.value, key));
    }
    for item in node.items().unwrap_or_default() {
        all.extend(values(document, &item.value, key));
    }
    all
}
