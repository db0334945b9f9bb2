//! What lies on disk right now, path by path, told as git would tell it.

use std::path::{Path, PathBuf};

use super::config::GitConfig;
use super::discover::Place;
use super::index::Index;
use super::os::stamp::Stamp;
use super::os::{self, Entry, ReadFault};
use crate::error::Result;
use crate::model::file::{File, FileMode};
use crate::model::path::{RepoPath, means_git};
use crate::model::tree::{MAX_FILE, Node, Obstacle};

/// A directory of a work tree, with what git knows about it.
#[derive(Debug)]
pub(crate) struct View {
    /// The directory that paths count from.
    pub(crate) base: PathBuf,
    /// `base`, as seen from the root of the work tree.
    prefix: Option<RepoPath>,
    pub(crate) index: Index,
    pub(crate) config: GitConfig,
}

/// The directory that the last file of one quick pass over many lay in, with nothing in the way to it; empty before the first.
#[derive(Debug, Default)]
pub(crate) struct Way(String);

impl Way {
    /// How many bytes of `dir` name directories that were looked at already.
    fn known(&self, dir: &str) -> usize {
        let (old, new) = (self.0.split('/'), dir.split('/'));
        let same: usize = old.zip(new).take_while(|(old, new)| old == new).map(|(part, _)| part.len() + 1).sum();
        same.saturating_sub(1)
    }
}

impl View {
    /// The laid directory of a place.
    pub(crate) fn of_laid(place: &Place) -> Result<Self> {
        View::new(place, place.laid.clone(), place.prefix.clone())
    }

    /// The root that the place's laid directory lies in.
    pub(crate) fn of_root(place: &Place) -> Result<Self> {
        View::new(place, place.root().to_path_buf(), None)
    }

    fn new(place: &Place, base: PathBuf, prefix: Option<RepoPath>) -> Result<Self> {
        let config = place.git.as_ref().map(|git| GitConfig::read(&git.common)).unwrap_or_default();
        let index = match &place.git {
            Some(git) if !place.bare => Index::read(git, &config)?,
            _ => Index::default(),
        };
        Ok(View { base, prefix, index, config })
    }

    /// Whether the right to run a file can be read off the disk.
    pub(crate) fn trusts_modes(&self) -> bool {
        os::HAS_EXECUTABLE_BIT && self.config.file_mode != Some(false)
    }

    /// Whether a plain file may stand for a symlink.
    pub(crate) fn trusts_links(&self) -> bool {
        self.config.symlinks != Some(false)
    }

    /// The path as git's index has it.
    pub(crate) fn in_index(&self, path: &RepoPath) -> RepoPath {
        match &self.prefix {
            Some(prefix) => prefix.join(path.as_str()).unwrap_or_else(|_| path.clone()),
            None => path.clone(),
        }
    }

    /// What lies at `path`. Nothing in git's own directory is ever shown.
    pub(crate) fn node(&self, path: &RepoPath) -> Node {
        self.node_on(path, &mut Way::default())
    }

    /// The same, for one of many files in a row.
    pub(crate) fn node_on(&self, path: &RepoPath, way: &mut Way) -> Node {
        self.found_on(path, way, false).0
    }

    /// The same, with the stamp that the file had just before it was read. Most likely it is one: it is opened unasked.
    pub(crate) fn stamped_on(&self, path: &RepoPath, way: &mut Way) -> (Node, Option<Stamp>) {
        self.found_on(path, way, true)
    }

    fn found_on(&self, path: &RepoPath, way: &mut Way, is_file: bool) -> (Node, Option<Stamp>) {
        if path.parts().any(means_git) {
            return (Node::Absent, None);
        }
        if let Some(obstacle) = self.obstacle_on(path, way) {
            return (Node::Obstacle(obstacle), None);
        }
        match os::native(&self.base, path) {
            Ok(native) => {
                let opened = if is_file { os::read_closely(&native, MAX_FILE).ok() } else { None };
                match opened {
                    Some((bytes, executable, stamp)) => {
                        (Node::File(File { mode: self.mode(path, executable), bytes }), stamp)
                    }
                    None => self.read(path, &native),
                }
            }
            Err(_) => (Node::Absent, None),
        }
    }

