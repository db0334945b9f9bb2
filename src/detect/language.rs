//! What most of the code is written in: by manifests, then by the number of files.

use std::collections::BTreeMap;

use super::observation::Observation;
use super::scene::{Scene, is_foreign};
use crate::model::path::RepoPath;

/// Endings of source files. What the golden path has no template for is named all the same.
const ENDINGS: &[(&str, &[&str])] = &[
    ("go", &["go"]),
    ("rust", &["rs"]),
    ("python", &["py"]),
    ("node", &["js", "mjs", "cjs", "ts", "mts", "cts", "jsx", "tsx"]),
    ("java", &["java", "kt"]),
    ("ruby", &["rb"]),
    ("php", &["php"]),
    ("csharp", &["cs"]),
    ("c", &["c", "h", "cc", "cpp", "hpp"]),
    ("swift", &["swift"]),
    ("nim", &["nim"]),
    ("haskell", &["hs"]),
    ("scala", &["scala"]),
    ("elixir", &["ex", "exs"]),
    ("shell", &["sh", "bash"]),
];

/// A manifest says more than this many files.
const MANIFEST_AT_ROOT: usize = 1000;
const MANIFEST: usize = 20;

pub(super) fn detect(scene: &Scene<'_>) -> Vec<Observation> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut firsts: BTreeMap<&str, &RepoPath> = BTreeMap::new();
    for path in scene.files.iter().filter(|path| !is_foreign(path)) {
        let ending = path.file_name().rsplit_once('.').map_or("", |(_, ending)| ending);
        if let Some((language, _)) = ENDINGS.iter().find(|(_, endings)| endings.contains(&ending)) {
            *counts.entry(language).or_default() += 1;
            firsts.entry(language).or_insert(path);
        }
    }
    let mut languages: BTreeMap<&str, usize> = counts.clone();
    // Manifests in directories count once a language, however many packages there are.
    let mut weights: BTreeMap<&str, usize> = BTreeMap::new();
    for manifest in scene.manifests() {
        let at_root = manifest.path.parent().is_none();
        let lacks_code = !counts.contains_key(manifest.language);
        // A manifest of tools alone (a package.json for a linter) does not outweigh the code, nor does one in a
        // directory, of a language that there is no code in (what builds the documentation).
        let is_idle = lacks_code && (!at_root || manifest.language == "node" && counts.len() > 1);
        let weight = if is_idle {
            0
        } else if at_root {
            MANIFEST_AT_ROOT
        } else {
            MANIFEST
        };
        let known = weights.entry(manifest.language).or_default();
        *known = weight.max(*known);
    }
    for (language, weight) in weights {
        *languages.entry(language).or_default() += weight;
    }
    let mut ranked: Vec<(&str, usize)> = languages.into_iter().filter(|(_, weight)| *weight > 0).collect();
    ranked.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let rank = |n: usize, (language, _): (&str, usize)| {
        let files = counts.get(language).copied().unwrap_or_default();
        let counted = format!("{files} source file{}", if files == 1 { "" } else { "s" });
        let manifest = scene.manifests().iter().find(|manifest| manifest.language == language);
        let seen = match manifest {
            Some(manifest) => {
                Observation::new("language", language, format!("manifest, {counted}")).at(&manifest.path, 1)
            }
            None => {
                let told = Observation::new("language", language, counted).likely();
                firsts.get(language).map_or_else(|| told.clone(), |path| told.clone().file(path))
            }
        };
        // The others are told, but one alone is the answer.
        if n == 0 { seen.answers("language") } else { seen }
    };
    ranked.into_iter().enumerate().map(|(n, one)| rank(n, one)).collect()
}
