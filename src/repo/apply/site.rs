//! Where an apply works: the root that paths count from, and the journal.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::super::discover::{GitDir, Place};
use super::super::os::{self, Entry, failed};
use super::super::view::View;
use super::Disk;
use super::journal::{Journal, Version};
use super::names::{JOURNAL_IN_GIT, JOURNAL_IN_ROADBED, UNFINISHED};
use crate::error::{Error, Result};
use crate::model::file::{File, FileMode};
use crate::model::path::RepoPath;

/// Where the journal of a repository lies; without git, that of the directory `laid`.
pub(super) fn journal_path(git: Option<&GitDir>, laid: &Path) -> PathBuf {
    match git {
        Some(git) => git.dir.join(JOURNAL_IN_GIT),
        None => laid.join(".roadbed").join(JOURNAL_IN_ROADBED),
    }
}

/// A place that is being written to.
pub(super) struct Site<'a> {
    pub(super) place: &'a Place,
    pub(super) view: View,
    pub(super) disk: &'a dyn Disk,
    pub(super) journal: PathBuf,
}

impl<'a> Site<'a> {
    pub(super) fn open(place: &'a Place, disk: &'a dyn Disk) -> Result<Self> {
        refuse_bare(place)?;
        Ok(Site { place, view: View::of_root(place)?, disk, journal: journal_path(place.git.as_ref(), &place.laid) })
    }

    /// Where a path lies on disk.
    pub(super) fn native(&self, path: &RepoPath) -> Result<PathBuf> {
        os::native(&self.view.base, path).map_err(|e| Error::environment(e.to_string()))
    }

    /// What lies at a path, told without opening it.
    pub(super) fn look(&self, path: &RepoPath) -> Result<Entry> {
        let native = self.native(path)?;
        os::look(&native).map_err(|e| failed("looking at", &native, &e))
    }

    /// Whether a file that was found is that version, as far as this file system can tell.
    pub(super) fn is(&self, found: &File, version: &Version) -> bool {
        self.agrees(Version::of(found), version)
    }

    /// The same, of a file whose id is known.
    pub(super) fn agrees(&self, found: Version, version: &Version) -> bool {
        let is_link = |mode| mode == FileMode::Symlink;
        let same_kind = is_link(found.mode) == is_link(version.mode);
        let same_mode = found.mode == version.mode
            || (same_kind && !self.view.trusts_modes())
            || !(same_kind || (self.view.trusts_links() && os::HAS_LINKS));
        same_mode && found.id == version.id
    }

    pub(super) fn create_dir(&self, path: &RepoPath) -> Result<()> {
        let native = self.native(path)?;
        self.disk.create_dir(&native).map_err(|e| failed("making the directory", &native, &e))
    }

    pub(super) fn remove_file(&self, native: &Path) -> Result<()> {
        self.disk.remove_file(native).map_err(|e| failed("removing", native, &e))
    }

    pub(super) fn remove_dir(&self, native: &Path) -> Result<()> {
        self.disk.remove_dir(native).map_err(|e| failed("removing the directory", native, &e))
    }

    pub(super) fn sync_dir(&self, native: &Path) -> Result<()> {
        self.disk.sync_dir(native).map_err(|e| failed("syncing the directory", native, &e))
    }

    /// Makes all files in these directories durable, and the names in them.
    pub(super) fn sync_at_once(&self, dirs: &BTreeSet<PathBuf>) -> Result<()> {
        self.disk.sync_at_once(dirs).map_err(|e| failed("syncing", &self.view.base, &e))
    }

    /// Puts a journal in its place. Whether it took effect is told by the disk: see [`Site::sync_journal`].
    pub(super) fn write_journal(&self, journal: &Journal) -> Result<()> {
        let unfinished = self.unfinished_journal();
        if exists(&unfinished)? {
            self.remove_file(&unfinished)?;
        }
        let bytes = journal.to_bytes()?;
        let write = |e: std::io::Error| failed("writing the journal", &self.journal, &e);
        self.disk.write_new(&unfinished, &bytes, false, None).map_err(write)?;
        self.disk.rename(&unfinished, &self.journal).map_err(write)
    }

    /// Makes the journal's place durable.
    pub(super) fn sync_journal(&self) -> Result<()> {
        self.sync_dir(self.journal.parent().unwrap_or(&self.journal))
    }

    /// Ends the apply that the journal is about.
    pub(super) fn remove_journal(&self) -> Result<()> {
        for file in [&self.journal, &self.unfinished_journal()] {
            if exists(file)? {
                self.remove_file(file)?;
            }
        }
        if self.place.git.is_none() {
            let roadbed = self.place.laid.join(".roadbed");
            if is_empty_dir(&roadbed) {
                return self.remove_dir(&roadbed);
            }
            if !exists(&roadbed)? {
                return Ok(());
            }
        }
        self.sync_journal()
    }

    fn unfinished_journal(&self) -> PathBuf {
        unfinished(&self.journal)
    }
}

/// Whether something of an earlier run has to be settled or swept: a glance, for which git's index is not read.
pub(super) fn has_traces(place: &Place) -> Result<bool> {
    refuse_bare(place)?;
    let journal = journal_path(place.git.as_ref(), &place.laid);
    let empty = place.git.is_none() && is_empty_dir(&place.laid.join(".roadbed"));
    Ok(empty || exists(&journal)? || exists(&unfinished(&journal))?)
}

fn refuse_bare(place: &Place) -> Result<()> {
    if place.bare {
        return Err(Error::usage(format!("`{}` is a bare repository, without a working tree", place.laid.display())));
    }
    Ok(())
}

fn unfinished(journal: &Path) -> PathBuf {
    let mut name = journal.to_path_buf().into_os_string();
    name.push(UNFINISHED);
    name.into()
}

fn exists(native: &Path) -> Result<bool> {
    let entry = os::look(native).map_err(|e| failed("looking at", native, &e))?;
    Ok(entry != Entry::Absent)
}

/// Whether `path` is a directory, not a link to one, with nothing in it.
pub(super) fn is_empty_dir(path: &Path) -> bool {
    matches!(os::look(path), Ok(Entry::Directory))
        && std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}
