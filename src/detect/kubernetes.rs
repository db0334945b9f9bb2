//! Manifests of Kubernetes, by their contents.

use super::scene::Scene;
use crate::edit::documents::documents;
use crate::model::path::RepoPath;

/// So many YAML files are read.
const MOST_READ: usize = 300;

const WORKLOADS: [&str; 6] = ["Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "Rollout"];

/// One object.
pub(super) struct Object {
    pub(super) kind: String,
    pub(super) name: Option<String>,
    pub(super) path: RepoPath,
    pub(super) line: usize,
}

/// Every object of Kubernetes that stands in a YAML file; templates of Helm do not parse, and are left out.
pub(super) fn objects(scene: &Scene<'_>) -> Vec<Object> {
    let is_yaml = |path: &RepoPath| [".yml", ".yaml"].iter().any(|end| path.file_name().ends_with(end));
    let mut found = Vec::new();
    for path in scene.own(&is_yaml).into_iter().take(MOST_READ) {
        let Some(text) = scene.text(path).filter(|text| text.contains("apiVersion:") && text.contains("kind:")) else {
            continue;
        };
        let Ok(parts) = documents(&text) else { continue };
        for part in parts {
            let Some(root) = &part.document.root else { continue };
            let text_of = |key: &str| {
                root.entry(key).and_then(|(_, entry)| entry.value.scalar()).map(|scalar| scalar.text.clone())
            };
            let (Some(_), Some(kind)) = (text_of("apiVersion"), text_of("kind")) else { continue };
            let name = root.entry("metadata").and_then(|(_, entry)| entry.value.entry("name"));
            let name = name.and_then(|(_, entry)| entry.value.scalar()).map(|scalar| scalar.text.clone());
            let line = text[..part.start + root.span.start].matches('\n').count() + 1;
            found.push(Object { kind, name, path: path.clone(), line });
        }
    }
    found
}

/// The first workload.
pub(super) fn workload(scene: &Scene<'_>) -> Option<(RepoPath, usize)> {
    objects(scene).into_iter().find(is_workload).map(|object| (object.path, object.line))
}

pub(super) fn is_workload(object: &Object) -> bool {
    WORKLOADS.contains(&object.kind.as_str())
}
