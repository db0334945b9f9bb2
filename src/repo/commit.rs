//! A commit as a tree: no checkout, bare repositories too.

use std::collections::{BTreeMap, BTreeSet};

use super::config::GitConfig;
use super::discover::{GitDir, Place};
use super::index::file_mode;
use super::objects::{Kind, Objects};
use super::revision;
use super::walk::shown;
use crate::error::{Error, Result};
use crate::model::file::{BlobId, File, FileMode};
use crate::model::path::{RepoPath, means_git};
use crate::model::tree::{MAX_FILE, Node, Obstacle, Tree};

const MAX_ENTRIES: usize = 1_000_000;
const MAX_DEPTH: usize = 512;

/// The files of a laid directory, as a commit has them.
pub struct CommitTree {
    objects: Objects,
    commit: String,
    /// Files and submodules (no mode) by path from the laid directory.
    entries: BTreeMap<RepoPath, (Option<FileMode>, String)>,
    directories: BTreeSet<RepoPath>,
    /// Directories that hold a `.roadbed/` of their own.
    territories: BTreeSet<RepoPath>,
    /// Names that are not UTF-8, as far as they can be shown.
    unsayable: Vec<String>,
}

impl CommitTree {
    /// Opens the commit that `rev` names. An unknown revision, or none of git, is an error of usage.
    pub fn open(place: &Place, rev: &str) -> Result<CommitTree> {
        let git = place.git.as_ref().ok_or_else(|| {
            let message = format!("`{rev}` names no commit: `{}` is not in a git repository", place.laid.display());
            Error::usage(message).hint("run it in a git repository, or leave the revision out")
        })?;
        let objects = Objects::open(git, GitConfig::read(&git.common).sha256)?;
        let commit = revision::commit(git, &objects, rev)?;
        let mut tree = CommitTree {
            objects,
            commit,
            entries: BTreeMap::new(),
            directories: BTreeSet::new(),
            territories: BTreeSet::new(),
            unsayable: Vec::new(),
        };
        tree.list(git, place.prefix.as_ref())?;
        Ok(tree)
    }

    /// The commit's id, in hexadecimal.
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// The directories of the commit that hold a `.roadbed/`, below the one that the tree is about.
    pub fn territories(&self) -> impl Iterator<Item = &RepoPath> {
        self.territories.iter()
    }

    fn list(&mut self, git: &GitDir, prefix: Option<&RepoPath>) -> Result<()> {
        let missing = || {
            let error = Error::environment(format!("the commit `{}` cannot be read", self.commit));
            error.hint(format!("git -C {} fsck", git.dir.display()))
        };
        let (root, _) = self.objects.commit(&self.commit).ok_or_else(missing)?;
        let parts = prefix.iter().flat_map(|prefix| prefix.parts());
        // Where the commit has no such directory, it has no files either.
        let Some(start) = self.objects.at(&root, parts)?.filter(super::objects::TreeEntry::is_tree) else {
            return Ok(());
        };
        let mut open = vec![(start.id, None::<RepoPath>, 0)];
        let mut seen = 0;
        while let Some((id, dir, depth)) = open.pop() {
            for entry in self.objects.tree(&id)? {
                seen += 1;
                if seen > MAX_ENTRIES || depth > MAX_DEPTH {
                    let message = format!(
                        "the commit holds more than {MAX_ENTRIES} files, or too many directories in each other"
                    );
                    return Err(Error::repository(message));
                }
                let Ok(name) = std::str::from_utf8(&entry.name) else {
                    self.unsayable.push(shown(dir.as_ref(), &String::from_utf8_lossy(&entry.name)));
                    continue;
                };
                if means_git(name) || name.contains('/') {
                    continue;
                }
                let joined = match &dir {
                    Some(dir) => dir.join(name),
                    None => RepoPath::new(name),
                };
                let Ok(path) = joined else { continue };
                if entry.is_tree() {
                    if name == ".roadbed"
                        && let Some(dir) = &dir
                    {
                        self.territories.insert(dir.clone());
                    }
                    self.directories.insert(path.clone());
                    open.push((entry.id, Some(path), depth + 1));
                } else {
                    self.entries.insert(path, (file_mode(entry.mode), entry.id));
                }
            }
        }
        Ok(())
    }

    fn is_foreign(&self, path: &RepoPath) -> bool {
        if self.territories.is_empty() {
            return false;
        }
        let mut above = path.parent();
        while let Some(dir) = above {
            if self.territories.contains(&dir) {
                return true;
            }
            above = dir.parent();
        }
        false
    }
}

impl Tree for CommitTree {
    fn node(&self, path: &RepoPath) -> Node {
        let Some((mode, id)) = self.entries.get(path) else {
            let mut above = path.parent();
            while let Some(dir) = above {
                match self.entries.get(&dir) {
                    Some((None, _)) => return Node::Obstacle(Obstacle::Submodule(dir)),
                    Some(_) => return Node::Obstacle(Obstacle::Behind(dir)),
                    None => above = dir.parent(),
                }
            }
            return if self.directories.contains(path) { Node::Directory } else { Node::Absent };
        };
        let Some(mode) = *mode else { return Node::Obstacle(Obstacle::Submodule(path.clone())) };
        match self.objects.header(id) {
            Some((Kind::Blob, size)) if size > MAX_FILE => Node::Obstacle(Obstacle::TooLarge(size)),
            Some((Kind::Blob, _)) => match self.objects.read(id, Kind::Blob, MAX_FILE) {
                Some(bytes) => Node::File(File { mode, bytes }),
                None => Node::Obstacle(Obstacle::Unreadable("git's object is damaged".to_owned())),
            },
            _ => Node::Obstacle(Obstacle::Unreadable("git does not have its content here".to_owned())),
        }
    }

    fn unsayable(&self) -> Vec<String> {
        self.unsayable.clone()
    }

    fn files(&self) -> Result<Vec<RepoPath>> {
        let files = self.entries.iter().filter(|(path, (mode, _))| mode.is_some() && !self.is_foreign(path));
        Ok(files.map(|(path, _)| path.clone()).collect())
    }

    fn known_blob(&self, path: &RepoPath) -> Option<BlobId> {
        let (mode, id) = self.entries.get(path)?;
        mode.as_ref()?;
        BlobId::try_from(id.clone()).ok()
    }
}
