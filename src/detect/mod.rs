//! What a repository is, told by its own files: pure functions from a tree to observations, each with the place
//! that shows it.
//!
//! `adopt` shows all of them. One that names a question of the golden path answers it, if it fits; a guess is only
//! ever offered to a person.
//!
//! # To add a detector
//!
//! One file with a `fn detect(scene: &Scene<'_>) -> Vec<Observation>`, and one line in [`DETECTORS`]. Ask
//! [`Scene::named`] and [`Scene::with_ending`] for files, and [`Scene::document`] for a parsed one. What answers a
//! question says so with [`Observation::answers`]; the surest observation of a question that fits it wins, among
//! equals the first.

mod catalogue_info;
mod ci;
mod cloud;
mod container;
mod deploy;
mod framework;
mod generated;
mod identity;
mod infrastructure;
mod kind;
mod kubernetes;
mod language;
mod licence;
mod manifest;
mod observation;
mod owners;
mod propose;
mod remote;
mod scene;
#[cfg(test)]
mod tests;
mod updates;

pub use observation::{Confidence, Observation};
pub use propose::{Proposal, propose};
pub use scene::{Author, Outside};

use crate::error::Result;
use crate::model::tree::Tree;
use scene::Scene;

/// What looks into a repository, in the order in which people read the result.
const DETECTORS: &[fn(&Scene<'_>) -> Vec<Observation>] = &[
    language::detect,
    framework::detect,
    kind::detect,
    identity::detect,
    catalogue_info::detect,
    remote::detect,
    owners::detect,
    ci::detect,
    updates::detect,
    container::detect,
    infrastructure::detect,
    cloud::detect,
    deploy::detect,
    licence::detect,
    generated::detect,
];

/// Everything that `tree` and what git knows of it tell. Deterministic: in the order of the detectors.
pub fn observe(tree: &dyn Tree, outside: &Outside) -> Result<Vec<Observation>> {
    let scene = Scene::of(tree, outside)?;
    let mut seen: Vec<Observation> = Vec::new();
    for one in DETECTORS.iter().flat_map(|detect| detect(&scene)) {
        // What a file says already, git need not say again.
        let said =
            |other: &Observation| (other.what, &other.value, &other.question) == (one.what, &one.value, &one.question);
        if !seen.iter().any(|other| said(other) && other.confidence <= one.confidence) {
            seen.push(one);
        }
    }
    if !seen.iter().any(|one| one.question.as_deref() == Some("description")) {
        seen.extend(identity::named_alone(&scene));
    }
    Ok(seen)
}
