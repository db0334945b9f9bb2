//! Whether a file can be replaced without losing work that git does not have.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::config::GitConfig;
use super::discover::Place;
use super::excludes::Excludes;
use super::index::file_mode;
use super::objects::{Kind, Objects, TreeEntry};
use super::view::View;
use super::{os, revision};
use crate::error::Result;
use crate::model::file::{BlobId, File, FileMode};
use crate::model::path::RepoPath;
use crate::model::tree::{MAX_FILE, Node, Obstacle};

/// Why a file is not clean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dirt {
    /// Tracked, and other than in the last commit.
    Modified,
    /// Not tracked.
    Untracked,
    /// Not tracked, and ignored.
    Ignored,
}

/// What git knows about the files of a work tree, read once.
pub struct Cleanliness {
    place: Place,
    known: Option<Known>,
}

struct Known {
    view: View,
    objects: Objects,
    /// The tree of the last commit; none before the first.
    head: Option<String>,
    /// Trees of the last commit that were read so far, by id.
    trees: RefCell<BTreeMap<String, Rc<Vec<TreeEntry>>>>,
    excludes: Excludes,
}

impl Cleanliness {
    /// Reads the index and finds the last commit. Without git, every file is clean.
    pub fn read(place: &Place) -> Result<Self> {
        let place = place.clone();
        let Some(git) = place.git.as_ref().filter(|_| !place.bare) else {
            return Ok(Cleanliness { place, known: None });
        };
        let view = View::of_laid(&place)?;
        let objects = Objects::open(git, view.config.sha256)?;
        let head = revision::head(git, &objects)?.and_then(|id| objects.commit(&id)).map(|(tree, _)| tree);
        let excludes = Excludes::at_root(place.root(), Some(&git.common), view.config.ignore_case)?;
        let known = Known { view, objects, head, trees: RefCell::default(), excludes };
        Ok(Cleanliness { place, known: Some(known) })
    }

    /// Why what was found at `path` (from the laid directory) is not clean; none if it is, or if there is no file.
    pub fn dirt(&self, path: &RepoPath, node: &Node) -> Result<Option<Dirt>> {
        let Some(known) = &self.known else { return Ok(None) };
        if matches!(node, Node::Absent | Node::Directory) {
            return Ok(None);
        }
        if matches!(node, Node::Obstacle(Obstacle::Behind(_) | Obstacle::Submodule(_) | Obstacle::Repository(_))) {
            return Ok(Some(Dirt::Untracked));
        }
        let rooted = self.place.rooted(path);
        let Some(entry) = known.view.index.get(&rooted) else {
            let root = self.place.root();
            let native = os::native(root, &rooted).map_err(|e| os::failed("looking at", root, &e))?;
            let ignored = known.excludes.clone().ignore_file(root, &native)?;
            return Ok(Some(if ignored { Dirt::Ignored } else { Dirt::Untracked }));
        };
        let Node::File(file) = node else { return Ok(Some(Dirt::Modified)) };
        let tracked = file_mode(entry.mode).filter(|mode| *mode == file.mode && !entry.unmerged);
        let clean = tracked.is_some()
            && known.is_content(&entry.id(), file)
            && known.is_in_head(&rooted, entry.mode, &entry.id())?;
        Ok(if clean { None } else { Some(Dirt::Modified) })
    }
}

impl Known {
    fn is_in_head(&self, path: &RepoPath, mode: u32, id: &str) -> Result<bool> {
        let Some(head) = &self.head else { return Ok(false) };
        let mut entry = TreeEntry { mode: 0o040_000, name: Vec::new(), id: head.clone() };
        for part in path.parts() {
            if !entry.is_tree() {
                return Ok(false);
            }
            let tree = self.tree(&entry.id)?;
            let Some(found) = tree.iter().find(|entry| entry.name == part.as_bytes()) else { return Ok(false) };
            entry = found.clone();
        }
        Ok(entry.id == id && file_mode(entry.mode) == file_mode(mode))
    }

    fn tree(&self, id: &str) -> Result<Rc<Vec<TreeEntry>>> {
        if let Some(tree) = self.trees.borrow().get(id) {
            return Ok(Rc::clone(tree));
        }
        let tree = Rc::new(self.objects.tree(id)?);
        self.trees.borrow_mut().insert(id.to_owned(), Rc::clone(&tree));
        Ok(tree)
    }

    /// Whether a file on disk is the blob of that id, or would be with the line ends that git stores.
    fn is_content(&self, id: &str, file: &File) -> bool {
        if id == file.blob_id().to_string() {
            return true;
        }
        let Some(bytes) = self.objects.read(id, Kind::Blob, MAX_FILE) else { return false };
        bytes == file.bytes || (file.mode != FileMode::Symlink && bytes == without_carriage_returns(&file.bytes))
    }
}

fn without_carriage_returns(bytes: &[u8]) -> Vec<u8> {
    let mut unix = Vec::with_capacity(bytes.len());
    for (n, byte) in bytes.iter().enumerate() {
        if !(*byte == b'\r' && bytes.get(n + 1) == Some(&b'\n')) {
            unix.push(*byte);
        }
    }
    unix
}

/// Why one file is not clean: [`Cleanliness`] for a single question.
#[cfg(test)]
pub(crate) fn dirt(place: &Place, path: &RepoPath) -> Result<Option<Dirt>> {
    let clean = Cleanliness::read(place)?;
    let node = clean.known.as_ref().map_or(Node::Absent, |known| known.view.node(path));
    clean.dirt(path, &node)
}

/// The blob of that id, if the repository has it and it is not too large to read.
pub fn find_blob(place: &Place, id: BlobId) -> Option<Vec<u8>> {
    let git = place.git.as_ref()?;
    let config = GitConfig::read(&git.common);
    if config.sha256 {
        return None;
    }
    Objects::open(git, false).ok()?.read(&id.to_string(), Kind::Blob, MAX_FILE)
}
