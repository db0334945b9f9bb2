//! The next lock: where the repo stands after a plan's edits.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::golden_path::{ENGINE, Render};
use crate::model::document::schemas;
use crate::model::finding::hex;
use crate::model::path::RepoPath;
use crate::model::plan::Edit;
use crate::model::repo_files::{Base, Lock, LockedFile};
use crate::model::tree::Tree;

/// What `render` was made from.
pub(super) fn base_of(render: &Render) -> Base {
    let identity = &render.identity;
    Base {
        source: identity.source.clone(),
        version: identity.version.clone(),
        commit: identity.commit.clone(),
        digest: identity.digest.clone(),
        engine: ENGINE,
        extends: identity.extends.clone(),
        template: render.template.clone(),
        assets: render.assets.clone(),
        answers: render.answers.clone(),
    }
}

/// A short name for a base that depends on nothing but its content.
pub(super) fn base_id(base: &Base) -> String {
    let content = serde_json::to_vec(base).unwrap_or_default();
    hex(&Sha256::digest(content))[..6].to_owned()
}

/// The lock after `edits` to reach `render`; `after` is the tree with those edits.
pub(super) fn next_lock(render: &Render, old: Option<&Lock>, after: &dyn Tree, edits: &[Edit]) -> Lock {
    let base = base_of(render);
    let id = base_id(&base);
    let edited: BTreeMap<&RepoPath, &Edit> = edits.iter().map(|edit| (&edit.path, edit)).collect();
    let known = |path: &RepoPath| old?.files.iter().find(|file| file.path == *path).map(|file| file.written);
    let files = render.files.iter().map(|part| {
        let pristine = part.file.blob_id();
        let now = || after.node(&part.path).file().map(crate::model::file::File::blob_id);
        let written = match edited.get(&part.path) {
            Some(edit) => edit.after.as_ref().map(crate::model::file::File::blob_id),
            None => known(&part.path).or_else(now),
        };
        LockedFile {
            path: part.path.clone(),
            asset: part.asset.clone(),
            mode: part.ownership,
            block: part.block.as_ref().map(|(id, _)| id.clone()),
            base: None,
            pristine,
            written: written.unwrap_or(pristine),
        }
    });
    Lock { schema: schemas::LOCK.line(), base: id.clone(), files: files.collect(), bases: BTreeMap::from([(id, base)]) }
}
