//! What a pod may do, and as whom: the rules about a whole workload.

use super::fields::{Field, set};
use super::workload::{Workload, flag, text, workloads};
use crate::edit::tree::Node;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static NONROOT: Rule = Rule {
    id: "kubernetes/not-nonroot",
    title: "Pods may run as root",
    gain: "whoever breaks into the service is root in the container, one mistake away from the node",
    severity: Severity::High,
    controls: &["GP-DK-01"],
    routing: Routing::Service,
    fix: Offer::Unsafe,
    page: include_str!("not_nonroot.md"),
    check: nonroot,
};

pub(super) static SECCOMP: Rule = Rule {
    id: "kubernetes/seccomp",
    title: "Pods may make any system call",
    gain: "holes in rarely used system calls let an intruder out of the container",
    severity: Severity::Medium,
    controls: &["GP-DK-01"],
    routing: Routing::Service,
    fix: Offer::Unsafe,
    page: include_str!("seccomp.md"),
    check: seccomp,
};

pub(super) static TOKEN: Rule = Rule {
    id: "kubernetes/mounted-token",
    title: "Pods carry a token for the cluster's interface",
    gain: "whoever breaks into the service speaks to the cluster in its name",
    severity: Severity::Medium,
    controls: &["GP-IAC-03"],
    routing: Routing::Service,
    fix: Offer::Unsafe,
    page: include_str!("mounted_token.md"),
    check: token,
};

pub(super) static HOST: Rule = Rule {
    id: "kubernetes/host-namespace",
    title: "Pods share what belongs to the node",
    gain: "whoever breaks into the service sees the node's processes, network or files, and can change them",
    severity: Severity::High,
    controls: &["GP-DK-01", "GP-IAC-05"],
    routing: Routing::Platform,
    fix: Offer::Unsafe,
    page: include_str!("host_namespace.md"),
    check: host,
};

fn nonroot(facts: &Facts<'_>, report: &mut Report) {
    for workload in workloads(facts) {
        let containers = workload.containers();
        let uid = |node: Option<&Node>| node.and_then(Node::scalar).and_then(|scalar| scalar.text.parse::<u64>().ok());
        let holds = |container: &super::workload::Container<'_>| {
            let user = uid(container.effective("runAsUser"));
            let nonroot =
                container.effective("runAsNonRoot").and_then(Node::scalar).is_some_and(|value| value.text == "true");
            user.map_or(nonroot, |user| user > 0)
        };
        let root = containers.iter().find(|container| !holds(container));
        let low =
            containers.iter().find(|container| uid(container.effective("runAsUser")).is_none_or(|user| user < 10_000));
        let Some(first) = root.or(low) else { continue };
        let message = if root.is_some() {
            format!("nothing keeps `{}` from running as root", first.name())
        } else {
            format!("`{}` runs as a user below 10000, which may be one of the node's", first.name())
        };
        let title = "run as user 10001";
        let pod = workload.get("securityContext");
        let own = containers
            .iter()
            .any(|container| container.security("runAsUser").is_some() || container.security("runAsNonRoot").is_some());
        let field = match pod {
            None => Some(Field { way: &["securityContext"], value: "runAsNonRoot: true\nrunAsUser: 10001\n" }),
            Some(pod) if pod.entry("runAsUser").is_none() && pod.entry("runAsNonRoot").is_some() => {
                Some(Field { way: &["securityContext", "runAsUser"], value: "10001" })
            }
            Some(pod) if pod.entry("runAsUser").is_some() => None,
            Some(_) => Some(Field { way: &["securityContext", "runAsUser"], value: "10001" }),
        };
        let repair = field.filter(|_| !own).and_then(|field| at_pod(&workload, &field, title));
        let found = report
            .at(workload.object.subject, &workload.object.top(), message)
            .address(workload.object.address())
            .fix(repair);
        if root.is_none() {
            found.milder();
        }
    }
}

fn seccomp(facts: &Facts<'_>, report: &mut Report) {
    for workload in workloads(facts) {
        let fine = |node: Option<&Node>| {
            let kind = node.and_then(|profile| text(profile, "type"));
            matches!(kind, Some("RuntimeDefault" | "Localhost"))
        };
        let annotated = workload
            .metadata
            .and_then(|metadata| workload.object.get(metadata, "annotations"))
            .is_some_and(|annotations| {
                let profile = text(annotations, "seccomp.security.alpha.kubernetes.io/pod").unwrap_or_default();
                profile.contains("default")
            });
        if annotated || workload.containers().iter().all(|container| fine(container.effective("seccompProfile"))) {
            continue;
        }
        let field = Field { way: &["securityContext", "seccompProfile"], value: "type: RuntimeDefault\n" };
        let absent = workload.get("securityContext").is_none_or(|context| context.entry("seccompProfile").is_none());
        let repair = absent.then(|| at_pod(&workload, &field, "use the runtime's seccomp profile")).flatten();
        let message = "no seccomp profile limits which system calls its pods make";
        report
            .at(workload.object.subject, &workload.object.top(), message)
            .address(workload.object.address())
            .fix(repair);
    }
}

fn token(facts: &Facts<'_>, report: &mut Report) {
    for workload in workloads(facts) {
        if flag(Some(workload.pod), "automountServiceAccountToken") == Some(false) {
            continue;
        }
        let field = Field { way: &["automountServiceAccountToken"], value: "false" };
        let repair = at_pod(&workload, &field, "mount no token");
        let message = "its pods carry a service account's token, whether they need it or not";
        report
            .at(workload.object.subject, &workload.object.top(), message)
            .address(workload.object.address())
            .fix(repair);
    }
}

fn host(facts: &Facts<'_>, report: &mut Report) {
    for workload in workloads(facts) {
        let object = workload.object;
        for (key, what) in [("hostNetwork", "network"), ("hostPID", "processes"), ("hostIPC", "shared memory")] {
            if flag(Some(workload.pod), key) != Some(true) {
                continue;
            }
            let Some((_, entry)) = workload.pod.entry(key) else { continue };
            let repair = at_pod(&workload, &Field { way: &[key], value: "false" }, "keep out of the node's namespace");
            let message = format!("`{key}` lets its pods into the node's {what}");
            report
                .at(object.subject, &object.place(&entry.span), message)
                .address(format!("{}/{key}", object.address()))
                .fix(repair);
        }
        let volumes = workload.get("volumes").and_then(Node::items).unwrap_or_default();
        for volume in volumes {
            let volume = object.document().resolve(&volume.value);
            let Some((_, entry)) = volume.entry("hostPath") else { continue };
            let path = text(object.document().resolve(&entry.value), "path").unwrap_or("?");
            let message = format!("a volume is `{path}` of the node itself");
            let name = text(volume, "name").unwrap_or("-");
            report
                .at(object.subject, &object.place(&entry.key_span), message)
                .address(format!("{}/{name}", object.address()));
        }
    }
}

/// Sets a field of the pod, before its containers where there is a key to stand behind.
fn at_pod(workload: &Workload<'_>, field: &Field<'_>, title: &str) -> Option<crate::rules::rule::Repair> {
    let after = ["serviceAccountName", "serviceAccount", "restartPolicy", "securityContext"]
        .into_iter()
        .find(|key| workload.pod.entry(key).is_some_and(|(_, entry)| entry.value.scalar().is_some()));
    set(&workload.object, workload.pod, after.unwrap_or("containers"), field, title)
}
