//! A repository's objects: commits, trees and blobs, by id.
//!
//! libgit2 opens the object directory alone, so no configuration is read and it does not matter who
//! owns the repository. What it cannot read (sha256) goes through the git program.

use std::sync::Mutex;

use git2::{ObjectType, Odb, Oid};

use super::discover::GitDir;
use super::git::Batch;
use crate::error::{Error, Result};

const MAX_COMMIT: u64 = 16 * 1024 * 1024;
const MAX_TREE: u64 = 64 * 1024 * 1024;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Commit,
    Tree,
    Blob,
    Tag,
}

/// The objects of one repository.
pub(crate) enum Objects {
    Library(Odb<'static>),
    Program(Box<Mutex<Batch>>),
}

/// One name in a tree object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TreeEntry {
    pub(crate) mode: u32,
    pub(crate) name: Vec<u8>,
    pub(crate) id: String,
}

impl TreeEntry {
    pub(crate) fn is_tree(&self) -> bool {
        self.mode & 0o170_000 == 0o040_000
    }
}

impl Objects {
    pub(crate) fn open(git: &GitDir, sha256: bool) -> Result<Self> {
        if !sha256
            && let Some(path) = git.common.join("objects").to_str()
            && let Ok(odb) = Odb::new()
            && odb.add_disk_alternate(path).is_ok()
        {
            return Ok(Objects::Library(odb));
        }
        Ok(Objects::Program(Box::new(Mutex::new(Batch::start(git)?))))
    }

    /// Kind and size of an object, without reading it; none if it is not there.
    pub(crate) fn header(&self, id: &str) -> Option<(Kind, u64)> {
        match self {
            Objects::Library(odb) => {
                let (size, kind) = odb.read_header(full_id(id)?).ok()?;
                let kind = match kind {
                    ObjectType::Commit => Kind::Commit,
                    ObjectType::Tree => Kind::Tree,
                    ObjectType::Blob => Kind::Blob,
                    ObjectType::Tag => Kind::Tag,
                    ObjectType::Any => return None,
                };
                Some((kind, size as u64))
            }
            Objects::Program(batch) => {
                let (kind, size) = batch.lock().ok()?.info(id).ok()??;
                let kind = match kind.as_str() {
                    "commit" => Kind::Commit,
                    "tree" => Kind::Tree,
                    "blob" => Kind::Blob,
                    "tag" => Kind::Tag,
                    _ => return None,
                };
                Some((kind, size))
            }
        }
    }

    /// The bytes of an object of a kind, of at most `limit` bytes; none if there is no such object.
    pub(crate) fn read(&self, id: &str, kind: Kind, limit: u64) -> Option<Vec<u8>> {
        let (found, size) = self.header(id)?;
        if found != kind || size > limit {
            return None;
        }
        match self {
            Objects::Library(odb) => Some(odb.read(full_id(id)?).ok()?.data().to_vec()),
            Objects::Program(batch) => batch.lock().ok()?.contents(id).ok()?,
        }
    }

    /// The only object whose id begins with `short`.
    pub(crate) fn complete(&self, short: &str) -> Option<String> {
        let Objects::Library(odb) = self else { return None };
        let id = Oid::from_str(short).ok()?;
        odb.exists_prefix(id, short.len()).ok().map(|id| id.to_string())
    }

    /// The commit itself, or the one that a tag leads to.
    pub(crate) fn peel_to_commit(&self, id: &str) -> Option<String> {
        let mut id = id.to_owned();
        for _ in 0..16 {
            match self.header(&id)?.0 {
                Kind::Commit => return Some(id),
                Kind::Tag => id = header_line(&self.read(&id, Kind::Tag, MAX_COMMIT)?, "object ")?,
                Kind::Tree | Kind::Blob => return None,
            }
        }
        None
    }

    /// A commit's tree and its parents.
    pub(crate) fn commit(&self, id: &str) -> Option<(String, Vec<String>)> {
        let bytes = self.read(id, Kind::Commit, MAX_COMMIT)?;
        let tree = header_line(&bytes, "tree ")?;
        let lines = bytes.split(|b| *b == b'\n').take_while(|line| !line.is_empty());
        let parents = lines.filter_map(|line| line.strip_prefix(b"parent "));
        Some((tree, parents.map(|id| String::from_utf8_lossy(id).into_owned()).collect()))
    }

    /// The names in a tree, as git sorts them.
    pub(crate) fn tree(&self, id: &str) -> Result<Vec<TreeEntry>> {
        let broken = || Error::environment(format!("git's tree `{id}` is missing or damaged")).hint("git fsck");
        let bytes = self.read(id, Kind::Tree, MAX_TREE).ok_or_else(broken)?;
        parse_tree(&bytes, id.len() / 2).ok_or_else(broken)
    }

    /// The entry at `parts` below a tree; none if there is none.
    pub(crate) fn at<'a>(&self, tree: &str, parts: impl Iterator<Item = &'a str>) -> Result<Option<TreeEntry>> {
        let mut entry = TreeEntry { mode: 0o040_000, name: Vec::new(), id: tree.to_owned() };
        for part in parts {
            if !entry.is_tree() {
                return Ok(None);
            }
            let found = self.tree(&entry.id)?.into_iter().find(|e| e.name == part.as_bytes());
            let Some(found) = found else { return Ok(None) };
            entry = found;
        }
        Ok(Some(entry))
    }
}

fn full_id(id: &str) -> Option<Oid> {
    if id.len() == 40 { Oid::from_str(id).ok() } else { None }
}

fn header_line(bytes: &[u8], label: &str) -> Option<String> {
    let mut lines = bytes.split(|b| *b == b'\n').take_while(|line| !line.is_empty());
    let value = lines.find_map(|line| line.strip_prefix(label.as_bytes()))?;
    std::str::from_utf8(value).ok().map(str::to_owned)
}

fn parse_tree(mut bytes: &[u8], id_len: usize) -> Option<Vec<TreeEntry>> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let space = bytes.iter().position(|b| *b == b' ')?;
        let mode = u32::from_str_radix(std::str::from_utf8(&bytes[..space]).ok()?, 8).ok()?;
        let rest = &bytes[space + 1..];
        let nul = rest.iter().position(|b| *b == 0)?;
        let id = rest.get(nul + 1..nul + 1 + id_len)?;
        entries.push(TreeEntry { mode, name: rest[..nul].to_vec(), id: crate::model::finding::hex(id) });
        bytes = &rest[nul + 1 + id_len..];
    }
    Some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_trees_are_no_trees() {
        assert_eq!(parse_tree(b"", 20), Some(Vec::new()));
        assert_eq!(parse_tree(b"100644 a\0short", 20), None);
        assert_eq!(parse_tree(b"100644", 20), None);
        let whole = [b"100644 a\0".as_slice(), &[7; 20]].concat();
        assert_eq!(parse_tree(&whole, 20).map(|entries| entries.len()), Some(1));
    }
}