    /// Whether the file at `path` is still the one that had this stamp.
    pub(crate) fn is_left_alone(&self, path: &RepoPath, stamp: &Stamp, way: &mut Way) -> bool {
        let now = || os::look_closely(&os::native(&self.base, path).ok()?).ok()?.1;
        self.obstacle_on(path, way).is_none() && now().as_ref() == Some(stamp)
    }

    /// What lies at `path`, told without reading it; none where something is in the way, or nobody can tell.
    pub(crate) fn glance(&self, path: &RepoPath, way: &mut Way) -> Option<Entry> {
        if path.parts().any(means_git) || self.obstacle_on(path, way).is_some() {
            return None;
        }
        os::look(&os::native(&self.base, path).ok()?).ok()
    }

    /// What on the way to `path` is not a directory of this repository, looked up once for neighbours.
    fn obstacle_on(&self, path: &RepoPath, way: &mut Way) -> Option<Obstacle> {
        let (parent, _) = path.as_str().rsplit_once('/')?;
        let known = way.known(parent);
        let ends = parent.match_indices('/').map(|(end, _)| end).chain([parent.len()]);
        for end in ends.filter(|end| *end > known) {
            let dir = RepoPath::new(&parent[..end]).ok()?;
            let native = os::native(&self.base, &dir).ok()?;
            match os::look(&native) {
                Ok(Entry::Directory) => {
                    if let Some(other) = self.repository(&dir, &native) {
                        return Some(other);
                    }
                }
                Ok(Entry::Absent) => return None,
                Ok(_) => return Some(Obstacle::Behind(dir)),
                Err(error) => return Some(Obstacle::Unreadable(error.to_string())),
            }
        }
        parent.clone_into(&mut way.0);
        None
    }

    /// The other repository whose work tree a directory is.
    fn repository(&self, dir: &RepoPath, native: &Path) -> Option<Obstacle> {
        if self.index.has_submodules() && self.index.is_submodule(&self.in_index(dir)) {
            return Some(Obstacle::Submodule(dir.clone()));
        }
        std::fs::symlink_metadata(native.join(".git")).is_ok().then(|| Obstacle::Repository(dir.clone()))
    }

    fn read(&self, path: &RepoPath, native: &Path) -> (Node, Option<Stamp>) {
        let mut stamp = None;
        let node = match os::look(native) {
            Ok(Entry::Absent) => Node::Absent,
            Ok(Entry::Directory) => self.repository(path, native).map_or(Node::Directory, Node::Obstacle),
            Ok(Entry::Special(kind)) => Node::Obstacle(Obstacle::Special(kind)),
            Ok(Entry::Symlink) => match os::read_link(native) {
                Ok(bytes) => Node::File(File { mode: FileMode::Symlink, bytes }),
                Err(error) => Node::Obstacle(Obstacle::Unreadable(error.to_string())),
            },
            Ok(Entry::File { size, .. }) if size > MAX_FILE => Node::Obstacle(Obstacle::TooLarge(size)),
            Ok(Entry::File { .. }) => match os::read_closely(native, MAX_FILE) {
                Ok((bytes, executable, read)) => {
                    stamp = read;
                    Node::File(File { mode: self.mode(path, executable), bytes })
                }
                Err(ReadFault::TooLarge(size)) => Node::Obstacle(Obstacle::TooLarge(size)),
                Err(ReadFault::Special(kind)) => Node::Obstacle(Obstacle::Special(kind)),
                Err(ReadFault::System(error)) => Node::Obstacle(Obstacle::Unreadable(error.to_string())),
            },
            Err(error) => Node::Obstacle(Obstacle::Unreadable(error.to_string())),
        };
        (node, stamp)
    }

    /// The mode of a regular file on disk, as git would commit it.
    fn mode(&self, path: &RepoPath, executable: bool) -> FileMode {
        let tracked = self.index.file_mode(&self.in_index(path));
        if tracked == Some(FileMode::Symlink) && !self.trusts_links() {
            return FileMode::Symlink;
        }
        let executable = if self.trusts_modes() { executable } else { tracked == Some(FileMode::Executable) };
        if executable { FileMode::Executable } else { FileMode::Regular }
    }
}
