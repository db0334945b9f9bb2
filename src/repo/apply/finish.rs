//! After the commit point: the steps, each of which can be done again after a crash.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::super::os::stamp::Stamp;
use super::super::os::{self, Entry, failed};
use super::super::view::Way;
use super::check::{Seen, is_alias_of_removed};
use super::journal::{Journal, Placing, Remove, Version};
use super::site::{Site, is_empty_dir};
use crate::error::{Error, Result};
use crate::model::file::BlobId;
use crate::model::path::RepoPath;
use crate::model::tree::{Node, Obstacle};

/// More than any golden path may hold, in bytes.
const MAX_STAGED: u64 = 256 * 1024 * 1024;

/// Does what is left of a committed journal, and removes it. Stops at a target that is neither
/// old nor new; then the journal and what is staged stay. What was `seen`, and was left alone since, is not read again.
pub(super) fn finish(site: &Site, journal: &Journal, seen: &Seen) -> Result<()> {
    let mut finisher = Finisher { site, journal, touched: BTreeSet::new(), way: Way::default() };
    let stamp = |stamps: &[Option<Stamp>], n: usize| stamps.get(n).copied().flatten();
    site.sync_journal()?;
    for (n, remove) in journal.removes.iter().enumerate() {
        finisher.remove(remove, stamp(&seen.removes, n))?;
    }
    for (n, placing) in journal.places.iter().enumerate() {
        finisher.place(placing, stamp(&seen.places, n), stamp(&seen.staged, n))?;
    }
    let mut touched = finisher.touched;
    touched.retain(|dir| matches!(os::look(dir), Ok(Entry::Directory)));
    if site.disk.syncs_at_once(touched.len(), &touched) {
        site.sync_at_once(&touched)?;
    } else {
        touched.iter().try_for_each(|dir| site.sync_dir(dir))?;
    }
    site.remove_journal()
}

/// Whether what was staged is all that is to come; `found` is what lies there, and `seen` its stamp when it was written.
fn is_whole(placing: &Placing, temp: &Path, found: (Entry, Option<Stamp>), seen: Option<Stamp>) -> Result<bool> {
    let (found, stamp) = found;
    if seen.is_some() && stamp == seen {
        return Ok(true);
    }
    let bytes = match found {
        Entry::Symlink => os::read_link(temp).map_err(|e| failed("reading", temp, &e))?,
        _ => os::read(temp, MAX_STAGED).map_err(|e| failed("reading", temp, &e))?.0,
    };
    Ok(BlobId::of(&bytes) == placing.new.id)
}

struct Finisher<'a> {
    site: &'a Site<'a>,
    journal: &'a Journal,
    touched: BTreeSet<PathBuf>,
    /// How far the last file's directory is known to be there; looked up anew once a directory has gone.
    way: Way,
}

