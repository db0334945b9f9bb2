//! What each file stands at, where the lock names more than one base.
//!
//! A conflict that waits, or an upgrade of some paths only, leaves files at another base than the rest. Each
//! file is measured against the base that it stands at; one whose base does not have it is marked, so that
//! the next upgrade offers it again.

use std::collections::BTreeMap;

use super::grouped::by_path;
use super::measure::fresh;
use crate::golden_path::{Pristine, Render};
use crate::model::file::BlobId;
use crate::model::path::RepoPath;
use crate::model::repo_files::{Lock, LockedFile};

/// The bases that files stand at besides the lock's own, each used by at least one file.
pub fn further(lock: &Lock) -> impl Iterator<Item = &str> {
    let mut ids: Vec<&str> = lock.files.iter().filter_map(|file| held_at(lock, file)).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter()
}

/// The base that an entry stands at, where that is not the lock's own.
fn held_at<'a>(lock: &'a Lock, file: &'a LockedFile) -> Option<&'a str> {
    file.base.as_deref().filter(|id| *id != lock.base && lock.bases.contains_key(*id))
}

/// Where files stand that do not stand at the lock's own base.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Their entries as they must read, each with its base.
    pub entries: Vec<LockedFile>,
    /// Those of them whose base cannot be had any more.
    pub lost: Vec<RepoPath>,
}

impl Held {
    /// The base that a path stands at, if it is not the lock's own.
    pub(super) fn base_of(&self, path: &RepoPath) -> Option<&str> {
        self.entries.iter().find(|entry| entry.path == *path).and_then(|entry| entry.base.as_deref())
    }

    /// Whether the base that a part stands at cannot be had: `part` is then what the lock's own base renders.
    pub(super) fn is_lost(&self, part: &Pristine) -> bool {
        self.lost.contains(&part.path)
    }
}

/// `main`, with each file that stands at another base as that one renders it.
///
/// `others` has the renders of those bases that can be had; a file whose base is not among them is measured
/// against `main`.
pub fn compose(main: Render, others: &BTreeMap<String, Render>, lock: &Lock) -> (Render, Held) {
    let mut held = Held::default();
    let mut places: BTreeMap<&RepoPath, &str> = BTreeMap::new();
    for file in &lock.files {
        if let Some(base) = held_at(lock, file) {
            places.insert(&file.path, base);
        }
    }
    if places.is_empty() {
        return (main, held);
    }
    let mut render = main;
    render.files.retain(|part| places.get(&part.path).is_none_or(|base| !others.contains_key(*base)));
    for (path, base) in places {
        let of_lock = || lock.files.iter().filter(move |file| file.path == *path);
        let Some(other) = others.get(base) else {
            held.entries.extend(of_lock().cloned());
            held.lost.push(path.clone());
            continue;
        };
        let parts: Vec<_> = other.files.iter().filter(|part| part.path == *path).cloned().collect();
        let whole = by_path(other).get(path).and_then(|asked| fresh(path, asked).ok()).map(|file| file.blob_id());
        let written = of_lock().map(|file| file.written).next();
        for part in &parts {
            let pristine = part.file.blob_id();
            held.entries.push(LockedFile {
                path: path.clone(),
                asset: part.asset.clone(),
                mode: part.ownership,
                block: part.block.as_ref().map(|(id, _)| id.clone()),
                base: Some(base.to_owned()),
                lies_at: of_lock().find_map(|file| file.lies_at.clone()),
                pristine,
                written: written.or(whole).unwrap_or(pristine),
            });
        }
        if parts.is_empty() {
            held.entries.extend(of_lock().map(|file| LockedFile { pristine: BlobId::NULL, ..file.clone() }));
        }
        for (asset, controls) in &other.controls {
            render.controls.entry(asset.clone()).or_insert_with(|| controls.clone());
        }
        render.files.extend(parts);
    }
    render.files.sort_by(|a, b| (&a.path, &a.asset).cmp(&(&b.path, &b.asset)));
    (render, held)
}
