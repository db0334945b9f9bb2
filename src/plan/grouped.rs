//! A render, grouped by path: assets may share a file by disjoint keys or by blocks.

use std::collections::BTreeMap;

use crate::golden_path::{Pristine, Render};
use crate::model::ownership::Ownership;
use crate::model::path::RepoPath;

/// What the path asks of one file.
pub(super) enum Asked<'a> {
    /// The path knows the whole file (`enforced`, `merged`, `once`).
    Whole(&'a Pristine),
    /// The path knows parts of it (`keys`, `block`).
    Parts(Vec<&'a Pristine>),
}

impl<'a> Asked<'a> {
    /// Each part that is asked for; of a whole file, the one.
    pub(super) fn parts(&self) -> &[&'a Pristine] {
        match self {
            Asked::Whole(pristine) => std::slice::from_ref(pristine),
            Asked::Parts(parts) => parts,
        }
    }

    /// The first part; stands for the file where one asset must be named.
    pub(super) fn first(&self) -> Option<&'a Pristine> {
        self.parts().first().copied()
    }
}

/// The render's files by path.
pub(super) fn by_path(render: &Render) -> BTreeMap<&RepoPath, Asked<'_>> {
    let mut paths: BTreeMap<&RepoPath, Asked<'_>> = BTreeMap::new();
    for pristine in &render.files {
        match pristine.ownership {
            Ownership::Enforced | Ownership::Merged | Ownership::Once => {
                paths.insert(&pristine.path, Asked::Whole(pristine));
            }
            Ownership::Keys | Ownership::Block => match paths.get_mut(&pristine.path) {
                Some(Asked::Parts(parts)) => parts.push(pristine),
                _ => {
                    paths.insert(&pristine.path, Asked::Parts(vec![pristine]));
                }
            },
        }
    }
    paths
}
