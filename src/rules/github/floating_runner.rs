use std::sync::LazyLock;

use super::workflow::{Workflow, get, text};
use crate::edit::Format;
use crate::edit::tree::{Document, Node};
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/floating-runner",
    title: "The runner's image changes by itself",
    gain: "nothing by itself, but the day the label moves, builds change that nobody changed",
    severity: Severity::Low,
    controls: &["GP-SC-03"],
    routing: Routing::Platform,
    fix: Offer::Unsafe,
    page: include_str!("floating_runner.md"),
    check,
};

/// What the built-in path pins.
static PINS: LazyLock<Option<Document>> =
    LazyLock::new(|| Document::parse(Format::Yaml, include_str!("../../../templates/pins.yaml")).ok());

/// The label that stands for a system (`ubuntu`) among the pins.
fn pinned(system: &str) -> Option<&'static str> {
    let document = PINS.as_ref()?;
    get(document, get(document, document.root.as_ref()?, "runners")?, system).and_then(text)
}

fn check(facts: &Facts<'_>, report: &mut Report) {
    for workflow in Workflow::all(facts) {
        for job in workflow.jobs() {
            let Some(runs_on) = job.get("runs-on") else { continue };
            let labels: Vec<(&Node, Vec<String>)> = match runs_on.items() {
                Some(items) => {
                    let way = |n: usize| job.way(&["runs-on", &n.to_string()]);
                    items.iter().enumerate().map(|(n, item)| (workflow.document.resolve(&item.value), way(n))).collect()
                }
                None => vec![(runs_on, job.way(&["runs-on"]))],
            };
            for (label, way) in labels {
                let Some(name) = text(label).filter(|name| name.ends_with("-latest")) else { continue };
                let label_of = name.strip_suffix("-latest").and_then(pinned);
                let repair = label_of.map(|pinned| {
                    let value = &workflow.document.text()[label.span.clone()];
                    let title = format!("run on `{pinned}`");
                    Repair::risky(title).replace(label.span.clone(), value.replace(name, pinned)).changes(way)
                });
                let message = format!("`{name}` is another image after GitHub moves it");
                let address = format!("{}.runs-on[{name}]", job.address());
                report.at(workflow.subject, &label.span, message).address(address).fix(repair);
            }
        }
    }
}
