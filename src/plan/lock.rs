//! The next lock: where the repo stands after a plan's edits.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::Inputs;
use super::grouped::by_path;
use super::measure::fresh;
use crate::golden_path::{ENGINE, Render};
use crate::model::document::schemas;
use crate::model::file::{BlobId, File};
use crate::model::finding::hex;
use crate::model::ownership::Ownership;
use crate::model::path::RepoPath;
use crate::model::plan::Edit;
use crate::model::repo_files::{Base, Lock, LockedFile};
use crate::model::tree::{Node, Tree};

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

/// A lock in the making: every entry says which base it stands at, until [`Draft::finish`] leaves out the main one.
pub(super) struct Draft<'a> {
    old: Option<&'a Lock>,
    /// What roadbed writes now, by the place where the lock's entry stands.
    writes: BTreeMap<RepoPath, Option<&'a File>>,
    /// Where the repo has put files, by the place where the lock's entry stands.
    places: BTreeMap<RepoPath, RepoPath>,
    bases: BTreeMap<String, Base>,
    files: Vec<LockedFile>,
}

impl<'a> Draft<'a> {
    /// The lock after `edits` to `tree`.
    pub(super) fn new(old: Option<&'a Lock>, tree: &dyn Tree, edits: &'a [Edit]) -> Self {
        let writes = edits.iter().map(|edit| (edit.path.clone(), edit.after.as_ref())).collect();
        let bases = old.map(|lock| lock.bases.clone()).unwrap_or_default();
        // What was moved is remembered as long as it lies there: another file may look as much like it one day.
        let entries = old.into_iter().flat_map(|lock| &lock.files);
        let moved = entries.filter_map(|entry| Some((entry.path.clone(), entry.lies_at.clone()?)));
        let lies = |(path, place): &(RepoPath, RepoPath)| {
            tree.node(path) == Node::Absent && matches!(tree.node(place), Node::File(_))
        };
        let places = moved.filter(lies).collect();
        Draft { old, writes, places, bases, files: Vec::new() }
    }

    /// Says that the file of the entry `path` lies somewhere else, and was written there if it was.
    pub(super) fn lies_at(&mut self, path: &RepoPath, place: &RepoPath) {
        self.places.insert(path.clone(), place.clone());
        if let Some(write) = self.writes.get(place).copied() {
            self.writes.insert(path.clone(), write);
        }
    }

    /// Makes a render's base known; gives its id.
    pub(super) fn base(&mut self, render: &Render) -> String {
        let base = base_of(render);
        let id = base_id(&base);
        self.bases.insert(id.clone(), base);
        id
    }

    /// Enters those files of `render` that `wanted` names, as standing at `base`. `before` tells where a file was
    /// on record until now, if elsewhere.
    pub(super) fn stand(
        &mut self,
        render: &Render,
        base: &str,
        wanted: &dyn Fn(&RepoPath) -> bool,
        before: &dyn Fn(&RepoPath) -> Option<RepoPath>,
    ) {
        let groups = by_path(render);
        for part in render.files.iter().filter(|part| wanted(&part.path)) {
            let pristine = part.file.blob_id();
            // Never from the tree: a file that roadbed did not write may hold work that git does not have.
            // A block's file is more than the block: what `new` would have written, as the render alone tells.
            let fresh = || groups.get(&part.path).and_then(|asked| fresh(&part.path, asked).ok()).map(|f| f.blob_id());
            let known = || self.known(&part.path).or_else(|| self.known(&before(&part.path)?));
            let written = match self.writes.get(&part.path) {
                // Mostly it is what was rendered, whose id is known.
                Some(Some(written)) if written.bytes == part.file.bytes => Some(pristine),
                Some(written) => written.map(File::blob_id),
                None => known().or_else(fresh),
            };
            let place = || self.places.get(&part.path).or_else(|| self.places.get(&before(&part.path)?));
            self.files.push(LockedFile {
                lies_at: place().cloned(),
                path: part.path.clone(),
                asset: part.asset.clone(),
                mode: part.ownership,
                block: part.block.as_ref().map(|(id, _)| id.clone()),
                base: Some(base.to_owned()),
                pristine,
                written: written.unwrap_or(pristine),
            });
        }
    }

    /// Enters a file as it is on record, standing at `base`.
    pub(super) fn keep(&mut self, entry: &LockedFile, base: &str) {
        let lies_at = self.places.get(&entry.path).cloned();
        self.files.push(LockedFile { base: Some(base.to_owned()), lies_at, ..entry.clone() });
    }

    /// Marks a path that the main base has, and the one that it stands at does not.
    pub(super) fn mark(&mut self, path: &RepoPath, asset: &str, mode: Ownership, base: &str) {
        let written = self.known(path).unwrap_or(BlobId::NULL);
        let (path, asset) = (path.clone(), asset.to_owned());
        let base = Some(base.to_owned());
        let (block, lies_at, pristine) = (None, None, BlobId::NULL);
        self.files.push(LockedFile { path, asset, mode, block, base, lies_at, pristine, written });
    }

    fn known(&self, path: &RepoPath) -> Option<BlobId> {
        self.old?.file(path).map(|file| file.written)
    }

    /// The lock whose own base is `main`.
    pub(super) fn finish(mut self, main: String) -> Lock {
        // What its own base does not have needs no mark.
        self.files.retain(|file| file.pristine != BlobId::NULL || file.base.as_ref() != Some(&main));
        let used = |id: &String| *id == main || self.files.iter().any(|file| file.base.as_ref() == Some(id));
        self.bases.retain(|id, _| used(id));
        for file in &mut self.files {
            file.base.take_if(|base| *base == main);
        }
        self.files.sort_by(|a, b| (&a.path, &a.asset, &a.block).cmp(&(&b.path, &b.asset, &b.block)));
        Lock { schema: schemas::LOCK.line(), base: main, files: self.files, bases: self.bases }
    }
}

/// The lock after `edits` that stay where the repo is: at `main`, but for what is `held` elsewhere.
pub(super) fn same_lock(composed: &Render, inputs: &Inputs<'_>, edits: &[Edit]) -> Lock {
    let held = inputs.held;
    let mut draft = Draft::new(inputs.lock, inputs.tree, edits);
    let main = draft.base(composed);
    draft.stand(composed, &main, &|path| held.base_of(path).is_none(), &|_| None);
    for entry in &held.entries {
        let Some(base) = &entry.base else { continue };
        let written = draft.writes.get(&entry.path).copied().flatten().map_or(entry.written, File::blob_id);
        draft.keep(&LockedFile { written, ..entry.clone() }, base);
    }
    draft.finish(main)
}
