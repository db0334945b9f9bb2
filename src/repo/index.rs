//! Git's index: which files are tracked, with which mode and content.

use std::borrow::Cow;

use super::config::GitConfig;
use super::discover::GitDir;
use super::{git, os};
use crate::error::Result;
use crate::model::file::FileMode;
use crate::model::path::RepoPath;

const MAX_INDEX: u64 = 1024 * 1024 * 1024;
const SUBMODULE: u32 = 0o160_000;
const SKIP_WORKTREE: u16 = 1 << 14;

/// One tracked path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IndexEntry {
    pub(crate) mode: u32,
    id: Id,
    /// Whether a merge left it in several versions.
    pub(crate) unmerged: bool,
    /// Whether git was told not to have it on disk: a sparse checkout leaves it out.
    left_out: bool,
}

/// An id, as it was read: an index has many, and few are ever looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Id {
    Binary(git2::Oid),
    Hexadecimal(String),
}

impl IndexEntry {
    /// The id of its content, in hexadecimal.
    pub(crate) fn id(&self) -> Cow<'_, str> {
        match &self.id {
            Id::Binary(id) => Cow::Owned(id.to_string()),
            Id::Hexadecimal(id) => Cow::Borrowed(id),
        }
    }
}

/// An entry with its path, as it was read.
struct Listed {
    path: Vec<u8>,
    mode: u32,
    id: Id,
    unmerged: bool,
    left_out: bool,
}

/// The tracked paths of a work tree, as seen from its root, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Index {
    entries: Vec<(RepoPath, IndexEntry)>,
    /// Asked of every directory on the way to a file, and mostly there is none.
    has_submodules: bool,
    has_left_out: bool,
}

impl Index {
    /// Reads the index. A name that is not UTF-8 is left out.
    pub(crate) fn read(git: &GitDir, config: &GitConfig) -> Result<Self> {
        let file = git.dir.join("index");
        match os::look(&file) {
            Ok(os::Entry::Absent) => return Ok(Index::default()),
            Ok(os::Entry::File { size, .. }) if size <= MAX_INDEX => {}
            Ok(_) => return Err(os::failed("reading git's index", &file, &"it is too large, or not a file")),
            Err(e) => return Err(os::failed("reading git's index", &file, &e)),
        }
        if !config.sha256
            && let Ok(index) = git2::Index::open(&file)
        {
            let entries = index.iter().map(|e| Listed {
                path: e.path,
                mode: e.mode,
                id: Id::Binary(e.id),
                unmerged: (e.flags >> 12) & 3 != 0,
                left_out: e.flags_extended & SKIP_WORKTREE != 0,
            });
            return Ok(Index::collect(entries));
        }
        // A split or sparse index, or one with sha256 ids.
        let listed = git::output(git, &["ls-files", "-t", "--stage", "-z", "--full-name"])?;
        let listed = listed.ok_or_else(|| os::failed("reading git's index", &file, &"git cannot read it"))?;
        Ok(Index::collect(listed.split(|b| *b == 0).filter_map(parse_line)))
    }

    fn collect(entries: impl Iterator<Item = Listed>) -> Self {
        let mut all: Vec<(RepoPath, IndexEntry)> = Vec::with_capacity(entries.size_hint().0);
        for Listed { path, mode, id, unmerged, left_out } in entries {
            let Some(path) = String::from_utf8(path).ok().and_then(|path| RepoPath::new(path).ok()) else { continue };
            let entry = IndexEntry { mode, id, unmerged, left_out };
            match all.last_mut().filter(|(last, _)| *last == path) {
                // The last of several versions stands for all.
                Some(last) => last.1 = entry,
                None => all.push((path, entry)),
            }
        }
        // Git sorts alike; what it sorts otherwise must be found all the same.
        if !all.is_sorted_by(|a, b| a.0 < b.0) {
            all.sort_by(|a, b| a.0.cmp(&b.0));
        }
        let has_submodules = all.iter().any(|(_, entry)| entry.mode == SUBMODULE);
        let has_left_out = all.iter().any(|(_, entry)| entry.left_out);
        Index { entries: all, has_submodules, has_left_out }
    }

    pub(crate) fn get(&self, path: &RepoPath) -> Option<&IndexEntry> {
        let place = self.entries.binary_search_by(|(other, _)| other.cmp(path)).ok()?;
        Some(&self.entries[place].1)
    }

    /// The mode of a tracked file; none if it is not tracked, or a submodule.
    pub(crate) fn file_mode(&self, path: &RepoPath) -> Option<FileMode> {
        file_mode(self.get(path)?.mode)
    }

    /// The tracked file that git was told not to have on disk, if `path` is one.
    pub(crate) fn left_out(&self, path: &RepoPath) -> Option<&IndexEntry> {
        if self.has_left_out { self.get(path).filter(|entry| entry.left_out) } else { None }
    }

    pub(crate) fn has_submodules(&self) -> bool {
        self.has_submodules
    }

    pub(crate) fn is_submodule(&self, path: &RepoPath) -> bool {
        self.get(path).is_some_and(|entry| entry.mode == SUBMODULE)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&RepoPath, &IndexEntry)> {
        self.entries.iter().map(|(path, entry)| (path, entry))
    }
}

/// Git's number as a mode; none for directories and submodules.
pub(crate) fn file_mode(number: u32) -> Option<FileMode> {
    match number & 0o170_000 {
        0o120_000 => Some(FileMode::Symlink),
        0o100_000 if number & 0o111 != 0 => Some(FileMode::Executable),
        0o100_000 => Some(FileMode::Regular),
        _ => None,
    }
}

fn parse_line(line: &[u8]) -> Option<Listed> {
    let tab = line.iter().position(|b| *b == b'\t')?;
    let mut words = std::str::from_utf8(&line[..tab]).ok()?.split(' ');
    let left_out = words.next()? == "S";
    let mode = u32::from_str_radix(words.next()?, 8).ok()?;
    let id = Id::Hexadecimal(words.next()?.to_owned());
    let unmerged = words.next()? != "0";
    Some(Listed { path: line[tab + 1..].to_vec(), mode, id, unmerged, left_out })
}
