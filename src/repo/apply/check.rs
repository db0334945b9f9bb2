//! From edits to steps, each of them checked against what lies on disk now.

use std::collections::{BTreeMap, BTreeSet};

use super::super::discover::Place;
use super::super::os::stamp::Stamp;
use super::super::os::{self, Entry};
use super::super::view::Way;
use super::journal::{Journal, Placing, Remove, Version};
use super::site::Site;
use super::{names, remains};
use crate::error::{Error, Kind, Problem, Result};
use crate::model::file::{File, FileMode};
use crate::model::path::{RepoPath, means_git};
use crate::model::plan::Edit;
use crate::model::tree::{Node, Obstacle};

/// The steps of an apply, and what is to be staged for them.
pub(super) struct Steps<'e> {
    pub(super) journal: Journal,
    /// In the order of the journal's `places`.
    pub(super) contents: Vec<&'e File>,
    /// What the plan found in the place of each of them, likewise.
    replaced: Vec<Option<&'e File>>,
    /// What it found of each file that goes, in the order of the journal's `removes`.
    gone: Vec<&'e File>,
}

/// Turns edits into steps. Nothing is written; every edit that cannot be made is a problem.
pub(super) fn steps<'e>(site: &Site, edits: &'e [Edit]) -> Result<Steps<'e>> {
    let mut removes: BTreeMap<RepoPath, &'e File> = BTreeMap::new();
    let mut places: BTreeMap<RepoPath, (Option<&'e File>, &'e File)> = BTreeMap::new();
    let mut problems = Vec::new();
    for edit in edits {
        if let Err(problem) = check_words(edit) {
            problems.push(problem);
            continue;
        }
        let path = site.place.rooted(&edit.path);
        let from = edit.from.as_ref().map(|from| site.place.rooted(from)).filter(|from| *from != path);
        let twice = match (from, &edit.before, &edit.after) {
            (Some(from), Some(before), Some(after)) => {
                removes.insert(from, before).is_some() | places.insert(path, (None, after)).is_some()
            }
            (Some(from), Some(before), None) => removes.insert(from, before).is_some(),
            (None, Some(before), None) => removes.insert(path, before).is_some(),
            (None, before, Some(after)) if before.as_ref() != Some(after) => {
                places.insert(path, (before.as_ref(), after)).is_some()
            }
            _ => false,
        };
        if twice {
            return Err(Error::internal(format!("two edits are about `{}`", edit.path)));
        }
    }
    for (path, (old, _)) in &mut places {
        if let Some(before) = removes.remove(path) {
            old.get_or_insert(before);
        }
    }
    let steps = order(site.place, &removes, &places);
    if !is_as_planned(site, &steps.journal) {
        problems.extend(changes(site, &steps)?.0);
    }
    Error::all(Kind::Environment, problems)?;
    with_directories(site, steps)
}

/// Says no to what an edit must never do, whatever lies on disk.
fn check_words(edit: &Edit) -> Result<(), Problem> {
    for path in [Some(&edit.path), edit.from.as_ref()].into_iter().flatten() {
        let refuse = |why: &str| Err(Problem::new(why).in_file(path.as_str()));
        if path.parts().any(means_git) {
            return refuse("roadbed does not write into git's own directory");
        }
        if super::is_own_path(path) {
            return refuse("the name is kept for roadbed's own work");
        }
    }
    let moved = edit.before.as_ref().map(|file| &file.bytes) != edit.after.as_ref().map(|file| &file.bytes)
        || edit.from.is_some();
    match &edit.after {
        Some(File { mode: FileMode::Symlink, bytes }) if moved && leaves(&edit.path, bytes) => {
            let target = String::from_utf8_lossy(bytes);
            Err(Problem::new(format!("the symlink's target `{target}` is outside the repository"))
                .in_file(edit.path.as_str()))
        }
        _ => Ok(()),
    }
}

