use super::workflow::{Job, Uses, Workflow, get, pins, text};
use crate::catalogue::images::Reference;
use crate::edit::tree::{Document, Node};
use crate::model::finding::Severity;
use crate::rules::facts::{Facts, Subject};
use crate::rules::image_pin;
use crate::rules::kind::Kind;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/container-image-unpinned",
    title: "A container image is not pinned to a digest",
    gain: "whoever can push the tag runs code in your pipeline, beside the source and the secrets",
    severity: Severity::High,
    controls: &["GP-CI-01"],
    routing: Routing::Platform,
    fix: Offer::Either,
    page: include_str!("container_image_unpinned.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for workflow in Workflow::all(facts) {
        for job in workflow.running_jobs() {
            if let Some(container) = job.get("container") {
                let (image, way) = if container.entries().is_some() {
                    (get(workflow.document, container, "image"), job.way(&["container", "image"]))
                } else {
                    (Some(container), job.way(&["container"]))
                };
                let image = image.filter(|image| !from_pinned_matrix(&job, image));
                judge(facts, report, workflow.subject, image, &format!("{}.container", job.address()), way);
            }
            let services = job.get("services").and_then(Node::entries).unwrap_or_default();
            for service in services {
                let image = get(workflow.document, workflow.document.resolve(&service.value), "image");
                let image = image.filter(|image| !from_pinned_matrix(&job, image));
                let way = job.way(&["services", &service.key, "image"]);
                judge(
                    facts,
                    report,
                    workflow.subject,
                    image,
                    &format!("{}.services.{}", job.address(), service.key),
                    way,
                );
            }
        }
    }
    for pin in pins(facts).iter().filter(|pin| matches!(pin.uses, Uses::Image(_))) {
        judge(facts, report, pin.subject, Some(pin.node), &pin.address(), pin.way());
    }
    for subject in facts.of_kind(Kind::Action) {
        let image = subject.document().and_then(image_of_action);
        judge(facts, report, subject, image, "runs.image", vec!["runs".to_owned(), "image".to_owned()]);
    }
}

/// Whether the image is a value of the job's matrix, and each image that the matrix names has a digest (or is none).
fn from_pinned_matrix(job: &Job<'_>, image: &Node) -> bool {
    let Some(name) = text(image).and_then(|value| value.trim().strip_prefix("${{")?.strip_suffix("}}")) else {
        return false;
    };
    let Some(key) = name.trim().strip_prefix("matrix.") else { return false };
    let Some(strategy) = job.get("strategy") else { return false };
    let Some(matrix) = get(job.workflow.document, strategy, "matrix") else { return false };
    let last = key.rsplit('.').next().unwrap_or(key);
    let mut values = Vec::new();
    named(job.workflow.document, matrix, last, &mut values);
    !values.is_empty() && values.iter().all(|value| value.is_empty() || value.contains("@sha256:"))
}

/// The texts under a key, anywhere in a value.
fn named<'f>(document: &'f Document, node: &'f Node, key: &str, values: &mut Vec<&'f str>) {
    let node = document.resolve(node);
    for entry in node.entries().unwrap_or_default() {
        let value = document.resolve(&entry.value);
        if entry.key == key {
            values.extend(text(value));
            values.extend(value.items().unwrap_or_default().iter().filter_map(|item| text(&item.value)));
        }
        named(document, value, key, values);
    }
    for item in node.items().unwrap_or_default() {
        named(document, &item.value, key, values);
    }
}

/// The image of a Docker action that is not built from a Dockerfile.
fn image_of_action(document: &Document) -> Option<&Node> {
    let image = get(document, get(document, document.root.as_ref()?, "runs")?, "image")?;
    let file = text(image)?.rsplit('/').next()?.to_ascii_lowercase();
    let built = file == "dockerfile" || file.starts_with("dockerfile.") || file.ends_with(".dockerfile");
    (!built).then_some(image)
}

fn judge(
    facts: &Facts<'_>,
    report: &mut Report,
    subject: &Subject<'_>,
    image: Option<&Node>,
    address: &str,
    way: Vec<String>,
) {
    let Some(node) = image else { return };
    let Some(value) = text(node) else { return };
    let name = value.strip_prefix("docker://").unwrap_or(value);
    if name.is_empty() || name.contains("@sha256:") {
        return;
    }
    let message = if name.contains("${{") {
        format!("nothing here shows that `{name}` ends in a digest")
    } else {
        format!("`{name}` can be pushed anew; a digest cannot")
    };
    let image = Reference::read(name);
    let repair = image_pin::end_in(subject.seen(), &node.span, name)
        .and_then(|end| image_pin::pin(facts, &image, end))
        .map(|repair| repair.changes(way));
    report
        .at(subject, &node.span, message)
        .address(format!("{address}[{name}]"))
        .fix(repair)
        .asks(image_pin::lookup(facts, &image));
}
