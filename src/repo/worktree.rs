//! A working directory as a tree. What an interrupted command has decided counts as done, and
//! nothing is written.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::PathBuf;

use super::apply::pending::{Pending, Promise};
use super::discover::Place;
use super::index::file_mode;
use super::objects::{Kind, Objects};
use super::view::{View, Way};
use super::walk::{Territories, walk};
use super::{apply, os};
use crate::error::{Error, Result};
use crate::model::file::{BlobId, File};
use crate::model::path::RepoPath;
use crate::model::tree::{MAX_FILE, Modes, Node, Obstacle, Tree};

/// The files of a laid directory, as they are when they are asked for.
#[derive(Debug)]
pub struct WorkTree {
    place: Place,
    view: View,
    pending: Pending,
    /// What the last listing could not name.
    unsayable: RefCell<Vec<String>>,
    /// How far the last file's directory is known to be no link and no other repository.
    way: RefCell<Way>,
}

impl WorkTree {
    /// Opens the laid directory of `place`. A bare repository has none: an error of usage.
    pub fn open(place: &Place) -> Result<WorkTree> {
        if place.bare {
            let error =
                Error::usage(format!("`{}` is a bare repository, without a working tree", place.laid.display()));
            return Err(error.hint("name a commit with `--rev`"));
        }
        let (view, pending) = (View::of_laid(place)?, Pending::read(place)?);
        Ok(WorkTree { place: place.clone(), view, pending, unsayable: RefCell::default(), way: RefCell::default() })
    }

    fn seen(&self, path: &RepoPath) -> Node {
        self.view.node_on(path, &mut self.way.borrow_mut())
    }

    fn on_disk(&self, path: &RepoPath) -> Node {
        match self.seen(path) {
            // The link or file that stands in the way is about to go.
            Node::Obstacle(Obstacle::Behind(dir)) if self.is_going(&dir) => Node::Absent,
            node => node,
        }
    }

    fn is_going(&self, path: &RepoPath) -> bool {
        let promise = self.pending.get(&self.place.rooted(path));
        matches!(promise, Some(Promise::Gone { .. }))
    }

    /// The file that is staged for a path; none if it already lies there.
    fn staged(&self, promise: &Promise) -> Option<File> {
        let Promise::Placed { temp, new } = promise else { return None };
        let native = os::native(self.place.root(), temp).ok()?;
        let bytes = match os::look(&native).ok()? {
            os::Entry::Symlink => os::read_link(&native).ok()?,
            _ => os::read(&native, MAX_FILE).ok()?.0,
        };
        (BlobId::of(&bytes) == new.id).then_some(File { mode: new.mode, bytes })
    }

    /// Whether nothing stays in a directory once what is pending is done.
    fn is_emptied(&self, dir: &RepoPath) -> bool {
        let full = self.place.rooted(dir);
        if !self.pending.removes_below(&full) || self.pending.places_below(&full) {
            return false;
        }
        apply::remains::below(self.place.root(), &full, &|path| {
            matches!(self.pending.get(path), Some(Promise::Gone { .. }))
        })
        .is_ok_and(|remains| remains.is_none())
    }
}

impl Tree for WorkTree {
    fn node(&self, path: &RepoPath) -> Node {
        if self.pending.is_empty() {
            return match self.seen(path) {
                Node::Absent => self.left_out(path).map_or(Node::Absent, Node::File),
                node => node,
            };
        }
        let full = self.place.rooted(path);
        let node = match self.pending.get(&full) {
            Some(promise @ Promise::Placed { .. }) => match self.staged(promise) {
                Some(file) => Node::File(file),
                None => self.on_disk(path),
            },
            Some(Promise::Gone { old }) => match self.on_disk(path) {
                Node::File(file) if file.blob_id() == old.id => Node::Absent,
                node => node,
            },
            None => self.on_disk(path),
        };
        match node {
            Node::Absent if self.pending.places_below(&full) => Node::Directory,
            Node::Directory if self.is_emptied(path) => Node::Absent,
            node => node,
        }
    }

    fn modes(&self) -> Modes {
        match (self.view.trusts_modes(), &self.place.git) {
            (true, _) => Modes::Here,
            (false, Some(_)) => Modes::InIndex,
            (false, None) => Modes::Nowhere,
        }
    }

