//! Where files come from: a working directory, a commit or memory, all behind one trait.
//!
//! A tree is total: what cannot be read is a [`Node::Obstacle`], not an error, because a
//! repository under check is hostile and the rest of it must still be checked.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use super::file::{BlobId, File};
use super::path::RepoPath;
use crate::error::Result;

/// No file larger than this is read, in bytes.
pub const MAX_FILE: u64 = 32 * 1024 * 1024;

/// What a path of a tree holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// Nothing.
    Absent,
    /// A file or a symlink.
    File(File),
    /// A directory.
    Directory,
    /// Something that cannot be read as a file, or must not be.
    Obstacle(Obstacle),
}

impl Node {
    /// The file, if it is one.
    pub fn file(&self) -> Option<&File> {
        if let Node::File(file) = self { Some(file) } else { None }
    }

    /// The file, if it is one.
    pub fn into_file(self) -> Option<File> {
        if let Node::File(file) = self { Some(file) } else { None }
    }
}

/// Why a path that exists cannot be read as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// A fifo, a socket, a device.
    Special(&'static str),
    /// Larger than [`MAX_FILE`]; holds its size in bytes.
    TooLarge(u64),
    /// The system refuses to read it; holds the reason.
    Unreadable(String),
    /// A directory on the way to it is a symlink or a file; holds that directory.
    Behind(RepoPath),
    /// A git submodule, or a file in one; holds the submodule's directory.
    Submodule(RepoPath),
    /// A git repository that this one knows nothing of, or a file in one; holds its directory.
    Repository(RepoPath),
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Obstacle::Special(kind) => write!(f, "it is a {kind}, not a file"),
            Obstacle::TooLarge(size) => write!(f, "it has {size} bytes; roadbed reads files of up to {MAX_FILE}"),
            Obstacle::Unreadable(why) => write!(f, "it cannot be read: {why}"),
            Obstacle::Behind(link) => write!(f, "`{link}` is not a directory of this repository (a file or a symlink)"),
            Obstacle::Submodule(dir) => write!(f, "`{dir}` is a git submodule"),
            Obstacle::Repository(dir) => write!(f, "`{dir}` is a git repository of its own"),
        }
    }
}

/// Who knows which files of a tree may be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modes {
    /// What lies there says so itself.
    Here,
    /// Git's index alone: the disk cannot say it, or git was told not to believe it.
    InIndex,
    /// Nobody.
    Nowhere,
}

/// A set of files at one moment.
pub trait Tree {
    /// What lies at `path`. Symlinks are not followed, not even in the directories on the way.
    fn node(&self, path: &RepoPath) -> Node;

    /// Every file that belongs to the tree, sorted: for a working directory the tracked ones and the
    /// untracked ones that git does not ignore. Nested `.roadbed/` territories are left out.
    fn files(&self) -> Result<Vec<RepoPath>>;

    /// Who knows which files may be run.
    fn modes(&self) -> Modes {
        Modes::Here
    }

    /// Whether git has the file, and was told not to have it on disk: it can be read, and must not be written.
    fn is_left_out(&self, path: &RepoPath) -> bool {
        let _ = path;
        false
    }

    /// Names that [`Tree::files`] left out, because they are not UTF-8 and so no path can say them; as far as they can
    /// be shown.
    fn unsayable(&self) -> Vec<String> {
        Vec::new()
    }

    /// The id of the content at `path`, where the tree has it without reading the content.
    fn known_blob(&self, path: &RepoPath) -> Option<BlobId> {
        let _ = path;
        None
    }
}

/// A tree in memory. A copy shares its files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryTree(BTreeMap<RepoPath, Arc<Held>>);

/// A file of a tree in memory: one that is embedded in the binary is copied out of it when somebody asks for it.
#[derive(Debug)]
struct Held {
    embedded: &'static [u8],
    file: OnceLock<File>,
}

impl Held {
    fn file(&self) -> &File {
        self.file.get_or_init(|| File::regular(self.embedded))
    }
}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        self.file() == other.file()
    }
}

impl Eq for Held {}

impl MemoryTree {
    /// Puts a file at `path`.
    pub fn insert(&mut self, path: RepoPath, file: File) {
        self.0.insert(path, Arc::new(Held { embedded: &[], file: OnceLock::from(file) }));
    }

