//! What lay there before: each file as the lock knows it, with the content it was rendered to where that can be had.

use std::collections::BTreeMap;

use crate::edit::Match;
use crate::golden_path::Pristine;
use crate::model::file::{BlobId, File, FileMode};
use crate::model::ownership::{At, Ownership};
use crate::model::path::RepoPath;
use crate::model::repo_files::LockedFile;
use crate::plan::Inputs;

/// One part of a file, as it was laid.
#[derive(Clone, Debug)]
pub(super) struct Old {
    pub(super) asset: String,
    pub(super) ownership: Ownership,
    pub(super) block: Option<(String, At)>,
    /// What it was rendered to; none where nobody can tell any more.
    pub(super) base: Option<File>,
    /// The id of what it was rendered to, as the lock has it.
    pub(super) pristine: BlobId,
    pub(super) matching: Match,
    pub(super) parsed: bool,
    pub(super) allow_newer: Vec<String>,
}

/// One file, as it was laid: one part that is the whole of it, or several.
pub(super) type Before = Vec<Old>;

/// Every file that was laid.
pub(super) fn laid(inputs: &Inputs<'_>) -> BTreeMap<RepoPath, Before> {
    let mut was: BTreeMap<RepoPath, Before> = BTreeMap::new();
    let entries = || inputs.lock.into_iter().flat_map(|lock| &lock.files);
    if inputs.no_base.is_some() {
        // What stands in for the lost version says nothing about what was laid: the lock alone does.
        for entry in entries().filter(|entry| entry.pristine != BlobId::NULL) {
            was.entry(entry.path.clone()).or_default().push(of_lock(inputs, entry));
        }
        return was;
    }
    let Some(locked) = inputs.locked else { return was };
    let lost = |path: &RepoPath| inputs.held.lost.contains(path);
    for part in locked.files.iter().filter(|part| !lost(&part.path)) {
        let block = part.block.as_ref().map(|(id, _)| id);
        let is_its = |entry: &&LockedFile| entry.asset == part.asset && entry.block.as_ref() == block;
        let first = inputs.lock.and_then(|lock| lock.file(&part.path)).filter(is_its);
        let entry = first.or_else(|| entries().filter(|entry| entry.path == part.path).find(is_its));
        was.entry(part.path.clone()).or_default().push(of_render(inputs, part, entry));
    }
    for entry in inputs.held.entries.iter().filter(|entry| lost(&entry.path) && entry.pristine != BlobId::NULL) {
        was.entry(entry.path.clone()).or_default().push(of_lock(inputs, entry));
    }
    was
}

fn of_render(inputs: &Inputs<'_>, part: &Pristine, entry: Option<&LockedFile>) -> Old {
    let pristine = entry.map_or_else(|| part.file.blob_id(), |entry| entry.pristine);
    let base = if let Some(file) = entry.and_then(|entry| never_touched(inputs, part, entry)) {
        Some(file)
    } else if !inputs.path_edited || pristine == part.file.blob_id() {
        // A lock that disagrees with a version that can be had is wrong: the render is the truth.
        Some(part.file.clone())
    } else {
        stored(inputs, &part.path, part.ownership, pristine, part.file.mode)
    };
    Old {
        asset: part.asset.clone(),
        ownership: part.ownership,
        block: part.block.clone(),
        base,
        pristine,
        matching: part.matching.clone(),
        parsed: part.parsed,
        allow_newer: part.allow_newer.clone(),
    }
}

/// A `once` file as it was laid at first, where nobody edited it since: what other answers or versions render to did not reach it.
fn never_touched(inputs: &Inputs<'_>, part: &Pristine, entry: &LockedFile) -> Option<File> {
    if part.ownership != Ownership::Once || entry.written == entry.pristine {
        return None;
    }
    inputs.tree.node(&part.path).into_file().filter(|file| file.blob_id() == entry.written)
}

fn of_lock(inputs: &Inputs<'_>, entry: &LockedFile) -> Old {
    let mode = match inputs.tree.node(&entry.path).file() {
        Some(file) if file.mode == FileMode::Executable => FileMode::Executable,
        _ => FileMode::Regular,
    };
    Old {
        asset: entry.asset.clone(),
        ownership: entry.mode,
        block: entry.block.clone().map(|id| (id, At::End)),
        base: stored(inputs, &entry.path, entry.mode, entry.pristine, mode),
        pristine: entry.pristine,
        matching: Match::new(),
        parsed: false,
        allow_newer: Vec::new(),
    }
}

/// What was rendered: the file as it lies there, if it still is that; else from the repository's own objects. Only whole
/// files are found so.
fn stored(inputs: &Inputs<'_>, path: &RepoPath, ownership: Ownership, id: BlobId, mode: FileMode) -> Option<File> {
    if matches!(ownership, Ownership::Block | Ownership::Keys) {
        return None;
    }
    if let Some(file) = inputs.tree.node(path).into_file().filter(|file| file.blob_id() == id) {
        return Some(file);
    }
    let bytes = inputs.tracking.blob(id)?;
    (BlobId::of(&bytes) == id).then_some(File { mode, bytes })
}
