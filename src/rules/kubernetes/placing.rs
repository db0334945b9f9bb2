//! Where objects live, and who may speak to them.

use std::collections::BTreeMap;

use super::fields::{Field, set};
use super::workload::{Object, objects, text, workloads};
use crate::edit::tree::Node;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static NAMESPACE: Rule = Rule {
    id: "kubernetes/default-namespace",
    title: "An object lives in the default namespace",
    gain: "limits, network policies and rights that hold by namespace do not separate it from anything",
    severity: Severity::Low,
    controls: &["GP-IAC-05"],
    routing: Routing::Service,
    fix: Offer::Unsafe,
    page: include_str!("default_namespace.md"),
    check: namespace,
};

pub(super) static POLICY: Rule = Rule {
    id: "kubernetes/no-networkpolicy",
    title: "No network policy covers a workload",
    gain: "whoever breaks into any pod of the cluster can reach this one, and from this one everything else",
    severity: Severity::Medium,
    controls: &["GP-IAC-05"],
    routing: Routing::Platform,
    fix: Offer::Nothing,
    page: include_str!("no_networkpolicy.md"),
    check: policy,
};

/// Kinds that live in a namespace, as far as they are common.
const NAMESPACED: [&str; 17] = [
    "Pod",
    "Deployment",
    "DaemonSet",
    "StatefulSet",
    "ReplicaSet",
    "ReplicationController",
    "Job",
    "CronJob",
    "Service",
    "Secret",
    "ServiceAccount",
    "Role",
    "RoleBinding",
    "ConfigMap",
    "Ingress",
    "PersistentVolumeClaim",
    "DeploymentConfig",
];

fn namespace(facts: &Facts<'_>, report: &mut Report) {
    let objects = objects(facts);
    let only = only_namespace(&objects);
    for object in objects {
        let Some(kind) = object.kind().filter(|kind| NAMESPACED.contains(kind)) else { continue };
        // The cluster makes this one in every namespace.
        if kind == "ServiceAccount" && object.name() == "default" {
            continue;
        }
        let message = match object.namespace() {
            None if placed_elsewhere(facts, &object) => continue,
            None => format!("{kind} `{}` names no namespace, so it lands in the default one", object.name()),
            Some("default") => format!("{kind} `{}` lives in the default namespace", object.name()),
            Some(_) => continue,
        };
        let repair = only.and_then(|name| {
            let field = Field { way: &["metadata", "namespace"], value: name };
            set(&object, object.node, "name", &field, &format!("place it in the namespace `{name}`"))
        });
        let found = report.at(object.subject, &object.top(), message).address(object.address()).fix(repair);
        // A claim goes where the workload goes that mounts it, which is told itself.
        if kind == "PersistentVolumeClaim" {
            found.only_informs();
        }
    }
}

/// The namespace that the repository's manifests speak of, if they speak of one alone.
fn only_namespace<'f>(objects: &[Object<'f>]) -> Option<&'f str> {
    let declared = objects.iter().filter(|object| object.kind() == Some("Namespace")).map(Object::name);
    let used = objects.iter().filter_map(Object::namespace);
    let mut all: Vec<&str> = declared.chain(used).filter(|name| !matches!(*name, "default" | "-")).collect();
    all.sort_unstable();
    all.dedup();
    let plain = |name: &&str| name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    match all.as_slice() {
        [name] => Some(*name).filter(plain).filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase())),
        _ => None,
    }
}

/// Whether a kustomization beside the file takes it in and names the namespace.
fn placed_elsewhere(facts: &Facts<'_>, object: &Object<'_>) -> bool {
    let path = &object.subject.path;
    let directory = path.parent().map_or_else(String::new, |dir| format!("{dir}/"));
    matches!(kustomized(facts, &directory, path.file_name()), Kustomized::Names(_))
}

fn policy(facts: &Facts<'_>, report: &mut Report) {
    let mut homes = Homes::default();
    let policies: Vec<(Object<'_>, Option<String>)> = objects(facts)
        .into_iter()
        .filter(|object| object.kind() == Some("NetworkPolicy"))
        .map(|object| (object, homes.of(facts, &object)))
        .collect();
    for workload in workloads(facts) {
        let home = homes.of(facts, &workload.object);
        let labels = workload.metadata.and_then(|metadata| workload.object.get(metadata, "labels"));
        // Of these a bare pod is whole without labels, and a job, whose pods the cluster labels; the others are patches.
        let names_image = || workload.containers().iter().any(|container| container.get("image").is_some());
        let whole = workload.object.kind() == Some("Pod") || workload.ends() && names_image();
        if labels.is_none() && !whole {
            continue;
        }
        let covered = policies.iter().any(|(policy, place)| {
            place.as_ref().zip(home.as_ref()).is_none_or(|(a, b)| a == b) && selects(policy, labels)
        });
        if !covered {
            let namespace = workload.object.namespace().or(home.as_deref()).unwrap_or("default");
            let message = format!("no NetworkPolicy in this repository selects its pods in namespace `{namespace}`");
            report.at(workload.object.subject, &workload.object.top(), message).address(workload.object.address());
        }
    }
}

/// What the kustomization beside a file says of its namespace.
enum Kustomized {
    /// There is none.
    Nothing,
    /// Nothing, so another one may say it.
    Silent,
    /// This one.
    Names(String),
}

/// What kustomizations say, by the file that they are beside.
#[derive(Default)]
struct Homes(BTreeMap<String, Kustomized>);

impl Homes {
    /// The namespace that an object ends up in; none where a kustomization of another directory may still say it.
    fn of(&mut self, facts: &Facts<'_>, object: &Object<'_>) -> Option<String> {
        let path = &object.subject.path;
        let directory = path.parent().map_or_else(String::new, |dir| format!("{dir}/"));
        let beside = self.0.entry(path.to_string()).or_insert_with(|| kustomized(facts, &directory, path.file_name()));
        let own = object.namespace().map(ToOwned::to_owned);
        match beside {
            Kustomized::Names(name) => Some(name.clone()),
            Kustomized::Silent => own,
            Kustomized::Nothing => own.or_else(|| Some("default".to_owned())),
        }
    }
}

fn kustomized(facts: &Facts<'_>, directory: &str, file: &str) -> Kustomized {
    let text = KUSTOMIZATIONS.iter().find_map(|name| facts.text(&format!("{directory}{name}")));
    let Some(text) = text else { return Kustomized::Nothing };
    match text.lines().find_map(|line| line.strip_prefix("namespace:")) {
        // It places what it takes in; of others nothing is known.
        Some(_) if !text.contains(file) => Kustomized::Silent,
        Some(name) => Kustomized::Names(name.trim().trim_matches(['"', '\'']).to_owned()),
        None => Kustomized::Silent,
    }
}

const KUSTOMIZATIONS: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Whether a policy's selector matches the labels; expressions are taken to match.
fn selects(policy: &Object<'_>, labels: Option<&Node>) -> bool {
    let selector = policy.get(policy.node, "spec").and_then(|spec| policy.get(spec, "podSelector"));
    let Some(wanted) = selector.and_then(|selector| policy.get(selector, "matchLabels")).and_then(Node::entries) else {
        return selector.is_some();
    };
    wanted.iter().all(|entry| {
        let value = entry.value.scalar().map(|scalar| scalar.text.as_str());
        labels.is_some_and(|labels| text(labels, &entry.key) == value)
    })
}