    /// Puts a regular file of the binary at `path`.
    pub fn embed(&mut self, path: RepoPath, bytes: &'static [u8]) {
        self.0.insert(path, Arc::new(Held { embedded: bytes, file: OnceLock::new() }));
    }

    /// Puts the file that `other` has at `from`, if there is one, at `path`.
    pub fn share(&mut self, path: RepoPath, other: &MemoryTree, from: &RepoPath) {
        if let Some(held) = other.0.get(from) {
            self.0.insert(path, Arc::clone(held));
        }
    }

    /// Keeps only files whose paths are wanted.
    pub fn retain(&mut self, wanted: impl Fn(&RepoPath) -> bool) {
        self.0.retain(|path, _| wanted(path));
    }

    /// The file at `path`.
    pub fn get(&self, path: &RepoPath) -> Option<&File> {
        self.0.get(path).map(|held| held.file())
    }

    /// The file at a path given as text.
    pub fn get_str(&self, path: &str) -> Option<&File> {
        RepoPath::new(path).ok().and_then(|path| self.get(&path))
    }

    /// The paths of all files, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &RepoPath> {
        self.0.keys()
    }

    /// Files with their paths, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&RepoPath, &File)> {
        self.0.iter().map(|(path, held)| (path, held.file()))
    }

    /// Number of files.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no file.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(RepoPath, File)> for MemoryTree {
    fn from_iter<I: IntoIterator<Item = (RepoPath, File)>>(files: I) -> Self {
        let mut tree = MemoryTree::default();
        files.into_iter().for_each(|(path, file)| tree.insert(path, file));
        tree
    }
}

impl Tree for MemoryTree {
    fn node(&self, path: &RepoPath) -> Node {
        if let Some(file) = self.get(path) {
            return Node::File(file.clone());
        }
        let mut above = path.parent();
        while let Some(dir) = above {
            if self.0.contains_key(&dir) {
                return Node::Obstacle(Obstacle::Behind(dir));
            }
            above = dir.parent();
        }
        let inside = format!("{path}/");
        let below = self.0.keys().any(|other| other.as_str().starts_with(&inside));
        if below { Node::Directory } else { Node::Absent }
    }

    fn files(&self) -> Result<Vec<RepoPath>> {
        Ok(self.0.keys().cloned().collect())
    }
}

/// A tree with some of its files replaced, added or (with `None`) gone.
pub struct Overlay<'a> {
    below: &'a dyn Tree,
    above: BTreeMap<RepoPath, Option<File>>,
}

impl<'a> Overlay<'a> {
    /// `below`, as it will be after `edits`.
    pub fn new(below: &'a dyn Tree, edits: impl IntoIterator<Item = (RepoPath, Option<File>)>) -> Self {
        Overlay { below, above: edits.into_iter().collect() }
    }
}

impl Tree for Overlay<'_> {
    fn node(&self, path: &RepoPath) -> Node {
        match self.above.get(path) {
            Some(Some(file)) => return Node::File(file.clone()),
            Some(None) => {
                let inside = format!("{path}/");
                let refilled = self.above.iter().any(|(p, f)| f.is_some() && p.as_str().starts_with(&inside));
                return if refilled { Node::Directory } else { Node::Absent };
            }
            None => {}
        }
        match self.below.node(path) {
            Node::Obstacle(Obstacle::Behind(dir)) if self.above.get(&dir) == Some(&None) => Node::Absent,
            Node::Absent => {
                let inside = format!("{path}/");
                let filled = self.above.iter().any(|(p, f)| f.is_some() && p.as_str().starts_with(&inside));
                if filled { Node::Directory } else { Node::Absent }
            }
            node => node,
        }
    }

    fn files(&self) -> Result<Vec<RepoPath>> {
        let mut files: std::collections::BTreeSet<RepoPath> = self.below.files()?.into_iter().collect();
        for (path, file) in &self.above {
            if file.is_some() {
                files.insert(path.clone());
            } else {
                files.remove(path);
            }
        }
        Ok(files.into_iter().collect())
    }

    fn modes(&self) -> Modes {
        self.below.modes()
    }

    fn is_left_out(&self, path: &RepoPath) -> bool {
        !self.above.contains_key(path) && self.below.is_left_out(path)
    }

    fn known_blob(&self, path: &RepoPath) -> Option<BlobId> {
        if self.above.contains_key(path) { None } else { self.below.known_blob(path) }
    }
}
