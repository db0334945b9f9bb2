//! What a container is, and how the cluster looks after it.

use super::fields::{Field, set};
use super::workload::{text, workloads};
use crate::catalogue::images::Reference;
use crate::edit::tree::Node;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static IMAGE: Rule = Rule {
    id: "kubernetes/image-unpinned",
    title: "A container's image is named by a tag alone",
    gain: "whoever can move the tag runs code in the cluster as soon as a pod restarts",
    severity: Severity::Medium,
    controls: &["GP-DK-02"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("image_unpinned.md"),
    check: image,
};

pub(super) static RESOURCES: Rule = Rule {
    id: "kubernetes/no-resources",
    title: "A container may take all of a node",
    gain: "one service that is flooded, or abused for mining, starves its neighbours",
    severity: Severity::Low,
    controls: &["GP-OBS-02"],
    routing: Routing::Service,
    fix: Offer::Unsafe,
    page: include_str!("no_resources.md"),
    check: resources,
};

pub(super) static PROBES: Rule = Rule {
    id: "kubernetes/no-probes",
    title: "The cluster cannot tell whether a container is well",
    gain: "a service that hangs keeps getting requests, and nobody is told",
    severity: Severity::Low,
    controls: &["GP-OBS-02"],
    routing: Routing::Service,
    fix: Offer::Unsafe,
    page: include_str!("no_probes.md"),
    check: probes,
};

fn image(facts: &Facts<'_>, report: &mut Report) {
    for workload in workloads(facts) {
        for container in workload.containers() {
            let Some((_, entry)) = container.node.entry("image") else { continue };
            let Some(scalar) = entry.value.scalar() else { continue };
            let image = Reference::read(&scalar.text);
            if image.digest.is_some() || is_open(&scalar.text) {
                continue;
            }
            let message = match image.tag.as_deref() {
                None | Some("latest") => format!("`{}` is whatever its registry holds when a pod starts", scalar.text),
                Some(_) => {
                    format!("`{}` has no digest, so another image can take its place under the same tag", scalar.text)
                }
            };
            let place = workload.object.place(&entry.value.span);
            report.at(workload.object.subject, &place, message).address(container.address());
        }
    }
}

/// Whether what is filled in later may bring a digest: it stands in the image's last part, and no tag behind it.
fn is_open(image: &str) -> bool {
    let last = image.rsplit('/').next().unwrap_or(image);
    let name = last.split(':').next().unwrap_or(last);
    let filled = name.contains('$') || name.contains("{{");
    // `${IMAGE:-default}` has no tag of its own.
    let unclosed = name.matches('{').count() > name.matches('}').count();
    filled && (name == last || unclosed)
}

fn resources(facts: &Facts<'_>, report: &mut Report) {
    for workload in workloads(facts) {
        for container in workload.containers() {
            let object = workload.object;
            let limits = container.get("resources").and_then(|resources| object.get(resources, "limits"));
            let lacking: Vec<&str> = ["cpu", "memory"]
                .into_iter()
                .filter(|key| limits.is_none_or(|limits| object.get(limits, key).is_none()))
                .collect();
            if lacking.is_empty() {
                continue;
            }
            let value = "requests:\n  cpu: 100m\n  memory: 128Mi\nlimits:\n  cpu: \"1\"\n  memory: 512Mi\n";
            let field = Field { way: &["resources"], value };
            let absent = container.get("resources").is_none();
            let repair =
                absent.then(|| set(&object, container.node, "image", &field, "limit processor and memory")).flatten();
            let message = format!("`{}` has no limit of {}", container.name(), lacking.join(" and "));
            report.at(object.subject, &container.top(), message).address(container.address()).fix(repair);
        }
    }
}

fn probes(facts: &Facts<'_>, report: &mut Report) {
    for workload in workloads(facts) {
        if workload.ends() {
            continue;
        }
        for container in workload.containers().into_iter().filter(|container| !container.init) {
            let lacks = |key: &str| container.get(key).is_none();
            let lacking: Vec<&str> = ["livenessProbe", "readinessProbe"].into_iter().filter(|key| lacks(key)).collect();
            if lacking.is_empty() {
                continue;
            }
            let ports = container.get("ports").and_then(Node::items).unwrap_or_default();
            let tcp = ports.iter().find(|port| text(&port.value, "protocol").is_none_or(|protocol| protocol == "TCP"));
            let port = tcp
                .and_then(|port| text(&port.value, "containerPort"))
                .filter(|port| port.bytes().all(|b| b.is_ascii_digit()));
            let object = workload.object;
            let repair = port.zip(lacking.first()).and_then(|(port, key)| {
                let value = format!("tcpSocket:\n  port: {port}\n");
                set(&object, container.node, "image", &Field { way: &[*key], value: &value }, "probe the first port")
            });
            let message = format!("`{}` has no {}", container.name(), lacking.join(" and no "));
            report.at(object.subject, &container.top(), message).address(container.address()).fix(repair);
        }
    }
}