/// Whether a symlink at `path` with that target points out of the laid directory, or into git's own.
fn leaves(path: &RepoPath, target: &[u8]) -> bool {
    let Ok(target) = std::str::from_utf8(target) else { return true };
    if target.is_empty() || target.starts_with(['/', '\\']) || target.as_bytes().get(1) == Some(&b':') {
        return true;
    }
    let mut depth = path.parts().count() - 1;
    for part in target.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." if depth == 0 => return true,
            ".." => depth -= 1,
            _ if means_git(part) => return true,
            _ => depth += 1,
        }
    }
    false
}

fn order<'e>(
    place: &Place,
    removes: &BTreeMap<RepoPath, &'e File>,
    places: &BTreeMap<RepoPath, (Option<&'e File>, &'e File)>,
) -> Steps<'e> {
    let lock = place.rooted(&RepoPath::roadbed("lock.yaml"));
    let mut journal = Journal::new(place.prefix.clone());
    let mut going: Vec<_> = removes.iter().collect();
    going.sort_by_key(|(path, _)| **path == lock);
    let gone = going.iter().map(|(_, old)| **old).collect();
    journal.removes =
        going.into_iter().map(|(path, old)| Remove { path: path.clone(), old: Version::of(old) }).collect();
    let mut coming: Vec<_> = places.iter().collect();
    coming.sort_by_key(|(path, _)| **path == lock);
    let (mut contents, mut replaced) = (Vec::new(), Vec::new());
    for (path, (old, new)) in coming {
        contents.push(*new);
        replaced.push(*old);
        let old = old.map(Version::of);
        // Where it is staged is settled by `with_directories`.
        journal.places.push(Placing { path: path.clone(), old, new: Version::of(new), temp: path.clone() });
    }
    Steps { journal, contents, replaced, gone }
}

/// Whether there is a file wherever one is to be replaced or to go, and nothing where one is to come. All of them are read
/// once everything is staged, just before it counts as decided: until then a glance is enough.
fn is_as_planned(site: &Site, journal: &Journal) -> bool {
    let mut way = Way::default();
    let mut holds = |path, file: bool| match site.view.glance(path, &mut way) {
        Some(Entry::File { .. } | Entry::Symlink) => file,
        Some(Entry::Absent) => !file,
        _ => false,
    };
    journal.removes.iter().all(|remove| holds(&remove.path, true))
        && journal.places.iter().all(|placing| holds(&placing.path, placing.old.is_some()))
}

/// What this process saw of an apply's files, in the order of the journal's lists. After a crash nobody saw anything.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The files that go, as they were when they were what the journal says.
    pub(super) removes: Vec<Option<Stamp>>,
    /// The files that are replaced, likewise.
    pub(super) places: Vec<Option<Stamp>>,
    /// What was staged.
    pub(super) staged: Vec<Option<Stamp>>,
}

impl Seen {
    /// Forgets what the clock is too coarse for: only a file that was last changed before anything was staged shows any
    /// later change by its stamp.
    pub(super) fn settled(mut self) -> Self {
        let first = self.staged.iter().flatten().next().copied();
        let is_settled = |stamp: &Stamp| first.as_ref().is_some_and(|first| stamp.is_older_than(first));
        for stamp in self.removes.iter_mut().chain(&mut self.places) {
            *stamp = stamp.filter(is_settled);
        }
        self
    }
}

