//! What a committed journal promises, for those who only read.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::discover::{GitDir, Place};
use super::journal::{Journal, State, Version};
use super::site;
use crate::error::Result;
use crate::model::path::RepoPath;

/// What will lie at one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Promise {
    /// Nothing.
    Gone { old: Version },
    /// The staged file, which may lie in its place already.
    Placed { temp: RepoPath, new: Version },
}

/// All promises of an interrupted apply, by path from the root of the work tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pending(BTreeMap<RepoPath, Promise>);

impl Pending {
    /// What is pending at a place; nothing if no apply was interrupted after it was committed.
    pub(crate) fn read(place: &Place) -> Result<Self> {
        Pending::read_at(place.git.as_ref(), &place.laid)
    }

    /// What is pending in a repository; without git, in the directory `laid`.
    pub(crate) fn read_at(git: Option<&GitDir>, laid: &Path) -> Result<Self> {
        let journal = Journal::read(&site::journal_path(git, laid))?;
        let Some(journal) = journal.filter(|journal| journal.state == State::Committed) else {
            return Ok(Pending::default());
        };
        let mut promises = BTreeMap::new();
        for remove in journal.removes {
            promises.insert(remove.path, Promise::Gone { old: remove.old });
        }
        for placing in journal.places {
            promises.insert(placing.path, Promise::Placed { temp: placing.temp, new: placing.new });
        }
        Ok(Pending(promises))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn get(&self, path: &RepoPath) -> Option<&Promise> {
        self.0.get(path)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&RepoPath, &Promise)> {
        self.0.iter()
    }

    /// Whether a file will be placed somewhere below `dir`.
    pub(crate) fn places_below(&self, dir: &RepoPath) -> bool {
        self.below(dir).any(|promise| matches!(promise, Promise::Placed { .. }))
    }

    /// Whether a file somewhere below `dir` will go.
    pub(crate) fn removes_below(&self, dir: &RepoPath) -> bool {
        self.below(dir).any(|promise| matches!(promise, Promise::Gone { .. }))
    }

    fn below<'a>(&'a self, dir: &'a RepoPath) -> impl Iterator<Item = &'a Promise> {
        self.0.iter().filter(|(path, _)| path.strip_prefix(dir).is_some()).map(|(_, promise)| promise)
    }
}