impl Finisher<'_> {
    fn remove(&mut self, remove: &Remove, seen: Option<Stamp>) -> Result<()> {
        let site = self.site;
        if seen.is_some_and(|seen| site.view.is_left_alone(&remove.path, &seen, &mut self.way)) {
            let native = site.native(&remove.path)?;
            site.remove_file(&native)?;
            self.touched.extend(native.parent().map(PathBuf::from));
            return self.prune_above(&remove.path);
        }
        match site.view.node(&remove.path) {
            Node::Absent => {}
            Node::File(_) if self.alias_is_placed(&remove.path)? => return Ok(()),
            Node::File(file) if site.is(&file, &remove.old) => {
                let native = site.native(&remove.path)?;
                site.remove_file(&native)?;
                self.touched.extend(native.parent().map(PathBuf::from));
            }
            Node::Obstacle(Obstacle::Behind(dir)) if self.is_placed(&dir) => return Ok(()),
            Node::Directory if self.journal.places.iter().any(|p| p.path.strip_prefix(&remove.path).is_some()) => {
                return Ok(());
            }
            node => return Err(self.stop(&remove.path, &node)),
        }
        self.prune_above(&remove.path)
    }

    /// Removes the directories that a removed file leaves empty, up to the laid directory.
    fn prune_above(&mut self, path: &RepoPath) -> Result<()> {
        let mut above = path.parent();
        while let Some(dir) = above.filter(|dir| self.journal.prefix.as_ref() != Some(dir)) {
            let native = self.site.native(&dir)?;
            if self.is_needed(&dir) {
                break;
            }
            // One that is gone already may have been removed just before a crash: go on above it.
            if is_empty_dir(&native) {
                self.site.remove_dir(&native)?;
                self.way = Way::default();
                self.touched.extend(native.parent().map(PathBuf::from));
            } else if self.site.look(&dir)? != Entry::Absent {
                break;
            }
            above = dir.parent();
        }
        Ok(())
    }

    fn is_needed(&self, dir: &RepoPath) -> bool {
        let above_laid = self.journal.prefix.as_ref().is_some_and(|prefix| prefix.strip_prefix(dir).is_some());
        above_laid || self.journal.places.iter().any(|placing| placing.path.strip_prefix(dir).is_some())
    }

    fn place(&mut self, placing: &Placing, seen: Option<Stamp>, written: Option<Stamp>) -> Result<()> {
        let site = self.site;
        let temp = site.native(&placing.temp)?;
        let beside = os::look_closely(&temp).map_err(|e| failed("looking at", &temp, &e))?;
        let staged = beside.0 != Entry::Absent;
        let target = site.native(&placing.path)?;
        // Where only the mode changes, what the file system shows of it is looked at closely.
        let replaced = placing.old.is_some_and(|old| old.id != placing.new.id);
        if replaced && staged && seen.is_some_and(|seen| site.view.is_left_alone(&placing.path, &seen, &mut self.way)) {
            return self.put(placing, (&temp, beside, written), &target, false);
        }
        let node = site.view.node(&placing.path);
        let found = node.file().map(Version::of);
        match (&node, found, &placing.old) {
            (_, Some(found), _) if site.agrees(found, &placing.new) && !self.is_moved_mode(placing, staged) => {
                self.touched.extend(target.parent().map(PathBuf::from));
                return if staged { site.remove_file(&temp) } else { Ok(()) };
            }
            (_, Some(found), Some(old)) if site.agrees(found, old) => {}
            (Node::Absent, _, None) => {}
            (Node::Directory, _, None) => self.clear(&placing.path)?,
            _ => return Err(self.stop(&placing.path, &node)),
        }
        self.put(placing, (&temp, beside, written), &target, found.is_none())
    }

    /// Renames what was staged into its place, whatever lies there.
    fn put(
        &mut self,
        placing: &Placing,
        (temp, beside, written): (&Path, (Entry, Option<Stamp>), Option<Stamp>),
        target: &Path,
        is_new: bool,
    ) -> Result<()> {
        let site = self.site;
        if beside.0 == Entry::Absent || !is_whole(placing, temp, beside, written)? {
            let message = "what was staged for the file has gone or was changed";
            return Err(self.with_way_out(Error::environment(message).in_file(placing.path.as_str())));
        }
        if is_new {
            self.make_directories(&placing.path)?;
        }
        site.disk.rename(temp, target).map_err(|e| failed("renaming into place", target, &e))?;
        let [from, to] = [temp, target].map(Path::parent);
        self.touched.extend(to.map(PathBuf::from));
        if from.map(Path::as_os_str) != to.map(Path::as_os_str) {
            self.touched.extend(from.map(PathBuf::from));
        }
        Ok(())
    }

    /// Whether only the mode changes and the file system does not show whether it has.
    fn is_moved_mode(&self, placing: &Placing, staged: bool) -> bool {
        staged
            && !self.site.view.trusts_modes()
            && placing.old.is_some_and(|old| old.id == placing.new.id && old.mode != placing.new.mode)
    }

    fn make_directories(&mut self, path: &RepoPath) -> Result<()> {
        for (end, _) in path.as_str().match_indices('/') {
            let Ok(dir) = RepoPath::new(&path.as_str()[..end]) else { continue };
            match self.site.look(&dir)? {
                Entry::Directory => {}
                Entry::Absent => {
                    self.site.create_dir(&dir)?;
                    self.touched.extend(self.site.native(&dir)?.parent().map(PathBuf::from));
                }
                _ => return Err(self.stop(path, &Node::Obstacle(Obstacle::Behind(dir)))),
            }
        }
        Ok(())
    }

    /// Removes a directory that holds nothing but directories.
    fn clear(&mut self, dir: &RepoPath) -> Result<()> {
        let site = self.site;
        let mut all = vec![site.native(dir)?];
        let mut next = 0;
        while let Some(dir) = all.get(next).cloned() {
            let entries = std::fs::read_dir(&dir).map_err(|e| failed("reading the directory", &dir, &e))?;
            for entry in entries.flatten() {
                if matches!(os::look(&entry.path()), Ok(Entry::Directory)) {
                    all.push(entry.path());
                }
            }
            next += 1;
        }
        self.way = Way::default();
        // A file in one of them makes this fail, and nothing is lost.
        all.iter().rev().try_for_each(|dir| site.remove_dir(dir))
    }

    fn is_placed(&self, path: &RepoPath) -> bool {
        self.journal.places.iter().any(|placing| placing.path == *path)
    }

    /// Whether a file system that folds case shows, at a removed path, the file that took its place.
    fn alias_is_placed(&self, removed: &RepoPath) -> Result<bool> {
        for placing in &self.journal.places {
            let folds = placing.path != *removed && placing.path.folded() == removed.folded();
            if folds
                && self.site.look(&placing.temp)? == Entry::Absent
                && is_alias_of_removed(self.site, self.journal, &placing.path)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn stop(&self, path: &RepoPath, node: &Node) -> Error {
        let message = match node {
            Node::Absent => "the file has gone since an interrupted command began to change it".to_owned(),
            Node::Obstacle(obstacle) => format!("an interrupted command was to change this path, but {obstacle}"),
            Node::File(_) | Node::Directory => {
                "an interrupted command was to change this path, but it is neither what it was nor what it was to be"
                    .to_owned()
            }
        };
        self.with_way_out(Error::environment(message).in_file(path.as_str()))
    }

    fn with_way_out(&self, error: Error) -> Error {
        error.hint(format!(
            "put back what it was (`git checkout -- PATH`) and run the command again; or give up the rest: remove `{}`",
            self.site.journal.display()
        ))
    }
}