/// Every target that is no longer what its edit was made for, and the stamps of the rest.
pub(super) fn changes(site: &Site, steps: &Steps<'_>) -> Result<(Vec<Problem>, Seen)> {
    let journal = &steps.journal;
    // Equal bytes need no id.
    let is = |found: &File, planned: Option<&File>, version| planned == Some(found) || site.is(found, version);
    let (mut problems, mut seen) = (Vec::new(), Seen::default());
    let mut way = Way::default();
    for (remove, planned) in journal.removes.iter().zip(&steps.gone) {
        let (node, stamp) = site.view.stamped_on(&remove.path, &mut way);
        seen.removes.push(stamp);
        match node {
            Node::File(file) if is(&file, Some(planned), &remove.old) => {}
            node => problems.push(changed(&remove.path, &node)),
        }
    }
    for (placing, planned) in journal.places.iter().zip(&steps.replaced) {
        let (node, stamp) = site.view.stamped_on(&placing.path, &mut way);
        seen.places.push(stamp);
        let holds = match (&node, &placing.old) {
            (Node::File(file), Some(old)) => is(file, *planned, old),
            (Node::File(_), None) => is_alias_of_removed(site, journal, &placing.path)?,
            (Node::Absent, None) => true,
            (Node::Directory, None) => {
                let is_gone = |path: &RepoPath| journal.removes.iter().any(|r| r.path == *path);
                let remains = remains::below(&site.view.base, &placing.path, &is_gone);
                matches!(remains, Ok(None))
            }
            (Node::Obstacle(Obstacle::Behind(dir)), None) => journal.removes.iter().any(|r| r.path == *dir),
            _ => false,
        };
        if !holds {
            problems.push(changed(&placing.path, &node));
        }
    }
    Ok((problems, seen))
}

fn changed(path: &RepoPath, node: &Node) -> Problem {
    let message = match node {
        Node::Absent => "the file has gone in the meantime".to_owned(),
        Node::File(_) => "the file has changed in the meantime".to_owned(),
        Node::Directory => "a directory that is not empty is in the way".to_owned(),
        Node::Obstacle(obstacle) => obstacle.to_string(),
    };
    Problem::new(message).in_file(path.as_str()).hint("run the command again: it plans anew")
}

/// Whether the file system shows a removed file under that path too, because it folds case.
pub(super) fn is_alias_of_removed(site: &Site, journal: &Journal, path: &RepoPath) -> Result<bool> {
    for remove in &journal.removes {
        let folds = remove.path != *path && remove.path.folded() == path.folded();
        if folds && os::same_entry(&site.native(&remove.path)?, &site.native(path)?) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Settles which directories are made first, and where each file is staged.
fn with_directories<'e>(site: &Site, mut steps: Steps<'e>) -> Result<Steps<'e>> {
    let mark = names::mark();
    let mut dirs = Vec::new();
    // Without git the journal lies there, and its directory is made before it.
    let journal_dir = if site.place.git.is_none() { RepoPath::roadbed("lock.yaml").parent() } else { None };
    let mut there = BTreeSet::new();
    let floor = site.place.prefix.as_ref().map_or(0, |prefix| prefix.parts().count());
    for n in 0..steps.journal.places.len() {
        let path = steps.journal.places[n].path.clone();
        let mut nearest = site.place.prefix.clone();
        for (end, _) in path.as_str().match_indices('/').skip(floor) {
            let Ok(dir) = RepoPath::new(&path.as_str()[..end]) else { break };
            if !there.contains(&dir) && !dirs.contains(&dir) && journal_dir.as_ref() != Some(&dir) {
                match site.look(&dir)? {
                    Entry::Directory => {
                        there.insert(dir.clone());
                    }
                    Entry::Absent => dirs.push(dir.clone()),
                    // A file that goes first: the directory is made once it has gone.
                    _ => break,
                }
            }
            nearest = Some(dir);
        }
        steps.journal.places[n].temp = beside(nearest, names::staged(&mark, n))?;
    }
    steps.journal.dirs = dirs;
    // Where something only goes, nothing is staged that would show a directory to be read-only.
    let mut shown: BTreeSet<Option<RepoPath>> = steps.journal.places.iter().map(|p| p.temp.parent()).collect();
    for remove in &steps.journal.removes {
        let dir = remove.path.parent();
        if shown.insert(dir.clone()) {
            let name = names::staged(&mark, shown.len() + steps.journal.places.len());
            steps.journal.probes.push(beside(dir, name)?);
        }
    }
    Ok(steps)
}

fn beside(dir: Option<RepoPath>, name: String) -> Result<RepoPath> {
    let path = match dir {
        Some(dir) => dir.join(&name),
        None => RepoPath::new(name),
    };
    path.map_err(|fault| Error::internal(format!("a staged file's name: {fault}")))
}
