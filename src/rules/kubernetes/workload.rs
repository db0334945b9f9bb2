//! What runs pods, wherever it stands: each workload with its pod and its containers.

use std::ops::Range;

use crate::edit::documents::Part;
use crate::edit::tree::{Document, Kind, Node, Type};
use crate::rules::facts::{Facts, Subject};
use crate::rules::kind;

/// One object of Kubernetes.
#[derive(Clone, Copy)]
pub(super) struct Object<'f> {
    pub subject: &'f Subject<'f>,
    pub part: &'f Part,
    pub node: &'f Node,
}

/// An object that runs pods.
#[derive(Clone, Copy)]
pub(super) struct Workload<'f> {
    pub object: Object<'f>,
    /// The specification of its pods.
    pub pod: &'f Node,
    /// The metadata of its pods.
    pub metadata: Option<&'f Node>,
}

/// A container of a workload.
#[derive(Clone, Copy)]
pub(super) struct Container<'f> {
    pub workload: Workload<'f>,
    pub node: &'f Node,
    /// Whether it runs to its end before the others start.
    pub init: bool,
}

/// Every object in the repository's manifests. A template with values to be filled in is no manifest yet, but a
/// text within a manifest may well be one.
pub(super) fn objects<'f>(facts: &'f Facts<'_>) -> Vec<Object<'f>> {
    let mut all = Vec::new();
    for subject in facts.of_kind(kind::Kind::Yaml) {
        // What is not UTF-8 has no text to be seen, and is to be told if it is a manifest.
        let raw = subject.file().filter(|file| file.text().is_none()).map(|file| String::from_utf8_lossy(&file.bytes));
        if !looks_like_manifest(raw.as_deref().unwrap_or(subject.seen())) {
            continue;
        }
        for part in subject.parts_of_template() {
            let Some(root) = &part.document.root else { continue };
            let whole = part.document.text();
            if whole.contains("{{") && has_blanks(whole, root) {
                continue;
            }
            let items = root.entry("items").and_then(|(_, items)| items.value.items());
            match items.filter(|_| text(root, "kind").is_some_and(|kind| kind.ends_with("List"))) {
                Some(items) => all.extend(items.iter().map(|item| Object { subject, part, node: &item.value })),
                None => all.push(Object { subject, part, node: root }),
            }
        }
    }
    all.retain(|object| object.kind().is_some() && text(object.node, "apiVersion").is_some());
    all
}

/// Cheap, so that other YAML files are not parsed.
fn looks_like_manifest(text: &str) -> bool {
    text.contains("apiVersion") && text.contains("kind")
}

/// Whether a value is `{{ … }}`, which YAML reads as a mapping within a mapping.
fn has_blanks(text: &str, root: &Node) -> bool {
    let blank = |node: &Node| text.get(node.span.clone()).is_some_and(|value| value.starts_with("{{"));
    match &root.kind {
        Kind::Mapping(_, entries) => {
            blank(root) || entries.iter().any(|entry| has_blanks(text, &entry.value) || entry.key.contains("{{"))
        }
        Kind::Sequence(_, items) => items.iter().any(|item| has_blanks(text, &item.value)),
        Kind::Scalar(_) | Kind::Alias(_) => false,
    }
}

/// The text of a key.
pub(super) fn text<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    let scalar = node.entry(key)?.1.value.scalar()?;
    (scalar.resolved != Type::Null).then_some(scalar.text.as_str())
}

/// Whether a key is `true`, or `false`.
pub(super) fn flag(node: Option<&Node>, key: &str) -> Option<bool> {
    match text(node?, key)?.to_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

impl<'f> Object<'f> {
    pub(super) fn kind(&self) -> Option<&'f str> {
        text(self.node, "kind")
    }

    pub(super) fn document(&self) -> &'f Document {
        &self.part.document
    }

    /// The value of a key, aliases followed.
    pub(super) fn get(&self, node: &'f Node, key: &str) -> Option<&'f Node> {
        let document = self.document();
        let node = document.resolve(node);
        let own = node.entry(key).map(|(_, entry)| &entry.value);
        own.or_else(|| document.inherited(node, key)).map(|value| document.resolve(value))
    }

    pub(super) fn metadata(&self) -> Option<&'f Node> {
        self.get(self.node, "metadata")
    }

    pub(super) fn name(&self) -> &'f str {
        self.metadata()
            .and_then(|metadata| text(metadata, "name").or_else(|| text(metadata, "generateName")))
            .unwrap_or("-")
    }

    pub(super) fn namespace(&self) -> Option<&'f str> {
        self.metadata().and_then(|metadata| text(metadata, "namespace"))
    }

    /// `Deployment/web`
    pub(super) fn address(&self) -> String {
        format!("{}/{}", self.kind().unwrap_or_default(), self.name())
    }

    /// Its first line.
    pub(super) fn top(&self) -> Range<usize> {
        let start = self.node.entries().and_then(<[_]>::first).map_or(self.node.span.start, |entry| entry.span.start);
        let text = &self.part.document.text()[start..];
        let line = text.lines().next().unwrap_or_default().trim_end().len();
        self.part.start + start..self.part.start + start + line
    }

    /// A range of its document, in the file.
    pub(super) fn place(&self, range: &Range<usize>) -> Range<usize> {
        self.part.start + range.start..self.part.start + range.end
    }
}

