//! The licence, by its text; else as a manifest states it; else that there is none.

use super::observation::Observation;
use super::scene::Scene;
use crate::model::path::RepoPath;

/// Sentences that only one licence has.
const TEXTS: [(&str, &[&str]); 6] = [
    ("Apache-2.0", &["apache license", "version 2.0"]),
    ("MIT", &["permission is hereby granted, free of charge", "without restriction"]),
    ("BSD", &["redistribution and use in source and binary forms"]),
    ("MPL-2.0", &["mozilla public license"]),
    ("GPL", &["gnu general public license"]),
    ("ISC", &["permission to use, copy, modify, and/or distribute this software"]),
];

pub(super) fn detect(scene: &Scene<'_>) -> Vec<Observation> {
    let is_licence = |path: &RepoPath| {
        let name = path.file_name().to_uppercase();
        path.parent().is_none()
            && ["LICENSE", "LICENCE", "COPYING", "UNLICENSE"].iter().any(|word| name.starts_with(word))
            || path.parent().is_some_and(|parent| parent.as_str() == "LICENSES")
    };
    let mut seen = Vec::new();
    for path in scene.own(&is_licence) {
        let bytes = scene.file(path).map(|file| file.bytes).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let known = TEXTS.iter().find(|(_, sentences)| sentences.iter().all(|sentence| words.contains(sentence)));
        let (value, why) = known.map_or(("unknown", "a text of its own"), |(id, _)| (*id, "its text"));
        let told = Observation::new("licence", value, why).at(path, 1);
        seen.push(if known.is_some() { told.answers("licence") } else { told });
        seen.extend(any_other(value).map(|other| other.at(path, 1)));
    }
    if seen.is_empty() {
        let stated = scene.manifests().iter().find_map(|manifest| Some((manifest, manifest.licence.as_ref()?)));
        if let Some((manifest, (id, line))) = stated {
            seen.push(Observation::new("licence", id, "the manifest").at(&manifest.path, *line).answers("licence"));
            seen.extend(any_other(id).map(|other| other.at(&manifest.path, *line)));
        }
    }
    // To lay one would decide for the owner of code that has lived without.
    if seen.is_empty() && !scene.files.is_empty() {
        seen.push(Observation::new("licence", "none", "no file or manifest states one").likely().answers("licence"));
    }
    seen
}

/// What answers a question that knows no such licence: a text that is there must not get another beside it.
fn any_other(licence: &str) -> Option<Observation> {
    let is_usual = matches!(licence, "Apache-2.0" | "MIT");
    (!is_usual).then(|| Observation::new("licence", "other", "one is there").likely().answers("licence"))
}
