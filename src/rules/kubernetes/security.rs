//! What a container may do: the rules about its security context.

use super::fields::{Field, set};
use super::workload::{Container, flag, workloads};
use crate::edit::tree::Node;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static PRIVILEGED: Rule = Rule {
    id: "kubernetes/privileged",
    title: "A container is privileged",
    gain: "whoever breaks into the container owns the node, and every other container on it",
    severity: Severity::Critical,
    controls: &["GP-DK-01"],
    routing: Routing::Platform,
    fix: Offer::Unsafe,
    page: include_str!("privileged.md"),
    check: |facts, report| {
        each(facts, report, Some("privileged"), |container| {
            (flag(container.get("securityContext"), "privileged") == Some(true)).then(|| {
                let title = "take the privileges away";
                ("is privileged: it is root on the node", own(container, &["privileged"], "false", title))
            })
        });
    },
};

pub(super) static ESCALATION: Rule = Rule {
    id: "kubernetes/privilege-escalation",
    title: "A container may gain more rights than it started with",
    gain: "a program with the setuid bit makes an intruder root in the container",
    severity: Severity::High,
    controls: &["GP-DK-01"],
    routing: Routing::Service,
    fix: Offer::Unsafe,
    page: include_str!("privilege_escalation.md"),
    check: |facts, report| {
        each(facts, report, Some("allowPrivilegeEscalation"), |container| {
            (flag(container.get("securityContext"), "allowPrivilegeEscalation") != Some(false)).then(|| {
                let title = "forbid privilege escalation";
                (
                    "may gain rights: `allowPrivilegeEscalation` is not false",
                    own(container, &["allowPrivilegeEscalation"], "false", title),
                )
            })
        });
    },
};

pub(super) static ROOTFS: Rule = Rule {
    id: "kubernetes/writable-rootfs",
    title: "A container may change its own files",
    gain: "an intruder puts programs of his own where the service finds them",
    severity: Severity::Medium,
    controls: &["GP-DK-01"],
    routing: Routing::Service,
    fix: Offer::Unsafe,
    page: include_str!("writable_rootfs.md"),
    check: |facts, report| {
        each(facts, report, Some("readOnlyRootFilesystem"), |container| {
            (flag(container.get("securityContext"), "readOnlyRootFilesystem") != Some(true)).then(|| {
                let title = "make the root file system read-only";
                ("can write to its root file system", own(container, &["readOnlyRootFilesystem"], "true", title))
            })
        });
    },
};

pub(super) static CAPABILITIES: Rule = Rule {
    id: "kubernetes/capabilities",
    title: "A container keeps capabilities that it does not need",
    gain: "an intruder can forge packets, change owners of files, or more",
    severity: Severity::Medium,
    controls: &["GP-DK-01"],
    routing: Routing::Service,
    fix: Offer::Unsafe,
    page: include_str!("capabilities.md"),
    check: |facts, report| {
        each(facts, report, None, |container| {
            let capabilities = container.security("capabilities");
            let drops = |name: &str| list(capabilities, "drop").iter().any(|drop| drop.eq_ignore_ascii_case(name));
            (!drops("ALL")).then(|| {
                let absent = capabilities.is_none();
                let title = "drop all capabilities";
                let repair = absent.then(|| own(container, &["capabilities"], "drop:\n  - ALL\n", title)).flatten();
                ("does not drop all capabilities", repair)
            })
        });
    },
};

/// The texts of a list under a key.
fn list<'n>(node: Option<&'n Node>, key: &str) -> Vec<&'n str> {
    let items = node.and_then(|node| node.entry(key)).and_then(|(_, entry)| entry.value.items()).unwrap_or_default();
    items.iter().filter_map(|item| item.value.scalar()).map(|scalar| scalar.text.as_str()).collect()
}

/// Reports every container for which `judge` has something to say: where it states the key that is at fault, else at its
/// first line.
fn each(
    facts: &Facts<'_>,
    report: &mut Report,
    key: Option<&str>,
    judge: impl Fn(&Container<'_>) -> Option<(&'static str, Option<Repair>)>,
) {
    for workload in workloads(facts) {
        for container in workload.containers() {
            if let Some((what, repair)) = judge(&container) {
                let message = format!("`{}` {what}", container.name());
                let place = key.and_then(|key| container.stated(key)).unwrap_or_else(|| container.top());
                report.at(workload.object.subject, &place, message).address(container.address()).fix(repair);
            }
        }
    }
}

/// Sets a field of the container's own security context.
fn own(container: &Container<'_>, way: &[&str], value: &str, title: &str) -> Option<Repair> {
    let mut whole = vec!["securityContext"];
    whole.extend(way);
    set(&container.workload.object, container.node, "image", &Field { way: &whole, value }, title)
}
