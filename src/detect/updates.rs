//! What raises dependencies, and the branch that it raises them on.

use super::observation::Observation;
use super::scene::Scene;

const DEPENDABOT: [&str; 2] = [".github/dependabot.yml", ".github/dependabot.yaml"];
const RENOVATE: [&str; 8] = [
    "renovate.json",
    "renovate.json5",
    ".github/renovate.json",
    ".github/renovate.json5",
    ".gitlab/renovate.json",
    ".renovaterc",
    ".renovaterc.json",
    ".renovaterc.json5",
];

pub(super) fn detect(scene: &Scene<'_>) -> Vec<Observation> {
    let mut seen = Vec::new();
    for (places, value) in [(&DEPENDABOT[..], "dependabot"), (&RENOVATE[..], "renovate")] {
        if let Some(path) = places.iter().find_map(|place| scene.at(place)) {
            seen.push(Observation::new("updates", value, "its configuration").at(path, 1).answers("updates"));
        }
    }
    if let Some(branch) = &scene.outside.default_branch {
        seen.push(Observation::new("default branch", branch, "by git").answers("default_branch"));
    }
    seen
}