    fn is_left_out(&self, path: &RepoPath) -> bool {
        self.view.index.left_out(&self.view.in_index(path)).is_some() && self.view.node(path) == Node::Absent
    }

    fn unsayable(&self) -> Vec<String> {
        self.unsayable.borrow().clone()
    }

    fn files(&self) -> Result<Vec<RepoPath>> {
        let place = &self.place;
        let found = walk(place, &place.laid, self.view.config.ignore_case, Territories::Skip)?;
        self.unsayable.replace(found.unsayable);
        self.way.take();
        let mut files = found.files;
        files.retain(|path| !apply::is_own_path(path));
        let foreign = |path: &RepoPath| found.foreign.iter().any(|dir| path.strip_prefix(dir).is_some());
        let ours = |path: &RepoPath| match &place.prefix {
            Some(prefix) => path.strip_prefix(prefix),
            None => Some(path.clone()),
        };
        let ignored: Vec<RepoPath> =
            self.unlisted(&files).filter(|path| !foreign(path) && self.is_there(path)).collect();
        if ignored.is_empty() && self.pending.is_empty() {
            return Ok(files);
        }
        let mut files: BTreeSet<RepoPath> = files.into_iter().chain(ignored).collect();
        for (full, promise) in self.pending.iter() {
            let Some(path) = ours(full).filter(|path| !foreign(path)) else { continue };
            match promise {
                Promise::Placed { .. } => {
                    files.insert(path);
                }
                Promise::Gone { .. } if matches!(self.node(&path), Node::Absent | Node::Directory) => {
                    files.remove(&path);
                }
                Promise::Gone { .. } => {}
            }
        }
        Ok(files.into_iter().collect())
    }
}

impl WorkTree {
    /// The file that a sparse checkout leaves out, as git's index has it.
    fn left_out(&self, path: &RepoPath) -> Option<File> {
        let entry = self.view.index.left_out(&self.view.in_index(path))?;
        let objects = Objects::open(self.place.git.as_ref()?, self.view.config.sha256).ok()?;
        let bytes = objects.read(&entry.id(), Kind::Blob, MAX_FILE)?;
        Some(File { mode: file_mode(entry.mode)?, bytes })
    }

    /// What git tracks below here and a listing left out: mostly nothing. Both are sorted, so one look at each does.
    fn unlisted<'t>(&'t self, listed: &'t [RepoPath]) -> impl Iterator<Item = RepoPath> + 't {
        let mut rest = listed.iter().map(RepoPath::as_str).peekable();
        self.view.index.iter().filter_map(move |(tracked, _)| {
            let path = match &self.place.prefix {
                Some(prefix) => tracked.as_str().strip_prefix(prefix.as_str())?.strip_prefix('/')?,
                None => tracked.as_str(),
            };
            while rest.next_if(|listed| *listed < path).is_some() {}
            match rest.peek() {
                Some(listed) if *listed == path => None,
                _ => RepoPath::new(path).ok(),
            }
        })
    }

    /// Whether a tracked file lies on disk, in this laid directory.
    fn is_there(&self, path: &RepoPath) -> bool {
        let exists = match os::native(&self.place.laid, path).and_then(|native| os::look(&native)) {
            Ok(os::Entry::Absent | os::Entry::Directory) => false,
            Ok(_) => !matches!(self.view.node(path), Node::Absent | Node::Obstacle(Obstacle::Behind(_))),
            Err(_) => true,
        };
        exists && !self.is_in_other_territory(path)
    }

    /// Whether a directory between here and a file that git tracks though it ignores it holds a
    /// `.roadbed/` of its own; the walk did not come there.
    fn is_in_other_territory(&self, path: &RepoPath) -> bool {
        let mut above = path.parent();
        while let Some(dir) = above {
            let native = self.place.laid.join(dir.as_str());
            if dir.file_name() != ".roadbed" && super::discover::has_roadbed(&native).unwrap_or(false) {
                return true;
            }
            above = dir.parent();
        }
        false
    }
}

/// Every directory of the place's work tree that git does not ignore.
pub(crate) fn directories(place: &Place) -> Result<Vec<PathBuf>> {
    let ignore_case = place.git.as_ref().is_some_and(|git| super::config::GitConfig::read(&git.common).ignore_case);
    Ok(walk(place, place.root(), ignore_case, Territories::Enter)?.directories)
}