/// Every workload in the repository's manifests.
pub(super) fn workloads<'f>(facts: &'f Facts<'_>) -> Vec<Workload<'f>> {
    objects(facts).into_iter().filter_map(workload).collect()
}

fn workload(object: Object<'_>) -> Option<Workload<'_>> {
    let way: &[&str] = match object.kind()? {
        "Pod" => &[],
        "Deployment"
        | "DaemonSet"
        | "StatefulSet"
        | "ReplicaSet"
        | "ReplicationController"
        | "Job"
        | "DeploymentConfig"
        | "CloneSet"
        | "BroadcastJob" => &["spec", "template"],
        "CronJob" => &["spec", "jobTemplate", "spec", "template"],
        "AdvancedCronJob" => &["spec", "template", "jobTemplate", "spec", "template"],
        "PodTemplate" => &["template"],
        _ => return None,
    };
    let template = way.iter().try_fold(object.node, |node, key| object.get(node, key))?;
    let pod = object.get(template, "spec")?;
    object.get(pod, "containers")?.items()?;
    Some(Workload { object, pod, metadata: object.get(template, "metadata") })
}

impl<'f> Workload<'f> {
    /// The value of a key of its pods.
    pub(super) fn get(&self, key: &str) -> Option<&'f Node> {
        self.object.get(self.pod, key)
    }

    /// Its containers.
    pub(super) fn containers(&self) -> Vec<Container<'f>> {
        let of = |key: &str, init: bool| {
            let items = self.get(key).and_then(Node::items).unwrap_or_default();
            let document = self.object.document();
            items
                .iter()
                .map(move |item| Container { workload: *self, node: document.resolve(&item.value), init })
                .filter(|container| container.node.entries().is_some())
                .collect::<Vec<_>>()
        };
        let mut all = of("initContainers", true);
        all.extend(of("containers", false));
        all
    }

    /// Whether it runs once and ends.
    pub(super) fn ends(&self) -> bool {
        matches!(self.object.kind(), Some("Job" | "CronJob" | "BroadcastJob" | "AdvancedCronJob"))
    }
}

impl<'f> Container<'f> {
    pub(super) fn get(&self, key: &str) -> Option<&'f Node> {
        self.workload.object.get(self.node, key)
    }

    pub(super) fn name(&self) -> &'f str {
        text(self.node, "name").unwrap_or("-")
    }

    /// The value of a key of its own security context.
    pub(super) fn security(&self, key: &str) -> Option<&'f Node> {
        self.workload.object.get(self.get("securityContext")?, key)
    }

    /// The value of a key of its security context, or of its pod's.
    pub(super) fn effective(&self, key: &str) -> Option<&'f Node> {
        let pod = || self.workload.object.get(self.workload.get("securityContext")?, key);
        self.security(key).or_else(pod)
    }

    pub(super) fn address(&self) -> String {
        format!("{}/{}", self.workload.object.address(), self.name())
    }

    /// The place of a key of its own security context, where it is written in the container itself.
    pub(super) fn stated(&self, key: &str) -> Option<Range<usize>> {
        let (_, context) = self.node.entry("securityContext")?;
        let (_, entry) = context.value.entry(key)?;
        Some(self.workload.object.place(&entry.span))
    }

    /// The first line of the container.
    pub(super) fn top(&self) -> Range<usize> {
        let object = self.workload.object;
        let start = self.node.span.start;
        let text = &object.document().text()[start..];
        let line = text.lines().next().unwrap_or_default().trim_end().len();
        object.place(&(start..start + line))
    }
}
