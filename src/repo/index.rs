//! Git's index: which files are tracked, with which mode and content.

use std::collections::BTreeMap;

use super::config::GitConfig;
use super::discover::GitDir;
use super::{git, os};
use crate::error::Result;
use crate::model::file::FileMode;
use crate::model::path::RepoPath;

const MAX_INDEX: u64 = 1024 * 1024 * 1024;

/// One tracked path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IndexEntry {
    pub(crate) mode: u32,
    pub(crate) id: String,
    /// Whether a merge left it in several versions.
    pub(crate) unmerged: bool,
}

/// The tracked paths of a work tree, as seen from its root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Index(BTreeMap<RepoPath, IndexEntry>);

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
            let entries = index.iter().map(|e| (e.path, e.mode, e.id.to_string(), (e.flags >> 12) & 3));
            return Ok(Index::collect(entries));
        }
        // A split or sparse index, or one with sha256 ids.
        let listed = git::output(git, &["ls-files", "--stage", "-z", "--full-name"])?;
        let listed = listed.ok_or_else(|| os::failed("reading git's index", &file, &"git cannot read it"))?;
        Ok(Index::collect(listed.split(|b| *b == 0).filter_map(parse_line)))
    }

    fn collect(entries: impl Iterator<Item = (Vec<u8>, u32, String, u16)>) -> Self {
        let mut all = BTreeMap::new();
        for (path, mode, id, stage) in entries {
            let Some(path) = String::from_utf8(path).ok().and_then(|path| RepoPath::new(path).ok()) else { continue };
            all.insert(path, IndexEntry { mode, id, unmerged: stage != 0 });
        }
        Index(all)
    }

    pub(crate) fn get(&self, path: &RepoPath) -> Option<&IndexEntry> {
        self.0.get(path)
    }

    /// The mode of a tracked file; none if it is not tracked, or a submodule.
    pub(crate) fn file_mode(&self, path: &RepoPath) -> Option<FileMode> {
        file_mode(self.0.get(path)?.mode)
    }

    pub(crate) fn is_submodule(&self, path: &RepoPath) -> bool {
        self.0.get(path).is_some_and(|entry| entry.mode == 0o160_000)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&RepoPath, &IndexEntry)> {
        self.0.iter()
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

fn parse_line(line: &[u8]) -> Option<(Vec<u8>, u32, String, u16)> {
    let tab = line.iter().position(|b| *b == b'\t')?;
    let mut words = std::str::from_utf8(&line[..tab]).ok()?.split(' ');
    let mode = u32::from_str_radix(words.next()?, 8).ok()?;
    let id = words.next()?.to_owned();
    let stage = words.next()?.parse().ok()?;
    Some((line[tab + 1..].to_vec(), mode, id, stage))
}
