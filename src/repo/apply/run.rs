//! The two things that a writing command calls: apply, and before it recover.

use super::super::discover::Place;
use super::Disk;
use super::check::{Seen, changes, steps};
use super::finish::finish;
use super::journal::{Journal, State};
use super::site::{Site, has_traces};
use super::stage::{roll_back, stage};
use crate::error::{Error, Kind, Result};
use crate::model::path::RepoPath;
use crate::model::plan::Edit;

/// What an apply did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Paths that were written, from the laid directory.
    pub written: Vec<RepoPath>,
    /// Paths that were removed, from the laid directory.
    pub removed: Vec<RepoPath>,
}

/// How an interrupted apply was settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recovered {
    /// It had not been committed: nothing of it is left.
    RolledBack,
    /// It had been committed: all of it is done. Holds the paths, from the root of the work tree.
    Finished(Vec<RepoPath>),
}

/// Makes all of `edits`, whose paths count from the laid directory, or none.
///
/// An error of [`Kind::Environment`] either changed nothing, or says that the next writing command
/// finishes. The caller holds the guard, has called [`recover`], and has settled which files may be touched.
pub fn apply(place: &Place, edits: &[Edit], disk: &dyn Disk) -> Result<Applied> {
    let site = Site::open(place, disk)?;
    if has_traces(place)? && Journal::read(&site.journal)?.is_some() {
        return Err(Error::internal("an interrupted command must be settled first"));
    }
    let mut steps = steps(&site, edits)?;
    if steps.journal.removes.is_empty() && steps.journal.places.is_empty() {
        return Ok(Applied::default());
    }
    let before_commit = || -> Result<(Journal, Seen)> {
        open_journal(&site, &steps.journal)?;
        let staged = stage(&site, &steps)?;
        let (problems, seen) = changes(&site, &steps)?;
        Error::all(Kind::Environment, problems)?;
        let mut journal = steps.journal.clone();
        journal.state = State::Committed;
        Ok((journal, Seen { staged, ..seen }.settled()))
    };
    let committed = before_commit().and_then(|(journal, seen)| site.write_journal(&journal).map(|()| (journal, seen)));
    let seen = match committed {
        Ok((journal, seen)) => {
            steps.journal = journal;
            seen
        }
        Err(error) => return Err(undo(&site, &steps.journal, error)),
    };
    finish(&site, &steps.journal, &seen).map_err(unfinished)?;
    let ours = |path: &RepoPath| match &place.prefix {
        Some(prefix) => path.strip_prefix(prefix),
        None => Some(path.clone()),
    };
    Ok(Applied {
        written: steps.journal.places.iter().filter_map(|placing| ours(&placing.path)).collect(),
        removed: steps.journal.removes.iter().filter_map(|remove| ours(&remove.path)).collect(),
    })
}

/// Settles an apply that was interrupted: rolls it back if it was not committed, else finishes it.
/// `None` if there was none. The caller holds the guard.
pub fn recover(place: &Place, disk: &dyn Disk) -> Result<Option<Recovered>> {
    if !has_traces(place)? {
        return Ok(None);
    }
    let site = Site::open(place, disk)?;
    match Journal::read(&site.journal)? {
        None => {
            site.remove_journal()?;
            Ok(Some(Recovered::RolledBack))
        }
        Some(journal) if journal.state == State::Staging => {
            roll_back(&site, &journal)?;
            Ok(Some(Recovered::RolledBack))
        }
        Some(journal) => {
            finish(&site, &journal, &Seen::default())?;
            let removed = journal.removes.into_iter().map(|remove| remove.path);
            Ok(Some(Recovered::Finished(removed.chain(journal.places.into_iter().map(|p| p.path)).collect())))
        }
    }
}

fn open_journal(site: &Site, journal: &Journal) -> Result<()> {
    if site.place.git.is_none() {
        let roadbed = site.place.rooted(&RepoPath::roadbed("lock.yaml"));
        if let Some(dir) = roadbed.parent()
            && site.look(&dir)? == super::super::os::Entry::Absent
        {
            site.create_dir(&dir)?;
        }
    }
    site.write_journal(journal)?;
    site.sync_journal()
}

fn unfinished(mut error: Error) -> Error {
    for problem in &mut error.problems {
        problem.message.push_str("; the change is decided but not complete");
    }
    error.hint("run the command again: it finishes what was begun")
}

/// Nothing was changed yet: removes what was staged, and tells why.
fn undo(site: &Site, journal: &Journal, mut error: Error) -> Error {
    // A network file system may report that a rename failed which it made.
    if matches!(Journal::read(&site.journal), Ok(Some(found)) if found.state == State::Committed) {
        return unfinished(error);
    }
    if let Err(also) = roll_back(site, journal) {
        error.problems.extend(also.problems);
        return error.hint("nothing was changed; the next writing command removes what was staged");
    }
    error
}
