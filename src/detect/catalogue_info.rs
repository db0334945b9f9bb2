//! Backstage's catalogue file: the one place where a team already said what the thing is.

use super::observation::Observation;
use super::scene::{Parsed, Scene};

const PLACES: [&str; 3] = ["catalog-info.yaml", "catalog-info.yml", ".backstage/catalog-info.yaml"];

/// Keys, what they are called here, and the question that they answer.
const KEYS: [(&[&str], &str, &str); 4] = [
    (&["metadata", "name"], "name", "name"),
    (&["metadata", "description"], "description", "description"),
    (&["spec", "system"], "system", "system"),
    (&["spec", "lifecycle"], "lifecycle", "lifecycle"),
];

pub(super) fn detect(scene: &Scene<'_>) -> Vec<Observation> {
    let Some(parsed) = catalogue(scene) else { return Vec::new() };
    let told = KEYS.iter().filter_map(|(keys, what, question)| {
        let said = parsed.said(keys)?;
        let text = said.text.split_whitespace().collect::<Vec<_>>().join(" ");
        Some(Observation::new(what, text, "the catalogue").at(&parsed.path, said.line).answers(*question))
    });
    told.collect()
}

/// The catalogue file, parsed.
pub(super) fn catalogue(scene: &Scene<'_>) -> Option<Parsed> {
    PLACES.iter().find_map(|place| scene.document(scene.at(place)?))
}
