//! What the thing is called and what it is for, by its manifests.

use super::observation::Observation;
use super::scene::Scene;

pub(super) fn detect(scene: &Scene<'_>) -> Vec<Observation> {
    let mut seen = Vec::new();
    for manifest in scene.manifests().iter().filter(|manifest| manifest.path.parent().is_none()) {
        if let Some((name, line)) = &manifest.name {
            let word = name.to_lowercase().replace(['_', '.'], "-");
            seen.push(
                Observation::new("name", word, "the manifest").at(&manifest.path, *line).likely().answers("name"),
            );
        }
        if let Some((text, line)) = manifest.description.as_ref().filter(|(text, _)| !text.trim().is_empty()) {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let told = Observation::new("description", text, "the manifest").at(&manifest.path, *line);
            seen.push(told.answers("description"));
        }
    }
    seen
}
