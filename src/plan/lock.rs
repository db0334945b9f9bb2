//! The next lock: where the repo stands after a plan's edits.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::grouped::by_path;
use super::measure::fresh;
use crate::golden_path::{ENGINE, Render};
use crate::model::document::schemas;
use crate::model::finding::hex;
use crate::model::path::RepoPath;
use crate::model::plan::Edit;
use crate::model::repo_files::{Base, Lock, LockedFile};

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

/// The lock after `edits` to reach `render`.
pub(super) fn next_lock(render: &Render, old: Option<&Lock>, edits: &[Edit]) -> Lock {
    let base = base_of(render);
    let id = base_id(&base);
    let edited: BTreeMap<&RepoPath, &Edit> = edits.iter().map(|edit| (&edit.path, edit)).collect();
    // Never from the tree: a file that roadbed did not write may hold work that git does not have.
    let known = |path: &RepoPath| old?.files.iter().find(|file| file.path == *path).map(|file| file.written);
    let groups = by_path(render);
    // A block's file is more than the block: what `new` would have written, as the render alone tells.
    let fresh_id =
        |path: &RepoPath| groups.get(path).and_then(|asked| fresh(path, asked).ok()).map(|file| file.blob_id());
    let files = render.files.iter().map(|part| {
        let pristine = part.file.blob_id();
        let written = match edited.get(&part.path) {
            Some(edit) => edit.after.as_ref().map(crate::model::file::File::blob_id),
            None => known(&part.path).or_else(|| fresh_id(&part.path)),
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
